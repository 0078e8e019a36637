#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/path.h"
#include "event.h"
#include "image_config.h"
#include "image_words.h"
#include "methods.h"
#include "tree.h"
#include "unpack.h"

enum { JSON_MAX = 16 * 1024 * 1024, INDEX_DEPTH_MAX = 4 };

/* An archive whose files lie in a folder now. */
struct loading {
	struct host *host;
	char *dir;
	struct strv names; /* what the client is told */
};

static void loading_done(struct loading *l)
{
	if (l->dir)
		tree_remove(l->dir);
	free(l->dir);
	strv_done(&l->names);
}

/* Links lead to other files of the archive and nowhere else. */
static char *file_path(const struct loading *l, const char *name)
{
	return tree_resolve(l->dir, name);
}

static int read_text(const struct loading *l, const char *name, struct buf *ret, struct error *err)
{
	CLEANUP(free_p) char *path = file_path(l, name);

	return path ? path_read(path, ret, err) : error_set(err, ERR_PROTOCOL, "%s: too many links", name);
}

static int read_json(const struct loading *l, const char *name, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(JSON_MAX);
	int r = read_text(l, name, &text, err);

	return r < 0 ? r : js_parse(buf_str(&text), name, ret, err);
}

/* "sha256:HEX" as the file of an OCI layout. */
static char *blob_name(const char *digest)
{
	char *name = NULL;

	return strncmp(digest, "sha256:", 7) != 0 || asprintf(&name, "blobs/sha256/%s", digest + 7) < 0 ? NULL : name;
}

/* One more layer; the configuration says what is in it. */
static int load_layer(const struct loading *l, const char *name, const char *digest, struct layer **top, struct error *err)
{
	CLEANUP(free_p) char *path = file_path(l, name);
	CLEANUP(free_p) char *tar = layer_new_tar(l->host);
	int r;

	if (!path || !tar)
		return error_set(err, ERR_SYSTEM, "out of memory");
	if (access(path, R_OK) < 0)
		return error_set(err, ERR_PROTOCOL, "layer %s is not in the archive", name);
	r = unpack_plain(path, tar, err);
	if (r == 0)
		r = layer_add(l->host, *top, tar, top, err);
	if (r < 0) {
		unlink(tar);
		return r;
	}
	if (strncmp(digest, "sha256:", 7) != 0 || strcmp(digest + 7, (*top)->digest) != 0)
		return error_set(err, ERR_PROTOCOL, "layer %s has digest sha256:%s, not %s", name, (*top)->digest, digest);
	return 0;
}

static int name_image(struct loading *l, struct image *i, const char *name, struct error *err)
{
	CLEANUP(free_p) char *full = NULL;
	int r = image_full_name(name, &full, err);

	if (r < 0)
		return r;
	image_add_name(l->host, i, full);
	strv_add(&l->names, name);
	return 0;
}

/* layers: file names. */
static int load_image(struct loading *l, const char *config_name, const struct strv *layers, bool docker, struct image **ret,
		      struct error *err)
{
	CLEANUP(buf_done) struct buf config = BUF_INIT(JSON_MAX);
	CLEANUP(js_put_p) struct json_object *parsed = NULL;
	struct json_object *digests;
	struct layer *top = NULL;
	int r = read_text(l, config_name, &config, err);

	if (r == 0)
		r = js_parse(buf_str(&config), config_name, &parsed, err);
	if (r < 0)
		return r;
	digests = js_get(js_get(parsed, "rootfs"), "diff_ids");
	if (js_len(digests) != layers->n)
		return error_set(err, ERR_PROTOCOL, "the configuration has %zu layers, the manifest %zu", js_len(digests),
				 layers->n);
	for (size_t i = 0; i < layers->n && r == 0; i++)
		r = load_layer(l, layers->v[i], js_text(js_at(digests, i)).p, &top, err);
	return r < 0 ? r : image_add(l->host, buf_str(&config), top, docker, ret, err);
}

static void tell_id(struct loading *l, const struct image *i)
{
	strv_addf(&l->names, "@%s", i->id);
}

static int load_docker_entry(struct loading *l, struct json_object *entry, struct error *err)
{
	struct json_object *tags = js_get(entry, "RepoTags"), *files = js_get(entry, "Layers");
	CLEANUP(strv_done) struct strv layers = { 0 };
	struct image *image;
	int r;

	for (size_t i = 0; i < js_len(files); i++)
		strv_add_str(&layers, js_text(js_at(files, i)));
	r = load_image(l, js_get_str(entry, "Config", ""), &layers, true, &image, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < js_len(tags) && r == 0; i++)
		r = name_image(l, image, js_text(js_at(tags, i)).p, err);
	if (!js_len(tags))
		tell_id(l, image);
	event_add(l->host, "image", "loadfromarchive", image->id, "", "");
	return r;
}

