/* varlink/pull.c: pull. */
#include <stdlib.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "varlink/host.h"
#include "varlink/progress.h"

/* The JSON in base64url that X-Registry-Auth has, since that is what the other protocol wants. */
static int decode_auth(const char *auth, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf in = BUF_INIT(64 * 1024), out = BUF_INIT(64 * 1024);

	for (const char *p = auth; *p && *p != '='; p++)
		buf_add_char(&in, *p == '-' ? '+' : *p == '_' ? '/' : *p);
	while (in.n % 4)
		buf_add_char(&in, '=');
	if (in.failed || !base64_read(&out, buf_str(&in)))
		return error_set(err, ERR_USAGE, "registry credentials are no base64");
	return js_parse(buf_str(&out), "registry credentials", ret, err);
}

/* One pair, or a map of registries with one: then the pair of the registry that the name has, and none for a name without one, since the host may
 * look for that anywhere. */
static struct json_object *pair_for(struct json_object *auth, const char *reference)
{
	if (*js_get_str(auth, "username", ""))
		return auth;
	json_object_object_foreach(auth, key, value)
	{
		size_t n = strlen(key);

		if (strncmp(reference, key, n) == 0 && reference[n] == '/')
			return value;
	}
	return NULL;
}

/* {"username", "password"}; NULL when there are none. */
static int credentials(struct engine *e, const struct pull_req *q, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *auth = NULL;
	struct json_object *creds, *pair;
	int r;

	*ret = NULL;
	if (!q->auth)
		return 0;
	r = decode_auth(q->auth, &auth, err);
	if (r < 0)
		return r;
	pair = json_object_is_type(auth, json_type_object) ? pair_for(auth, q->reference) : NULL;
	if (js_get(pair, "identitytoken"))
		return engine_unsupported(e, err, "pull with an identity token");
	if (!*js_get_str(pair, "username", ""))
		return 0;
	creds = json_object_new_object();
	js_set_str(creds, "username", js_get_str(pair, "username", ""));
	js_set_str(creds, "password", js_get_str(pair, "password", ""));
	*ret = creds;
	return 0;
}

static int check_platform(struct engine *e, const struct pull_req *q, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *version = NULL;
	struct str os, arch;
	int r;

	if (q->variant)
		return engine_unsupported(e, err, "--variant");
	if (!q->arch && !q->os)
		return 0;
	r = host_version(e, &version, err);
	if (r < 0)
		return r;
	str_cut(js_text(js_get(version, "OsArch")), '/', &os, &arch);
	if (q->os && !str_eq_z(os, q->os))
		return engine_unsupported(e, err, "pulling for another operating system (--os %s)", q->os);
	if (q->arch && !str_eq_z(arch, q->arch))
		return engine_unsupported(e, err, "pulling for another architecture (--arch %s)", q->arch);
	return 0;
}

static bool is_full_name(const char *reference)
{
	size_t n = strcspn(reference, "/");

	return reference[n] == '/' &&
	       (memchr(reference, '.', n) || memchr(reference, ':', n) || (n == 9 && memcmp(reference, "localhost", 9) == 0));
}

static int image_id(struct host *h, const char *name, char **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *image = NULL;
	int r = host_ask_text(h, "InspectImage", name, "image", &image, err);

	if (r < 0)
		return r;
	*ret = str_dup(js_text(js_get(image, "Id")));
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int pull_image(struct host *h, const struct pull_req *q, bool there, progress_fn *progress, void *ctx, char **ret_id,
		      struct error *err)
{
	CLEANUP(js_put_p) struct json_object *in = json_object_new_object(), *creds = NULL;
	CLEANUP(buf_done) struct buf name = BUF_INIT(4096);
	int r = credentials(&h->engine, q, &creds, err);

	if (r < 0)
		return r;
	/* PullImage takes a name that it finds for pulled. With its transport it finds none. */
	buf_addf(&name, "%s%s", there && is_full_name(q->reference) ? "docker://" : "", q->reference);
	if (buf_check(&name, "image name", err) < 0)
		return -ERR_SYSTEM;
	js_set_str(in, "name", buf_z(&name));
	if (creds)
		js_set(in, "creds", ptr_take(&creds));
	return progress_follow(h, "PullImage", ptr_take(&in), q->quiet ? NULL : progress, ctx, ret_id, err);
}

int host_image_pull(struct engine *e, const struct pull_req *q, progress_fn *progress, void *ctx, char **ret_id, struct error *err)
{
	const char *policy = q->policy ? q->policy : "always";
	bool there = false;
	int r = check_platform(e, q, err);

	if (r < 0)
		return r;
	if (q->auth && !engine_can(e, ENGINE_PULL_AUTH))
		return engine_unsupported(e, err, "pull with the credentials of this machine");
	if (q->retry || q->retry_delay)
		return engine_unsupported(e, err, q->retry ? "--retry" : "--retry-delay");
	if (q->all_tags)
		return engine_unsupported(e, err, "--all-tags");
	if (q->tls_verify == 0)
		return engine_unsupported(e, err, "--tls-verify=false");
	r = host_exists(e, OBJECT_IMAGE, q->reference, &there, err);
	if (r < 0)
		return r;
	if (there && (strcmp(policy, "missing") == 0 || strcmp(policy, "never") == 0))
		return image_id(host_of(e), q->reference, ret_id, err);
	if (strcmp(policy, "never") == 0)
		return error_set(err, ERR_NOT_FOUND, "%s: image not known", q->reference);
	/* newer: the registry is asked, but need not answer. */
	r = pull_image(host_of(e), q, there, progress, ctx, ret_id, err);
	if (r == -ERR_REMOTE && there && strcmp(policy, "newer") == 0) {
		error_clear(err);
		return image_id(host_of(e), q->reference, ret_id, err);
	}
	return r;
}
