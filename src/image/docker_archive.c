#include "image/docker_archive.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/units.h"
#include "image/manifest.h"
#include "image/reference.h"
#include "image/store_own.h"

#define IMAGES_MAX 10000

/* ---- names ------------------------------------------------------------------------------------------------------------- */

int docker_archive_reference(const char *typed, char **ret, struct error *err)
{
	CLEANUP(reference_done) struct reference ref = { 0 };
	int r = reference_parse(typed, &ref, err);

	if (r < 0)
		return error_context(err, "docker-archive parsing reference");
	if (ref.digest)
		return error_set(err, ERR_USAGE, "reference does not include a tag: %s", typed);
	if (!ref.tag)
		ref.tag = z_dup("latest");
	*ret = ref.tag ? reference_string(&ref) : NULL;
	return *ret ? 0 : store_no_memory(err);
}

int docker_archive_name_parse(const char *rest, struct docker_archive_name *ret, struct error *err)
{
	CLEANUP(docker_archive_name_done) struct docker_archive_name n = { .index = -1 };
	CLEANUP(free_p) char *image = NULL;
	bool behind = strchr(rest, ':') != NULL;
	int r;

	if (!*rest)
		return error_set(err, ERR_USAGE, "docker-archive reference %s isn't of the form <path>[:<reference>]", rest);
	r = store_cut_path(rest, &n.path, &image, err);
	if (r < 0)
		return r;
	if (behind && image[0] == '@') {
		if (!int_parse(str_from(image + 1), &n.index))
			return error_set(err, ERR_USAGE, "Invalid source index %s", image);
		if (n.index < 0)
			return error_set(err, ERR_USAGE, "Invalid source index @%lld: must not be negative", (long long)n.index);
	} else if (behind && (r = docker_archive_reference(image, &n.reference, err)) < 0) {
		return r;
	}
	*ret = n;
	n = (struct docker_archive_name){ 0 };
	return 0;
}

void docker_archive_name_done(struct docker_archive_name *n)
{
	free(n->path);
	free(n->reference);
	*n = (struct docker_archive_name){ .index = -1 };
}

char *docker_archive_name_text(const struct docker_archive_name *n)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(16384);

	buf_addf(&name, "docker-archive:%s", n->path);
	if (n->reference)
		buf_addf(&name, ":%s", n->reference);
	else if (n->index >= 0)
		buf_addf(&name, ":@%lld", (long long)n->index);
	return buf_take(&name);
}

/* ---- manifest.json ----------------------------------------------------------------------------------------------------- */

static bool all_texts(struct json_object *array)
{
	for (size_t i = 0; i < js_len(array); i++)
		if (!json_object_is_type(js_at(array, i), json_type_string))
			return false;
	return true;
}

static bool is_image(struct json_object *o)
{
	return *js_get_str(o, "Config", "") && all_texts(js_get(o, "RepoTags")) && all_texts(js_get(o, "Layers")) &&
	       js_len(js_get(o, "Layers")) <= MANIFEST_MAX_LAYERS;
}

int docker_archive_read(struct str text, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *all = NULL;
	int r = js_parse(text, "tar manifest.json", &all, err);

	if (r < 0)
		return r;
	if (!json_object_is_type(all, json_type_array) || js_len(all) > IMAGES_MAX)
		return error_set(err, ERR_PROTOCOL, "tar manifest.json: it is no list of images");
	for (size_t i = 0; i < js_len(all); i++)
		if (!is_image(js_at(all, i)))
			return error_set(err, ERR_PROTOCOL, "tar manifest.json: item @%zu is no image", i);
	*ret = ptr_take(&all);
	return 0;
}

static bool has_tag(struct json_object *image, const char *reference)
{
	struct json_object *tags = js_get(image, "RepoTags");

	for (size_t i = 0; i < js_len(tags); i++) {
		CLEANUP(free_p) char *full = NULL;

		if (docker_archive_reference(json_object_get_string(js_at(tags, i)), &full, NULL) == 0 && strcmp(full, reference) == 0)
			return true;
	}
	return false;
}

int docker_archive_choose(struct json_object *all, const struct docker_archive_name *wanted, struct json_object **ret, struct error *err)
{
	if (wanted->index >= (int64_t)js_len(all))
		return error_set(err, ERR_NOT_FOUND, "Invalid source index @%lld, only %zu manifest items available", (long long)wanted->index, js_len(all));
	if (!wanted->reference && wanted->index < 0 && js_len(all) != 1)
		return error_set(err, ERR_NOT_FOUND, "Unexpected tar manifest.json: expected 1 item, got %zu", js_len(all));
	for (size_t i = 0; wanted->reference && i < js_len(all); i++)
		if (has_tag(js_at(all, i), wanted->reference)) {
			*ret = js_at(all, i);
			return 0;
		}
	if (wanted->reference)
		return error_set(err, ERR_NOT_FOUND, "Tag \"%s\" not found", wanted->reference);
	*ret = js_at(all, wanted->index < 0 ? 0 : (size_t)wanted->index);
	return 0;
}

/* ---- for old readers --------------------------------------------------------------------------------------------------- */

