#include "tunnel/serve.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "tunnel/stream.h"

#define STREAMS_MAX        256
/* After this long without a byte the host is asked for one; after DEAD_MS without an answer it is given up. */
#define KEEPALIVE_MS       15000
#define DEAD_MS            (3 * KEEPALIVE_MS)
/* sshd answers the request for a TCP connection only when its own connect has ended. */
#define DEAD_CONNECTING_MS 150000
/* How late a deadline of a stream may be noticed. */
#define TICK_MS            1000

enum { POLL_CONTROL, POLL_LISTEN, POLL_HOST, POLL_STREAMS };

struct service {
	struct keeper *k;
	struct ssh_io *io;
	struct stream_context ctx;
	struct stream *streams;
	size_t n_streams;
	struct pollfd polls[POLL_STREAMS + STREAMS_MAX];
	bool cured; /* the host's Nagle stall */
};

static bool add_stream(struct service *s, int client)
{
	struct stream *one = s->n_streams < STREAMS_MAX ? stream_new(client) : NULL;
	struct stream **end = &s->streams;

	if (!one)
		return false;
	while (*end)
		end = &(*end)->next;
	*end = one;
	s->n_streams++;
	return true;
}

static void accept_client(struct service *s)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int client = keeper_accept(s->k);

	if (client < 0 || add_stream(s, client))
		return;
	error_set(&err, ERR_SYSTEM, "more than %d streams at once over one ssh session", STREAMS_MAX);
	keeper_refuse(client, &err);
	close(client);
}

#ifndef TCP_QUICKACK
/* Where the flag of ssh_io.h is not to be had, a command does it: sshd switches Nagle's algorithm off for the whole connection once a session
 * runs one. It is not waited for, and comes after the first stream, since libssh2 opens one channel at a time. */
static void cure_stall(struct service *s)
{
	bool flowing = s->streams && s->streams->state == STREAM_FLOWING;

	if (s->cured || !flowing || !add_stream(s, -1))
		return;
	for (struct stream *one = s->streams; one; one = one->next)
		if (one->probe && one->state == STREAM_WAITING) {
			one->probe = false;
			one->request.kind = REQUEST_RUN;
			buf_add_z(&one->command, ":");
		}
	s->cured = true;
}
#else
static void cure_stall(struct service *s)
{
	s->cured = true;
}
#endif

/* ---- the session ---------------------------------------------------------------------------------------------------- */

static void drop_done(struct service *s)
{
	for (struct stream **p = &s->streams; *p;) {
		struct stream *one = *p;

		if (one->state != STREAM_DONE) {
			p = &one->next;
			continue;
		}
		*p = one->next;
		s->n_streams--;
		stream_free(one);
	}
}

/* A stream's call into libssh2 may read what another one waits for, and one that is open lets the next one begin: hence again while
 * anything happens. */
static void step_all(struct service *s)
{
	uint64_t received;
	bool changed;

	do {
		received = s->io->received;
		changed = false;
		for (struct stream *one = s->streams; one; one = one->next)
			changed |= stream_step(one, &s->ctx);
	} while ((changed || received != s->io->received) && !s->io->closed);
	drop_done(s);
}

static struct stream *any_channel(struct service *s)
{
	for (struct stream *one = s->streams; one; one = one->next)
		if (one->channel && one->state == STREAM_FLOWING)
			return one;
	return NULL;
}

/* Every packet is read by a call for some channel. When bytes are there and no stream wanted to read (all its clients are slow, or there
 * is none), this makes libssh2 take them: the host's own keepalives and the end of the connection must not be overlooked. */
static void read_anyway(struct service *s)
{
	struct stream *one = any_channel(s);
	char nothing[1];

	if (one)
		libssh2_channel_read_stderr(one->channel, nothing, sizeof nothing);
	else if (!s->ctx.opening && add_stream(s, -1))
		step_all(s);
}

static void turn(struct service *s, bool readable)
{
	uint64_t received = s->io->received;

	ssh_io_turn(s->io);
	/* Without news from poll a read would be a wasted system call. */
	s->io->empty = !readable;
	step_all(s);
	cure_stall(s);
	if (readable && received == s->io->received && !s->io->closed)
		read_anyway(s);
	ssh_io_flush(s->io);
}

/* The host is silent: it is asked for an answer, or given up. False: given up. */
static bool check_alive(struct service *s)
{
	const struct stream *opening = s->ctx.opening;
	uint64_t now = clock_ms(), last = s->io->received_ms, limit = DEAD_MS;

	if (!opening) {
		if (now - last >= KEEPALIVE_MS && add_stream(s, -1))
			turn(s, false);
		return true;
	}
	if (opening->begun_ms > last)
		last = opening->begun_ms;
	if (!opening->probe && opening->request.kind == REQUEST_TCP)
		limit = DEAD_CONNECTING_MS;
	return now - last < limit;
}

