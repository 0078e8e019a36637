#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "gojson.h"
#include "image.h"
#include "image_config.h"
#include "manifest.h"
#include "pack.h"
#include "tree.h"

enum { CONFIG_MAX = 8 * 1024 * 1024 };

void image_free(struct image *i)
{
	strv_done(&i->names);
	strv_done(&i->old_names);
	strv_done(&i->entrypoint);
	strv_done(&i->command);
	strv_done(&i->env);
	json_object_put(i->config);
	free(i->config_text);
	free(i);
}

void images_free(struct host *h)
{
	while (h->images) {
		struct image *i = h->images;

		h->images = i->next;
		image_free(i);
	}
}

const char *image_layer_id(const struct image *i)
{
	return i->top ? i->top->id : "";
}

struct json_object *image_history(const struct image *i)
{
	return js_get(i->config, "history");
}

static void take_texts(struct strv *to, struct json_object *array)
{
	for (size_t i = 0; i < js_len(array); i++)
		strv_add_str(to, js_text(js_at(array, i)));
}

static void read_config(struct image *i)
{
	struct json_object *run = js_get(i->config, "config");
	const char *workdir = js_get_str(run, "WorkingDir", "");

	instant_parse_rfc3339(str_from(js_get_str(i->config, "created", "")), &i->created);
	take_texts(&i->entrypoint, js_get(run, "Entrypoint"));
	take_texts(&i->command, js_get(run, "Cmd"));
	take_texts(&i->env, js_get(run, "Env"));
	i->workdir = *workdir ? workdir : "/";
	i->user = js_get_str(run, "User", "");
	i->labels = js_get(run, "Labels");
}

static struct image *find_exactly(const struct host *h, const char *id)
{
	for (struct image *i = h->images; i; i = i->next)
		if (strcmp(i->id, id) == 0)
			return i;
	return NULL;
}

static void set_digest(struct image *i)
{
	CLEANUP(buf_done) struct buf manifest = BUF_INIT(1024 * 1024);

	manifest_add(&manifest, i, i->docker, NULL);
	layer_text_digest(buf_str(&manifest), i->digest);
}

int image_add(struct host *h, struct str config_text, struct layer *top, bool docker, struct image **ret, struct error *err)
{
	struct image *i, **p = &h->images;
	char id[65];

	layer_text_digest(config_text, id);
	*ret = find_exactly(h, id);
	if (*ret)
		return 0;
	i = calloc(1, sizeof *i);
	if (!i || !(i->config_text = str_dup(config_text))) {
		free(i);
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	if (js_parse(config_text, "image configuration", &i->config, err) < 0) {
		image_free(i);
		return -ERR_PROTOCOL;
	}
	memcpy(i->id, id, sizeof id);
	i->top = top;
	i->docker = docker;
	i->size_bytes = layer_total_bytes(top) + (int64_t)config_text.n;
	read_config(i);
	set_digest(i);
	while (*p)
		p = &(*p)->next;
	*p = *ret = i;
	return 0;
}

int image_add_object(struct host *h, struct json_object *config, struct layer *top, bool docker, struct image **ret,
		     struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(CONFIG_MAX);

	image_config_set_layers(config, top);
	gojson_add(&text, config);
	return text.failed ? error_set(err, ERR_SYSTEM, "image configuration is too large")
			   : image_add(h, buf_str(&text), top, docker, ret, err);
}

/* The layer of the image that every host has; its files are the base's. */
static int base_layer(struct host *h, struct layer **ret, struct error *err)
{
	CLEANUP(free_p) char *base = host_path(h, "base", NULL);
	CLEANUP(free_p) char *tar = layer_new_tar(h);
	int r;

	if (!base || !tar)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = pack_tree(base, tar, err);
	if (r == 0)
		r = layer_add(h, NULL, tar, ret, err);
	if (r == 0)
		(*ret)->tree = ptr_take(&base);
	return r;
}

int image_add_small(struct host *h, const char *full_name, const char *seed, struct image **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *config = image_config_new((struct instant){ .s = TREE_BASE_TIME_S });
	CLEANUP(buf_done) struct buf created_by = BUF_INIT(1024);
	char id[65];
	int r;

	if (*seed) {
		layer_text_digest(str_from(seed), id);
		js_set_str(config, "container", id);
	}
	image_config_set_command(config, "Cmd", STR("[\"/bin/sh\"]"), NULL);
	buf_addf(&created_by, "/bin/sh -c #(nop) ADD file:%s in / ", h->layers->digest);
	image_config_add_history(config, (struct instant){ .s = TREE_BASE_TIME_S }, buf_z(&created_by), "",
				 *seed ? "" : "imported from tarball", false);
	r = image_add_object(h, config, h->layers, true, ret, err);
	if (r == 0)
		image_add_name(h, *ret, full_name);
	return r;
}

int images_open(struct host *h, struct error *err)
{
	struct layer *base;
	struct image *image;
	int r = base_layer(h, &base, err);

	return r < 0 ? r : image_add_small(h, "localhost/busybox:latest", "", &image, err);
}

/* ---- steps of a build upon each other ----------------------------------------------------------------------------------------- */

static bool starts_with_history(struct json_object *whole, struct json_object *start)
{
	if (js_len(start) >= js_len(whole))
		return false;
	for (size_t k = 0; k < js_len(start); k++)
		if (!json_object_equal(js_at(whole, k), js_at(start, k)))
			return false;
	return true;
}

static bool layer_is_below(const struct layer *below, const struct layer *l)
{
	for (; l; l = l->parent)
		if (l == below)
			return true;
	return !below;
}

bool image_descends(const struct image *i, const struct image *base)
{
	return i != base && layer_is_below(base->top, i->top) && starts_with_history(image_history(i), image_history(base));
}

struct image *image_find_child(const struct host *h, const struct image *base, const char *created_by)
{
	size_t n = js_len(image_history(base));

	for (struct image *i = h->images; i; i = i->next)
		if (image_descends(i, base) && js_len(image_history(i)) == n + 1 &&
		    strcmp(js_get_str(js_at(image_history(i), n), "created_by", ""), created_by) == 0)
			return i;
	return NULL;
}

bool image_has_children(const struct host *h, const struct image *i)
{
	for (const struct image *other = h->images; other; other = other->next)
		if (image_descends(other, i))
			return true;
	return false;
}

void image_remove_orphans(struct host *h, struct json_object *gone_history)
{
	for (struct image *i = h->images, *next; i; i = next) {
		next = i->next;
		if (i->names.n || image_containers(h, i) || image_has_children(h, i) ||
		    !starts_with_history(gone_history, image_history(i)))
			continue;
		image_remove(h, i);
		/* The one before it may be alone now. */
		next = h->images;
	}
}
