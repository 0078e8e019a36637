/* What goes over the wire for each operation on images and archives, by version, and what is made of the reply. */
#include "rest_peer.h"

#include "base/js.h"

#define OUT_MAX (64 * 1024)

/* A row's operation; what came of it goes to out. */
typedef int op_fn(struct engine *e, struct buf *out, struct error *err);

static const char archive_bytes[] = "the archive";

static int archive(void *ctx, const struct byte_sink *to, struct error *err)
{
	(void)ctx;
	return sink_write(to, archive_bytes, sizeof archive_bytes - 1, err);
}

static const struct byte_producer upload = { archive, NULL, -1, false };

static void note(void *ctx, const char *line)
{
	buf_addf(ctx, "%s|", line);
}

static int take_text(int r, char *text, struct buf *out)
{
	if (r >= 0)
		buf_add_z(out, text ? text : "(none)");
	free(text);
	return r;
}

static int take_json(int r, struct json_object *o, struct buf *out)
{
	if (r >= 0)
		buf_add_z(out, js_wire(o));
	json_object_put(o);
	return r;
}

static int take_download(int r, struct download *d, struct buf *out, struct error *err)
{
	struct byte_sink sink = bytes_to_buf(out);
	struct byte_source source;

	if (r < 0)
		return r;
	source = download_source(d);
	r = bytes_copy(&source, &sink, NULL, err);
	d->close(d);
	return r;
}

/* Requests borrow and never write. */
static struct strv words(const char *const *v, size_t n)
{
	return (struct strv){ .v = (char **)v, .n = n };
}

#define WORDS(...) words((const char *const[]){ __VA_ARGS__, NULL }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static int load(struct engine *e, struct buf *out, struct error *err)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	int r = engine_image_load(e, &upload, &names, err);

	for (size_t i = 0; i < names.n; i++)
		buf_addf(out, "%s|", names.v[i]);
	return r;
}

static int save(struct engine *e, struct buf *out, struct error *err)
{
	struct strv names = WORDS("a:1", "b/c");
	struct download *d = NULL;
	int r = engine_image_save(e, &(struct save_req){ .names = &names, .format = "oci-archive", .compress = true }, &d, err);

	return take_download(r, d, out, err);
}

static int save_one(struct engine *e, struct buf *out, struct error *err)
{
	struct strv names = WORDS("a:1");
	struct download *d = NULL;
	int r = engine_image_save(e, &(struct save_req){ .names = &names, .format = "docker-archive" }, &d, err);

	return take_download(r, d, out, err);
}

static int save_uncompressed(struct engine *e, struct buf *out, struct error *err)
{
	struct strv names = WORDS("a:1");
	struct download *d = NULL;
	int r = engine_image_save(e, &(struct save_req){ .names = &names, .format = "oci-dir", .uncompressed_layers = true }, &d,
				  err);

	return take_download(r, d, out, err);
}

static int export(struct engine *e, struct buf *out, struct error *err)
{
	struct download *d = NULL;
	int r = engine_container_export(e, "c 1", &d, err);

	return take_download(r, d, out, err);
}

static int import(struct engine *e, struct buf *out, struct error *err)
{
	struct strv changes = WORDS("CMD=sh", "ENV A=b");
	struct import_req q = { .archive = &upload, .url = "ignored", .reference = "r:1", .message = "a b", .changes = &changes };
	char *id = NULL;
	int r = engine_image_import(e, &q, &id, err);

	return take_text(r, id, out);
}

static int import_url(struct engine *e, struct buf *out, struct error *err)
{
	struct import_req q = { .url = "http://x/y.tar", .os = "linux", .arch = "arm", .variant = "v7" };
	char *id = NULL;
	int r = engine_image_import(e, &q, &id, err);

	return take_text(r, id, out);
}

static int commit(struct engine *e, struct buf *out, struct error *err)
{
	struct strv changes = WORDS("ENV X=y");
	struct commit_req q = { .container = "web",
				.reference = "h:5000/n/img:1",
				.author = "me",
				.message = "msg",
				.format = "docker",
				.changes = &changes,
				.squash = true };
	char *id = NULL;
	int r = engine_container_commit(e, &q, NULL, NULL, &id, err);

	return take_text(r, id, out);
}

static int commit_config(struct engine *e, struct buf *out, struct error *err)
{
	struct commit_req q = { .container = "web", .reference = "h:5000/img", .config = "{\"Env\":[\"A=b\"]}", .pause = true };
	char *id = NULL;
	int r = engine_container_commit(e, &q, NULL, NULL, &id, err);

	return take_text(r, id, out);
}

static int commit_volumes(struct engine *e, struct buf *out, struct error *err)
{
	char *id = NULL;
	int r = engine_container_commit(e, &(struct commit_req){ .container = "web", .include_volumes = true }, NULL, NULL, &id,
					err);

	return take_text(r, id, out);
}

static int history(struct engine *e, struct buf *out, struct error *err)
{
	struct json_object *o = NULL;
	int r = engine_image_history(e, "a/b:1", &o, err);

	return take_json(r, o, out);
}

