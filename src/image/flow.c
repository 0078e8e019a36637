#include "image/flow.h"

#include <stdlib.h>

#include "base/cleanup.h"

#define FLOW_MAX (4 * 1024 * 1024) /* that one piece, or the end of a stream, may become when it is compressed */

struct flow {
	struct tar_reader *tar;
	struct decompressor *plain;
	struct compressor *packed;
	struct digest *content;
	struct buf out; /* compressed, from pos on not read yet */
	size_t pos;
	bool ended, failed;
	int64_t bytes;
	flow_moved_fn *moved;
	void *ctx;
};

static ssize_t read_entry(void *ctx, void *p, size_t n, struct error *err)
{
	struct flow *f = ctx;
	ssize_t got = tar_read_data(f->tar, p, n, err);

	f->failed |= got < 0;
	if (got > 0) {
		f->bytes += got;
		f->moved(f->ctx, f->bytes);
	}
	return got;
}

int flow_open(struct tar_reader *tar, enum compression c, int level, flow_moved_fn *moved, void *ctx, struct flow **ret, struct error *err)
{
	CLEANUP(flow_close_p) struct flow *f = calloc(1, sizeof *f);
	struct byte_source entry = { read_entry, f, -1 };
	struct byte_sink sink;
	int r;

	if (!f)
		return error_set(err, ERR_SYSTEM, "layer: out of memory");
	f->tar = tar;
	f->moved = moved;
	f->ctx = ctx;
	f->out = BUF_INIT(FLOW_MAX);
	sink = bytes_to_buf(&f->out);
	if ((r = digest_open(NULL, &f->content, err)) < 0 || (r = decompressor_open(&entry, &f->plain, err)) < 0 ||
	    (r = compressor_open(c, level, &sink, &f->packed, err)) < 0)
		return r;
	*ret = ptr_take(&f);
	return 0;
}

/* One piece of content into the compressor, or its end. */
static int feed(struct flow *f, struct error *err)
{
	struct byte_source plain = decompressor_source(f->plain);
	char piece[BYTES_PIECE];
	ssize_t n = source_read(&plain, piece, sizeof piece, err);

	if (n < 0) {
		f->failed = true;
		return (int)n;
	}
	f->ended = n == 0;
	if (f->ended)
		return compressor_end(f->packed, err);
	digest_add(f->content, piece, (size_t)n);
	return compressor_write(f->packed, piece, (size_t)n, err);
}

static ssize_t flow_read(void *ctx, void *p, size_t n, struct error *err)
{
	struct flow *f = ctx;

	while (f->pos == f->out.n && !f->ended) {
		int r;

		buf_clear(&f->out);
		f->pos = 0;
		r = feed(f, err);
		if (r < 0)
			return r;
	}
	if (n > f->out.n - f->pos)
		n = f->out.n - f->pos;
	if (n)
		memcpy(p, f->out.p + f->pos, n);
	f->pos += n;
	return (ssize_t)n;
}

struct byte_source flow_source(struct flow *f)
{
	return (struct byte_source){ flow_read, f, -1 };
}

bool flow_failed(const struct flow *f)
{
	return f->failed;
}

void flow_content(struct flow *f, char ret[DIGEST_MAX])
{
	digest_end(f->content, ret);
}

void flow_close_p(struct flow **f)
{
	if (*f) {
		compressor_close_p(&(*f)->packed);
		decompressor_close_p(&(*f)->plain);
		digest_close_p(&(*f)->content);
		buf_done(&(*f)->out);
	}
	free(ptr_take(f));
}

/* ---- memory ---------------------------------------------------------------------------------------------------------- */

static ssize_t memory_read(void *ctx, void *p, size_t n, struct error *err)
{
	struct memory_source *m = ctx;

	(void)err;
	if (n > m->all.n - m->pos)
		n = m->all.n - m->pos;
	if (n)
		memcpy(p, m->all.p + m->pos, n);
	m->pos += n;
	return (ssize_t)n;
}

struct byte_source memory_bytes(struct memory_source *m)
{
	return (struct byte_source){ memory_read, m, (int64_t)m->all.n };
}

int memory_rewind(void *m, struct error *err)
{
	(void)err;
	((struct memory_source *)m)->pos = 0;
	return 0;
}

/* ---- descriptors ----------------------------------------------------------------------------------------------------- */

struct json_object *flow_descriptor(const char *type, const char *digest, int64_t size)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "mediaType", type);
	js_set_str(o, "digest", digest);
	js_set_int(o, "size", size);
	return o;
}

void flow_remember(struct blob_cache *cache, const struct reference *where, struct json_object *manifest, struct json_object *config)
{
	struct json_object *layers = js_get(manifest, "layers"), *ids = js_get(js_get(config, "rootfs"), "diff_ids");

	if (js_len(layers) != js_len(ids))
		return;
	for (size_t i = 0; i < js_len(layers); i++) {
		struct json_object *l = js_at(layers, i);

		blobs_add(cache, &(struct cached_blob){ .registry = where->host, .repository = where->path,
							.content = json_object_get_string(js_at(ids, i)), .digest = js_get_str(l, "digest", ""),
							.type = js_get_str(l, "mediaType", ""), .size = js_get_int(l, "size", -1) });
	}
}
