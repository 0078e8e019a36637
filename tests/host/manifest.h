/* manifest.h: image manifests (OCI image spec, manifest.md; Docker image manifest V2, schema 2). */
#ifndef HOST_MANIFEST_H
#define HOST_MANIFEST_H

#include "image.h"

/* A layer as it lies somewhere; compressed or not. */
struct blob {
	char digest[65];
	int64_t size_bytes;
};

/* blobs: one for each layer, the lowest first; NULL: the layers as they are. */
void manifest_add(struct buf *out, const struct image *i, bool docker, const struct blob *blobs);

#endif
