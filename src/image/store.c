/* image/store.c: the names of transports, and what all stores have in common. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "image/store_own.h"

static const struct store_transport *const transports[] = { &store_docker, &store_dir, &store_oci, &store_oci_archive, &store_docker_archive };

int store_no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "image: out of memory");
}

/* ---- names ------------------------------------------------------------------------------------------------------------- */

static const struct store_transport *find(struct str transport)
{
	for (size_t i = 0; i < ARRAY_LEN(transports); i++)
		if (str_eq_z(transport, transports[i]->name))
			return transports[i];
	return NULL;
}

static const struct store_extra *find_extra(const struct store_extra *extras, struct str transport)
{
	for (; extras && extras->transport; extras++)
		if (str_eq_z(transport, extras->transport))
			return extras;
	return NULL;
}

/* Either of *ret and *ret_extra. */
static int choose(const char *name, const struct store_extra *extras, const struct store_transport **ret, const struct store_extra **ret_extra,
		  const char **ret_rest, struct error *err)
{
	struct str transport, rest;

	if (!str_cut(str_from(name), ':', &transport, &rest))
		return error_set(err, ERR_USAGE, "Invalid image name \"%s\", expected colon-separated transport:reference", name);
	*ret_rest = rest.p;
	*ret_extra = find_extra(extras, transport);
	*ret = find(transport);
	if (!*ret && !*ret_extra)
		return error_set(err, ERR_USAGE, "Invalid image name \"%s\", unknown transport \"%.*s\"", name, STR_ARG(transport));
	return 0;
}

int image_source_open(const char *name, const struct store_options *o, const struct store_extra *extras, struct image_source **ret, struct error *err)
{
	const struct store_transport *t;
	const struct store_extra *extra;
	const char *rest;
	int r = choose(name, extras, &t, &extra, &rest, err);

	if (r < 0)
		return r;
	return extra ? extra->source(extra->ctx, rest, o, ret, err) : t->source(rest, o, ret, err);
}

int image_destination_open(const char *name, const struct store_options *o, const struct store_extra *extras, struct image_destination **ret, struct error *err)
{
	const struct store_transport *t;
	const struct store_extra *extra;
	const char *rest;
	int r = choose(name, extras, &t, &extra, &rest, err);

	if (r < 0)
		return r;
	return extra ? extra->destination(extra->ctx, rest, o, ret, err) : t->destination(rest, o, ret, err);
}

int image_delete(const char *name, const struct store_options *o, struct error *err)
{
	const struct store_transport *t;
	const struct store_extra *extra;
	const char *rest;
	int r = choose(name, NULL, &t, &extra, &rest, err);

	if (r < 0)
		return r;
	if (!t->remove)
		return error_set(err, ERR_UNSUPPORTED, "Deleting images not implemented for %s: images", t->name);
	return t->remove(rest, o, err);
}

void image_source_close_p(struct image_source **s)
{
	if (*s)
		(*s)->ops->close(*s);
	*s = NULL;
}

void image_destination_close_p(struct image_destination **d)
{
	if (*d)
		(*d)->ops->close(*d);
	*d = NULL;
}

void store_source_done(struct image_source *s)
{
	free(s->name);
	free(s->policy_transport);
	free(s->policy_scope);
	free(s->reference);
	free(s->repository);
}

void store_destination_done(struct image_destination *d)
{
	free(d->name);
	free(d->reference);
	free(d->repository);
}

/* ---- paths ------------------------------------------------------------------------------------------------------------- */

int store_cut_path(const char *rest, char **ret_path, char **ret_image, struct error *err)
{
	struct str path, image;
	CLEANUP(free_p) char *folder = NULL;

	if (!str_cut(str_from(rest), ':', &path, &image))
		image = STR("");
	if (!path.n)
		return error_set(err, ERR_USAGE, "\"%s\" names no path", rest);
	folder = str_dup(path);
	*ret_image = str_dup(image);
	if (!folder || !*ret_image)
		return store_no_memory(err);
	*ret_path = ptr_take(&folder);
	return 0;
}

