/* image/transfer.h: images between a registry and the tar archives that hosts save and load, for hosts whose protocol has no place for credentials: the client
 * does the registry's half and the image streams through it.
 *
 * Push: `save --format docker-archive` gives layers uncompressed, named by their diff ID, the configuration and manifest.json last
 * (docker image spec v1.2, "Combined Image JSON + Filesystem Changeset Format"). A layer that the registry has (by what earlier pushes and pulls
 * remembered in the cache folder: diff ID -> compressed digest) is read and dropped; the others are compressed on the way. The configuration goes up
 * unchanged, so the image keeps its ID.
 * Pull: an oci-archive (OCI image layout 1.1 as a tar) whose length is known before its first byte, since all sizes are in the manifest: the blobs come straight from the
 * registry, each is verified while it passes, index.json is last. */
#ifndef IMAGE_TRANSFER_H
#define IMAGE_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/filter.h"
#include "base/bytes.h"
#include "base/error.h"
#include "image/reference.h"
#include "registry/registry.h"

/* What happens, for people: one call when something begins, moves and ends. */
enum transfer_state { TRANSFER_STARTED, TRANSFER_MOVED, TRANSFER_DONE, TRANSFER_SKIPPED };

struct transfer_event {
	enum transfer_state state;
	const char *what;   /* "blob" or "config" */
	const char *digest; /* of the blob, or of the layer's content while its own is not known */
	int64_t moved, total; /* bytes; total -1: not known */
};

typedef void transfer_fn(void *ctx, const struct transfer_event *event);

enum manifest_format { MANIFEST_FORMAT_DOCKER, MANIFEST_FORMAT_OCI };

/* The format of an image whose manifest has this media type, as hosts tell it; anything else than OCI's: docker's. */
enum manifest_format transfer_format(const char *media_type);

struct push_archive {
	struct byte_source archive;  /* docker-archive, uncompressed or not */
	enum manifest_format format;
	struct json_object *annotations; /* of the manifest (OCI only); may be NULL; borrowed */
	enum compression compression; /* of layers that are sent; COMPRESSION_NONE: gzip */
	int level;                    /* of the compression; 0: its default */
	bool exact_compression;       /* layers that the registry has in another compression don't count */
	size_t layers;                /* how many there are, for messages; 0: not known beforehand */
	transfer_fn *event;          /* may be NULL */
	void *ctx;
};

/* To to->path:tag in r. ret_digest: of the manifest. A broken or truncated archive leaves no manifest in the registry. */
int transfer_push(struct registry *r, const struct reference *to, const struct push_archive *q, char ret_digest[DIGEST_MAX], struct error *err);

/* The same without an archive, of which q says nothing then: 1 when the registry has configuration (id: 64 hex digits, as the host names the image) and layers
 * already and the manifest was put; 0: something has to be sent, and nothing was changed. */
int transfer_push_known(struct registry *r, const struct reference *to, const struct push_archive *q, const char *id, char ret_digest[DIGEST_MAX],
			struct error *err);

struct pull_archive;

/* Reads the manifest (of os/arch/variant when it is a list; NULL: linux and this machine's architecture) and the sizes; nothing else moves yet. */
int transfer_pull_open(struct registry *r, const struct reference *from, const char *os, const char *arch, const char *variant,
		       struct pull_archive **ret, struct error *err);
/* 64 hex digits: the ID that the host will give it (the configuration's digest). Borrowed. */
const char *transfer_pull_id(const struct pull_archive *p);
/* Bytes that transfer_pull_run writes, exactly. */
int64_t transfer_pull_length(const struct pull_archive *p);
/* Writes the archive. An error in the middle means that sink got a broken archive: the caller must drop it. */
int transfer_pull_run(struct pull_archive *p, const struct byte_sink *sink, transfer_fn *event, void *ctx, struct error *err);
void transfer_pull_close_p(struct pull_archive **p);

#endif
