#include "cmd/skopeo/inspect_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/js.h"

/* ---- fields of the configuration --------------------------------------------------------------------------------------- */

/* Go's time.Time keeps the zone that was written and drops zeros behind the fraction. */
static void add_time(struct instant t, struct buf *out)
{
	CLEANUP(buf_done) struct buf utc = BUF_INIT(64);
	struct instant shown = { t.s + t.zone_s, t.ns, 0 };
	int minutes = abs(t.zone_s) / 60;

	instant_rfc3339(shown, &utc);
	if (!minutes)
		buf_add(out, buf_str(&utc));
	else
		buf_addf(out, "%.*s%c%02d:%02d", (int)utc.n - 1, buf_z(&utc), t.zone_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/* Docker's type has a time in any case, OCI's a pointer to one. */
static int set_created(struct json_object *ret, enum manifest_kind kind, struct json_object *config, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64);
	struct instant t = { .s = CLOCK_GO_ZERO_S };
	const char *created = js_get_str(config, "created", NULL);

	if (!created && kind == MANIFEST_OCI) {
		js_set(ret, "Created", NULL);
		return 0;
	}
	if (created && !instant_parse_rfc3339(str_from(created), &t))
		return error_set(err, ERR_PROTOCOL, "created: \"%.64s\" is no time", created);
	add_time(t, &text);
	js_set_str(ret, "Created", buf_z(&text));
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* A Go map is printed in the order of its keys. */
static struct json_object *sorted_map(struct json_object *o)
{
	struct json_object *ret = NULL;
	CLEANUP(strv_done) struct strv keys = { 0 };

	if (!json_object_is_type(o, json_type_object))
		return NULL;
	json_object_object_foreach(o, key, value)
	{
		(void)value;
		strv_add(&keys, key);
	}
	if (keys.n)
		qsort(keys.v, keys.n, sizeof *keys.v, by_name);
	ret = json_object_new_object();
	for (size_t i = 0; i < keys.n; i++)
		js_set(ret, keys.v[i], json_object_get(js_get(o, keys.v[i])));
	return ret;
}

static struct json_object *list_or_null(struct json_object *o)
{
	return json_object_is_type(o, json_type_array) ? json_object_get(o) : NULL;
}

/* ---- layers ------------------------------------------------------------------------------------------------------------ */

static void add_layer(struct json_object *digests, struct json_object *data, const char *type, const char *digest, int64_t size,
		      struct json_object *annotations)
{
	struct json_object *layer = json_object_new_object();

	json_object_array_add(digests, js_str(digest));
	js_set_str(layer, "MIMEType", type);
	js_set_str(layer, "Digest", digest);
	js_set_int(layer, "Size", size);
	js_set(layer, "Annotations", sorted_map(annotations));
	json_object_array_add(data, layer);
}

/* fsLayers has the newest first, and neither sizes nor types. */
static void layers_of_schema1(struct json_object *manifest, struct json_object *digests, struct json_object *data)
{
	struct json_object *layers = js_get(manifest, "fsLayers");

	for (size_t i = js_len(layers); i-- > 0;)
		add_layer(digests, data, "", js_get_str(js_at(layers, i), "blobSum", ""), -1, NULL);
}

static void set_layers(struct json_object *ret, const struct inspect_image *image)
{
	struct json_object *digests = json_object_new_array(), *data = json_object_new_array(),
			   *layers = js_get(image->manifest, "layers");

	if (!image->config.digest)
		layers_of_schema1(image->manifest, digests, data);
	for (size_t i = 0; i < js_len(layers); i++) {
		struct json_object *l = js_at(layers, i);

		add_layer(digests, data, js_get_str(l, "mediaType", ""), js_get_str(l, "digest", ""), js_get_int(l, "size", -1),
			  js_get(l, "annotations"));
	}
	js_set(ret, "Layers", digests);
	js_set(ret, "LayersData", data);
}

/* ---- all of it --------------------------------------------------------------------------------------------------------- */

static int read_config(const struct inspect_req *q, struct json_object **ret, struct error *err)
{
	struct str text = q->config;
	int r;

	if (!q->image->config.digest)
		text = js_text(js_get(js_at(js_get(q->image->manifest, "history"), 0), "v1Compatibility"));
	r = js_parse(text, "image configuration", ret, err);
	if (r == 0 && !json_object_is_type(*ret, json_type_object))
		r = error_set(err, ERR_PROTOCOL, "image configuration: no JSON object");
	return r;
}

static void set_name(struct json_object *ret, const struct inspect_req *q)
{
	const char *tag = q->image->config.digest ? "" : js_get_str(q->image->manifest, "tag", "");

	if (q->name && *q->name)
		js_set_str(ret, "Name", q->name);
	if (*tag)
		js_set_str(ret, "Tag", tag);
	js_set_str(ret, "Digest", q->digest);
	js_set(ret, "RepoTags", js_strv(q->tags->v, q->tags->n));
}

int inspect_data(const struct inspect_req *q, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *config = NULL;
	CLEANUP(js_put_p) struct json_object *o = json_object_new_object();
	int r = read_config(q, &config, err);

	if (r < 0)
		return r;
	set_name(o, q);
	r = set_created(o, q->image->kind, config, err);
	if (r < 0)
		return r;
	js_set_str(o, "DockerVersion", js_get_str(config, "docker_version", ""));
	js_set(o, "Labels", sorted_map(js_get(js_get(config, "config"), "Labels")));
	js_set_str(o, "Architecture", js_get_str(config, "architecture", ""));
	js_set_str(o, "Os", js_get_str(config, "os", ""));
	set_layers(o, q->image);
	js_set(o, "Env", list_or_null(js_get(js_get(config, "config"), "Env")));
	*ret = ptr_take(&o);
	return 0;
}