static int tag(struct engine *e, struct buf *out, struct error *err)
{
	(void)out;
	return engine_image_tag(e, "a", "h:5000/n/b:2", err);
}

static int tag_latest(struct engine *e, struct buf *out, struct error *err)
{
	(void)out;
	return engine_image_tag(e, "a", "h:5000/b", err);
}

static int untag(struct engine *e, struct buf *out, struct error *err)
{
	(void)out;
	return engine_image_untag(e, "a", "b:2", err);
}

static int untag_all(struct engine *e, struct buf *out, struct error *err)
{
	(void)out;
	return engine_image_untag(e, "a", NULL, err);
}

static int search(struct engine *e, struct buf *out, struct error *err)
{
	struct strv filters = WORDS("is-official=true", "stars=3");
	struct search_req q = { .term = "h/x", .auth = "YQ==", .filters = &filters, .limit = 5, .tls_verify = 0 };
	struct json_object *o = NULL;
	int r = engine_image_search(e, &q, &o, err);

	return take_json(r, o, out);
}

static int search_tags(struct engine *e, struct buf *out, struct error *err)
{
	struct json_object *o = NULL;
	int r = engine_image_search(e, &(struct search_req){ .term = "x", .list_tags = true, .tls_verify = -1 }, &o, err);

	return take_json(r, o, out);
}

static int tree(struct engine *e, struct buf *out, struct error *err)
{
	char *text = NULL;
	int r = engine_image_tree(e, "a", true, &text, err);

	return take_text(r, text, out);
}

static int prune(struct engine *e, struct buf *out, struct error *err)
{
	struct strv filters = WORDS("until=24h");
	struct json_object *o = NULL;
	int r = engine_image_prune(e, &(struct image_prune_req){ .all = true, .filters = &filters }, &o, err);

	return take_json(r, o, out);
}

static int prune_external(struct engine *e, struct buf *out, struct error *err)
{
	struct json_object *o = NULL;
	int r = engine_image_prune(e, &(struct image_prune_req){ .external = true }, &o, err);

	return take_json(r, o, out);
}

static int prune_cache(struct engine *e, struct buf *out, struct error *err)
{
	struct json_object *o = NULL;
	int r = engine_image_prune(e, &(struct image_prune_req){ .build_cache = true }, &o, err);

	return take_json(r, o, out);
}

static int diff(struct engine *e, struct buf *out, struct error *err)
{
	struct json_object *o = NULL;
	int r = engine_diff(e, OBJECT_CONTAINER, "c", NULL, &o, err);

	return take_json(r, o, out);
}

static int diff_two(struct engine *e, struct buf *out, struct error *err)
{
	struct json_object *o = NULL;
	int r = engine_diff(e, OBJECT_IMAGE, "a", "b", &o, err);

	return take_json(r, o, out);
}

static int push_as(struct engine *e, struct push_req q, struct buf *out, struct error *err)
{
	char *digest = NULL;
	int r;

	q.name = "a:1";
	q.destination = "h:5000/a:1";
	r = engine_image_push(e, &q, note, out, &digest, err);
	return take_text(r, digest, out);
}

static int push(struct engine *e, struct buf *out, struct error *err)
{
	return push_as(e, (struct push_req){ .auth = "YQ==", .all = true, .tls_verify = 0 }, out, err);
}

static int push_quietly(struct engine *e, struct buf *out, struct error *err)
{
	return push_as(e, (struct push_req){ .quiet = true, .tls_verify = -1 }, out, err);
}

static int push_all_options(struct engine *e, struct buf *out, struct error *err)
{
	return push_as(e,
		       (struct push_req){ .format = "v2s2",
					  .compression_format = "zstd",
					  .compression_level = "3",
					  .retry = "2",
					  .retry_delay = "1s",
					  .force_compression = true,
					  .remove_signatures = true,
					  .tls_verify = 1 },
		       out, err);
}

static int push_compress(struct engine *e, struct buf *out, struct error *err)
{
	return push_as(e, (struct push_req){ .compress = true, .tls_verify = -1 }, out, err);
}

static int push_format(struct engine *e, struct buf *out, struct error *err)
{
	return push_as(e, (struct push_req){ .format = "oci", .tls_verify = -1 }, out, err);
}

static int list_push(struct engine *e, struct buf *out, struct error *err)
{
	struct push_req q = { .name = "ml:1", .destination = "docker://h:5000/ml:1", .all = true, .tls_verify = -1 };
	char *digest = NULL;
	int r = engine_manifest_push(e, &q, note, out, &digest, err);

	return take_text(r, digest, out);
}

static int list_create(struct engine *e, struct buf *out, struct error *err)
{
	struct strv images = WORDS("docker://a", "b");
	char *id = NULL;
	int r = engine_manifest_create(
		e, &(struct manifest_create_req){ .name = "ml:1", .images = &images, .all = true, .tls_verify = -1 }, &id, err);

	return take_text(r, id, out);
}

