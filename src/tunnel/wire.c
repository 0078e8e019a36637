#include "tunnel/wire.h"

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

static void keep_greeting(struct wire *w, const char *p, size_t n)
{
	size_t room = w->received < sizeof w->greeting - 1 ? sizeof w->greeting - 1 - (size_t)w->received : 0;

	memcpy(w->greeting + sizeof w->greeting - 1 - room, p, n < room ? n : room);
}

static ssize_t wire_receive(struct wire *w, void *p, size_t n)
{
	ssize_t got;

	if (w->empty || !w->budget)
		return -EAGAIN;
	got = recv(w->fd, p, n < w->budget ? n : w->budget, 0);
	if (got < 0) {
		int e = errno;

		w->empty = true;
		if (e == EAGAIN || e == EWOULDBLOCK || e == EINTR)
			return -EAGAIN;
		w->closed = true;
		w->sys_errno = e;
		return -e;
	}
	quick_ack(w->fd);
	if (got == 0)
		w->closed = true;
	keep_greeting(w, p, (size_t)got);
	w->budget -= (size_t)got;
	w->received += (uint64_t)got;
	w->received_ms = clock_ms();
	return got;
}

/* libssh2 talks to the ssh agent by these calls too, on the agent's socket: that one goes straight through. */
static LIBSSH2_RECV_FUNC(on_receive)
{
	struct wire *w = *abstract;
	ssize_t got;

	if (socket == w->fd)
		return wire_receive(w, buffer, length);
	got = recv(socket, buffer, length, flags);
	return got < 0 ? -errno : got;
}

static LIBSSH2_SEND_FUNC(on_send)
{
	struct wire *w = *abstract;
	ssize_t sent;

	if (socket == w->fd)
		return buf_add_bytes(&w->out, buffer, length) ? (ssize_t)length : -ENOBUFS;
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

int ssh_wire_open(struct wire *w, int fd, struct error *err)
{
	*w = (struct wire){ .fd = fd, .out = BUF_INIT(OUT_MAX), .received_ms = clock_ms() };
	if (libssh2_init(0) == 0)
		w->session = libssh2_session_init_ex(NULL, NULL, NULL, w);
	if (!w->session)
		return error_set(err, ERR_SYSTEM, "the ssh library does not start");
	set_calls(w->session);
	libssh2_session_set_blocking(w->session, 0);
	return 0;
}

void ssh_wire_close(struct wire *w)
{
	if (w->session)
		libssh2_session_free(w->session);
	buf_done(&w->out);
	fd_close_p(&w->fd);
	*w = (struct wire){ .fd = -1 };
}

void ssh_wire_turn(struct wire *w)
{
	w->budget = BUDGET;
	w->empty = false;
}

void ssh_wire_flush(struct wire *w)
{
	size_t sent = 0;

	while (sent < w->out.n) {
		ssize_t n = send(w->fd, w->out.p + sent, w->out.n - sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
			w->closed = true;
			w->sys_errno = errno;
		}
		if (n < 0)
			break;
		sent += (size_t)n;
	}
	buf_consume(&w->out, sent);
}

bool ssh_wire_pending(const struct wire *w)
{
	return w->out.n > 0;
}

bool ssh_wire_full(const struct wire *w)
{
	return w->out.n >= OUT_FULL;
}

bool ssh_wire_wait(struct wire *w, uint64_t deadline_ms)
{
	short events = POLLIN;

	if (ssh_wire_pending(w))
		events |= POLLOUT;
	return !w->closed && fd_wait(w->fd, events, deadline_ms, NULL) == 1;
}

const char *ssh_wire_message(struct wire *w)
{
	char *text = NULL;

	libssh2_session_last_error(w->session, &text, NULL, 0);
	return text ? text : "";
}
