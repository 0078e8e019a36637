/* rest/manifest.c: manifest lists. 4.0 gave them routes of their own (/manifests/NAME); the services before have /manifests/create, NAME/add
 * and so on. The path's version chooses between the two on newer services, so the forms must never be mixed. */
#include <string.h>

#include "base/cleanup.h"
#include "rest/push.h"

static int manifest_call(struct rest *r, const char *method, const struct buf *url, struct json_object *body, const char *auth,
			 struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf headers = BUF_INIT(HTTP_MAX_HEAD);
	int n = rest_auth_header(&headers, "X-Registry-Auth", auth, err);

	if (n < 0)
		return n;
	return rest_call(
		r, &(struct rest_req){ .method = method, .url = url, .body = body, .headers = buf_z(&headers), .what = "manifest" },
		ret, err);
}

/* Before 4.0 the routes have no place for it, except push's. */
static int query_tls(struct buf *url, const struct rest *r, int tls_verify, struct error *err)
{
	if (tls_verify == 0 && !rest_at_least(r, 4, 0, 0))
		return engine_unsupported(&r->engine, err, "manifest with --tls-verify=false");
	if (tls_verify >= 0)
		rest_query_bool(url, "tlsVerify", tls_verify);
	return 0;
}

static int create_url(struct buf *url, const struct rest *r, const struct manifest_create_req *q, struct error *err)
{
	bool old = !rest_at_least(r, 4, 0, 0);

	if (q->amend && !rest_at_least(r, 4, 3, 0))
		return engine_unsupported(&r->engine, err, "manifest create --amend");
	if (q->annotations && q->annotations->n && !rest_at_least(r, 5, 0, 0))
		return engine_unsupported(&r->engine, err, "manifest create --annotation");
	rest_path(url, r, old ? "/manifests/create" : "/manifests/{}", q->name);
	rest_query(url, "name", old ? q->name : NULL);
	rest_query_each(url, old ? "image" : "images", q->images);
	rest_query_bool(url, "all", q->all);
	if (q->amend)
		rest_query_bool(url, "amend", true);
	return query_tls(url, r, q->tls_verify, err);
}

/* KEY=VALUE texts as an object; owned by the caller. */
static int annotation_map(const struct strv *texts, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *map = json_object_new_object();

	for (size_t i = 0; texts && i < texts->n; i++) {
		CLEANUP(free_p) char *key = NULL;
		struct str k, v;

		if (!str_cut(str_from(texts->v[i]), '=', &k, &v) || k.n == 0)
			return error_set(err, ERR_USAGE, "no value given for annotation %s", texts->v[i]);
		key = str_dup(k);
		if (!key || !js_set(map, key, js_strn(v)))
			return error_set(err, ERR_SYSTEM, "annotation: out of memory");
	}
	*ret = ptr_take(&map);
	return 0;
}

int rest_manifest_create(struct engine *e, const struct manifest_create_req *q, char **ret_id, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL, *body = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n = create_url(&url, rest_of(e), q, err);

	if (n >= 0 && q->annotations && q->annotations->n) {
		struct json_object *map;

		n = annotation_map(q->annotations, &map, err);
		if (n >= 0) {
			body = json_object_new_object();
			js_set(body, "annotations", map);
		}
	}
	if (n >= 0)
		n = manifest_call(rest_of(e), "POST", &url, body, q->auth, &o, err);
	return n < 0 ? n : rest_take_id(js_get_str(o, "Id", NULL), q->name, ret_id, err);
}

static void set_given(struct json_object *o, const char *key, const char *value)
{
	if (value && *value)
		js_set_str(o, key, value);
}

static void set_list(struct json_object *o, const char *key, const struct strv *values)
{
	if (values && values->n)
		js_set(o, key, js_strv(values->v, values->n));
}

/* The body of all changes; before 4.0 the same names without the operation. */
static int change_body(const struct rest *r, const struct manifest_change_req *q, const char *operation, struct json_object **ret,
		       struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = json_object_new_object();
	struct json_object *map;
	int n = annotation_map(q->annotations, &map, err);

	if (n < 0)
		return n;
	if (json_object_object_length(map) == 0)
		json_object_put(map);
	else
		js_set(o, q->index ? "index_annotations" : rest_at_least(r, 4, 0, 0) ? "annotations" : "annotation", map);
	if (operation)
		js_set_str(o, "operation", operation);
	if (!q->index) /* else it is about none of them */
		set_list(o, "images", q->images);
	if (q->all)
		js_set_bool(o, "all", true);
	set_given(o, "arch", q->arch);
	set_given(o, "os", q->os);
	set_given(o, "os_version", q->os_version);
	set_given(o, "variant", q->variant);
	set_list(o, "features", q->features);
	set_list(o, "os_features", q->os_features);
	*ret = ptr_take(&o);
	return 0;
}

/* A change may fail for some of the images, with status 409 or 200. */
static int change_result(struct json_object *o, const char *name, char **ret_id, struct error *err)
{
	struct json_object *errors = js_get_any(o, "errors", "Errors", NULL);
	const char *first = json_object_get_string(js_at(errors, 0));

	if (first)
		return rest_error_text(500, first, err);
	return rest_take_id(js_get_str(o, "Id", js_get_str(o, "ID", NULL)), name, ret_id, err);
}

