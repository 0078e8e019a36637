/* base/fd.h: file descriptors. Everything made here is close-on-exec; the portable way (no SOCK_CLOEXEC, pipe2, accept4). */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/error.h"

static inline void fd_close_p(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline int fd_take(int *fd)
{
	int r = *fd;

	*fd = -1;
	return r;
}

int fd_set_cloexec(int fd);
int fd_set_nonblock(int fd, bool on);
int fd_pipe(int ret_fds[2], struct error *err);

/* A connected pair of unix stream sockets. */
int fd_socketpair(int ret_fds[2], struct error *err);

/* A blocking unix stream socket connected to path. Paths over the limit of sockaddr_un (104 bytes on macOS, 108 on Linux) are
 * ERR_USAGE; a failed connect is ERR_CONNECT with sys_errno set. */
int fd_connect_unix(const char *path, int *ret_fd, struct error *err);

/* Waits until events (POLLIN, POLLOUT) or an error is there. deadline_ms: clock_ms() value, 0 for ever. 1 ready, 0 deadline passed,
 * ERR_SYSTEM else; signals do not end the wait. */
int fd_wait(int fd, short events, uint64_t deadline_ms, struct error *err);

/* Writes all, blocking or not. SIGPIPE is ignored program-wide (main). ERR_CONNECT on EPIPE or ECONNRESET, ERR_SYSTEM else;
 * ERR_CONNECT also when the deadline passes ("no answer within ..."). */
int fd_write_all(int fd, const void *p, size_t n, uint64_t deadline_ms, struct error *err);

/* One read: bytes read, 0 at the end, ERR_CONNECT for a reset peer or a passed deadline. */
ssize_t fd_read_some(int fd, void *p, size_t n, uint64_t deadline_ms, struct error *err);

/* The error of a write to the user's output that failed just now, by errno. A reader that went away is ERR_INTERRUPTED with the exit status
 * of SIGPIPE, about which main says nothing. what: "write standard output". */
int fd_output_failed(const char *what, struct error *err);

#endif
