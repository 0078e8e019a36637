/* image/store_docker.c: docker:// for reading: the mirrors of registries.conf in their order, then the registry itself. The one that has the manifest gives
 * the blobs, too. */
#include "image/store_docker.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "config/registries.h"
#include "image/lookaside.h"
#include "image/store_own.h"
#include "image/store_pool.h"
#include "registry/download.h"

struct docker_source {
	struct image_source base;
	struct store_options options;
	struct reference ref;
	struct registries *conf;

	pthread_mutex_t lock; /* around the choice of a place */
	struct store_pool *pool; /* of the place that has the image */
	char *place;             /* its "host[:port]/path" */
	struct registry_manifest first; /* as read when the place was chosen: a tag may lead elsewhere a moment later */
};

/* ---- names ------------------------------------------------------------------------------------------------------------- */

int store_docker_parse(const char *rest, struct reference *ret, struct error *err)
{
	CLEANUP(reference_done) struct reference ref = { 0 };
	int r;

	if (strncmp(rest, "//", 2) != 0)
		return error_set(err, ERR_USAGE, "docker: image reference %s does not start with //", rest);
	if (!rest[2])
		return error_set(err, ERR_USAGE, "invalid reference format");
	r = reference_parse(rest + 2, &ref, err);
	if (r < 0)
		return r;
	if (!ref.tag && !ref.digest)
		ref.tag = z_dup("latest");
	if (!ref.tag && !ref.digest)
		return store_no_memory(err);
	*ret = ref;
	ref = (struct reference){ 0 };
	return 0;
}

static const char *without(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(text, prefix, n) == 0 ? text + n : text;
}

char *store_docker_name(const struct reference *ref)
{
	CLEANUP(free_p) char *full = reference_string(ref);
	CLEANUP(buf_done) struct buf name = BUF_INIT(2048);
	const char *shown = full ? without(full, "docker.io/") : "";

	if (!full)
		return NULL;
	if (shown != full && strchr(without(shown, "library/"), '/') == NULL)
		shown = without(shown, "library/");
	buf_addf(&name, "docker://%s", shown);
	return buf_take(&name);
}

/* ---- the place --------------------------------------------------------------------------------------------------------- */

/* Which registry a call goes to: chosen once. */
struct attempt {
	struct store_pool *pool;
	struct registry_manifest manifest;
};

static void attempt_done(struct attempt *a)
{
	store_pool_close_p(&a->pool);
	registry_manifest_done(&a->manifest);
}

static int try_place(struct docker_source *s, const struct registry_place *place, struct attempt *a, struct error *err)
{
	struct pool_req q = { .repository = place->repository, .user_host = s->ref.host, .insecure = place->insecure };
	struct registry *client = NULL;
	int r = store_pool_open(&q, &s->options, &a->pool, err);

	if (r == 0)
		r = store_pool_take(a->pool, &client, err);
	if (r < 0)
		return r;
	r = registry_manifest_get(client, store_pool_path(a->pool), reference_version(&s->ref), &a->manifest, err);
	store_pool_give(a->pool, client);
	return r;
}

static int keep_place(struct docker_source *s, const struct registry_place *place, struct attempt *a, struct error *err)
{
	s->place = z_dup(place->repository);
	if (!s->place)
		return store_no_memory(err);
	s->pool = ptr_take(&a->pool);
	s->first = a->manifest;
	a->manifest = (struct registry_manifest){ 0 };
	return 0;
}

static void note_mirror(const struct docker_source *s, const struct registry_place *place, const struct error *why, struct buf *mirrors)
{
	buf_addf(mirrors, "%s[%s%s%s: %s]", mirrors->n ? " " : "", place->repository, s->ref.digest ? "@" : ":", reference_version(&s->ref),
		 why->text ? why->text : "");
}

