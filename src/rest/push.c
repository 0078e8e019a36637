/* rest/push.c: push of images and of manifest lists. The host sends; the client only watches. */
#include "rest/push.h"

#include <string.h>

#include "base/cleanup.h"
#include "rest/split.h"

struct push_ctx {
	progress_fn *progress;
	void *ctx;
	char *digest; /* owned */
};

/* {"stream":"..."}, {"error":"..."}; with the digest since 4.6. Lists: {"Id":"","stream":"..."}, last {"Id":"sha256:..."}. The status was 200 long
 * before a push fails. A service before 4.2 answers with "" when all is done. */
static int push_record(void *ctx, struct json_object *o, struct error *err)
{
	struct push_ctx *c = ctx;
	const char *text = js_get_str(o, "error", ""), *digest = js_get_str(o, "manifestdigest", js_get_str(o, "Id", ""));

	if (*text)
		return rest_error_text(500, text, err);
	rest_report(c->progress, c->ctx, js_text(js_get(o, "stream")));
	if (!*digest)
		return 0;
	free(c->digest);
	c->digest = z_dup(digest);
	return c->digest ? 0 : error_set(err, ERR_SYSTEM, "digest: out of memory");
}

static int refuse(const struct rest *r, const char *what, struct error *err)
{
	return engine_unsupported(&r->engine, err, "%s", what);
}

/* What can't reach the host, by name. */
static int check(const struct rest *r, const struct push_req *q, struct error *err)
{
	const struct {
		bool given;
		const char *flag;
		int since[2]; /* 99: never */
	} rows[] = {
		{ q->sign_by, "--sign-by", { 99 } },
		{ q->encryption_key, "--encryption-key", { 99 } },
		{ q->encrypt_layers && q->encrypt_layers->n, "--encrypt-layer", { 99 } },
		{ q->compress, "--compress", { 99 } },
		{ q->retry, "--retry", { 5, 0 } },
		{ q->retry_delay, "--retry-delay", { 5, 0 } },
		{ q->compression_level, "--compression-level", { 4, 6 } },
		{ q->force_compression, "--force-compression", { 4, 7 } },
		{ q->add_compression && q->add_compression->n, "--add-compression", { 4, 7 } },
		{ q->compression_format, "--compression-format", { 4, 1 } },
		{ q->remove_signatures, "--remove-signatures", { 3, 2 } },
		{ q->format, "--format", { 3, 2 } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].given && !rest_at_least(r, rows[i].since[0], rows[i].since[1], 0))
			return refuse(r, rows[i].flag, err);
	return 0;
}

int push_query(const struct rest *r, struct buf *url, const struct push_req *q, struct error *err)
{
	int n = check(r, q, err);

	if (n < 0)
		return n;
	rest_query_bool(url, "all", q->all);
	rest_query_bool(url, "quiet", false); /* also -q wants the digest, which only the records have */
	rest_query(url, "format", q->format);
	rest_query(url, "compressionFormat", q->compression_format);
	rest_query(url, "compressionLevel", q->compression_level);
	if (q->force_compression)
		rest_query_bool(url, "forceCompressionFormat", true);
	if (q->add_compression)
		rest_query_each(url, "addCompression", q->add_compression);
	if (q->remove_signatures)
		rest_query_bool(url, "removeSignatures", true);
	rest_query(url, "retry", q->retry);
	rest_query(url, "retrydelay", q->retry_delay);
	if (q->tls_verify >= 0)
		rest_query_bool(url, "tlsVerify", q->tls_verify);
	return 0;
}

int push_send(struct rest *r, struct buf *url, const struct push_req *q, progress_fn *progress, void *ctx, char **ret_digest,
	      struct error *err)
{
	CLEANUP(buf_done) struct buf headers = BUF_INIT(HTTP_MAX_HEAD);
	struct push_ctx c = { .progress = q->quiet ? NULL : progress, .ctx = ctx };
	int n = push_query(r, url, q, err);

	if (n >= 0)
		n = rest_auth_header(&headers, "X-Registry-Auth", q->auth, err);
	if (n < 0)
		return n;
	n = rest_each(r, &(struct rest_req){ .method = "POST", .url = url, .headers = buf_z(&headers), .what = "push" },
		      SPLIT_RECORDS, push_record, &c, err);
	if (n < 0) {
		free(c.digest);
		return n == -ERR_CONNECT ? error_context(err, "push of %s", q->name) : n;
	}
	*ret_digest = c.digest;
	return 0;
}

int rest_image_push(struct engine *e, const struct push_req *q, progress_fn *progress, void *ctx, char **ret_digest,
		    struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;

	rest_path(&url, rest_of(e), "/images/{}/push", q->name);
	rest_query(&url, "destination", q->destination);
	return push_send(rest_of(e), &url, q, progress, ctx, ret_digest, err);
}
