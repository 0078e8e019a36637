/* Archives as other programs write them: docker before and after 25, compressed as a whole, several images, broken ones. */
#include "image_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>

#include "archive/filter.h"
#include "image/tar_out.h"

static const struct store_options plain = { .tls_verify = -1 };

struct made {
	struct scratch at;
	char *path, *name;
	struct tar_out tar;
};

#define MADE_INIT ((struct made){ .at = SCRATCH_INIT, .tar.fd = -1 })

static void made_done(struct made *m)
{
	if (m->tar.fd >= 0)
		close(m->tar.fd);
	scratch_done(&m->at);
	free(m->path);
	free(m->name);
}

static void begin(struct made *m)
{
	assert_int_equal(scratch_open("test", &m->at, NULL), 0);
	m->path = path_join(m->at.path, "x.tar");
	m->name = fixture_name("docker-archive", m->at.path, "x.tar");
	m->tar.fd = open(m->path, O_RDWR | O_CREAT, 0600);
	assert_true(m->tar.fd >= 0);
}

static void add(struct made *m, const char *name, struct str content)
{
	struct tar_out_entry e = { .name = name, .type = '0', .mode = 0644 };

	assert_int_equal(tar_out_add(&m->tar, &e, content, NULL), 0);
}

static void add_link(struct made *m, const char *name, const char *target)
{
	struct tar_out_entry e = { .name = name, .link = target, .type = '2' };

	assert_int_equal(tar_out_add(&m->tar, &e, STR(""), NULL), 0);
}

static void add_images(struct made *m, const char *config, const char *first, const char *second)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);

	buf_addf(&text, "[{\"Config\":\"%s\",\"RepoTags\":[\"busybox:1\"],\"Layers\":[\"%s\",\"%s\"]}]", config, first, second);
	add(m, "manifest.json", buf_str(&text));
}

static void compress(enum compression kind, struct str in, struct buf *ret)
{
	CLEANUP(compressor_close_p) struct compressor *c = NULL;
	struct byte_sink sink;

	*ret = BUF_INIT(1 << 23);
	sink = bytes_to_buf(ret);
	assert_int_equal(compressor_open(kind, 0, &sink, &c, NULL), 0);
	assert_int_equal(compressor_write(c, in.p, in.n, NULL), 0);
	assert_int_equal(compressor_end(c, NULL), 0);
}

/* The archive in its folder is replaced by its compressed form. */
static void compress_file(const struct made *m, enum compression kind)
{
	CLEANUP(buf_done) struct buf all = BUF_INIT(1 << 23), packed = BUF_INIT(0);

	assert_int_equal(path_read(m->path, &all, NULL), 0);
	compress(kind, buf_str(&all), &packed);
	assert_int_equal(path_write_atomic(m->path, buf_str(&packed), 0600, NULL), 0);
}

/* ID/layer.tar, the second one as a link over a link, "./" before all names. */
static void docker_before_25(struct made *m, const struct fixture *f)
{
	add(m, "./a/VERSION", STR("1.0"));
	add(m, "./a/layer.tar", buf_str(&f->layers[0].bytes));
	add(m, "./c/layer.tar", buf_str(&f->layers[1].bytes));
	add_link(m, "./b/other.tar", "../c/layer.tar");
	add_link(m, "./b/layer.tar", "other.tar");
	add(m, "./config.json", buf_str(&f->config.bytes));
	add_images(m, "config.json", "a/layer.tar", "b/layer.tar");
}

