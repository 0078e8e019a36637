/* image/store_docker_put.c: docker:// for writing, and for deleting. Mirrors and rewritten locations of registries.conf are for reading only. */
#include <stdlib.h>

#include "base/bridge.h"
#include "base/cleanup.h"
#include "config/registries.h"
#include "image/lookaside.h"
#include "image/manifest.h"
#include "image/store_docker.h"
#include "image/store_own.h"
#include "image/store_pool.h"

struct docker_destination {
	struct image_destination base;
	struct store_options options;
	struct reference ref;
	struct store_pool *pool;
	char digest[DIGEST_MAX]; /* of the manifest that the name leads to, once it is written */
};

static const char *const types[] = {
	"application/vnd.oci.image.manifest.v1+json",
	"application/vnd.docker.distribution.manifest.v2+json",
	"application/vnd.oci.image.index.v1+json",
	"application/vnd.docker.distribution.manifest.list.v2+json",
	"application/vnd.docker.distribution.manifest.v1+prettyjws",
	"application/vnd.docker.distribution.manifest.v1+json",
	NULL,
};

static struct docker_destination *docker_of(struct image_destination *d)
{
	return (struct docker_destination *)d;
}

/* ---- blobs ------------------------------------------------------------------------------------------------------------- */

/* The path of "host/path" when it is on this registry and not the same repository; NULL else. */
static const char *mountable(const struct docker_destination *d, const char *from)
{
	size_t n = strlen(d->ref.host);

	if (!from || strncmp(from, d->ref.host, n) != 0 || from[n] != '/' || strcmp(from + n + 1, d->ref.path) == 0)
		return NULL;
	return from + n + 1;
}

/* Mounting comes first: it is one request, and its success says the same as a look. */
static int look(struct docker_destination *d, struct registry *client, const struct store_blob *b, const char *from, int64_t *ret_size, struct error *err)
{
	const char *other = mountable(d, from);
	int r = 0;

	if (other)
		r = registry_blob_mount(client, d->ref.path, b->digest, other, err);
	*ret_size = b->size;
	return r != 0 ? r : registry_blob_head(client, d->ref.path, b->digest, ret_size, err);
}

static int docker_has(struct image_destination *base, const struct store_blob *b, const char *from, int64_t *ret_size, struct error *err)
{
	struct docker_destination *d = docker_of(base);
	struct registry *client;
	int64_t size = -1;
	int r;

	if (!b->digest)
		return 0;
	r = store_pool_take(d->pool, &client, err);
	if (r < 0)
		return r;
	r = look(d, client, b, from, &size, err);
	store_pool_give(d->pool, client);
	if (r < 0)
		return error_context(err, "trying to reuse blob %s at destination", b->digest);
	*ret_size = size >= 0 ? size : b->size;
	return r;
}

static int send(struct docker_destination *d, const struct store_blob *b, struct bridge *bridge, const struct byte_producer *content, char ret_digest[DIGEST_MAX],
		int64_t *ret_size, struct error *err)
{
	struct blob_upload u = { .digest = b->digest, .verified = b->verified, .source = bridge_source(bridge), .rewind = content->again ? bridge_restart : NULL };
	struct registry *client;
	int r = store_pool_take(d->pool, &client, err);

	if (r < 0)
		return r;
	if (u.source.length < 0)
		u.source.length = b->size;
	r = registry_blob_put(client, d->ref.path, &u, ret_digest, ret_size, err);
	store_pool_give(d->pool, client);
	return r;
}

static int docker_put(struct image_destination *base, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX],
		      int64_t *ret_size, struct error *err)
{
	CLEANUP(bridge_close_p) struct bridge *bridge = NULL;
	int r = bridge_open(content, &bridge, err);

	if (r < 0)
		return r;
	return send(docker_of(base), b, bridge, content, ret_digest, ret_size, err);
}

/* ---- manifest and signatures ------------------------------------------------------------------------------------------- */

static int docker_manifest(struct image_destination *base, const char *instance, const char *type, struct str bytes, struct error *err)
{
	struct docker_destination *d = docker_of(base);
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	CLEANUP(buf_done) struct buf copy = BUF_INIT(REGISTRY_MAX_MANIFEST);
	struct registry *client;
	int r;

	buf_add(&copy, bytes);
	r = buf_check(&copy, "manifest", err);
	if (r == 0)
		r = registry_manifest_of(&copy, type, instance ? instance : d->ref.digest, &m, err);
	if (r == 0)
		r = store_pool_take(d->pool, &client, err);
	if (r < 0)
		return r;
	r = registry_manifest_put(client, d->ref.path, instance ? instance : reference_version(&d->ref), type, bytes, err);
	store_pool_give(d->pool, client);
	if (r == 0 && !instance)
		memcpy(d->digest, m.digest, DIGEST_MAX);
	return r;
}

static int docker_signatures(struct image_destination *base, const char *instance, const struct strv *signatures, struct error *err)
{
	struct docker_destination *d = docker_of(base);
	CLEANUP(lookaside_done) struct lookaside at = { 0 };
	int r = lookaside_find(d->options.registries_d, base->repository, reference_version(&d->ref), &at, err);

	return r < 0 ? r : lookaside_write(&at, instance ? instance : d->digest, signatures, err);
}

