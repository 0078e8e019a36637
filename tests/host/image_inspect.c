#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "gojson.h"
#include "image_config.h"
#include "image_words.h"
#include "methods.h"
#include "words.h"

static const char inspect_template[] =
	"{\"Id\":\"\",\"Digest\":\"\",\"RepoTags\":[],\"RepoDigests\":[],\"Parent\":\"\",\"Comment\":\"\",\"Created\":\"\","
	"\"Config\":{},\"Version\":\"\",\"Author\":\"\",\"Architecture\":\"amd64\",\"Os\":\"linux\",\"Size\":0,\"VirtualSize\":0,"
	"\"GraphDriver\":{\"Name\":\"overlay\",\"Data\":{}},\"RootFS\":{\"Type\":\"layers\",\"Layers\":[]},\"Labels\":null,"
	"\"Annotations\":{},\"ManifestType\":\"\",\"User\":\"\",\"History\":[],\"NamesHistory\":[]}";

static const char *comment(const struct image *i)
{
	const char *own = js_get_str(i->config, "comment", "");

	return *own ? own : js_get_str(js_at(image_history(i), 0), "comment", "");
}

static void set_folders(struct json_object *data, const struct host *h, const struct image *i)
{
	CLEANUP(buf_done) struct buf lower = BUF_INIT(1024 * 1024);

	if (!i->top)
		return;
	for (const struct layer *l = i->top->parent; l; l = l->parent)
		buf_addf(&lower, "%s%s/root/overlay/%s/diff", lower.n ? ":" : "", h->dir, l->id);
	if (lower.n)
		js_set(data, "LowerDir", js_strn(buf_str(&lower)));
	words_setf(data, "UpperDir", "%s/root/overlay/%s/diff", h->dir, i->top->id);
	words_setf(data, "WorkDir", "%s/root/overlay/%s/work", h->dir, i->top->id);
}

static struct json_object *describe_image(const struct host *h, const struct image *i)
{
	struct json_object *o = words_parse(inspect_template), *digests = image_repo_digests(h, i);

	js_set_str(o, "Id", i->id);
	js_set(o, "Digest", image_digest_text(i->digest));
	js_set(o, "RepoTags", words_array(&i->names));
	js_set(o, "RepoDigests", digests ? digests : json_object_new_array());
	js_set_str(o, "Comment", comment(i));
	js_set_str(o, "Author", js_get_str(i->config, "author", ""));
	js_set_str(o, "Architecture", js_get_str(i->config, "architecture", ""));
	js_set(o, "Created", words_time(i->created));
	js_set(o, "Config", json_object_get(image_config_run(i->config)));
	js_set_int(o, "Size", i->size_bytes);
	js_set_int(o, "VirtualSize", i->size_bytes);
	set_folders(js_get(js_get(o, "GraphDriver"), "Data"), h, i);
	js_set(js_get(o, "RootFS"), "Layers", json_object_get(js_get(js_get(i->config, "rootfs"), "diff_ids")));
	js_set(o, "Labels", json_object_get(i->labels));
	js_set_str(o, "ManifestType", i->docker ? TYPE_DOCKER_MANIFEST : TYPE_OCI_MANIFEST);
	js_set_str(o, "User", i->user);
	js_set(o, "History", json_object_get(image_history(i)));
	if (h->version == V162)
		json_object_object_del(o, "NamesHistory");
	else
		js_set(o, "NamesHistory", words_array(&i->old_names));
	return o;
}

void podman_inspect_image(struct call *c)
{
	struct image *i = image_named(c, "name");

	if (i)
		reply_one(c, "image", gojson_text(describe_image(c->host, i)));
}

/* The step that is the n-th entry, of the host's images. */
static const struct image *image_of_step(const struct host *h, const struct image *whole, size_t n)
{
	for (const struct image *i = h->images; i; i = i->next)
		if (js_len(image_history(i)) == n + 1 && (i == whole || image_descends(whole, i)))
			return i;
	return NULL;
}

/* 1.9.3 knows an image only by its layer, and so shows the first of those with the same one, where the layer changes. */
static const struct image *image_of_layer(const struct host *h, const struct layer *l)
{
	for (const struct image *i = h->images; i; i = i->next)
		if (i->top == l)
			return i;
	return NULL;
}

static struct json_object *history_entry(struct json_object *step, const char *id, const struct image *whole, int64_t size)
{
	struct json_object *o = json_object_new_object();
	struct instant created = { .s = CLOCK_GO_ZERO_S };

	instant_parse_rfc3339(str_from(js_get_str(step, "created", "")), &created);
	js_set_str(o, "id", id);
	js_set(o, "created", words_time_s(created));
	js_set_str(o, "createdBy", js_get_str(step, "created_by", ""));
	js_set(o, "tags", words_array_or_null(&whole->names));
	js_set_int(o, "size", size);
	js_set_str(o, "comment", js_get_str(step, "comment", ""));
	return o;
}

void podman_history_image(struct call *c)
{
	struct image *i = image_named(c, "name");
	struct json_object *list;
	const struct layer *l;
	bool fresh = true;

	if (!i)
		return;
	l = i->top;
	list = json_object_new_array();
	for (size_t n = js_len(image_history(i)); n-- > 0;) {
		struct json_object *step = js_at(image_history(i), n);
		bool empty = js_get_bool(step, "empty_layer", false);
		const struct image *shown = NULL;

		if (c->host->version != V193)
			shown = image_of_step(c->host, i, n);
		else if (fresh)
			shown = image_of_layer(c->host, l);
		json_object_array_add(list,
				      history_entry(step, shown ? shown->id : "<missing>", i, empty || !l ? 0 : l->size_bytes));
		fresh = !empty;
		if (!empty && l)
			l = l->parent;
	}
	reply_one(c, "history", list);
}