/* The last place is the registry itself; its failure is the one that counts. */
static int try_places(struct docker_source *s, const struct registry_places *places, struct error *err)
{
	CLEANUP(buf_done) struct buf mirrors = BUF_INIT(64 * 1024);

	for (size_t i = 0; i < places->n; i++) {
		CLEANUP(attempt_done) struct attempt a = { 0 };
		CLEANUP(error_done) struct error why = ERROR_INIT;
		int r = try_place(s, &places->v[i], &a, &why);

		if (r == 0)
			return keep_place(s, &places->v[i], &a, err);
		if (r == -ERR_INTERRUPTED || (i + 1 == places->n && !mirrors.n))
			return error_move(err, &why);
		if (i + 1 == places->n) {
			error_move(err, &why);
			return error_context(err, "(Mirrors also failed: %s): %s%s%s", buf_z(&mirrors), places->v[i].repository,
					     s->ref.digest ? "@" : ":", reference_version(&s->ref));
		}
		note_mirror(s, &places->v[i], &why, &mirrors);
	}
	return error_set(err, ERR_USAGE, "%s leads to no registry", s->base.repository);
}

static int choose_place(struct docker_source *s, struct error *err)
{
	CLEANUP(registry_places_done) struct registry_places places = { 0 };
	int r = 0;

	pthread_mutex_lock(&s->lock);
	if (!s->pool)
		r = registries_resolve(s->conf, s->base.repository, s->ref.digest != NULL, &places, err);
	if (r == 0 && !s->pool)
		r = try_places(s, &places, err);
	pthread_mutex_unlock(&s->lock);
	return r;
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

static struct docker_source *docker_of(struct image_source *s)
{
	return (struct docker_source *)s;
}

static int copy_manifest(const struct registry_manifest *from, struct registry_manifest *ret, struct error *err)
{
	struct registry_manifest m = { .bytes = BUF_INIT(REGISTRY_MAX_MANIFEST), .type = z_dup(from->type) };

	buf_add_bytes(&m.bytes, from->bytes.p, from->bytes.n);
	memcpy(m.digest, from->digest, DIGEST_MAX);
	if (!m.type || m.bytes.failed) {
		registry_manifest_done(&m);
		return store_no_memory(err);
	}
	*ret = m;
	return 0;
}

static int docker_manifest(struct image_source *base, const char *instance, struct registry_manifest *ret, struct error *err)
{
	struct docker_source *s = docker_of(base);
	struct registry *client;
	int r = choose_place(s, err);

	if (r < 0)
		return r;
	if (!instance)
		return copy_manifest(&s->first, ret, err);
	if (!digest_valid(str_from(instance)))
		return error_set(err, ERR_PROTOCOL, "\"%.200s\" is no digest", instance);
	r = store_pool_take(s->pool, &client, err);
	if (r < 0)
		return r;
	r = registry_manifest_get(client, store_pool_path(s->pool), instance, ret, err);
	store_pool_give(s->pool, client);
	return r;
}

/* A foreign layer from where its manifest says, with nobody's credentials. 1: had it, 0: it is not there. */
static int read_foreign(const struct store_blob *b, const struct byte_sink *sink, struct error *err)
{
	for (size_t i = 0; b->urls && b->urls[i]; i++) {
		CLEANUP(error_done) struct error why = ERROR_INIT;
		struct store_check check;
		struct byte_sink checked;
		int r = store_check_open(&check, b, sink, err);

		if (r < 0)
			return r;
		checked = store_check_sink(&check);
		r = download_url(b->urls[i], &checked, &why);
		if (r == 0)
			r = store_check_end(&check, NULL, NULL, &why);
		store_check_done(&check);
		if (r == 0)
			return 1;
		if (check.passed || r == -ERR_INTERRUPTED)
			return error_move(err, &why);
	}
	return 0;
}

static int docker_blob(struct image_source *base, const struct store_blob *b, const struct byte_sink *sink, struct error *err)
{
	struct docker_source *s = docker_of(base);
	struct registry *client;
	int r = read_foreign(b, sink, err);

	if (r != 0)
		return r < 0 ? r : 0;
	r = choose_place(s, err);
	if (r == 0)
		r = store_pool_take(s->pool, &client, err);
	if (r < 0)
		return r;
	r = registry_blob_get(client, store_pool_path(s->pool), b->digest, b->size, sink, err);
	store_pool_give(s->pool, client);
	return r;
}

/* Where the image came from, when that was the registry itself and no mirror: connection and token are there already. */
static struct store_pool *pool_of_itself(struct docker_source *s)
{
	struct store_pool *pool;

	pthread_mutex_lock(&s->lock);
	pool = s->place && strcmp(s->place, s->base.repository) == 0 ? s->pool : NULL;
	pthread_mutex_unlock(&s->lock);
	return pool;
}

/* Tags are those of the registry that was named: mirrors hold what they were asked for. */
static int docker_tags(struct image_source *base, struct strv *ret, struct error *err)
{
	struct docker_source *s = docker_of(base);
	CLEANUP(store_pool_close_p) struct store_pool *own = NULL;
	struct store_pool *pool = pool_of_itself(s);
	struct pool_req q = { .repository = base->repository, .user_host = s->ref.host };
	struct registry *client = NULL;
	int r = pool ? 0 : registries_insecure(s->conf, base->repository, &q.insecure, err);

	if (r == 0 && !pool && (r = store_pool_open(&q, &s->options, &own, err)) == 0)
		pool = own;
	if (r == 0)
		r = store_pool_take(pool, &client, err);
	if (r < 0)
		return r;
	r = registry_tags(client, store_pool_path(pool), ret, err);
	store_pool_give(pool, client);
	return r;
}

static int docker_signatures(struct image_source *base, const char *instance, struct strv *ret, struct error *err)
{
	struct docker_source *s = docker_of(base);
	CLEANUP(lookaside_done) struct lookaside at = { 0 };
	int r = choose_place(s, err);

	if (r == 0)
		r = lookaside_find(s->options.registries_d, s->place, reference_version(&s->ref), &at, err);
	base->attachments = r == 0 && at.attachments;
	return r < 0 ? r : lookaside_read(&at, instance ? instance : s->first.digest, ret, err);
}

/* At the place that has the image. */
static int docker_sibling(struct image_source *base, const char *tag, struct image_source **ret, struct error *err)
{
	struct docker_source *s = docker_of(base);
	CLEANUP(buf_done) struct buf name = BUF_INIT(2048);
	int r = choose_place(s, err);

	if (r < 0)
		return r;
	buf_addf(&name, "docker://%s:%s", s->place, tag);
	r = buf_check(&name, "name", err);
	return r < 0 ? r : image_source_open(buf_z(&name), &s->options, NULL, ret, err);
}

static void docker_close(struct image_source *base)
{
	struct docker_source *s = docker_of(base);

	store_pool_close_p(&s->pool);
	registry_manifest_done(&s->first);
	registries_close_p(&s->conf);
	reference_done(&s->ref);
	pthread_mutex_destroy(&s->lock);
	free(s->place);
	store_source_done(base);
	free(s);
}

static const struct image_source_ops docker_ops = {
	.manifest = docker_manifest,
	.blob = docker_blob,
	.signatures = docker_signatures,
	.tags = docker_tags,
	.sibling = docker_sibling,
	.close = docker_close,
};

static int name_source(struct docker_source *s, struct error *err)
{
	s->base.name = store_docker_name(&s->ref);
	s->base.policy_transport = z_dup("docker");
	s->base.policy_scope = reference_string(&s->ref);
	s->base.reference = reference_string(&s->ref);
	s->base.repository = reference_repository(&s->ref);
	return s->base.name && s->base.policy_transport && s->base.policy_scope && s->base.reference && s->base.repository ? 0 : store_no_memory(err);
}

static int docker_source(const char *rest, const struct store_options *o, struct image_source **ret, struct error *err)
{
	struct docker_source *s = calloc(1, sizeof *s);
	CLEANUP(image_source_close_p) struct image_source *base = s ? &s->base : NULL;
	int r;

	if (!s)
		return store_no_memory(err);
	s->base.ops = &docker_ops;
	s->base.parallel = true;
	s->options = *o;
	pthread_mutex_init(&s->lock, NULL);
	if ((r = store_docker_parse(rest, &s->ref, err)) < 0 || (r = name_source(s, err)) < 0 ||
	    (r = registries_read(o->registries_conf, &s->conf, err)) < 0)
		return r;
	*ret = ptr_take(&base);
	return 0;
}

const struct store_transport store_docker = { "docker", docker_source, store_docker_destination, store_docker_remove };
