#include "tunnel/ssh_io.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

/* A turn's share: enough to be fast, little enough that libssh2's own queue stays small. */
#define BUDGET   ((size_t)256 * 1024)
#define OUT_FULL ((size_t)256 * 1024)
/* Control packets are queued even when it is full; nothing sane makes this many. */
#define OUT_MAX  ((size_t)8 * 1024 * 1024)

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

static void quick_ack(int fd)
{
#ifdef TCP_QUICKACK
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
#else
	(void)fd;
#endif
}

static void keep_greeting(struct ssh_io *io, const char *p, size_t n)
{
	size_t room = io->received < sizeof io->greeting - 1 ? sizeof io->greeting - 1 - (size_t)io->received : 0;

	memcpy(io->greeting + sizeof io->greeting - 1 - room, p, n < room ? n : room);
}

static ssize_t ssh_io_receive(struct ssh_io *io, void *p, size_t n)
{
	ssize_t got;

	if (io->empty || !io->budget)
		return -EAGAIN;
	got = recv(io->fd, p, n < io->budget ? n : io->budget, 0);
	if (got < 0) {
		int e = errno;

		io->empty = true;
		if (e == EAGAIN || e == EWOULDBLOCK || e == EINTR)
			return -EAGAIN;
		io->closed = true;
		io->sys_errno = e;
		return -e;
	}
	/* More is there already when the read was full: the stall is about the last packet of a few. */
	if ((size_t)got < n)
		quick_ack(io->fd);
	if (got == 0)
		io->closed = true;
	keep_greeting(io, p, (size_t)got);
	io->budget -= (size_t)got;
	io->received += (uint64_t)got;
	io->received_ms = clock_ms();
	return got;
}

/* libssh2 talks to the ssh agent by these calls too, on the agent's socket: that one goes straight through. */
static LIBSSH2_RECV_FUNC(on_receive)
{
	struct ssh_io *io = *abstract;
	ssize_t got;

	if (socket == io->fd)
		return ssh_io_receive(io, buffer, length);
	got = recv(socket, buffer, length, flags);
	return got < 0 ? -errno : got;
}

static LIBSSH2_SEND_FUNC(on_send)
{
	struct ssh_io *io = *abstract;
	ssize_t sent;

	if (socket == io->fd)
		return buf_add_bytes(&io->out, buffer, length) ? (ssize_t)length : -ENOBUFS;
	sent = send(socket, buffer, length, flags);
	return sent < 0 ? -errno : sent;
}

static void set_calls(LIBSSH2_SESSION *session)
{
#if LIBSSH2_VERSION_NUM >= 0x010b01
	libssh2_session_callback_set2(session, LIBSSH2_CALLBACK_RECV, (libssh2_cb_generic *)on_receive);
	libssh2_session_callback_set2(session, LIBSSH2_CALLBACK_SEND, (libssh2_cb_generic *)on_send);
#else
	/* The old call takes a data pointer; POSIX lets one hold a function's address. */
	void *call;
	LIBSSH2_RECV_FUNC((*receive)) = on_receive;
	LIBSSH2_SEND_FUNC((*transmit)) = on_send;

	memcpy(&call, &receive, sizeof call);
	libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, call);
	memcpy(&call, &transmit, sizeof call);
	libssh2_session_callback_set(session, LIBSSH2_CALLBACK_SEND, call);
#endif
}

int ssh_io_open(struct ssh_io *io, int fd, struct error *err)
{
	*io = (struct ssh_io){ .fd = fd, .out = BUF_INIT(OUT_MAX), .received_ms = clock_ms() };
	if (libssh2_init(0) == 0)
		io->session = libssh2_session_init_ex(NULL, NULL, NULL, io);
	if (!io->session)
		return error_set(err, ERR_SYSTEM, "the ssh library does not start");
	set_calls(io->session);
	libssh2_session_set_blocking(io->session, 0);
	return 0;
}

void ssh_io_close(struct ssh_io *io)
{
	if (io->session)
		libssh2_session_free(io->session);
	buf_done(&io->out);
	fd_close_p(&io->fd);
	*io = (struct ssh_io){ .fd = -1 };
}

void ssh_io_turn(struct ssh_io *io)
{
	io->budget = BUDGET;
	io->empty = false;
}

void ssh_io_flush(struct ssh_io *io)
{
	size_t sent = 0;

	while (sent < io->out.n) {
		ssize_t n = send(io->fd, io->out.p + sent, io->out.n - sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
			io->closed = true;
			io->sys_errno = errno;
		}
		if (n < 0)
			break;
		sent += (size_t)n;
	}
	buf_consume(&io->out, sent);
}

bool ssh_io_pending(const struct ssh_io *io)
{
	return io->out.n > 0;
}

bool ssh_io_full(const struct ssh_io *io)
{
	return io->out.n >= OUT_FULL;
}

bool ssh_io_wait(struct ssh_io *io, uint64_t deadline_ms)
{
	short events = POLLIN;

	if (ssh_io_pending(io))
		events |= POLLOUT;
	return !io->closed && fd_wait(io->fd, events, deadline_ms, NULL) == 1;
}

const char *ssh_io_message(struct ssh_io *io)
{
	char *text = NULL;

	libssh2_session_last_error(io->session, &text, NULL, 0);
	return text ? text : "";
}
