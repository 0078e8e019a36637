/* engine/engine.c: the way from a command to the protocol room, and the sentence for what a host cannot do. */
#include "engine/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/units.h"
#include "engine/wrap.h"

#define REPLY_MAX_S (24 * 60 * 60)

uint64_t engine_reply_ms(void)
{
	const char *text = getenv("FARPOD_REPLY_TIMEOUT");
	int64_t s;

	if (text && int_parse(str_from(text), &s) && s > 0 && s <= REPLY_MAX_S)
		return (uint64_t)s * 1000;
	return ENGINE_REPLY_MS;
}

const char *engine_name(const struct engine *e)
{
	static char name[64];

	snprintf(name, sizeof name, "Podman %s (%s)", e->version, e->ops->protocol);
	return name;
}

int engine_version_cmp(const struct engine *e, int major, int minor, int patch)
{
	int v[3] = { 0 }, want[3] = { major, minor, patch };

	sscanf(e->version, "%9d.%9d.%9d", &v[0], &v[1], &v[2]);
	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		if (v[i] != want[i])
			return v[i] < want[i] ? -1 : 1;
	return 0;
}

int engine_unsupported(const struct engine *e, struct error *err, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf what = BUF_INIT(4096);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&what, fmt, ap);
	va_end(ap);
	return error_set(err, ERR_UNSUPPORTED, "%s is not supported by %s", buf_z(&what), engine_name(e));
}

WRAP(version, "version", (struct engine *e, struct json_object **ret, struct error *err), (e, ret, err))
WRAP(info, "info", (struct engine *e, struct json_object **ret, struct error *err), (e, ret, err))
WRAP(container_list, "listing containers",
     (struct engine *e, const struct container_list_req *q, item_fn *each, void *ctx, struct error *err), (e, q, each, ctx, err))
WRAP(inspect, "inspect",
     (struct engine *e, enum object_kind kind, const char *name, bool size, struct json_object **ret, struct error *err),
     (e, kind, name, size, ret, err))
WRAP(exists, "exists", (struct engine *e, enum object_kind kind, const char *name, bool *ret, struct error *err),
     (e, kind, name, ret, err))
WRAP(container_create, "creating containers",
     (struct engine *e, const struct create_req *q, char **ret_id, struct strv *ret_warnings, struct error *err),
     (e, q, ret_id, ret_warnings, err))
WRAP(container_start, "starting containers", (struct engine *e, const char *name, struct error *err), (e, name, err))
WRAP(container_stop, "stopping containers", (struct engine *e, const struct stop_req *q, struct error *err), (e, q, err))
WRAP(container_kill, "sending signals to containers", (struct engine *e, const char *name, const char *signal, struct error *err),
     (e, name, signal, err))
WRAP(container_wait, "waiting for containers",
     (struct engine *e, const struct wait_req *q, int64_t *ret_code, struct error *err), (e, q, ret_code, err))
WRAP(container_remove, "removing containers", (struct engine *e, const struct remove_req *q, struct error *err), (e, q, err))
WRAP(container_top, "top",
     (struct engine *e, const char *name, const struct strv *descriptors, struct json_object **ret, struct error *err),
     (e, name, descriptors, ret, err))
WRAP(container_logs, "logs", (struct engine *e, const struct logs_req *q, struct stream **ret, struct error *err), (e, q, ret, err))
WRAP(container_attach, "attach", (struct engine *e, const struct attach_req *q, struct stream **ret, struct error *err),
     (e, q, ret, err))
WRAP(container_exec, "exec",
     (struct engine *e, const struct exec_req *q, struct stream **ret, char **ret_session, struct error *err),
     (e, q, ret, ret_session, err))
WRAP(image_list, "listing images",
     (struct engine *e, const struct image_list_req *q, item_fn *each, void *ctx, struct error *err), (e, q, each, ctx, err))
WRAP(image_pull, "pulling images",
     (struct engine *e, const struct pull_req *q, progress_fn *progress, void *ctx, char **ret_id, struct error *err),
     (e, q, progress, ctx, ret_id, err))
WRAP(image_remove, "removing images",
     (struct engine *e, const struct image_remove_req *q, struct json_object **ret, struct error *err), (e, q, ret, err))

void engine_close(struct engine *e)
{
	if (e)
		e->ops->close(e);
}

void engine_close_p(struct engine **e)
{
	engine_close(*e);
}

void stream_close_p(struct stream **s)
{
	if (*s)
		(*s)->ops->close(*s);
}
