/* image/copy_schema1.c: Docker's first manifest (docker/distribution, manifest/schema1), which has no configuration: it lies in the history, one text of JSON for each
 * step, the latest first. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/js.h"
#include "image/copy_image.h"
#include "image/reference.h"
#include "image/store_own.h"

const unsigned char copy_empty_layer[32] = {
	31, 139, 8, 0, 0, 9, 110, 136, 0, 255, 98, 24, 5, 163, 96, 20, 140, 88, 0, 8, 0, 0, 255, 255, 46, 175, 181, 239, 0, 4, 0, 0,
};

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

static int read_step(struct json_object *manifest, size_t i, struct json_object **ret, struct error *err)
{
	return js_parse(js_text(js_get(js_at(js_get(manifest, "history"), i), "v1Compatibility")), "v1Compatibility", ret, err);
}

static struct json_object *history_step(struct json_object *v1)
{
	struct json_object *step = json_object_new_object(), *cmd = js_get(js_get(v1, "container_config"), "Cmd");
	CLEANUP(buf_done) struct buf line = BUF_INIT(MANIFEST_MAX_CONFIG);

	js_set_str(step, "created", js_get_str(v1, "created", "0001-01-01T00:00:00Z"));
	for (size_t i = 0; i < js_len(cmd); i++) {
		if (i)
			buf_add_char(&line, ' ');
		buf_add(&line, js_text(js_at(cmd, i)));
	}
	if (*js_get_str(v1, "author", ""))
		js_set_str(step, "author", js_get_str(v1, "author", ""));
	if (line.n)
		js_set_str(step, "created_by", buf_z(&line));
	if (*js_get_str(v1, "comment", ""))
		js_set_str(step, "comment", js_get_str(v1, "comment", ""));
	if (js_get_bool(v1, "throwaway", false))
		js_set_bool(step, "empty_layer", true);
	return step;
}

static int read_history(struct json_object *manifest, struct json_object *history, struct error *err)
{
	for (size_t i = js_len(js_get(manifest, "history")); i-- > 0;) {
		CLEANUP(js_put_p) struct json_object *v1 = NULL;
		int r = read_step(manifest, i, &v1, err);

		if (r < 0)
			return r;
		json_object_array_add(history, history_step(v1));
	}
	return 0;
}

static struct json_object *root_of(const char *const *content, size_t n)
{
	struct json_object *root = json_object_new_object(), *ids = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(ids, js_str(content[i]));
	js_set_str(root, "type", "layers");
	js_set(root, "diff_ids", ids);
	return root;
}

int copy_schema1_config(struct json_object *manifest, const char *const *content, size_t n, struct buf *ret, struct error *err)
{
	static const char *const own[] = { "id", "parent", "parent_id", "layer_id", "throwaway", "Size" };
	CLEANUP(js_put_p) struct json_object *config = NULL;
	CLEANUP(js_put_p) struct json_object *sorted = NULL;
	struct json_object *history;
	int r;

	if (js_len(js_get(manifest, "history")) == 0)
		return error_set(err, ERR_UNSUPPORTED, "Cannot convert an image with 0 history entries");
	r = read_step(manifest, 0, &config, err);
	if (r == 0 && !json_object_is_type(config, json_type_object))
		r = error_set(err, ERR_PROTOCOL, "v1Compatibility: it is no JSON object");
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		json_object_object_del(config, own[i]);
	if (!*js_get_str(config, "os", ""))
		js_set_str(config, "os", "linux");
	history = json_object_new_array();
	r = read_history(manifest, history, err);
	js_set(config, "history", history);
	js_set(config, "rootfs", root_of(content, n));
	sorted = copy_json_sorted(config);
	return r < 0 ? r : copy_json(sorted, ret, err);
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

/* Any number that is unique would do; these are Docker's: of the blob and all below it. */
static void step_id(const char *blob, const char *parent, struct str more, char ret[DIGEST_MAX])
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(MANIFEST_MAX_CONFIG + 1024);

	buf_addf(&text, "%s %s", strchr(blob, ':') + 1, parent);
	if (more.n) {
		buf_add_char(&text, ' ');
		buf_add(&text, more);
	}
	digest_of(buf_str(&text), ret);
}

struct steps {
	const struct copy_image *from;
	struct json_object *blobs, *history; /* the lowest first; turned round at the end */
	size_t used;                         /* layers */
	bool has_empty;
	char id[DIGEST_MAX];                 /* of the step before, "sha256:HEX"; "" before the first */
};

static const char *hex_of(const char *id)
{
	return *id ? strchr(id, ':') + 1 : "";
}

static const char *next_blob(struct steps *s, bool empty)
{
	const struct copy_layer *l;

	if (empty) {
		s->has_empty = true;
		return COPY_EMPTY_LAYER;
	}
	if (s->used == s->from->n)
		return NULL;
	l = &s->from->layers[s->used++];
	return l->changed ? l->written : l->digest;
}

static int add_step(struct steps *s, const char *blob, struct json_object *v1, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(MANIFEST_MAX_CONFIG);
	struct json_object *fs = json_object_new_object(), *step = json_object_new_object();
	int r = copy_json(v1, &text, err);

	js_set_str(fs, "blobSum", blob);
	js_set_str(step, "v1Compatibility", buf_z(&text));
	json_object_array_add(s->blobs, fs);
	json_object_array_add(s->history, step);
	return r;
}

