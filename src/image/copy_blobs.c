/* image/copy_blobs.c: the blobs of an image, several at once where both stores can. */
#include <signal.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "image/copy_own.h"

/* What threads share; `next` and `failure` under copy.lock. */
struct work {
	struct copy *c;
	const struct copy_blobs_req *q;
	size_t next, n;
	bool threads;
	struct error failure;
};

/* ---- configuration ----------------------------------------------------------------------------------------------------- */

int copy_config(struct copy *c, const struct copy_image *from, enum manifest_kind kind, const char *digest, struct str bytes, struct error *err)
{
	bool own = from->config.digest && strcmp(digest, from->config.digest) == 0;
	const char *type = manifest_config_type(kind == MANIFEST_OCI ? MANIFEST_FORMAT_OCI : MANIFEST_FORMAT_DOCKER);
	struct store_blob b = { .digest = digest, .type = kind == from->kind ? from->config.type : type, .size = (int64_t)bytes.n };

	/* The source checked its own, and what is made here was hashed for its digest. */
	b.verified = true;
	return copy_bytes(c, &b, bytes, own ? c->q->from->repository : NULL, err);
}

static int read_config(struct work *w, struct error *err)
{
	struct copy_image *i = w->q->image;
	struct image_source *from = w->c->q->from;
	struct store_blob b = { .digest = i->config.digest, .type = i->config.type, .size = i->config.size };
	struct byte_sink sink = bytes_to_buf(&i->config_bytes);
	int r;

	if (b.size > MANIFEST_MAX_CONFIG)
		return error_set(err, ERR_PROTOCOL, "the configuration %s is larger than %d bytes", b.digest, MANIFEST_MAX_CONFIG);
	buf_clear(&i->config_bytes);
	r = from->ops->blob(from, &b, &sink, err);
	return r < 0 && r != -ERR_INTERRUPTED ? error_context(err, "reading config blob %s", b.digest) : r;
}

/* With threads it goes over at once, beside the layers; a destination that takes one blob after the other gets it last. */
static int do_config(struct work *w, struct error *err)
{
	CLEANUP(buf_done) struct buf config = BUF_INIT(MANIFEST_MAX_CONFIG);
	const struct copy_image *i = w->q->image;
	char digest[DIGEST_MAX];
	int r = read_config(w, err);

	if (r < 0 || !w->threads || (w->q->first != MANIFEST_OCI && w->q->first != MANIFEST_DOCKER))
		return r;
	/* What can't be converted is told when its manifest is written, where another format may do. */
	if (copy_convert_config(i, w->q->first, &config, digest, NULL) < 0)
		return 0;
	r = copy_config(w->c, i, w->q->first, digest, buf_str(&config), err);
	*w->q->ret_config_sent = r == 0;
	return r;
}

/* ---- layers ------------------------------------------------------------------------------------------------------------ */

static struct copy_layer *earlier(const struct copy_image *i, size_t n)
{
	for (size_t l = 0; l < n; l++)
		if (strcmp(i->layers[l].digest, i->layers[n].digest) == 0)
			return &i->layers[l];
	return NULL;
}

/* Steps without files have no blob, unless the manifest stays that old. A foreign layer need not be where its manifest is. */
static bool is_left_out(const struct work *w, const struct copy_layer *l)
{
	return (l->empty && w->q->want_content) || (l->urls && w->c->q->to->takes_foreign);
}

static int do_layer(struct work *w, size_t n, struct error *err)
{
	struct copy_layer *l = &w->q->image->layers[n];

	if (earlier(w->q->image, n) || is_left_out(w, l))
		return 0;
	return copy_layer(w->c, &(struct copy_layer_req){ .layer = l, .fixed = w->q->fixed || l->empty, .want_content = w->q->want_content }, err);
}

/* The same blob twice in an image: once is enough. */
static void share_results(struct work *w)
{
	struct copy_image *i = w->q->image;

	for (size_t n = 0; n < i->n; n++) {
		struct copy_layer *l = &i->layers[n];
		const struct copy_layer *first = earlier(i, n);

		if (!first)
			continue;
		l->changed = first->changed;
		l->written_size = first->written_size;
		l->written_as = first->written_as;
		memcpy(l->written, first->written, DIGEST_MAX);
		memcpy(l->content, first->content, DIGEST_MAX);
		if (!is_left_out(w, l))
			copy_tell(w->c, &(struct copy_event){ .state = COPY_BLOB_SKIPPED, .kind = "blob", .digest = l->digest, .moved = l->size, .total = l->size });
	}
}

/* ---- threads ----------------------------------------------------------------------------------------------------------- */

/* Jobs are the layers and, first with threads and last without, the configuration. */
static int do_job(struct work *w, size_t n, struct error *err)
{
	const struct copy_image *i = w->q->image;

	if (!i->config.digest)
		return do_layer(w, n, err);
	if (w->threads)
		return n == 0 ? do_config(w, err) : do_layer(w, n - 1, err);
	return n == i->n ? do_config(w, err) : do_layer(w, n, err);
}

static bool take_job(struct work *w, size_t *ret)
{
	bool got;

	pthread_mutex_lock(&w->c->lock);
	got = w->next < w->n && !w->c->stopped;
	if (got)
		*ret = w->next++;
	pthread_mutex_unlock(&w->c->lock);
	return got;
}

/* The first failure is the one that counts: it stops the others. */
static void fail(struct work *w, struct error *failure)
{
	pthread_mutex_lock(&w->c->lock);
	if (!w->c->stopped)
		error_move(&w->failure, failure);
	w->c->stopped = true;
	pthread_mutex_unlock(&w->c->lock);
}

static void *work(void *ctx)
{
	struct work *w = ctx;
	size_t n;

	while (take_job(w, &n)) {
		CLEANUP(error_done) struct error failure = ERROR_INIT;

		if (do_job(w, n, &failure) < 0)
			fail(w, &failure);
	}
	return NULL;
}

static size_t how_many(const struct work *w)
{
	const struct copy_req *q = w->c->q;
	size_t limit = q->parallel > 0 ? (size_t)q->parallel : COPY_PARALLEL;

	if (!q->from->parallel || !q->to->parallel)
		return 1;
	if (limit > 64)
		limit = 64;
	return limit < w->n ? limit : w->n;
}

/* This thread works, too: when no other can be started, it does all. Signals are for it alone. */
static void run(struct work *w, size_t threads)
{
	pthread_t v[64];
	sigset_t all, before;
	size_t n = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (n + 1 < threads && pthread_create(&v[n], NULL, work, w) == 0)
		n++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	work(w);
	while (n > 0)
		pthread_join(v[--n], NULL);
}

int copy_blobs(struct copy *c, const struct copy_blobs_req *q, struct error *err)
{
	struct work w = { .c = c, .q = q, .n = q->image->n + (q->image->config.digest ? 1 : 0) };
	size_t threads = how_many(&w);

	w.threads = threads > 1;
	run(&w, threads);
	if (c->stopped)
		return w.failure.kind ? error_move(err, &w.failure) : error_set(err, ERR_SYSTEM, "copy: a thread failed");
	share_results(&w);
	return 0;
}
