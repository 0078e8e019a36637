/* engine/image.h: requests about images and archives. See engine.h for what holds for all requests.
 *
 * Archives that go to a host are produced into a sink of the protocol room while the request runs; archives that come from a host are pulled by the
 * caller. Neither is ever held whole. */
#ifndef ENGINE_IMAGE_H
#define ENGINE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/flags.h"
#include "base/strv.h"

struct json_object;

/* An archive that comes from the host. read: > 0, 0 at its end; ERR_CONNECT when the connection breaks before. */
struct download {
	ssize_t (*read)(struct download *, void *p, size_t n, struct error *err);
	void (*close)(struct download *);
};

struct byte_source download_source(struct download *d);
void download_close_p(struct download **d);

struct build_req {
	const struct byte_producer *context; /* tar, uncompressed; its length is known when the host needs that (ENGINE_UPLOAD_LENGTH) */
	const struct strv *dockerfiles;      /* names inside the tar, at its top: io.podman hosts look nowhere else (ENGINE_UPLOAD_LENGTH), so one that lies
					      * elsewhere goes in once more under a name of its own */
	const struct strv *tags;             /* as typed; may be empty */
	/* The other options as typed and checked, values that name files of this machine resolved by the caller ("secret": id=ID,src=NAME-INSIDE-TAR):
	 * add-host annotation arch authfile build-arg build-context cache-from cache-to cache-ttl cap-add cap-drop cgroup-parent cgroupns compress cpp-flag
	 * cpu-period cpu-quota cpu-shares cpuset-cpus cpuset-mems device disable-compression dns dns-option dns-search env force-rm format from group-add
	 * http-proxy identity-label ignorefile ipc isolation jobs label layer-label layers logsplit manifest memory memory-swap network no-cache no-hostname
	 * no-hosts omit-history os os-feature os-version pid platform pull quiet retry retry-delay rm runtime-flag secret security-opt shm-size sign-by
	 * skip-unused-stages squash squash-all stdin target timestamp tls-verify ulimit unsetenv unsetlabel userns uts variant volume ... */
	const struct flags *flags;
	const char *auth_map; /* value of X-Registry-Config; NULL: none */
	bool quiet;
};

/* Text of the build as it comes, with its line ends. A negative return ends the build's transfer. */
typedef int build_text_fn(void *ctx, struct str text, struct error *err);

struct push_req {
	const char *name;        /* image on the host */
	const char *destination; /* "host/path:tag", or with a transport ("docker://...", "oci:...") */
	const char *auth;        /* X-Registry-Auth; NULL: none */
	const char *format;      /* oci, v2s1, v2s2; NULL: the image's own */
	const char *compression_format, *compression_level, *sign_by, *retry, *retry_delay, *encryption_key; /* NULL: not given */
	const struct strv *encrypt_layers; /* may be NULL */
	const struct strv *add_compression; /* of a list: more instances, with these compressions; may be NULL */
	bool compress, force_compression, remove_signatures, all, quiet;
	int tls_verify; /* -1 not given, 0, 1 */
};

struct save_req {
	const struct strv *names;
	const char *format; /* docker-archive, oci-archive, docker-dir, oci-dir: the last two come as a tar of the folder */
	bool compress;
	bool uncompressed_layers; /* --uncompressed of oci */
};

struct import_req {
	const struct byte_producer *archive; /* NULL: url */
	const char *url, *reference, *message, *os, *arch, *variant; /* NULL: not given */
	const struct strv *changes;
};

struct commit_req {
	const char *container, *reference; /* reference may be NULL */
	const char *author, *message, *format; /* format: oci or docker; NULL: oci */
	const struct strv *changes;
	const char *config; /* text of a configuration to merge (4.6+); NULL: none */
	bool pause, squash, include_volumes;
};

struct search_req {
	const char *term, *auth;
	const struct strv *filters; /* may be NULL */
	int64_t limit;              /* <= 0: the host's */
	bool list_tags;
	int tls_verify;
};

struct image_prune_req {
	bool all, external, build_cache;
	const struct strv *filters;
};

/* A file of a container. mode: Go's FileMode (bit 31 folder, bit 27 symlink, low 9 permissions), as X-Docker-Container-Path-Stat has it. */
struct copy_stat {
	char *name, *link_target; /* owned; link_target: where it finally is, absolute in the container */
	int64_t size;
	uint32_t mode;
	bool is_dir;
};

void copy_stat_done(struct copy_stat *s);

struct copy_in_req {
	const char *container, *dir;       /* dir exists */
	const struct byte_producer *archive;
	const char *rename_from, *rename_to; /* base name in the archive and what it becomes; NULL: none */
	bool copy_ids;                     /* keep the archive's uid and gid; else the container user's */
	bool overwrite;                    /* a folder may take the place of a file and the reverse */
};

struct manifest_create_req {
	const char *name;
	const struct strv *images, *annotations; /* may be empty */
	const char *auth;
	bool all, amend;
	int tls_verify;
};

struct manifest_change_req {
	const char *name;
	const struct strv *images;      /* add: references; annotate and remove: one digest */
	const char *arch, *os, *os_version, *variant; /* NULL: not given */
	const struct strv *features, *os_features, *annotations; /* KEY=VALUE; may be NULL */
	const char *auth;
	bool all, index;                /* index: annotate the list itself (5.x) */
	int tls_verify;
};

#endif
