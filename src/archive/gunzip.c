#include "archive/gunzip.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/cleanup.h"

#define OUT_BYTES ((size_t)256 * 1024)

struct gunzip {
	struct byte_sink sink;
	z_stream z;
	bool ready;    /* z has to be ended */
	bool at_start; /* of a member: nothing of it was seen yet */
	bool any;      /* there was one member */
	unsigned char out[OUT_BYTES];
};

static int broken(struct gunzip *g, struct error *err)
{
	return error_set(err, ERR_PROTOCOL, "gzip: %s", g->z.msg ? g->z.msg : "the stream is broken");
}

int gunzip_open(const struct byte_sink *sink, struct gunzip **ret, struct error *err)
{
	CLEANUP(gunzip_close_p) struct gunzip *g = calloc(1, sizeof *g);

	if (!g)
		return error_set(err, ERR_SYSTEM, "out of memory");
	g->sink = *sink;
	/* 16: gzip's head and end; the check sum in it is left alone, which saves a pass over all that comes out. */
	if (inflateInit2(&g->z, 16 + MAX_WBITS) != Z_OK)
		return error_set(err, ERR_SYSTEM, "out of memory");
	g->ready = true;
	inflateValidate(&g->z, 0);
	g->z.next_out = g->out;
	g->z.avail_out = OUT_BYTES;
	g->at_start = true;
	*ret = ptr_take(&g);
	return 0;
}

static int hand_out(struct gunzip *g, struct error *err)
{
	size_t n = OUT_BYTES - g->z.avail_out;

	g->z.next_out = g->out;
	g->z.avail_out = OUT_BYTES;
	return n ? sink_write(&g->sink, g->out, n, err) : 0;
}

/* Files of several members are one stream; zeros behind the last one are tape's padding. */
static int next_member(struct gunzip *g)
{
	while (g->any && g->z.avail_in && *g->z.next_in == 0) {
		g->z.next_in++;
		g->z.avail_in--;
	}
	if (g->any && g->z.avail_in)
		inflateReset(&g->z);
	return g->z.avail_in != 0;
}

static int step(struct gunzip *g, struct error *err)
{
	int r;

	if (g->at_start && !next_member(g))
		return 0;
	g->at_start = false;
	r = inflate(&g->z, Z_NO_FLUSH);
	if (r == Z_STREAM_END)
		g->at_start = g->any = true;
	else if (r != Z_OK && r != Z_BUF_ERROR)
		return broken(g, err);
	return g->z.avail_out ? 0 : hand_out(g, err);
}

int gunzip_write(struct gunzip *g, const void *p, size_t n, struct error *err)
{
	const unsigned char *bytes = p;

	while (n) {
		uInt some = n > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uInt)n;
		int r;

		g->z.next_in = (unsigned char *)(uintptr_t)bytes; /* zlib does not write there */
		g->z.avail_in = some;
		do
			r = step(g, err);
		while (r == 0 && g->z.avail_in);
		if (r < 0)
			return r;
		bytes += some;
		n -= some;
	}
	return 0;
}

/* A full buffer may have more behind it when all input is eaten. */
int gunzip_end(struct gunzip *g, struct error *err)
{
	int r;

	while (!g->at_start) {
		size_t before = g->z.avail_out;

		g->z.avail_in = 0;
		r = step(g, err);
		if (r < 0)
			return r;
		if (!g->at_start && g->z.avail_out == before)
			return error_set(err, ERR_PROTOCOL, "gzip: the stream is cut off");
	}
	if (!g->any)
		return error_set(err, ERR_PROTOCOL, "gzip: the stream is cut off");
	return hand_out(g, err);
}

void gunzip_close_p(struct gunzip **gp)
{
	struct gunzip *g = ptr_take(gp);

	if (g && g->ready)
		inflateEnd(&g->z);
	free(g);
}
