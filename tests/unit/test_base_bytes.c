#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/fd.h"

/* Gives left bytes in pieces of step, then fails or ends. */
struct drip {
	size_t left, step;
	bool fail;
};

static ssize_t drip_read(void *ctx, void *p, size_t n, struct error *err)
{
	struct drip *d = ctx;
	size_t give = d->left < d->step ? d->left : d->step;

	if (!give && d->fail)
		return error_set(err, ERR_CONNECT, "gone");
	give = give < n ? give : n;
	memset(p, 'x', give);
	d->left -= give;
	return (ssize_t)give;
}

static const struct {
	const char *row;
	size_t size, step;
	int64_t length;
	size_t limit; /* of the buffer */
	bool fail;
	int expected;
	const char *text;
} copies[] = {
	{ "empty", 0, 1, -1, 10, false, 0, NULL },
	{ "byte by byte", 300, 1, -1, 300, false, 0, NULL },
	{ "as long as said", 200000, 70000, 200000, 200000, false, 0, NULL },
	{ "shorter than said", 199, 50, 200, 300, false, -ERR_PROTOCOL, "the stream ended after 199 of 200 bytes" },
	{ "longer than said", 201, 50, 200, 300, false, -ERR_PROTOCOL, "the stream is longer than its 200 bytes" },
	{ "empty instead", 0, 50, 200, 300, false, -ERR_PROTOCOL, "the stream ended after 0 of 200 bytes" },
	{ "source fails", 100, 50, -1, 300, true, -ERR_CONNECT, "gone" },
	{ "sink full", 100, 50, -1, 60, false, -ERR_SYSTEM, NULL },
};

static void copies_end_as_the_source_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(copies); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(buf_done) struct buf b = BUF_INIT(copies[i].limit);
		struct drip d = { copies[i].size, copies[i].step, copies[i].fail };
		struct byte_source from = { drip_read, &d, copies[i].length };
		struct byte_sink to = bytes_to_buf(&b);
		int64_t sum = -1;
		int r = bytes_copy(&from, &to, &sum, &err);

		if (r != copies[i].expected)
			row_fail(copies[i].row, "returned %d, not %d", r, copies[i].expected);
		if (copies[i].text && strcmp(err.text, copies[i].text) != 0)
			row_fail(copies[i].row, "says \"%s\"", err.text);
		if (r == 0 && (sum != (int64_t)copies[i].size || b.n != copies[i].size))
			row_fail(copies[i].row, "copied %zu bytes and says %lld", b.n, (long long)sum);
		if (r < 0 && sum != -1)
			row_fail(copies[i].row, "wrote its output though it failed");
	}
}

static void files_and_pipes_are_sources_and_sinks(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	FILE *f = tmpfile();
	int fd = fileno(f), ends[2];
	struct byte_sink to = bytes_to_fd(&fd);
	struct byte_source from = bytes_from_fd(&fd, 100000);
	struct drip d = { 100000, 4096, false };
	int64_t sum = 0;

	(void)state;
	assert_int_equal(bytes_copy(&(struct byte_source){ drip_read, &d, -1 }, &to, NULL, &err), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(fd_pipe(ends, NULL), 0);
	to = bytes_to_fd(&ends[1]);
	close(ends[0]);
	assert_int_equal(bytes_copy(&from, &to, &sum, &err), -ERR_INTERRUPTED);
	assert_int_equal(err.exit_status, 141);
	close(ends[1]);
	fclose(f);
}

static void a_full_pipe_is_waited_for(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf all = BUF_INIT(1024 * 1024);
	struct drip d = { 500000, 50000, false };
	int ends[2] = { -1, -1 }, status = 0;
	struct byte_source from = bytes_from_fd(&ends[0], 500000);
	struct byte_sink to;
	pid_t child;

	(void)state;
	assert_int_equal(fd_pipe(ends, NULL), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		fd_set_nonblock(ends[1], true);
		to = bytes_to_fd(&ends[1]);
		_exit(bytes_copy(&(struct byte_source){ drip_read, &d, -1 }, &to, NULL, NULL) < 0);
	}
	close(ends[1]);
	to = bytes_to_buf(&all);
	assert_int_equal(bytes_copy(&from, &to, NULL, &err), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(all.n, 500000);
	close(ends[0]);
}

static void a_full_disk_is_a_system_error(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct byte_sink to = bytes_to_fd(&fd);

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(sink_write(&to, "x", 1, &err), -ERR_SYSTEM);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_end_as_the_source_says),
		cmocka_unit_test(files_and_pipes_are_sources_and_sinks),
		cmocka_unit_test(a_full_pipe_is_waited_for),
		cmocka_unit_test(a_full_disk_is_a_system_error),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
