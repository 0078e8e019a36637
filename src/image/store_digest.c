/* image/store_digest.c: what a name of a registry leads to, for the price of a HEAD: no registry counts that as a pull. */
#include "base/cleanup.h"
#include "config/registries.h"
#include "image/store_docker.h"
#include "image/store_own.h"
#include "image/store_pool.h"

static int ask(const struct reference *ref, const struct pool_req *q, const struct store_options *o, char ret_digest[DIGEST_MAX],
	       struct error *err)
{
	CLEANUP(store_pool_close_p) struct store_pool *pool = NULL;
	struct registry *client = NULL;
	int r = store_pool_open(q, o, &pool, err);

	if (r == 0)
		r = store_pool_take(pool, &client, err);
	if (r < 0)
		return r;
	r = registry_manifest_head(client, store_pool_path(pool), reference_version(ref), ret_digest, err);
	store_pool_give(pool, client);
	return r;
}

static int ask_where_written(const struct reference *ref, const struct registries *conf, const char *repository,
			     const struct store_options *o, char ret_digest[DIGEST_MAX], struct error *err)
{
	struct pool_req q = { .repository = repository, .user_host = ref->host };
	int r = registries_insecure(conf, repository, &q.insecure, err);

	return r < 0 ? r : ask(ref, &q, o, ret_digest, err);
}

/* The first place that has it, as a copy would read it. */
static int ask_where_read(const struct reference *ref, const struct registries *conf, const char *repository,
			  const struct store_options *o, char ret_digest[DIGEST_MAX], struct error *err)
{
	CLEANUP(registry_places_done) struct registry_places places = { 0 };
	int r = registries_resolve(conf, repository, ref->digest != NULL, &places, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < places.n; i++) {
		struct pool_req q = { .repository = places.v[i].repository,
				      .user_host = ref->host,
				      .insecure = places.v[i].insecure };

		error_clear(err);
		r = ask(ref, &q, o, ret_digest, err);
		if (r == 1)
			break;
	}
	return r;
}

int image_digest(const char *name, const struct store_options *o, bool written, char ret_digest[DIGEST_MAX], struct error *err)
{
	CLEANUP(registries_close_p) struct registries *conf = NULL;
	CLEANUP(reference_done) struct reference ref = { 0 };
	CLEANUP(free_p) char *repository = NULL;
	struct str transport, rest;
	int r;

	if (!str_cut(str_from(name), ':', &transport, &rest) || !str_eq_z(transport, store_docker.name))
		return error_set(err, ERR_UNSUPPORTED, "%s is in no registry", name);
	if ((r = store_docker_parse(rest.p, &ref, err)) < 0 || (r = registries_read(o->registries_conf, &conf, err)) < 0)
		return r;
	repository = reference_repository(&ref);
	if (!repository)
		return store_no_memory(err);
	return written ? ask_where_written(&ref, conf, repository, o, ret_digest, err)
		       : ask_where_read(&ref, conf, repository, o, ret_digest, err);
}
