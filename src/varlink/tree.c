/* varlink/tree.c: the layers of an image as a drawing. 1.9 draws it, before that the client does, in the same way. */
#include "varlink/tree.h"

#include "base/cleanup.h"
#include "varlink/host.h"

#define TREE_MAX   (4 * 1024 * 1024)
#define LAYERS_MAX 4096 /* that are drawn */
#define DEPTH_MAX  512  /* overlay stacks 128 */

struct tree {
	struct json_object *layers; /* by ID: {ID, ChildID[], RepoTags[], Size} */
	struct buf out;
	size_t n;
};

/* "2.007MB", as docker/go-units prints four digits. */
static void add_size(struct buf *out, double size, int width)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	char text[32];
	size_t i = 0;

	for (; size >= 1000 && i + 1 < ARRAY_LEN(units); i++)
		size /= 1000;
	snprintf(text, sizeof text, "%.4g%s", size, units[i]);
	buf_addf(out, "%*s", width, text);
}

static void add_short_id(struct buf *out, struct json_object *o)
{
	struct str id = js_text(js_get(o, "ID"));

	buf_addf(out, "%.*s", id.n < 12 ? (int)id.n : 12, id.p);
}

/* "[a b]" */
static void add_tags(struct buf *out, struct json_object *tags)
{
	buf_add_char(out, '[');
	for (size_t i = 0; i < js_len(tags); i++)
		buf_addf(out, "%s%.*s", i ? " " : "", STR_ARG(js_text(js_at(tags, i))));
	buf_add_char(out, ']');
}

static void add_layer(struct tree *t, const char *branch, struct json_object *layer)
{
	buf_addf(&t->out, "%sID: ", branch);
	add_short_id(&t->out, layer);
	buf_add_z(&t->out, " Size: ");
	add_size(&t->out, (double)js_get_int(layer, "Size", 0), 7);
	if (js_len(js_get(layer, "RepoTags"))) {
		buf_add_z(&t->out, " Top Layer of: ");
		add_tags(&t->out, js_get(layer, "RepoTags"));
	}
	buf_add_char(&t->out, '\n');
}

static void add_layers(struct tree *t, struct json_object *layers)
{
	for (size_t i = 0; i < js_len(layers); i++)
		add_layer(t, i + 1 == js_len(layers) ? "└──  " : "├──  ", js_at(layers, i));
}

/* What is built on the layer. prefix is longer at the return. */
static int add_children(struct tree *t, const char *id, struct buf *prefix, bool last, size_t depth, struct error *err)
{
	struct json_object *layer = js_get(t->layers, id), *children = js_get(layer, "ChildID");
	const char *branch = "├── ";
	int r = 0;

	if (!layer)
		return error_set(err, ERR_PROTOCOL, "the service does not tell about layer %s", id);
	if (++t->n > LAYERS_MAX || depth > DEPTH_MAX)
		return error_set(err, ERR_PROTOCOL, "the image has more layers than can be drawn");
	buf_add(&t->out, buf_str(prefix));
	if (!last) {
		buf_add_z(prefix, "│   ");
	} else if (js_len(children) != 1) {
		branch = "└── ";
		buf_add_char(prefix, ' ');
	}
	add_layer(t, branch, layer);
	for (size_t i = 0; r == 0 && i < js_len(children); i++) {
		CLEANUP(buf_done) struct buf deeper = BUF_INIT(TREE_MAX);

		buf_add(&deeper, buf_str(prefix));
		r = add_children(t, json_object_get_string(js_at(children, i)), &deeper, i + 1 == js_len(children), depth + 1, err);
	}
	return r;
}

int tree_draw(struct json_object *image, struct json_object *info, struct json_object *layers, bool what_requires, char **ret,
	      struct error *err)
{
	struct tree t = { .layers = layers, .out = BUF_INIT(TREE_MAX) };
	CLEANUP(buf_done) struct buf prefix = BUF_INIT(TREE_MAX);
	const char *top = js_get_str(image, "topLayer", "");
	int r = 0;

	buf_add_z(&t.out, "Image ID: ");
	add_short_id(&t.out, info);
	buf_add_z(&t.out, "\nTags:     ");
	add_tags(&t.out, js_get(info, "Tags"));
	buf_add_z(&t.out, "\nSize:     ");
	add_size(&t.out, (double)js_get_int(image, "size", 0), 0);
	buf_add_z(&t.out, *top ? "\nImage Layers\n" : "\nNo Image Layers\n");
	if (!what_requires)
		add_layers(&t, js_get(info, "Layers"));
	else if (*top)
		r = add_children(&t, top, &prefix, true, 0, err);
	if (r == 0)
		r = buf_check(&t.out, "image tree", err);
	if (r == 0)
		*ret = buf_take(&t.out);
	buf_done(&t.out);
	return r;
}

static int ask_layers(struct host *h, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	int r = host_ask(h, "GetLayersMapWithImageInfo", NULL, &reply, err);

	return r < 0 ? r : js_parse(js_text(js_get(reply, "layerMap")), "GetLayersMapWithImageInfo", ret, err);
}

static int draw_here(struct host *h, const char *name, bool what_requires, char **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL, *layers = NULL, *info = NULL, *in = json_object_new_object();
	int r;

	js_set_str(in, "id", name);
	r = host_ask(h, "GetImage", ptr_take(&in), &reply, err);
	if (r == 0)
		r = ask_layers(h, &layers, err);
	if (r == 0)
		r = host_ask_text(h, "BuildImageHierarchyMap", name, "imageInfo", &info, err);
	return r < 0 ? r : tree_draw(js_get(reply, "image"), info, layers, what_requires, ret, err);
}

int host_image_tree(struct engine *e, const char *name, bool what_requires, char **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct host *h = host_of(e);
	struct json_object *in;
	int r;

	if (!host_at_least(h, 1, 9, 0))
		return draw_here(h, name, what_requires, ret, err);
	in = host_name(name);
	js_set_bool(in, "whatRequires", what_requires);
	r = host_ask(h, "ImageTree", in, &reply, err);
	if (r < 0)
		return r;
	*ret = str_dup(js_text(js_get(reply, "tree")));
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}
