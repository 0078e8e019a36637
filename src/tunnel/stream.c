#include "tunnel/stream.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "tunnel/explain.h"
#include "tunnel/keeper.h"
#include "tunnel/stream_open.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* 64 KiB reads: with larger ones sshd was seen to fall to a third of its speed. */
#define BLOCK         ((size_t)64 * 1024)
/* The answer to "run" goes out through a block: its line and its output. */
#define BLOCK_ALLOC   (RUN_OUTPUT_MAX + 64)
/* What the host may send before we have read. A far host gets more, once a stream moves much and its client keeps up: what fills 1 Gbit/s
 * at its distance. Whatever is sent and not read lies in our memory, hence not always the largest. */
#define WINDOW_LARGE  (8u * 1024 * 1024)
#define WINDOW_PER_MS (128u * 1024)
#define EXPLAIN_MS    10000

struct stream *stream_new(int client)
{
	struct stream *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->client = client;
	s->text.max = LINE_MAX_BYTES > RUN_OUTPUT_MAX ? LINE_MAX_BYTES : RUN_OUTPUT_MAX;
	s->command.max = LINE_MAX_BYTES;
	s->probe = client < 0;
	s->state = s->probe ? STREAM_WAITING : STREAM_REQUEST;
	s->begun_ms = clock_ms();
	return s;
}

void stream_free(struct stream *s)
{
	stream_close_client(s);
	request_done(&s->request);
	buf_done(&s->text);
	buf_done(&s->command);
	free(s->up.p);
	free(s->down.p);
	free(s);
}

/* ---- bytes ---------------------------------------------------------------------------------------------------------- */

static bool block_ready(struct block *b)
{
	if (!b->p)
		b->p = malloc(BLOCK_ALLOC);
	return b->p;
}

