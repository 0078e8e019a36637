/* rest/container.c: the operations on containers that are one request. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "rest/normalize.h"
#include "rest/split.h"

struct list_ctx {
	item_fn *each;
	void *ctx;
};

static int list_item(void *ctx, struct json_object *item, struct error *err)
{
	const struct list_ctx *c = ctx;

	normalize_container(item);
	return c->each(c->ctx, item, err);
}

int rest_container_list(struct engine *e, const struct container_list_req *q, item_fn *each, void *ctx, struct error *err)
{
	struct rest *r = rest_of(e);
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int64_t last = q->latest ? 1 : q->last;
	int n;

	rest_path(&url, r, "/containers/json", NULL);
	rest_query_bool(&url, "all", q->all || last > 0);
	rest_query_bool(&url, "size", q->size);
	rest_query_bool(&url, "sync", q->sync);
	rest_query_bool(&url, "namespace", q->namespaces);
	if (q->external)
		rest_query_bool(&url, "external", true);
	if (q->pod)
		rest_query_bool(&url, "pod", true);
	if (last > 0) {
		rest_query_int(&url, "last", last);
		rest_query_int(&url, "limit", last); /* 2.x reads this one only */
	}
	n = rest_query_filters(&url, q->filters, err);
	if (n < 0)
		return n;
	return rest_each(r, &(struct rest_req){ .method = "GET", .url = &url, .timeout_ms = engine_reply_ms() }, SPLIT_ARRAY,
			 list_item, &(struct list_ctx){ each, ctx }, err);
}

/* Most operations: POST without a body, nothing but the status in the reply. */
static int post(struct rest *r, const struct buf *url, const char *what, uint64_t timeout_ms, struct error *err)
{
	struct rest_req q = { .method = "POST", .url = url, .what = what, .timeout_ms = timeout_ms };
	int n = rest_call(r, &q, NULL, err);

	return n < 0 ? n : 0;
}

/* What the runtime says when the command of a container can't be started tells a missing one from one that can't be run. */
static int command_status(const char *text)
{
	static const char *const missing[] = { "not found", "no such file", "executable path is empty" };

	for (size_t i = 0; i < ARRAY_LEN(missing); i++)
		if (strcasestr(text, missing[i]))
			return 127;
	return 126;
}

int rest_command_failed(int r, struct error *err)
{
	if ((r != -ERR_REMOTE && r != -ERR_CONFLICT) || !err)
		return r;
	return error_exit_status(err, command_status(err->text ? err->text : ""));
}

int rest_container_start(struct engine *e, const char *name, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;

	rest_path(&url, rest_of(e), "/containers/{}/start", name);
	return rest_command_failed(post(rest_of(e), &url, NULL, engine_reply_ms(), err), err);
}

int rest_container_stop(struct engine *e, const struct stop_req *q, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;

	rest_path(&url, rest_of(e), "/containers/{}/stop", q->name);
	if (q->timeout_s >= 0) {
		rest_query_int(&url, "timeout", q->timeout_s);
		rest_query_int(&url, "t", q->timeout_s); /* the name on 2.x; 4.3.1 ignores it */
	}
	return post(rest_of(e), &url, NULL, 0, err);
}

int rest_container_kill(struct engine *e, const char *name, const char *signal, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;

	rest_path(&url, rest_of(e), "/containers/{}/kill", name);
	rest_query(&url, "signal", signal);
	return post(rest_of(e), &url, NULL, engine_reply_ms(), err);
}

/* The body is the number as text, which is JSON too, whatever its content type says. */
int rest_wait_code(struct json_object *o, int64_t *ret, struct error *err)
{
	if (json_object_is_type(o, json_type_object)) /* {"StatusCode":0}, as the Docker side of the service answers */
		o = js_get(o, "StatusCode");
	if (!json_object_is_type(o, json_type_int))
		return error_set(err, ERR_PROTOCOL, "the service answered to wait without an exit code");
	*ret = json_object_get_int64(o);
	return 0;
}

