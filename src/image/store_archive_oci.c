/* image/store_archive_oci.c: oci-archive:PATH[:REFERENCE]: an OCI layout in a tar. Written with its blobs as they come and index.json behind them. */
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "image/store_archive.h"
#include "image/store_archive_own.h"
#include "image/store_files.h"
#include "image/store_oci.h"
#include "image/store_own.h"

static char *archive_name(const char *path, const char *image)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(16384);

	buf_addf(&name, "oci-archive:%s:%s", path, image);
	return buf_take(&name);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

static int read_member(void *ctx, const char *name, struct buf *ret, struct error *err)
{
	return store_archive_read(ctx, name, REGISTRY_MAX_MANIFEST, ret, err);
}

static int read_blob(void *ctx, const char *name, const struct store_blob *b, const struct byte_sink *sink, struct error *err)
{
	struct archive_member m;
	struct byte_source source;
	int r = store_archive_member(ctx, name, &m, err);

	if (r < 0)
		return r;
	source = archive_member_source(&m);
	return store_copy_checked(&source, b, sink, err);
}

static void close_archive(void *ctx)
{
	struct store_archive *a = ctx;

	store_archive_close_p(&a);
}

int store_oci_archive_source(struct store_archive *a, const char *name, const char *scope, const char *image, struct image_source **ret, struct error *err)
{
	struct layout_files files = { read_member, read_blob, close_archive, a };

	return layout_source_open(&files, name, "oci-archive", scope, image, ret, err);
}

