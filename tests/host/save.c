#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "event.h"
#include "gojson.h"
#include "image_config.h"
#include "image_words.h"
#include "manifest.h"
#include "methods.h"
#include "pack.h"
#include "words.h"

enum { TEXT_MAX = 1024 * 1024 };

/* One image on its way into an archive. */
struct saving {
	struct host *host;
	const struct image *image;
	const char *asked; /* the name in the client's words; NULL: it gave an ID */
	struct json_object *more_names;
	struct pack *pack;
	bool compress, oci;
	struct json_object *layer_files; /* of docker-archive */
	struct blob *blobs;              /* the compressed layers */
	struct strv blob_files;
	struct error *err;
};

static void saving_done(struct saving *s)
{
	pack_close_p(&s->pack);
	json_object_put(s->layer_files);
	free(s->blobs);
	for (size_t i = 0; i < s->blob_files.n; i++)
		unlink(s->blob_files.v[i]);
	strv_done(&s->blob_files);
}

static int add_json(struct saving *s, const char *name, struct json_object *o)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEXT_MAX);

	gojson_add(&text, o);
	json_object_put(o);
	return pack_add_text(s->pack, name, buf_str(&text), s->err);
}

static int add_text(struct saving *s, const char *content, const char *id, const char *suffix)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(1024);

	buf_addf(&name, "%s%s", id, suffix);
	return pack_add_text(s->pack, buf_z(&name), str_from(content), s->err);
}

/* ---- docker-archive ----------------------------------------------------------------------------------------------------------- */

static int add_docker_layer(void *ctx, const struct layer *l)
{
	struct saving *s = ctx;
	CLEANUP(buf_done) struct buf name = BUF_INIT(1024);

	buf_addf(&name, "%s.tar", l->digest);
	json_object_array_add(s->layer_files, js_strn(buf_str(&name)));
	return pack_add_file(s->pack, buf_z(&name), l->tar, s->err);
}

/* For docker before 1.10: a folder for each layer. */
static int add_old_layer(void *ctx, const struct layer *l)
{
	struct saving *s = ctx;
	CLEANUP(buf_done) struct buf name = BUF_INIT(1024), target = BUF_INIT(1024);
	struct json_object *o = json_object_new_object();
	int r;

	js_set_str(o, "id", l->id);
	if (l->parent)
		js_set_str(o, "parent", l->parent->id);
	buf_addf(&name, "%s/layer.tar", l->id);
	buf_addf(&target, "../%s.tar", l->digest);
	r = pack_add_link(s->pack, buf_z(&name), buf_z(&target), s->err);
	if (r == 0)
		r = add_text(s, "1.0", l->id, "/VERSION");
	buf_clear(&name);
	buf_addf(&name, "%s/json", l->id);
	if (r < 0) {
		json_object_put(o);
		return r;
	}
	return add_json(s, buf_z(&name), o);
}

static void save_names(const struct saving *s, struct strv *ret)
{
	CLEANUP(free_p) char *own = NULL;

	if (s->asked && image_full_name(s->asked, &own, NULL) == 0)
		strv_add(ret, own);
	for (size_t i = 0; i < js_len(s->more_names); i++) {
		CLEANUP(free_p) char *full = NULL;

		if (image_full_name(js_text(js_at(s->more_names, i)).p, &full, NULL) == 0)
			strv_add(ret, full);
	}
}

/* {"localhost/busybox":{"latest":"top layer"}} */
static struct json_object *repositories(const struct saving *s, const struct strv *names)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < names->n; i++) {
		const char *colon = strrchr(names->v[i], ':');
		CLEANUP(free_p) char *repository = str_dup((struct str){ names->v[i], (size_t)(colon - names->v[i]) });

		if (!repository)
			continue;
		if (!js_get(o, repository))
			js_set(o, repository, json_object_new_object());
		js_set_str(js_get(o, repository), colon + 1, image_layer_id(s->image));
	}
	return o;
}

static int save_docker_archive(struct saving *s)
{
	struct json_object *entry = json_object_new_object(), *list = json_object_new_array();
	CLEANUP(strv_done) struct strv names = { 0 };
	int r;

	s->layer_files = json_object_new_array();
	save_names(s, &names);
	r = layer_each(s->image->top, add_docker_layer, s);
	words_setf(entry, "Config", "%s.json", s->image->id);
	js_set(entry, "RepoTags", words_array(&names));
	js_set(entry, "Layers", json_object_get(s->layer_files));
	json_object_array_add(list, entry);
	if (r == 0)
		r = add_text(s, s->image->config_text, s->image->id, ".json");
	if (r == 0)
		r = layer_each(s->image->top, add_old_layer, s);
	if (r == 0)
		r = add_json(s, "repositories", repositories(s, &names));
	if (r < 0) {
		json_object_put(list);
		return r;
	}
	return add_json(s, "manifest.json", list);
}

/* ---- the others have blobs by their digests ------------------------------------------------------------------------------------- */

static int file_size(const char *path, int64_t *ret, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return error_set_errno(err, "%s", path);
	*ret = st.st_size;
	return 0;
}

static int compress_layer(void *ctx, const struct layer *l)
{
	struct saving *s = ctx;
	struct blob *b = &s->blobs[s->blob_files.n];
	CLEANUP(free_p) char *file = layer_new_tar(s->host);
	int r = file ? pack_gzip(l->tar, file, s->err) : error_set(s->err, ERR_SYSTEM, "out of memory");

	if (r == 0)
		r = layer_file_digest(file, b->digest, s->err);
	if (r == 0)
		r = file_size(file, &b->size_bytes, s->err);
	strv_take(&s->blob_files, ptr_take(&file));
	return r;
}

