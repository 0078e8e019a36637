/* cmd/podman/image_row.h: an image of GET /libpod/images/json as the fields that `images` templates see. */
#ifndef CMD_PODMAN_IMAGE_ROW_H
#define CMD_PODMAN_IMAGE_ROW_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* "host:5000/a/b:tag" in its two halves; "<none>" where there is none. Owned. */
struct image_name {
	char *repository, *tag;
};

/* False without memory. */
bool image_name_split(struct str full, struct image_name *ret);
void image_name_done(struct image_name *n);

struct image_show {
	bool no_trunc;
	int64_t now_s;
};

/* Both owned by the caller. */
struct json_object *image_row(struct json_object *image, const struct image_name *name, const struct image_show *show);
/* With CreatedAt as podman adds it for --format json. */
struct json_object *image_json(struct json_object *image);

#endif
