/* varlink/image_more.c: what else there is to know about images and to do to them: history, search, prune, diff. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/units.h"
#include "varlink/images.h"
#include "varlink/translate.h"

/* ---- history and diff ------------------------------------------------------------------------------------------------ */

int host_image_history(struct engine *e, const char *name, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *history, *list;
	int r = host_ask(host_of(e), "HistoryImage", host_name(name), &reply, err);

	if (r < 0)
		return r;
	history = js_get(reply, "history");
	list = json_object_new_array();
	for (size_t i = 0; i < js_len(history); i++)
		json_object_array_add(list, translate_history(js_at(history, i), i == 0));
	*ret = list;
	return 0;
}

int host_diff(struct engine *e, enum object_kind kind, const char *name, const char *other, struct json_object **ret,
	      struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *diffs, *list;
	bool there = true;
	int r;

	if (other)
		return engine_unsupported(e, err, "diff of two objects");
	/* A name may be both an image's and a container's; the service would look for the image first. */
	r = host_exists(e, kind, name, &there, err);
	if (r < 0)
		return r;
	if (!there)
		return error_set(err, ERR_NOT_FOUND,
				 kind == OBJECT_IMAGE ? "%s: no such image"
						      : "no container with name or ID %s found: no such container",
				 name);
	r = host_ask(host_of(e), "Diff", host_name(name), &reply, err);
	if (r < 0)
		return r;
	diffs = js_get(reply, "diffs");
	list = json_object_new_array();
	for (size_t i = 0; i < js_len(diffs); i++)
		json_object_array_add(list, translate_change(js_at(diffs, i)));
	*ret = list;
	return 0;
}

/* ---- search ---------------------------------------------------------------------------------------------------------- */

static int search_filter(const char *filter, struct json_object *wire, struct error *err)
{
	struct str key, value;
	int64_t stars;
	bool yes = true;

	if (!str_cut(str_from(filter), '=', &key, &value))
		value = STR("true");
	if (str_eq(key, STR("stars")) && int_parse(value, &stars))
		js_set_int(wire, "star_count", stars);
	else if (str_eq(key, STR("is-official")) && bool_parse(value, &yes))
		js_set_bool(wire, "is_official", yes);
	else if (str_eq(key, STR("is-automated")) && bool_parse(value, &yes))
		js_set_bool(wire, "is_automated", yes);
	else
		return error_set(err, ERR_USAGE, "invalid filter \"%s\": is-official=BOOL, is-automated=BOOL or stars=NUMBER",
				 filter);
	return 0;
}

static int search_params(const struct engine *e, const struct search_req *q, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *in = json_object_new_object();
	struct json_object *filter = json_object_new_object();
	int r = 0;

	js_set(in, "filter", filter);
	if (q->auth)
		return engine_unsupported(e, err, "search with the credentials of this machine");
	if (q->list_tags)
		return engine_unsupported(e, err, "search --list-tags");
	if (q->tls_verify == 0)
		return engine_unsupported(e, err, "search --tls-verify=false");
	js_set_str(in, "query", q->term);
	if (q->limit > 0)
		js_set_int(in, "limit", q->limit);
	js_set_int(filter, "star_count", 0);
	for (size_t i = 0; r == 0 && q->filters && i < q->filters->n; i++)
		r = search_filter(q->filters->v[i], filter, err);
	if (r == 0)
		*ret = ptr_take(&in);
	return r;
}

int host_image_search(struct engine *e, const struct search_req *q, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *in = NULL, *results, *list;
	int r = search_params(e, q, &in, err);

	if (r == 0)
		r = host_call(host_of(e), "SearchImages", in, 0, &reply, err);
	if (r < 0)
		return r;
	results = js_get(reply, "results");
	list = json_object_new_array();
	for (size_t i = 0; i < js_len(results); i++)
		json_object_array_add(list, translate_found_image(js_at(results, i)));
	*ret = list;
	return 0;
}

/* ---- prune ----------------------------------------------------------------------------------------------------------- */

static int64_t size_of_image(struct json_object *images, struct str id)
{
	for (size_t i = 0; i < js_len(images); i++)
		if (str_eq(js_text(js_get(js_at(images, i), "id")), id))
			return js_get_int(js_at(images, i), "size", 0);
	return 0;
}

