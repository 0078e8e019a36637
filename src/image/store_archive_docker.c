/* image/store_archive_docker.c: docker-archive: for reading. The image is shown with a manifest of docker's format, made here, whose layers are uncompressed: that
 * is how the archive names them, whatever it holds. */
#include <pthread.h>
#include <stdlib.h>

#include "archive/filter.h"
#include "base/cleanup.h"
#include "base/js.h"
#include "image/docker_archive.h"
#include "image/manifest.h"
#include "image/store_archive_docker.h"
#include "image/store_archive_own.h"
#include "image/store_files.h"
#include "image/store_own.h"

struct archive_source {
	struct image_source base;
	struct store_archive *archive;
	struct docker_archive_name wanted;
	struct json_object *images; /* manifest.json */
	struct json_object *image;  /* borrowed from images */
	struct json_object *ids;    /* diff IDs of its layers, borrowed from config_doc */
	struct json_object *config_doc;
	struct buf config;
	char config_digest[DIGEST_MAX];

	pthread_mutex_t lock;
	struct buf manifest; /* once it was asked for */
};

static struct archive_source *archive_of(struct image_source *s)
{
	return (struct archive_source *)s;
}

/* ---- the image --------------------------------------------------------------------------------------------------------- */

/* On first use: a list of tags needs no image. */
static int choose_image(struct archive_source *s, struct error *err)
{
	struct json_object *layers;
	int r;

	if (s->image)
		return 0;
	if ((r = docker_archive_choose(s->images, &s->wanted, &s->image, err)) < 0)
		return r;
	r = store_archive_read(s->archive, js_get_str(s->image, "Config", ""), MANIFEST_MAX_CONFIG, &s->config, err);
	if (r == 0)
		r = js_parse(buf_str(&s->config), "image configuration", &s->config_doc, err);
	layers = js_get(s->image, "Layers");
	s->ids = js_get(js_get(s->config_doc, "rootfs"), "diff_ids");
	if (r == 0 && js_len(layers) != js_len(s->ids))
		r = error_set(err, ERR_PROTOCOL, "Inconsistent layer count: %zu in manifest, %zu in config", js_len(layers), js_len(s->ids));
	for (size_t i = 0; r == 0 && i < js_len(s->ids); i++)
		r = store_check_digest(json_object_get_string(js_at(s->ids, i)), err);
	digest_of(buf_str(&s->config), s->config_digest);
	if (r < 0)
		s->image = NULL;
	return r;
}

static int locked_choose(struct archive_source *s, struct error *err)
{
	int r;

	pthread_mutex_lock(&s->lock);
	r = choose_image(s, err);
	pthread_mutex_unlock(&s->lock);
	return r;
}

/* The content of a layer, uncompressed if it is not. */
struct layer_stream {
	struct archive_member member;
	struct byte_source raw;
	struct decompressor *plain;
};

static void layer_done(struct layer_stream *l)
{
	decompressor_close_p(&l->plain);
}

static int layer_open(struct archive_source *s, size_t i, struct layer_stream *l, struct error *err)
{
	int r = store_archive_member(s->archive, json_object_get_string(js_at(js_get(s->image, "Layers"), i)), &l->member, err);

	if (r < 0)
		return r;
	l->raw = archive_member_source(&l->member);
	return decompressor_open(&l->raw, &l->plain, err);
}

static int count(void *ctx, const void *p, size_t n, struct error *err)
{
	(void)p;
	(void)err;
	*(int64_t *)ctx += (int64_t)n;
	return 0;
}

/* Only a layer that is compressed in the archive has to be read for its size. */
static int layer_size(struct archive_source *s, size_t i, int64_t *ret, struct error *err)
{
	CLEANUP(layer_done) struct layer_stream l = { 0 };
	struct byte_sink counter = { count, ret };
	struct byte_source plain;
	int r = layer_open(s, i, &l, err);

	if (r < 0)
		return r;
	*ret = l.raw.length;
	if (decompressor_kind(l.plain) == COMPRESSION_NONE)
		return 0;
	*ret = 0;
	plain = decompressor_source(l.plain);
	return bytes_copy(&plain, &counter, NULL, err);
}

