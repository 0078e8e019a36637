/* varlink/image.c: images: which there are, and the filters that choose among them. */
#include <fnmatch.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "varlink/images.h"
#include "varlink/translate.h"

static bool names_match(struct json_object *image, struct str want)
{
	CLEANUP(buf_done) struct buf pattern = BUF_INIT(4096);
	struct json_object *tags = js_get(image, "repoTags");

	/* As podman does it: anywhere in the name. */
	buf_addf(&pattern, "*%.*s*", STR_ARG(want));
	for (size_t i = 0; i < js_len(tags); i++)
		if (fnmatch(buf_z(&pattern), json_object_get_string(js_at(tags, i)), 0) == 0)
			return true;
	return false;
}

static bool label_matches(struct json_object *image, struct str want)
{
	struct str key, value;
	bool with_value = str_cut(want, '=', &key, &value);
	CLEANUP(free_p) char *name = str_dup(key);
	struct json_object *label = name ? js_get(js_get(image, "labels"), name) : NULL;

	return label && (!with_value || str_eq(js_text(label), value));
}

static bool is_image(struct json_object *image, struct str name)
{
	struct json_object *tags = js_get(image, "repoTags");
	CLEANUP(buf_done) struct buf tagged = BUF_INIT(4096);

	if (name.n >= 3 && str_starts(js_text(js_get(image, "id")), name))
		return true;
	buf_addf(&tagged, "%.*s:latest", STR_ARG(name));
	for (size_t i = 0; i < js_len(tags); i++) {
		struct str tag = js_text(js_at(tags, i)), short_name;

		if (str_eq(tag, name) || str_eq(tag, buf_str(&tagged)))
			return true;
		str_cut(tag, '/', NULL, &short_name);
		if (str_eq(short_name, name) || str_eq(short_name, buf_str(&tagged)))
			return true;
	}
	return false;
}

static int64_t created_of(struct json_object *image)
{
	struct instant t;

	return instant_parse_rfc3339(js_text(js_get(image, "created")), &t) ? t.s : 0;
}

static int is_before(const struct image_pick *p, struct json_object *image, struct str other, bool before, struct error *err)
{
	for (size_t i = 0; i < js_len(p->all); i++) {
		struct json_object *o = js_at(p->all, i);

		if (is_image(o, other))
			return before ? created_of(image) < created_of(o) : created_of(image) > created_of(o);
	}
	return error_set(err, ERR_NOT_FOUND, "unable to find a name and tag match for %.*s in repotags: no such image",
			 STR_ARG(other));
}

/* 1, 0, or an error. */
static int passes(const struct image_pick *p, struct json_object *image, const char *filter, struct error *err)
{
	struct str key, value;

	str_cut(str_from(filter), '=', &key, &value);
	if (str_eq(key, STR("reference")))
		return names_match(image, value);
	if (str_eq(key, STR("label")))
		return label_matches(image, value);
	if (str_eq(key, STR("dangling")))
		return (js_len(js_get(image, "repoTags")) == 0) == str_eq(value, STR("true"));
	if (str_eq(key, STR("before")) || str_eq(key, STR("since")))
		return is_before(p, image, value, str_eq(key, STR("before")), err);
	return 1;
}

static bool is_ours(const char *filter)
{
	static const char *const keys[] = { "reference=", "label=", "dangling=", "before=", "since=" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strncmp(filter, keys[i], strlen(keys[i])) == 0)
			return true;
	return false;
}

int images_pass(const struct image_pick *p, struct json_object *image, struct error *err)
{
	int r = 1;

	for (size_t i = 0; r > 0 && p->filters && i < p->filters->n; i++)
		r = passes(p, image, p->filters->v[i], err);
	return r;
}

int images_find(struct host *h, const struct strv *filters, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL, *others = json_object_new_array();
	struct json_object *in = NULL, *images;
	bool filtered;
	int r;

	for (size_t i = 0; filters && i < filters->n; i++)
		if (!is_ours(filters->v[i]))
			json_object_array_add(others, js_str(filters->v[i]));
	filtered = js_len(others) > 0;
	if (filtered && !host_at_least(h, 1, 8, 0))
		return engine_unsupported(&h->engine, err, "the filter %s", json_object_get_string(js_at(others, 0)));
	if (filtered) {
		in = json_object_new_object();
		js_set(in, "filters", ptr_take(&others));
	}
	r = host_ask(h, filtered ? "ListImagesWithFilters" : "ListImages", in, &reply, err);
	if (r < 0)
		return r;
	images = js_get(reply, "images");
	*ret = images ? json_object_get(images) : json_object_new_array();
	return 0;
}

int host_image_list(struct engine *e, const struct image_list_req *q, item_fn *each, void *ctx, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *images = NULL;
	struct image_pick pick = { .filters = q->filters };
	int r = images_find(host_of(e), q->filters, &images, err);

	pick.all = images;
	for (size_t i = 0; r >= 0 && i < js_len(images); i++) {
		CLEANUP(js_put_p) struct json_object *item = NULL;
		struct json_object *image = js_at(images, i);

		/* Steps of a build. */
		if (!q->all && js_len(js_get(image, "repoTags")) == 0 && js_get_bool(image, "isParent", false))
			continue;
		r = images_pass(&pick, image, err);
		if (r <= 0)
			continue;
		item = translate_image(image);
		r = each(ctx, item, err);
	}
	return r < 0 ? r : 0;
}
