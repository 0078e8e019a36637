#include "rest/frames.h"

#include <string.h>

/* Payload that waits for the sink: p[0..n) of one channel. */
struct run {
	char *p;
	size_t n;
	enum stream_channel channel;
};

static int flush(struct run *run, const struct stream_sink *sink, struct error *err)
{
	int r = run->n ? sink->write(sink->ctx, run->channel, run->p, run->n, err) : 0;

	run->p += run->n;
	run->n = 0;
	return r < 0 ? r : 0;
}

static int add(struct run *run, enum stream_channel channel, const char *p, size_t n, const struct stream_sink *sink,
	       struct error *err)
{
	if (run->n && run->channel != channel) {
		int r = flush(run, sink, err);

		if (r < 0)
			return r;
	}
	run->channel = channel;
	memmove(run->p + run->n, p, n);
	run->n += n;
	return 0;
}

/* Takes head bytes: how many. ret_bad: the head is none. */
static size_t take_head(struct frames *f, const char *p, size_t n, bool *ret_bad)
{
	size_t want = FRAME_HEAD - f->have;

	n = n < want ? n : want;
	memcpy(f->head + f->have, p, n);
	f->have += n;
	*ret_bad = f->head[0] > 3 || (f->have > 1 && f->head[1]) || (f->have > 2 && f->head[2]) || (f->have > 3 && f->head[3]);
	if (f->have == FRAME_HEAD)
		f->left = (uint32_t)f->head[4] << 24 | (uint32_t)f->head[5] << 16 | (uint32_t)f->head[6] << 8 | f->head[7];
	return n;
}

static int service_error(struct frames *f, struct error *err)
{
	struct str text = str_trim(buf_str(&f->error));

	return error_set(err, ERR_REMOTE, "from service from stream: %.*s", STR_ARG(text));
}

static int take_payload(struct frames *f, struct run *run, const char *p, size_t n, const struct stream_sink *sink,
			struct error *err)
{
	unsigned channel = f->head[0];

	f->left -= (uint32_t)n;
	f->last = p[n - 1];
	if (channel != 3)
		return add(run, channel == 2 ? STREAM_STDERR : STREAM_STDOUT, p, n, sink, err);
	if (f->error.n + n <= f->error.max)
		buf_add_bytes(&f->error, p, n);
	return 0;
}

/* A line break, in the room that the heads leave behind as a rule. */
static int end_line(const struct frames *f, struct run *run, const char *at, const struct stream_sink *sink, struct error *err)
{
	enum stream_channel channel = f->head[0] == 2 ? STREAM_STDERR : STREAM_STDOUT;
	int r;

	if (!f->end_lines || f->last == '\n')
		return 0;
	if (run->p + run->n < at && (run->n == 0 || run->channel == channel))
		return add(run, channel, "\n", 1, sink, err);
	r = flush(run, sink, err);
	return r < 0 ? r : sink->write(sink->ctx, channel, "\n", 1, err);
}

static int end_frame(struct frames *f, struct run *run, const char *at, const struct stream_sink *sink, struct error *err)
{
	int r = f->head[0] == 3 ? service_error(f, err) : end_line(f, run, at, sink, err);

	f->have = 0;
	f->last = 0;
	return r < 0 ? r : 0;
}

static int feed_framed(struct frames *f, struct run *run, const char *p, size_t n, const struct stream_sink *sink,
		       struct error *err)
{
	for (size_t i = 0; i < n || (f->have == FRAME_HEAD && f->left == 0);) {
		bool bad = false;

		if (f->have < FRAME_HEAD) {
			i += take_head(f, p + i, n - i, &bad);
			if (bad)
				return error_set(err, ERR_PROTOCOL, "the service sent output that is not framed");
		} else if (f->left) {
			size_t len = n - i < f->left ? n - i : f->left;
			int r = take_payload(f, run, p + i, len, sink, err);

			if (r < 0)
				return r;
			i += len;
		} else {
			int r = end_frame(f, run, p + i, sink, err);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

int frames_feed(struct frames *f, char *p, size_t n, const struct stream_sink *sink, struct error *err)
{
	struct run run = { .p = p, .channel = STREAM_STDOUT };
	struct error failure = ERROR_INIT;
	int r = f->raw ? add(&run, STREAM_STDOUT, p, n, sink, &failure) : feed_framed(f, &run, p, n, sink, &failure);
	/* What came before a failure is output all the same. */
	int flushed = flush(&run, sink, r < 0 ? NULL : err);

	if (r < 0)
		return error_move(err, &failure);
	return flushed;
}

bool frames_whole(const struct frames *f)
{
	return f->raw || f->have == 0;
}

void frames_done(struct frames *f)
{
	buf_done(&f->error);
}