/* ---- its manifest ------------------------------------------------------------------------------------------------------ */

/* Members in the order of containers/image: the digest is over these bytes, and people compare it. */
static int add_layers(struct archive_source *s, struct buf *out, struct error *err)
{
	for (size_t i = 0; i < js_len(s->ids); i++) {
		int64_t size;
		int r = layer_size(s, i, &size, err);

		if (r < 0)
			return r;
		buf_addf(out, "%s{\"mediaType\":\"%s\",\"size\":%lld,\"digest\":\"%s\"}", i ? "," : "",
			 manifest_layer_type(MANIFEST_FORMAT_DOCKER, COMPRESSION_GZIP), (long long)size, json_object_get_string(js_at(s->ids, i)));
	}
	return 0;
}

static int make_manifest(struct archive_source *s, struct error *err)
{
	struct buf *out = &s->manifest;
	int r = choose_image(s, err);

	if (r < 0 || out->n)
		return r;
	*out = BUF_INIT(REGISTRY_MAX_MANIFEST);
	buf_addf(out, "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":\"%s\",\"size\":%zu,\"digest\":\"%s\"},\"layers\":[",
		 manifest_type(MANIFEST_DOCKER), manifest_config_type(MANIFEST_FORMAT_DOCKER), s->config.n, s->config_digest);
	r = add_layers(s, out, err);
	buf_add_z(out, "]}");
	if (r == 0)
		r = buf_check(out, "manifest", err);
	if (r < 0)
		buf_done(out);
	return r;
}

static int archive_manifest(struct image_source *base, const char *instance, struct registry_manifest *ret, struct error *err)
{
	struct archive_source *s = archive_of(base);
	CLEANUP(buf_done) struct buf bytes = BUF_INIT(REGISTRY_MAX_MANIFEST);
	int r;

	if (instance)
		return error_set(err, ERR_UNSUPPORTED, "Manifest lists are not supported by docker-archive:");
	pthread_mutex_lock(&s->lock);
	r = make_manifest(s, err);
	pthread_mutex_unlock(&s->lock);
	if (r < 0)
		return r;
	buf_add_bytes(&bytes, s->manifest.p, s->manifest.n);
	r = buf_check(&bytes, "manifest", err);
	return r < 0 ? r : registry_manifest_of(&bytes, manifest_type(MANIFEST_DOCKER), NULL, ret, err);
}

/* ---- its blobs --------------------------------------------------------------------------------------------------------- */

/* js_len(ids) when there is none. */
static size_t find_layer(const struct archive_source *s, const char *digest)
{
	size_t i = 0;

	while (i < js_len(s->ids) && strcmp(json_object_get_string(js_at(s->ids, i)), digest) != 0)
		i++;
	return i;
}

static int send_config(const struct archive_source *s, const struct store_blob *b, const struct byte_sink *sink, struct error *err)
{
	if (strcmp(s->config_digest, b->digest) != 0)
		return error_set(err, ERR_NOT_FOUND, "Unknown blob %s", b->digest);
	return sink_write(sink, s->config.p, s->config.n, err);
}

static int archive_blob(struct image_source *base, const struct store_blob *b, const struct byte_sink *sink, struct error *err)
{
	struct archive_source *s = archive_of(base);
	CLEANUP(layer_done) struct layer_stream l = { 0 };
	struct byte_source plain;
	size_t i;
	int r = store_check_digest(b->digest, err);

	if (r == 0)
		r = locked_choose(s, err);
	if (r < 0)
		return r;
	i = find_layer(s, b->digest);
	if (i == js_len(s->ids))
		return send_config(s, b, sink, err);
	r = layer_open(s, i, &l, err);
	if (r < 0)
		return r;
	plain = decompressor_source(l.plain);
	return store_copy_checked(&plain, b, sink, err);
}

/* Of all images in the archive. */
static int archive_tags(struct image_source *base, struct strv *ret, struct error *err)
{
	const struct archive_source *s = archive_of(base);

	for (size_t i = 0; i < js_len(s->images); i++) {
		struct json_object *tags = js_get(js_at(s->images, i), "RepoTags");

		for (size_t k = 0; k < js_len(tags); k++) {
			CLEANUP(free_p) char *full = NULL;
			int r = docker_archive_reference(json_object_get_string(js_at(tags, k)), &full, err);

			if (r < 0)
				return error_context(err, "Invalid tag \"%s\" in manifest.json item @%zu", json_object_get_string(js_at(tags, k)), i);
			if (!strv_add(ret, full))
				return store_no_memory(err);
		}
	}
	return 0;
}