static int compress_layers(struct saving *s)
{
	s->blobs = calloc(layer_depth(s->image->top) + 1, sizeof *s->blobs);
	return s->blobs ? layer_each(s->image->top, compress_layer, s) : error_set(s->err, ERR_SYSTEM, "out of memory");
}

static int add_plain_layer(void *ctx, const struct layer *l)
{
	struct saving *s = ctx;

	return pack_add_file(s->pack, l->digest, l->tar, s->err);
}

static int add_blobs(struct saving *s, const char *folder)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(1024);
	int r = 0;

	if (!s->blobs && (r = layer_each(s->image->top, add_plain_layer, s)) < 0)
		return r;
	for (size_t i = 0; i < s->blob_files.n && r == 0; i++) {
		buf_clear(&name);
		buf_addf(&name, "%s%s", folder, s->blobs[i].digest);
		r = pack_add_file(s->pack, buf_z(&name), s->blob_files.v[i], s->err);
	}
	buf_clear(&name);
	buf_addf(&name, "%s%s", folder, s->image->id);
	return r < 0 ? r : pack_add_text(s->pack, buf_z(&name), str_from(s->image->config_text), s->err);
}

/* The directory transport's flat folder; "oci-dir" is one too. */
static int save_dir(struct saving *s)
{
	CLEANUP(buf_done) struct buf manifest = BUF_INIT(TEXT_MAX);
	int r = s->compress ? compress_layers(s) : 0;

	if (r == 0)
		r = add_blobs(s, "");
	manifest_add(&manifest, s->image, !s->oci, s->blobs);
	if (r == 0)
		r = pack_add_text(s->pack, "manifest.json", buf_str(&manifest), s->err);
	return r < 0 ? r : pack_add_text(s->pack, "version", STR("Directory Transport Version: 1.1\n"), s->err);
}

static struct json_object *oci_index(const struct saving *s, struct str manifest)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array(), *entry = json_object_new_object();
	struct json_object *note;
	char digest[65];

	layer_text_digest(manifest, digest);
	js_set_int(o, "schemaVersion", 2);
	js_set_str(entry, "mediaType", TYPE_OCI_MANIFEST);
	words_setf(entry, "digest", "sha256:%s", digest);
	js_set_int(entry, "size", (int64_t)manifest.n);
	if (s->asked) {
		note = json_object_new_object();
		js_set_str(note, "org.opencontainers.image.ref.name", s->asked);
		js_set(entry, "annotations", note);
	}
	json_object_array_add(list, entry);
	js_set(o, "manifests", list);
	return o;
}

static int save_oci_archive(struct saving *s)
{
	CLEANUP(buf_done) struct buf manifest = BUF_INIT(TEXT_MAX), name = BUF_INIT(1024);
	char digest[65];
	int r = compress_layers(s);

	if (r < 0)
		return r;
	manifest_add(&manifest, s->image, false, s->blobs);
	layer_text_digest(buf_str(&manifest), digest);
	buf_addf(&name, "blobs/sha256/%s", digest);
	r = add_blobs(s, "blobs/sha256/");
	if (r == 0)
		r = pack_add_text(s->pack, buf_z(&name), buf_str(&manifest), s->err);
	if (r == 0)
		r = add_json(s, "index.json", oci_index(s, buf_str(&manifest)));
	return r < 0 ? r : pack_add_text(s->pack, "oci-layout", STR("{\"imageLayoutVersion\": \"1.0.0\"}"), s->err);
}

/* ---- the call ----------------------------------------------------------------------------------------------------------------- */

static const struct format {
	const char *name, *file;
	int (*save)(struct saving *s);
	bool oci;
} formats[] = {
	{ "docker-archive", "varlink_sendXXXXXX", save_docker_archive, false },
	{ "oci-archive", "varlink_sendXXXXXX", save_oci_archive, true },
	{ "docker-dir", "varlink_save_dirXXXXXX", save_dir, false },
	{ "oci-dir", "varlink_save_dirXXXXXX", save_dir, true },
};

static const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

static int save(struct saving *s, const struct format *format, const char *path)
{
	int r = pack_open(path, false, &s->pack, s->err);

	if (r == 0)
		r = format->save(s);
	return r < 0 ? r : pack_end(s->pack, s->err);
}

static void save_image(struct call *c, const struct image *i, struct json_object *options, const struct format *format)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *path = host_path(c->host, format->file, NULL);
	const char *name = js_get_str(options, "name", "");
	CLEANUP(saving_done)
	struct saving s = { .host = c->host,
			    .image = i,
			    .asked = strncmp(i->id, name, strlen(name)) == 0 ? NULL : name,
			    .more_names = js_get(options, "moreTags"),
			    .compress = js_get_bool(options, "compress", false),
			    .oci = format->oci,
			    .err = &err };
	int fd = path ? mkstemp(path) : -1;

	if (fd < 0) {
		reply_error_occurred(c, "open %s: %s", c->host->dir, strerror(errno));
		return;
	}
	close(fd);
	more_spin(c, "");
	if (save(&s, format, path) < 0) {
		unlink(path);
		reply_error_occurred(c, "unable to save \"%s\": %s", name, err.text);
		return;
	}
	event_add(c->host, "image", "save", i->id, name, "");
	more_end(c, &(struct strv){ 0 }, path);
}

void podman_image_save(struct call *c)
{
	struct json_object *options = js_get(c->params, "options");
	const char *name = js_get_str(options, "name", "");
	const struct format *format = format_find(js_get_str(options, "format", ""));
	CLEANUP(error_done) struct error err = ERROR_INIT;
	const struct image *i = image_find(c->host, name, &err);

	if (!i)
		reply_no_image(c, name, err.text);
	else if (!format)
		reply_error_occurred(c, "unknown format option \"%s\"", js_get_str(options, "format", ""));
	else
		save_image(c, i, options, format);
}
