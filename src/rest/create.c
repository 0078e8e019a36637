/* rest/create.c: containers/create, and pods/create before it for --pod new:NAME. */
#include "base/cleanup.h"
#include "rest/rest.h"
#include "rest/spec.h"

static int post(struct rest *r, const char *path, struct json_object *body, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	rest_path(&url, r, path, NULL);
	n = rest_call(r, &(struct rest_req){ .method = "POST", .url = &url, .body = body, .timeout_ms = engine_reply_ms() }, ret,
		      err);
	return n < 0 ? n : 0;
}

/* The pod that was made for a container that could not be made. */
static void remove_pod(struct rest *r, const char *name)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;

	rest_path(&url, r, "/pods/{}", name);
	rest_query_bool(&url, "force", true);
	rest_call(r, &(struct rest_req){ .method = "DELETE", .url = &url, .timeout_ms = engine_reply_ms() }, NULL, NULL);
}

static int take_reply(struct json_object *reply, char **ret_id, struct strv *ret_warnings, struct error *err)
{
	const char *id = js_get_str(reply, "Id", js_get_str(reply, "ID", ""));
	struct json_object *warnings = js_get(reply, "Warnings");

	if (!*id)
		return error_set(err, ERR_PROTOCOL, "the service made a container and told no ID");
	for (size_t i = 0; ret_warnings && i < js_len(warnings); i++)
		strv_add(ret_warnings, json_object_get_string(js_at(warnings, i)));
	*ret_id = z_dup(id);
	return *ret_id ? 0 : error_set(err, ERR_SYSTEM, "create: out of memory");
}

int rest_container_create(struct engine *e, const struct create_req *q, char **ret_id, struct strv *ret_warnings, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *body = NULL, *pod = NULL, *reply = NULL;
	int r = spec_build(e, q, &body, err);

	if (r == 0)
		r = spec_take_pod(body, q, &pod, err);
	if (r == 0 && pod)
		r = post(rest_of(e), "/pods/create", pod, NULL, err);
	if (r < 0)
		return r;
	r = post(rest_of(e), "/containers/create", body, &reply, err);
	if (r < 0 && pod)
		remove_pod(rest_of(e), js_get_str(pod, "name", ""));
	return r < 0 ? r : take_reply(reply, ret_id, ret_warnings, err);
}