static int list_create_annotated(struct engine *e, struct buf *out, struct error *err)
{
	struct strv annotations = WORDS("a=b");
	char *id = NULL;
	int r = engine_manifest_create(
		e, &(struct manifest_create_req){ .name = "ml:1", .annotations = &annotations, .amend = true, .tls_verify = 0 },
		&id, err);

	return take_text(r, id, out);
}

static struct manifest_change_req change(struct strv *images, struct strv *annotations)
{
	return (struct manifest_change_req){
		.name = "ml:1", .images = images, .annotations = annotations, .arch = "arm", .variant = "v7", .tls_verify = -1
	};
}

static int list_add(struct engine *e, struct buf *out, struct error *err)
{
	struct strv images = WORDS("docker://a"), annotations = WORDS("k=v=w");
	struct manifest_change_req q = change(&images, &annotations);
	char *id = NULL;
	int r = engine_manifest_add(e, &q, &id, err);

	return take_text(r, id, out);
}

static int list_add_insecure(struct engine *e, struct buf *out, struct error *err)
{
	struct strv images = WORDS("docker://a");
	struct manifest_change_req q = change(&images, NULL);
	char *id = NULL;
	int r;

	q.tls_verify = 0;
	r = engine_manifest_add(e, &q, &id, err);
	return take_text(r, id, out);
}

static int list_annotate(struct engine *e, struct buf *out, struct error *err)
{
	struct strv images = WORDS("sha256:aa"), annotations = WORDS("novalue");
	struct manifest_change_req q = change(&images, &annotations);
	char *id = NULL;
	int r = engine_manifest_annotate(e, &q, &id, err);

	return take_text(r, id, out);
}

static int list_annotate_index(struct engine *e, struct buf *out, struct error *err)
{
	struct strv images = WORDS("sha256:aa"), annotations = WORDS("k=v");
	struct manifest_change_req q = {
		.name = "ml", .images = &images, .annotations = &annotations, .index = true, .tls_verify = -1
	};
	char *id = NULL;
	int r = engine_manifest_annotate(e, &q, &id, err);

	return take_text(r, id, out);
}

static int list_remove(struct engine *e, struct buf *out, struct error *err)
{
	struct strv images = WORDS("sha256:aa");
	char *id = NULL;
	int r = engine_manifest_remove(e, &(struct manifest_change_req){ .name = "ml:1", .images = &images, .tls_verify = -1 }, &id,
				       err);

	return take_text(r, id, out);
}

static int list_inspect(struct engine *e, struct buf *out, struct error *err)
{
	struct json_object *o = NULL;
	int r = engine_manifest_inspect(e, "ml:1", &o, err);

	return take_json(r, o, out);
}

static int list_exists(struct engine *e, struct buf *out, struct error *err)
{
	bool there = false;
	int r = engine_manifest_exists(e, "ml:1", &there, err);

	buf_add_z(out, there ? "there" : "not there");
	return r;
}

static int list_delete(struct engine *e, struct buf *out, struct error *err)
{
	struct strv names = WORDS("ml:1");
	struct json_object *o = NULL;
	int r = engine_manifest_delete(e, &(struct image_remove_req){ .names = &names }, &o, err);

	return take_json(r, o, out);
}

static int copy_out(struct engine *e, struct buf *out, struct error *err)
{
	struct download *d = NULL;
	int r = engine_copy_out(e, "web", "/tmp/a b", &d, err);

	return take_download(r, d, out, err);
}

static int copy_in(struct engine *e, struct buf *out, struct error *err)
{
	(void)out;
	return engine_copy_in(e, &(struct copy_in_req){ .container = "web", .dir = "/tmp", .archive = &upload, .copy_ids = true },
			      err);
}

static int copy_in_renamed(struct engine *e, struct buf *out, struct error *err)
{
	(void)out;
	return engine_copy_in(e,
			      &(struct copy_in_req){ .container = "web",
						     .dir = "/tmp",
						     .archive = &upload,
						     .rename_from = "a\"",
						     .rename_to = "b",
						     .overwrite = true },
			      err);
}

static int copy_stat(struct engine *e, struct buf *out, struct error *err)
{
	CLEANUP(copy_stat_done) struct copy_stat s = { 0 };
	int r = engine_copy_stat(e, "web", "/tmp/f", &s, err);

	if (r >= 0)
		buf_addf(out, "%s %s %lld %o %d", s.name, s.link_target, (long long)s.size, s.mode, s.is_dir);
	return r;
}

