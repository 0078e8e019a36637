/* image.h: images: a configuration, layers, names. */
#ifndef HOST_IMAGE_H
#define HOST_IMAGE_H

#include <json-c/json.h>

#include "base/strv.h"
#include "host.h"
#include "layer.h"

struct image {
	struct image *next;
	char id[65], digest[65];
	struct layer *top; /* NULL: nothing in it */
	bool docker;       /* the kind of its manifest, else OCI */
	char *config_text; /* what the ID is the digest of */
	struct json_object *config;
	struct strv names, old_names; /* old ones: the history of 1.8.0 and later */
	struct instant created;
	int64_t size_bytes;
	/* From the configuration. */
	struct strv entrypoint, command, env;
	const char *workdir, *user;
	struct json_object *labels; /* borrowed; NULL: none */
};

/* What every host has from its start. */
int images_open(struct host *h, struct error *err);

/* By name with or without registry and tag, digest or ID. NULL: err has the real service's text for it. */
struct image *image_find(struct host *h, const char *name, struct error *err);

/* "busybox" as "localhost/busybox:latest": what tagging makes of a name. ERR_USAGE: no reference. */
int image_full_name(const char *name, char **ret, struct error *err);

/* Gives the name to the image alone. */
void image_add_name(struct host *h, struct image *image, const char *full_name);
/* False when the image does not have it. */
bool image_drop_name(struct host *h, struct image *image, const char *full_name);

size_t image_containers(const struct host *h, const struct image *image);
void image_remove(struct host *h, struct image *image);

/* From the registries that this host can reach. lookup: as CreateContainer asks, else as PullImage does. */
int registry_pull(struct host *h, const char *name, struct image **ret, struct error *err);

/* push.c: from the registry that takes everything. 1: *ret is it; 0: nobody has pushed that name. */
int pushed_pull(struct host *h, const char *full_name, struct image **ret, struct error *err);
void pushed_free(struct host *h);

/* An image from a configuration with the layers of top, which the configuration must name. The host's own one when it has it already. Names
 * are given with image_add_name. */
int image_add(struct host *h, struct str config_text, struct layer *top, bool docker, struct image **ret, struct error *err);
/* The same from an object, borrowed, that gets the layers of top first. */
int image_add_object(struct host *h, struct json_object *config, struct layer *top, bool docker, struct image **ret,
		     struct error *err);

/* "" for an image without layers. */
const char *image_layer_id(const struct image *i);
struct json_object *image_history(const struct image *i);

/* Made by one more step upon base: true when all of base's history is the beginning of i's. */
bool image_descends(const struct image *i, const struct image *base);
/* The image that the same step made before. */
struct image *image_find_child(const struct host *h, const struct image *base, const char *created_by);
bool image_has_children(const struct host *h, const struct image *i);
/* The nameless steps that led to an image that is gone now. */
void image_remove_orphans(struct host *h, struct json_object *gone_history);

/* Of the host's first layer; seed makes it another image than the others. */
int image_add_small(struct host *h, const char *full_name, const char *seed, struct image **ret, struct error *err);
void image_free(struct image *i);
void images_free(struct host *h);

#endif
