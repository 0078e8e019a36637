/* image/copy_layer.c: one layer from source to destination, packed, unpacked or as it is. The source checks its bytes, so what is not changed is not hashed
 * again on the way out. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "archive/gunzip.h"
#include "base/bridge.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/scratch.h"
#include "image/copy_own.h"
#include "image/store_own.h"

#define HEAD 6        /* bytes that tell a compression */
#define TELL_MS 100   /* between two signs of progress */

enum change { AS_IT_IS, PACK, UNPACK, REPACK };

struct layer_flow {
	struct copy *c;
	const struct copy_layer_req *q;
	enum change change;
	enum compression from, to; /* from: by the type, until the bytes say otherwise */
	bool mistaken;             /* they did */

	/* Of one run. */
	struct byte_sink out;
	struct byte_sink through; /* into the thread that unpacks; write NULL: there is none */
	struct gunzip *gunzip;
	struct compressor *packed;
	struct digest *content; /* of what is unpacked */
	unsigned char head[HEAD];
	size_t n_head;
	int64_t moved;
	uint64_t told_ms;
};

/* ---- what is to be done ------------------------------------------------------------------------------------------------ */

/* Attestations and whatever else is no layer of files stays as it is. Schema 1 names no types. */
static bool may_change(const struct layer_flow *f)
{
	enum compression c;

	return !f->q->fixed && (!*f->q->layer->type || copy_layer_compression(f->q->layer->type, &c));
}

static enum change choose(struct layer_flow *f)
{
	const struct copy_req *q = f->c->q;

	f->to = f->from;
	if (!may_change(f) || q->to->layers == LAYERS_AS_THEY_ARE)
		return AS_IT_IS;
	if (q->to->layers == LAYERS_UNCOMPRESSED) {
		f->to = COMPRESSION_NONE;
		return f->from == COMPRESSION_NONE ? AS_IT_IS : UNPACK;
	}
	if (f->from == COMPRESSION_NONE || q->compression != COMPRESSION_NONE)
		f->to = q->compression == COMPRESSION_NONE ? COMPRESSION_GZIP : q->compression;
	if (f->to == f->from)
		return AS_IT_IS;
	return f->from == COMPRESSION_NONE ? PACK : REPACK;
}

/* ---- bytes on their way ------------------------------------------------------------------------------------------------ */

static void tell_moved(struct layer_flow *f)
{
	uint64_t now;

	if (!f->c->q->event || (now = clock_ms()) < f->told_ms + TELL_MS)
		return;
	f->told_ms = now;
	copy_tell(f->c, &(struct copy_event){ .state = COPY_BLOB_MOVED, .kind = "blob", .digest = f->q->layer->digest, .moved = f->moved,
					      .total = f->q->layer->size });
}

/* The type is what its manifest says. When the bytes are something else and that makes a difference, all begins anew. */
static int compare_head(struct layer_flow *f, struct error *err)
{
	enum compression seen = compression_detect(f->head, f->n_head), told = f->from;
	enum change planned = f->change;

	if (!may_change(f) || seen == told)
		return 0;
	f->from = seen;
	if (choose(f) == planned && planned == AS_IT_IS && !f->content)
		return 0;
	f->mistaken = true;
	return error_set(err, ERR_PROTOCOL, "%s is %s, not %s", f->q->layer->digest, compression_name(seen), compression_name(told));
}

static int unpacked(void *ctx, const void *p, size_t n, struct error *err)
{
	struct layer_flow *f = ctx;

	if (f->content)
		digest_add(f->content, p, n);
	if (f->change == AS_IT_IS)
		return 0;
	return f->packed ? compressor_write(f->packed, p, n, err) : sink_write(&f->out, p, n, err);
}

static int pass_on(struct layer_flow *f, const void *p, size_t n, struct error *err)
{
	int r = 0;

	if (n == 0)
		return 0;
	if (f->through.write)
		return sink_write(&f->through, p, n, err);
	if (f->change == AS_IT_IS)
		r = sink_write(&f->out, p, n, err);
	if (r == 0 && f->gunzip)
		r = gunzip_write(f->gunzip, p, n, err);
	else if (r == 0 && f->change == PACK)
		r = compressor_write(f->packed, p, n, err);
	return r;
}

/* Nothing goes on before the head is whole. */
static int end_head(struct layer_flow *f, struct error *err)
{
	int r = compare_head(f, err);

	return r < 0 ? r : pass_on(f, f->head, f->n_head, err);
}