static int load_docker(struct loading *l, struct json_object *manifest, struct error *err)
{
	int r = js_len(manifest) ? 0 : error_set(err, ERR_PROTOCOL, "manifest.json names no image");

	for (size_t i = 0; i < js_len(manifest) && r == 0; i++)
		r = load_docker_entry(l, js_at(manifest, i), err);
	return r;
}

static int load_oci_manifest(struct loading *l, struct json_object *manifest, const char *name, struct error *err)
{
	struct json_object *blobs = js_get(manifest, "layers");
	const char *type = js_get_str(js_get(manifest, "config"), "mediaType", "");
	CLEANUP(free_p) char *config = blob_name(js_get_str(js_get(manifest, "config"), "digest", ""));
	CLEANUP(strv_done) struct strv layers = { 0 };
	struct image *image;
	int r;

	for (size_t i = 0; i < js_len(blobs); i++)
		strv_take(&layers, blob_name(js_get_str(js_at(blobs, i), "digest", "")));
	r = load_image(l, config ? config : "", &layers, strstr(type, "docker") != NULL, &image, err);
	if (r == 0 && *name)
		r = name_image(l, image, name, err);
	else if (r == 0)
		tell_id(l, image);
	return r;
}

/* An index names manifests, or another index. */
static int load_oci_index(struct loading *l, struct json_object *index, const char *outer_name, int depth, struct error *err)
{
	struct json_object *list = js_get(index, "manifests");
	int r = js_len(list) && depth < INDEX_DEPTH_MAX ? 0 : error_set(err, ERR_PROTOCOL, "index.json names no image");

	for (size_t i = 0; i < js_len(list) && r == 0; i++) {
		struct json_object *entry = js_at(list, i);
		const char *name = js_get_str(js_get(entry, "annotations"), "org.opencontainers.image.ref.name", outer_name);
		CLEANUP(free_p) char *file = blob_name(js_get_str(entry, "digest", ""));
		CLEANUP(js_put_p) struct json_object *manifest = NULL;

		r = read_json(l, file ? file : "", &manifest, err);
		if (r == 0)
			r = js_get(manifest, "manifests") ? load_oci_index(l, manifest, name, depth + 1, err)
							  : load_oci_manifest(l, manifest, name, err);
	}
	return r;
}

/* The file is tried as an archive of either kind, then as a folder; the last try's failure is what the client is told. */
static int no_archive(const char *file, struct error *err)
{
	struct stat st;
	const char *why = stat(file, &st) < 0 ? "no such file or directory" : "not a directory";

	return error_set(
		err, ERR_PROTOCOL,
		"error pulling \"\": unable to pull dir:%s: unable to pull image: Error determining manifest MIME type for "
		"dir:%s: open %s/manifest.json: %s",
		file, file, file, why);
}

static int load(struct loading *l, const char *file, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *manifest = NULL, *index = NULL;
	int r;

	l->dir = host_path(l->host, "loadXXXXXX", NULL);
	if (!l->dir || !mkdtemp(l->dir))
		return error_set_errno(err, "%s", l->host->dir);
	if (access(file, R_OK) < 0 || unpack(file, l->dir, NULL) < 0)
		return no_archive(file, err);
	if (read_json(l, "manifest.json", &manifest, NULL) == 0 && json_object_is_type(manifest, json_type_array))
		r = load_docker(l, manifest, err);
	else if (read_json(l, "index.json", &index, NULL) == 0)
		r = load_oci_index(l, index, "", 0, err);
	else
		return no_archive(file, err);
	return r < 0 ? error_context(err, "error pulling \"\": unable to pull docker-archive:%s: unable to pull image", file) : 0;
}

/* The last two arguments change places on the way: what the client calls quiet removes the file. */
void podman_load_image(struct call *c)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf id = BUF_INIT(64 * 1024);
	CLEANUP(loading_done) struct loading l = { .host = c->host };
	const char *file = call_str(c, "inputFile");

	more_spin(c, "");
	if (load(&l, file, &err) < 0) {
		reply_error_occurred(c, "%s", err.text);
	} else {
		for (size_t i = 0; i < l.names.n; i++)
			buf_addf(&id, "%s%s", i ? "," : "", l.names.v[i]);
		more_end(c, &(struct strv){ 0 }, buf_z(&id));
	}
	if (js_get_bool(c->params, "quiet", false))
		unlink(file);
}