void docker_archive_json(struct json_object *o, struct buf *out)
{
	for (const char *z = js_wire(o); z && *z; z++) {
		if (strchr("<>&", *z))
			buf_addf(out, "\\u%04x", (unsigned)*z);
		else if (strncmp(z, "\xe2\x80\xa8", 3) == 0 || strncmp(z, "\xe2\x80\xa9", 3) == 0)
			buf_add_z(out, (z += 2)[0] == '\xa8' ? "\\u2028" : "\\u2029");
		else
			buf_add_char(out, *z);
	}
}

/* What the topmost layer says of the configuration, with the names of its other members in alphabetical order: Go sorts maps. */
static const char *const of_config[] = { "architecture", "config", "container", "container_config", "created", "docker_version" };

struct legacy {
	struct json_object *config;
	char chain[DIGEST_MAX];
	char parent[65], id[65];
};

static void set_shared(struct json_object *o, const char *key, struct json_object *config)
{
	js_set(o, key, json_object_get(js_get(config, key)));
}

/* {"id" or "layer_id", "parent"}, and for the topmost layer what is known of the image. */
static int describe(const struct legacy *l, bool top, const char *key, const char *id, struct buf *out, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = json_object_new_object();

	for (size_t i = 0; top && i < ARRAY_LEN(of_config); i++)
		set_shared(o, of_config[i], l->config);
	js_set_str(o, key, id);
	if (top)
		set_shared(o, "os", l->config);
	if (l->parent[0])
		js_set_str(o, "parent", l->parent);
	docker_archive_json(o, out);
	return buf_check(out, "description of a layer", err);
}

static void chain(struct legacy *l, const char *layer)
{
	CLEANUP(buf_done) struct buf both = BUF_INIT(2 * DIGEST_MAX);

	if (!l->chain[0]) {
		memcpy(l->chain, layer, strlen(layer) + 1);
		return;
	}
	buf_addf(&both, "%s %s", l->chain, layer);
	digest_of(buf_str(&both), l->chain);
}

static int add_members(const struct legacy *l, const char *layer, struct str description, docker_archive_member_fn *each, void *ctx, struct error *err)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(256), link = BUF_INIT(256);
	int r;

	buf_addf(&name, "%s/layer.tar", l->id);
	buf_addf(&link, "../%s.tar", strchr(layer, ':') + 1);
	r = each(ctx, buf_z(&name), buf_z(&link), STR(""), err);
	buf_clear(&name);
	buf_addf(&name, "%s/VERSION", l->id);
	if (r == 0)
		r = each(ctx, buf_z(&name), NULL, STR("1.0"), err);
	buf_clear(&name);
	buf_addf(&name, "%s/json", l->id);
	return r < 0 ? r : each(ctx, buf_z(&name), NULL, description, err);
}

static int add_layer(struct legacy *l, const char *layer, bool top, docker_archive_member_fn *each, void *ctx, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(2 * MANIFEST_MAX_CONFIG);
	char digest[DIGEST_MAX];
	int r;

	chain(l, layer);
	r = describe(l, top, "layer_id", l->chain, &text, err);
	if (r < 0)
		return r;
	digest_of(buf_str(&text), digest);
	memcpy(l->id, digest + strlen("sha256:"), sizeof l->id);
	buf_clear(&text);
	r = describe(l, top, "id", l->id, &text, err);
	if (r == 0)
		r = add_members(l, layer, buf_str(&text), each, ctx, err);
	memcpy(l->parent, l->id, sizeof l->parent);
	return r;
}

int docker_archive_legacy(struct str config, const struct strv *layers, docker_archive_member_fn *each, void *ctx, char ret_top[65], struct error *err)
{
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	struct legacy l = { 0 };
	int r = js_parse(config, "configuration", &doc, err);

	l.config = doc;
	for (size_t i = 0; r == 0 && i < layers->n; i++)
		r = add_layer(&l, layers->v[i], i + 1 == layers->n, each, ctx, err);
	memcpy(ret_top, l.id, sizeof l.id);
	return r;
}

/* By repository, then by tag. */
static int compare_names(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b, *x_tag = strrchr(x, ':'), *y_tag = strrchr(y, ':');
	size_t x_n = x_tag ? (size_t)(x_tag - x) : strlen(x), y_n = y_tag ? (size_t)(y_tag - y) : strlen(y);
	int order = strncmp(x, y, x_n < y_n ? x_n : y_n);

	if (order == 0 && x_n != y_n)
		order = x_n < y_n ? -1 : 1;
	return order ? order : strcmp(x + x_n, y + y_n);
}

int docker_archive_repositories(const struct strv *names, const char *top, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *all = json_object_new_object();
	CLEANUP(strv_done) struct strv sorted = { 0 };

	if (!strv_add_all(&sorted, names))
		return store_no_memory(err);
	if (sorted.n)
		qsort(sorted.v, sorted.n, sizeof *sorted.v, compare_names);
	for (size_t i = 0; i < sorted.n; i++) {
		char *colon = strrchr(sorted.v[i], ':');
		struct json_object *tags;

		if (!colon)
			return error_set(err, ERR_USAGE, "reference does not include a tag: %s", sorted.v[i]);
		*colon = '\0';
		tags = js_get(all, sorted.v[i]);
		if (!tags && !js_set(all, sorted.v[i], tags = json_object_new_object()))
			return store_no_memory(err);
		js_set_str(tags, colon + 1, top);
	}
	*ret = ptr_take(&all);
	return 0;
}
