/* image/copy_convert.c: manifests from one format to another (containers/image, image/docker_schema2.go and oci.go). */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/js.h"
#include "image/copy_image.h"
#include "image/store_own.h"

void copy_converted_done(struct copy_converted *c)
{
	buf_done(&c->manifest);
	buf_done(&c->config);
}

/* ---- JSON as Go writes it ---------------------------------------------------------------------------------------------- */

/* Go's encoder writes so that the text may stand in HTML; these bytes are in strings only. U+2028 and U+2029 as well. */
int copy_json(struct json_object *o, struct buf *ret, struct error *err)
{
	const char *text = js_wire(o);

	for (const char *p = text; p && *p; p++) {
		if (*p == '<' || *p == '>' || *p == '&')
			buf_addf(ret, "\\u%04x", (unsigned char)*p);
		else if (strncmp(p, "\xe2\x80\xa8", 3) == 0 || strncmp(p, "\xe2\x80\xa9", 3) == 0)
			buf_addf(ret, "\\u20%02x", (unsigned char)(p += 2)[0] - 0x80);
		else
			buf_add_char(ret, *p);
	}
	return text ? buf_check(ret, "manifest", err) : store_no_memory(err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct json_object *copy_json_sorted(struct json_object *o)
{
	struct json_object *sorted = json_object_new_object();
	size_t n = json_object_is_type(o, json_type_object) ? (size_t)json_object_object_length(o) : 0, used = 0;
	CLEANUP(free_p) const char **names = calloc(n ? n : 1, sizeof *names);

	if (!names)
		return sorted;
	if (n) {
		json_object_object_foreach(o, key, value)
		{
			(void)value;
			names[used++] = key;
		}
	}
	qsort(names, used, sizeof *names, by_name);
	for (size_t i = 0; i < used; i++) {
		struct json_object *value = NULL;

		json_object_object_get_ex(o, names[i], &value);
		json_object_object_add(sorted, names[i], json_object_get(value));
	}
	return sorted;
}

/* ---- configuration ----------------------------------------------------------------------------------------------------- */

enum field_kind { FIELD_TEXT, FIELD_TEXT_ALWAYS, FIELD_TRUE, FIELD_LIST, FIELD_SET, FIELD_TEXTS };

/* In the order of OCI's specs-go, which is that of what Go writes. */
struct field {
	const char *name;
	enum field_kind kind;
};

static const struct field run_fields[] = {
	{ "User", FIELD_TEXT },	 { "ExposedPorts", FIELD_SET },	 { "Env", FIELD_LIST },	    { "Entrypoint", FIELD_LIST }, { "Cmd", FIELD_LIST },
	{ "Volumes", FIELD_SET }, { "WorkingDir", FIELD_TEXT }, { "Labels", FIELD_TEXTS }, { "StopSignal", FIELD_TEXT },
};
static const struct field history_fields[] = {
	{ "created", FIELD_TEXT }, { "created_by", FIELD_TEXT }, { "author", FIELD_TEXT }, { "comment", FIELD_TEXT }, { "empty_layer", FIELD_TRUE },
};
static const struct field before_config[] = {
	{ "created", FIELD_TEXT },   { "author", FIELD_TEXT },	  { "architecture", FIELD_TEXT_ALWAYS }, { "variant", FIELD_TEXT },
	{ "os", FIELD_TEXT_ALWAYS }, { "os.version", FIELD_TEXT }, { "os.features", FIELD_LIST },
};

static bool matches(struct json_object *value, enum field_kind kind)
{
	switch (kind) {
	case FIELD_TEXT:
	case FIELD_TEXT_ALWAYS:
		return json_object_is_type(value, json_type_string);
	case FIELD_TRUE:
		return json_object_is_type(value, json_type_boolean);
	case FIELD_LIST:
		return json_object_is_type(value, json_type_array);
	default:
		return json_object_is_type(value, json_type_object);
	}
}

/* Go leaves out what is empty. */
static bool is_empty(struct json_object *value, enum field_kind kind)
{
	switch (kind) {
	case FIELD_TEXT:
		return js_text(value).n == 0;
	case FIELD_TEXT_ALWAYS:
		return false;
	case FIELD_TRUE:
		return !json_object_get_boolean(value);
	case FIELD_LIST:
		return js_len(value) == 0;
	default:
		return json_object_object_length(value) == 0;
	}
}

static int copy_fields(struct json_object *from, const struct field *fields, size_t n, struct json_object *to, struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		struct json_object *value = js_get(from, fields[i].name);

		if (!value && fields[i].kind == FIELD_TEXT_ALWAYS)
			js_set_str(to, fields[i].name, "");
		if (!value)
			continue;
		if (!matches(value, fields[i].kind))
			return error_set(err, ERR_PROTOCOL, "configuration of the image: \"%s\" is of the wrong kind", fields[i].name);
		if (is_empty(value, fields[i].kind))
			continue;
		js_set(to, fields[i].name, fields[i].kind == FIELD_SET || fields[i].kind == FIELD_TEXTS ? copy_json_sorted(value) : json_object_get(value));
	}
	return 0;
}

static int copy_history(struct json_object *history, struct json_object *to, struct error *err)
{
	struct json_object *steps = json_object_new_array();

	for (size_t i = 0; i < js_len(history); i++) {
		struct json_object *step = json_object_new_object();
		int r = copy_fields(js_at(history, i), history_fields, ARRAY_LEN(history_fields), step, err);

		json_object_array_add(steps, step);
		if (r < 0) {
			json_object_put(steps);
			return r;
		}
	}
	js_set(to, "history", steps);
	return 0;
}

static struct json_object *copy_root(struct json_object *root)
{
	struct json_object *to = json_object_new_object();

	js_set_str(to, "type", js_get_str(root, "type", ""));
	js_set(to, "diff_ids", json_object_get(js_get(root, "diff_ids")));
	return to;
}

static int fill_config(struct json_object *from, struct json_object *to, struct error *err)
{
	struct json_object *run = json_object_new_object();
	int r = copy_fields(from, before_config, ARRAY_LEN(before_config), to, err);

	js_set(to, "config", run);
	js_set(to, "rootfs", copy_root(js_get(from, "rootfs")));
	if (r == 0)
		r = copy_fields(js_get(from, "config"), run_fields, ARRAY_LEN(run_fields), run, err);
	if (r == 0 && js_len(js_get(from, "history")))
		r = copy_history(js_get(from, "history"), to, err);
	return r;
}

int copy_config_to_oci(struct str docker, struct buf *ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *from = NULL;
	CLEANUP(js_put_p) struct json_object *to = json_object_new_object();
	int r = js_parse(docker, "configuration of the image", &from, err);

	if (r == 0 && !json_object_is_type(from, json_type_object))
		r = error_set(err, ERR_PROTOCOL, "configuration of the image: it is no JSON object");
	if (r == 0)
		r = fill_config(from, to, err);
	return r < 0 ? r : copy_json(to, ret, err);
}

/* ---- manifests --------------------------------------------------------------------------------------------------------- */

static const char *digest_of_layer(const struct copy_layer *l)
{
	return l->changed ? l->written : l->digest;
}

/* What the layer is called in a format; NULL, and ERR_UNSUPPORTED in *err, when it can't be there. */
static const char *type_of_layer(const struct copy_layer *l, enum manifest_format format, struct error *err)
{
	enum compression c = COMPRESSION_NONE;
	const char *type;

	if (!copy_layer_compression(l->type, &c)) {
		error_set(err, ERR_UNSUPPORTED, "Unknown media type during manifest conversion: \"%s\"", l->type);
		return NULL;
	}
	if (l->changed)
		c = l->written_as;
	type = copy_layer_type(l->type, format, c);
	if (!type)
		error_set(err, ERR_UNSUPPORTED, "%s compression is not allowed in %s manifests", compression_name(c),
			  format == MANIFEST_FORMAT_OCI ? "OCI" : "docker");
	return type;
}

/* Docker has the size before the digest, OCI behind it. */
static struct json_object *descriptor(enum manifest_format format, const char *type, const char *digest, int64_t size)
{
	struct json_object *d = json_object_new_object();

	js_set_str(d, "mediaType", type);
	if (format == MANIFEST_FORMAT_DOCKER)
		js_set_int(d, "size", size);
	js_set_str(d, "digest", digest);
	if (format == MANIFEST_FORMAT_OCI)
		js_set_int(d, "size", size);
	return d;
}

static int add_layer(struct json_object *layers, const struct copy_layer *l, enum manifest_format format, struct error *err)
{
	/* Schema 1 names no types: its layers are in gzip. */
	static const char *const schema1_type = "application/vnd.docker.image.rootfs.diff.tar.gzip";
	struct copy_layer named = *l;
	struct json_object *d;
	const char *type;
	size_t n = 0;

	if (!*named.type)
		named.type = (char *)(uintptr_t)schema1_type;
	type = type_of_layer(&named, format, err);
	if (!type)
		return -ERR_UNSUPPORTED;
	d = descriptor(format, type, digest_of_layer(l), l->changed || l->size < 0 ? l->written_size : l->size);
	while (l->urls && l->urls[n])
		n++;
	if (n)
		js_set(d, "urls", js_strv(l->urls, n));
	json_object_array_add(layers, d);
	return 0;
}

static int write_manifest(const struct copy_image *from, enum manifest_format format, struct copy_converted *c, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *doc = json_object_new_object();
	struct json_object *layers = json_object_new_array();
	int r = 0;

	js_set_int(doc, "schemaVersion", 2);
	js_set_str(doc, "mediaType", manifest_type(c->kind));
	js_set(doc, "config", descriptor(format, manifest_config_type(format), c->config_digest, (int64_t)c->config.n));
	js_set(doc, "layers", layers);
	for (size_t i = 0; r == 0 && i < from->n; i++)
		if (!from->layers[i].empty)
			r = add_layer(layers, &from->layers[i], format, err);
	return r < 0 ? r : copy_json(doc, &c->manifest, err);
}

/* The same document with other layers: annotations and what else is in it stays. */
static int patch_manifest(const struct copy_image *from, enum manifest_format format, struct copy_converted *c, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *doc = NULL;

	if (json_object_deep_copy(from->manifest, &doc, NULL) < 0)
		return store_no_memory(err);
	for (size_t i = 0; i < from->n; i++) {
		struct json_object *d = js_at(js_get(doc, "layers"), i);
		const char *type;

		if (!from->layers[i].changed)
			continue;
		type = type_of_layer(&from->layers[i], format, err);
		if (!type)
			return -ERR_UNSUPPORTED;
		js_set_str(d, "mediaType", type);
		js_set_str(d, "digest", from->layers[i].written);
		js_set_int(d, "size", from->layers[i].written_size);
	}
	return copy_json(doc, &c->manifest, err);
}

static int patch_schema1(const struct copy_image *from, struct copy_converted *c, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	int r;

	if (json_object_deep_copy(from->manifest, &doc, NULL) < 0)
		return store_no_memory(err);
	json_object_object_del(doc, "signatures");
	for (size_t i = 0; i < from->n; i++)
		if (from->layers[i].changed)
			js_set_str(js_at(js_get(doc, "fsLayers"), from->n - 1 - i), "blobSum", from->layers[i].written);
	r = copy_json(doc, &c->manifest, err);
	return r == 0 && c->kind == MANIFEST_SCHEMA1_SIGNED ? copy_schema1_sign(&c->manifest, err) : r;
}

/* ---- configurations ---------------------------------------------------------------------------------------------------- */

static int schema1_config(const struct copy_image *from, struct buf *ret, struct error *err)
{
	CLEANUP(free_p) const char **content = calloc(from->n ? from->n : 1, sizeof *content);
	size_t n = 0;

	if (!content)
		return store_no_memory(err);
	for (size_t i = 0; i < from->n; i++)
		if (!from->layers[i].empty)
			content[n++] = from->layers[i].content;
	return copy_schema1_config(from->manifest, content, n, ret, err);
}

int copy_convert_config(const struct copy_image *from, enum manifest_kind to, struct buf *ret, char ret_digest[DIGEST_MAX], struct error *err)
{
	CLEANUP(buf_done) struct buf made = BUF_INIT(MANIFEST_MAX_CONFIG);
	struct str docker = buf_str(&from->config_bytes);
	bool kept = !manifest_is_schema1(from->kind) && (to == from->kind || to == MANIFEST_DOCKER);
	int r = 0;

	if (manifest_is_schema1(from->kind)) {
		r = schema1_config(from, &made, err);
		docker = buf_str(&made);
	}
	if (r == 0 && to == MANIFEST_OCI && !kept)
		r = copy_config_to_oci(docker, ret, err);
	else if (r == 0 && !buf_add(ret, docker))
		r = store_no_memory(err);
	if (r < 0)
		return r;
	if (kept)
		memcpy(ret_digest, from->config.digest, strlen(from->config.digest) + 1);
	else
		digest_of(buf_str(ret), ret_digest);
	return 0;
}

/* ---- all of it --------------------------------------------------------------------------------------------------------- */

static int keep_bytes(const struct copy_image *from, struct copy_converted *c, struct error *err)
{
	return buf_add(&c->manifest, buf_str(&from->raw.bytes)) ? 0 : store_no_memory(err);
}

static int convert(const struct copy_image *from, const char *name, struct copy_converted *c, struct error *err)
{
	enum manifest_kind to = c->kind;
	bool same = from->kind == to;
	int r;

	if (manifest_is_schema1(to)) {
		if (same)
			return copy_image_changed(from) ? patch_schema1(from, c, err) : keep_bytes(from, c, err);
		if (manifest_is_schema1(from->kind))
			return patch_schema1(from, c, err);
		return copy_schema1_write(from, name, to == MANIFEST_SCHEMA1_SIGNED, c, err);
	}
	if (!same && copy_image_is_artifact(from))
		return error_set(err, ERR_UNSUPPORTED, "An artifact (%s) can not be converted to %s", from->config.type, manifest_type(to));
	r = copy_convert_config(from, to, &c->config, c->config_digest, err);
	if (r < 0)
		return r;
	if (!same)
		return write_manifest(from, to == MANIFEST_OCI ? MANIFEST_FORMAT_OCI : MANIFEST_FORMAT_DOCKER, c, err);
	if (copy_image_changed(from))
		return patch_manifest(from, to == MANIFEST_OCI ? MANIFEST_FORMAT_OCI : MANIFEST_FORMAT_DOCKER, c, err);
	return keep_bytes(from, c, err);
}

int copy_convert(const struct copy_image *from, enum manifest_kind to, const char *name, struct copy_converted *ret, struct error *err)
{
	CLEANUP(copy_converted_done) struct copy_converted c = { .kind = to, .manifest = BUF_INIT(REGISTRY_MAX_MANIFEST), .config = BUF_INIT(MANIFEST_MAX_CONFIG) };
	int r = convert(from, name, &c, err);

	if (r < 0)
		return r;
	*ret = c;
	c = (struct copy_converted){ 0 };
	return 0;
}
