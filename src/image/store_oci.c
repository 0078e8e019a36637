/* image/store_oci.c: oci:PATH[:REFERENCE]: an OCI layout in a folder; its blobs may lie in a folder that several layouts share. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/path.h"
#include "image/flow.h"
#include "image/store_files.h"
#include "image/store_oci.h"
#include "image/store_own.h"

/* The folder and where the blobs are. */
struct layout_folder {
	char *path, *shared; /* shared: may be NULL */
};

static void folder_done(struct layout_folder *f)
{
	free(f->path);
	free(f->shared);
}

/* name: "index.json" or "blobs/ALGORITHM/HEX"; a shared folder has no "blobs" in it. */
static char *folder_file(const struct layout_folder *f, const char *name)
{
	bool blob = strncmp(name, "blobs/", 6) == 0;

	return blob && f->shared ? path_join(f->shared, name + 6) : path_join(f->path, name);
}

static char *oci_name(const char *path, const char *image)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(16384);

	buf_addf(&name, "oci:%s:%s", path, image);
	return buf_take(&name);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

static int read_file(void *ctx, const char *name, struct buf *ret, struct error *err)
{
	CLEANUP(free_p) char *path = folder_file(ctx, name);

	return path ? store_file_read(path, ret, err) : store_no_memory(err);
}

static int read_blob(void *ctx, const char *name, const struct store_blob *b, const struct byte_sink *sink, struct error *err)
{
	CLEANUP(free_p) char *path = folder_file(ctx, name);

	return path ? store_file_get(path, b, sink, err) : store_no_memory(err);
}

static void close_folder(void *ctx)
{
	folder_done(ctx);
	free(ctx);
}

static int source(const char *rest, const struct store_options *o, struct image_source **ret, struct error *err)
{
	CLEANUP(free_p) char *path = NULL;
	CLEANUP(free_p) char *image = NULL;
	CLEANUP(free_p) char *scope = NULL;
	CLEANUP(free_p) char *name = NULL;
	struct layout_files files = { read_file, read_blob, close_folder, NULL };
	struct layout_folder *f;
	int r;

	if ((r = store_cut_path(rest, &path, &image, err)) < 0 || (r = layout_check_image(image, true, err)) < 0 ||
	    (r = store_resolve_path(path, &scope, err)) < 0)
		return r;
	f = calloc(1, sizeof *f);
	name = oci_name(path, image);
	if (!f || !name || !(f->path = z_dup(path))) {
		free(f);
		return store_no_memory(err);
	}
	f->shared = z_dup(o->shared_blob_dir);
	files.ctx = f;
	return layout_source_open(&files, name, "oci", scope, image, ret, err);
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

struct oci_destination {
	struct image_destination base;
	struct layout_folder folder;
	char *image;
	struct json_object *index;
	bool made; /* the folder */
	bool committed;
	pthread_mutex_t lock;
	struct strv added; /* blobs, to be removed unless the image is committed */
};

static struct oci_destination *oci_of(struct image_destination *d)
{
	return (struct oci_destination *)d;
}

/* The folder of blobs with this algorithm, made when it is not there. */
static int blob_folder(const struct oci_destination *d, const char *digest, char **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(64);
	struct str algorithm;
	int r;

	str_cut(str_from(digest ? digest : "sha256:"), ':', &algorithm, NULL);
	buf_addf(&name, "blobs/%.*s", STR_ARG(algorithm));
	*ret = folder_file(&d->folder, buf_z(&name));
	if (!*ret)
		return store_no_memory(err);
	r = path_make_dirs(*ret, 0755, err);
	if (r < 0)
		free(ptr_take(ret));
	return r;
}

static int remember(struct oci_destination *d, const char *digest, struct error *err)
{
	CLEANUP(free_p) char *name = layout_blob_name(digest);
	char *path = name ? folder_file(&d->folder, name) : NULL;
	bool good;

	pthread_mutex_lock(&d->lock);
	good = strv_take(&d->added, path);
	pthread_mutex_unlock(&d->lock);
	return good ? 0 : store_no_memory(err);
}

/* Whether a whole file of that name was there. */
static int find_blob(const struct oci_destination *d, const struct store_blob *b, int64_t *ret_size, struct error *err)
{
	CLEANUP(free_p) char *name = NULL;
	CLEANUP(free_p) char *path = NULL;
	int r = store_check_digest(b->digest, err);

	if (r < 0)
		return r;
	name = layout_blob_name(b->digest);
	path = name ? folder_file(&d->folder, name) : NULL;
	if (!path)
		return store_no_memory(err);
	*ret_size = store_file_size(path);
	return *ret_size >= 0 && (b->size < 0 || b->size == *ret_size);
}

static int oci_has(struct image_destination *base, const struct store_blob *b, const char *from, int64_t *ret_size, struct error *err)
{
	int64_t size;
	int r;

	(void)from;
	if (!b->digest)
		return 0;
	r = find_blob(oci_of(base), b, &size, err);
	if (r > 0)
		*ret_size = size;
	return r;
}

static int put(struct oci_destination *d, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX], int64_t *ret_size,
	       struct error *err)
{
	CLEANUP(free_p) char *folder = NULL;
	int64_t old = -1;
	bool there = b->digest && find_blob(d, b, &old, NULL) > 0;
	int r = b->digest ? store_check_digest(b->digest, err) : 0;