/* blobs/sha256/HEX, with layers that are compressed, in an OCI layout. */
static void docker_since_25(struct made *m, const struct fixture *f)
{
	static const enum compression kinds[FIXTURE_LAYERS] = { COMPRESSION_GZIP, COMPRESSION_ZSTD };
	char names[FIXTURE_LAYERS][200], config[200];

	add(m, "oci-layout", STR("{\"imageLayoutVersion\":\"1.0.0\"}"));
	for (size_t i = 0; i < FIXTURE_LAYERS; i++) {
		CLEANUP(buf_done) struct buf packed = BUF_INIT(0);
		char digest[DIGEST_MAX];

		compress(kinds[i], buf_str(&f->layers[i].bytes), &packed);
		digest_of(buf_str(&packed), digest);
		snprintf(names[i], sizeof names[i], "blobs/sha256/%s", digest + 7);
		add(m, names[i], buf_str(&packed));
	}
	snprintf(config, sizeof config, "blobs/sha256/%s", f->config.digest + 7);
	add(m, config, buf_str(&f->config.bytes));
	add(m, "index.json", STR("{\"schemaVersion\":2,\"manifests\":[]}"));
	add_images(m, config, names[0], names[1]);
}

static const struct {
	const char *row;
	void (*make)(struct made *m, const struct fixture *f);
	enum compression whole;
} others[] = {
	{ "docker before 25", docker_before_25, COMPRESSION_NONE },
	{ "docker since 25", docker_since_25, COMPRESSION_NONE },
	{ "as a whole by gzip", docker_before_25, COMPRESSION_GZIP },
	{ "as a whole by zstd", docker_since_25, COMPRESSION_ZSTD },
};

static void expect_sizes(struct image_source *s, const struct fixture *f)
{
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	CLEANUP(js_put_p) struct json_object *doc = NULL;

	assert_int_equal(s->ops->manifest(s, NULL, &m, NULL), 0);
	assert_int_equal(js_parse(buf_str(&m.bytes), "manifest", &doc, NULL), 0);
	for (size_t i = 0; i < FIXTURE_LAYERS; i++) {
		struct json_object *layer = js_at(js_get(doc, "layers"), i);

		assert_string_equal(js_get_str(layer, "digest", ""), f->layers[i].digest);
		assert_int_equal(js_get_int(layer, "size", -1), f->layers[i].bytes.n);
	}
}

static void archives_of_others_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		CLEANUP(made_done) struct made m = MADE_INIT;
		CLEANUP(fixture_done) struct fixture f = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(image_source_close_p) struct image_source *s = NULL;
		CLEANUP(strv_done) struct strv tags = { 0 };

		fixture_make(&f, false);
		begin(&m);
		others[i].make(&m, &f);
		assert_int_equal(tar_out_finish(&m.tar, NULL), 0);
		if (others[i].whole != COMPRESSION_NONE)
			compress_file(&m, others[i].whole);
		if (image_source_open(m.name, &plain, NULL, &s, &err) < 0)
			row_fail(others[i].row, "%s", err.text);
		fixture_read(s, &f, false, others[i].row);
		expect_sizes(s, &f);
		assert_int_equal(s->ops->tags(s, &tags, NULL), 0);
		assert_int_equal(tags.n, 1);
		assert_string_equal(tags.v[0], "docker.io/library/busybox:1");
	}
}

/* ---- what is wrong ----------------------------------------------------------------------------------------------------- */

static void swapped(struct made *m, const struct fixture *f)
{
	add(m, "a.tar", buf_str(&f->layers[1].bytes));
	add(m, "b.tar", buf_str(&f->layers[1].bytes));
	add(m, "config.json", buf_str(&f->config.bytes));
	add_images(m, "config.json", "a.tar", "b.tar");
}

static void no_layer(struct made *m, const struct fixture *f)
{
	add(m, "a.tar", buf_str(&f->layers[0].bytes));
	add(m, "config.json", buf_str(&f->config.bytes));
	add_images(m, "config.json", "a.tar", "../../../etc/passwd");
}

static void link_outside(struct made *m, const struct fixture *f)
{
	add(m, "a.tar", buf_str(&f->layers[0].bytes));
	add_link(m, "b.tar", "../../../../../../etc/passwd");
	add(m, "config.json", buf_str(&f->config.bytes));
	add_images(m, "config.json", "a.tar", "b.tar");
}

static void no_config(struct made *m, const struct fixture *f)
{
	(void)f;
	add_images(m, "config.json", "a.tar", "b.tar");
}

