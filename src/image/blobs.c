#include "image/blobs.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/js.h"
#include "base/log.h"
#include "base/path.h"

struct blob_cache {
	struct json_object *all;   /* the array */
	struct json_object *added; /* since it was read */
	struct json_object *forgotten;
};

static char *file_path(void)
{
	CLEANUP(free_p) char *home = path_cache_home();

	return home ? path_join(home, "farpod/blobs.json") : NULL;
}

static const char *text(struct json_object *entry, const char *key)
{
	return js_get_str(entry, key, "");
}

static bool is_entry(struct json_object *e)
{
	return *text(e, "registry") && *text(e, "repository") && digest_valid(js_text(js_get(e, "content"))) &&
	       digest_valid(js_text(js_get(e, "digest"))) && js_get_int(e, "size", -1) >= 0;
}

/* The entries of the file that can be used; never NULL but without memory. */
static struct json_object *read_entries(void)
{
	CLEANUP(free_p) char *path = file_path();
	CLEANUP(buf_done) struct buf b = BUF_INIT(BLOBS_MAX_BYTES);
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	CLEANUP(error_done) struct error why = ERROR_INIT;
	struct json_object *all = json_object_new_array(), *blobs;

	if (!path || path_read(path, &b, &why) < 0 || js_parse(buf_str(&b), path, &doc, &why) < 0) {
		log_debug("blob cache: %s", why.text ? why.text : "no folder for it");
		return all;
	}
	blobs = js_get_int(doc, "version", 0) == 1 ? js_get(doc, "blobs") : NULL;
	for (size_t i = 0; i < js_len(blobs) && i < BLOBS_MAX; i++)
		if (is_entry(js_at(blobs, i)))
			json_object_array_add(all, json_object_get(js_at(blobs, i)));
	return all;
}

int blobs_open(struct blob_cache **ret, struct error *err)
{
	struct blob_cache *c = calloc(1, sizeof *c);

	if (c) {
		c->all = read_entries();
		c->added = json_object_new_array();
		c->forgotten = json_object_new_array();
	}
	if (!c || !c->all || !c->added || !c->forgotten) {
		blobs_close_p(&c);
		return error_set(err, ERR_SYSTEM, "blob cache: out of memory");
	}
	*ret = c;
	return 0;
}

void blobs_close_p(struct blob_cache **c)
{
	if (*c) {
		json_object_put((*c)->all);
		json_object_put((*c)->added);
		json_object_put((*c)->forgotten);
	}
	free(ptr_take(c));
}

static struct cached_blob blob_of(struct json_object *e)
{
	return (struct cached_blob){ .registry = text(e, "registry"), .repository = text(e, "repository"), .content = text(e, "content"),
				     .digest = text(e, "digest"), .type = text(e, "type"), .size = js_get_int(e, "size", 0) };
}

/* 0 this repository, 1 this registry, 2 elsewhere. */
static int distance(struct json_object *e, const char *registry, const char *repository)
{
	if (strcmp(text(e, "registry"), registry) != 0)
		return 2;
	return strcmp(text(e, "repository"), repository) != 0;
}

static bool listed(const struct cached_blob *v, size_t n, const char *digest)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].digest, digest) == 0)
			return true;
	return false;
}

size_t blobs_find(struct blob_cache *c, const char *registry, const char *repository, const char *content, struct cached_blob *ret, size_t max)
{
	size_t n = 0;

	for (int d = 0; d <= 2; d++)
		for (size_t i = js_len(c->all); n < max && i-- > 0;) {
			struct json_object *e = js_at(c->all, i);

			if (distance(e, registry, repository) == d && strcmp(text(e, "content"), content) == 0 && !listed(ret, n, text(e, "digest")))
				ret[n++] = blob_of(e);
		}
	return n;
}

static struct json_object *entry_new(const struct cached_blob *b)
{
	struct json_object *e = json_object_new_object();

	js_set_str(e, "registry", b->registry);
	js_set_str(e, "repository", b->repository);
	js_set_str(e, "content", b->content);
	js_set_str(e, "digest", b->digest);
	js_set_int(e, "size", b->size);
	js_set_str(e, "type", b->type);
	return e;
}

static void drop(struct json_object *all, size_t i)
{
	json_object_array_del_idx(all, i, 1);
}

/* Puts e (shared) behind the others in place of an older one with the same content and type. */
static void put(struct json_object *all, struct json_object *e)
{
	for (size_t i = js_len(all); i-- > 0;) {
		struct json_object *old = js_at(all, i);

		if (distance(old, text(e, "registry"), text(e, "repository")) == 0 && strcmp(text(old, "content"), text(e, "content")) == 0 &&
		    strcmp(text(old, "type"), text(e, "type")) == 0)
			drop(all, i);
	}
	json_object_array_add(all, json_object_get(e));
	while (js_len(all) > BLOBS_MAX)
		drop(all, 0);
}

void blobs_add(struct blob_cache *c, const struct cached_blob *b)
{
	CLEANUP(js_put_p) struct json_object *e = entry_new(b);

	if (!e || !is_entry(e))
		return;
	put(c->all, e);
	put(c->added, e);
}

static void forget(struct json_object *all, struct json_object *e)
{
	for (size_t i = js_len(all); i-- > 0;)
		if (distance(js_at(all, i), text(e, "registry"), text(e, "repository")) == 0 &&
		    strcmp(text(js_at(all, i), "digest"), text(e, "digest")) == 0)
			drop(all, i);
}

void blobs_forget(struct blob_cache *c, const char *registry, const char *repository, const char *digest)
{
	struct json_object *e = json_object_new_object();

	js_set_str(e, "registry", registry);
	js_set_str(e, "repository", repository);
	js_set_str(e, "digest", digest);
	forget(c->all, e);
	forget(c->added, e);
	json_object_array_add(c->forgotten, e);
}

static int write_entries(struct json_object *all, struct error *err)
{
	CLEANUP(free_p) char *path = file_path();
	CLEANUP(free_p) char *folder = path ? str_dup((struct str){ path, (size_t)(strrchr(path, '/') - path) }) : NULL;
	CLEANUP(js_put_p) struct json_object *doc = json_object_new_object();
	int r;

	if (!folder || !doc)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = path_make_dirs(folder, 0700, err);
	if (r < 0)
		return r;
	js_set_int(doc, "version", 1);
	js_set(doc, "blobs", json_object_get(all));
	return path_write_atomic(path, str_from(js_wire(doc)), 0600, err);
}

void blobs_save(struct blob_cache *c)
{
	CLEANUP(js_put_p) struct json_object *all = NULL;
	CLEANUP(error_done) struct error why = ERROR_INIT;

	if (js_len(c->added) == 0 && js_len(c->forgotten) == 0)
		return;
	all = read_entries();
	if (!all)
		return;
	for (size_t i = 0; i < js_len(c->forgotten); i++)
		forget(all, js_at(c->forgotten, i));
	for (size_t i = 0; i < js_len(c->added); i++)
		put(all, js_at(c->added, i));
	if (write_entries(all, &why) < 0)
		log_debug("blob cache: %s", why.text);
}
