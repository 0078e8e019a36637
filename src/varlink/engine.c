/* varlink/engine.c: the connections to an io.podman service, and the table of what it can do. */
#include "varlink/engine.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "varlink/host.h"

#define INTERFACE         "io.podman"
#define SERVICE_INTERFACE "org.varlink.service"

/* A method of the service interface keeps its full name. */
static void full_name(const char *method, struct buf *out)
{
	if (!strchr(method, '.'))
		buf_add_z(out, INTERFACE ".");
	buf_add_z(out, method);
}

int host_dial(struct host *h, struct varlink **ret, struct error *err)
{
	int fd, r = h->dialer->dial(h->dialer->ctx, &fd, err);

	return r < 0 ? r : varlink_open(fd, ret, err);
}

static const char *last_failure(const struct host *h)
{
	const char *why = h->dialer->last_failure ? h->dialer->last_failure(h->dialer->ctx) : NULL;

	return why && *why ? why : NULL;
}

int host_failed(struct host *h, struct varlink *v, int r, struct error *err)
{
	const char *why;

	if (r == -ERR_REMOTE)
		return host_refusal(h, varlink_error_name(v), varlink_error_params(v), err);
	if (r != -ERR_CONNECT || !err)
		return r;
	why = last_failure(h);
	if (why)
		return error_set(err, ERR_CONNECT, "the connection to %s broke: %s", h->dialer->where, why);
	if (varlink_ended(v))
		return error_set(err, ERR_CONNECT, "the connection was closed by the podman service (%s)", h->dialer->where);
	return error_context(err, "%s", h->dialer->where);
}

int host_begin(struct host *h, struct varlink *v, const char *method, struct json_object *params, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *in = params;
	CLEANUP(buf_done) struct buf name = BUF_INIT(256);

	full_name(method, &name);
	return host_failed(h, v, varlink_begin(v, buf_z(&name), in, err), err);
}

int host_more(struct host *h, struct varlink *v, const char *method, struct json_object *params, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *in = params;
	CLEANUP(buf_done) struct buf name = BUF_INIT(256);

	full_name(method, &name);
	return host_failed(h, v, varlink_more(v, buf_z(&name), in, err), err);
}

int host_upgrade(struct host *h, struct varlink *v, const char *method, struct json_object *params, struct json_object **ret,
		 struct error *err)
{
	CLEANUP(js_put_p) struct json_object *in = params;
	CLEANUP(buf_done) struct buf name = BUF_INIT(256);

	full_name(method, &name);
	return host_failed(h, v, varlink_upgrade(v, buf_z(&name), in, clock_after_ms(engine_reply_ms()), ret, err), err);
}

static void drop_kept(struct host *h)
{
	varlink_close(h->kept);
	h->kept = NULL;
}

/* One attempt on the kept connection, which is made anew when it is gone. *ret_ended: the service went away instead of answering.
 */
static int call_once(struct host *h, const char *method, struct json_object *params, uint64_t timeout_ms, struct json_object **ret,
		     bool *ret_ended, struct error *err)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(256);
	int r;

	*ret_ended = false;
	if (h->kept && !varlink_idle(h->kept))
		drop_kept(h);
	if (!h->kept && (r = host_dial(h, &h->kept, err)) < 0)
		return r;
	full_name(method, &name);
	r = varlink_call(h->kept, buf_z(&name), params, timeout_ms ? clock_after_ms(timeout_ms) : 0, ret, err);
	*ret_ended = r == -ERR_CONNECT && varlink_ended(h->kept);
	r = host_failed(h, h->kept, r, err);
	/* After a late or garbled answer the next one would belong to the wrong call. */
	if (r == -ERR_CONNECT || r == -ERR_PROTOCOL || r == -ERR_SYSTEM)
		drop_kept(h);
	return r;
}

