#include "cmd/podman/image_pull.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/log.h"
#include "cmd/podman/progress.h"
#include "cmd/podman/retries.h"
#include "cmd/podman/through.h"
#include "cmd/session.h"
#include "image/reference.h"

/* The host does it all, with what the user typed here for this registry. */
static int by_host(struct session *s, struct engine *e, const struct creds_args *a, const struct pull_req *asked, char **ret_id, struct error *err)
{
	CLEANUP(free_p) char *auth = NULL;
	struct pull_req q = *asked;
	int r = engine_can(e, ENGINE_PULL_AUTH) ? creds_header(a, q.reference, &auth, err) : 0;

	if (r < 0)
		return r;
	q.auth = auth;
	q.tls_verify = creds_tls_verify(a);
	return engine_image_pull(e, &q, q.quiet ? NULL : progress_line, s, ret_id, err);
}

/* A host that does not know --retry itself is asked again. */
static int by_host_again(struct session *s, struct engine *e, const struct creds_args *a, const struct pull_req *asked, char **ret_id, struct error *err)
{
	struct pull_req q = *asked;
	struct retries again;
	int r = retries_parse(q.retry, q.retry_delay, &again, err);

	if (r < 0)
		return r;
	q.retry = q.retry_delay = NULL;
	do
		r = by_host(s, e, a, &q, ret_id, err);
	while (r < 0 && retries_again(&again, s, q.quiet, err));
	return r;
}

static int local_id(struct engine *e, const char *name, char **ret_id, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *image = NULL;
	int r = engine_inspect(e, OBJECT_IMAGE, name, false, &image, err);

	if (r < 0)
		return r;
	*ret_id = z_dup(js_get_str(image, "Id", ""));
	return *ret_id ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static bool policy_is(const struct pull_req *q, const char *word)
{
	return q->policy && strcmp(q->policy, word) == 0;
}

/* newer is always here: an image that is the same costs one manifest; but a registry that does not answer is no error then. */
static int by_us(struct session *s, struct engine *e, const struct creds_args *a, const struct pull_req *q, char **ret_id, struct error *err)
{
	bool here = false;
	int r = 0;

	if (q->policy && !policy_is(q, "always"))
		r = engine_exists(e, OBJECT_IMAGE, q->reference, &here, err);
	if (r < 0)
		return r;
	if (here && !policy_is(q, "newer"))
		return local_id(e, q->reference, ret_id, err);
	if (policy_is(q, "never"))
		return error_set(err, ERR_NOT_FOUND, "%s: image not known", q->reference);
	r = through_pull(s, e, a, q, ret_id, err);
	if (r < 0 && here && r != -ERR_INTERRUPTED) {
		error_clear(err);
		return local_id(e, q->reference, ret_id, err);
	}
	return r;
}

/* True when this machine asks the registry. A host that takes credentials but does not look again at what it has would ignore new ones. */
static int choose_way(struct engine *e, const struct creds_args *a, const struct pull_req *q, bool *ret_ours, struct error *err)
{
	bool counts = false, here = false;
	int r = 0;

	*ret_ours = a->cert_dir != NULL;
	if (*ret_ours || (engine_can(e, ENGINE_PULL_AUTH) && engine_can(e, ENGINE_PULL_AGAIN)))
		return 0;
	r = creds_count(a, q->reference, &counts, err);
	if (r >= 0 && counts && engine_can(e, ENGINE_PULL_AUTH))
		r = engine_exists(e, OBJECT_IMAGE, q->reference, &here, err);
	*ret_ours = counts && (here || !engine_can(e, ENGINE_PULL_AUTH));
	return r;
}

/* A host that takes an image that it has for pulled would never get a new one: the registry is asked from here, as far as this machine reaches it. */
static bool look_again(struct engine *e, const struct pull_req *q)
{
	CLEANUP(reference_done) struct reference name = { 0 };
	CLEANUP(error_done) struct error unused = ERROR_INIT;
	bool here = false;

	if (engine_can(e, ENGINE_PULL_AGAIN) || q->all_tags || policy_is(q, "missing") || policy_is(q, "never"))
		return false;
	if (reference_parse_short(q->reference, &name, &unused) < 0 || !name.host)
		return false;
	return engine_exists(e, OBJECT_IMAGE, q->reference, &here, &unused) >= 0 && here;
}

int image_pull(struct session *s, struct engine *e, const struct creds_args *a, const struct pull_req *q, char **ret_id, struct error *err)
{
	bool ours;
	int r = choose_way(e, a, q, &ours, err);

	if (r < 0)
		return r;
	if (ours)
		return q->all_tags ? engine_unsupported(e, err, "--all-tags") : by_us(s, e, a, q, ret_id, err);
	if (look_again(e, q)) {
		r = by_us(s, e, a, q, ret_id, err);
		if (r >= 0 || r == -ERR_INTERRUPTED)
			return r;
		log_warn("%s: the registry could not be asked from here (%s); the host keeps the image that it has", q->reference, err ? err->text : "");
		error_clear(err);
	}
	r = by_host(s, e, a, q, ret_id, err);
	if (r == -ERR_UNSUPPORTED && (q->retry || q->retry_delay)) {
		error_clear(err);
		r = by_host_again(s, e, a, q, ret_id, err);
	}
	if (r != -ERR_UNSUPPORTED || q->all_tags)
		return r;
	/* Another architecture, --tls-verify=false ...: its protocol has no word for it. */
	log_debug("pull through this machine: %s", err && err->text ? err->text : "");
	error_clear(err);
	return by_us(s, e, a, q, ret_id, err);
}