static int arrived(void *ctx, const void *data, size_t n, struct error *err)
{
	struct layer_flow *f = ctx;
	const char *p = data;
	int r = copy_go_on(f->c, err);

	f->moved += (int64_t)n;
	if (r == 0 && f->n_head < HEAD) {
		size_t some = HEAD - f->n_head < n ? HEAD - f->n_head : n;

		memcpy(f->head + f->n_head, p, some);
		f->n_head += some;
		p += some;
		n -= some;
		if (f->n_head == HEAD)
			r = end_head(f, err);
	}
	if (r < 0)
		return r;
	tell_moved(f);
	return pass_on(f, p, n, err);
}

static int read_source(struct layer_flow *f, struct error *err)
{
	struct image_source *from = f->c->q->from;
	const struct copy_layer *l = f->q->layer;
	struct store_blob b = { .digest = l->digest, .type = l->type, .size = l->size, .urls = (const char *const *)l->urls };
	struct byte_sink sink = { arrived, f };
	int r = from->ops->blob(from, &b, &sink, err);

	/* One that is shorter than a head. */
	return r == 0 && f->n_head < HEAD ? end_head(f, err) : r;
}

static int read_through(void *ctx, const struct byte_sink *to, struct error *err)
{
	struct layer_flow *f = ctx;

	f->through = *to;
	return read_source(f, err);
}

/* The end of what is packed may come before the end of the blob, where its digest is checked. */
static int drain(const struct byte_source *s, struct error *err)
{
	char piece[4096];
	ssize_t n;

	while ((n = source_read(s, piece, sizeof piece, err)) > 0)
		;
	return (int)n;
}

/* gzip is undone while it comes; what is rarer is pulled through libarchive, for which the source runs in another thread. */
static int through_libarchive(struct layer_flow *f, struct error *err)
{
	struct byte_producer source = { read_through, f, -1, false };
	CLEANUP(bridge_close_p) struct bridge *bridge = NULL;
	CLEANUP(decompressor_close_p) struct decompressor *plain = NULL;
	struct byte_sink sink = { unpacked, f };
	struct byte_source packed, bytes;
	int r = bridge_open(&source, &bridge, err);

	if (r < 0)
		return r;
	packed = bridge_source(bridge);
	r = decompressor_open(&packed, &plain, err);
	if (r < 0)
		return r;
	bytes = decompressor_source(plain);
	r = bytes_copy(&bytes, &sink, NULL, err);
	return r == 0 ? drain(&packed, err) : r;
}

static bool is_undone(const struct layer_flow *f)
{
	return f->change == UNPACK || f->change == REPACK || (f->content && f->change == AS_IT_IS);
}

static int open_parts(struct layer_flow *f, struct error *err)
{
	struct byte_sink plain = { unpacked, f };
	int r = 0;

	if (f->q->want_content && f->from != COMPRESSION_NONE)
		r = digest_open(NULL, &f->content, err);
	if (r == 0 && is_undone(f) && f->from == COMPRESSION_GZIP)
		r = gunzip_open(&plain, &f->gunzip, err);
	if (r == 0 && (f->change == PACK || f->change == REPACK))
		r = compressor_open(f->to, f->c->q->compression_level, &f->out, &f->packed, err);
	return r;
}

static void close_parts(struct layer_flow *f)
{
	gunzip_close_p(&f->gunzip);
	compressor_close_p(&f->packed);
	digest_close_p(&f->content);
}

static int run_parts(struct layer_flow *f, struct error *err)
{
	int r = is_undone(f) && !f->gunzip ? through_libarchive(f, err) : read_source(f, err);

	if (r == 0 && f->gunzip)
		r = gunzip_end(f->gunzip, err);
	if (r == 0 && f->packed)
		r = compressor_end(f->packed, err);
	if (r == 0 && f->content)
		digest_end(f->content, f->q->layer->content);
	return r;
}

/* May run several times: an upload that broke begins anew. */
static int produce(void *ctx, const struct byte_sink *to, struct error *err)
{
	struct layer_flow *f = ctx;
	int r;

	f->out = *to;
	f->through = (struct byte_sink){ 0 };
	f->n_head = 0;
	f->moved = 0;
	r = open_parts(f, err);
	if (r == 0)
		r = run_parts(f, err);
	close_parts(f);
	return r;
}

/* ---- what the destination has ------------------------------------------------------------------------------------------ */

