/* image/store_dir.c: dir:PATH: manifest.json, one file a blob named by the hexadecimal digits of its digest, signature-1 ..., version. Lists have their images
 * as HEX.manifest.json. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/path.h"
#include "base/scratch.h"
#include "image/lookaside.h"
#include "image/store_files.h"
#include "image/store_own.h"

#define VERSION "Directory Transport Version: 1.1\n"

/* PATH/NAME or, of an image of a list, PATH/HEX.NAME. */
static char *path_of(const char *folder, const char *instance, const char *name, struct error *err)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(8192);

	if (instance && store_check_digest(instance, err) < 0)
		return NULL;
	buf_addf(&path, "%s/%s%s%s", folder, instance ? store_hex(instance) : "", instance ? "." : "", name);
	return buf_check(&path, "name of a file", err) < 0 ? NULL : buf_take(&path);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

struct dir_source {
	struct image_source base;
	char *folder;
};

static const char *source_folder(struct image_source *s)
{
	return ((struct dir_source *)s)->folder;
}

static int dir_manifest(struct image_source *s, const char *instance, struct registry_manifest *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT(0);
	CLEANUP(free_p) char *path = path_of(source_folder(s), instance, "manifest.json", err);
	int r = path ? store_file_read(path, &bytes, err) : -ERR_PROTOCOL;

	return r < 0 ? r : registry_manifest_of(&bytes, NULL, instance, ret, err);
}

static int dir_blob(struct image_source *s, const struct store_blob *b, const struct byte_sink *sink, struct error *err)
{
	CLEANUP(free_p) char *path = NULL;
	CLEANUP(free_p) char *older = NULL;
	int r = store_check_digest(b->digest, err);

	if (r < 0)
		return r;
	path = path_join(source_folder(s), store_hex(b->digest));
	if (!path || asprintf(&older, "%s.tar", path) < 0) {
		older = NULL;
		return store_no_memory(err);
	}
	return store_file_get(store_file_size(path) < 0 && store_file_size(older) >= 0 ? older : path, b, sink, err);
}

static int add_signature(struct strv *ret, struct str bytes, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(LOOKASIDE_MAX_BYTES * 2);

	base64_add(&text, bytes);
	return text.failed || !strv_add(ret, buf_z(&text)) ? store_no_memory(err) : 0;
}

static int dir_signatures(struct image_source *s, const char *instance, struct strv *ret, struct error *err)
{
	for (unsigned i = 1; i <= LOOKASIDE_MAX; i++) {
		CLEANUP(buf_done) struct buf bytes = BUF_INIT(0);
		CLEANUP(free_p) char *path = NULL;
		char name[32];
		int r;

		snprintf(name, sizeof name, "signature-%u", i);
		path = path_of(source_folder(s), instance, name, err);
		if (!path)
			return -ERR_PROTOCOL;
		if (store_file_size(path) < 0)
			return 0;
		r = store_file_read(path, &bytes, err);
		if (r == 0)
			r = add_signature(ret, buf_str(&bytes), err);
		if (r < 0)
			return r;
	}
	return error_set(err, ERR_PROTOCOL, "%s has more than %d signatures", s->name, LOOKASIDE_MAX);
}

static void dir_source_close(struct image_source *s)
{
	free(((struct dir_source *)s)->folder);
	store_source_done(s);
	free(s);
}

static const struct image_source_ops source_ops = {
	.manifest = dir_manifest,
	.blob = dir_blob,
	.signatures = dir_signatures,
	.close = dir_source_close,
};

static char *name_of(const char *rest)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(8192);

	buf_addf(&name, "dir:%s", rest);
	return buf_take(&name);
}

static int source(const char *rest, const struct store_options *o, struct image_source **ret, struct error *err)
{
	struct dir_source *s = calloc(1, sizeof *s);
	CLEANUP(image_source_close_p) struct image_source *base = s ? &s->base : NULL;
	int r;

	(void)o;
	if (!s)
		return store_no_memory(err);
	s->base.ops = &source_ops;
	s->base.parallel = true;
	r = store_resolve_path(rest, &s->base.policy_scope, err);
	if (r < 0)
		return r;
	s->folder = z_dup(*rest ? rest : ".");
	s->base.name = name_of(rest);
	s->base.policy_transport = z_dup("dir");
	s->base.reference = z_dup("");
	if (!s->folder || !s->base.name || !s->base.policy_transport || !s->base.reference)
		return store_no_memory(err);
	*ret = ptr_take(&base);
	return 0;
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

/* Everything goes into a folder inside the target first: the one that was there is an image until commit. */
struct dir_destination {
	struct image_destination base;
	char *folder;
	struct scratch staged;
	bool made; /* the folder */
	bool committed;
};

static struct dir_destination *dir_of(struct image_destination *d)
{
	return (struct dir_destination *)d;
}

static int dir_has(struct image_destination *base, const struct store_blob *b, const char *from, int64_t *ret_size, struct error *err)
{
	CLEANUP(free_p) char *path = NULL;
	int64_t size;
	int r;

	(void)from;
	if (!b->digest)
		return 0;
	r = store_check_digest(b->digest, err);
	if (r < 0)
		return r;
	path = path_join(dir_of(base)->staged.path, store_hex(b->digest));
	if (!path)
		return store_no_memory(err);
	size = store_file_size(path);
	if (size < 0 || (b->size >= 0 && size != b->size))
		return 0;
	*ret_size = size;
	return 1;
}

static int dir_put(struct image_destination *base, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX], int64_t *ret_size,
		   struct error *err)
{
	return store_file_put(dir_of(base)->staged.path, b, content, ret_digest, ret_size, err);
}