static bool block_empty(const struct block *b)
{
	return b->at == b->n;
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* The client's bytes into the empty block. False when there are none now. */
static bool fill_up(struct stream *s)
{
	ssize_t n;

	if (s->up_ended || !block_ready(&s->up))
		return false;
	n = recv(s->client, s->up.p, BLOCK, 0);
	if (n < 0 && would_block())
		return false;
	s->up_ended = n <= 0;
	s->gone |= n < 0;
	s->up.at = 0;
	s->up.n = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static void flow_up(struct stream *s, struct ssh_io *io)
{
	while (!s->up_closed && !ssh_io_full(io)) {
		ssize_t n;

		if (block_empty(&s->up) && !fill_up(s)) {
			if (s->up_ended && libssh2_channel_send_eof(s->channel) != LIBSSH2_ERROR_EAGAIN)
				s->up_closed = true;
			return;
		}
		n = libssh2_channel_write(s->channel, s->up.p + s->up.at, s->up.n - s->up.at);
		if (n == 0 || n == LIBSSH2_ERROR_EAGAIN)
			return;
		if (n < 0) {
			/* The far side takes no more; what it still sends is passed on. */
			s->up_ended = s->up_closed = true;
			s->up.at = s->up.n = 0;
			return;
		}
		s->up.at += (size_t)n;
	}
}

/* What the block holds, to the client. False while the client is slow. */
static bool drain_down(struct stream *s)
{
	while (!block_empty(&s->down)) {
		ssize_t n = send(s->client, s->down.p + s->down.at, s->down.n - s->down.at, MSG_NOSIGNAL);

		if (n < 0 && would_block())
			return false;
		if (n < 0) {
			s->gone = true;
			return false;
		}
		s->down.at += (size_t)n;
	}
	return true;
}

static unsigned long window_wanted(const struct ssh_io *io)
{
	if (io->round_trip_ms >= WINDOW_LARGE / WINDOW_PER_MS)
		return WINDOW_LARGE;
	return (unsigned long)io->round_trip_ms * WINDOW_PER_MS;
}

/* libssh2 itself only tops up to the window that the channel began with. */
static void widen(struct stream *s, const struct ssh_io *io)
{
	unsigned long wanted = window_wanted(io), window;

	if (s->flowed < WINDOW_START || wanted <= WINDOW_START)
		return;
	window = libssh2_channel_window_read_ex(s->channel, NULL, NULL);
	if (window < wanted / 4 * 3)
		libssh2_channel_receive_window_adjust2(s->channel, wanted - window, 0, NULL);
}

static void flow_down(struct stream *s, const struct ssh_io *io)
{
	while (!s->gone && drain_down(s) && !s->down_ended && block_ready(&s->down)) {
		ssize_t n = libssh2_channel_read(s->channel, s->down.p, BLOCK);

		if (n == LIBSSH2_ERROR_EAGAIN)
			return;
		if (n <= 0) {
			if (n == 0 && !libssh2_channel_eof(s->channel))
				return;
			s->down_ended = true;
			shutdown(s->client, SHUT_WR);
			return;
		}
		s->down.at = 0;
		s->down.n = (size_t)n;
		s->flowed += (uint64_t)n;
		if (drain_down(s))
			widen(s, io);
	}
}

/* The host closed the channel: the process ended, or the service closed its socket while we still wrote to it. */
static bool is_closed_there(struct stream *s)
{
	return s->down_ended && libssh2_channel_wait_closed(s->channel) == 0;
}

static void step_flowing(struct stream *s, struct ssh_io *io)
{
	flow_up(s, io);
	flow_down(s, io);
	/* What a client wrote before it went away still goes out. */
	if ((s->gone && s->up_ended && block_empty(&s->up)) ||
	    (s->down_ended && block_empty(&s->down) && (s->up_closed || is_closed_there(s)))) {
		stream_close_client(s);
		stream_enter(s, STREAM_CLOSING);
	}
}

/* ---- commands ------------------------------------------------------------------------------------------------------- */

static void explained(struct stream *s, struct stream_context *ctx)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	explain_socket(ctx->host, s->request.what, buf_str(&s->text), &err);
	stream_refuse(s, &err);
}

/* The answer leaves through the block, as if the host had sent it. */
static void ran(struct stream *s)
{
	char *signal_name = NULL;
	int n;

	libssh2_channel_get_exit_signal(s->channel, &signal_name, NULL, NULL, NULL, NULL, NULL);
	if (!block_ready(&s->down)) {
		stream_enter(s, STREAM_CLOSING);
		return;
	}
	/* 255 is what ssh makes of a signal. */
	n = snprintf(s->down.p, BLOCK_ALLOC, "ok %d\n", signal_name ? 255 : libssh2_channel_get_exit_status(s->channel));
	memcpy(s->down.p + n, buf_z(&s->text), s->text.n);
	s->down.at = 0;
	s->down.n = (size_t)n + s->text.n;
	s->up_ended = s->up_closed = s->down_ended = true;
	free(signal_name);
	stream_enter(s, STREAM_FLOWING);
}

static void step_running(struct stream *s, struct stream_context *ctx)
{
	char block[4096];
	ssize_t n;

	if (!s->up_closed && libssh2_channel_send_eof(s->channel) != LIBSSH2_ERROR_EAGAIN)
		s->up_closed = true;
	while ((n = libssh2_channel_read(s->channel, block, sizeof block)) > 0) {
		size_t room = RUN_OUTPUT_MAX - s->text.n;

		buf_add_bytes(&s->text, block, (size_t)n < room ? (size_t)n : room);
	}
	s->down_ended = libssh2_channel_eof(s->channel);
	if (is_closed_there(s) || (s->explaining && clock_ms() - s->begun_ms > EXPLAIN_MS)) {
		if (s->explaining)
			explained(s, ctx);
		else if (s->client >= 0)
			ran(s);
		else
			stream_enter(s, STREAM_CLOSING);
	}
}

static void step_closing(struct stream *s)
{
	if (s->channel && libssh2_channel_free(s->channel) == LIBSSH2_ERROR_EAGAIN)
		return;
	s->channel = NULL;
	stream_enter(s, STREAM_DONE);
}

/* ---- from outside --------------------------------------------------------------------------------------------------- */

static void step_once(struct stream *s, struct stream_context *ctx)
{
	switch (s->state) {
	case STREAM_REQUEST:
		stream_step_request(s);
		break;
	case STREAM_WAITING:
		stream_step_waiting(s, ctx);
		break;
	case STREAM_OPENING:
		stream_step_opening(s, ctx);
		break;
	case STREAM_STARTING:
		stream_step_starting(s, ctx);
		break;
	case STREAM_FLOWING:
		step_flowing(s, ctx->io);
		break;
	case STREAM_RUNNING:
		step_running(s, ctx);
		break;
	case STREAM_CLOSING:
		step_closing(s);
		break;
	case STREAM_DONE:
		break;
	}
}

bool stream_step(struct stream *s, struct stream_context *ctx)
{
	enum stream_state before = s->state, last;

	do {
		last = s->state;
		step_once(s, ctx);
	} while (s->state != last);
	return last != before;
}

short stream_events(const struct stream *s, const struct ssh_io *io)
{
	short events = 0;

	if (s->state == STREAM_REQUEST)
		return POLLIN;
	if (s->state != STREAM_FLOWING)
		return 0;
	if (!s->up_ended && block_empty(&s->up) && !ssh_io_full(io))
		events |= POLLIN;
	if (!block_empty(&s->down))
		events |= POLLOUT;
	return events;
}

/* Only half of it may have been closed; a write of nothing tells. */
void stream_hangup(struct stream *s)
{
	if (send(s->client, "", 0, MSG_NOSIGNAL) < 0 && !would_block())
		s->gone = true;
}

void stream_lost(struct stream *s, const struct error *why)
{
	bool waits = s->state == STREAM_WAITING || s->state == STREAM_OPENING || s->state == STREAM_STARTING ||
		     s->state == STREAM_RUNNING;

	if (waits && s->client >= 0)
		keeper_refuse(s->client, why);
	stream_close_client(s);
}