int store_resolve_path(const char *path, char **ret, struct error *err)
{
	CLEANUP(free_p) char *parent = NULL;
	CLEANUP(free_p) char *resolved = NULL;
	const char *slash = strrchr(path, '/');

	*ret = realpath(path, NULL);
	if (*ret)
		return 0;
	if (errno != ENOENT)
		return error_set_errno(err, "resolve %s", path);
	parent = slash ? str_dup((struct str){ path, slash == path ? 1 : (size_t)(slash - path) }) : z_dup(".");
	resolved = parent ? realpath(parent, NULL) : NULL;
	if (!resolved && errno == ENOENT)
		return error_set(err, ERR_USAGE, "lstat %s: no such file or directory", parent);
	if (!resolved)
		return error_set_errno(err, "resolve %s", path);
	*ret = path_join(resolved, slash ? slash + 1 : path);
	return *ret ? 0 : store_no_memory(err);
}

/* ---- bytes that are checked -------------------------------------------------------------------------------------------- */

int store_check_open(struct store_check *c, const struct store_blob *b, const struct byte_sink *to, struct error *err)
{
	*c = (struct store_check){ .to = to, .digest = b->digest, .size = b->size };
	if (b->digest && !digest_valid(str_from(b->digest)))
		return error_set(err, ERR_PROTOCOL, "\"%.200s\" is no digest", b->digest);
	return b->verified && b->digest ? 0 : digest_open(b->digest, &c->hash, err);
}

static int check_write(void *ctx, const void *p, size_t n, struct error *err)
{
	struct store_check *c = ctx;

	c->passed += (int64_t)n;
	if (c->size >= 0 && c->passed > c->size)
		return error_set(err, ERR_PROTOCOL, "Size mismatch when copying %s, expected %lld, got more", c->digest ? c->digest : "a blob",
				 (long long)c->size);
	if (c->hash)
		digest_add(c->hash, p, n);
	return sink_write(c->to, p, n, err);
}

struct byte_sink store_check_sink(struct store_check *c)
{
	return (struct byte_sink){ check_write, c };
}

int store_check_end(struct store_check *c, char ret_digest[DIGEST_MAX], int64_t *ret_size, struct error *err)
{
	char got[DIGEST_MAX];

	if (c->size >= 0 && c->passed != c->size)
		return error_set(err, ERR_PROTOCOL, "Size mismatch when copying %s, expected %lld, got %lld", c->digest ? c->digest : "a blob",
				 (long long)c->size, (long long)c->passed);
	if (c->hash)
		digest_end(c->hash, got);
	else
		memcpy(got, c->digest, strlen(c->digest) + 1);
	if (c->digest && strcmp(got, c->digest) != 0)
		return error_set(err, ERR_PROTOCOL, "Digest did not match, expected %s, got %s", c->digest, got);
	if (ret_digest)
		memcpy(ret_digest, got, DIGEST_MAX);
	if (ret_size)
		*ret_size = c->passed;
	return 0;
}

void store_check_done(struct store_check *c)
{
	digest_close_p(&c->hash);
}

int store_run_checked(const struct byte_producer *content, const struct store_blob *b, const struct byte_sink *sink, char ret_digest[DIGEST_MAX],
		      int64_t *ret_size, struct error *err)
{
	CLEANUP(store_check_done) struct store_check check = { 0 };
	struct byte_sink checked;
	int r = store_check_open(&check, b, sink, err);

	checked = store_check_sink(&check);
	if (r == 0)
		r = producer_run(content, &checked, err);
	return r < 0 ? r : store_check_end(&check, ret_digest, ret_size, err);
}

int store_copy_checked(const struct byte_source *source, const struct store_blob *b, const struct byte_sink *sink, struct error *err)
{
	struct byte_producer content = bytes_producer(source);

	return store_run_checked(&content, b, sink, NULL, NULL, err);
}
