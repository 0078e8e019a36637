/* varlink/push.c: push, with the host's own credentials: PushImage has no place for others, nor for anything about TLS. */
#include "base/cleanup.h"
#include "varlink/host.h"

static int check(const struct engine *e, const struct push_req *q, struct error *err)
{
	const struct {
		bool given;
		const char *what;
	} rows[] = {
		{ q->auth, "push with the credentials of this machine" },
		{ q->tls_verify == 0, "push --tls-verify=false" },
		{ q->compression_format, "push --compression-format" },
		{ q->compression_level, "push --compression-level" },
		{ q->force_compression, "push --force-compression" },
		{ q->encryption_key, "push --encryption-key" },
		{ q->encrypt_layers && q->encrypt_layers->n, "push --encrypt-layer" },
		{ q->retry, "push --retry" },
		{ q->retry_delay, "push --retry-delay" },
		{ q->all, "push --all" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].given)
			return engine_unsupported(e, err, "%s", rows[i].what);
	return 0;
}

/* One reply instead of "more": for that the service sends thousands of empty ones, and all its lines with the last. */
int host_image_push(struct engine *e, const struct push_req *q, progress_fn *progress, void *ctx, char **ret_digest,
		    struct error *err)
{
	struct json_object *in;
	int r = check(e, q, err);

	(void)progress, (void)ctx;
	if (r < 0)
		return r;
	in = host_name(q->name);
	js_set_str(in, "tag", q->destination);
	js_set_bool(in, "compress", q->compress);
	js_set_str(in, "format", q->format ? q->format : "");
	js_set_bool(in, "removeSignatures", q->remove_signatures);
	js_set_str(in, "signBy", q->sign_by ? q->sign_by : "");
	*ret_digest = NULL;
	return host_call(host_of(e), "PushImage", in, 0, NULL, err);
}
