#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "gojson.h"
#include "image_words.h"
#include "methods.h"
#include "words.h"

/* The names of the images that have the layer on top. */
static void names_of(const struct host *h, const struct layer *l, struct strv *ret)
{
	for (const struct image *i = h->images; i; i = i->next)
		if (i->top == l)
			strv_add_all(ret, &i->names);
}

static struct json_object *children_of(const struct host *h, const struct layer *l)
{
	struct json_object *list = NULL;

	for (const struct layer *child = h->layers; child; child = child->next) {
		if (child->parent != l)
			continue;
		if (!list)
			list = json_object_new_array();
		json_object_array_add(list, js_str(child->id));
	}
	return list;
}

static struct json_object *layer_info(const struct host *h, const struct layer *l, bool with_children)
{
	struct json_object *o = json_object_new_object();
	CLEANUP(strv_done) struct strv names = { 0 };

	names_of(h, l, &names);
	js_set_str(o, "ID", l->id);
	js_set_str(o, "ParentID", l->parent ? l->parent->id : "");
	js_set(o, "ChildID", with_children ? children_of(h, l) : NULL);
	js_set(o, "RepoTags", words_array_or_null(&names));
	js_set_int(o, "Size", l->size_bytes);
	return o;
}

void podman_get_layers_map(struct call *c)
{
	struct json_object *o = words_parse("{\"\":{\"ID\":\"\",\"ParentID\":\"\",\"ChildID\":null,\"RepoTags\":null,\"Size\":0}}");

	for (const struct layer *l = c->host->layers; l; l = l->next)
		js_set(o, l->id, layer_info(c->host, l, true));
	reply_one(c, "layerMap", gojson_text(o));
}

struct hierarchy {
	const struct host *host;
	struct json_object *layers;
};

static int add_layer(void *ctx, const struct layer *l)
{
	struct hierarchy *t = ctx;

	json_object_array_add(t->layers, layer_info(t->host, l, false));
	return 0;
}

void podman_build_hierarchy_map(struct call *c)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	const struct image *i = image_find(c->host, call_str(c, "name"), &err);
	struct hierarchy t = { .host = c->host };
	struct json_object *o;

	if (!i) {
		reply_error_occurred(c, "%s", err.text);
		return;
	}
	o = json_object_new_object();
	t.layers = json_object_new_array();
	layer_each(i->top, add_layer, &t);
	js_set_str(o, "ID", i->id);
	js_set(o, "Tags", words_array_or_null(&i->names));
	js_set(o, "Layers", t.layers);
	reply_one(c, "imageInfo", gojson_text(o));
}

/* ---- the tree as text, which 1.9.3 draws by itself ------------------------------------------------------------------------------ */

/* docker/go-units HumanSizeWithPrecision with four digits. */
static void add_size(struct buf *out, int64_t bytes, int width)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	char text[64];
	double size = (double)bytes;
	size_t unit = 0;

	for (; size >= 1000 && unit + 1 < ARRAY_LEN(units); unit++)
		size /= 1000;
	snprintf(text, sizeof text, "%.4g%s", size, units[unit]);
	buf_addf(out, "%*s", width, text);
}

static void add_names(struct buf *out, const struct strv *names)
{
	buf_add_z(out, "[");
	for (size_t i = 0; i < names->n; i++)
		buf_addf(out, "%s%s", i ? " " : "", names->v[i]);
	buf_add_z(out, "]");
}

static void add_line(struct buf *out, const struct host *h, const struct layer *l, const char *indent, bool last, const char *gap)
{
	CLEANUP(strv_done) struct strv names = { 0 };

	names_of(h, l, &names);
	buf_addf(out, "%s%s %sID: %.12s Size: ", indent, last ? "\u2514\u2500\u2500" : "\u251c\u2500\u2500", gap, l->id);
	add_size(out, l->size_bytes, 7);
	if (names.n) {
		buf_add_z(out, " Top Layer of: ");
		add_names(out, &names);
	}
	buf_add_char(out, '\n');
}

struct drawing {
	struct buf *out;
	const struct host *host;
	const struct layer *top;
};

static int draw_layer(void *ctx, const struct layer *l)
{
	struct drawing *d = ctx;

	add_line(d->out, d->host, l, "", l == d->top, " ");
	return 0;
}

/* l and everything upon it. */
static void draw_children(struct buf *out, const struct host *h, const struct layer *l, const char *indent, bool last)
{
	CLEANUP(buf_done) struct buf deeper = BUF_INIT(4096);
	const struct layer *final = NULL;

	add_line(out, h, l, indent, last, "");
	buf_addf(&deeper, "%s%s", indent, last ? "    " : "\u2502   ");
	for (const struct layer *child = h->layers; child; child = child->next)
		if (child->parent == l)
			final = child;
	for (const struct layer *child = h->layers; child; child = child->next)
		if (child->parent == l)
			draw_children(out, h, child, buf_z(&deeper), child == final);
}

void podman_image_tree(struct call *c)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(1024 * 1024);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	const struct image *i = image_find(c->host, call_str(c, "name"), &err);
	struct drawing d = { .out = &out, .host = c->host };

	if (!i) {
		reply_error_occurred(c, "%s", err.text);
		return;
	}
	d.top = i->top;
	buf_addf(&out, "Image ID: %.12s\nTags:     ", i->id);
	add_names(&out, &i->names);
	buf_add_z(&out, "\nSize:     ");
	add_size(&out, i->size_bytes, 0);
	buf_add_z(&out, "\nImage Layers\n");
	if (js_get_bool(c->params, "whatRequires", false) && i->top)
		draw_children(&out, c->host, i->top, "", true);
	else
		layer_each(i->top, draw_layer, &d);
	reply_one(c, "tree", js_strn(buf_str(&out)));
}
