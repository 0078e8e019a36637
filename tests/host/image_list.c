#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "container.h"
#include "gojson.h"
#include "image.h"
#include "methods.h"
#include "words.h"

static struct json_object *digest_text(const char *digest)
{
	struct json_object *o = json_object_new_object(), *text;

	words_setf(o, "t", "sha256:%s", digest);
	text = json_object_get(js_get(o, "t"));
	json_object_put(o);
	return text;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In the order of the names; sorted from 1.8.0 on. */
static struct json_object *repo_digests(const struct host *h, const struct image *i)
{
	CLEANUP(strv_done) struct strv digests = { 0 };

	for (size_t k = 0; k < i->names.n; k++) {
		const char *colon = strrchr(i->names.v[k], ':');

		strv_addf(&digests, "%.*s@sha256:%s", (int)(colon - i->names.v[k]), i->names.v[k], i->digest);
	}
	if (h->version != V162 && digests.n)
		qsort(digests.v, digests.n, sizeof *digests.v, compare_texts);
	return words_array(&digests);
}

/* The lists have the digest and not the layer, GetImage the layer and not the digest. */
static struct json_object *image_entry(const struct host *h, const struct image *i, bool listed)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "id", i->id);
	js_set(o, "digest", listed ? digest_text(i->digest) : js_str(""));
	if (h->version != V162)
		js_set(o, "digests", NULL);
	js_set_str(o, "parentId", "");
	js_set(o, "repoTags", words_array(&i->names));
	js_set(o, "repoDigests", repo_digests(h, i));
	js_set(o, "created", words_time_s(i->created));
	js_set_int(o, "size", i->size_bytes);
	js_set_int(o, "virtualSize", 0);
	js_set_int(o, "containers", (int64_t)image_containers(h, i));
	js_set(o, "labels", json_object_get(i->labels));
	js_set_bool(o, "isParent", false);
	js_set_str(o, "topLayer", listed ? "" : i->layer);
	js_set_bool(o, "readOnly", false);
	if (h->version != V162)
		js_set(o, "history", words_array(&i->old_names));
	return o;
}

static struct image *named(struct call *c, const char *key)
{
	struct error err = ERROR_INIT;
	struct image *i = image_find(c->host, call_str(c, key), &err);

	if (!i)
		reply_no_image(c, call_str(c, key), err.text);
	error_done(&err);
	return i;
}

void podman_list_images(struct call *c)
{
	struct json_object *list = NULL;

	for (const struct image *i = c->host->images; i; i = i->next) {
		if (!list)
			list = json_object_new_array();
		json_object_array_add(list, image_entry(c->host, i, true));
	}
	reply_one(c, "images", list);
}

/* "busy*", "localhost/busybox", "busybox:latest": a pattern over the name, over its last part, with the tag or without. */
static bool name_like(const char *name, const char *pattern)
{
	const char *colon = strrchr(name, ':'), *slash = strrchr(name, '/');
	CLEANUP(free_p) char *bare = str_dup((struct str){ name, (size_t)(colon - name) });
	const char *last = bare ? strrchr(bare, '/') : NULL;

	if (fnmatch(pattern, name, 0) == 0 || (slash && fnmatch(pattern, slash + 1, 0) == 0))
		return true;
	return bare && (fnmatch(pattern, bare, 0) == 0 || (last && fnmatch(pattern, last + 1, 0) == 0));
}

static bool reference_matches(const struct image *i, const char *pattern)
{
	for (size_t k = 0; k < i->names.n; k++)
		if (name_like(i->names.v[k], pattern))
			return true;
	return false;
}

static bool label_matches(const struct image *i, struct str value)
{
	struct str key, want;
	bool with_value = str_cut(value, '=', &key, &want);
	CLEANUP(free_p) char *k = str_dup(key);
	struct json_object *have = k ? js_get(i->labels, k) : NULL;

	return have && (!with_value || str_eq(js_text(have), want));
}

static bool filter_matches(struct host *h, const struct image *i, struct str key, const char *value)
{
	struct image *other;

	if (str_eq_z(key, "reference"))
		return !*value || reference_matches(i, value);
	if (str_eq_z(key, "dangling"))
		return (i->names.n == 0) == (strcmp(value, "true") == 0);
	if (str_eq_z(key, "label"))
		return label_matches(i, str_from(value));
	other = image_find(h, value, NULL);
	if (!other)
		return false;
	return str_eq_z(key, "before") ? i->created.s < other->created.s : i->created.s > other->created.s;
}

