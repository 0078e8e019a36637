#include "frames.h"

bool frame_header(struct str in, unsigned char *ret_stream, size_t *ret_length)
{
	const unsigned char *p = (const unsigned char *)in.p;

	if (in.n < FRAME_HEADER)
		return false;
	*ret_stream = p[0];
	*ret_length = (size_t)p[4] << 24 | (size_t)p[5] << 16 | (size_t)p[6] << 8 | p[7];
	return true;
}

void frame_add(struct buf *out, enum frame_stream stream, struct str payload)
{
	const unsigned char head[FRAME_HEADER] = { (unsigned char)stream,
						   0,
						   0,
						   0,
						   (unsigned char)(payload.n >> 24),
						   (unsigned char)(payload.n >> 16),
						   (unsigned char)(payload.n >> 8),
						   (unsigned char)payload.n };

	buf_add_bytes(out, head, sizeof head);
	buf_add(out, payload);
}

void frame_add_quit(struct buf *out, uint32_t code)
{
	const unsigned char b[4] = { (unsigned char)(code >> 24), (unsigned char)(code >> 16), (unsigned char)(code >> 8),
				     (unsigned char)code };

	frame_add(out, FRAME_QUIT, (struct str){ (const char *)b, sizeof b });
}
