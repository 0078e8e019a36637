/* image/manifest.h: manifests and lists of manifests (OCI image spec 1.1 manifest.md and image-index.md; Docker image manifest v2 schema 2). */
#ifndef IMAGE_MANIFEST_H
#define IMAGE_MANIFEST_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "archive/filter.h"
#include "base/buf.h"
#include "base/error.h"
#include "image/transfer.h"

#define MANIFEST_MAX_LAYERS 1024                    /* overlay stops far below */
#define MANIFEST_MAX_CONFIG (8 * 1024 * 1024)       /* of a configuration, in bytes */
#define MANIFEST_MAX_BLOB (INT64_C(1) << 43)        /* 8 TiB: sums of sizes stay far from overflowing */

enum manifest_kind {
	MANIFEST_UNKNOWN,
	MANIFEST_DOCKER,
	MANIFEST_OCI,
	MANIFEST_DOCKER_LIST,
	MANIFEST_OCI_INDEX,
	MANIFEST_SCHEMA1,
	MANIFEST_SCHEMA1_SIGNED,
};

/* The media type; NULL for MANIFEST_UNKNOWN. */
const char *manifest_type(enum manifest_kind kind);
/* By media type alone; parameters behind ';' don't count. */
enum manifest_kind manifest_kind_of(const char *type);
static inline bool manifest_is_list(enum manifest_kind k)
{
	return k == MANIFEST_DOCKER_LIST || k == MANIFEST_OCI_INDEX;
}

static inline bool manifest_is_schema1(enum manifest_kind k)
{
	return k == MANIFEST_SCHEMA1 || k == MANIFEST_SCHEMA1_SIGNED;
}

/* Reads a document. type: what the registry calls it; when that is no manifest type, the content tells. ERR_PROTOCOL for what is no JSON object, and for a document that is a
 * list and an image at once: two readers would see two images behind one digest (CVE-2021-41190). */
int manifest_read(struct str bytes, const char *type, struct json_object **ret, enum manifest_kind *ret_kind, struct error *err);

/* A descriptor; strings are borrowed from the document. ERR_PROTOCOL for an impossible digest or size. */
struct manifest_blob {
	const char *digest, *type;
	int64_t size;
};
int manifest_blob_read(struct json_object *descriptor, struct manifest_blob *ret, struct error *err);

/* The entry of a list for a platform: os and arch NULL: linux and this machine's architecture. Variants as containers/image chooses them: the
 * one wanted, older ones of its family, none. ERR_NOT_FOUND names the platforms on offer. */
int manifest_choose(struct json_object *list, const char *os, const char *arch, const char *variant, struct manifest_blob *ret, struct error *err);

/* "application/vnd.docker.image.rootfs.diff.tar.gzip" and its kin. NULL where the format has no name for the compression. */
const char *manifest_layer_type(enum manifest_format format, enum compression c);
/* The reverse, of both formats; COMPRESSION_NONE for what is not known. */
enum compression manifest_layer_compression(const char *type);
const char *manifest_config_type(enum manifest_format format);

#endif