static struct json_object *pruned_element(struct json_object *images, struct str id, const char *failure)
{
	struct json_object *o = json_object_new_object();

	js_set(o, "Id", js_strn(id));
	js_set(o, "Err", failure ? js_str(failure) : NULL);
	js_set_int(o, "Size", failure ? 0 : size_of_image(images, id));
	return o;
}

static int prune_all(struct host *h, bool all, struct json_object *images, struct json_object *list, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *in = json_object_new_object(), *pruned;
	int r;

	js_set_bool(in, "all", all);
	js_set(in, "filter", json_object_new_array());
	r = host_call(h, "ImagesPrune", in, 0, &reply, err);
	pruned = js_get(reply, "pruned");
	for (size_t i = 0; r == 0 && i < js_len(pruned); i++)
		json_object_array_add(list, pruned_element(images, js_text(js_at(pruned, i)), NULL));
	return r;
}

/* "24h" or a point in time: older ones pass. 1, 0, ERR_USAGE. */
static int is_old(struct json_object *image, struct str until, struct error *err)
{
	struct instant created, limit = instant_now();
	int64_t ns;

	if (duration_parse(until, &ns))
		limit.s -= ns / 1000000000;
	else if (int_parse(until, &ns))
		limit.s = ns;
	else if (!instant_parse_rfc3339(until, &limit))
		return error_set(err, ERR_USAGE, "until=%.*s is no time", STR_ARG(until));
	return instant_parse_rfc3339(js_text(js_get(image, "created")), &created) && created.s < limit.s;
}

/* The filters that prune has and lists have not. */
static int passes_prune(const struct image_pick *pick, struct json_object *image, struct error *err)
{
	int r = 1;

	for (size_t i = 0; r > 0 && i < pick->filters->n; i++) {
		struct str key, value;

		str_cut(str_from(pick->filters->v[i]), '=', &key, &value);
		if (str_eq(key, STR("until")))
			r = is_old(image, value, err);
		else if (!str_eq(key, STR("label")) && !str_eq(key, STR("dangling")))
			r = error_set(err, ERR_USAGE, "invalid filter \"%s\": label=KEY[=VALUE], until=TIME or dangling=BOOL",
				      pick->filters->v[i]);
	}
	return r > 0 ? images_pass(pick, image, err) : r;
}

static int prune_one(struct host *h, struct json_object *images, struct str id, struct json_object *list, struct error *err)
{
	CLEANUP(error_done) struct error why = ERROR_INIT;
	CLEANUP(free_p) char *name = str_dup(id);
	struct json_object *in = host_name(name ? name : "");
	int r;

	js_set_bool(in, "force", false);
	r = host_call(h, "RemoveImage", in, 0, NULL, &why);
	if (r == -ERR_CONNECT || r == -ERR_PROTOCOL)
		return error_move(err, &why);
	/* One before took it along. */
	if (r != -ERR_NOT_FOUND)
		json_object_array_add(list, pruned_element(images, id, r < 0 ? why.text : NULL));
	return 0;
}

/* ImagesPrune takes filters and does not look at them. */
static int prune_filtered(struct host *h, const struct image_prune_req *q, struct json_object *images, struct json_object *list,
			  struct error *err)
{
	struct image_pick pick = { .filters = q->filters, .all = images };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < js_len(images); i++) {
		struct json_object *image = js_at(images, i);

		if (js_get_int(image, "containers", 0) > 0 || js_get_bool(image, "isParent", false) ||
		    (!q->all && js_len(js_get(image, "repoTags"))))
			continue;
		r = passes_prune(&pick, image, err);
		if (r > 0)
			r = prune_one(h, images, js_text(js_get(image, "id")), list, err);
	}
	return r < 0 ? r : 0;
}

int host_image_prune(struct engine *e, const struct image_prune_req *q, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *images = NULL, *list = json_object_new_array();
	int r;

	if (q->external || q->build_cache)
		return engine_unsupported(e, err, "image prune --%s", q->external ? "external" : "build-cache");
	/* For their sizes, which are not told. */
	r = images_find(host_of(e), NULL, &images, err);
	if (r == 0 && q->filters && q->filters->n)
		r = prune_filtered(host_of(e), q, images, list, err);
	else if (r == 0)
		r = prune_all(host_of(e), q->all, images, list, err);
	if (r == 0)
		*ret = ptr_take(&list);
	return r;
}
