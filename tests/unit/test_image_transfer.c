/* Push and pull between archives and a registry in memory. */
#include "registry_fake.h"

#include <unistd.h>

#include "archive/tar.h"
#include "base/js.h"
#include "image/transfer.h"

/* ---- archives of hosts ----------------------------------------------------------------------------------------------- */

struct cursor {
	struct str all;
	size_t pos, breaks_at; /* 0: never */
};

static ssize_t cursor_read(void *ctx, void *p, size_t n, struct error *err)
{
	struct cursor *c = ctx;

	if (c->breaks_at && c->pos >= c->breaks_at)
		return error_set(err, ERR_CONNECT, "the connection to the host broke");
	if (n > c->all.n - c->pos)
		n = c->all.n - c->pos;
	if (c->breaks_at && n > c->breaks_at - c->pos)
		n = c->breaks_at - c->pos;
	memcpy(p, c->all.p + c->pos, n);
	c->pos += n;
	return (ssize_t)n;
}

static void add_file(struct tar_writer *w, const char *name, struct str bytes)
{
	struct tar_entry e = { .name = name, .type = TAR_FILE, .mode = 0444, .size = (int64_t)bytes.n };

	assert_int_equal(tar_write_entry(w, &e, NULL), 0);
	assert_int_equal(tar_write_data(w, bytes.p, bytes.n, NULL), 0);
}

static void add_text_file(struct tar_writer *w, const char *name, const char *text)
{
	add_file(w, name, str_from(text));
}

/* An image of two layers as podman saves it; the first is 200,000 bytes. */
struct saved {
	struct buf archive;
	struct buf layer[2];
	char content[2][DIGEST_MAX];
	struct buf config;
	char config_digest[DIGEST_MAX];
};

static void saved_done(struct saved *s)
{
	buf_done(&s->archive);
	buf_done(&s->layer[0]);
	buf_done(&s->layer[1]);
	buf_done(&s->config);
}

