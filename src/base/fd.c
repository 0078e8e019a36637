#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/clock.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

int fd_set_cloexec(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags < 0 ? -1 : fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
}

int fd_set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL), want = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;

	if (flags < 0)
		return -1;
	return flags == want ? 0 : fcntl(fd, F_SETFL, want);
}

static int hand_over_pair(const int fds[2], int ret_fds[2], struct error *err)
{
	if (fd_set_cloexec(fds[0]) < 0 || fd_set_cloexec(fds[1]) < 0) {
		int r = error_set_errno(err, "set close-on-exec");

		close(fds[0]);
		close(fds[1]);
		return r;
	}
	ret_fds[0] = fds[0];
	ret_fds[1] = fds[1];
	return 0;
}

int fd_pipe(int ret_fds[2], struct error *err)
{
	int fds[2];

	if (pipe(fds) < 0)
		return error_set_errno(err, "pipe");
	return hand_over_pair(fds, ret_fds, err);
}

int fd_socketpair(int ret_fds[2], struct error *err)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		return error_set_errno(err, "socketpair");
	return hand_over_pair(fds, ret_fds, err);
}

/* ERR_CONNECT with the errno kept, for callers that tell "refused" from "no such file". */
static int connect_error(struct error *err, int sys_errno, const char *doing, const char *what)
{
	int r = error_set(err, ERR_CONNECT, "%s%s%s: %s", doing, what ? " " : "", what ? what : "", strerror(sys_errno));

	if (err)
		err->sys_errno = sys_errno;
	return r;
}

/* A connect that a signal ended goes on by itself; asking again would say EALREADY. 0 or the errno. */
static int connect_finish(int fd)
{
	int failure = 0;
	socklen_t len = sizeof failure;

	if (fd_wait(fd, POLLOUT, 0, NULL) < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len) < 0)
		return errno;
	return failure;
}

int fd_connect_unix(const char *path, int *ret_fd, struct error *err)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int failure = 0, fd;

	if (n == 0 || n >= sizeof to.sun_path)
		return error_set(err, ERR_USAGE, "socket path \"%s\": a path has 1 to %zu bytes here, this one has %zu", path,
				 sizeof to.sun_path - 1, n);
	memcpy(to.sun_path, path, n + 1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return error_set_errno(err, "socket");
	if (fd_set_cloexec(fd) < 0)
		failure = errno;
	else if (connect(fd, (const struct sockaddr *)&to, sizeof to) < 0)
		failure = errno == EINTR ? connect_finish(fd) : errno;
	if (failure) {
		close(fd);
		return connect_error(err, failure, "connect to", path);
	}
	*ret_fd = fd;
	return 0;
}

/* What poll takes: -1 for ever; a far deadline is waited for in pieces. */
static int poll_timeout(uint64_t deadline_ms)
{
	uint64_t now;

	if (!deadline_ms)
		return -1;
	now = clock_ms();
	if (now >= deadline_ms)
		return 0;
	return deadline_ms - now > INT_MAX ? INT_MAX : (int)(deadline_ms - now);
}

int fd_wait(int fd, short events, uint64_t deadline_ms, struct error *err)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int timeout = poll_timeout(deadline_ms), n = poll(&p, 1, timeout);

		if (n > 0 && p.revents & POLLNVAL) {
			errno = EBADF;
			return error_set_errno(err, "poll");
		}
		if (n > 0)
			return 1;
		if (n == 0 && timeout == 0)
			return 0;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return error_set_errno(err, "poll");
	}
}

/* fd_wait where a passed deadline is a failure. begun_ms: for the message. */
static int wait_or_fail(int fd, short events, uint64_t begun_ms, uint64_t deadline_ms, struct error *err)
{
	int r = fd_wait(fd, events, deadline_ms, err);
	uint64_t waited_ms = deadline_ms > begun_ms ? deadline_ms - begun_ms : 0;

	if (r != 0)
		return r;
	if (waited_ms % 1000)
		return error_set(err, ERR_CONNECT, "no answer within %.3f seconds", (double)waited_ms / 1000);
	return error_set(err, ERR_CONNECT, "no answer within %llu seconds", (unsigned long long)(waited_ms / 1000));
}

static bool would_block(int e)
{
	return e == EAGAIN || e == EWOULDBLOCK;
}

static int io_error(struct error *err, const char *doing)
{
	int e = errno;

	switch (e) {
	case EPIPE:
	case ECONNRESET:
	case ECONNABORTED:
	case ENOTCONN:
	case ETIMEDOUT:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTUNREACH:
		return connect_error(err, e, doing, NULL);
	default:
		return error_set_errno(err, "%s", doing);
	}
}

/* A blocking fd would sit in write() past the deadline, so a socket is asked not to wait, and a pipe gets no more than it takes at
 * once when poll calls it writable. */
static ssize_t write_once(int fd, const char *p, size_t n, bool is_socket, bool has_deadline)
{
	if (is_socket)
		return send(fd, p, n, MSG_NOSIGNAL | (has_deadline ? MSG_DONTWAIT : 0));
	return write(fd, p, has_deadline && n > PIPE_BUF ? PIPE_BUF : n);
}

int fd_write_all(int fd, const void *data, size_t n, uint64_t deadline_ms, struct error *err)
{
	uint64_t begun_ms = deadline_ms ? clock_ms() : 0;
	bool is_socket = true, wait = false;
	const char *p = data;

	while (n) {
		int r = wait ? wait_or_fail(fd, POLLOUT, begun_ms, deadline_ms, err) : 0;
		ssize_t done;

		if (r < 0)
			return r;
		done = write_once(fd, p, n, is_socket, deadline_ms != 0);
		if (done < 0 && errno == ENOTSOCK && is_socket)
			is_socket = false;
		else if (done < 0 && errno != EINTR && !would_block(errno))
			return io_error(err, "write");
		wait = (done < 0 && would_block(errno)) || (!is_socket && deadline_ms);
		p += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	return 0;
}

/* As above: with a deadline a socket is asked without waiting, which also saves the poll when bytes are there. */
static ssize_t read_once(int fd, void *p, size_t n, uint64_t deadline_ms)
{
	if (!deadline_ms)
		return read(fd, p, n);
	return recv(fd, p, n, MSG_DONTWAIT);
}

ssize_t fd_read_some(int fd, void *p, size_t n, uint64_t deadline_ms, struct error *err)
{
	uint64_t begun_ms = deadline_ms ? clock_ms() : 0;
	bool is_socket = true;

	for (;;) {
		ssize_t got = is_socket ? read_once(fd, p, n, deadline_ms) : read(fd, p, n);
		int r;

		if (got >= 0)
			return got;
		if (errno == EINTR)
			continue;
		if (errno == ENOTSOCK && is_socket)
			is_socket = false;
		else if (!would_block(errno))
			return io_error(err, "read");
		r = wait_or_fail(fd, POLLIN, begun_ms, deadline_ms, err);
		if (r < 0)
			return r;
	}
}

int fd_output_failed(const char *what, struct error *err)
{
	if (errno != EPIPE)
		return error_set_errno(err, "%s", what);
	error_set(err, ERR_INTERRUPTED, "the reader of the output went away");
	error_exit_status(err, 128 + SIGPIPE);
	return -(int)ERR_INTERRUPTED;
}