int host_call(struct host *h, const char *method, struct json_object *params, uint64_t timeout_ms, struct json_object **ret,
	      struct error *err)
{
	CLEANUP(js_put_p) struct json_object *in = params;
	bool ended;

	return call_once(h, method, in, timeout_ms, ret, &ended, err);
}

int host_ask(struct host *h, const char *method, struct json_object *params, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *in = params;
	bool ended;
	int r = call_once(h, method, in, engine_reply_ms(), ret, &ended, err);

	if (!ended)
		return r;
	log_debug("%s: %s closed the connection, asking again", method, h->dialer->where);
	error_clear(err);
	return call_once(h, method, in, engine_reply_ms(), ret, &ended, err);
}

struct json_object *host_name(const char *name)
{
	struct json_object *params = json_object_new_object();

	js_set_str(params, "name", name);
	return params;
}

int host_ask_text(struct host *h, const char *method, const char *name, const char *key, struct json_object **ret,
		  struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	int r = host_ask(h, method, host_name(name), &reply, err);

	return r < 0 ? r : js_parse(js_text(js_get(reply, key)), method, ret, err);
}

static void host_close(struct engine *e)
{
	drop_kept(host_of(e));
	free(host_of(e));
}

/* NULL: io.podman has no such thing. */
static const struct engine_ops ops = {
	.protocol = "varlink",
	.version = host_version,
	.info = host_info,
	.container_list = host_container_list,
	.inspect = host_inspect,
	.exists = host_exists,
	.container_create = host_container_create,
	.container_start = host_container_start,
	.container_stop = host_container_stop,
	.container_kill = host_container_kill,
	.container_wait = host_container_wait,
	.container_remove = host_container_remove,
	.container_top = host_container_top,
	.container_logs = host_container_logs,
	.container_attach = host_container_attach,
	.container_exec = host_container_exec,
	.image_list = host_image_list,
	.image_pull = host_image_pull,
	.image_remove = host_image_remove,
	.image_build = host_image_build,
	.image_push = host_image_push,
	.image_save = host_image_save,
	.image_load = host_image_load,
	.image_import = host_image_import,
	.container_export = host_container_export,
	.container_commit = host_container_commit,
	.image_history = host_image_history,
	.image_tag = host_image_tag,
	.image_untag = host_image_untag,
	.image_search = host_image_search,
	.image_tree = host_image_tree,
	.image_prune = host_image_prune,
	.diff = host_diff,
	.copy_stat = host_copy_stat,
	.copy_out = host_copy_out,
	.copy_in = host_copy_in,
	.close = host_close,
};

static bool serves_podman(struct json_object *info)
{
	struct json_object *interfaces = js_get(info, "interfaces");

	for (size_t i = 0; i < js_len(interfaces); i++)
		if (str_eq(js_text(js_at(interfaces, i)), STR(INTERFACE)))
			return true;
	return false;
}

int varlink_engine_open(struct engine **ret, const struct dialer *d, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *info = NULL;
	struct host *h = calloc(1, sizeof *h);
	int r;

	if (!h)
		return error_set(err, ERR_SYSTEM, "out of memory");
	h->engine.ops = &ops;
	h->dialer = d;
	r = host_call(h, SERVICE_INTERFACE ".GetInfo", NULL, engine_reply_ms(), &info, err);
	if (r == 0 && !serves_podman(info))
		r = error_set(err, ERR_PROTOCOL, "%s is a varlink service without %s", d->where, INTERFACE);
	if (r < 0) {
		host_close(&h->engine);
		return r;
	}
	snprintf(h->engine.version, sizeof h->engine.version, "%s", js_get_str(info, "version", ""));
	h->engine.caps = ENGINE_UPLOAD_LENGTH | ENGINE_BUILD_BASE_NAMES | ENGINE_BUILD_DOCKERIGNORE |
			 (host_at_least(h, 1, 9, 0) ? ENGINE_PULL_AUTH : 0);
	*ret = &h->engine;
	return 0;
}
