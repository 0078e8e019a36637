/* rest/image_more.c: names and history of images, search, prune, what changed in a file system. */
#include <string.h>

#include "base/cleanup.h"
#include "rest/rest.h"

static struct json_object *empty_list(void)
{
	return json_object_new_array();
}

/* A list, where the services may send null for an empty one. */
static int get_list(struct rest *r, const struct rest_req *q, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	int n = rest_call(r, q, &o, err);

	if (n < 0)
		return n;
	if (o && !json_object_is_type(o, json_type_array) && !json_object_is_type(o, json_type_null))
		return error_set(err, ERR_PROTOCOL, "the reply is not the list that was asked for");
	*ret = json_object_is_type(o, json_type_array) ? ptr_take(&o) : empty_list();
	return 0;
}

int rest_image_history(struct engine *e, const char *name, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;

	rest_path(&url, rest_of(e), "/images/{}/history", name);
	return get_list(rest_of(e), &(struct rest_req){ .method = "GET", .url = &url, .timeout_ms = engine_reply_ms() }, ret, err);
}

static int change_name(struct rest *r, const char *path, const char *name, const char *as, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	rest_path(&url, r, path, name);
	n = as ? rest_query_name(&url, as, "latest", err) : 0;
	if (n < 0)
		return n;
	n = rest_call(r, &(struct rest_req){ .method = "POST", .url = &url, .timeout_ms = engine_reply_ms() }, NULL, err);
	return n < 0 ? n : 0;
}

int rest_image_tag(struct engine *e, const char *name, const char *as, struct error *err)
{
	return change_name(rest_of(e), "/images/{}/tag", name, as, err);
}

int rest_image_untag(struct engine *e, const char *name, const char *tag, struct error *err)
{
	return change_name(rest_of(e), "/images/{}/untag", name, tag, err);
}

int rest_image_search(struct engine *e, const struct search_req *q, struct json_object **ret, struct error *err)
{
	struct rest *r = rest_of(e);
	CLEANUP(buf_done) struct buf url = URL_INIT, headers = BUF_INIT(HTTP_MAX_HEAD);
	int n;

	if (q->list_tags && !rest_at_least(r, 3, 0, 0))
		return engine_unsupported(e, err, "search --list-tags");
	rest_path(&url, r, "/images/search", NULL);
	rest_query(&url, "term", q->term);
	if (q->limit > 0)
		rest_query_int(&url, "limit", q->limit);
	if (q->list_tags)
		rest_query_bool(&url, "listTags", true);
	n = rest_query_filters(&url, q->filters, err);
	if (n >= 0)
		n = rest_auth_header(&headers, "X-Registry-Auth", q->auth, err);
	if (n < 0)
		return n;
	if (q->tls_verify >= 0)
		rest_query_bool(&url, "tlsVerify", q->tls_verify);
	return get_list(r, &(struct rest_req){ .method = "GET", .url = &url, .headers = buf_z(&headers), .what = "search" }, ret,
			err);
}

int rest_image_tree(struct engine *e, const char *name, bool what_requires, char **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	rest_path(&url, rest_of(e), "/images/{}/tree", name);
	rest_query_bool(&url, "whatrequires", what_requires);
	n = rest_get(rest_of(e), &url, "image tree", &o, err);
	if (n < 0)
		return n;
	if (!js_get(o, "Tree"))
		return error_set(err, ERR_PROTOCOL, "the service told no tree of %s", name);
	*ret = str_dup(js_text(js_get(o, "Tree")));
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "image tree: out of memory");
}

/* {Id, Size, Err} of a row as 2.x ("ID", or only the ID as text) and later send it. */
static struct json_object *pruned_row(struct json_object *row)
{
	struct json_object *o = json_object_new_object(), *why = js_get(row, "Err");

	if (json_object_is_type(row, json_type_string))
		js_set_str(o, "Id", json_object_get_string(row));
	else
		js_set_str(o, "Id", js_get_str(row, "Id", js_get_str(row, "ID", "")));
	js_set_int(o, "Size", js_get_int(row, "Size", 0));
	js_set(o, "Err", json_object_is_type(why, json_type_string) ? json_object_get(why) : NULL);
	return o;
}

int rest_image_prune(struct engine *e, const struct image_prune_req *q, struct json_object **ret, struct error *err)
{
	struct rest *r = rest_of(e);
	CLEANUP(js_put_p) struct json_object *rows = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	struct json_object *out;
	int n;

	if (q->external && !rest_at_least(r, 4, 0, 0))
		return engine_unsupported(e, err, "image prune --external");
	if (q->build_cache && !rest_at_least(r, 5, 4, 0))
		return engine_unsupported(e, err, "image prune --build-cache");
	rest_path(&url, r, "/images/prune", NULL);
	rest_query_bool(&url, "all", q->all);
	if (q->external)
		rest_query_bool(&url, "external", true);
	if (q->build_cache)
		rest_query_bool(&url, "buildcache", true);
	n = rest_query_filters(&url, q->filters, err);
	if (n >= 0)
		n = get_list(r, &(struct rest_req){ .method = "POST", .url = &url }, &rows, err);
	if (n < 0)
		return n;
	out = empty_list();
	for (size_t i = 0; i < js_len(rows); i++)
		json_object_array_add(out, pruned_row(js_at(rows, i)));
	*ret = out;
	return 0;
}

int rest_diff(struct engine *e, enum object_kind kind, const char *name, const char *other, struct json_object **ret,
	      struct error *err)
{
	struct rest *r = rest_of(e);
	CLEANUP(buf_done) struct buf url = URL_INIT;

	if (other && !rest_at_least(r, 4, 0, 0))
		return engine_unsupported(e, err, "diff of two");
	rest_path(&url, r, kind == OBJECT_IMAGE ? "/images/{}/changes" : "/containers/{}/changes", name);
	rest_query(&url, "parent", other);
	if (other)
		rest_query(&url, "difftype", "all");
	return get_list(r, &(struct rest_req){ .method = "GET", .url = &url, .what = "diff" }, ret, err);
}
