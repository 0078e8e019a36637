/* image/store_archive_docker_put.c: docker-archive: for writing. Layers go straight into the archive and get their name, the digest of what was written, when they
 * end; the configuration follows when the manifest names it, manifest.json is last. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "image/manifest.h"
#include "image/store_archive.h"
#include "image/store_archive_docker.h"
#include "image/store_files.h"
#include "image/store_own.h"

#define CONFIGS_MAX 8 /* kept until a manifest names one */

struct archive_destination {
	struct image_destination base;
	struct archive_target target;
	struct strv names;           /* RepoTags */
	struct json_object *sizes;   /* of the layers that are in it, by digest */
	struct json_object *configs; /* texts of configurations by digest */
	struct json_object *image;   /* the entry of manifest.json, once there is a manifest */
	char top[65];                /* ID of the topmost layer */
	int (*load)(void *ctx, const struct byte_producer *archive, struct error *err); /* where the archive goes when it has no path */
	void *ctx;
};

static const char *const types[] = { "application/vnd.docker.distribution.manifest.v2+json", NULL };

static struct archive_destination *archive_of(struct image_destination *d)
{
	return (struct archive_destination *)d;
}

static int add_file(void *ctx, const char *name, const char *link, struct str content, struct error *err)
{
	struct archive_destination *d = ctx;
	struct tar_out_entry e = { .name = name, .link = link, .type = link ? '2' : '0', .mode = link ? 0 : 0444 };

	return tar_out_add(&d->target.tar, &e, content, err);
}

static int add_json(struct archive_destination *d, const char *name, struct json_object *o, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(DOCKER_ARCHIVE_MAX_MANIFEST);
	int r;

	docker_archive_json(o, &text);
	r = buf_check(&text, name, err);
	return r < 0 ? r : add_file(d, name, NULL, buf_str(&text), err);
}

/* ---- blobs ------------------------------------------------------------------------------------------------------------- */

static int64_t size_of(struct archive_destination *d, const char *digest)
{
	int64_t size;

	pthread_mutex_lock(&d->target.lock);
	size = js_get_int(d->sizes, digest, -1);
	pthread_mutex_unlock(&d->target.lock);
	return size;
}

static bool remember(struct archive_destination *d, struct json_object *where, const char *digest, struct json_object *what)
{
	bool good;

	pthread_mutex_lock(&d->target.lock);
	good = js_set(where, digest, what);
	pthread_mutex_unlock(&d->target.lock);
	return good;
}

static int archive_has(struct image_destination *base, const struct store_blob *b, const char *from, int64_t *ret_size, struct error *err)
{
	int64_t size = b->digest ? size_of(archive_of(base), b->digest) : -1;

	(void)from;
	(void)err;
	if (size < 0)
		return 0;
	*ret_size = size;
	return 1;
}

/* The same layer twice is in the archive once. */
static int end_layer(void *ctx, const char *digest, int64_t size, struct error *err)
{
	struct archive_destination *d = ctx;
	CLEANUP(buf_done) struct buf name = BUF_INIT(256);
	struct tar_out_entry e = { .type = '0', .mode = 0444 };

	buf_addf(&name, "%s.tar", store_hex(digest));
	e.name = buf_z(&name);
	if (size_of(d, digest) >= 0)
		return tar_out_drop(&d->target.tar, err);
	return remember(d, d->sizes, digest, json_object_new_int64(size)) ? tar_out_end(&d->target.tar, &e, err) : store_no_memory(err);
}

static int put_layer(struct archive_destination *d, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX], int64_t *ret_size,
		     struct error *err)
{
	return archive_target_put(&d->target, b, content, end_layer, d, ret_digest, ret_size, err);
}

static int put_config(struct archive_destination *d, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX], int64_t *ret_size,
		      struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(MANIFEST_MAX_CONFIG);
	struct byte_sink sink = bytes_to_buf(&text);
	int r = store_run_checked(content, b, &sink, ret_digest, ret_size, err), kept;

	if (r < 0)
		return r;
	pthread_mutex_lock(&d->target.lock);
	kept = json_object_object_length(d->configs);
	pthread_mutex_unlock(&d->target.lock);
	if (kept >= CONFIGS_MAX)
		return error_set(err, ERR_PROTOCOL, "an image has one configuration");
	return remember(d, d->configs, ret_digest, js_strn(buf_str(&text))) ? 0 : store_no_memory(err);
}