static void config_of_others(struct made *m, const struct fixture *f)
{
	add(m, "a.tar", buf_str(&f->layers[0].bytes));
	add(m, "config.json", STR("{\"rootfs\":{\"diff_ids\":[\"sha256:../../x\",\"x\"]}}"));
	add_images(m, "config.json", "a.tar", "a.tar");
}

static void layers_of_others(struct made *m, const struct fixture *f)
{
	add(m, "a.tar", buf_str(&f->layers[0].bytes));
	add(m, "config.json", STR("{\"rootfs\":{\"diff_ids\":[]}}"));
	add_images(m, "config.json", "a.tar", "a.tar");
}

static void broken_gzip(struct made *m, const struct fixture *f)
{
	CLEANUP(buf_done) struct buf packed = BUF_INIT(0);

	compress(COMPRESSION_GZIP, buf_str(&f->layers[0].bytes), &packed);
	add(m, "a.tar", (struct str){ packed.p, packed.n / 2 });
	add(m, "b.tar", buf_str(&f->layers[1].bytes));
	add(m, "config.json", buf_str(&f->config.bytes));
	add_images(m, "config.json", "a.tar", "b.tar");
}

static void huge_manifest(struct made *m, const struct fixture *f)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(8 << 20);

	(void)f;
	while (text.n < (5U << 20))
		buf_add_z(&text, "                                                                ");
	add(m, "manifest.json", buf_str(&text));
}

static const struct {
	const char *row;
	void (*make)(struct made *m, const struct fixture *f);
	const char *text; /* in what is said when it is opened, or its manifest or its layers are read */
} wrongs[] = {
	{ "a layer that is another", swapped, "Size mismatch when copying" },
	{ "a layer that is not there", no_layer, "not found in tar" },
	{ "a layer outside", link_outside, "not found in tar" },
	{ "no configuration", no_config, "file \"config.json\" not found in tar" },
	{ "digests that are paths", config_of_others, "\"sha256:../../x\" is no digest" },
	{ "fewer digests than layers", layers_of_others, "Inconsistent layer count: 2 in manifest, 0 in config" },
	{ "half a layer", broken_gzip, "" },
	{ "a huge list", huge_manifest, "manifest.json in" },
};

static int read_all(const char *name, const struct fixture *f, struct error *err)
{
	CLEANUP(image_source_close_p) struct image_source *s = NULL;
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	int r = image_source_open(name, &plain, NULL, &s, err);

	if (r == 0)
		r = s->ops->manifest(s, NULL, &m, err);
	for (size_t i = 0; r == 0 && i < FIXTURE_LAYERS; i++) {
		CLEANUP(buf_done) struct buf got = BUF_INIT(1 << 23);
		struct byte_sink sink = bytes_to_buf(&got);
		struct store_blob b = { .digest = f->layers[i].digest, .size = (int64_t)f->layers[i].bytes.n };

		r = s->ops->blob(s, &b, &sink, err);
	}
	return r;
}

static void what_is_wrong_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrongs); i++) {
		CLEANUP(made_done) struct made m = MADE_INIT;
		CLEANUP(fixture_done) struct fixture f = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;

		fixture_make(&f, false);
		begin(&m);
		wrongs[i].make(&m, &f);
		assert_int_equal(tar_out_finish(&m.tar, NULL), 0);
		if (read_all(m.name, &f, &err) >= 0 || !strstr(err.text, wrongs[i].text))
			row_fail(wrongs[i].row, "%s", err.text ? err.text : "taken");
	}
}

/* ---- several blobs at once --------------------------------------------------------------------------------------------- */

struct worker {
	struct image_destination *to;
	struct fixture_blob blob;
	bool fails, failed;
	pthread_t thread;
};

