/* Frames of a hostile service: taken whole and in pieces of the size that the first byte says, they must give the same. And lines of its
 * log file. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "varlink/frames.h"
#include "varlink/log_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct got {
	struct buf bytes;
};

static int collect(void *ctx, enum stream_channel channel, const char *p, size_t n, struct error *err)
{
	struct got *g = ctx;

	(void)channel, (void)err;
	buf_add_bytes(&g->bytes, p, n);
	return 0;
}

static int take(const char *p, size_t n, size_t step, struct got *g, struct frames *f)
{
	struct stream_sink sink = { .write = collect, .ctx = g };
	int r = 0;

	*g = (struct got){ .bytes = BUF_INIT(1 << 20) };
	*f = (struct frames){ 0 };
	for (size_t at = 0; r == 0 && at < n; at += step)
		r = frames_take(f, p + at, n - at < step ? n - at : step, &sink, NULL);
	return r;
}

static void read_lines(struct str text)
{
	struct str line;

	while (str_cut(text, '\n', &line, &text)) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(128);
		struct log_line l;

		if (log_line_parse(line, &l))
			log_time(l.time, &out);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct got whole, pieces;
	struct frames a, b;
	int r, s;

	if (n < 1 || n > (1 << 20))
		return 0;
	r = take((const char *)data + 1, n - 1, n, &whole, &a);
	s = take((const char *)data + 1, n - 1, (size_t)data[0] + 1, &pieces, &b);
	if (r != s || !str_eq(buf_str(&whole.bytes), buf_str(&pieces.bytes)) || (r == 1 && a.status != b.status))
		abort();
	read_lines((struct str){ (const char *)data + 1, n - 1 });
	buf_done(&whole.bytes);
	buf_done(&pieces.bytes);
	return 0;
}
