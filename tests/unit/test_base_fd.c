#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fd.h"

#define BIG ((size_t)4 * 1024 * 1024) /* more than any socket or pipe buffer */

static bool is_cloexec(int fd)
{
	return fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

static void pairs_are_close_on_exec(void **state)
{
	int p[2], s[2];

	(void)state;
	assert_int_equal(fd_pipe(p, NULL), 0);
	assert_int_equal(fd_socketpair(s, NULL), 0);
	assert_true(is_cloexec(p[0]) && is_cloexec(p[1]) && is_cloexec(s[0]) && is_cloexec(s[1]));
	assert_int_equal(fd_set_nonblock(p[0], true), 0);
	assert_true(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	assert_int_equal(fd_set_nonblock(p[0], false), 0);
	assert_false(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	assert_int_equal(fd_set_cloexec(-1), -1);
	assert_int_equal(fd_set_nonblock(-1, true), -1);
	for (int i = 0; i < 2; i++) {
		close(p[i]);
		close(s[i]);
	}
}

/* Makes what the two kinds of test below run on: ends[0] reads, ends[1] writes. */
static void open_ends(bool use_pipe, bool nonblock, int ends[2])
{
	assert_int_equal(use_pipe ? fd_pipe(ends, NULL) : fd_socketpair(ends, NULL), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(fd_set_nonblock(ends[i], nonblock), 0);
}

static void a_silent_peer_runs_into_the_deadline(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(free_p) char *big = calloc(1, BIG);
		int ends[2];

		open_ends(i & 1, i & 2, ends);
		assert_int_equal(fd_wait(ends[0], POLLIN, clock_after_ms(20), &err), 0);
		assert_int_equal(fd_read_some(ends[0], big, 1, clock_after_ms(1), &err), -ERR_CONNECT);
		assert_int_equal(strncmp(err.text, "no answer within ", 17), 0);
		assert_int_equal(fd_write_all(ends[1], big, BIG, clock_after_ms(50), &err), -ERR_CONNECT);
		assert_int_equal(strncmp(err.text, "no answer within ", 17), 0);
		close(ends[0]);
		close(ends[1]);
	}
}

/* Reads all in a process of its own and exits 0 when n bytes of the right value came. */
static pid_t fork_reader(int fd, size_t n)
{
	static char block[65536];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (size_t left = n; left;) {
		ssize_t got = fd_read_some(fd, block, sizeof block, clock_after_ms(20000), NULL);

		if (got <= 0 || block[0] != 'x' || block[got - 1] != 'x')
			_exit(1);
		left -= (size_t)got;
	}
	_exit(0);
}

static void more_than_a_buffer_goes_through(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(free_p) char *big = malloc(BIG);
		int ends[2], status;
		pid_t pid;

		memset(big, 'x', BIG);
		open_ends(i & 1, i & 2, ends);
		pid = fork_reader(ends[0], BIG);
		assert_true(pid > 0);
		assert_int_equal(fd_write_all(ends[1], big, BIG, i & 4 ? clock_after_ms(20000) : 0, &err), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		close(ends[0]);
		close(ends[1]);
	}
}

static void a_gone_peer_is_a_connection_error(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int ends[2];
		char c;

		open_ends(i, false, ends);
		close(ends[0]);
		assert_int_equal(fd_write_all(ends[1], "x", 1, 0, &err), -ERR_CONNECT);
		assert_int_equal(err.sys_errno, EPIPE);
		if (i == 0)
			assert_int_equal(fd_read_some(ends[1], &c, 1, 0, &err), 0);
		close(ends[1]);
	}
}

static void a_bad_fd_is_a_system_error(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char c = 0;

	(void)state;
	assert_int_equal(fd_read_some(1000, &c, 1, 0, &err), -ERR_SYSTEM);
	assert_int_equal(fd_write_all(1000, &c, 1, clock_after_ms(10), &err), -ERR_SYSTEM);
	assert_int_equal(fd_wait(1000, POLLIN, 0, &err), -ERR_SYSTEM);
	assert_int_equal(err.sys_errno, EBADF);
	assert_int_equal(fd_write_all(1000, NULL, 0, 0, &err), 0);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void signals_do_not_end_a_wait(void **state)
{
	struct sigaction act = { .sa_handler = on_alarm };
	uint64_t begun_ms = clock_ms();
	int ends[2];
	char c;

	(void)state;
	sigaction(SIGALRM, &act, NULL);
	open_ends(false, false, ends);
	ualarm(10000, 10000);
	assert_int_equal(fd_wait(ends[0], POLLIN, begun_ms + 100, NULL), 0);
	assert_int_equal(fd_read_some(ends[0], &c, 1, begun_ms + 150, NULL), -ERR_CONNECT);
	ualarm(0, 0);
	assert_true(clock_ms() - begun_ms >= 150);
	close(ends[0]);
	close(ends[1]);
}

static void unix_sockets_are_connected(void **state)
{
	char dir[] = "/tmp/test_base_fd.XXXXXX", c = 0;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd = -1, peer;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(at.sun_path, sizeof at.sun_path, "%s/s", dir);
	assert_int_equal(fd_connect_unix(at.sun_path, &fd, &err), -ERR_CONNECT);
	assert_int_equal(err.sys_errno, ENOENT);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(fd_connect_unix(at.sun_path, &fd, &err), -ERR_CONNECT);
	assert_int_equal(err.sys_errno, ECONNREFUSED);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(fd_connect_unix(at.sun_path, &fd, &err), 0);
	assert_true(is_cloexec(fd));
	peer = accept(listener, NULL, NULL);
	assert_int_equal(fd_write_all(fd, "x", 1, 0, &err), 0);
	assert_int_equal(fd_read_some(peer, &c, 1, 0, &err), 1);
	assert_int_equal(c, 'x');
	close(fd);
	close(peer);
	close(listener);
	unlink(at.sun_path);
	rmdir(dir);
}

static void a_long_socket_path_is_named_as_such(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char path[300];
	int fd;

	(void)state;
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = 0;
	assert_int_equal(fd_connect_unix(path, &fd, &err), -ERR_USAGE);
	assert_int_equal(fd_connect_unix("", &fd, &err), -ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_close_on_exec),
		cmocka_unit_test(a_silent_peer_runs_into_the_deadline),
		cmocka_unit_test(more_than_a_buffer_goes_through),
		cmocka_unit_test(a_gone_peer_is_a_connection_error),
		cmocka_unit_test(a_bad_fd_is_a_system_error),
		cmocka_unit_test(signals_do_not_end_a_wait),
		cmocka_unit_test(unix_sockets_are_connected),
		cmocka_unit_test(a_long_socket_path_is_named_as_such),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