#define P         "/v5.4.2/libpod"
#define P4        "/v4.3.1/libpod"
#define P3        "/v3.0.0/libpod"
#define P2        "/v1.0.0/libpod"
#define CHUNKY    "Transfer-Encoding: chunked\r\n"
#define BODY      "\r\n\r\nthe archive"
#define TAR       "HTTP/1.1 200 OK\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntar\r\n0\r\n\r\n"
#define CUT       "HTTP/1.1 200 OK\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nta"
#define ID        "{\"Id\":\"sha256:abc\"}"
#define STAT(b)   "HTTP/1.1 200 OK\r\nX-Docker-Container-Path-Stat: " b "\r\n\r\n"
/* {"name":"f","size":6,"mode":420,"isDir":false,"linkTarget":"/tmp/f"} */
#define STAT_FILE "eyJuYW1lIjoiZiIsInNpemUiOjYsIm1vZGUiOjQyMCwiaXNEaXIiOmZhbHNlLCJsaW5rVGFyZ2V0IjoiL3RtcC9mIn0="
/* {"name":"f","size":6,"mode":134218239,"isDir":false,"linkTarget":"g"} */
#define STAT_LINK "eyJuYW1lIjoiZiIsInNpemUiOjYsIm1vZGUiOjEzNDIxODIzOSwiaXNEaXIiOmZhbHNlLCJsaW5rVGFyZ2V0IjoiZyJ9"

enum version { V5, V4, V3, V2 };

