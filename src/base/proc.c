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

#define BLOCK ((size_t)16 * 1024)
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

/* One of the program's outputs on its way into a buffer. */
struct drain {
	int fds[2]; /* ours, the program's; -1 when closed or not wanted */
	struct buf *into;
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

static int timed_out(const char *program, struct error *err)
{
	return error_set(err, ERR_CONNECT, "%s did not end in time", program);
}

/* Until both outputs are closed. */
static int drain_both(struct drain d[2], const char *program, uint64_t deadline_ms, struct error *err)
{
	while (d[0].fds[0] >= 0 || d[1].fds[0] >= 0) {
		struct pollfd p[2] = { { .fd = d[0].fds[0], .events = POLLIN }, { .fd = d[1].fds[0], .events = POLLIN } };
		uint64_t now = clock_ms();
		int timeout = -1, n, r = 0;

		if (deadline_ms && now >= deadline_ms)
			return timed_out(program, err);
		if (deadline_ms)
			timeout = deadline_ms - now > 60000 ? 60000 : (int)(deadline_ms - now);
		n = poll(p, 2, timeout);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return error_set_errno(err, "poll");
		for (int i = 0; n > 0 && i < 2 && r == 0; i++)
			if (p[i].revents)
				r = drain_read(&d[i], program, err);
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

static int collect(char *const argv[], uint64_t deadline_ms, struct drain d[2], int *ret_status, struct error *err)
{
	int status, r;
	pid_t pid;

	r = spawn(argv, (struct stdio_map){ { -1, d[0].fds[1], d[1].fds[1] } }, &pid, err);
	if (r < 0)
		return r;
	drain_close_end(&d[0], 1);
	drain_close_end(&d[1], 1);
	r = drain_both(d, argv[0], deadline_ms, err);
	if (r == 0)
		r = reap(pid, argv[0], deadline_ms, &status, err);
	if (r < 0) {
		kill_and_reap(pid);
		return r;
	}
	*ret_status = exit_status(status);
	return 0;
}

int proc_capture(char *const argv[], uint64_t deadline_ms, struct buf *out, struct buf *errs, int *ret_status, struct error *err)
{
	struct drain d[2] = { { { -1, -1 }, out }, { { -1, -1 }, errs } };
	int r = drain_open(&d[0], err);

	if (r == 0)
		r = drain_open(&d[1], err);
	if (r == 0)
		r = collect(argv, deadline_ms, d, ret_status, err);
	drain_done(&d[0]);
	drain_done(&d[1]);
	return r;
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
