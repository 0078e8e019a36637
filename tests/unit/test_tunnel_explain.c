/* The command that finds out why a socket can't be reached, run by the shells that are here. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "tunnel/explain.h"

static char dir[] = "/tmp/farpod-explain-XXXXXX";

static const char *at(const char *name)
{
	static char path[100]; /* fits into a socket's address */

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static int listen_on(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof a.sun_path, "%s", at(name));
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* False when there is no such shell. */
static bool ask(const char *shell, const char *path, struct buf *out)
{
	CLEANUP(buf_done) struct buf command = BUF_INIT(8192);
	char *argv[] = { (char *)(uintptr_t)shell, (char[]){ "-c" }, NULL, NULL };
	int status;

	explain_command(path, &command);
	argv[2] = command.p;
	return proc_capture(argv, clock_after_ms(10000), out, NULL, &status, NULL) == 0;
}

static void sockets_are_told_apart(void **state)
{
	static const char *const shells[] = { "sh", "bash", "dash", "zsh", "fish", "csh", "ksh" };
	const struct {
		const char *name;
		int sys_errno;
	} cases[] = {
		{ "none", ENOENT },
		{ "no such/folder/none", ENOENT },
		{ "it's none", ENOENT },
		{ "file", ENOENT },
		{ "dead", ECONNREFUSED },
#ifdef __linux__
		{ "alive", EPERM }, /* somebody listens: then sshd did not want to */
#endif
		{ "closed/any", getuid() == 0 ? ENOENT : EACCES },
	};
	int alive;

	(void)state;
	assert_non_null(mkdtemp(dir));
	close(listen_on("dead"));
	alive = listen_on("alive");
	mkdir(at("closed"), 0);
	close(open(at("file"), O_CREAT | O_WRONLY, 0600));
	for (size_t i = 0; i < ARRAY_LEN(shells); i++)
		for (size_t j = 0; j < ARRAY_LEN(cases); j++) {
			CLEANUP(buf_done) struct buf out = BUF_INIT(64 * 1024);
			CLEANUP(error_done) struct error err = ERROR_INIT;

			if (!ask(shells[i], at(cases[j].name), &out))
				continue;
			assert_int_equal(explain_socket("box", at(cases[j].name), buf_str(&out), &err), -ERR_CONNECT);
			if (err.sys_errno != cases[j].sys_errno)
				row_fail(cases[j].name, "%s said \"%s\": %s", shells[i], buf_z(&out), err.text);
		}
	close(alive);
}

static void answers_are_found_among_other_output(void **state)
{
	static const struct {
		const char *output, *text;
		int sys_errno;
	} cases[] = {
		{ "Welcome!\nfarpod-answer: denied 1000\nBye\n", "the user with uid 1000 may not open /s on box", EACCES },
		{ "farpod-answer: missing 0", "no socket /s on box", ENOENT },
		{ "farpod-answer: refused 0\r\n", "nobody listens on /s on box", ECONNREFUSED },
		{ "farpod-answer: forbidden 0\n", "sshd on box forwards no streams to sockets", EPERM },
		{ "This account is not available.\n", "sshd on box does not connect to /s", 0 },
		{ "farpod-answer: missing\n", "sshd on box does not connect to /s", 0 },
		{ "", "sshd on box does not connect to /s", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;

		assert_int_equal(explain_socket("box", "/s", str_from(cases[i].output), &err), -ERR_CONNECT);
		if (strcmp(err.text, cases[i].text) != 0 || err.sys_errno != cases[i].sys_errno)
			row_fail(cases[i].output, "errno %d \"%s\"", err.sys_errno, err.text);
	}
}

static int clean(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets_are_told_apart),
		cmocka_unit_test(answers_are_found_among_other_output),
	};

	return cmocka_run_group_tests_name("tunnel/explain", tests, NULL, clean);
}