static void saved_write(struct saved *s, const char *wrong_name, size_t skip)
{
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	CLEANUP(buf_done) struct buf name = BUF_INIT(256), manifest = BUF_INIT(2048);
	struct byte_sink sink = bytes_to_buf(&s->archive);

	assert_int_equal(tar_writer_open(&sink, &w, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		buf_clear(&name);
		buf_addf(&name, "%s.tar", s->content[i] + 7);
		if (skip != i)
			add_file(w, wrong_name && i == 1 ? wrong_name : buf_z(&name), buf_str(&s->layer[i]));
	}
	buf_clear(&name);
	buf_addf(&name, "%s.json", s->config_digest + 7);
	add_file(w, buf_z(&name), buf_str(&s->config));
	add_text_file(w, "legacy/VERSION", "1.0");
	add_text_file(w, "legacy/json", "{\"id\":\"legacy\"}");
	buf_addf(&manifest, "[{\"Config\":\"%s\",\"RepoTags\":[],\"Layers\":[\"%s.tar\",\"%s.tar\"]}]", buf_z(&name), s->content[0] + 7, s->content[1] + 7);
	add_file(w, "manifest.json", buf_str(&manifest));
	assert_int_equal(tar_writer_end(w, NULL), 0);
}

static void saved_make(struct saved *s)
{
	uint32_t random = 1;

	*s = (struct saved){ .archive = BUF_INIT(MAX_BYTES), .layer = { BUF_INIT(MAX_BYTES), BUF_INIT(MAX_BYTES) }, .config = BUF_INIT(4096) };
	for (size_t i = 0; i < 200000; i++) {
		random = random * 1664525 + 1013904223;
		buf_add_char(&s->layer[0], (char)(random >> 24));
	}
	buf_add_z(&s->layer[1], "a small layer");
	for (size_t i = 0; i < 2; i++)
		digest_of(buf_str(&s->layer[i]), s->content[i]);
	buf_addf(&s->config, "{ \"os\":\"linux\", \"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\",\"%s\"]}}", s->content[0], s->content[1]);
	digest_of(buf_str(&s->config), s->config_digest);
}

static int push(struct registry *r, struct cursor *c, const char *path, enum manifest_format format, struct error *err)
{
	struct push_archive q = { .archive = { cursor_read, c, -1 }, .format = format, .layers = 2 };
	char path_copy[64], digest[DIGEST_MAX], expected[DIGEST_MAX];
	struct reference to = { .host = (char[]){ "registry.example:5000" }, .path = path_copy, .tag = (char[]){ "v1" } };
	int n;

	snprintf(path_copy, sizeof path_copy, "%s", path);
	n = transfer_push(r, &to, &q, digest, err);
	if (n < 0)
		return n;
	digest_of(buf_str(&r->manifest), expected);
	assert_string_equal(digest, expected);
	return 0;
}

/* ---- push ------------------------------------------------------------------------------------------------------------ */

static void a_pushed_image_keeps_its_configuration_and_its_layers(void **state)
{
	CLEANUP(registry_drop) struct registry *r = registry_new();
	CLEANUP(saved_done) struct saved s;
	CLEANUP(js_put_p) struct json_object *m = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct cursor c = { 0 };
	struct blob *layer;

	(void)state;
	saved_make(&s);
	saved_write(&s, NULL, 9);
	c.all = buf_str(&s.archive);
	assert_int_equal(push(r, &c, "me/kept", MANIFEST_FORMAT_DOCKER, &err), 0);
	assert_int_equal(r->puts, 3);
	assert_string_equal(r->type, "application/vnd.docker.distribution.manifest.v2+json");
	assert_int_equal(js_parse(buf_str(&r->manifest), "manifest", &m, &err), 0);
	assert_string_equal(js_get_str(js_get(m, "config"), "digest", ""), s.config_digest);
	assert_non_null(find(r, "me/kept", s.config_digest));
	assert_int_equal(js_len(js_get(m, "layers")), 2);
	layer = find(r, "me/kept", js_get_str(js_at(js_get(m, "layers"), 0), "digest", ""));
	assert_non_null(layer);
	assert_int_equal(js_get_int(js_at(js_get(m, "layers"), 0), "size", 0), layer->bytes.n);
	assert_memory_equal(layer->bytes.p, "\x1f\x8b", 2);
}

static void pushing_again_sends_no_layer_twice(void **state)
{
	CLEANUP(registry_drop) struct registry *r = registry_new();
	CLEANUP(saved_done) struct saved s;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct cursor c = { 0 };

	(void)state;
	saved_make(&s);
	saved_write(&s, NULL, 9);
	c.all = buf_str(&s.archive);
	assert_int_equal(push(r, &c, "me/again", MANIFEST_FORMAT_DOCKER, &err), 0);
	r->puts = 0;
	c.pos = 0;
	assert_int_equal(push(r, &c, "me/again", MANIFEST_FORMAT_DOCKER, &err), 0);
	assert_int_equal(r->puts, 0);
	/* Into another repository of that registry: mounted, only the configuration is sent. */
	r->mounts = 0;
	c.pos = 0;
	assert_int_equal(push(r, &c, "me/other", MANIFEST_FORMAT_OCI, &err), 0);
	assert_int_equal(r->puts, 1);
	assert_int_equal(r->mounts, 2);
	assert_non_null(strstr(buf_z(&r->manifest), "application/vnd.oci.image.layer.v1.tar+gzip"));
	assert_null(strstr(buf_z(&r->manifest), "vnd.docker"));
}

static int push_known(struct registry *r, const char *path, const char *id, struct error *err)
{
	struct push_archive q = { .format = MANIFEST_FORMAT_DOCKER };
	char path_copy[64], digest[DIGEST_MAX];
	struct reference to = { .host = (char[]){ "registry.example:5000" }, .path = path_copy, .tag = (char[]){ "v2" } };

	snprintf(path_copy, sizeof path_copy, "%s", path);
	return transfer_push_known(r, &to, &q, id, digest, err);
}

static void what_the_registry_has_whole_needs_no_archive(void **state)
{
	CLEANUP(registry_drop) struct registry *r = registry_new();
	CLEANUP(saved_done) struct saved s;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf first = BUF_INIT(MAX_BYTES);
	struct cursor c = { 0 };

	(void)state;
	saved_make(&s);
	saved_write(&s, NULL, 9);
	c.all = buf_str(&s.archive);
	assert_int_equal(push_known(r, "me/known", s.config_digest + 7, &err), 0);
	assert_int_equal(push(r, &c, "me/known", MANIFEST_FORMAT_DOCKER, &err), 0);
	assert_true(buf_add(&first, buf_str(&r->manifest)));
	r->puts = 0;
	assert_int_equal(push_known(r, "me/known", s.config_digest + 7, &err), 1);
	assert_int_equal(r->puts, 0);
	assert_string_equal(r->version, "v2");
	assert_string_equal(buf_z(&r->manifest), buf_z(&first));
	/* Its layers are there, but not its configuration; no image at all; no ID. */
	r->manifest_puts = 0;
	assert_int_equal(push_known(r, "me/elsewhere", s.config_digest + 7, &err), 0);
	assert_int_equal(push_known(r, "me/known", s.content[0] + 7, &err), 0);
	assert_int_equal(push_known(r, "me/known", "../../x", &err), 0);
	assert_int_equal(r->manifest_puts, 0);
}

/* What the registry lost is sent again; what this machine forgot, it learns from the manifest that the push replaces. */
static void a_wrong_or_lost_cache_costs_no_more_than_the_upload(void **state)
{
	CLEANUP(registry_drop) struct registry *r = registry_new();
	CLEANUP(saved_done) struct saved s;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf cache = BUF_INIT(4096);
	struct cursor c = { 0 };

	(void)state;
	saved_make(&s);
	saved_write(&s, NULL, 9);
	c.all = buf_str(&s.archive);
	assert_int_equal(push(r, &c, "me/lost", MANIFEST_FORMAT_DOCKER, &err), 0);
	buf_addf(&cache, "%s/farpod/blobs.json", getenv("XDG_CACHE_HOME"));
	assert_int_equal(unlink(buf_z(&cache)), 0);
	r->puts = 0;
	c.pos = 0;
	assert_int_equal(push(r, &c, "me/lost", MANIFEST_FORMAT_DOCKER, &err), 0);
	assert_int_equal(r->puts, 0);
	forget_blobs(r);
	r->version[0] = '\0';
	c.pos = 0;
	assert_int_equal(push(r, &c, "me/lost", MANIFEST_FORMAT_DOCKER, &err), 0);
	assert_int_equal(r->puts, 3);
}

static void a_connection_to_the_host_that_breaks_is_told_with_the_layer(void **state)
{
	CLEANUP(saved_done) struct saved s;

	(void)state;
	saved_make(&s);
	saved_write(&s, NULL, 9);
	for (size_t at = 1; at < s.archive.n; at += at < 1000 ? 499 : 9973) {
		CLEANUP(registry_drop) struct registry *r = registry_new();
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct cursor c = { .all = buf_str(&s.archive), .breaks_at = at };
		char path[32];

		snprintf(path, sizeof path, "me/broken%zu", at);
		push(r, &c, path, MANIFEST_FORMAT_DOCKER, &err);
		/* Behind the archive's end nothing is missed. */
		if (err.kind == ERR_NONE)
			break;
		assert_int_equal(r->manifest_puts, 0);
		if (!strstr(err.text, "the connection to the host broke"))
			row_fail(path, "%s", err.text);
		if (at > 3000 && at < 190000 && strncmp(err.text, "layer 1 of 2 could not be read from the host: ", 46) != 0)
			row_fail(path, "%s", err.text);
	}
}

static void a_truncated_archive_leaves_no_manifest(void **state)
{
	CLEANUP(saved_done) struct saved s;

	(void)state;
	saved_make(&s);
	saved_write(&s, NULL, 9);
	for (size_t n = 0; n < 204000; n += 10007) {
		CLEANUP(registry_drop) struct registry *r = registry_new();
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct cursor c = { .all = { s.archive.p, n } };

		assert_true(push(r, &c, "me/short", MANIFEST_FORMAT_DOCKER, &err) < 0);
		assert_int_equal(err.kind, ERR_PROTOCOL);
		assert_int_equal(r->manifest_puts, 0);
	}
}

static void archives_that_are_not_what_they_say_are_refused(void **state)
{
	static const struct {
		const char *name;
		size_t skip;
		const char *text;
	} rows[] = {
		{ "0000000000000000000000000000000000000000000000000000000000000000.tar", 9,
		  "layer 2 of 2 of the archive is not sha256:0000000000000000000000000000000000000000000000000000000000000000, as its name says" },
		{ NULL, 1, "the archive lacks layer 2 of 2" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(registry_drop) struct registry *r = registry_new();
		CLEANUP(saved_done) struct saved s;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct cursor c = { 0 };

		saved_make(&s);
		saved_write(&s, rows[i].name, rows[i].skip);
		c.all = buf_str(&s.archive);
		assert_int_equal(push(r, &c, "me/wrong", MANIFEST_FORMAT_DOCKER, &err), -ERR_PROTOCOL);
		if (strncmp(err.text, rows[i].text, strlen(rows[i].text)) != 0)
			row_fail(rows[i].text, "%s", err.text);
		assert_int_equal(r->manifest_puts, 0);
	}
}

static void an_upload_that_breaks_is_told_with_layer_and_registry(void **state)
{
	CLEANUP(registry_drop) struct registry *r = registry_new();
	CLEANUP(saved_done) struct saved s;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct cursor c = { 0 };

	(void)state;
	saved_make(&s);
	saved_write(&s, NULL, 9);
	c.all = buf_str(&s.archive);
	r->put_breaks_after = 100000;
	assert_int_equal(push(r, &c, "me/upload", MANIFEST_FORMAT_DOCKER, &err), -ERR_CONNECT);
	assert_string_equal(err.text, "layer 1 of 2 could not be written to registry.example:5000: connection reset");
}

/* ---- pull ------------------------------------------------------------------------------------------------------------ */

static void put_image(struct registry *r, struct saved *s, const char *path)
{
	struct cursor c = { .all = buf_str(&s->archive) };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	assert_int_equal(push(r, &c, path, MANIFEST_FORMAT_DOCKER, &err), 0);
}

static int pull(struct registry *r, const char *path, const char *arch, struct buf *out, char ret_id[DIGEST_MAX], struct error *err)
{
	CLEANUP(transfer_pull_close_p) struct pull_archive *p = NULL;
	char path_copy[64];
	struct reference from = { .host = (char[]){ "registry.example:5000" }, .path = path_copy, .tag = (char[]){ "v1" } };
	struct byte_sink sink = bytes_to_buf(out);
	int n;

	snprintf(path_copy, sizeof path_copy, "%s", path);
	n = transfer_pull_open(r, &from, "linux", arch, NULL, &p, err);
	if (n < 0)
		return n;
	snprintf(ret_id, DIGEST_MAX, "%s", transfer_pull_id(p));
	n = transfer_pull_run(p, &sink, NULL, NULL, err);
	/* Hosts are told the length before the first byte. */
	if (n >= 0)
		assert_int_equal(transfer_pull_length(p), out->n);
	return n;
}

/* name -> digest of content, in the order of the archive. */
static void list_archive(struct str archive, struct strv *names, struct json_object *digests)
{
	CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
	struct cursor c = { .all = archive };
	struct tar_entry e;

	assert_int_equal(tar_reader_open(&(struct byte_source){ cursor_read, &c, -1 }, &t, NULL), 0);
	while (tar_read_entry(t, &e, NULL) > 0) {
		CLEANUP(buf_done) struct buf text = BUF_INIT(MAX_BYTES);
		char digest[DIGEST_MAX], name[256];
		ssize_t n;

		snprintf(name, sizeof name, "%s", e.name);
		while ((n = tar_read_data(t, buf_reserve(&text, 4096), 4096, NULL)) > 0)
			text.n += (size_t)n;
		assert_int_equal(n, 0);
		digest_of(buf_str(&text), digest);
		assert_true(strv_add(names, name) && js_set_str(digests, name, digest));
	}
}

static void a_pulled_image_is_an_oci_archive_of_exactly_the_length_told(void **state)
{
	CLEANUP(registry_drop) struct registry *r = registry_new();
	CLEANUP(saved_done) struct saved s;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT(MAX_BYTES);
	CLEANUP(strv_done) struct strv names = { 0 };
	CLEANUP(js_put_p) struct json_object *digests = json_object_new_object();
	char id[DIGEST_MAX];

	(void)state;
	saved_make(&s);
	saved_write(&s, NULL, 9);
	put_image(r, &s, "me/pulled");
	assert_int_equal(pull(r, "me/pulled", "amd64", &out, id, &err), 0);
	assert_string_equal(id, s.config_digest + 7);
	list_archive(buf_str(&out), &names, digests);
	assert_int_equal(names.n, 6);
	assert_string_equal(names.v[0], "oci-layout");
	assert_string_equal(names.v[5], "index.json");
	for (size_t i = 1; i < 5; i++) {
		CLEANUP(buf_done) struct buf name = BUF_INIT(256);

		buf_addf(&name, "blobs/sha256/%s", js_get_str(digests, names.v[i], "") + 7);
		assert_string_equal(names.v[i], buf_z(&name));
	}
}

/* What was pulled need not be sent when an image on top of it is pushed there. */
static void a_pull_teaches_the_next_push(void **state)
{
	CLEANUP(registry_drop) struct registry *r = registry_new();
	CLEANUP(saved_done) struct saved s;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT(MAX_BYTES), cache = BUF_INIT(4096);
	char id[DIGEST_MAX];

	(void)state;
	saved_make(&s);
	saved_write(&s, NULL, 9);
	put_image(r, &s, "me/base");
	buf_addf(&cache, "%s/farpod/blobs.json", getenv("XDG_CACHE_HOME"));
	unlink(buf_z(&cache));
	assert_int_equal(pull(r, "me/base", "amd64", &out, id, &err), 0);
	r->puts = 0;
	put_image(r, &s, "me/derived");
	assert_int_equal(r->puts, 1);
}

static void a_list_gives_the_image_of_the_platform(void **state)
{
	CLEANUP(registry_drop) struct registry *r = registry_new();
	CLEANUP(saved_done) struct saved s;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT(MAX_BYTES);
	char id[DIGEST_MAX], digest[DIGEST_MAX];
	size_t size;

	(void)state;
	saved_make(&s);
	saved_write(&s, NULL, 9);
	put_image(r, &s, "me/list");
	size = r->manifest.n;
	add_blob(r, "me/list", buf_str(&r->manifest), digest);
	buf_clear(&r->manifest);
	snprintf(r->type, sizeof r->type, "application/vnd.oci.image.index.v1+json");
	buf_addf(&r->manifest, "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"%s\",\"size\":%zu,\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}}]}",
		 digest, size);
	assert_int_equal(pull(r, "me/list", "arm64", &out, id, &err), 0);
	assert_string_equal(id, s.config_digest + 7);
	assert_int_equal(pull(r, "me/list", "amd64", &out, id, &err), -ERR_NOT_FOUND);
	assert_string_equal(err.text, "no image found in image index for architecture amd64, variant \"\", OS linux; it has linux/arm64");
}

static void what_is_no_image_is_refused_before_a_byte_moves(void **state)
{
	static const struct {
		const char *manifest;
		enum err_kind kind;
	} rows[] = {
		{ "{\"schemaVersion\":1,\"fsLayers\":[]}", ERR_UNSUPPORTED },
		{ "{\"schemaVersion\":2,\"layers\":[],\"manifests\":[]}", ERR_PROTOCOL },
		{ "{\"schemaVersion\":2,\"layers\":[]}", ERR_PROTOCOL },
		{ "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.cncf.helm.config.v1+json\",\"size\":2,\"digest\":"
		  "\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"},\"layers\":[]}",
		  ERR_UNSUPPORTED },
		{ "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"size\":999999999999,\"digest\":"
		  "\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"},\"layers\":[]}",
		  ERR_PROTOCOL },
		{ "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"size\":2,\"digest\":"
		  "\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"},\"layers\":[{\"digest\":\"../../x\",\"size\":1}]}",
		  ERR_PROTOCOL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(registry_drop) struct registry *r = registry_new();
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(buf_done) struct buf out = BUF_INIT(MAX_BYTES);
		char id[DIGEST_MAX];

		registry_manifest_put(r, "me/odd", "v1", "", str_from(rows[i].manifest), NULL);
		if (pull(r, "me/odd", "amd64", &out, id, &err) != -(int)rows[i].kind)
			row_fail(rows[i].manifest, "%s", err.text ? err.text : "taken");
		assert_int_equal(r->gets, 0);
		assert_int_equal(out.n, 0);
	}
}

