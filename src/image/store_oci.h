/* image/store_oci.h: OCI image layouts (image-layout.md, 1.1), in a folder or in an archive. */
#ifndef IMAGE_STORE_OCI_H
#define IMAGE_STORE_OCI_H

#include <json-c/json.h>

#include "image/manifest.h"
#include "image/store.h"

#define LAYOUT_FILE    "oci-layout"
#define LAYOUT_CONTENT "{\"imageLayoutVersion\": \"1.0.0\"}"
#define LAYOUT_REF     "org.opencontainers.image.ref.name"

/* Where the files of a layout lie; names are "index.json" and "blobs/ALGORITHM/HEX". */
struct layout_files {
	/* A small file, at most REGISTRY_MAX_MANIFEST bytes. ERR_NOT_FOUND. */
	int (*read)(void *ctx, const char *name, struct buf *ret, struct error *err);
	/* Checked against b. */
	int (*blob)(void *ctx, const char *name, const struct store_blob *b, const struct byte_sink *sink, struct error *err);
	void (*close)(void *ctx);
	void *ctx;
};

/* A source over files, which are taken. name, transport and scope: as in image_source; image: a reference, "@N" or "". */
int layout_source_open(const struct layout_files *files, const char *name, const char *transport, const char *scope, const char *image, struct image_source **ret,
		       struct error *err);

/* What image names must look like; "" and "@N" (reading only) are fine. */
int layout_check_image(const char *image, bool reading, struct error *err);

/* index.json of a layout. Owned by the caller; NULL without memory. */
struct json_object *layout_index_new(void);
int layout_index_read(struct str text, struct json_object **ret, struct error *err);
/* The entry that image leads to: a reference, "@N", or "" for the only one. */
int layout_index_find(struct json_object *index, const char *image, struct manifest_blob *ret, struct error *err);
/* Adds an image as containers/image does: an older one of that name loses it, one without name and of this digest is replaced. */
int layout_index_add(struct json_object *index, const char *type, const char *digest, int64_t size, const char *image, struct error *err);

/* "blobs/ALGORITHM/HEX" of a valid digest; owned by the caller. */
char *layout_blob_name(const char *digest);

/* Manifest types of the format, ended with NULL. */
extern const char *const layout_types[];

#endif
