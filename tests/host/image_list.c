#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "container.h"
#include "gojson.h"
#include "image.h"
#include "image_words.h"
#include "methods.h"
#include "words.h"

/* The lists have the digest and not the layer, GetImage the layer and not the digest. */
static struct json_object *image_entry(const struct host *h, const struct image *i, bool listed)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "id", i->id);
	js_set(o, "digest", listed ? image_digest_text(i->digest) : js_str(""));
	if (h->version != V162)
		js_set(o, "digests", NULL);
	js_set_str(o, "parentId", "");
	js_set(o, "repoTags", words_array_or_null(&i->names));
	js_set(o, "repoDigests", image_repo_digests(h, i));
	js_set(o, "created", words_time_s(i->created));
	js_set_int(o, "size", i->size_bytes);
	js_set_int(o, "virtualSize", 0);
	js_set_int(o, "containers", (int64_t)image_containers(h, i));
	js_set(o, "labels", json_object_get(i->labels));
	js_set_bool(o, "isParent", listed && image_has_children(h, i));
	js_set_str(o, "topLayer", listed ? "" : image_layer_id(i));
	js_set_bool(o, "readOnly", false);
	if (h->version != V162)
		js_set(o, "history", words_array(&i->old_names));
	return o;
}

void podman_list_images(struct call *c)
{
	struct json_object *list = NULL;

	for (const struct image *i = c->host->images; i; i = i->next) {
		if (!list)
			list = json_object_new_array();
		json_object_array_add(list, image_entry(c->host, i, true));
	}
	reply_one(c, "images", list);
}

/* "busy*", "localhost/busybox", "busybox:latest": a pattern over the name, over its last part, with the tag or without. */
static bool name_like(const char *name, const char *pattern)
{
	const char *colon = strrchr(name, ':'), *slash = strrchr(name, '/');
	CLEANUP(free_p) char *bare = str_dup((struct str){ name, (size_t)(colon - name) });
	const char *last = bare ? strrchr(bare, '/') : NULL;

	if (fnmatch(pattern, name, 0) == 0 || (slash && fnmatch(pattern, slash + 1, 0) == 0))
		return true;
	return bare && (fnmatch(pattern, bare, 0) == 0 || (last && fnmatch(pattern, last + 1, 0) == 0));
}

static bool reference_matches(const struct image *i, const char *pattern)
{
	for (size_t k = 0; k < i->names.n; k++)
		if (name_like(i->names.v[k], pattern))
			return true;
	return false;
}

static bool label_matches(const struct image *i, struct str value)
{
	struct str key, want;
	bool with_value = str_cut(value, '=', &key, &want);
	CLEANUP(free_p) char *k = str_dup(key);
	struct json_object *have = k ? js_get(i->labels, k) : NULL;

	return have && (!with_value || str_eq(js_text(have), want));
}

static bool filter_matches(struct host *h, const struct image *i, struct str key, const char *value)
{
	struct image *other;

	if (str_eq_z(key, "reference"))
		return !*value || reference_matches(i, value);
	if (str_eq_z(key, "dangling"))
		return (i->names.n == 0) == (strcmp(value, "true") == 0);
	if (str_eq_z(key, "label"))
		return label_matches(i, str_from(value));
	other = image_find(h, value, NULL);
	if (!other)
		return false;
	return str_eq_z(key, "before") ? i->created.s < other->created.s : i->created.s > other->created.s;
}

static bool filter_known(struct str key)
{
	static const char *const keys[] = { "reference", "dangling", "label", "before", "after", "since" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (str_eq_z(key, keys[i]))
			return true;
	return false;
}

void podman_list_images_with_filters(struct call *c)
{
	struct json_object *filters = js_get(c->params, "filters"), *list = NULL;
	struct str key, value;

	for (size_t k = 0; k < js_len(filters); k++) {
		str_cut(js_text(js_at(filters, k)), '=', &key, &value);
		if (!filter_known(key)) {
			reply_error_occurred(c, "unable to get list of images \"invalid filter %.*s \"", STR_ARG(key));
			return;
		}
	}
	for (const struct image *i = c->host->images; i; i = i->next) {
		bool wanted = true;

		for (size_t k = 0; k < js_len(filters); k++) {
			str_cut(js_text(js_at(filters, k)), '=', &key, &value);
			wanted = wanted && filter_matches(c->host, i, key, value.p ? value.p : "");
		}
		if (!wanted)
			continue;
		if (!list)
			list = json_object_new_array();
		json_object_array_add(list, image_entry(c->host, i, true));
	}
	reply_one(c, "images", list);
}

void podman_get_image(struct call *c)
{
	struct image *i = image_named(c, "id");

	if (i)
		reply_one(c, "image", image_entry(c->host, i, false));
}

void podman_image_exists(struct call *c)
{
	reply_one(c, "exists", json_object_new_int(image_find(c->host, call_str(c, "name"), NULL) ? 0 : 1));
}
