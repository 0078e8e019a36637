/* rest/copy.c: files of containers as tar streams. */
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "rest/rest.h"

#define MAX_LINKS 16

static int archive_url(struct buf *url, const struct rest *r, const char *container, const char *path, struct error *err)
{
	if (!rest_at_least(r, 3, 0, 0))
		return engine_unsupported(&r->engine, err, "cp");
	rest_path(url, r, "/containers/{}/archive", container);
	rest_query(url, "path", path);
	return 0;
}

/* {"name":"f","size":6,"mode":420,"mtime":"...","isDir":false,"linkTarget":"/tmp/f"} in base64. */
static int parse_stat(const char *header, struct copy_stat *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(HTTP_MAX_HEAD);
	CLEANUP(js_put_p) struct json_object *o = NULL;

	if (!header || !base64_read(&text, str_from(header)) || js_parse(buf_str(&text), "the file's properties", &o, NULL) < 0)
		return error_set(err, ERR_PROTOCOL, "the service told no properties of the file");
	ret->size = js_get_int(o, "size", 0);
	ret->mode = (uint32_t)js_get_int(o, "mode", 0);
	ret->is_dir = js_get_bool(o, "isDir", (ret->mode & UINT32_C(1) << 31) != 0);
	ret->name = z_dup(js_get_str(o, "name", ""));
	ret->link_target = z_dup(js_get_str(o, "linkTarget", ""));
	if (ret->name && ret->link_target)
		return 0;
	copy_stat_done(ret);
	return error_set(err, ERR_SYSTEM, "file: out of memory");
}

/* A reply to HEAD has no words: which of the two is not there is asked. */
static int not_there(struct engine *e, const char *container, struct error *err)
{
	bool exists;
	int n;

	error_clear(err);
	n = rest_exists(e, OBJECT_CONTAINER, container, &exists, err);
	if (n < 0)
		return n;
	if (!exists)
		return error_set(err, ERR_NOT_FOUND, "no container with name or ID \"%s\" found: no such container", container);
	return error_set(err, ERR_NOT_FOUND, "no such file or directory"); /* the caller says which */
}

static int stat_once(struct engine *e, const char *container, const char *path, struct copy_stat *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;
	struct http_reply reply;
	struct http *h;
	int n = archive_url(&url, rest_of(e), container, path, err);

	if (n < 0)
		return n;
	n = rest_send(rest_of(e), &(struct rest_req){ .method = "HEAD", .url = &url, .timeout_ms = engine_reply_ms() }, &h, &reply,
		      err);
	if (n == -ERR_NOT_FOUND)
		return not_there(e, container, err);
	if (n < 0)
		return n;
	n = parse_stat(http_header(h, "X-Docker-Container-Path-Stat"), ret, err);
	rest_release(rest_of(e), h);
	return n;
}

/* target as it is seen from the folder of path; owned by the caller. */
static char *beside(const char *path, const char *target)
{
	const char *slash = strrchr(path, '/');
	CLEANUP(buf_done) struct buf text = BUF_INIT(URL_MAX);

	if (*target != '/')
		buf_add_bytes(&text, path, slash ? (size_t)(slash + 1 - path) : 0);
	buf_add_z(&text, target);
	return buf_take(&text);
}

static bool is_link(const struct copy_stat *s)
{
	return (s->mode & UINT32_C(1) << 27) != 0;
}

/* Services before 3.1 tell a link's text; later ones where it ends, which is found here by following it. */
static int follow(struct engine *e, const char *container, const char *path, struct copy_stat *s, struct error *err)
{
	struct copy_stat next = { .mode = s->mode };
	char *at = beside(path, s->link_target);
	int n = at ? 0 : error_set(err, ERR_SYSTEM, "file: out of memory");

	for (int i = 0; n >= 0 && is_link(&next) && i < MAX_LINKS; i++) {
		copy_stat_done(&next);
		n = stat_once(e, container, at, &next, err);
		if (n >= 0 && is_link(&next)) {
			char *further = beside(at, next.link_target);

			free(at);
			at = further;
			n = at ? 0 : error_set(err, ERR_SYSTEM, "file: out of memory");
		}
	}
	copy_stat_done(&next);
	if (n == -ERR_NOT_FOUND) /* a dangling link is a file too */
		n = error_clear(err);
	if (n < 0) {
		free(at);
		return n;
	}
	free(s->link_target);
	s->link_target = at;
	return 0;
}

int rest_copy_stat(struct engine *e, const char *container, const char *path, struct copy_stat *ret, struct error *err)
{
	int n = stat_once(e, container, path, ret, err);

	if (n < 0 || !is_link(ret) || rest_at_least(rest_of(e), 3, 1, 0))
		return n;
	n = follow(e, container, path, ret, err);
	if (n < 0)
		copy_stat_done(ret);
	return n;
}

int rest_copy_out(struct engine *e, const char *container, const char *path, struct download **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n = archive_url(&url, rest_of(e), container, path, err);

	if (n < 0)
		return n;
	n = rest_download_open(rest_of(e), &(struct rest_req){ .method = "GET", .url = &url, .what = "cp" }, ret, err);
	return n == -ERR_NOT_FOUND ? not_there(e, container, err) : n;
}

static int query_rename(struct buf *url, const struct rest *r, const struct copy_in_req *q, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *map = NULL;

	if (!q->rename_from || !q->rename_to || strcmp(q->rename_from, q->rename_to) == 0)
		return 0;
	if (!rest_at_least(r, 3, 3, 0))
		return engine_unsupported(&r->engine, err, "cp to another name");
	map = json_object_new_object();
	js_set_str(map, q->rename_from, q->rename_to);
	rest_query(url, "rename", js_wire(map));
	return 0;
}

int rest_copy_in(struct engine *e, const struct copy_in_req *q, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n = archive_url(&url, rest_of(e), q->container, q->dir, err);

	if (n < 0)
		return n;
	/* The name says the reverse of what it does: with true the container's user gets the files. */
	rest_query_bool(&url, "copyUIDGID", !q->copy_ids);
	rest_query_bool(&url, "noOverwriteDirNonDir", !q->overwrite);
	n = query_rename(&url, rest_of(e), q, err);
	if (n < 0)
		return n;
	n = rest_call(rest_of(e), &(struct rest_req){ .method = "PUT", .url = &url, .upload = q->archive, .what = "cp" }, NULL,
		      err);
	return n < 0 ? n : 0;
}