static int has(struct copy *c, const struct store_blob *b, const char *from, int64_t *ret_size, struct error *err)
{
	struct image_destination *to = c->q->to;

	return to->ops->has ? to->ops->has(to, b, from, ret_size, err) : 0;
}

static int has_as_it_is(struct layer_flow *f, struct error *err)
{
	struct copy_layer *l = f->q->layer;
	struct store_blob b = { .digest = l->digest, .type = l->type, .size = l->size };
	int64_t size = l->size;
	int r = has(f->c, &b, f->c->q->from->repository, &size, err);

	if (r == 1)
		l->written_size = size;
	return r;
}

#define CANDIDATES 4

struct candidate {
	char digest[DIGEST_MAX];
	char *place; /* "host/path"; owned */
	int64_t size;
};

/* Copies: another thread may change the cache. */
static size_t candidates(struct layer_flow *f, struct candidate ret[CANDIDATES])
{
	struct copy *c = f->c;
	struct cached_blob found[CANDIDATES];
	size_t n = 0, used = 0;

	pthread_mutex_lock(&c->lock);
	if (c->cache || blobs_open(&c->cache, NULL) == 0)
		n = blobs_find(c->cache, c->place.host, c->place.path, f->q->layer->digest, found, CANDIDATES);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_done) struct buf place = BUF_INIT(1024);
		enum compression kind;

		if (!copy_layer_compression(found[i].type, &kind) || kind != f->to || strlen(found[i].digest) >= DIGEST_MAX)
			continue;
		buf_addf(&place, "%s/%s", found[i].registry, found[i].repository);
		ret[used] = (struct candidate){ .place = buf_take(&place), .size = found[i].size };
		memcpy(ret[used].digest, found[i].digest, strlen(found[i].digest) + 1);
		used += ret[used].place != NULL;
	}
	pthread_mutex_unlock(&c->lock);
	return used;
}

/* What was compressed before: 1 when the registry still has it. */
static int has_packed(struct layer_flow *f, struct error *err)
{
	struct candidate v[CANDIDATES];
	struct copy_layer *l = f->q->layer;
	size_t n = f->c->place.host ? candidates(f, v) : 0;
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		struct store_blob b = { .digest = v[i].digest, .type = l->type, .size = v[i].size };
		int64_t size = v[i].size;

		if (r == 0)
			r = has(f->c, &b, v[i].place, &size, err);
		if (r == 1 && !l->changed) {
			l->changed = true;
			l->written_as = f->to;
			l->written_size = size;
			memcpy(l->written, v[i].digest, DIGEST_MAX);
		}
		free(v[i].place);
	}
	return r;
}

/* 1: nothing has to be sent. */
static int has_it(struct layer_flow *f, struct error *err)
{
	if (f->q->want_content && f->from != COMPRESSION_NONE)
		return 0;
	if (f->change == AS_IT_IS)
		return has_as_it_is(f, err);
	return f->change == PACK ? has_packed(f, err) : 0;
}

/* ---- all of it --------------------------------------------------------------------------------------------------------- */

static void remember(struct layer_flow *f)
{
	struct copy *c = f->c;
	struct copy_layer *l = f->q->layer;
	const char *type = copy_layer_type(l->type, MANIFEST_FORMAT_OCI, f->to);

	if (f->change != PACK || !c->place.host || !type)
		return;
	pthread_mutex_lock(&c->lock);
	if (c->cache)
		blobs_add(c->cache, &(struct cached_blob){ .registry = c->place.host, .repository = c->place.path, .content = l->digest, .digest = l->written,
							   .type = type, .size = l->written_size });
	pthread_mutex_unlock(&c->lock);
}

static void note(struct layer_flow *f, const char digest[DIGEST_MAX], int64_t size)
{
	struct copy_layer *l = f->q->layer;

	l->changed = f->change != AS_IT_IS;
	l->written_as = f->to;
	l->written_size = size;
	memcpy(l->written, digest, DIGEST_MAX);
	remember(f);
}

static int produce_held(void *ctx, const struct byte_sink *to, struct error *err)
{
	const int *fd = ctx;
	struct byte_source file = bytes_from_fd(fd, -1);

	if (lseek(*fd, 0, SEEK_SET) < 0)
		return error_set_errno(err, "read a temporary file");
	return bytes_copy(&file, to, NULL, err);
}

static int open_held(const struct scratch *s, int *ret_fd, struct error *err)
{
	CLEANUP(free_p) char *path = path_join(s->path, "layer");

	*ret_fd = path ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	return *ret_fd >= 0 ? 0 : error_set_errno(err, "write a temporary file");
}