/* ---- poll ----------------------------------------------------------------------------------------------------------- */

static void watch_client(struct service *s, const struct stream *one, struct pollfd *p)
{
	*p = (struct pollfd){ .fd = one->gone ? -1 : one->client, .events = stream_events(one, s->io) };
#ifdef __APPLE__
	/* A half-closed socket is POLLHUP there, and would be so all the time. */
	if (!p->events && one->up_ended)
		p->fd = -1;
#endif
}

static nfds_t fill_polls(struct service *s)
{
	nfds_t n = POLL_STREAMS;
	short events = POLLIN;

	if (ssh_io_pending(s->io))
		events |= POLLOUT;
	s->polls[POLL_CONTROL] = (struct pollfd){ .fd = s->k->control, .events = POLLIN };
	s->polls[POLL_LISTEN] = (struct pollfd){ .fd = s->k->listen, .events = POLLIN };
	s->polls[POLL_HOST] = (struct pollfd){ .fd = s->io->fd, .events = events };
	for (struct stream *one = s->streams; one; one = one->next)
		watch_client(s, one, &s->polls[n++]);
	return n;
}

static int timeout_ms(const struct service *s)
{
	uint64_t now = clock_ms(), due = s->io->received_ms + KEEPALIVE_MS;

	for (const struct stream *one = s->streams; one; one = one->next)
		if (one->state != STREAM_FLOWING)
			return TICK_MS;
	return due > now ? (int)(due - now) : TICK_MS;
}

static void notice_hangups(struct service *s, nfds_t n)
{
	struct stream *one = s->streams;

	for (nfds_t i = POLL_STREAMS; i < n && one; i++, one = one->next)
		if (s->polls[i].fd >= 0 && s->polls[i].revents & (POLLHUP | POLLERR))
			stream_hangup(one);
}

/* ---- the end -------------------------------------------------------------------------------------------------------- */

static void say_lost(struct service *s, bool dead)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	const char *host = s->ctx.host;

	if (dead)
		error_set(&err, ERR_CONNECT, "the ssh connection to %s is lost: no answer for %d s", host, DEAD_MS / 1000);
	else if (s->io->sys_errno)
		error_set(&err, ERR_CONNECT, "the ssh connection to %s is lost: %s", host, strerror(s->io->sys_errno));
	else if (s->io->closed)
		error_set(&err, ERR_CONNECT, "the ssh connection to %s was closed by the host", host);
	else
		error_set(&err, ERR_CONNECT, "the ssh connection to %s is lost: %s", host, ssh_io_message(s->io));
	log_debug("%s", err.text ? err.text : "the session is lost");
	keeper_lost(s->k, err.text ? err.text : "");
	for (struct stream *one = s->streams; one; one = one->next)
		stream_lost(one, &err);
}

static bool is_broken(struct service *s)
{
	int e = libssh2_session_last_errno(s->io->session);

	return s->io->closed || e == LIBSSH2_ERROR_SOCKET_SEND || e == LIBSSH2_ERROR_SOCKET_RECV ||
	       e == LIBSSH2_ERROR_SOCKET_DISCONNECT || e == LIBSSH2_ERROR_DECRYPT || e == LIBSSH2_ERROR_INVALID_MAC ||
	       e == LIBSSH2_ERROR_OUT_OF_BOUNDARY;
}

/* One wait and what follows from it. False: the end. */
static bool serve_once(struct service *s)
{
	nfds_t n = fill_polls(s);
	int r = poll(s->polls, n, timeout_ms(s));

	if (r < 0 && errno != EINTR && errno != EAGAIN)
		return false;
	if (r < 0)
		for (nfds_t i = 0; i < n; i++)
			s->polls[i].revents = 0;
	if (keeper_ends(s->k, s->polls[POLL_CONTROL].revents))
		return false;
	notice_hangups(s, n);
	if (s->polls[POLL_LISTEN].revents)
		accept_client(s);
	turn(s, s->polls[POLL_HOST].revents != 0);
	if (!check_alive(s)) {
		say_lost(s, true);
		return false;
	}
	if (is_broken(s)) {
		say_lost(s, false);
		return false;
	}
	return true;
}

void serve(struct keeper *k, struct ssh_io *io, const char *host)
{
	struct service s = { .k = k, .io = io, .ctx = { .io = io, .host = host } };

	/* The last error of the login (of an agent that went away, say) would look like one of the session. */
	libssh2_session_set_last_error(io->session, LIBSSH2_ERROR_NONE, NULL);
	while (serve_once(&s))
		;
	while (s.streams) {
		struct stream *one = s.streams;

		s.streams = one->next;
		stream_free(one);
	}
}