/* The registry shows an image as soon as it has the manifest, which comes last anyway. */
static int docker_commit(struct image_destination *base, struct error *err)
{
	(void)base;
	(void)err;
	return 0;
}

static void docker_close(struct image_destination *base)
{
	struct docker_destination *d = docker_of(base);

	store_pool_close_p(&d->pool);
	reference_done(&d->ref);
	store_destination_done(base);
	free(d);
}

static int docker_sibling(struct image_destination *base, const char *tag, struct image_source **ret_old, struct image_destination **ret, struct error *err)
{
	struct docker_destination *d = docker_of(base);
	CLEANUP(buf_done) struct buf name = BUF_INIT(2048);
	int r;

	buf_addf(&name, "docker://%s:%s", base->repository, tag);
	r = buf_check(&name, "name", err);
	if (r == 0)
		r = image_source_open(buf_z(&name), &d->options, NULL, ret_old, err);
	return r < 0 ? r : image_destination_open(buf_z(&name), &d->options, NULL, ret, err);
}

static const struct image_destination_ops docker_ops = {
	.has = docker_has,
	.put = docker_put,
	.manifest = docker_manifest,
	.signatures = docker_signatures,
	.sibling = docker_sibling,
	.commit = docker_commit,
	.close = docker_close,
};

/* ---- opening ----------------------------------------------------------------------------------------------------------- */

/* Of the registry that is named, whatever reading it would lead to. */
static int open_pool(const struct reference *ref, const char *repository, const struct store_options *o, struct store_pool **ret, struct error *err)
{
	CLEANUP(registries_close_p) struct registries *conf = NULL;
	struct pool_req q = { .repository = repository, .user_host = ref->host };
	int r = registries_read(o->registries_conf, &conf, err);

	if (r == 0)
		r = registries_insecure(conf, repository, &q.insecure, err);
	return r < 0 ? r : store_pool_open(&q, o, ret, err);
}

static int set_up(struct docker_destination *d, const char *rest, struct error *err)
{
	int r = store_docker_parse(rest, &d->ref, err);

	if (r < 0)
		return r;
	d->base.name = store_docker_name(&d->ref);
	d->base.reference = reference_string(&d->ref);
	d->base.repository = reference_repository(&d->ref);
	d->base.fixed_digest = d->ref.digest != NULL;
	if (!d->base.name || !d->base.reference || !d->base.repository)
		return store_no_memory(err);
	return open_pool(&d->ref, d->base.repository, &d->options, &d->pool, err);
}

int store_docker_destination(const char *rest, const struct store_options *o, struct image_destination **ret, struct error *err)
{
	struct docker_destination *d = calloc(1, sizeof *d);
	CLEANUP(image_destination_close_p) struct image_destination *base = d ? &d->base : NULL;
	int r;

	if (!d)
		return store_no_memory(err);
	d->base = (struct image_destination){ .ops = &docker_ops, .parallel = true, .types = types, .layers = LAYERS_COMPRESSED, .takes_lists = true,
					      .takes_foreign = true };
	d->options = *o;
	r = set_up(d, rest, err);
	if (r < 0)
		return r;
	*ret = ptr_take(&base);
	return 0;
}

/* ---- deleting ---------------------------------------------------------------------------------------------------------- */

/* A registry deletes by digest only, and with it every tag that leads there. */
static int remove_manifest(struct registry *client, const struct reference *ref, char ret_digest[DIGEST_MAX], struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	int r = registry_manifest_get(client, ref->path, reference_version(ref), &m, err);

	if (r == -ERR_NOT_FOUND) {
		error_clear(err);
		return error_set(err, ERR_NOT_FOUND, "Unable to delete %s/%s%s%s. Image may not exist or is not stored with a v2 Schema in a v2 registry",
				 ref->host, ref->path, ref->digest ? "@" : ":", reference_version(ref));
	}
	if (r < 0)
		return r;
	memcpy(ret_digest, m.digest, DIGEST_MAX);
	return registry_manifest_delete(client, ref->path, m.digest, err);
}

int store_docker_remove(const char *rest, const struct store_options *o, struct error *err)
{
	CLEANUP(reference_done) struct reference ref = { 0 };
	CLEANUP(store_pool_close_p) struct store_pool *pool = NULL;
	CLEANUP(lookaside_done) struct lookaside at = { 0 };
	CLEANUP(free_p) char *repository = NULL;
	struct registry *client = NULL;
	char digest[DIGEST_MAX];
	int r = store_docker_parse(rest, &ref, err);

	if (r < 0)
		return r;
	repository = reference_repository(&ref);
	if (!repository)
		return store_no_memory(err);
	if ((r = open_pool(&ref, repository, o, &pool, err)) < 0 || (r = store_pool_take(pool, &client, err)) < 0)
		return r;
	r = remove_manifest(client, &ref, digest, err);
	store_pool_give(pool, client);
	if (r == 0)
		r = lookaside_find(o->registries_d, repository, reference_version(&ref), &at, err);
	return r < 0 || !at.write || strncmp(at.write, "file:", 5) != 0 ? r : lookaside_write(&at, digest, &(struct strv){ 0 }, err);
}
