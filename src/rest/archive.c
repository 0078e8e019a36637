/* rest/archive.c: archives from the host and to it: save, load, import, export. */
#include <string.h>

#include "base/cleanup.h"
#include "rest/rest.h"

/* A reply's body that the caller reads. */
struct body {
	struct download download; /* first: body_of casts */
	struct rest *rest;
	struct http *http;
};

static struct body *body_of(struct download *d)
{
	return (struct body *)d;
}

static ssize_t body_read(struct download *d, void *p, size_t n, struct error *err)
{
	struct body *b = body_of(d);
	ssize_t got = http_read_body(b->http, p, n, 0, err);

	if (got >= 0)
		return got;
	rest_broken(b->rest, err);
	return error_context(err, "the archive from the host is not whole");
}

static void body_close(struct download *d)
{
	rest_release(body_of(d)->rest, body_of(d)->http);
	free(d);
}

int rest_download_open(struct rest *r, const struct rest_req *q, struct download **ret, struct error *err)
{
	CLEANUP(free_p) struct body *b = calloc(1, sizeof *b);
	struct http_reply reply;
	int n;

	if (!b)
		return error_set(err, ERR_SYSTEM, "download: out of memory");
	n = rest_send(r, q, &b->http, &reply, err);
	if (n < 0)
		return n;
	b->rest = r;
	b->download = (struct download){ body_read, body_close };
	*ret = &ptr_take(&b)->download;
	return 0;
}

/* 2.0 and 2.1 have a route for one image only. The other one, of all versions until 5.8, gives a docker-archive for docker-dir. */
static int save_path(struct buf *url, const struct rest *r, const struct save_req *q, struct error *err)
{
	bool docker_dir = strcmp(q->format, "docker-dir") == 0;

	if (rest_at_least(r, 2, 2, 0) && !(docker_dir && q->names->n == 1)) {
		rest_path(url, r, "/images/export", NULL);
		rest_query_each(url, "references", q->names);
		return 0;
	}
	if (q->names->n != 1)
		return engine_unsupported(&r->engine, err, "save of several images");
	rest_path(url, r, "/images/{}/get", q->names->v[0]);
	return 0;
}

int rest_image_save(struct engine *e, const struct save_req *q, struct download **ret, struct error *err)
{
	struct rest *r = rest_of(e);
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	if (q->uncompressed_layers && !rest_at_least(r, 4, 0, 0))
		return engine_unsupported(e, err, "--uncompressed");
	n = save_path(&url, r, q, err);
	if (n < 0)
		return n;
	/* An OCI layout either way; 3.0 can't make the folder. */
	rest_query(&url, "format", strcmp(q->format, "oci-dir") == 0 ? "oci-archive" : q->format);
	if (q->compress)
		rest_query_bool(&url, "compress", true);
	if (q->uncompressed_layers)
		rest_query_bool(&url, "ociAcceptUncompressedLayers", true);
	return rest_download_open(r, &(struct rest_req){ .method = "GET", .url = &url, .what = "save" }, ret, err);
}

int rest_container_export(struct engine *e, const char *name, struct download **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;

	rest_path(&url, rest_of(e), "/containers/{}/export", name);
	return rest_download_open(rest_of(e), &(struct rest_req){ .method = "GET", .url = &url, .what = "export" }, ret, err);
}

/* Until 3.0 all names come as one text, with commas, and an image without a name as "@ID". */
static bool add_names(struct strv *names, struct str text)
{
	struct str name;
	bool ok = true;

	for (bool more = text.n > 0; ok && more;) {
		more = str_cut(text, ',', &name, &text);
		name = str_trim(name);
		if (name.n && name.p[0] == '@')
			name = (struct str){ name.p + 1, name.n - 1 };
		if (name.n)
			ok = strv_add_str(names, name);
	}
	return ok;
}

int rest_image_load(struct engine *e, const struct byte_producer *archive, struct strv *ret_names, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	struct json_object *names;
	size_t before = ret_names->n;
	int n;

	rest_path(&url, rest_of(e), "/images/load", NULL);
	n = rest_call(rest_of(e), &(struct rest_req){ .method = "POST", .url = &url, .upload = archive, .what = "load" }, &o, err);
	if (n < 0)
		return n;
	names = js_get(o, "Names");
	for (size_t i = 0; i < js_len(names); i++)
		if (!add_names(ret_names, js_text(js_at(names, i))))
			return error_set(err, ERR_SYSTEM, "load: out of memory");
	/* 3.0 has no other words for an archive that it can't read. */
	return ret_names->n > before
		       ? 0
		       : error_set(err, ERR_REMOTE, "the host loaded no image: this is no archive that it knows, or not all of it");
}

static int import_url(struct buf *url, const struct rest *r, const struct import_req *q, struct error *err)
{
	const char *platform = q->os ? "--os" : q->arch ? "--arch" : q->variant ? "--variant" : NULL;

	if (platform && !rest_at_least(r, 4, 0, 0))
		return engine_unsupported(&r->engine, err, "%s", platform);
	rest_path(url, r, "/images/import", NULL);
	rest_query_each(url, "changes", q->changes);
	rest_query(url, "message", q->message);
	rest_query(url, "reference", q->reference);
	rest_query(url, "url", q->archive ? NULL : q->url);
	rest_query(url, "OS", q->os);
	rest_query(url, "Architecture", q->arch);
	rest_query(url, "Variant", q->variant);
	return 0;
}

int rest_image_import(struct engine *e, const struct import_req *q, char **ret_id, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n = import_url(&url, rest_of(e), q, err);

	if (n < 0)
		return n;
	n = rest_call(rest_of(e), &(struct rest_req){ .method = "POST", .url = &url, .upload = q->archive, .what = "import" }, &o,
		      err);
	return n < 0 ? n : rest_take_id(js_get_str(o, "Id", NULL), "what it imported", ret_id, err);
}