static int source(const char *rest, const struct store_options *o, struct image_source **ret, struct error *err)
{
	CLEANUP(store_archive_close_p) struct store_archive *a = NULL;
	CLEANUP(free_p) char *path = NULL;
	CLEANUP(free_p) char *image = NULL;
	CLEANUP(free_p) char *scope = NULL;
	CLEANUP(free_p) char *name = NULL;
	int r;

	(void)o;
	if ((r = store_cut_path(rest, &path, &image, err)) < 0 || (r = layout_check_image(image, true, err)) < 0 ||
	    (r = store_resolve_path(path, &scope, err)) < 0 || (r = store_archive_open(path, &a, err)) < 0)
		return r;
	name = archive_name(path, image);
	return name ? store_oci_archive_source(ptr_take(&a), name, scope, image, ret, err) : store_no_memory(err);
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

struct archive_destination {
	struct image_destination base;
	struct archive_target target;
	char *image;
	struct json_object *index;
	struct json_object *sizes; /* of the blobs that are in it, by digest */
	int64_t now_s;
};

static struct archive_destination *archive_of(struct image_destination *d)
{
	return (struct archive_destination *)d;
}

static int add_folder(struct archive_destination *d, const char *name, struct error *err)
{
	struct tar_out_entry e = { .name = name, .owner = "root", .type = '5', .mode = 040755, .mtime_s = d->now_s };

	return tar_out_add(&d->target.tar, &e, STR(""), err);
}

static int add_file(struct archive_destination *d, const char *name, struct str content, struct error *err)
{
	struct tar_out_entry e = { .name = name, .owner = "root", .type = '0', .mode = 0100644, .mtime_s = d->now_s };

	return tar_out_add(&d->target.tar, &e, content, err);
}

static int64_t size_of(struct archive_destination *d, const char *digest)
{
	int64_t size;

	pthread_mutex_lock(&d->target.lock);
	size = js_get_int(d->sizes, digest, -1);
	pthread_mutex_unlock(&d->target.lock);
	return size;
}

static bool remember(struct archive_destination *d, const char *digest, int64_t size)
{
	bool good;

	pthread_mutex_lock(&d->target.lock);
	good = js_set_int(d->sizes, digest, size);
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

/* What is there already under its digest is taken back. */
static int end_blob(void *ctx, const char *digest, int64_t size, struct error *err)
{
	struct archive_destination *d = ctx;
	CLEANUP(free_p) char *name = layout_blob_name(digest);
	struct tar_out_entry e = { .name = name, .owner = "root", .type = '0', .mode = 0100644, .mtime_s = d->now_s };

	if (!name)
		return store_no_memory(err);
	if (size_of(d, digest) >= 0)
		return tar_out_drop(&d->target.tar, err);
	return remember(d, digest, size) ? tar_out_end(&d->target.tar, &e, err) : store_no_memory(err);
}

static int archive_put(struct image_destination *base, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX],
		       int64_t *ret_size, struct error *err)
{
	struct archive_destination *d = archive_of(base);
	int r = b->digest ? store_check_digest(b->digest, err) : 0;

	return r < 0 ? r : archive_target_put(&d->target, b, content, end_blob, d, ret_digest, ret_size, err);
}

static int archive_manifest(struct image_destination *base, const char *instance, const char *type, struct str bytes, struct error *err)
{
	struct archive_destination *d = archive_of(base);
	struct byte_sink out;
	char digest[DIGEST_MAX];
	int r;

	digest_of(bytes, digest);
	if (instance && (r = store_check_digest(instance, err)) < 0)
		return r;
	if (instance && strcmp(instance, digest) != 0)
		return error_set(err, ERR_PROTOCOL, "Manifest does not match provided manifest digest %s: it is %s", instance, digest);
	pthread_mutex_lock(&d->target.tail);
	out = tar_out_begin(&d->target.tar);
	r = sink_write(&out, bytes.p, bytes.n, err);
	if (r == 0)
		r = end_blob(d, digest, (int64_t)bytes.n, err);
	pthread_mutex_unlock(&d->target.tail);
	return r < 0 || instance ? r : layout_index_add(d->index, type, digest, (int64_t)bytes.n, d->image, err);
}

static int archive_commit(struct image_destination *base, struct error *err)
{
	struct archive_destination *d = archive_of(base);
	int r = add_file(d, "index.json", str_from(js_wire(d->index)), err);

	if (r == 0)
		r = add_file(d, LAYOUT_FILE, STR(LAYOUT_CONTENT), err);
	return r < 0 ? r : archive_target_commit(&d->target, err);
}

static void archive_close(struct image_destination *base)
{
	struct archive_destination *d = archive_of(base);

	archive_target_done(&d->target);
	json_object_put(d->index);
	json_object_put(d->sizes);
	free(d->image);
	store_destination_done(base);
	free(d);
}

static const struct image_destination_ops destination_ops = {
	.has = archive_has,
	.put = archive_put,
	.manifest = archive_manifest,
	.commit = archive_commit,
	.close = archive_close,
};

static int prepare(struct archive_destination *d, const char *rest, struct error *err)
{
	CLEANUP(free_p) char *path = NULL;
	int r;

	if ((r = store_cut_path(rest, &path, &d->image, err)) < 0 || (r = layout_check_image(d->image, false, err)) < 0)
		return r;
	d->base.name = archive_name(path, d->image);
	d->base.reference = z_dup("");
	d->index = layout_index_new();
	d->sizes = json_object_new_object();
	if (!d->base.name || !d->base.reference || !d->index || !d->sizes)
		return store_no_memory(err);
	if ((r = archive_target_open(path, &d->target, err)) < 0 || (r = add_folder(d, "blobs", err)) < 0)
		return r;
	return add_folder(d, "blobs/sha256", err);
}

static int destination(const char *rest, const struct store_options *o, struct image_destination **ret, struct error *err)
{
	struct archive_destination *d = calloc(1, sizeof *d);
	CLEANUP(image_destination_close_p) struct image_destination *base = d ? &d->base : NULL;
	int r;

	if (!d)
		return store_no_memory(err);
	d->target = ARCHIVE_TARGET_INIT;
	d->now_s = (int64_t)time(NULL);
	d->base.ops = &destination_ops;
	d->base.parallel = d->base.takes_lists = d->base.takes_foreign = true;
	d->base.types = layout_types;
	d->base.layers = o->accept_uncompressed ? LAYERS_AS_THEY_ARE : LAYERS_COMPRESSED;
	r = prepare(d, rest, err);
	if (r < 0)
		return r;
	*ret = ptr_take(&base);
	return 0;
}

const struct store_transport store_oci_archive = { "oci-archive", source, destination, NULL };
