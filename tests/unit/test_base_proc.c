#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/proc.h"

/* Literals are const here, argv of exec is not. */
#define ARGV(...) ((char *const *)(const char *const[]){ __VA_ARGS__, NULL })

static void output_and_status_are_collected(void **state)
{
	static const struct {
		const char *script, *out, *errs;
		int status;
	} cases[] = {
		{ "echo a; echo b >&2", "a\n", "b\n", 0 },
		{ "exit 7", "", "", 7 },
		{ "cat", "", "", 0 }, /* no stdin: it ends */
		{ "kill -9 $$", "", "", 137 },
		{ "kill -PIPE $$; echo alive", "", "", 141 }, /* ours is ignored, theirs is not */
		{ "exec >&- 2>&-; sleep 0.1; exit 3", "", "", 3 },
	};

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(1000), errs = BUF_INIT(1000);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		char *const *argv = ARGV("sh", "-c", cases[i].script);
		int status = -1;

		if (proc_capture(argv, clock_after_ms(10000), &out, &errs, &status, &err) < 0)
			row_fail(cases[i].script, "%s", err.text);
		if (status != cases[i].status || strcmp(buf_z(&out), cases[i].out) != 0 || strcmp(buf_z(&errs), cases[i].errs) != 0)
			row_fail(cases[i].script, "status %d out \"%s\" errs \"%s\"", status, buf_z(&out), buf_z(&errs));
	}
}

static void outputs_may_be_dropped(void **state)
{
	char *const *argv = ARGV("sh", "-c", "echo a; echo b >&2; exit 4");
	int status = -1;

	(void)state;
	assert_int_equal(proc_capture(argv, 0, NULL, NULL, &status, NULL), 0);
	assert_int_equal(status, 4);
}

static void an_unknown_program_is_enoent(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char *const *argv = ARGV("no-such-program-here");
	int status, fd;
	pid_t pid;

	(void)state;
	assert_int_equal(proc_capture(argv, 0, NULL, NULL, &status, &err), -ERR_SYSTEM);
	assert_int_equal(err.sys_errno, ENOENT);
	assert_string_equal(err.text, "start no-such-program-here: No such file or directory");
	assert_int_equal(proc_bridge(argv, &fd, &pid, &err), -ERR_SYSTEM);
	assert_int_equal(err.sys_errno, ENOENT);
}

static void the_deadline_ends_it(void **state)
{
	static const char *const scripts[] = { "exec sleep 30", "exec sleep 30 >&- 2>&-" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(1000);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		char *const *argv = ARGV("sh", "-c", scripts[i]);
		uint64_t begun_ms = clock_ms();
		int status;

		if (proc_capture(argv, clock_after_ms(100), &out, NULL, &status, &err) != -ERR_CONNECT)
			row_fail(scripts[i], "no ERR_CONNECT");
		if (clock_ms() - begun_ms > 10000)
			row_fail(scripts[i], "it was waited for");
	}
}

static void endless_output_ends_at_the_limit(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(100000);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char *const *argv = ARGV("yes");
	int status;

	(void)state;
	assert_int_equal(proc_capture(argv, 0, &out, NULL, &status, &err), -ERR_SYSTEM);
	assert_string_equal(err.text, "yes: too large (the limit is 100000 bytes)");
}

static void a_program_reads_the_text_it_is_given(void **state)
{
	static const struct {
		const char *script, *input, *out;
		int status;
	} cases[] = {
		{ "cat", "quay.io", "quay.io", 0 },
		{ "cat", "", "", 0 },
		{ "read line; echo \"<$line>\"; exit 3", "one\ntwo\n", "<one>\n", 3 },
		{ "exit 5", "not read", "", 5 },
		{ "exec >&-; cat >/dev/null; exit 6", "read after it closed its output", "", 6 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(1000);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int status = -1;

		if (proc_exchange(ARGV("sh", "-c", cases[i].script), str_from(cases[i].input), clock_after_ms(10000), &out, NULL, &status, &err) < 0)
			row_fail(cases[i].script, "%s", err.text);
		if (status != cases[i].status || strcmp(buf_z(&out), cases[i].out) != 0)
			row_fail(cases[i].script, "status %d out \"%s\"", status, buf_z(&out));
	}
}

/* More than a pipe holds in both directions: whoever first wrote all and then read would hang. */
static void a_large_text_goes_through_both_ways(void **state)
{
	static char text[1000 * 1000];
	CLEANUP(buf_done) struct buf out = BUF_INIT(sizeof text);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int status = -1;

	(void)state;
	memset(text, 'x', sizeof text);
	assert_int_equal(proc_exchange(ARGV("cat"), (struct str){ text, sizeof text }, clock_after_ms(20000), &out, NULL, &status, &err), 0);
	assert_int_equal(status, 0);
	assert_int_equal(out.n, sizeof text);
	assert_memory_equal(out.p, text, sizeof text);
}

static void a_program_that_takes_no_input_ends_at_the_deadline(void **state)
{
	static char text[1000 * 1000];
	int status;

	(void)state;
	assert_int_equal(proc_exchange(ARGV("sleep", "30"), (struct str){ text, sizeof text }, clock_after_ms(100), NULL, NULL, &status, NULL),
			 -ERR_CONNECT);
}

static void a_bridge_carries_bytes_both_ways(void **state)
{
	char *const *argv = ARGV("cat");
	char back[8];
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(fd_close_p) int fd = -1;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(proc_bridge(argv, &fd, &pid, &err), 0);
	assert_int_equal(fd_write_all(fd, "hello", 5, 0, &err), 0);
	assert_int_equal(fd_read_some(fd, back, sizeof back, clock_after_ms(10000), &err), 5);
	assert_memory_equal(back, "hello", 5);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_int_equal(fd_read_some(fd, back, sizeof back, clock_after_ms(10000), &err), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_status_are_collected), cmocka_unit_test(outputs_may_be_dropped),
		cmocka_unit_test(an_unknown_program_is_enoent),	   cmocka_unit_test(the_deadline_ends_it),
		cmocka_unit_test(endless_output_ends_at_the_limit), cmocka_unit_test(a_bridge_carries_bytes_both_ways),
		cmocka_unit_test(a_program_reads_the_text_it_is_given), cmocka_unit_test(a_large_text_goes_through_both_ways),
		cmocka_unit_test(a_program_that_takes_no_input_ends_at_the_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
