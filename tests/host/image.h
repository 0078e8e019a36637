/* image.h: images, as data: every image has the same small root file system behind it. */
#ifndef HOST_IMAGE_H
#define HOST_IMAGE_H

#include <json-c/json.h>

#include "base/strv.h"
#include "host.h"

struct image {
	struct image *next;
	char id[65], digest[65], layer[65];
	struct strv names, old_names; /* old ones: the history of 1.8.0 and later */
	struct instant created;
	int64_t size_bytes;
	struct strv entrypoint, command, env;
	char *workdir, *user;
	struct json_object *labels; /* NULL: none */
	char *created_by, *comment;
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

/* An image of that name made now. */
struct image *image_new(struct host *h, const char *full_name, const char *id_seed);
void images_free(struct host *h);

#endif
