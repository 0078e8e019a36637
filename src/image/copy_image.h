/* image/copy_image.h: one image as a copy sees it, whatever the format of its manifest, and the same image in another format. Nothing here reads or writes a
 * store. */
#ifndef IMAGE_COPY_IMAGE_H
#define IMAGE_COPY_IMAGE_H

#include "image/manifest.h"
#include "registry/registry.h"

struct copy_layer {
	char *digest, *type; /* of the source; type "" where it says none (schema 1) */
	int64_t size;        /* -1: not known */
	char **urls;         /* of a foreign layer, NULL at the end; NULL: none */
	bool empty;          /* schema 1: the history has it, the image has no blob for it */

	/* Of the destination. changed: other bytes than the source's, of which this is true. */
	bool changed;
	char written[DIGEST_MAX];
	int64_t written_size;
	enum compression written_as;
	char content[DIGEST_MAX]; /* digest of the uncompressed content; "": not known */
};

struct copy_image {
	struct registry_manifest raw;
	struct json_object *manifest;
	enum manifest_kind kind;
	struct copy_layer *layers; /* the lowest first */
	size_t n;
	struct manifest_blob config; /* borrowed from manifest; digest NULL: schema 1 has none */
	struct buf config_bytes;     /* filled by whoever reads it */
};

/* raw is taken. ERR_PROTOCOL for a list, too. */
int copy_image_read(struct registry_manifest *raw, struct copy_image *ret, struct error *err);
void copy_image_done(struct copy_image *i);

/* Whether a layer became something else. */
bool copy_image_changed(const struct copy_image *i);
/* Helm charts, signatures and the like are stored as OCI images; their blobs are no layers of a file system. */
bool copy_image_is_artifact(const struct copy_image *i);
/* Whether another format needs digests of the uncompressed layers, which schema 1 does not have. */
bool copy_image_needs_content(const struct copy_image *i, enum manifest_kind to);

struct copy_converted {
	enum manifest_kind kind;
	struct buf manifest;
	struct buf config;              /* what has to lie at the destination */
	char config_digest[DIGEST_MAX]; /* "": none (schema 1) */
	bool needs_empty_layer;         /* schema 1 names it for each step without files */
};

/* The image with its layers as they were written. name (may be NULL): of the destination, which schema 1 tells. What is not changed keeps its bytes.
 * ERR_UNSUPPORTED: this format can't have it, another may. */
int copy_convert(const struct copy_image *from, enum manifest_kind to, const char *name, struct copy_converted *ret, struct error *err);
void copy_converted_done(struct copy_converted *c);
/* The configuration alone, for formats that have one. That of schema 1 depends on the layers. */
int copy_convert_config(const struct copy_image *from, enum manifest_kind to, struct buf *ret, char ret_digest[DIGEST_MAX], struct error *err);

/* ---- parts ------------------------------------------------------------------------------------------------------------- */

/* The type of a layer in another format and compression; NULL: that format has none, or type is no layer's. */
const char *copy_layer_type(const char *type, enum manifest_format format, enum compression c);
/* What the type says; false: it is no layer's. */
bool copy_layer_compression(const char *type, enum compression *ret);

/* Docker's configuration with nothing but the fields that OCI has. */
int copy_config_to_oci(struct str docker, struct buf *ret, struct error *err);

/* Schema 1 (docker/distribution, manifest/schema1): the configuration lies in the history. content: digests of the uncompressed layers that are not empty. */
int copy_schema1_config(struct json_object *manifest, const char *const *content, size_t n, struct buf *ret, struct error *err);
/* name: "host/path:tag"; may be NULL. Signed by a key that nobody keeps, as every writer of today does. */
int copy_schema1_write(const struct copy_image *from, const char *name, bool sign, struct copy_converted *ret, struct error *err);
/* {"signatures": [...]} around a document that ends with "}". */
int copy_schema1_sign(struct buf *manifest, struct error *err);

/* Compact JSON as Go writes it, on which digests of what containers/image converts depend. */
int copy_json(struct json_object *o, struct buf *ret, struct error *err);
/* Members in the order of their names, as Go writes a map. Shares the values; owned by the caller. */
struct json_object *copy_json_sorted(struct json_object *o);

#define COPY_EMPTY_LAYER "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4" /* an empty tar file in gzip */
extern const unsigned char copy_empty_layer[32];

/* ---- lists ------------------------------------------------------------------------------------------------------------- */

/* What became of an entry. */
struct copy_child {
	char digest[DIGEST_MAX];
	int64_t size;
	const char *type;
};

/* The list in format to with its entries replaced; the same bytes when nothing changes. children: as many as the list has entries. */
int copy_list_write(struct json_object *list, const struct registry_manifest *raw, enum manifest_kind from, enum manifest_kind to, const struct copy_child *children,
		    struct buf *ret, struct error *err);

/* ---- plan -------------------------------------------------------------------------------------------------------------- */

#define COPY_PLAN_MAX 4

struct copy_plan {
	enum manifest_kind v[COPY_PLAN_MAX]; /* in the order they are tried */
	size_t n;
};

/* takes: as image_destination.types. format: --format. fixed: why the manifest may not change; NULL: it may. */
int copy_plan(enum manifest_kind source, const char *const *takes, const char *format, const char *fixed, struct copy_plan *ret, struct error *err);

#endif