	if (r == 0)
		r = blob_folder(d, b->digest, &folder, err);
	if (r == 0)
		r = store_file_put(folder, b, content, ret_digest, ret_size, err);
	/* Another image of the layout may need what was there before. */
	return r < 0 || there ? r : remember(d, ret_digest, err);
}

static int oci_put(struct image_destination *base, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX], int64_t *ret_size,
		   struct error *err)
{
	return put(oci_of(base), b, content, ret_digest, ret_size, err);
}

static int oci_manifest(struct image_destination *base, const char *instance, const char *type, struct str bytes, struct error *err)
{
	struct oci_destination *d = oci_of(base);
	struct store_blob b = { .digest = instance, .size = (int64_t)bytes.n };
	struct memory_source memory = { .all = bytes };
	struct byte_source source = memory_bytes(&memory);
	struct byte_producer content = bytes_producer(&source);
	char digest[DIGEST_MAX];
	int64_t size;
	int r = put(d, &b, &content, digest, &size, err);

	return r < 0 || instance ? r : layout_index_add(d->index, type, digest, size, d->image, err);
}

static int oci_commit(struct image_destination *base, struct error *err)
{
	struct oci_destination *d = oci_of(base);
	int r = store_file_write(d->folder.path, LAYOUT_FILE, STR(LAYOUT_CONTENT), err);

	if (r == 0)
		r = store_file_write(d->folder.path, "index.json", str_from(js_wire(d->index)), err);
	d->committed = r == 0;
	return r;
}

/* Folders go only when nothing is in them. */
static void undo(const struct oci_destination *d)
{
	static const char *const folders[] = { "blobs/sha512", "blobs/sha256", "blobs" };

	for (size_t i = 0; i < d->added.n; i++)
		unlink(d->added.v[i]);
	for (size_t i = 0; d->made && i < ARRAY_LEN(folders); i++) {
		CLEANUP(free_p) char *path = path_join(d->folder.path, folders[i]);

		if (path)
			rmdir(path);
	}
	if (d->made)
		rmdir(d->folder.path);
}

static void oci_close(struct image_destination *base)
{
	struct oci_destination *d = oci_of(base);

	if (!d->committed && d->folder.path)
		undo(d);
	folder_done(&d->folder);
	json_object_put(d->index);
	pthread_mutex_destroy(&d->lock);
	strv_done(&d->added);
	free(d->image);
	store_destination_done(base);
	free(d);
}

static const struct image_destination_ops destination_ops = {
	.has = oci_has,
	.put = oci_put,
	.manifest = oci_manifest,
	.commit = oci_commit,
	.close = oci_close,
};

static int read_index(struct oci_destination *d, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(0);
	int r = read_file(&d->folder, "index.json", &text, err);

	if (r == 0)
		return layout_index_read(buf_str(&text), &d->index, err);
	if (r != -ERR_NOT_FOUND)
		return r;
	error_clear(err);
	d->index = layout_index_new();
	return d->index ? 0 : store_no_memory(err);
}

static int prepare(struct oci_destination *d, const char *rest, struct error *err)
{
	CLEANUP(free_p) char *resolved = NULL;
	int r;

	if ((r = store_cut_path(rest, &d->folder.path, &d->image, err)) < 0 || (r = layout_check_image(d->image, false, err)) < 0 ||
	    (r = store_resolve_path(d->folder.path, &resolved, err)) < 0)
		return r;
	d->base.name = oci_name(d->folder.path, d->image);
	d->base.reference = z_dup("");
	if (!d->base.name || !d->base.reference)
		return store_no_memory(err);
	d->made = mkdir(d->folder.path, 0755) == 0;
	if (!d->made && errno != EEXIST)
		return error_set_errno(err, "mkdir %s", d->folder.path);
	return read_index(d, err);
}

static int destination(const char *rest, const struct store_options *o, struct image_destination **ret, struct error *err)
{
	struct oci_destination *d = calloc(1, sizeof *d);
	CLEANUP(image_destination_close_p) struct image_destination *base = d ? &d->base : NULL;
	int r;

	if (!d)
		return store_no_memory(err);
	pthread_mutex_init(&d->lock, NULL);
	d->base.ops = &destination_ops;
	d->base.parallel = d->base.takes_lists = d->base.takes_foreign = true;
	d->base.types = layout_types;
	d->base.layers = o->accept_uncompressed ? LAYERS_AS_THEY_ARE : LAYERS_COMPRESSED;
	d->folder.shared = z_dup(o->shared_blob_dir);
	if (o->shared_blob_dir && !d->folder.shared)
		return store_no_memory(err);
	r = prepare(d, rest, err);
	if (r < 0)
		return r;
	*ret = ptr_take(&base);
	return 0;
}

const struct store_transport store_oci = { "oci", source, destination, NULL };