static int change(struct rest *r, const struct manifest_change_req *q, const char *method, const char *path, const char *operation,
		  char **ret_id, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *body = NULL, *o = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n = change_body(r, q, operation, &body, err);

	if (n < 0)
		return n;
	rest_path(&url, r, path, q->name);
	n = query_tls(&url, r, q->tls_verify, err);
	if (n < 0)
		return n;
	n = manifest_call(r, method, &url, body, q->auth, &o, err);
	return n < 0 ? n : change_result(o, q->name, ret_id, err);
}

int rest_manifest_add(struct engine *e, const struct manifest_change_req *q, char **ret_id, struct error *err)
{
	if (!rest_at_least(rest_of(e), 4, 0, 0))
		return change(rest_of(e), q, "POST", "/manifests/{}/add", NULL, ret_id, err);
	return change(rest_of(e), q, "PUT", "/manifests/{}", "update", ret_id, err);
}

int rest_manifest_annotate(struct engine *e, const struct manifest_change_req *q, char **ret_id, struct error *err)
{
	if (!rest_at_least(rest_of(e), 4, 0, 0))
		return engine_unsupported(e, err, "manifest annotate");
	if (q->index && !rest_at_least(rest_of(e), 5, 0, 0))
		return engine_unsupported(e, err, "manifest annotate --index");
	return change(rest_of(e), q, "PUT", "/manifests/{}", "annotate", ret_id, err);
}

int rest_manifest_remove(struct engine *e, const struct manifest_change_req *q, char **ret_id, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	if (!q->images || q->images->n != 1)
		return error_set(err, ERR_USAGE, "manifest remove takes one digest");
	if (rest_at_least(rest_of(e), 4, 0, 0))
		return change(rest_of(e), q, "PUT", "/manifests/{}", "remove", ret_id, err);
	rest_path(&url, rest_of(e), "/manifests/{}", q->name);
	rest_query(&url, "digest", q->images->v[0]);
	n = manifest_call(rest_of(e), "DELETE", &url, NULL, q->auth, &o, err);
	return n < 0 ? n : change_result(o, q->name, ret_id, err);
}

int rest_manifest_inspect(struct engine *e, const char *name, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	rest_path(&url, rest_of(e), "/manifests/{}/json", name);
	n = rest_call(rest_of(e), &(struct rest_req){ .method = "GET", .url = &url, .what = "manifest inspect" }, &o, err);
	if (n < 0)
		return n;
	if (!json_object_is_type(o, json_type_object))
		return error_set(err, ERR_PROTOCOL, "the service told nothing about %s", name);
	*ret = ptr_take(&o);
	return 0;
}

int rest_manifest_exists(struct engine *e, const char *name, bool *ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	if (rest_at_least(rest_of(e), 3, 1, 0)) {
		rest_path(&url, rest_of(e), "/manifests/{}/exists", name);
		n = rest_get(rest_of(e), &url, "manifest exists", NULL, err);
	} else {
		n = rest_manifest_inspect(e, name, &o, err);
	}
	*ret = n >= 0;
	return n == -ERR_NOT_FOUND ? error_clear(err) : n < 0 ? n : 0;
}

/* Before 4.0 the digest comes as bare text when all is done. */
static int push_old(struct rest *r, const struct push_req *q, char **ret_digest, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT, headers = BUF_INIT(HTTP_MAX_HEAD), body = BUF_INIT(64 * 1024);
	struct http_reply reply;
	struct http *h;
	int n;

	rest_path(&url, r, "/manifests/{}/push", q->name);
	rest_query(&url, "destination", q->destination);
	n = push_query(r, &url, q, err);
	if (n >= 0)
		n = rest_auth_header(&headers, "X-Registry-Auth", q->auth, err);
	if (n >= 0)
		n = rest_send(
			r, &(struct rest_req){ .method = "POST", .url = &url, .headers = buf_z(&headers), .what = "manifest push" },
			&h, &reply, err);
	if (n < 0)
		return n;
	n = http_read_all(h, &body, 0, err);
	rest_release(r, h);
	if (n < 0)
		return rest_broken(r, err);
	*ret_digest = str_dup(str_trim(buf_str(&body)));
	return *ret_digest ? 0 : error_set(err, ERR_SYSTEM, "digest: out of memory");
}

int rest_manifest_push(struct engine *e, const struct push_req *q, progress_fn *progress, void *ctx, char **ret_digest,
		       struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;

	if (!rest_at_least(rest_of(e), 4, 0, 0))
		return push_old(rest_of(e), q, ret_digest, err);
	rest_path(&url, rest_of(e), "/manifests/{}/registry/", q->name);
	rest_escape(&url, q->destination);
	return push_send(rest_of(e), &url, q, progress, ctx, ret_digest, err);
}

int rest_manifest_delete(struct engine *e, const struct image_remove_req *q, struct json_object **ret, struct error *err)
{
	return rest_remove(rest_of(e), q, true, ret, err);
}
