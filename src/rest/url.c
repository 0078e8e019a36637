/* rest/url.c: paths and queries. Every text from outside is escaped here and only here. */
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "rest/rest.h"

/* RFC 3986's unreserved characters stay; all others are escaped, "/" in image names too. */
void rest_escape(struct buf *out, const char *z)
{
	escape_url(out, z, "");
}

void rest_path(struct buf *url, const struct rest *r, const char *path, const char *name)
{
	const char *hole = strstr(path, "{}");

	buf_addf(url, "/v%s/libpod", r->api);
	if (!hole) {
		buf_add_z(url, path);
		return;
	}
	buf_add_bytes(url, path, (size_t)(hole - path));
	rest_escape(url, name);
	buf_add_z(url, hole + 2);
}

void rest_query(struct buf *url, const char *key, const char *value)
{
	if (!value)
		return;
	buf_add_char(url, memchr(buf_z(url), '?', url->n) ? '&' : '?');
	buf_add_z(url, key);
	buf_add_char(url, '=');
	rest_escape(url, value);
}

void rest_query_bool(struct buf *url, const char *key, bool value)
{
	rest_query(url, key, value ? "true" : "false");
}

void rest_query_int(struct buf *url, const char *key, int64_t value)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(32);

	buf_addf(&text, "%lld", (long long)value);
	rest_query(url, key, buf_z(&text));
}

void rest_query_each(struct buf *url, const char *key, const struct strv *values)
{
	for (size_t i = 0; values && i < values->n; i++)
		rest_query(url, key, values->v[i]);
}

void rest_query_list(struct buf *url, const char *key, const struct strv *values)
{
	CLEANUP(js_put_p) struct json_object *list = NULL;

	if (!values || !values->n)
		return;
	list = js_strv(values->v, values->n);
	rest_query(url, key, js_wire(list));
}

int rest_query_name(struct buf *url, const char *name, const char *tag, struct error *err)
{
	const char *slash = strrchr(name, '/'), *colon = strrchr(slash ? slash : name, ':'); /* a port is no tag */
	CLEANUP(free_p) char *repository = str_dup((struct str){ name, colon ? (size_t)(colon - name) : strlen(name) });

	if (!repository)
		return error_set(err, ERR_SYSTEM, "image name: out of memory");
	rest_query(url, "repo", repository);
	rest_query(url, "tag", colon ? colon + 1 : tag);
	return 0;
}

/* Both label=k=v and until=t keep everything behind the first "=". */
static int add_filter(struct json_object *map, const char *text, struct error *err)
{
	CLEANUP(free_p) char *key = NULL;
	struct str k, v;
	struct json_object *list;

	if (!str_cut(str_from(text), '=', &k, &v) || k.n == 0)
		return error_set(err, ERR_USAGE, "invalid filter \"%s\": it is not key=value", text);
	key = str_dup(k);
	if (!key)
		return error_set(err, ERR_SYSTEM, "filter: out of memory");
	list = js_get(map, key);
	if (!list) {
		list = json_object_new_array();
		js_set(map, key, list);
	}
	json_object_array_add(list, js_strn(v));
	return 0;
}

int rest_query_filters(struct buf *url, const struct strv *filters, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *map = json_object_new_object();

	for (size_t i = 0; filters && i < filters->n; i++) {
		int r = add_filter(map, filters->v[i], err);

		if (r < 0)
			return r;
	}
	if (filters && filters->n)
		rest_query(url, "filters", js_wire(map));
	return 0;
}
