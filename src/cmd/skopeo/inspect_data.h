/* cmd/skopeo/inspect_data.h: what inspect tells of an image, in skopeo's fields and their order (skopeo 1.22, cmd/skopeo/inspect/output.go). */
#ifndef CMD_SKOPEO_INSPECT_DATA_H
#define CMD_SKOPEO_INSPECT_DATA_H

#include <json-c/json.h>

#include "image/manifest.h"

/* An image that was chosen: its manifest and what it says of its configuration. */
struct inspect_image {
	struct json_object *manifest;
	enum manifest_kind kind;
	struct manifest_blob config; /* digest NULL: schema 1, whose configuration lies in the history */
};

struct inspect_req {
	const char *name;   /* "host/path"; NULL or "": none */
	const char *digest; /* of what the name leads to, a list or the image */
	const struct strv *tags;
	const struct inspect_image *image;
	struct str config; /* empty for schema 1 */
};

/* *ret is owned by the caller. ERR_PROTOCOL for a configuration that is none. */
int inspect_data(const struct inspect_req *q, struct json_object **ret, struct error *err);

#endif