static void archive_close(struct image_source *base)
{
	struct archive_source *s = archive_of(base);

	store_archive_close_p(&s->archive);
	docker_archive_name_done(&s->wanted);
	json_object_put(s->images);
	json_object_put(s->config_doc);
	buf_done(&s->config);
	buf_done(&s->manifest);
	pthread_mutex_destroy(&s->lock);
	store_source_done(base);
	free(s);
}

static const struct image_source_ops ops = {
	.manifest = archive_manifest,
	.blob = archive_blob,
	.tags = archive_tags,
	.close = archive_close,
};

/* ---- opening ----------------------------------------------------------------------------------------------------------- */

static int read_images(struct archive_source *s, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(0);
	int r = store_archive_read(s->archive, "manifest.json", DOCKER_ARCHIVE_MAX_MANIFEST, &text, err);

	if (r == 0)
		r = docker_archive_read(buf_str(&text), &s->images, err);
	return r < 0 ? error_context(err, "loading tar component manifest.json") : 0;
}

int store_docker_archive_source(struct store_archive *a, const char *name, struct docker_archive_name *wanted, struct image_source **ret, struct error *err)
{
	struct archive_source *s = calloc(1, sizeof *s);
	CLEANUP(image_source_close_p) struct image_source *base = s ? &s->base : NULL;
	CLEANUP(store_archive_close_p) struct store_archive *archive = a;
	CLEANUP(docker_archive_name_done) struct docker_archive_name meant = *wanted;
	int r;

	*wanted = (struct docker_archive_name){ .index = -1 };
	if (!s)
		return store_no_memory(err);
	pthread_mutex_init(&s->lock, NULL);
	s->base = (struct image_source){ .ops = &ops, .parallel = true, .name = z_dup(name), .policy_transport = z_dup("docker-archive"),
					 .policy_scope = z_dup(""), .reference = z_dup(meant.reference ? meant.reference : "") };
	s->archive = ptr_take(&archive);
	s->wanted = meant;
	meant = (struct docker_archive_name){ .index = -1 };
	if (!s->base.name || !s->base.policy_transport || !s->base.policy_scope || !s->base.reference)
		return store_no_memory(err);
	r = read_images(s, err);
	if (r < 0)
		return r;
	*ret = ptr_take(&base);
	return 0;
}

static int source(const char *rest, const struct store_options *o, struct image_source **ret, struct error *err)
{
	CLEANUP(docker_archive_name_done) struct docker_archive_name wanted = { .index = -1 };
	CLEANUP(store_archive_close_p) struct store_archive *a = NULL;
	CLEANUP(free_p) char *name = NULL;
	int r;

	(void)o;
	if ((r = docker_archive_name_parse(rest, &wanted, err)) < 0 || (r = store_archive_open(wanted.path, &a, err)) < 0)
		return r;
	name = docker_archive_name_text(&wanted);
	return name ? store_docker_archive_source(ptr_take(&a), name, &wanted, ret, err) : store_no_memory(err);
}

const struct store_transport store_docker_archive = { "docker-archive", source, store_docker_archive_destination, NULL };

int image_source_of_archive(const char *name, const struct byte_source *archive, struct image_source **ret, struct error *err)
{
	CLEANUP(store_archive_close_p) struct store_archive *a = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT(0);
	struct docker_archive_name only = { .index = -1 };
	int r = store_archive_of(name, archive, &a, err);

	if (r < 0)
		return r;
	/* Archives of newer hosts are both: a layout, and what older readers know. */
	if (store_archive_read(a, "manifest.json", DOCKER_ARCHIVE_MAX_MANIFEST, &text, NULL) < 0)
		return store_oci_archive_source(ptr_take(&a), name, "", "", ret, err);
	return store_docker_archive_source(ptr_take(&a), name, &only, ret, err);
}