/* --dest-precompute-digests: packed into a file first, whose digest the destination may know. */
static int send_held(struct layer_flow *f, const struct byte_producer *content, struct error *err)
{
	CLEANUP(scratch_done) struct scratch s = SCRATCH_INIT;
	CLEANUP(fd_close_p) int fd = -1;
	struct byte_sink file = bytes_to_fd(&fd);
	struct byte_producer held = { produce_held, &fd, -1, true };
	struct store_blob b = { .type = f->q->layer->type, .size = -1 };
	char digest[DIGEST_MAX];
	int r = scratch_open("copy", &s, err);

	if (r == 0)
		r = open_held(&s, &fd, err);
	if (r == 0)
		r = store_run_checked(content, &b, &file, digest, &b.size, err);
	if (r < 0)
		return r;
	b.digest = digest;
	b.verified = true;
	held.length = b.size;
	r = has(f->c, &b, NULL, &b.size, err);
	if (r == 0)
		r = f->c->q->to->ops->put(f->c->q->to, &b, &held, digest, &b.size, err);
	if (r >= 0)
		note(f, digest, b.size);
	return r < 0 ? r : 0;
}

static int send(struct layer_flow *f, struct error *err)
{
	struct image_destination *to = f->c->q->to;
	struct copy_layer *l = f->q->layer;
	bool same = f->change == AS_IT_IS;
	struct store_blob b = { .digest = same ? l->digest : NULL, .type = l->type, .size = same ? l->size : -1, .verified = same };
	struct byte_producer content = { produce, f, b.size, true };
	char digest[DIGEST_MAX];
	int64_t size = -1;
	int r;

	if (!same && f->c->q->precompute_digests && to->repository)
		return send_held(f, &content, err);
	r = to->ops->put(to, &b, &content, digest, &size, err);
	if (r == 0)
		note(f, digest, size);
	return r;
}

static void tell(struct layer_flow *f, enum copy_state state)
{
	const struct copy_layer *l = f->q->layer;

	copy_tell(f->c, &(struct copy_event){ .state = state, .kind = "blob", .digest = l->digest, .moved = state == COPY_BLOB_STARTED ? 0 : l->size,
					      .total = l->size });
}

static int put(struct layer_flow *f, struct error *err)
{
	int r;

	tell(f, COPY_BLOB_STARTED);
	f->told_ms = clock_ms();
	r = send(f, err);
	if (r < 0 && f->mistaken) {
		error_clear(err);
		f->change = choose(f);
		r = send(f, err);
	}
	if (r == 0)
		tell(f, COPY_BLOB_DONE);
	return r;
}

int copy_layer(struct copy *c, const struct copy_layer_req *q, struct error *err)
{
	struct layer_flow f = { .c = c, .q = q, .from = COMPRESSION_GZIP };
	int r = copy_go_on(c, err);

	if (r < 0)
		return r;
	copy_layer_compression(q->layer->type, &f.from);
	f.change = choose(&f);
	r = has_it(&f, err);
	if (r == 1)
		tell(&f, COPY_BLOB_SKIPPED);
	else if (r == 0)
		r = put(&f, err);
	/* One that is not packed is its own content. */
	if (r >= 0 && q->want_content && f.from == COMPRESSION_NONE && strlen(q->layer->digest) < DIGEST_MAX)
		memcpy(q->layer->content, q->layer->digest, strlen(q->layer->digest) + 1);
	return r < 0 && r != -ERR_INTERRUPTED ? error_context(err, "writing blob") : r < 0 ? r : 0;
}

/* ---- what is in memory ------------------------------------------------------------------------------------------------- */

static int produce_bytes(void *ctx, const struct byte_sink *to, struct error *err)
{
	const struct str *bytes = ctx;

	return bytes->n ? sink_write(to, bytes->p, bytes->n, err) : 0;
}

int copy_bytes(struct copy *c, const struct store_blob *b, struct str bytes, const char *from, struct error *err)
{
	struct byte_producer content = { produce_bytes, &bytes, (int64_t)bytes.n, true };
	struct image_destination *to = c->q->to;
	char digest[DIGEST_MAX];
	int64_t size = b->size;
	int r = has(c, b, from, &size, err);

	if (r == 0)
		r = to->ops->put(to, b, &content, digest, &size, err);
	return r < 0 ? error_context(err, "writing blob") : 0;
}
