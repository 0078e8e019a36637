/* image/copy_own.h: what the parts of a copy share. */
#ifndef IMAGE_COPY_OWN_H
#define IMAGE_COPY_OWN_H

#include <pthread.h>

#include "image/blobs.h"
#include "image/copy.h"
#include "image/copy_image.h"
#include "image/reference.h"

struct copy {
	const struct copy_req *q;
	pthread_mutex_t events; /* one event at a time */
	pthread_mutex_t lock;   /* around what follows */
	bool stopped;           /* a thread failed: the others need not go on */
	struct blob_cache *cache; /* of registries: which compressed blob has which content; NULL: not asked yet */
	struct reference place;   /* of the destination, for the cache; empty where that is no registry */
};

int copy_no_memory(struct error *err);

/* "Copying ..." and its kin. */
void copy_line(struct copy *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
void copy_tell(struct copy *c, const struct copy_event *e);
/* ERR_INTERRUPTED when the user or another thread's failure ended the copy. */
int copy_go_on(struct copy *c, struct error *err);

/* ---- one blob ---------------------------------------------------------------------------------------------------------- */

/* layer: what becomes of it is written into it. fixed: its bytes may not change. */
struct copy_layer_req {
	struct copy_layer *layer;
	bool fixed;
	bool want_content; /* layer->content has to be known afterwards */
};

int copy_layer(struct copy *c, const struct copy_layer_req *q, struct error *err);
/* A configuration, or anything else that is in memory. from: a repository that may have it, too; may be NULL. */
int copy_bytes(struct copy *c, const struct store_blob *b, struct str bytes, const char *from, struct error *err);

/* ---- the blobs of an image --------------------------------------------------------------------------------------------- */

struct copy_blobs_req {
	struct copy_image *image;
	bool fixed; /* blobs may not change */
	bool want_content;
	enum manifest_kind first; /* the format that is tried first */
	bool *ret_config_sent;    /* the configuration of that format is there already */
};

/* Layers, and the configuration into image->config_bytes. */
int copy_blobs(struct copy *c, const struct copy_blobs_req *q, struct error *err);
/* A configuration of the image in format kind, unless the destination has it. */
int copy_config(struct copy *c, const struct copy_image *from, enum manifest_kind kind, const char *digest, struct str bytes, struct error *err);

/* ---- images ------------------------------------------------------------------------------------------------------------ */

struct copy_one {
	const char *instance; /* of the source; NULL: what its name leads to */
	bool child;           /* of a list that is copied: written by its digest */
	const char *fixed;    /* why the manifest may not change; NULL: it may */
};

/* raw is taken. ret_manifest: what was written. */
int copy_one(struct copy *c, const struct copy_one *q, struct registry_manifest *raw, struct registry_manifest *ret_manifest, struct error *err);
int copy_list(struct copy *c, struct registry_manifest *raw, struct registry_manifest *ret_manifest, struct error *err);

/* ---- signatures -------------------------------------------------------------------------------------------------------- */

/* Those of the source, unless they are not wanted. what: "image" or "image list". ERR_UNSUPPORTED when the destination can't have them. */
int copy_signatures_read(struct copy *c, const char *instance, const char *what, struct strv *ret, struct error *err);
/* Adds new ones for what was written, and writes all. instance: as for image_destination.signatures. */
int copy_signatures_write(struct copy *c, const char *instance, const char *what, const struct registry_manifest *written, struct strv *signatures,
			  struct error *err);
/* Beside the image, with the key of cosign. */
int copy_sigstore_sign(struct copy *c, const char *reference, const char *digest, struct error *err);
/* What the source has there for the manifest that was written goes along, to what the destination has already. */
int copy_sigstore_carry(struct copy *c, const char *digest, struct error *err);
/* Why nothing may change; NULL: it may. */
const char *copy_fixed(const struct copy *c, const struct strv *signatures);

#endif
