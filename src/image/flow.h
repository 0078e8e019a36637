/* image/flow.h: small parts that push and pull share: a layer of an archive as the bytes that a registry gets, bytes in memory as a source, what a
 * finished transfer teaches the cache. */
#ifndef IMAGE_FLOW_H
#define IMAGE_FLOW_H

#include "archive/filter.h"
#include "archive/tar.h"
#include "base/digest.h"
#include "base/js.h"
#include "image/blobs.h"
#include "image/reference.h"

/* The current entry of an archive: uncompressed if it is not, hashed, compressed. */
struct flow;
typedef void flow_moved_fn(void *ctx, int64_t bytes); /* of the entry, so far */

int flow_open(struct tar_reader *tar, enum compression c, int level, flow_moved_fn *moved, void *ctx, struct flow **ret, struct error *err);
struct byte_source flow_source(struct flow *f);
/* What went wrong was the archive, not the reader of the source. */
bool flow_failed(const struct flow *f);
/* After the end: the digest of the uncompressed content. Once. */
void flow_content(struct flow *f, char ret[DIGEST_MAX]);
void flow_close_p(struct flow **f);

struct memory_source {
	struct str all;
	size_t pos;
};
struct byte_source memory_bytes(struct memory_source *m);
int memory_rewind(void *m, struct error *err);

/* {"mediaType", "digest", "size"}, owned by the caller. */
struct json_object *flow_descriptor(const char *type, const char *digest, int64_t size);

/* Layers of a manifest with their diff IDs in the configuration, when the two fit together. */
void flow_remember(struct blob_cache *cache, const struct reference *where, struct json_object *manifest, struct json_object *config);

#endif
