/* rest/image.c: list, pull and remove images. */
#include <string.h>

#include "base/cleanup.h"
#include "rest/normalize.h"
#include "rest/split.h"

struct list_ctx {
	item_fn *each;
	void *ctx;
};

static int list_item(void *ctx, struct json_object *item, struct error *err)
{
	const struct list_ctx *c = ctx;

	normalize_image(item);
	return c->each(c->ctx, item, err);
}

int rest_image_list(struct engine *e, const struct image_list_req *q, item_fn *each, void *ctx, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	rest_path(&url, rest_of(e), "/images/json", NULL);
	rest_query_bool(&url, "all", q->all);
	n = rest_query_filters(&url, q->filters, err);
	if (n < 0)
		return n;
	return rest_each(rest_of(e), &(struct rest_req){ .method = "GET", .url = &url, .timeout_ms = engine_reply_ms() },
			 SPLIT_ARRAY, list_item, &(struct list_ctx){ each, ctx }, err);
}

struct pull_ctx {
	progress_fn *progress;
	void *ctx;
	char *id; /* owned */
	bool failed;
};

static void keep_id(struct pull_ctx *c, const char *id)
{
	if (!id || !*id)
		return;
	free(c->id);
	c->id = z_dup(strncmp(id, "sha256:", 7) == 0 ? id + 7 : id);
}

/* {"stream":"..."}, {"error":"..."}, {"images":["ID"],"id":"ID"}; 2.0 answers with one array [{"ID":".."}]. The status was 200 long
 * before a pull fails. */
static int pull_record(void *ctx, struct json_object *o, struct error *err)
{
	struct pull_ctx *c = ctx;
	const char *text = js_get_str(o, "error", "");

	if (*text)
		return rest_error_text(500, text, err);
	rest_report(c->progress, c->ctx, js_text(js_get(o, "stream")));
	if (json_object_is_type(o, json_type_array))
		o = js_at(o, js_len(o) - 1);
	keep_id(c, json_object_get_string(js_at(js_get(o, "images"), js_len(js_get(o, "images")) - 1)));
	keep_id(c, js_get_str(o, "id", js_get_str(o, "ID", NULL)));
	return 0;
}

/* Named so since 3.1; before that the image of another platform had names of its own. */
static void query_platform(struct buf *url, const struct rest *r, const struct pull_req *q)
{
	bool named = rest_at_least(r, 3, 0, 0);

	rest_query(url, named ? "arch" : "overrideArch", q->arch);
	rest_query(url, named ? "os" : "overrideOS", q->os);
	rest_query(url, named ? "variant" : "overrideVariant", q->variant);
}

static int pull(struct rest *r, const struct pull_req *q, const char *policy, struct pull_ctx *c, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT, headers = BUF_INIT(HTTP_MAX_HEAD);

	if ((q->retry || q->retry_delay) && !rest_at_least(r, 5, 0, 0))
		return engine_unsupported(&r->engine, err, q->retry ? "--retry" : "--retry-delay");
	rest_path(&url, r, "/images/pull", NULL);
	rest_query(&url, "reference", q->reference);
	rest_query(&url, "policy", policy);
	rest_query_bool(&url, "quiet", q->quiet);
	if (q->all_tags)
		rest_query_bool(&url, "alltags", true);
	query_platform(&url, r, q);
	rest_query(&url, "retry", q->retry);
	rest_query(&url, "retrydelay", q->retry_delay);
	if (q->tls_verify >= 0)
		rest_query_bool(&url, "tlsVerify", q->tls_verify);
	if (rest_auth_header(&headers, "X-Registry-Auth", q->auth, err) < 0)
		return -ERR_SYSTEM;
	return rest_each(r, &(struct rest_req){ .method = "POST", .url = &url, .headers = buf_z(&headers) }, SPLIT_RECORDS,
			 pull_record, c, err);
}

/* The ID of a local image; ERR_NOT_FOUND in the words that newer services use. */
static int local_id(struct rest *r, const char *reference, char **ret_id, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	int n = rest_inspect(&r->engine, OBJECT_IMAGE, reference, false, &o, err);
	const char *id = js_get_str(o, "Id", "");

	if (n < 0)
		return n == -ERR_NOT_FOUND ? error_set(err, ERR_NOT_FOUND, "%s: image not known", reference) : n;
	return rest_take_id(id, reference, ret_id, err);
}

/* Services before 3.1 always pull. 1: *ret_id is set, there is nothing to pull; 0: pull. */
static int apply_policy(struct rest *r, const struct pull_req *q, const char *policy, char **ret_id, struct error *err)
{
	int n;

	if (strcmp(policy, "newer") == 0)
		return engine_unsupported(&r->engine, err, "--pull=newer");
	if (strcmp(policy, "missing") != 0 && strcmp(policy, "never") != 0)
		return 0;
	n = local_id(r, q->reference, ret_id, err);
	if (n == -ERR_NOT_FOUND && strcmp(policy, "missing") == 0)
		return error_clear(err);
	return n < 0 ? n : 1;
}

int rest_image_pull(struct engine *e, const struct pull_req *q, progress_fn *progress, void *ctx, char **ret_id, struct error *err)
{
	struct rest *r = rest_of(e);
	struct pull_ctx c = { .progress = q->quiet ? NULL : progress, .ctx = ctx };
	const char *policy = q->policy ? q->policy : "always";
	int n = rest_at_least(r, 3, 1, 0) ? 0 : apply_policy(r, q, policy, ret_id, err);

	if (n != 0)
		return n < 0 ? n : 0;
	n = pull(r, q, policy, &c, err);
	if (n == 0 && !c.id)
		n = error_set(err, ERR_PROTOCOL, "the service pulled %s and told no ID", q->reference);
	if (n < 0) {
		free(c.id);
		return n == -ERR_CONNECT ? error_context(err, "pull of %s", q->reference) : n;
	}
	*ret_id = c.id;
	return 0;
}

int rest_remove(struct rest *r, const struct image_remove_req *q, bool lists, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	if (q->no_prune && !rest_at_least(r, 4, 1, 0))
		return engine_unsupported(&r->engine, err, "--no-prune");
	rest_path(&url, r, "/images/remove", NULL);
	for (size_t i = 0; q->names && i < q->names->n; i++)
		rest_query(&url, "images", q->names->v[i]);
	rest_query_bool(&url, "all", q->all);
	rest_query_bool(&url, "force", q->force);
	if (q->ignore)
		rest_query_bool(&url, "ignore", true);
	if (q->no_prune)
		rest_query_bool(&url, "noprune", true);
	if (lists && rest_at_least(r, 4, 0, 0)) /* before that a list was found as any image is */
		rest_query_bool(&url, "lookupManifest", true);
	n = rest_call(r, &(struct rest_req){ .method = "DELETE", .url = &url }, ret, err);
	if (n >= 0)
		normalize_image_removal(ret);
	return n < 0 ? n : 0;
}

int rest_image_remove(struct engine *e, const struct image_remove_req *q, struct json_object **ret, struct error *err)
{
	return rest_remove(rest_of(e), q, false, ret, err);
}