static bool filter_known(struct str key)
{
	static const char *const keys[] = { "reference", "dangling", "label", "before", "after", "since" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (str_eq_z(key, keys[i]))
			return true;
	return false;
}

void podman_list_images_with_filters(struct call *c)
{
	struct json_object *filters = js_get(c->params, "filters"), *list = NULL;
	struct str key, value;

	for (size_t k = 0; k < js_len(filters); k++) {
		str_cut(js_text(js_at(filters, k)), '=', &key, &value);
		if (!filter_known(key)) {
			reply_error_occurred(c, "unable to get list of images \"invalid filter %.*s \"", STR_ARG(key));
			return;
		}
	}
	for (const struct image *i = c->host->images; i; i = i->next) {
		bool wanted = true;

		for (size_t k = 0; k < js_len(filters); k++) {
			str_cut(js_text(js_at(filters, k)), '=', &key, &value);
			wanted = wanted && filter_matches(c->host, i, key, value.p ? value.p : "");
		}
		if (!wanted)
			continue;
		if (!list)
			list = json_object_new_array();
		json_object_array_add(list, image_entry(c->host, i, true));
	}
	reply_one(c, "images", list);
}

void podman_get_image(struct call *c)
{
	struct image *i = named(c, "id");

	if (i)
		reply_one(c, "image", image_entry(c->host, i, false));
}

static const char inspect_template[] =
	"{\"Id\":\"\",\"Digest\":\"\",\"RepoTags\":[],\"RepoDigests\":[],\"Parent\":\"\",\"Comment\":\"\",\"Created\":\"\","
	"\"Config\":{},\"Version\":\"\",\"Author\":\"\",\"Architecture\":\"amd64\",\"Os\":\"linux\",\"Size\":0,\"VirtualSize\":0,"
	"\"GraphDriver\":{\"Name\":\"overlay\",\"Data\":{\"UpperDir\":\"\",\"WorkDir\":\"\"}},"
	"\"RootFS\":{\"Type\":\"layers\",\"Layers\":[]},\"Labels\":null,\"Annotations\":{},"
	"\"ManifestType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"User\":\"\",\"History\":[],\"NamesHistory\":[]}";

static struct json_object *history_entry(const struct image *i)
{
	struct json_object *o = json_object_new_object();

	js_set(o, "created", words_time(i->created));
	js_set_str(o, "created_by", i->created_by);
	if (*i->comment)
		js_set_str(o, "comment", i->comment);
	return o;
}

/* Go's "omitempty": what is empty is not there. */
static void fill_image_config(struct json_object *o, const struct image *i)
{
	if (*i->user)
		js_set_str(o, "User", i->user);
	if (i->env.n)
		js_set(o, "Env", words_array(&i->env));
	if (i->entrypoint.n)
		js_set(o, "Entrypoint", words_array(&i->entrypoint));
	if (i->command.n)
		js_set(o, "Cmd", words_array(&i->command));
	if (strcmp(i->workdir, "/") != 0)
		js_set_str(o, "WorkingDir", i->workdir);
	if (i->labels)
		js_set(o, "Labels", json_object_get(i->labels));
}

static struct json_object *describe_image(const struct host *h, const struct image *i)
{
	struct json_object *o = words_parse(inspect_template);
	struct json_object *layers = js_get(js_get(o, "GraphDriver"), "Data");

	js_set_str(o, "Id", i->id);
	js_set(o, "Digest", digest_text(i->digest));
	js_set(o, "RepoTags", words_array(&i->names));
	js_set(o, "RepoDigests", repo_digests(h, i));
	js_set_str(o, "Comment", i->comment);
	js_set(o, "Created", words_time(i->created));
	fill_image_config(js_get(o, "Config"), i);
	js_set_int(o, "Size", i->size_bytes);
	js_set_int(o, "VirtualSize", i->size_bytes);
	words_setf(layers, "UpperDir", "%s/root/overlay/%s/diff", h->dir, i->layer);
	words_setf(layers, "WorkDir", "%s/root/overlay/%s/work", h->dir, i->layer);
	json_object_array_add(js_get(js_get(o, "RootFS"), "Layers"), digest_text(i->layer));
	js_set(o, "Labels", json_object_get(i->labels));
	js_set_str(o, "User", i->user);
	json_object_array_add(js_get(o, "History"), history_entry(i));
	if (h->version == V162)
		json_object_object_del(o, "NamesHistory");
	else
		js_set(o, "NamesHistory", words_array(&i->old_names));
	return o;
}

void podman_inspect_image(struct call *c)
{
	struct image *i = named(c, "name");

	if (i)
		reply_one(c, "image", gojson_text(describe_image(c->host, i)));
}

void podman_history_image(struct call *c)
{
	struct image *i = named(c, "name");
	struct json_object *list, *o;

	if (!i)
		return;
	list = json_object_new_array();
	o = json_object_new_object();
	js_set_str(o, "id", i->id);
	js_set(o, "created", words_time_s(i->created));
	js_set_str(o, "createdBy", i->created_by);
	js_set(o, "tags", words_array(&i->names));
	js_set_int(o, "size", i->size_bytes);
	js_set_str(o, "comment", i->comment);
	json_object_array_add(list, o);
	reply_one(c, "history", list);
}

void podman_image_exists(struct call *c)
{
	reply_one(c, "exists", json_object_new_int(image_find(c->host, call_str(c, "name"), NULL) ? 0 : 1));
}