/* Into the staged folder; the name is path_of's. */
static int write_named(struct dir_destination *d, const char *instance, const char *name, struct str bytes, struct error *err)
{
	CLEANUP(free_p) char *path = path_of(d->staged.path, instance, name, err);

	return path ? path_write_atomic(path, bytes, 0644, err) : -ERR_PROTOCOL;
}

static int dir_put_manifest(struct image_destination *base, const char *instance, const char *type, struct str bytes, struct error *err)
{
	(void)type;
	return write_named(dir_of(base), instance, "manifest.json", bytes, err);
}

static int dir_put_signatures(struct image_destination *base, const char *instance, const struct strv *signatures, struct error *err)
{
	for (size_t i = 0; i < signatures->n; i++) {
		CLEANUP(buf_done) struct buf bytes = BUF_INIT(LOOKASIDE_MAX_BYTES);
		char name[32];
		int r;

		if (!base64_read(&bytes, str_from(signatures->v[i])))
			return error_set(err, ERR_PROTOCOL, "a signature is no base64");
		snprintf(name, sizeof name, "signature-%zu", i + 1);
		r = write_named(dir_of(base), instance, name, buf_str(&bytes), err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The names in a folder, without the ones that begin with a dot. */
static int list_names(const char *folder, struct strv *ret, struct error *err)
{
	DIR *at = opendir(folder);
	struct dirent *e;
	bool good = true;

	if (!at)
		return error_set_errno(err, "open %s", folder);
	while (good && (e = readdir(at)))
		good = e->d_name[0] == '.' || strv_add(ret, e->d_name);
	closedir(at);
	return good ? 0 : store_no_memory(err);
}

static int move_in(const struct dir_destination *d, const char *name, struct error *err)
{
	CLEANUP(free_p) char *from = path_join(d->staged.path, name);
	CLEANUP(free_p) char *to = path_join(d->folder, name);

	if (!from || !to)
		return store_no_memory(err);
	return rename(from, to) == 0 ? 0 : error_set_errno(err, "rename %s to %s", from, to);
}

/* What the image before had and this one has not. Folders were never part of one. */
static int remove_old(const struct dir_destination *d, const struct strv *kept, struct error *err)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	int r = list_names(d->folder, &names, err);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		CLEANUP(free_p) char *path = strv_has(kept, names.v[i]) ? NULL : path_join(d->folder, names.v[i]);

		if (path && store_file_size(path) >= 0 && unlink(path) < 0)
			r = error_set_errno(err, "remove %s", path);
	}
	return r;
}

/* Blobs and signatures come first, the manifest that leads to them last. */
static int dir_commit(struct image_destination *base, struct error *err)
{
	struct dir_destination *d = dir_of(base);
	CLEANUP(strv_done) struct strv names = { 0 };
	int r = store_file_write(d->staged.path, "version", STR(VERSION), err);

	if (r == 0)
		r = list_names(d->staged.path, &names, err);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (strcmp(names.v[i], "manifest.json") != 0)
			r = move_in(d, names.v[i], err);
	if (r == 0 && strv_has(&names, "manifest.json"))
		r = move_in(d, "manifest.json", err);
	d->committed |= r == 0;
	return r < 0 ? r : remove_old(d, &names, err);
}

static void dir_close(struct image_destination *base)
{
	struct dir_destination *d = dir_of(base);

	scratch_done(&d->staged);
	if (d->made && !d->committed)
		rmdir(d->folder);
	free(d->folder);
	store_destination_done(base);
	free(d);
}

static const struct image_destination_ops destination_ops = {
	.has = dir_has,
	.put = dir_put,
	.manifest = dir_put_manifest,
	.signatures = dir_put_signatures,
	.commit = dir_commit,
	.close = dir_close,
};

/* A folder of somebody's own files is not written into. */
static int check_folder(const char *folder, struct error *err)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	CLEANUP(buf_done) struct buf version = BUF_INIT(0);
	CLEANUP(free_p) char *path = path_join(folder, "version");
	int r = list_names(folder, &names, err);

	if (r < 0 || !names.n)
		return r;
	if (path && store_file_read(path, &version, NULL) == 0 && str_starts(buf_str(&version), STR("Directory Transport Version: 1.")))
		return 0;
	return error_set(err, ERR_CONFLICT, "not a containers image directory, don't want to overwrite important data");
}

static int prepare(struct dir_destination *d, const char *rest, struct error *err)
{
	int r = store_resolve_path(rest, &d->folder, err);

	if (r < 0)
		return r;
	d->base.name = name_of(rest);
	d->base.reference = z_dup("");
	if (!d->base.name || !d->base.reference)
		return store_no_memory(err);
	d->made = mkdir(d->folder, 0755) == 0;
	if (!d->made && errno != EEXIST)
		return error_set_errno(err, "unable to create directory \"%s\"", d->folder);
	r = check_folder(d->folder, err);
	return r < 0 ? r : scratch_open_in(d->folder, ".copy", &d->staged, err);
}

static int destination(const char *rest, const struct store_options *o, struct image_destination **ret, struct error *err)
{
	struct dir_destination *d = calloc(1, sizeof *d);
	CLEANUP(image_destination_close_p) struct image_destination *base = d ? &d->base : NULL;
	int r;

	if (!d)
		return store_no_memory(err);
	d->staged = SCRATCH_INIT;
	d->base.ops = &destination_ops;
	d->base.parallel = true;
	d->base.takes_lists = true;
	d->base.layers = o->compress ? LAYERS_COMPRESSED : o->decompress ? LAYERS_UNCOMPRESSED : LAYERS_AS_THEY_ARE;
	r = prepare(d, rest, err);
	if (r < 0)
		return r;
	*ret = ptr_take(&base);
	return 0;
}

const struct store_transport store_dir = { "dir", source, destination, NULL };