static const struct row {
	const char *name;
	enum version version;
	op_fn *run;
	const char *expect; /* NULL: refused before anything is sent */
	const char *holds;
	const char *reply;
	int r;
	const char *out; /* of a success what it gave, of a failure the error's text */
	bool broken;     /* the peer closes behind the reply */
} rows[] = {
	{ "load", V5, load, "POST " P "/images/load HTTP/1.1\r\n", BODY, JSON("200 OK", "{\"Names\":[\"a:1\",\"b:2\"]}"), 0,
	  "a:1|b:2|" },
	{ "load is sent in chunks", V5, load, "POST " P "/images/load HTTP/1.1\r\n", CHUNKY, JSON("200 OK", "{\"Names\":[\"a\"]}"),
	  0, "a|" },
	{ "load: names of 3.0", V3, load, "POST " P3 "/images/load", BODY, JSON("200 OK", "{\"Names\":[\"a:1,b:2\"]}"), 0,
	  "a:1|b:2|" },
	{ "load: no name on 3.0", V3, load, "POST " P3 "/images/load", BODY, JSON("200 OK", "{\"Names\":[\"@882c\"]}"), 0,
	  "882c|" },
	{ "load: a broken archive on 3.0", V3, load, "POST " P3 "/images/load", BODY, JSON("200 OK", "{\"Names\":[\"\"]}"),
	  -ERR_REMOTE, "the host loaded no image: this is no archive that it knows, or not all of it" },
	{ "load: refused", V5, load, "POST " P "/images/load", BODY,
	  JSON("500 Error", "{\"cause\":\"c\",\"message\":\"no archive\"}"), -ERR_REMOTE, "no archive" },
	{ "save", V5, save, "GET " P "/images/export?references=a%3A1&references=b%2Fc&format=oci-archive&compress=true HTTP/1.1",
	  NULL, TAR, 0, "tar" },
	{ "save on 2.0", V2, save_one, "GET " P2 "/images/a%3A1/get?format=docker-archive HTTP/1.1", NULL, TAR, 0, "tar" },
	{ "save of several on 2.0", V2, save, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "save of several images is not supported by Podman 2.0.6 (rest)" },
	{ "save: cut off", V5, save, "GET " P "/images/export?", NULL, CUT, -ERR_CONNECT,
	  "the archive from the host is not whole: test: the service closed the connection in the middle of its answer", true },
	{ "save: not there", V5, save, "GET " P "/images/export?", NULL,
	  JSON("500 Error", "{\"cause\":\"image not known\",\"message\":\"x: image not known\"}"), -ERR_NOT_FOUND,
	  "x: image not known" },
	{ "save --uncompressed", V4, save_uncompressed,
	  "GET " P4 "/images/export?references=a%3A1&format=oci-archive&ociAcceptUncompressedLayers=true HTTP/1.1", NULL, TAR, 0,
	  "tar" },
	{ "save --uncompressed on 3.0", V3, save_uncompressed, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "--uncompressed is not supported by Podman 3.0.1 (rest)" },
	{ "export", V5, export, "GET " P "/containers/c%201/export HTTP/1.1", NULL, TAR, 0, "tar" },
	{ "import", V5, import,
	  "POST " P "/images/import?changes=CMD%3Dsh&changes=ENV%20A%3Db&message=a%20b&reference=r%3A1 HTTP/1.1", BODY,
	  JSON("200 OK", ID), 0, "abc" },
	{ "import of an URL", V5, import_url,
	  "POST " P "/images/import?url=http%3A%2F%2Fx%2Fy.tar&OS=linux&Architecture=arm&Variant=v7 HTTP/1.1",
	  "Content-Length: 0\r\n", JSON("200 OK", ID), 0, "abc" },
	{ "import --os on 3.0", V3, import_url, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "--os is not supported by Podman 3.0.1 (rest)" },
	{ "import: no ID", V5, import, "POST " P "/images/import?", BODY, JSON("200 OK", "{}"), -ERR_PROTOCOL,
	  "the service told no ID of what it imported" },
	{ "commit", V4, commit,
	  "POST " P4
	  "/commit?container=web&repo=h%3A5000%2Fn%2Fimg&tag=1&author=me&comment=msg&format=docker&pause=false&squash=true"
	  "&changes=ENV%20X%3Dy HTTP/1.1",
	  NULL, JSON("200 OK", ID), 0, "abc" },
	{ "commit --config", V5, commit_config,
	  "POST " P "/commit?container=web&repo=h%3A5000%2Fimg&format=oci&pause=true&squash=false HTTP/1.1",
	  "\r\n\r\n{\"Env\":[\"A=b\"]}", JSON("200 OK", ID), 0, "abc" },
	{ "commit --config on 4.3", V4, commit_config, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "commit --config is not supported by Podman 4.3.1 (rest)" },
	{ "commit --include-volumes", V5, commit_volumes, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "commit --include-volumes is not supported by Podman 5.4.2 (rest)" },
	{ "history", V5, history, "GET " P "/images/a%2Fb%3A1/history HTTP/1.1", NULL, JSON("200 OK", "[{\"Id\":\"x\"}]"), 0,
	  "[{\"Id\":\"x\"}]" },
	{ "history: no list", V5, history, "GET " P "/images/a%2Fb%3A1/history", NULL, JSON("200 OK", "{}"), -ERR_PROTOCOL,
	  "the reply is not the list that was asked for" },
	{ "tag", V5, tag, "POST " P "/images/a/tag?repo=h%3A5000%2Fn%2Fb&tag=2 HTTP/1.1", NULL,
	  "HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\n\n", 0, "" },
	{ "tag without one", V5, tag_latest, "POST " P "/images/a/tag?repo=h%3A5000%2Fb&tag=latest HTTP/1.1", NULL,
	  "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 0, "" },
	{ "untag", V5, untag, "POST " P "/images/a/untag?repo=b&tag=2 HTTP/1.1", NULL,
	  "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 0, "" },
	{ "untag of all", V5, untag_all, "POST " P "/images/a/untag HTTP/1.1", NULL,
	  "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 0, "" },
	{ "search", V5, search,
	  "GET " P
	  "/images/search?term=h%2Fx&limit=5&filters=%7B%22is-official%22%3A%5B%22true%22%5D%2C%22stars%22%3A%5B%223%22%5D%7D"
	  "&tlsVerify=false HTTP/1.1",
	  "X-Registry-Auth: YQ==\r\n", JSON("200 OK", "[{\"Name\":\"x\"}]"), 0, "[{\"Name\":\"x\"}]" },
	{ "search --list-tags", V3, search_tags, "GET " P3 "/images/search?term=x&listTags=true HTTP/1.1",
	  "X-Registry-Auth: e30=\r\n", JSON("200 OK", "null"), 0, "[]" },
	{ "search --list-tags on 2.0", V2, search_tags, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "search --list-tags is not supported by Podman 2.0.6 (rest)" },
	{ "tree", V5, tree, "GET " P "/images/a/tree?whatrequires=true HTTP/1.1", NULL, JSON("200 OK", "{\"Tree\":\"x\\ny\"}"), 0,
	  "x\ny" },
	{ "tree: none", V5, tree, "GET " P "/images/a/tree", NULL, JSON("200 OK", "{}"), -ERR_PROTOCOL,
	  "the service told no tree of a" },
	{ "prune", V5, prune, "POST " P "/images/prune?all=true&filters=%7B%22until%22%3A%5B%2224h%22%5D%7D HTTP/1.1", NULL,
	  JSON("200 OK", "[{\"Id\":\"a\",\"Size\":3},{\"Id\":\"b\",\"Err\":\"in use\"}]"), 0,
	  "[{\"Id\":\"a\",\"Size\":3,\"Err\":null},{\"Id\":\"b\",\"Size\":0,\"Err\":\"in use\"}]" },
	{ "prune on 2.0", V2, prune, "POST " P2 "/images/prune?all=true&", NULL, JSON("200 OK", "[\"a\",{\"ID\":\"b\"}]"), 0,
	  "[{\"Id\":\"a\",\"Size\":0,\"Err\":null},{\"Id\":\"b\",\"Size\":0,\"Err\":null}]" },
	{ "prune --external", V4, prune_external, "POST " P4 "/images/prune?all=false&external=true HTTP/1.1", NULL,
	  JSON("200 OK", "null"), 0, "[]" },
	{ "prune --external on 3.0", V3, prune_external, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "image prune --external is not supported by Podman 3.0.1 (rest)" },
	{ "prune --build-cache", V5, prune_cache, "POST " P "/images/prune?all=false&buildcache=true HTTP/1.1", NULL,
	  JSON("200 OK", "[]"), 0, "[]" },
	{ "prune --build-cache on 4.3", V4, prune_cache, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "image prune --build-cache is not supported by Podman 4.3.1 (rest)" },
	{ "diff", V3, diff, "GET " P3 "/containers/c/changes HTTP/1.1", NULL, JSON("200 OK", "[{\"Path\":\"/e\",\"Kind\":0}]"), 0,
	  "[{\"Path\":\"/e\",\"Kind\":0}]" },
	{ "diff of two", V5, diff_two, "GET " P "/images/a/changes?parent=b&difftype=all HTTP/1.1", NULL, JSON("200 OK", "null"), 0,
	  "[]" },
	{ "diff of two on 3.0", V3, diff_two, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "diff of two is not supported by Podman 3.0.1 (rest)" },

	{ "push", V5, push,
	  "POST " P "/images/a%3A1/push?destination=h%3A5000%2Fa%3A1&all=true&quiet=false&tlsVerify=false HTTP/1.1",
	  "X-Registry-Auth: YQ==\r\n", JSON("200 OK", "{\"stream\":\"Copying\\n\"}\n{\"manifestdigest\":\"sha256:d\"}\n"), 0,
	  "Copying|sha256:d" },
	{ "push -q", V5, push_quietly, "POST " P "/images/a%3A1/push?", "X-Registry-Auth: e30=\r\n",
	  JSON("200 OK", "{\"stream\":\"Copying\\n\"}{\"manifestdigest\":\"sha256:d\"}"), 0, "sha256:d" },
	{ "push on 4.3 tells no digest", V4, push, "POST " P4 "/images/a%3A1/push?", NULL,
	  JSON("200 OK", "{\"stream\":\"Copying\\nblob\"}"), 0, "Copying|blob|(none)" },
	{ "push on 3.0 tells nothing", V3, push, "POST " P3 "/images/a%3A1/push?", NULL, JSON("200 OK", "\"\"\n"), 0, "(none)" },
	{ "push fails", V5, push, "POST " P "/images/a%3A1/push?", NULL, JSON("200 OK", "{\"stream\":\"x\"}{\"error\":\"denied\"}"),
	  -ERR_REMOTE, "denied" },
	{ "push ends early", V5, push, "POST " P "/images/a%3A1/push?", NULL,
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{\"stream\":\"x\"}\n\r\n", -ERR_CONNECT,
	  "push of a:1: test: the service closed the connection in the middle of its answer", true },
	{ "push with all options", V5, push_all_options,
	  "POST " P
	  "/images/a%3A1/push?destination=h%3A5000%2Fa%3A1&all=false&quiet=false&format=v2s2&compressionFormat=zstd&compressionLevel=3"
	  "&forceCompressionFormat=true&removeSignatures=true&retry=2&retrydelay=1s&tlsVerify=true HTTP/1.1",
	  NULL, JSON("200 OK", "{}"), 0, "(none)" },
	{ "push --retry on 4.3", V4, push_all_options, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "--retry is not supported by Podman 4.3.1 (rest)" },
	{ "push --compress", V5, push_compress, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "--compress is not supported by Podman 5.4.2 (rest)" },
	{ "push --format on 3.0", V3, push_format, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "--format is not supported by Podman 3.0.1 (rest)" },

	{ "list push", V5, list_push,
	  "POST " P "/manifests/ml%3A1/registry/docker%3A%2F%2Fh%3A5000%2Fml%3A1?all=true&quiet=false HTTP/1.1", NULL,
	  JSON("200 OK", "{\"Id\":\"\",\"stream\":\"Copying\"}\n{\"Id\":\"sha256:e\"}"), 0, "Copying|sha256:e" },
	{ "list push on 3.0", V3, list_push,
	  "POST " P3 "/manifests/ml%3A1/push?destination=docker%3A%2F%2Fh%3A5000%2Fml%3A1&all=true&quiet=false HTTP/1.1", NULL,
	  "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsha256:e\n", 0, "sha256:e" },
	{ "list create", V5, list_create, "POST " P "/manifests/ml%3A1?images=docker%3A%2F%2Fa&images=b&all=true HTTP/1.1", NULL,
	  JSON("201 Created", "{\"Id\":\"l\"}"), 0, "l" },
	{ "list create on 3.0", V3, list_create,
	  "POST " P3 "/manifests/create?name=ml%3A1&image=docker%3A%2F%2Fa&image=b&all=true HTTP/1.1", NULL,
	  JSON("200 OK", "{\"Id\":\"l\"}"), 0, "l" },
	{ "list create --annotation --amend", V5, list_create_annotated,
	  "POST " P "/manifests/ml%3A1?all=false&amend=true&tlsVerify=false HTTP/1.1", "\r\n\r\n{\"annotations\":{\"a\":\"b\"}}",
	  JSON("200 OK", "{\"Id\":\"l\"}"), 0, "l" },
	{ "list create --annotation on 4.3", V4, list_create_annotated, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "manifest create --annotation is not supported by Podman 4.3.1 (rest)" },
	{ "list add", V5, list_add, "PUT " P "/manifests/ml%3A1 HTTP/1.1",
	  "{\"annotations\":{\"k\":\"v=w\"},\"operation\":\"update\",\"images\":[\"docker://a\"],\"arch\":\"arm\",\"variant\":\"v7\"}",
	  JSON("200 OK", "{\"Id\":\"l\",\"images\":[\"docker://a\"]}"), 0, "l" },
	{ "list add on 3.0", V3, list_add, "POST " P3 "/manifests/ml%3A1/add HTTP/1.1",
	  "{\"annotation\":{\"k\":\"v=w\"},\"images\":[\"docker://a\"],\"arch\":\"arm\",\"variant\":\"v7\"}",
	  JSON("200 OK", "{\"Id\":\"l\"}"), 0, "l" },
	{ "list add --tls-verify=false", V5, list_add_insecure, "PUT " P "/manifests/ml%3A1?tlsVerify=false HTTP/1.1", NULL,
	  JSON("200 OK", "{\"Id\":\"l\"}"), 0, "l" },
	{ "list add --tls-verify=false on 3.0", V3, list_add_insecure, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "manifest with --tls-verify=false is not supported by Podman 3.0.1 (rest)" },
	{ "list add: refused", V5, list_add, "PUT ", NULL, JSON("400 Bad Request", "{\"Id\":\"l\",\"errors\":[\"no such a\"]}"),
	  -ERR_REMOTE, "no such a" },
	{ "list add: an error in a success", V5, list_add, "PUT ", NULL,
	  JSON("200 OK", "{\"Id\":\"l\",\"errors\":[\"no such a\"]}"), -ERR_REMOTE, "no such a" },
	{ "list annotate", V5, list_annotate, NULL, NULL, NULL, -ERR_USAGE, "no value given for annotation novalue" },
	{ "list annotate on 3.0", V3, list_annotate, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "manifest annotate is not supported by Podman 3.0.1 (rest)" },
	{ "list annotate --index", V5, list_annotate_index, "PUT " P "/manifests/ml HTTP/1.1",
	  "\r\n\r\n{\"index_annotations\":{\"k\":\"v\"},\"operation\":\"annotate\"}", JSON("200 OK", "{\"Id\":\"l\"}"), 0, "l" },
	{ "list annotate --index on 4.3", V4, list_annotate_index, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "manifest annotate --index is not supported by Podman 4.3.1 (rest)" },
	{ "list remove", V5, list_remove, "PUT " P "/manifests/ml%3A1 HTTP/1.1",
	  "{\"operation\":\"remove\",\"images\":[\"sha256:aa\"]}", JSON("200 OK", "{\"Id\":\"l\"}"), 0, "l" },
	{ "list remove on 3.0", V3, list_remove, "DELETE " P3 "/manifests/ml%3A1?digest=sha256%3Aaa HTTP/1.1", NULL,
	  JSON("200 OK", "{\"Id\":\"l\"}"), 0, "l" },
	{ "list inspect", V5, list_inspect, "GET " P "/manifests/ml%3A1/json HTTP/1.1", NULL,
	  JSON("200 OK", "{\"manifests\":null}"), 0, "{\"manifests\":null}" },
	{ "list exists", V5, list_exists, "GET " P "/manifests/ml%3A1/exists HTTP/1.1", NULL, NO_CONTENT, 0, "there" },
	{ "list exists: no", V5, list_exists, "GET " P "/manifests/ml%3A1/exists HTTP/1.1", NULL,
	  JSON("404 Not Found", "{\"message\":\"ml:1: image not known\"}"), 0, "not there" },
	{ "list exists on 3.0", V3, list_exists, "GET " P3 "/manifests/ml%3A1/json HTTP/1.1", NULL, JSON("200 OK", "{\"a\":1}"), 0,
	  "there" },
	{ "list rm", V5, list_delete, "DELETE " P "/images/remove?images=ml%3A1&all=false&force=false&lookupManifest=true HTTP/1.1",
	  NULL, JSON("200 OK", "{\"Deleted\":[\"l\"],\"ExitCode\":0}"), 0,
	  "{\"Deleted\":[\"l\"],\"Untagged\":[],\"ExitCode\":0,\"Errors\":[]}" },

	{ "copy out", V5, copy_out, "GET " P "/containers/web/archive?path=%2Ftmp%2Fa%20b HTTP/1.1", NULL, TAR, 0, "tar" },
	{ "copy out on 2.0", V2, copy_out, NULL, NULL, NULL, -ERR_UNSUPPORTED, "cp is not supported by Podman 2.0.6 (rest)" },
	{ "copy in", V5, copy_in,
	  "PUT " P "/containers/web/archive?path=%2Ftmp&copyUIDGID=false&noOverwriteDirNonDir=true HTTP/1.1", BODY,
	  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, "" },
	{ "copy in to another name", V5, copy_in_renamed,
	  "PUT " P
	  "/containers/web/archive?path=%2Ftmp&copyUIDGID=true&noOverwriteDirNonDir=false&rename=%7B%22a%5C%22%22%3A%22b%22%7D HTTP/1.1",
	  BODY, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, "" },
	{ "copy in to another name on 3.0", V3, copy_in_renamed, NULL, NULL, NULL, -ERR_UNSUPPORTED,
	  "cp to another name is not supported by Podman 3.0.1 (rest)" },
	{ "stat", V5, copy_stat, "HEAD " P "/containers/web/archive?path=%2Ftmp%2Ff HTTP/1.1", NULL, STAT(STAT_FILE), 0,
	  "f /tmp/f 6 644 0" },
	{ "stat: no properties", V5, copy_stat, "HEAD ", NULL, "HTTP/1.1 200 OK\r\n\r\n", -ERR_PROTOCOL,
	  "the service told no properties of the file" },
	{ "stat: no base64", V5, copy_stat, "HEAD ", NULL, STAT("e*J9"), -ERR_PROTOCOL,
	  "the service told no properties of the file" },
	{ "stat: no JSON", V5, copy_stat, "HEAD ", NULL, STAT("e30="), 0, "  0 0 0" },
	{ "stat: a link", V5, copy_stat, "HEAD ", NULL, STAT(STAT_LINK), 0, "f g 6 1000000777 0" },
};

static const struct step pings[] = { [V5] = PING("5.4.2"), [V4] = PING("4.3.1"), [V3] = PING("3.0.0"), [V2] = PING("1.0.0") };

/* Only services before 3.1 are asked for it. */
static const struct step versions[V2 + 1] = {
	[V3] = { .expect = "GET " P3 "/version", .reply = JSON("200 OK", "{\"Version\":\"3.0.1\"}") },
	[V2] = { .expect = "GET " P2 "/version", .reply = JSON("200 OK", "{\"Version\":\"2.0.6\"}") },
};

static struct connection script_of(enum version v, const struct step *more, size_t n)
{
	struct connection c = { 0 };
	size_t at = 0;

	c.steps[at++] = pings[v];
	if (versions[v].expect)
		c.steps[at++] = versions[v];
	for (size_t i = 0; i < n; i++)
		c.steps[at++] = more[i];
	return c;
}

static void run_row(const char *name, op_fn *run, struct connection script, int r, const char *text)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT(OUT_MAX);
	struct peer p = peer_of(&script, 1);
	struct dialer d = peer_dialer(&p);
	struct engine *e = NULL;
	int got;

	if (rest_engine_open(&e, &d, &err) < 0)
		row_fail(name, "%s", err.text);
	got = run(e, &out, &err);
	if (got != r || strcmp(got < 0 ? err.text : buf_z(&out), text) != 0)
		row_fail(name, "r %d \"%s\" \"%s\"", got, buf_z(&out), err.text ? err.text : "");
	engine_close(e);
	peer_check(&p, name);
}

static void each_operation_speaks_its_versions_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *w = &rows[i];
		struct step step = { .expect = w->expect, .holds = w->holds, .reply = w->reply, .then_close = w->broken };

		run_row(w->name, w->run, script_of(w->version, &step, w->expect != NULL), w->r, w->out);
	}
}

#define GONE "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 91\r\n\r\n"

static void what_is_not_there_is_named(void **state)
{
	const struct step file[] = { { .expect = "HEAD " P "/containers/web/archive?path=%2Ftmp%2Ff", .reply = GONE },
				     { .expect = "GET " P "/containers/web/exists", .reply = NO_CONTENT } };
	const struct step container[] = { { .expect = "HEAD " P "/containers/web/archive?path=%2Ftmp%2Ff", .reply = GONE },
					  { .expect = "GET " P "/containers/web/exists",
					    .reply = JSON("404 Not Found", "{\"message\":\"no such container\"}") } };

	(void)state;
	run_row("no file", copy_stat, script_of(V5, file, 2), -ERR_NOT_FOUND, "no such file or directory");
	run_row("no container", copy_stat, script_of(V5, container, 2), -ERR_NOT_FOUND,
		"no container with name or ID \"web\" found: no such container");
}

/* 3.0 tells the text of a link, later services where it ends. */
static void links_of_3_0_are_followed(void **state)
{
	const struct step found[] = { { .expect = "HEAD " P3 "/containers/web/archive?path=%2Ftmp%2Ff", .reply = STAT(STAT_LINK) },
				      { .expect = "HEAD " P3 "/containers/web/archive?path=%2Ftmp%2Fg",
					.reply = STAT(STAT_FILE) } };
	const struct step dangling[] = { { .expect = "HEAD " P3 "/containers/web/archive?path=%2Ftmp%2Ff",
					   .reply = STAT(STAT_LINK) },
					 { .expect = "HEAD " P3 "/containers/web/archive?path=%2Ftmp%2Fg", .reply = GONE },
					 { .expect = "GET " P3 "/containers/web/exists", .reply = NO_CONTENT } };

	(void)state;
	run_row("link", copy_stat, script_of(V3, found, 2), 0, "f /tmp/g 6 1000000777 0");
	run_row("dangling", copy_stat, script_of(V3, dangling, 3), 0, "f /tmp/g 6 1000000777 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_speaks_its_versions_words),
		cmocka_unit_test(what_is_not_there_is_named),
		cmocka_unit_test(links_of_3_0_are_followed),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