int rest_container_wait(struct engine *e, const struct wait_req *q, int64_t *ret_code, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	rest_path(&url, rest_of(e), "/containers/{}/wait", q->name);
	for (size_t i = 0; q->conditions && i < q->conditions->n; i++)
		rest_query(&url, "condition", q->conditions->v[i]);
	if (q->interval_ms > 0) {
		CLEANUP(buf_done) struct buf interval = BUF_INIT(32);

		buf_addf(&interval, "%lldms", (long long)q->interval_ms);
		rest_query(&url, "interval", buf_z(&interval));
	}
	n = rest_call(rest_of(e), &(struct rest_req){ .method = "POST", .url = &url }, &o, err);
	return n < 0 ? n : rest_wait_code(o, ret_code, err);
}

/* From 4.0 on the reply is 200 with one entry a container, in which the refusal stands as text or as an object. */
static int removed_errors(struct json_object *list, struct error *err)
{
	for (size_t i = 0; i < js_len(list); i++) {
		struct json_object *failure = js_get(js_at(list, i), "Err");
		const char *text = js_get_str(failure, "message", js_get_str(failure, "cause", NULL));

		if (json_object_is_type(failure, json_type_string))
			text = json_object_get_string(failure);
		if (text && *text)
			return rest_error_text(500, text, err);
		if (failure && !text)
			return rest_error_text(500, js_wire(failure), err);
	}
	return 0;
}

int rest_container_remove(struct engine *e, const struct remove_req *q, struct error *err)
{
	struct rest *r = rest_of(e);
	CLEANUP(js_put_p) struct json_object *list = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	if (q->depend && !rest_at_least(r, 4, 0, 0))
		return engine_unsupported(e, err, "--depend");
	rest_path(&url, r, "/containers/{}", q->name);
	rest_query_bool(&url, "force", q->force);
	rest_query_bool(&url, "volumes", q->volumes);
	rest_query_bool(&url, "v", q->volumes); /* the name on 2.x */
	if (q->ignore)
		rest_query_bool(&url, "ignore", true);
	if (q->depend)
		rest_query_bool(&url, "depend", true);
	if (q->timeout_s >= 0)
		rest_query_int(&url, "timeout", q->timeout_s);
	n = rest_call(r, &(struct rest_req){ .method = "DELETE", .url = &url }, &list, err);
	if (n == -ERR_NOT_FOUND && q->ignore)
		return error_clear(err);
	return n < 0 ? n : removed_errors(list, err);
}

/* Until 4.8 the service splits one comma list; later versions take the words as they are repeated. */
static void query_descriptors(struct buf *url, const struct rest *r, const struct strv *d)
{
	CLEANUP(buf_done) struct buf joined = BUF_INIT(URL_MAX);

	if (!d || !d->n)
		return;
	for (size_t i = 0; i < d->n; i++) {
		if (rest_at_least(r, 4, 8, 0)) {
			rest_query(url, "ps_args", d->v[i]);
		} else {
			buf_add_z(&joined, i ? "," : "");
			buf_add_z(&joined, d->v[i]);
		}
	}
	if (joined.n)
		rest_query(url, "ps_args", buf_z(&joined));
}

int rest_container_top(struct engine *e, const char *name, const struct strv *descriptors, struct json_object **ret,
		       struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	rest_path(&url, rest_of(e), "/containers/{}/top", name);
	query_descriptors(&url, rest_of(e), descriptors);
	rest_query_bool(&url, "stream", false);
	n = rest_get(rest_of(e), &url, NULL, &o, err);
	if (n < 0)
		return n;
	if (!o) /* the service begins its answer before it looks */
		return error_set(err, ERR_CONFLICT, "top can only be used on running containers");
	if (!js_get(o, "Titles"))
		return error_set(err, ERR_PROTOCOL, "the service answered to top without titles");
	*ret = ptr_take(&o);
	return 0;
}
