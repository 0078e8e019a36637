/* image/blobs.h: which blob of a registry has the content of a layer, as earlier pushes and pulls saw it. A host names a layer by the digest of its
 * uncompressed content (the diff ID), a registry by that of the compressed bytes, and the one can't be computed from the other without compressing
 * the same way.
 *
 * A cache and nothing more: what it says is asked of the registry before it counts, a broken or unwritable file is an empty one.
 * File: ~/.cache/farpod/blobs.json, {"version": 1, "blobs": [{"registry", "repository", "content", "digest", "size", "type"}]}, latest last. */
#ifndef IMAGE_BLOBS_H
#define IMAGE_BLOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define BLOBS_MAX 4096                    /* entries; the oldest go first */
#define BLOBS_MAX_BYTES (4 * 1024 * 1024) /* of the file */

struct blob_cache;

/* Strings are borrowed: from the caller when adding, from the cache until its next change when finding. */
struct cached_blob {
	const char *registry, *repository, *content, *digest, *type;
	int64_t size;
};

/* Reads the file. Fails only without memory. */
int blobs_open(struct blob_cache **ret, struct error *err);
void blobs_close_p(struct blob_cache **c);

/* Blobs with that content, one for each digest: of this repository first, then of this registry, then of others; at most max of them. Returns how many. */
size_t blobs_find(struct blob_cache *c, const char *registry, const char *repository, const char *content, struct cached_blob *ret, size_t max);
/* Adds it as the latest; what the repository had with that content and type is replaced. */
void blobs_add(struct blob_cache *c, const struct cached_blob *b);
/* The registry does not have it (any more). */
void blobs_forget(struct blob_cache *c, const char *registry, const char *repository, const char *digest);

/* Writes what was added since blobs_open into the file as it is now: another process may have added as well. */
void blobs_save(struct blob_cache *c);

#endif