static int produce_slowly(void *ctx, const struct byte_sink *to, struct error *err)
{
	const struct worker *w = ctx;

	for (size_t at = 0; at < w->blob.bytes.n; at += 1000) {
		size_t left = w->blob.bytes.n - at;
		int r = sink_write(to, w->blob.bytes.p + at, left < 1000 ? left : 1000, err);

		if (r < 0)
			return r;
		sched_yield();
	}
	return w->fails ? error_set(err, ERR_CONNECT, "gone") : 0;
}

static void *work(void *ctx)
{
	struct worker *w = ctx;
	struct store_blob b = { .digest = w->blob.digest, .size = -1 };
	struct byte_producer content = { produce_slowly, w, -1, true };
	char digest[DIGEST_MAX];
	int64_t size = 0;
	int r = w->to->ops->put(w->to, &b, &content, digest, &size, NULL);

	w->failed = w->fails ? r != -ERR_CONNECT : r < 0 || strcmp(digest, w->blob.digest) != 0 || size != (int64_t)w->blob.bytes.n;
	return NULL;
}

static void put_at_once(struct image_destination *d)
{
	struct worker workers[8] = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
		struct worker *w = &workers[i];

		w->to = d;
		w->fails = i % 3 == 2;
		w->blob.bytes = BUF_INIT(1 << 20);
		for (unsigned k = 0; k < 8000; k++)
			buf_addf(&w->blob.bytes, "%zu %u\n", i % 5, k);
		digest_of(buf_str(&w->blob.bytes), w->blob.digest);
		assert_int_equal(pthread_create(&w->thread, NULL, work, w), 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(workers); i++)
		pthread_join(workers[i].thread, NULL);
	for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
		struct store_blob b = { .digest = workers[i].blob.digest, .size = -1 };
		int64_t size = 0;

		assert_false(workers[i].failed);
		if (!workers[i].fails)
			assert_int_equal(d->ops->has(d, &b, NULL, &size, NULL), 1);
		buf_done(&workers[i].blob.bytes);
	}
}

/* Blobs that come together, some of which fail and some of which are the same, leave an archive that is whole. */
static void several_blobs_at_once(void **state)
{
	static const char *const kinds[] = { "oci-archive", "docker-archive" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		CLEANUP(scratch_done) struct scratch at = SCRATCH_INIT;
		CLEANUP(fixture_done) struct fixture f = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
		CLEANUP(image_source_close_p) struct image_source *s = NULL;
		CLEANUP(free_p) char *name = NULL;

		assert_int_equal(scratch_open("test", &at, NULL), 0);
		name = fixture_name(kinds[i], at.path, "x.tar");
		fixture_make(&f, i == 0);
		assert_int_equal(image_destination_open(name, &plain, NULL, &d, NULL), 0);
		assert_true(d->parallel);
		put_at_once(d);
		if (fixture_write(d, &f, true, &err) < 0 || d->ops->commit(d, &err) < 0 || image_source_open(name, &plain, NULL, &s, &err) < 0)
			row_fail(name, "%s", err.text);
		fixture_read(s, &f, i == 0, name);
	}
}

/* Over what ustar's octal digits hold the size is binary: readers of both kinds find the end. */
static void sizes_over_8_gib(void **state)
{
	CLEANUP(made_done) struct made m = MADE_INIT;
	struct tar_out_entry e = { .name = "large", .type = '0', .mode = 0644 };
	unsigned char size[12];

	(void)state;
	begin(&m);
	(void)tar_out_begin(&m.tar);
	m.tar.data = INT64_C(9) << 30;
	if (tar_out_end(&m.tar, &e, NULL) < 0) {
		print_message("no room for a sparse file of 9 GiB\n");
		skip();
	}
	assert_int_equal(pread(m.tar.fd, size, sizeof size, 124), sizeof size);
	assert_memory_equal(size, "\x80\0\0\0\0\0\0\x02\x40\0\0\0", 12);
	assert_int_equal(m.tar.at, 512 + (INT64_C(9) << 30));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(archives_of_others_are_read),
		cmocka_unit_test(what_is_wrong_is_refused),
		cmocka_unit_test(several_blobs_at_once),
		cmocka_unit_test(sizes_over_8_gib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
