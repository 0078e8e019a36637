/* Streams of the varlink engine against a scripted service: the caller's loop, and the frames and replies that scripts are made of. */
#ifndef VARLINK_STREAM_H
#define VARLINK_STREAM_H

#include "varlink_peer.h"

#include "base/clock.h"
#include "engine/engine.h"
#include "varlink/engine.h"

#define OUT4(a)    "\0\0\0\0\0\0\0\4" a
#define QUIT(code) "\4\0\0\0\0\0\0\4\0\0\0" code

#define GET_INFO(version)                                                                                                          \
	CALL("org.varlink.service.GetInfo"),                                                                                       \
		REPLY("{\"parameters\":{\"version\":\"" version "\",\"interfaces\":[\"org.varlink.service\",\"io.podman\"]}}")
#define STATE(n) CALL("ContainerStateData"), REPLY("{\"parameters\":{\"config\":\"{\\\"state\\\":" n "}\"}}")

struct seen {
	struct buf out, err_out;
	int status;
};

static inline int collect(void *ctx, enum stream_channel channel, const char *p, size_t n, struct error *err)
{
	struct seen *s = ctx;

	(void)err;
	buf_add_bytes(channel == STREAM_STDERR ? &s->err_out : &s->out, p, n);
	return 0;
}

static inline void seen_done(struct seen *s)
{
	buf_done(&s->out);
	buf_done(&s->err_out);
}

/* The caller's loop. input NULL: nothing is written and nothing closed. */
static inline int run(struct stream *s, const char *input, struct seen *seen, struct error *err)
{
	struct stream_sink sink = { .write = collect, .ctx = seen };
	size_t left = input ? strlen(input) : 0;
	bool open = input != NULL;
	uint64_t deadline = clock_after_ms(10000);
	int r = 0;

	*seen = (struct seen){ .out = BUF_INIT(1 << 20), .err_out = BUF_INIT(1 << 20) };
	while (r == 0) {
		struct pollfd fds[STREAM_MAX_FDS];
		int timeout_ms = -1;
		size_t n = s->ops->poll_fds(s, true, fds, &timeout_ms), room = s->ops->stdin_room(s);

		assert_true(n <= STREAM_MAX_FDS);
		assert_true(clock_ms() < deadline);
		if (room > left)
			room = left;
		if (room && (r = s->ops->stdin_write(s, input, room, err)) < 0)
			break;
		input += room;
		left -= room;
		if (open && left == 0) {
			open = false;
			assert_int_equal(s->ops->stdin_close(s, err), 0);
		}
		/* What was queued just now is not in the set yet. */
		if (timeout_ms < 0 || timeout_ms > 20)
			timeout_ms = 20;
		poll(fds, (nfds_t)n, timeout_ms);
		r = s->ops->dispatch(s, fds, n, &sink, err);
	}
	seen->status = r == 1 ? s->ops->exit_status(s) : -1;
	s->ops->close(s);
	return r;
}

static inline struct engine *engine_of(struct peer *p, const struct step *const *scripts)
{
	struct engine *e;

	peer_init(p, scripts);
	assert_int_equal(varlink_engine_open(&e, &p->dialer, NULL), 0);
	return e;
}

static inline void saw(struct seen *s, const char *out, int status)
{
	assert_string_equal(buf_z(&s->out), out);
	assert_int_equal(s->status, status);
	seen_done(s);
}

#endif
