#include "rest/engine.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "rest/rest.h"

#define PING_BODY_MAX 4096

static void rest_close(struct engine *e)
{
	struct rest *r = rest_of(e);

	http_close(r->idle);
	free(r);
}

static void rest_free_p(struct rest **r)
{
	if (*r)
		rest_close(&(*r)->engine);
}

static const struct engine_ops rest_ops = {
	.protocol = "rest",
	.version = rest_version,
	.info = rest_info,
	.container_list = rest_container_list,
	.inspect = rest_inspect,
	.exists = rest_exists,
	.container_create = rest_container_create,
	.container_start = rest_container_start,
	.container_stop = rest_container_stop,
	.container_kill = rest_container_kill,
	.container_wait = rest_container_wait,
	.container_remove = rest_container_remove,
	.container_top = rest_container_top,
	.container_logs = rest_container_logs,
	.container_attach = rest_container_attach,
	.container_exec = rest_container_exec,
	.image_list = rest_image_list,
	.image_pull = rest_image_pull,
	.image_remove = rest_image_remove,
	.image_build = rest_image_build,
	.image_push = rest_image_push,
	.image_save = rest_image_save,
	.image_load = rest_image_load,
	.image_import = rest_image_import,
	.container_export = rest_container_export,
	.container_commit = rest_container_commit,
	.image_history = rest_image_history,
	.image_tag = rest_image_tag,
	.image_untag = rest_image_untag,
	.image_search = rest_image_search,
	.image_tree = rest_image_tree,
	.image_prune = rest_image_prune,
	.diff = rest_diff,
	.copy_stat = rest_copy_stat,
	.copy_out = rest_copy_out,
	.copy_in = rest_copy_in,
	.manifest_create = rest_manifest_create,
	.manifest_add = rest_manifest_add,
	.manifest_annotate = rest_manifest_annotate,
	.manifest_remove = rest_manifest_remove,
	.manifest_inspect = rest_manifest_inspect,
	.manifest_exists = rest_manifest_exists,
	.manifest_push = rest_manifest_push,
	.manifest_delete = rest_manifest_delete,
	.close = rest_close,
};

/* "5.0.0-dev" -> "5.0.0". False when it does not begin as a version; what is kept has only digits and dots. */
static bool plain_version(const char *text, char *ret, size_t size)
{
	size_t n = text ? strspn(text, "0123456789.") : 0;

	if (n == 0 || n >= size || !isdigit((unsigned char)text[0]))
		return false;
	memcpy(ret, text, n);
	ret[n] = '\0';
	return true;
}

/* A 200 without Libpod-Api-Version is Docker, or something that takes any path. */
static int no_podman(const struct http *h, struct error *err)
{
	const char *server = http_header(h, "Server");

	if ((server && strncasecmp(server, "Docker", 6) == 0) || http_header(h, "Docker-Experimental"))
		return error_set(err, ERR_PROTOCOL, "what answers is Docker%s%s, not Podman", server ? " " : "",
				 server ? server + strcspn(server, "/") + (strchr(server, '/') != NULL) : "");
	return error_set(err, ERR_PROTOCOL, "what answers is an HTTP service, but not Podman");
}

/* A service that speaks another protocol closes on what it does not understand, or answers in its own way. Both must be told from a
 * broken way to the host, which only the carrier knows about. */
static int no_http(const struct rest *r, const struct http *h, bool timed_out, struct error *err)
{
	const char *why = r->dialer->last_failure ? r->dialer->last_failure(r->dialer->ctx) : NULL;

	if (err && err->kind == ERR_CONNECT && http_silent(h) && !timed_out && !(why && *why))
		return error_set(err, ERR_PROTOCOL, "closed the connection");
	return rest_broken(r, err);
}

static int ping(struct rest *r, struct http *h, struct error *err)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT(PING_BODY_MAX);
	uint64_t deadline_ms = clock_after_ms(engine_reply_ms());
	struct http_reply reply;
	/* The body of one NUL byte is for io.podman services: to them the request up to it is one malformed message, on which they close at
	 * once instead of waiting for more. HTTP servers read and drop it (seen with Podman 3.0, 4.3.1, 5.4; 1.6.2, 1.8.0, 1.9.3). */
	struct http_req q = { .method = "GET", .target = "/_ping", .content_type = "application/octet-stream", .body = { "", 1 } };
	int n = http_send(h, &q, deadline_ms, &reply, err);

	if (n < 0)
		return no_http(r, h, clock_ms() >= deadline_ms, err);
	if (reply.status != 200)
		return error_set(err, ERR_PROTOCOL, "ping response was %d", reply.status);
	if (!plain_version(http_header(h, "Libpod-Api-Version"), r->api, sizeof r->api))
		return no_podman(h, err);
	n = http_read_all(h, &body, deadline_ms, err);
	return n < 0 ? rest_broken(r, err) : 0;
}

/* Until 3.0 the API had versions of its own (3.0.1 says 3.0.0), so the host is asked for Podman's. From 3.1 on they are the same. */
static int learn_version(struct rest *r, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	snprintf(r->engine.version, sizeof r->engine.version, "%s", r->api);
	if (rest_at_least(r, 3, 1, 0))
		return 0;
	rest_path(&url, r, "/version", NULL);
	n = rest_get(r, &url, "version", &o, err);
	if (n < 0)
		return n;
	if (!plain_version(js_get_str(o, "Version", ""), r->engine.version, sizeof r->engine.version))
		return error_set(err, ERR_PROTOCOL, "the service tells no version");
	return 0;
}

int rest_engine_open(struct engine **ret, const struct dialer *d, struct error *err)
{
	CLEANUP(rest_free_p) struct rest *r = calloc(1, sizeof *r);
	struct http *h;
	int n;

	if (!r)
		return error_set(err, ERR_SYSTEM, "open the host: out of memory");
	r->engine.ops = &rest_ops;
	r->engine.caps = ENGINE_PULL_AUTH | ENGINE_PUSH_AUTH | ENGINE_PULL_AGAIN;
	r->dialer = d;
	n = rest_dial(r, &h, err);
	if (n < 0)
		return n;
	n = ping(r, h, err);
	rest_release(r, h);
	if (n < 0)
		return n;
	n = learn_version(r, err);
	if (n < 0)
		return n;
	if (!rest_at_least(r, 4, 0, 0))
		r->engine.caps |= ENGINE_BUILD_DOCKERIGNORE;
	*ret = &ptr_take(&r)->engine;
	return 0;
}
