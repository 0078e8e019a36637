/* image/store.h: where images lie, behind one interface: repositories of registries, layouts on disk, archives, and whatever a caller brings (a host's store
 * through the tunnel).
 *
 * A store is opened for reading or for writing. Blobs are named by their digest; readers verify what they hand out, writers what they get, so that
 * a blob is either whole and right or not there. Functions block; a store with `parallel` set may be called from several threads at once (each call with its own
 * struct error). */
#ifndef IMAGE_STORE_H
#define IMAGE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/strv.h"
#include "registry/registry.h"

/* A layer or configuration in a store. Strings are borrowed. */
struct store_blob {
	const char *digest; /* NULL when writing what is not known before its end */
	const char *type;   /* media type; may be NULL */
	int64_t size;       /* -1: not known */
	const char *const *urls; /* of a foreign layer; NULL at the end; may be NULL */
	bool verified; /* when writing: the content itself fails unless it is what digest and size say, so the writer need not hash it again */
};

/* ---- reading --------------------------------------------------------------------------------------------------------- */

struct image_source;

struct image_source_ops {
	/* instance: digest of a child of the list that this source leads to; NULL: what the name leads to. */
	int (*manifest)(struct image_source *, const char *instance, struct registry_manifest *ret, struct error *);
	/* Verified against b->digest while it passes: on failure what sink got must be dropped. */
	int (*blob)(struct image_source *, const struct store_blob *b, const struct byte_sink *sink, struct error *);
	/* Simple signatures of the manifest, appended, each in base64 (they are binary); sigstore ones are images of their own. May be NULL: none. */
	int (*signatures)(struct image_source *, const char *instance, struct strv *ret, struct error *);
	/* May be NULL: no list of tags. */
	int (*tags)(struct image_source *, struct strv *ret, struct error *);
	/* Another tag of the same repository, where sigstore keeps what belongs to an image ("sha256-HEX.sig"); it is opened, not yet looked for. May be NULL: none. */
	int (*sibling)(struct image_source *, const char *tag, struct image_source **ret, struct error *);
	void (*close)(struct image_source *);
};

struct image_source {
	const struct image_source_ops *ops;
	bool parallel;
	bool attachments; /* registries.d asks for sigstore's signatures, too; known after the signatures were read */
	char *name;      /* "docker://quay.io/ns/name:tag": the transport's full form, for messages and policies; owned */
	char *policy_transport, *policy_scope; /* "docker" and "quay.io/ns/name:tag", "dir" and the absolute path, ...; owned */
	char *reference; /* full docker reference, "" where the transport has none; owned */
	char *repository; /* of a registry: "host/path", for mounts; NULL else; owned */
};

/* ---- writing --------------------------------------------------------------------------------------------------------- */

struct image_destination;

struct image_destination_ops {
	/* 1: it has it (by a mount of from, "host/path", too, which may be NULL), 0: it has to be put. */
	int (*has)(struct image_destination *, const struct store_blob *b, const char *from, int64_t *ret_size, struct error *);
	/* content is run once; a digest in b is checked. ret_digest and ret_size are of what was written. */
	int (*put)(struct image_destination *, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX], int64_t *ret_size,
		   struct error *);
	/* instance NULL: the manifest that the name will lead to; else a child of a list, by its digest. ERR_UNSUPPORTED: this type is not taken, another may be. */
	int (*manifest)(struct image_destination *, const char *instance, const char *type, struct str bytes, struct error *);
	/* In base64, as above. May be NULL: "can't store signatures". */
	int (*signatures)(struct image_destination *, const char *instance, const struct strv *signatures, struct error *);
	/* Another tag of the same repository, for sigstore's signatures: what is there, not yet looked for, and what will be. May be NULL: none. */
	int (*sibling)(struct image_destination *, const char *tag, struct image_source **ret_old, struct image_destination **ret, struct error *);
	/* Nothing of the image is seen before this. */
	int (*commit)(struct image_destination *, struct error *);
	/* Without commit: what was there before is there again, as far as the transport can. */
	void (*close)(struct image_destination *);
};

enum layer_wish { LAYERS_AS_THEY_ARE, LAYERS_COMPRESSED, LAYERS_UNCOMPRESSED };

struct image_destination {
	const struct image_destination_ops *ops;
	bool parallel;
	const char *const *types; /* manifest types that it takes, best first, NULL at the end; NULL: any */
	enum layer_wish layers;
	bool takes_lists;         /* several images behind one list */
	bool takes_foreign;       /* layers with urls need not be copied */
	bool fixed_digest;        /* the name has a digest: the manifest may not change */
	char *name;               /* as image_source */
	char *reference, *repository;
};

/* ---- transports ------------------------------------------------------------------------------------------------------ */

/* What the command line says about one side; all borrowed until the store is closed, NULL and -1 where not given. */
struct store_options {
	const char *authfile, *cert_dir, *registry_token, *daemon_host, *shared_blob_dir, *registries_conf, *registries_d, *user_agent;
	const struct credentials *credentials; /* --creds */
	bool no_creds;
	int tls_verify;
	const char *os, *arch, *variant; /* --override-* */
	bool compress, decompress, accept_uncompressed; /* of dir: and oci: destinations */
	const struct strv *additional_tags;             /* of docker-archive: */
	bool (*interrupted)(void *ctx);
	void (*retrying)(void *ctx, const char *why, unsigned delay_ms);
	void *ctx;
};

/* A transport that lies outside this room: containers-storage: and docker-daemon: of a connected host. */
struct store_extra {
	const char *transport;
	int (*source)(void *ctx, const char *rest, const struct store_options *o, struct image_source **ret, struct error *err);
	int (*destination)(void *ctx, const char *rest, const struct store_options *o, struct image_destination **ret, struct error *err);
	void *ctx;
};

/* name: "docker://...", "oci:PATH[:REF]", "oci-archive:PATH[:REF]", "docker-archive:PATH[:REF|:@N]", "dir:PATH", or one of extras (ends with transport NULL; may be
 * NULL). ERR_USAGE: the name can't be read, in skopeo's words: Invalid image name "X", expected colon-separated transport:reference; ... unknown transport "X" (skopeo
 * puts "Invalid source name X: " before it); any other kind: it could not be opened ("initializing source X: "). Nothing is asked of a registry yet. */
int image_source_open(const char *name, const struct store_options *o, const struct store_extra *extras, struct image_source **ret, struct error *err);
int image_destination_open(const char *name, const struct store_options *o, const struct store_extra *extras, struct image_destination **ret, struct error *err);
/* skopeo delete: ERR_UNSUPPORTED "Deleting images not implemented for dir: images". */
int image_delete(const char *name, const struct store_options *o, struct error *err);

/* What a docker:// name leads to now, by HEAD: where a copy to it writes, or at the first place that a copy from it reads. 1: ret_digest is filled, 0: it leads
 * nowhere. ERR_UNSUPPORTED for other transports. */
int image_digest(const char *name, const struct store_options *o, bool written, char ret_digest[DIGEST_MAX], struct error *err);

void image_source_close_p(struct image_source **s);
void image_destination_close_p(struct image_destination **d);

/* For extras: a source that reads a docker-archive or oci-archive stream, kept in a scratch folder, and a destination that writes a docker-archive into producer-run
 * sink at commit. archive: opened by the caller, taken. */
int image_source_of_archive(const char *name, const struct byte_source *archive, struct image_source **ret, struct error *err);
int image_destination_to_archive(const char *name, const char *tag, int (*load)(void *ctx, const struct byte_producer *archive, struct error *err), void *ctx,
				 struct image_destination **ret, struct error *err);

#endif
