#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"

#define BLOCK        ((size_t)16 * 1024)
#define REAP_STEP_MS 5

extern char **environ;

/* Which fd becomes 0, 1 and 2 of the program; -1 is /dev/null, and a number of its own keeps ours. */
struct stdio_map {
	int fds[3];
};

static int map_stdio(posix_spawn_file_actions_t *actions, struct stdio_map map)
{
	int e = 0;

	for (int i = 0; i < 3 && !e; i++) {
		if (map.fds[i] < 0)
			e = posix_spawn_file_actions_addopen(actions, i, "/dev/null", i == 0 ? O_RDONLY : O_WRONLY, 0);
		else if (map.fds[i] != i)
			e = posix_spawn_file_actions_adddup2(actions, map.fds[i], i);
	}
	return e;
}

/* We ignore SIGPIPE and may block or catch others; a program starts with what a shell would give it. */
static int default_signals(posix_spawnattr_t *attr)
{
	sigset_t none, dflt;
	int e;

	sigemptyset(&none);
	sigemptyset(&dflt);
	sigaddset(&dflt, SIGPIPE);
	sigaddset(&dflt, SIGINT);
	sigaddset(&dflt, SIGTERM);
	sigaddset(&dflt, SIGHUP);
	sigaddset(&dflt, SIGCHLD);
	e = posix_spawnattr_setsigmask(attr, &none);
	if (!e)
		e = posix_spawnattr_setsigdefault(attr, &dflt);
	return e ? e : posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* The program stays in our process group: ssh asks for passphrases on the terminal, which only the foreground group may read. */
static int spawn(char *const argv[], struct stdio_map map, pid_t *ret_pid, struct error *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int e;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	e = map_stdio(&actions, map);
	if (!e)
		e = default_signals(&attr);
	if (!e)
		e = posix_spawnp(ret_pid, argv[0], &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	if (!e)
		return 0;
	errno = e;
	return error_set_errno(err, "start %s", argv[0]);
}

/* One pipe between us and the program. */
struct drain {
	int fds[2];       /* ours, the program's; -1 when closed or not wanted */
	struct buf *into; /* of an output */
	struct str left;  /* of the input: what it has not taken yet */
};

static void drain_done(struct drain *d)
{
	fd_close_p(&d->fds[0]);
	fd_close_p(&d->fds[1]);
}

static int drain_open(struct drain *d, struct error *err)
{
	return d->into ? fd_pipe(d->fds, err) : 0;
}

/* Ours is the end that is written to, which must not block: the program may be waiting for us to read what it says. */
static int feed_open(struct drain *d, struct error *err)
{
	int fds[2], r = fd_pipe(fds, err);

	if (r < 0)
		return r;
	d->fds[0] = fds[1];
	d->fds[1] = fds[0];
	return fd_set_nonblock(fds[1], true) < 0 ? error_set_errno(err, "prepare a pipe") : 0;
}

static void drain_close_end(struct drain *d, int end)
{
	int fd = fd_take(&d->fds[end]);

	fd_close_p(&fd);
}

static int drain_read(struct drain *d, const char *program, struct error *err)
{
	char block[BLOCK];
	ssize_t n = read(d->fds[0], block, sizeof block);

	if (n < 0)
		return errno == EINTR ? 0 : error_set_errno(err, "read the output of %s", program);
	if (n == 0)
		drain_close_end(d, 0);
	else if (!buf_add_bytes(d->into, block, (size_t)n))
		return buf_check(d->into, program, err);
	return 0;
}

static int feed_write(struct drain *d, const char *program, struct error *err)
{
	ssize_t n = write(d->fds[0], d->left.p, d->left.n);

	if (n < 0 && errno != EPIPE)
		return errno == EINTR || errno == EAGAIN ? 0 : error_set_errno(err, "write the input of %s", program);
	if (n > 0) {
		d->left.p += n;
		d->left.n -= (size_t)n;
	}
	if (n < 0 || d->left.n == 0)
		drain_close_end(d, 0);
	return 0;
}

static int timed_out(const char *program, struct error *err)
{
	return error_set(err, ERR_CONNECT, "%s did not end in time", program);
}

static int poll_timeout(uint64_t deadline_ms, uint64_t now_ms)
{
	if (!deadline_ms)
		return -1;
	return deadline_ms - now_ms > 60000 ? 60000 : (int)(deadline_ms - now_ms);
}

/* Until the input is taken and both outputs are closed. d: stdin, stdout, stderr. */
static int drain_all(struct drain d[3], const char *program, uint64_t deadline_ms, struct error *err)
{
	while (d[0].fds[0] >= 0 || d[1].fds[0] >= 0 || d[2].fds[0] >= 0) {
		struct pollfd p[3] = { { .fd = d[0].fds[0], .events = POLLOUT },
				       { .fd = d[1].fds[0], .events = POLLIN },
				       { .fd = d[2].fds[0], .events = POLLIN } };
		uint64_t now = clock_ms();
		int n, r = 0;

		if (deadline_ms && now >= deadline_ms)
			return timed_out(program, err);
		n = poll(p, 3, poll_timeout(deadline_ms, now));
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return error_set_errno(err, "poll");
		for (int i = 0; n > 0 && i < 3 && r == 0; i++)
			if (p[i].revents)
				r = i == 0 ? feed_write(&d[i], program, err) : drain_read(&d[i], program, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A program may close its outputs and go on. There is no portable wait for a child with a deadline, hence the steps, which begin
 * only then. */
static int reap(pid_t pid, const char *program, uint64_t deadline_ms, int *ret_status, struct error *err)
{
	for (;;) {
		pid_t got = waitpid(pid, ret_status, deadline_ms ? WNOHANG : 0);

		if (got == pid)
			return 0;
		if (got < 0 && errno != EINTR)
			return error_set_errno(err, "wait for %s", program);
		if (got < 0)
			continue;
		if (clock_ms() >= deadline_ms)
			return timed_out(program, err);
		poll(NULL, 0, REAP_STEP_MS);
	}
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void kill_and_reap(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}

static int collect(char *const argv[], uint64_t deadline_ms, struct drain d[3], int *ret_status, struct error *err)
{
	int status, r;
	pid_t pid;

	r = spawn(argv, (struct stdio_map){ { d[0].fds[1], d[1].fds[1], d[2].fds[1] } }, &pid, err);
	if (r < 0)
		return r;
	for (int i = 0; i < 3; i++)
		drain_close_end(&d[i], 1);
	r = drain_all(d, argv[0], deadline_ms, err);
	if (r == 0)
		r = reap(pid, argv[0], deadline_ms, &status, err);
	if (r < 0) {
		kill_and_reap(pid);
		return r;
	}
	*ret_status = exit_status(status);
	return 0;
}

/* input NULL: none. */
static int exchange(char *const argv[], const struct str *input, uint64_t deadline_ms, struct buf *out, struct buf *errs,
		    int *ret_status, struct error *err)
{
	struct drain d[3] = { { .fds = { -1, -1 } }, { .fds = { -1, -1 }, .into = out }, { .fds = { -1, -1 }, .into = errs } };
	int r = drain_open(&d[1], err);

	if (r == 0)
		r = drain_open(&d[2], err);
	if (r == 0 && input) {
		d[0].left = *input;
		r = feed_open(&d[0], err);
	}
	if (r == 0)
		r = collect(argv, deadline_ms, d, ret_status, err);
	for (int i = 0; i < 3; i++)
		drain_done(&d[i]);
	return r;
}

int proc_capture(char *const argv[], uint64_t deadline_ms, struct buf *out, struct buf *errs, int *ret_status, struct error *err)
{
	return exchange(argv, NULL, deadline_ms, out, errs, ret_status, err);
}

int proc_exchange(char *const argv[], struct str input, uint64_t deadline_ms, struct buf *out, struct buf *errs, int *ret_status,
		  struct error *err)
{
	return exchange(argv, &input, deadline_ms, out, errs, ret_status, err);
}

int proc_bridge(char *const argv[], int *ret_fd, pid_t *ret_pid, struct error *err)
{
	int fds[2], r = fd_socketpair(fds, err);

	if (r < 0)
		return r;
	r = spawn(argv, (struct stdio_map){ { fds[1], fds[1], STDERR_FILENO } }, ret_pid, err);
	close(fds[1]);
	if (r < 0)
		close(fds[0]);
	else
		*ret_fd = fds[0];
	return r;
}
