#include "manifest.h"

#include <string.h>

#include "base/js.h"
#include "gojson.h"
#include "image_config.h"
#include "words.h"

struct layer_list {
	struct json_object *array;
	const struct blob *blobs;
	bool docker;
};

static struct json_object *descriptor(const char *type, int64_t size, const char *digest)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "mediaType", type);
	js_set_int(o, "size", size);
	words_setf(o, "digest", "sha256:%s", digest);
	return o;
}

static int add_layer(void *ctx, const struct layer *l)
{
	struct layer_list *list = ctx;
	const struct blob *b = list->blobs ? &list->blobs[js_len(list->array)] : NULL;
	const char *type = list->docker ? TYPE_DOCKER_LAYER : TYPE_OCI_LAYER;

	if (b && !list->docker)
		type = TYPE_OCI_LAYER "+gzip";
	json_object_array_add(list->array,
			      b ? descriptor(type, b->size_bytes, b->digest) : descriptor(type, l->size_bytes, l->digest));
	return 0;
}

void manifest_add(struct buf *out, const struct image *i, bool docker, const struct blob *blobs)
{
	struct json_object *o = json_object_new_object();
	struct layer_list list = { .array = json_object_new_array(), .blobs = blobs, .docker = docker };

	js_set_int(o, "schemaVersion", 2);
	if (docker)
		js_set_str(o, "mediaType", TYPE_DOCKER_MANIFEST);
	js_set(o, "config", descriptor(docker ? TYPE_DOCKER_CONFIG : TYPE_OCI_CONFIG, (int64_t)strlen(i->config_text), i->id));
	layer_each(i->top, add_layer, &list);
	js_set(o, "layers", list.array);
	gojson_add(out, o);
	json_object_put(o);
}