static bool is_config(const char *type)
{
	return type && (strcmp(type, manifest_config_type(MANIFEST_FORMAT_DOCKER)) == 0 || strcmp(type, manifest_config_type(MANIFEST_FORMAT_OCI)) == 0);
}

static int archive_put(struct image_destination *base, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX],
		       int64_t *ret_size, struct error *err)
{
	int (*put)(struct archive_destination *, const struct store_blob *, const struct byte_producer *, char *, int64_t *, struct error *) =
		is_config(b->type) ? put_config : put_layer;

	return put(archive_of(base), b, content, ret_digest, ret_size, err);
}

/* ---- manifest ---------------------------------------------------------------------------------------------------------- */

static int list_layers(const struct archive_destination *d, struct json_object *manifest, struct strv *ret, struct error *err)
{
	struct json_object *layers = js_get(manifest, "layers");

	if (js_len(layers) > MANIFEST_MAX_LAYERS)
		return error_set(err, ERR_PROTOCOL, "manifest: it has more than %d layers", MANIFEST_MAX_LAYERS);
	for (size_t i = 0; i < js_len(layers); i++) {
		struct manifest_blob b;
		int r = manifest_blob_read(js_at(layers, i), &b, err);

		if (r < 0)
			return r;
		if (js_get_int(d->sizes, b.digest, -1) < 0)
			return error_set(err, ERR_PROTOCOL, "the layer %s is not in the archive", b.digest);
		if (!strv_add(ret, b.digest))
			return store_no_memory(err);
	}
	return 0;
}

/* {"Config", "RepoTags", "Layers"} */
static struct json_object *describe(const struct archive_destination *d, const char *config, const struct strv *layers)
{
	struct json_object *o = json_object_new_object(), *files = json_object_new_array();

	for (size_t i = 0; i < layers->n; i++) {
		CLEANUP(buf_done) struct buf name = BUF_INIT(256);

		buf_addf(&name, "%s.tar", store_hex(layers->v[i]));
		json_object_array_add(files, js_str(buf_z(&name)));
	}
	js_set_str(o, "Config", config);
	js_set(o, "RepoTags", js_strv(d->names.v, d->names.n));
	js_set(o, "Layers", files);
	return o;
}

static int write_image(struct archive_destination *d, const char *digest, struct str config, const struct strv *layers, struct error *err)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(256);
	int r;

	buf_addf(&name, "%s.json", store_hex(digest));
	r = add_file(d, buf_z(&name), NULL, config, err);
	if (r == 0)
		r = docker_archive_legacy(config, layers, add_file, d, d->top, err);
	if (r == 0)
		d->image = describe(d, buf_z(&name), layers);
	return r;
}

static int archive_manifest(struct image_destination *base, const char *instance, const char *type, struct str bytes, struct error *err)
{
	struct archive_destination *d = archive_of(base);
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	CLEANUP(strv_done) struct strv layers = { 0 };
	struct manifest_blob config;
	enum manifest_kind kind;
	int r;

	if (instance)
		return error_set(err, ERR_UNSUPPORTED, "Manifest lists are not supported by docker-archive:");
	if (d->image)
		return error_set(err, ERR_CONFLICT, "the archive has its image already");
	if ((r = manifest_read(bytes, type, &doc, &kind, err)) < 0)
		return r;
	if (kind != MANIFEST_DOCKER)
		return error_set(err, ERR_UNSUPPORTED, "Unsupported manifest type, need a Docker schema 2 manifest");
	if ((r = manifest_blob_read(js_get(doc, "config"), &config, err)) < 0 || (r = list_layers(d, doc, &layers, err)) < 0)
		return r;
	if (!js_get(d->configs, config.digest))
		return error_set(err, ERR_PROTOCOL, "the configuration %s is not in the archive", config.digest);
	return write_image(d, config.digest, js_text(js_get(d->configs, config.digest)), &layers, err);
}

/* ---- the end ----------------------------------------------------------------------------------------------------------- */

static int produce_archive(void *ctx, const struct byte_sink *to, struct error *err)
{
	const struct archive_destination *d = ctx;
	struct byte_source from = bytes_from_fd(&d->target.fd, d->target.tar.at);

	if (lseek(d->target.fd, 0, SEEK_SET) < 0)
		return error_set_errno(err, "read the archive");
	return bytes_copy(&from, to, NULL, err);
}