/* The archive that a lying registry makes has no index: no host loads it. */
static void a_blob_that_is_not_its_digest_breaks_the_archive(void **state)
{
	CLEANUP(registry_drop) struct registry *r = registry_new();
	CLEANUP(saved_done) struct saved s;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT(MAX_BYTES);
	char id[DIGEST_MAX];

	(void)state;
	saved_make(&s);
	saved_write(&s, NULL, 9);
	put_image(r, &s, "me/lie");
	r->lies = true;
	assert_int_equal(pull(r, "me/lie", "amd64", &out, id, &err), -ERR_PROTOCOL);
	assert_non_null(strstr(err.text, "the configuration could not be read from registry.example:5000: "));
	assert_true(out.n == 0 || !memmem(out.p, out.n, "index.json", 10));
}

/* ---- set-up ---------------------------------------------------------------------------------------------------------- */

static char cache_home[] = "/tmp/farpod-test-XXXXXX";

static int make_cache(void **state)
{
	(void)state;
	return mkdtemp(cache_home) && setenv("XDG_CACHE_HOME", cache_home, 1) == 0 ? 0 : -1;
}

static int remove_cache(void **state)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(4096);

	(void)state;
	buf_addf(&path, "%s/farpod/blobs.json", cache_home);
	unlink(buf_z(&path));
	buf_clear(&path);
	buf_addf(&path, "%s/farpod", cache_home);
	rmdir(buf_z(&path));
	return rmdir(cache_home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pushed_image_keeps_its_configuration_and_its_layers),
		cmocka_unit_test(pushing_again_sends_no_layer_twice),
		cmocka_unit_test(what_the_registry_has_whole_needs_no_archive),
		cmocka_unit_test(a_wrong_or_lost_cache_costs_no_more_than_the_upload),
		cmocka_unit_test(a_connection_to_the_host_that_breaks_is_told_with_the_layer),
		cmocka_unit_test(a_truncated_archive_leaves_no_manifest),
		cmocka_unit_test(archives_that_are_not_what_they_say_are_refused),
		cmocka_unit_test(an_upload_that_breaks_is_told_with_layer_and_registry),
		cmocka_unit_test(a_pulled_image_is_an_oci_archive_of_exactly_the_length_told),
		cmocka_unit_test(a_pull_teaches_the_next_push),
		cmocka_unit_test(a_list_gives_the_image_of_the_platform),
		cmocka_unit_test(what_is_no_image_is_refused_before_a_byte_moves),
		cmocka_unit_test(a_blob_that_is_not_its_digest_breaks_the_archive),
	};

	return cmocka_run_group_tests(tests, make_cache, remove_cache);
}
