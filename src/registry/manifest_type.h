/* registry/manifest_type.h: what kind of manifest some bytes are. */
#ifndef REGISTRY_MANIFEST_TYPE_H
#define REGISTRY_MANIFEST_TYPE_H

#include "base/buf.h"
#include "base/digest.h"

/* told: Content-Type, may be NULL. Parameters are cut off; where it says nothing useful the bytes decide; "" when they do not. Owned by the caller; NULL
 * without memory. */
char *reg_manifest_type(const char *told, struct str bytes);

/* The digest by which registries know it: of the bytes, but of the payload without its signatures for a signed manifest of schema 1
 * (docs.docker.com, "Image manifest V 2, schema 1"). like: a digest whose algorithm is taken; NULL: sha256. */
int reg_manifest_digest(const char *type, struct str bytes, const char *like, char ret[DIGEST_MAX], struct error *err);

#endif