static int archive_commit(struct image_destination *base, struct error *err)
{
	struct archive_destination *d = archive_of(base);
	CLEANUP(js_put_p) struct json_object *all = json_object_new_array(), *repositories = NULL;
	struct byte_producer archive = { produce_archive, d, 0, true };
	int r;

	if (!d->image)
		return error_set(err, ERR_PROTOCOL, "there is no image to write");
	json_object_array_add(all, json_object_get(d->image));
	r = docker_archive_repositories(&d->names, d->top, &repositories, err);
	if (r == 0)
		r = add_json(d, "manifest.json", all, err);
	if (r == 0)
		r = add_json(d, "repositories", repositories, err);
	if (r == 0)
		r = archive_target_commit(&d->target, err);
	archive.length = d->target.tar.at;
	return r < 0 || !d->load ? r : d->load(d->ctx, &archive, err);
}

static void archive_close(struct image_destination *base)
{
	struct archive_destination *d = archive_of(base);

	archive_target_done(&d->target);
	strv_done(&d->names);
	json_object_put(d->sizes);
	json_object_put(d->configs);
	json_object_put(d->image);
	store_destination_done(base);
	free(d);
}

static const struct image_destination_ops ops = {
	.has = archive_has,
	.put = archive_put,
	.manifest = archive_manifest,
	.commit = archive_commit,
	.close = archive_close,
};

/* ---- opening ----------------------------------------------------------------------------------------------------------- */

/* reference may be NULL. */
static int add_name(struct archive_destination *d, const char *reference, struct error *err)
{
	CLEANUP(free_p) char *full = NULL;
	int r = reference ? docker_archive_reference(reference, &full, err) : 0;

	if (r < 0 || !full || strv_has(&d->names, full))
		return r;
	return strv_add(&d->names, full) ? 0 : store_no_memory(err);
}

/* name is taken. */
static int new_destination(char *name, const char *reference, const struct strv *more, struct archive_destination **ret, struct error *err)
{
	struct archive_destination *d = calloc(1, sizeof *d);
	CLEANUP(image_destination_close_p) struct image_destination *base = d ? &d->base : NULL;
	int r;

	if (!d) {
		free(name);
		return store_no_memory(err);
	}
	d->target = ARCHIVE_TARGET_INIT;
	d->base = (struct image_destination){ .ops = &ops, .types = types, .layers = LAYERS_UNCOMPRESSED, .parallel = true, .name = name };
	d->sizes = json_object_new_object();
	d->configs = json_object_new_object();
	r = add_name(d, reference, err);
	for (size_t i = 0; r == 0 && more && i < more->n; i++)
		r = add_name(d, more->v[i], err);
	if (r < 0)
		return r;
	d->base.reference = z_dup(reference ? d->names.v[0] : "");
	if (!d->base.name || !d->base.reference || !d->sizes || !d->configs)
		return store_no_memory(err);
	base = NULL;
	*ret = d;
	return 0;
}

static int check_path(const struct docker_archive_name *n, struct error *err)
{
	struct stat st;

	if (n->index >= 0)
		return error_set(err, ERR_UNSUPPORTED, "Destination reference must not contain a manifest index @%lld", (long long)n->index);
	if (stat(n->path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		return error_set(err, ERR_UNSUPPORTED, "docker-archive doesn't support modifying existing images");
	return 0;
}

int store_docker_archive_destination(const char *rest, const struct store_options *o, struct image_destination **ret, struct error *err)
{
	CLEANUP(docker_archive_name_done) struct docker_archive_name n = { .index = -1 };
	struct archive_destination *d = NULL;
	CLEANUP(image_destination_close_p) struct image_destination *base = NULL;
	int r;

	if ((r = docker_archive_name_parse(rest, &n, err)) < 0 || (r = check_path(&n, err)) < 0 ||
	    (r = new_destination(docker_archive_name_text(&n), n.reference, o->additional_tags, &d, err)) < 0)
		return r;
	base = &d->base;
	r = archive_target_open(n.path, &d->target, err);
	if (r < 0)
		return r;
	*ret = ptr_take(&base);
	return 0;
}

int image_destination_to_archive(const char *name, const char *tag, int (*load)(void *ctx, const struct byte_producer *archive, struct error *err), void *ctx,
				 struct image_destination **ret, struct error *err)
{
	struct archive_destination *d = NULL;
	CLEANUP(image_destination_close_p) struct image_destination *base = NULL;
	int r = new_destination(z_dup(name), tag, NULL, &d, err);

	if (r < 0)
		return r;
	base = &d->base;
	d->load = load;
	d->ctx = ctx;
	r = archive_target_open(NULL, &d->target, err);
	if (r < 0)
		return r;
	*ret = ptr_take(&base);
	return 0;
}
