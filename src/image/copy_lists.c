/* image/copy_lists.c: lists of images and what a copy changes in them (containers/image, manifest/docker_schema2_list.go and oci_index.go). */
#include "base/cleanup.h"
#include "base/js.h"
#include "image/copy_image.h"

static bool same_entry(struct json_object *entry, const struct copy_child *c)
{
	return strcmp(js_get_str(entry, "digest", ""), c->digest) == 0 && js_get_int(entry, "size", -1) == c->size &&
	       strcmp(js_get_str(entry, "mediaType", ""), c->type) == 0;
}

static bool same(struct json_object *list, const struct copy_child *children)
{
	struct json_object *entries = js_get(list, "manifests");

	for (size_t i = 0; i < js_len(entries); i++)
		if (!same_entry(js_at(entries, i), &children[i]))
			return false;
	return true;
}

static void set_child(struct json_object *entry, const struct copy_child *c)
{
	js_set_str(entry, "mediaType", c->type);
	js_set_int(entry, "size", c->size);
	js_set_str(entry, "digest", c->digest);
}

/* Attestations name the digest of the image that they are about. */
static void follow_digest(struct json_object *entry, struct json_object *old_entries, const struct copy_child *children)
{
	static const char key[] = "vnd.docker.reference.digest";
	struct json_object *annotations = js_get(entry, "annotations");
	const char *about = js_get_str(annotations, key, NULL);

	for (size_t i = 0; about && i < js_len(old_entries); i++)
		if (strcmp(js_get_str(js_at(old_entries, i), "digest", ""), about) == 0) {
			js_set_str(annotations, key, children[i].digest);
			return;
		}
}

/* The platform has all its fields in both formats; nothing else of an entry has a place in both. */
static struct json_object *other_entry(struct json_object *entry, enum manifest_kind to, const struct copy_child *c)
{
	struct json_object *o = json_object_new_object(), *platform = js_get(entry, "platform");

	js_set_str(o, "mediaType", c->type);
	if (to == MANIFEST_DOCKER_LIST)
		js_set_int(o, "size", c->size);
	js_set_str(o, "digest", c->digest);
	if (to == MANIFEST_OCI_INDEX)
		js_set_int(o, "size", c->size);
	if (!platform && to == MANIFEST_DOCKER_LIST) {
		platform = json_object_new_object();
		js_set_str(platform, "architecture", "");
		js_set_str(platform, "os", "");
		js_set(o, "platform", platform);
	} else if (platform) {
		js_set(o, "platform", json_object_get(platform));
	}
	return o;
}

static int convert(struct json_object *list, enum manifest_kind to, const struct copy_child *children, struct buf *ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *doc = json_object_new_object();
	struct json_object *entries = js_get(list, "manifests"), *made = json_object_new_array();

	js_set_int(doc, "schemaVersion", 2);
	js_set_str(doc, "mediaType", manifest_type(to));
	for (size_t i = 0; i < js_len(entries); i++)
		json_object_array_add(made, other_entry(js_at(entries, i), to, &children[i]));
	js_set(doc, "manifests", made);
	return copy_json(doc, ret, err);
}

static int patch(struct json_object *list, const struct copy_child *children, struct buf *ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	struct json_object *old = js_get(list, "manifests"), *entries;

	if (json_object_deep_copy(list, &doc, NULL) < 0)
		return error_set(err, ERR_SYSTEM, "copy: out of memory");
	entries = js_get(doc, "manifests");
	for (size_t i = 0; i < js_len(entries); i++) {
		set_child(js_at(entries, i), &children[i]);
		follow_digest(js_at(entries, i), old, children);
	}
	return copy_json(doc, ret, err);
}

int copy_list_write(struct json_object *list, const struct registry_manifest *raw, enum manifest_kind from, enum manifest_kind to, const struct copy_child *children,
		    struct buf *ret, struct error *err)
{
	if (from != to)
		return convert(list, to, children, ret, err);
	if (!same(list, children))
		return patch(list, children, ret, err);
	buf_add(ret, buf_str(&raw->bytes));
	return buf_check(ret, "manifest", err);
}
