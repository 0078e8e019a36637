#include "image/copy_image.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/js.h"
#include "image/store_own.h"

/* ---- layers ------------------------------------------------------------------------------------------------------------ */

static void layer_done(struct copy_layer *l)
{
	free(l->digest);
	free(l->type);
	for (size_t i = 0; l->urls && l->urls[i]; i++)
		free(l->urls[i]);
	free(l->urls);
}

#define MAX_URLS 16

static int read_urls(struct json_object *urls, struct copy_layer *l, struct error *err)
{
	size_t n = js_len(urls);

	if (n == 0)
		return 0;
	if (n > MAX_URLS)
		return error_set(err, ERR_PROTOCOL, "manifest: %s has %zu addresses", l->digest, n);
	l->urls = calloc(n + 1, sizeof *l->urls);
	for (size_t i = 0; l->urls && i < n; i++) {
		l->urls[i] = str_dup(js_text(js_at(urls, i)));
		if (!l->urls[i])
			return store_no_memory(err);
	}
	return l->urls ? 0 : store_no_memory(err);
}

static int read_layer(struct json_object *descriptor, struct copy_layer *l, struct error *err)
{
	struct manifest_blob b;
	int r = manifest_blob_read(descriptor, &b, err);

	if (r < 0)
		return r;
	l->digest = z_dup(b.digest);
	l->type = z_dup(b.type);
	l->size = b.size;
	if (!l->digest || !l->type)
		return store_no_memory(err);
	return read_urls(js_get(descriptor, "urls"), l, err);
}

static int read_layers(struct copy_image *i, struct error *err)
{
	struct json_object *layers = js_get(i->manifest, "layers");

	for (; i->n < js_len(layers); i->n++) {
		int r = read_layer(js_at(layers, i->n), &i->layers[i->n], err);

		if (r < 0) {
			layer_done(&i->layers[i->n]);
			return r;
		}
	}
	return 0;
}

/* Schema 1 has the highest layer first, and tells in the history which of them have no files. */
static int read_schema1_layer(struct json_object *blob, struct json_object *step, struct copy_layer *l, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *v1 = NULL;
	int r = js_parse(js_text(js_get(step, "v1Compatibility")), "v1Compatibility", &v1, err);

	if (r < 0)
		return r;
	if (!digest_valid(js_text(js_get(blob, "blobSum"))))
		return error_set(err, ERR_PROTOCOL, "manifest: \"%.200s\" is no digest", js_get_str(blob, "blobSum", ""));
	l->empty = js_get_bool(v1, "throwaway", false);
	l->size = -1;
	l->digest = z_dup(js_get_str(blob, "blobSum", ""));
	l->type = z_dup("");
	return l->digest && l->type ? 0 : store_no_memory(err);
}

static int read_schema1_layers(struct copy_image *i, struct error *err)
{
	struct json_object *blobs = js_get(i->manifest, "fsLayers"), *history = js_get(i->manifest, "history");
	size_t n = js_len(blobs);

	if (n != js_len(history))
		return error_set(err, ERR_PROTOCOL, "manifest: %zu history entries for %zu layers", js_len(history), n);
	for (; i->n < n; i->n++) {
		struct copy_layer *l = &i->layers[i->n];
		int r = read_schema1_layer(js_at(blobs, n - 1 - i->n), js_at(history, n - 1 - i->n), l, err);

		if (r < 0) {
			layer_done(l);
			return r;
		}
	}
	return 0;
}

/* ---- images ------------------------------------------------------------------------------------------------------------ */

