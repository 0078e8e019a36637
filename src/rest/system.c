/* rest/system.c: what the host is, and what one object is. */
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "rest/normalize.h"
#include "rest/rest.h"

/* "Mon Nov 23 17:37:41 2026" in the user's zone, as podman prints it. */
static struct json_object *built_text(int64_t unix_s)
{
	time_t t = (time_t)unix_s;
	struct tm tm;
	char text[64];

	if (!localtime_r(&t, &tm) || strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &tm) == 0)
		return js_str("");
	return js_str(text);
}

static const char *component_api(struct json_object *version)
{
	struct json_object *components = js_get(version, "Components");

	for (size_t i = 0; i < js_len(components); i++) {
		struct json_object *c = js_at(components, i);

		if (str_eq(js_text(js_get(c, "Name")), STR("Podman Engine")))
			return js_get_str(js_get(c, "Details"), "APIVersion", NULL);
	}
	return NULL;
}

int rest_version(struct engine *e, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *in = NULL, *out = json_object_new_object();
	CLEANUP(buf_done) struct buf url = URL_INIT, os_arch = BUF_INIT(1024);
	const char *api;
	struct instant built = { 0 };
	int n;

	rest_path(&url, rest_of(e), "/version", NULL);
	n = rest_get(rest_of(e), &url, "version", &in, err);
	if (n < 0)
		return n;
	api = component_api(in);
	instant_parse_rfc3339(js_text(js_get(in, "BuildTime")), &built);
	buf_addf(&os_arch, "%s/%s", js_get_str(in, "Os", ""), js_get_str(in, "Arch", ""));
	js_set_str(out, "Version", js_get_str(in, "Version", e->version));
	js_set_str(out, "APIVersion", api ? api : js_get_str(in, "ApiVersion", ""));
	js_set_str(out, "GoVersion", js_get_str(in, "GoVersion", ""));
	js_set_str(out, "GitCommit", js_get_str(in, "GitCommit", ""));
	js_set(out, "BuiltTime", built_text(built.s));
	js_set_int(out, "Built", built.s);
	js_set_str(out, "OsArch", buf_z(&os_arch));
	js_set_str(out, "Os", js_get_str(in, "Os", ""));
	*ret = ptr_take(&out);
	return 0;
}

/* A reply that must be an object, or the caller would print nothing for something. */
static int get_object(struct engine *e, const struct buf *url, const char *what, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	int n = rest_get(rest_of(e), url, what, &o, err);

	if (n < 0)
		return n;
	if (!json_object_is_type(o, json_type_object))
		return error_set(err, ERR_PROTOCOL, "the service answered to %s with something else", what);
	*ret = ptr_take(&o);
	return 0;
}

int rest_info(struct engine *e, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;

	rest_path(&url, rest_of(e), "/info", NULL);
	return get_object(e, &url, "info", ret, err);
}

static const struct {
	const char *what, *path;
} objects[] = {
	[OBJECT_CONTAINER] = { "containers", "/containers/{}" },
	[OBJECT_IMAGE] = { "images", "/images/{}" },
	[OBJECT_VOLUME] = { "volumes", "/volumes/{}" },
	[OBJECT_NETWORK] = { "networks", "/networks/{}" },
	[OBJECT_POD] = { "pods", "/pods/{}" },
};

/* From 2.x to 3.x networks come as a list of one. */
static int only_element(struct json_object **o, const char *what, struct error *err)
{
	struct json_object *one = *o;

	if (json_object_is_type(*o, json_type_array) && js_len(*o) == 1) {
		one = json_object_get(js_at(*o, 0));
		json_object_put(*o);
		*o = one;
	}
	if (json_object_is_type(one, json_type_object))
		return 0;
	return error_set(err, ERR_PROTOCOL, "the service answered to inspect %s with something else", what);
}

int rest_inspect(struct engine *e, enum object_kind kind, const char *name, bool size, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	rest_path(&url, rest_of(e), objects[kind].path, name);
	buf_add_z(&url, "/json");
	if (kind == OBJECT_CONTAINER)
		rest_query_bool(&url, "size", size);
	n = rest_get(rest_of(e), &url, objects[kind].what, &o, err);
	if (n >= 0)
		n = only_element(&o, objects[kind].what, err);
	if (n < 0)
		return n;
	*ret = ptr_take(&o);
	return 0;
}

/* Volumes and networks have no route of their own for this before 3.1: there inspect answers it. */
int rest_exists(struct engine *e, enum object_kind kind, const char *name, bool *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;
	bool has_route = rest_at_least(rest_of(e), 3, 1, 0) || (kind != OBJECT_VOLUME && kind != OBJECT_NETWORK);
	int n;

	rest_path(&url, rest_of(e), objects[kind].path, name);
	buf_add_z(&url, has_route ? "/exists" : "/json");
	n = rest_get(rest_of(e), &url, objects[kind].what, NULL, err);
	*ret = n >= 0;
	if (n == -ERR_NOT_FOUND)
		return error_clear(err);
	return n < 0 ? n : 0;
}
