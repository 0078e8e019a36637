#include "varlink/frames.h"

#include <stdio.h>

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int check_head(struct frames *f, struct error *err)
{
	const unsigned char *h = f->head;
	uint32_t len = be32(h + 4);
	bool known = h[0] == FRAME_STDOUT || h[0] == FRAME_STDERR || h[0] == FRAME_QUIT;

	if (!known || h[1] || h[2] || h[3] || len > FRAME_MAX || (h[0] == FRAME_QUIT && len != sizeof f->quit))
		return error_set(err, ERR_PROTOCOL, "the service sent a frame that is none (%02x %02x%02x%02x, %u bytes)", h[0],
				 h[1], h[2], h[3], len);
	f->left = len;
	return 0;
}

static int take_payload(struct frames *f, const char *p, size_t n, const struct stream_sink *sink, struct error *err)
{
	if (f->head[0] == FRAME_QUIT) {
		memcpy(f->quit + f->n_quit, p, n);
		f->n_quit += n;
		return 0;
	}
	if (!sink)
		return 0;
	return sink->write(sink->ctx, f->head[0] == FRAME_STDERR ? STREAM_STDERR : STREAM_STDOUT, p, n, err);
}

int frames_take(struct frames *f, const char *p, size_t n, const struct stream_sink *sink, struct error *err)
{
	while (n > 0 && !f->ended) {
		size_t piece;
		int r;

		if (f->n_head < FRAME_HEAD) {
			f->head[f->n_head++] = (unsigned char)*p++;
			n--;
			if (f->n_head == FRAME_HEAD && (r = check_head(f, err)) < 0)
				return r;
		} else {
			piece = n < f->left ? n : f->left;
			r = take_payload(f, p, piece, sink, err);
			if (r < 0)
				return r;
			f->left -= (uint32_t)piece;
			p += piece;
			n -= piece;
		}
		if (f->n_head == FRAME_HEAD && f->left == 0) {
			f->ended = f->head[0] == FRAME_QUIT;
			f->n_head = 0;
		}
	}
	if (f->ended)
		f->status = (int)be32(f->quit);
	return f->ended;
}

bool frame_add(struct buf *out, enum frame_id id, const void *p, size_t n)
{
	unsigned char head[FRAME_HEAD] = {
		(unsigned char)id, 0, 0, 0, (unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n
	};

	return buf_add_bytes(out, head, sizeof head) && (n == 0 || buf_add_bytes(out, p, n));
}

bool frame_add_resize(struct buf *out, unsigned width, unsigned height)
{
	char text[64];
	int n = snprintf(text, sizeof text, "{\"Width\":%u,\"Height\":%u}", width & 0xffff, height & 0xffff);

	return frame_add(out, FRAME_RESIZE, text, (size_t)n);
}