static int read_image(struct copy_image *i, struct error *err)
{
	size_t n;
	int r = manifest_read(buf_str(&i->raw.bytes), i->raw.type, &i->manifest, &i->kind, err);

	if (r < 0)
		return r;
	if (manifest_is_list(i->kind))
		return error_set(err, ERR_PROTOCOL, "manifest: a list of images where an image is expected");
	n = js_len(js_get(i->manifest, manifest_is_schema1(i->kind) ? "fsLayers" : "layers"));
	if (n > MANIFEST_MAX_LAYERS)
		return error_set(err, ERR_PROTOCOL, "manifest: %zu layers are more than %d", n, MANIFEST_MAX_LAYERS);
	i->layers = calloc(n ? n : 1, sizeof *i->layers);
	if (!i->layers)
		return store_no_memory(err);
	if (manifest_is_schema1(i->kind))
		return read_schema1_layers(i, err);
	r = manifest_blob_read(js_get(i->manifest, "config"), &i->config, err);
	return r < 0 ? r : read_layers(i, err);
}

int copy_image_read(struct registry_manifest *raw, struct copy_image *ret, struct error *err)
{
	CLEANUP(copy_image_done) struct copy_image i = { .raw = *raw, .config_bytes = BUF_INIT(MANIFEST_MAX_CONFIG) };
	int r;

	*raw = (struct registry_manifest){ 0 };
	r = read_image(&i, err);
	if (r < 0)
		return r;
	*ret = i;
	i = (struct copy_image){ 0 };
	return 0;
}

void copy_image_done(struct copy_image *i)
{
	for (size_t l = 0; l < i->n; l++)
		layer_done(&i->layers[l]);
	free(i->layers);
	json_object_put(i->manifest);
	buf_done(&i->config_bytes);
	registry_manifest_done(&i->raw);
	*i = (struct copy_image){ 0 };
}

bool copy_image_changed(const struct copy_image *i)
{
	for (size_t l = 0; l < i->n; l++)
		if (i->layers[l].changed)
			return true;
	return false;
}

bool copy_image_is_artifact(const struct copy_image *i)
{
	const char *type = i->config.type;

	if (i->kind != MANIFEST_OCI)
		return false;
	return js_get(i->manifest, "artifactType") || strcmp(type, manifest_config_type(MANIFEST_FORMAT_OCI)) != 0;
}

bool copy_image_needs_content(const struct copy_image *i, enum manifest_kind to)
{
	return manifest_is_schema1(i->kind) && !manifest_is_schema1(to);
}

/* ---- types of layers --------------------------------------------------------------------------------------------------- */

#define DOCKER "application/vnd.docker.image.rootfs."
#define OCI    "application/vnd.oci.image.layer."

/* One row has one kind of layer in both formats. */
static const struct {
	enum compression compression;
	bool foreign;
	const char *type[2]; /* by enum manifest_format; NULL: no such type */
} types[] = {
	{ COMPRESSION_NONE, false, { DOCKER "diff.tar", OCI "v1.tar" } },
	{ COMPRESSION_GZIP, false, { DOCKER "diff.tar.gzip", OCI "v1.tar+gzip" } },
	{ COMPRESSION_ZSTD, false, { NULL, OCI "v1.tar+zstd" } },
	{ COMPRESSION_NONE, true, { DOCKER "foreign.diff.tar", OCI "nondistributable.v1.tar" } },
	{ COMPRESSION_GZIP, true, { DOCKER "foreign.diff.tar.gzip", OCI "nondistributable.v1.tar+gzip" } },
	{ COMPRESSION_ZSTD, true, { NULL, OCI "nondistributable.v1.tar+zstd" } },
};

static int find_type(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		for (size_t f = 0; f < ARRAY_LEN(types[i].type); f++)
			if (types[i].type[f] && strcmp(types[i].type[f], type) == 0)
				return (int)i;
	return -1;
}

bool copy_layer_compression(const char *type, enum compression *ret)
{
	int row = find_type(type);

	if (row >= 0)
		*ret = types[row].compression;
	return row >= 0;
}

const char *copy_layer_type(const char *type, enum manifest_format format, enum compression c)
{
	int row = find_type(type);

	for (size_t i = 0; row >= 0 && i < ARRAY_LEN(types); i++)
		if (types[i].foreign == types[row].foreign && types[i].compression == c)
			return types[i].type[format];
	return NULL;
}