static struct json_object *v1_step(struct json_object *h, const char *id, const char *parent)
{
	struct json_object *v1 = json_object_new_object(), *run = json_object_new_object(), *cmd = json_object_new_array();

	js_set_str(v1, "id", id);
	if (*parent)
		js_set_str(v1, "parent", parent);
	if (*js_get_str(h, "comment", ""))
		js_set_str(v1, "comment", js_get_str(h, "comment", ""));
	js_set_str(v1, "created", js_get_str(h, "created", "0001-01-01T00:00:00Z"));
	json_object_array_add(cmd, js_str(js_get_str(h, "created_by", "")));
	js_set(run, "Cmd", cmd);
	js_set(v1, "container_config", run);
	if (*js_get_str(h, "author", ""))
		js_set_str(v1, "author", js_get_str(h, "author", ""));
	if (js_get_bool(h, "empty_layer", false))
		js_set_bool(v1, "throwaway", true);
	return v1;
}

/* The latest step has the whole configuration, too. */
static struct json_object *v1_top(struct json_object *config, const char *id, const char *parent, bool empty)
{
	CLEANUP(js_put_p) struct json_object *all = NULL;

	if (json_object_deep_copy(config, &all, NULL) < 0)
		return NULL;
	json_object_object_del(all, "rootfs");
	json_object_object_del(all, "history");
	js_set_str(all, "id", id);
	if (*parent)
		js_set_str(all, "parent", parent);
	if (empty)
		js_set_bool(all, "throwaway", true);
	return copy_json_sorted(all);
}

static int write_step(struct steps *s, struct json_object *config, struct json_object *h, bool top, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *v1 = NULL;
	bool empty = js_get_bool(h, "empty_layer", false);
	const char *blob = next_blob(s, empty);
	char parent[DIGEST_MAX];

	if (!blob)
		return error_set(err, ERR_UNSUPPORTED, "Invalid image configuration, needs more than the %zu distributed layers", s->from->n);
	memcpy(parent, s->id, sizeof parent);
	step_id(blob, hex_of(parent), top ? buf_str(&s->from->config_bytes) : STR(""), s->id);
	v1 = top ? v1_top(config, hex_of(s->id), hex_of(parent), empty) : v1_step(h, hex_of(s->id), hex_of(parent));
	return v1 ? add_step(s, blob, v1, err) : store_no_memory(err);
}

static int write_steps(struct steps *s, struct json_object *config, struct error *err)
{
	struct json_object *history = js_get(config, "history");
	size_t n = js_len(history);

	if (n == 0)
		return error_set(err, ERR_UNSUPPORTED, "Cannot convert an image with 0 history entries to %s", manifest_type(MANIFEST_SCHEMA1_SIGNED));
	if (n > 2 * MANIFEST_MAX_LAYERS)
		return error_set(err, ERR_UNSUPPORTED, "Cannot convert an image with %zu history entries", n);
	for (size_t i = 0; i < n; i++) {
		int r = write_step(s, config, js_at(history, i), i + 1 == n, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static struct json_object *turned_round(struct json_object *array)
{
	struct json_object *o = json_object_new_array();

	for (size_t i = js_len(array); i-- > 0;)
		json_object_array_add(o, json_object_get(js_at(array, i)));
	return o;
}

/* "host/path" and the tag; both "" when there is no name. */
static int set_name(struct json_object *doc, const char *name, struct error *err)
{
	CLEANUP(reference_done) struct reference ref = { 0 };
	int r = name && *name ? reference_parse(name, &ref, err) : 0;

	js_set_str(doc, "name", ref.path ? ref.path : "");
	js_set_str(doc, "tag", ref.tag ? ref.tag : "");
	return r;
}

static int check_layers(const struct copy_image *from, struct error *err)
{
	for (size_t i = 0; i < from->n; i++)
		if (from->layers[i].urls)
			return error_set(err, ERR_UNSUPPORTED, "Foreign layers can not be in %s", manifest_type(MANIFEST_SCHEMA1_SIGNED));
		else if (from->layers[i].changed && from->layers[i].written_as == COMPRESSION_ZSTD)
			return error_set(err, ERR_UNSUPPORTED, "zstd compression is not allowed in docker manifests");
	return 0;
}

static int write_document(struct steps *s, struct json_object *config, const char *name, struct buf *ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *doc = json_object_new_object();
	int r = set_name(doc, name, err);

	if (r < 0)
		return r;
	js_set_str(doc, "architecture", js_get_str(config, "architecture", ""));
	js_set(doc, "fsLayers", turned_round(s->blobs));
	js_set(doc, "history", turned_round(s->history));
	js_set_int(doc, "schemaVersion", 1);
	return copy_json(doc, ret, err);
}

int copy_schema1_write(const struct copy_image *from, const char *name, bool sign, struct copy_converted *ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *config = NULL;
	CLEANUP(js_put_p) struct json_object *blobs = json_object_new_array();
	CLEANUP(js_put_p) struct json_object *history = json_object_new_array();
	struct steps s = { .from = from, .blobs = blobs, .history = history };
	int r = check_layers(from, err);

	if (r == 0)
		r = js_parse(buf_str(&from->config_bytes), "configuration of the image", &config, err);
	if (r == 0)
		r = write_steps(&s, config, err);
	if (r == 0)
		r = write_document(&s, config, name, &ret->manifest, err);
	ret->needs_empty_layer = s.has_empty;
	return r == 0 && sign ? copy_schema1_sign(&ret->manifest, err) : r;
}
