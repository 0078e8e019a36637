/* image/layout_index.c: index.json of an OCI layout, and the names in it. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/units.h"
#include "image/store_files.h"
#include "image/store_oci.h"
#include "image/store_own.h"

#define ENTRIES_MAX 100000
#define IMAGE_MAX   4096 /* bytes of a name */
/* What containerd and docker add; it is the whole name where LAYOUT_REF is the tag alone. */
#define CONTAINERD_NAME "io.containerd.image.name"

const char *const layout_types[] = { "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json", NULL };

char *layout_blob_name(const char *digest)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(256);
	struct str algorithm, hex;

	str_cut(str_from(digest), ':', &algorithm, &hex);
	buf_addf(&name, "blobs/%.*s/%.*s", STR_ARG(algorithm), STR_ARG(hex));
	return buf_take(&name);
}

/* ---- names ------------------------------------------------------------------------------------------------------------- */

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* image-spec annotations.md: components of letters and digits, separated by one of -._:@+ or "--", and by slashes. */
static bool is_name(const char *z)
{
	bool after_word = false;

	if (strlen(z) > IMAGE_MAX)
		return false;
	for (; *z; z++) {
		if (is_alphanumeric(*z)) {
			after_word = true;
			continue;
		}
		if (!after_word || !strchr("-._:@+/", *z))
			return false;
		if (z[0] == '-' && z[1] == '-')
			z++;
		after_word = false;
	}
	return after_word;
}

static bool index_number(const char *image, int64_t *ret)
{
	return image[0] == '@' && int_parse(str_from(image + 1), ret) && *ret >= 0;
}

int layout_check_image(const char *image, bool reading, struct error *err)
{
	int64_t n;

	if (!*image || is_name(image) || (reading && index_number(image, &n)))
		return 0;
	return error_set(err, ERR_USAGE, "Invalid image %s", image);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

struct json_object *layout_index_new(void)
{
	struct json_object *index = json_object_new_object();

	if (index && (!js_set_int(index, "schemaVersion", 2) || !js_set(index, "manifests", json_object_new_array()))) {
		json_object_put(index);
		index = NULL;
	}
	return index;
}

int layout_index_read(struct str text, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *index = NULL;
	int r = js_parse(text, "index.json", &index, err);

	if (r < 0)
		return r;
	if (!json_object_is_type(index, json_type_object) || (js_get(index, "manifests") && !json_object_is_type(js_get(index, "manifests"), json_type_array)))
		return error_set(err, ERR_PROTOCOL, "index.json: it is no list of images");
	if (js_len(js_get(index, "manifests")) > ENTRIES_MAX)
		return error_set(err, ERR_PROTOCOL, "index.json: it has more than %d entries", ENTRIES_MAX);
	*ret = ptr_take(&index);
	return 0;
}

static const char *annotation(struct json_object *entry, const char *key)
{
	return js_get_str(js_get(entry, "annotations"), key, "");
}

/* -1: none. */
static int64_t find_by(struct json_object *entries, const char *key, const char *image)
{
	for (size_t i = 0; i < js_len(entries); i++)
		if (strcmp(annotation(js_at(entries, i), key), image) == 0)
			return (int64_t)i;
	return -1;
}

static int find_position(struct json_object *entries, const char *image, int64_t *ret, struct error *err)
{
	if (index_number(image, ret)) {
		if (*ret < (int64_t)js_len(entries))
			return 0;
		return error_set(err, ERR_NOT_FOUND, "index %lld is too large, only %zu entries available", (long long)*ret, js_len(entries));
	}
	*ret = 0;
	if (!*image)
		return js_len(entries) == 1 ? 0 : error_set(err, ERR_NOT_FOUND, js_len(entries) ? "more than one image in oci, choose an image" : "no image in oci");
	*ret = find_by(entries, LAYOUT_REF, image);
	if (*ret < 0)
		*ret = find_by(entries, CONTAINERD_NAME, image);
	return *ret < 0 ? error_set(err, ERR_NOT_FOUND, "no descriptor found for reference \"%s\"", image) : 0;
}

int layout_index_find(struct json_object *index, const char *image, struct manifest_blob *ret, struct error *err)
{
	struct json_object *entries = js_get(index, "manifests");
	int64_t at;
	int r = find_position(entries, image, &at, err);

	return r < 0 ? r : manifest_blob_read(js_at(entries, (size_t)at), ret, err);
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

/* Of all that have it: other programs may have left several. */
static void drop_name(struct json_object *entries, const char *image)
{
	for (int64_t at; (at = find_by(entries, LAYOUT_REF, image)) >= 0;) {
		struct json_object *entry = js_at(entries, (size_t)at), *annotations = js_get(entry, "annotations");

		json_object_object_del(annotations, LAYOUT_REF);
		if (!json_object_object_length(annotations))
			json_object_object_del(entry, "annotations");
	}
}

static struct json_object *new_entry(const char *type, const char *digest, int64_t size, const char *image)
{
	struct json_object *entry = json_object_new_object(), *annotations;

	js_set_str(entry, "mediaType", type);
	js_set_str(entry, "digest", digest);
	js_set_int(entry, "size", size);
	if (*image) {
		annotations = json_object_new_object();
		js_set_str(annotations, LAYOUT_REF, image);
		js_set(entry, "annotations", annotations);
	}
	return entry;
}

/* The one without name and of this digest; -1: none. */
static int64_t find_nameless(struct json_object *entries, const char *digest)
{
	for (size_t i = 0; i < js_len(entries); i++)
		if (strcmp(js_get_str(js_at(entries, i), "digest", ""), digest) == 0 && !*annotation(js_at(entries, i), LAYOUT_REF))
			return (int64_t)i;
	return -1;
}

int layout_index_add(struct json_object *index, const char *type, const char *digest, int64_t size, const char *image, struct error *err)
{
	struct json_object *entries = js_get(index, "manifests"), *entry;
	int64_t old;

	if (!entries && !js_set(index, "manifests", entries = json_object_new_array()))
		return store_no_memory(err);
	if (*image)
		drop_name(entries, image);
	entry = new_entry(type, digest, size, image);
	if (!entry)
		return store_no_memory(err);
	old = find_nameless(entries, digest);
	if ((old < 0 ? json_object_array_add(entries, entry) : json_object_array_put_idx(entries, (size_t)old, entry)) == 0)
		return 0;
	json_object_put(entry);
	return store_no_memory(err);
}
