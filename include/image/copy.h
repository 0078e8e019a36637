/* image/copy.h: an image from one store to another, as containers/image's copy does it: destination first, policy before anything is believed, blobs in parallel,
 * each verified while it streams, manifest last. */
#ifndef IMAGE_COPY_H
#define IMAGE_COPY_H

#include "archive/filter.h"
#include "image/policy.h"
#include "image/store.h"

#define COPY_PARALLEL 6 /* blobs at once where both sides can */

enum copy_lists { COPY_SYSTEM, COPY_ALL, COPY_INDEX_ONLY }; /* --multi-arch */

/* A blob has one BLOB_STARTED and, when all of it is there, one BLOB_DONE; or one BLOB_SKIPPED alone: the destination had it. */
enum copy_state { COPY_LINE, COPY_BLOB_STARTED, COPY_BLOB_MOVED, COPY_BLOB_DONE, COPY_BLOB_SKIPPED };

/* For people; calls never overlap. */
struct copy_event {
	enum copy_state state;
	const char *text;   /* COPY_LINE: "Getting image source signatures", "Writing manifest to image destination", ... */
	const char *kind;   /* "blob" or "config" */
	const char *digest;
	int64_t moved, total; /* bytes; -1: not known */
};

struct copy_req {
	struct image_source *from;
	struct image_destination *to;
	const struct policy *policy;    /* NULL: accept anything */
	const char *os, *arch, *variant; /* of a list with COPY_SYSTEM; NULL: linux and this machine's */
	enum copy_lists lists;
	const char *format;             /* oci, v2s1, v2s2; NULL: the source's where it is taken */
	enum compression compression;   /* --dest-compress-format; COMPRESSION_NONE: gzip where layers must be compressed */
	int compression_level;          /* 0: default */
	bool force_compression, preserve_digests, remove_signatures, precompute_digests;
	const struct strv *sign_by;     /* gpg fingerprints; may be NULL */
	const char *sign_passphrase_file, *sign_sigstore_key, *sign_identity; /* file of the key's passphrase; private key of cosign; name to sign for */
	int parallel;                   /* 0: COPY_PARALLEL */
	bool (*interrupted)(void *ctx);                       /* polled by all threads; may be NULL */
	void (*event)(void *ctx, const struct copy_event *e); /* may be NULL */
	void *ctx;
};

/* ret_manifest (may be NULL): what was written, for --digestfile. On failure the destination is as it was, as far as its transport can. */
int image_copy(const struct copy_req *q, struct registry_manifest *ret_manifest, struct error *err);

/* An image's configuration, docker's or OCI's, with nothing but the fields that OCI has, in the order in which Go writes them. */
int copy_config_to_oci(struct str config, struct buf *ret, struct error *err);

#endif
