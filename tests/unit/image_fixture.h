/* An image in memory for tests of stores: two layers, a configuration, a manifest; and a copy from store to store that is as plain as can be. */
#ifndef IMAGE_FIXTURE_H
#define IMAGE_FIXTURE_H

#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/tar.h"
#include "base/js.h"
#include "base/path.h"
#include "base/scratch.h"
#include "image/manifest.h"
#include "image/store.h"

#define FIXTURE_LAYERS 2

struct fixture_blob {
	struct buf bytes;
	char digest[DIGEST_MAX];
};

struct fixture {
	struct fixture_blob layers[FIXTURE_LAYERS]; /* uncompressed tars */
	struct fixture_blob config, manifest;
	const char *manifest_type;
};

static inline void fixture_layer(struct fixture_blob *b, const char *name, size_t n)
{
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	CLEANUP(buf_done) struct buf content = BUF_INIT(1 << 22);
	struct tar_entry e = { .name = name, .type = TAR_FILE, .mode = 0644, .size = (int64_t)n, .mtime_s = 1 };
	struct byte_sink sink;

	for (size_t i = 0; i < n; i++)
		buf_add_char(&content, (char)(i * i >> 5));
	b->bytes = BUF_INIT(1 << 23);
	sink = bytes_to_buf(&b->bytes);
	assert_int_equal(tar_writer_open(&sink, &w, NULL), 0);
	assert_int_equal(tar_write_entry(w, &e, NULL), 0);
	assert_int_equal(tar_write_data(w, content.p, n, NULL), 0);
	assert_int_equal(tar_writer_end(w, NULL), 0);
	digest_of(buf_str(&b->bytes), b->digest);
}

static inline void fixture_make(struct fixture *f, bool oci)
{
	enum manifest_format format = oci ? MANIFEST_FORMAT_OCI : MANIFEST_FORMAT_DOCKER;
	struct buf *c = &f->config.bytes, *m = &f->manifest.bytes;

	fixture_layer(&f->layers[0], "first", 300000);
	fixture_layer(&f->layers[1], "second", 1000);
	*c = BUF_INIT(10000);
	*m = BUF_INIT(10000);
	buf_addf(c, "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2023-11-14T22:13:20Z\",\"config\":{\"Cmd\":[\"<sh>\"]},"
		    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\",\"%s\"]}}", f->layers[0].digest, f->layers[1].digest);
	digest_of(buf_str(c), f->config.digest);
	f->manifest_type = manifest_type(oci ? MANIFEST_OCI : MANIFEST_DOCKER);
	buf_addf(m, "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":\"%s\",\"size\":%zu,\"digest\":\"%s\"},\"layers\":[", f->manifest_type,
		 manifest_config_type(format), c->n, f->config.digest);
	for (size_t i = 0; i < FIXTURE_LAYERS; i++)
		buf_addf(m, "%s{\"mediaType\":\"%s\",\"size\":%zu,\"digest\":\"%s\"}", i ? "," : "", manifest_layer_type(format, COMPRESSION_NONE),
			 f->layers[i].bytes.n, f->layers[i].digest);
	buf_add_z(m, "]}");
	digest_of(buf_str(m), f->manifest.digest);
}

static inline void fixture_done(struct fixture *f)
{
	for (size_t i = 0; i < FIXTURE_LAYERS; i++)
		buf_done(&f->layers[i].bytes);
	buf_done(&f->config.bytes);
	buf_done(&f->manifest.bytes);
}

/* ---- writing it ------------------------------------------------------------------------------------------------------- */

static inline int fixture_produce(void *ctx, const struct byte_sink *to, struct error *err)
{
	const struct buf *b = ctx;

	return sink_write(to, b->p, b->n, err);
}

/* As a copy that knows digest and size, or neither. */
static inline int fixture_put(struct image_destination *d, struct fixture_blob *f, const char *type, bool known, struct error *err)
{
	struct store_blob b = { .digest = known ? f->digest : NULL, .type = type, .size = known ? (int64_t)f->bytes.n : -1 };
	struct byte_producer content = { fixture_produce, &f->bytes, b.size, true };
	char digest[DIGEST_MAX] = "";
	int64_t size = -1;
	int r = d->ops->put(d, &b, &content, digest, &size, err);

	if (r == 0) {
		assert_string_equal(digest, f->digest);
		assert_int_equal(size, f->bytes.n);
	}
	return r;
}

/* All but the commit. */
static inline int fixture_write(struct image_destination *d, struct fixture *f, bool known, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < FIXTURE_LAYERS; i++)
		r = fixture_put(d, &f->layers[i], NULL, known, err);
	if (r == 0)
		r = fixture_put(d, &f->config, manifest_config_type(MANIFEST_FORMAT_OCI), known, err);
	return r < 0 ? r : d->ops->manifest(d, NULL, f->manifest_type, buf_str(&f->manifest.bytes), err);
}

/* ---- reading it ------------------------------------------------------------------------------------------------------- */

static inline void fixture_expect(struct image_source *s, const struct fixture_blob *f, const char *row)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf got = BUF_INIT(1 << 23);
	struct byte_sink sink = bytes_to_buf(&got);
	struct store_blob b = { .digest = f->digest, .size = (int64_t)f->bytes.n };

	if (s->ops->blob(s, &b, &sink, &err) < 0)
		row_fail(row, "%s", err.text);
	if (!str_eq(buf_str(&got), buf_str(&f->bytes)))
		row_fail(row, "%s is not what was written", f->digest);
}

/* manifest: also its bytes, which docker-archive: makes anew. */
static inline void fixture_read(struct image_source *s, const struct fixture *f, bool manifest, const char *row)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };

	if (s->ops->manifest(s, NULL, &m, &err) < 0)
		row_fail(row, "%s", err.text);
	assert_string_equal(m.type, f->manifest_type);
	if (manifest)
		assert_string_equal(m.digest, f->manifest.digest);
	for (size_t i = 0; i < FIXTURE_LAYERS; i++)
		fixture_expect(s, &f->layers[i], row);
	fixture_expect(s, &f->config, row);
}

/* "TRANSPORT:" and a path in folder. */
static inline char *fixture_name(const char *transport, const char *folder, const char *rest)
{
	char *name;

	assert_true(asprintf(&name, "%s:%s/%s", transport, folder, rest) > 0);
	return name;
}

#endif
