/* rest/commit.c: an image of a container. */
#include <string.h>

#include "base/cleanup.h"
#include "rest/rest.h"

static int commit_url(struct buf *url, const struct rest *r, const struct commit_req *q, struct error *err)
{
	if (q->include_volumes)
		return engine_unsupported(&r->engine, err, "commit --include-volumes");
	if (q->config && !rest_at_least(r, 4, 6, 0))
		return engine_unsupported(&r->engine, err, "commit --config");
	rest_path(url, r, "/commit", NULL);
	rest_query(url, "container", q->container);
	if (q->reference && rest_query_name(url, q->reference, NULL, err) < 0)
		return -ERR_SYSTEM;
	rest_query(url, "author", q->author);
	rest_query(url, "comment", q->message);
	rest_query(url, "format", q->format ? q->format : "oci");
	rest_query_bool(url, "pause", q->pause);
	rest_query_bool(url, "squash", q->squash);
	rest_query_each(url, "changes", q->changes);
	return 0;
}

int rest_container_commit(struct engine *e, const struct commit_req *q, progress_fn *progress, void *ctx, char **ret_id,
			  struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL, *config = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n = commit_url(&url, rest_of(e), q, err);

	(void)progress; /* the services say nothing until it is done */
	(void)ctx;
	if (n >= 0 && q->config)
		n = js_parse(str_from(q->config), "--config", &config, err);
	if (n < 0)
		return n;
	n = rest_call(rest_of(e), &(struct rest_req){ .method = "POST", .url = &url, .body = config, .what = "commit" }, &o, err);
	return n < 0 ? n : rest_take_id(js_get_str(o, "Id", NULL), "what it committed", ret_id, err);
}
