/* engine/engine.h: what a command can ask of a host, in Podman's words, without a protocol.
 *
 * Requests are plain structs, borrowed during the call. Results are json-c objects with the field names of the libpod REST API of
 * Podman 4 and 5, whatever protocol answered, owned by the caller. The rooms varlink and rest implement struct engine_ops; a NULL
 * operation means that this host cannot, which engine_* turns into one ERR_UNSUPPORTED sentence with the host's version.
 *
 * Errors of every call: ERR_CONNECT the connection broke or no answer came in time; ERR_PROTOCOL the answer is none; ERR_NOT_FOUND,
 * ERR_CONFLICT, ERR_REMOTE the service's refusal in its own words; ERR_UNSUPPORTED. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/dialer.h"
#include "base/flags.h"
#include "base/strv.h"
#include "engine/image.h"
#include "engine/stream.h"

/* Milliseconds that a reply may take when the operation itself is short; FARPOD_REPLY_TIMEOUT (seconds) changes it. Waiting operations
 * (stop, wait, pull, create with pull, logs -f) have no such limit. */
#define ENGINE_REPLY_MS 60000
uint64_t engine_reply_ms(void);

/* Called for each element of a list, in the host's order. item is borrowed during the call. A negative return ends the listing. */
typedef int item_fn(void *ctx, struct json_object *item, struct error *err);

/* One line of progress without line end, for people. */
typedef void progress_fn(void *ctx, const char *line);

struct container_list_req {
	bool all, size, sync, external, namespaces, latest, pod;
	int64_t last;              /* <= 0: no limit */
	const struct strv *filters; /* "key=value" as typed; may be NULL */
};

enum object_kind { OBJECT_CONTAINER, OBJECT_IMAGE, OBJECT_VOLUME, OBJECT_NETWORK, OBJECT_POD };

struct create_req {
	const struct flags *flags;  /* checked by the option table; env, env-file, label-file, cidfile are resolved by the caller:
				     * "env" holds KEY=VALUE, "label" KEY[=VALUE]; env-file, label-file, cidfile, replace, detach,
				     * rmi, sig-proxy, pull, tls-verify, creds, authfile, quiet are gone */
	const char *image;          /* as the host is to look it up (ID or name); "" with --rootfs, whose path is then command[0] */
	const char *image_as_typed;
	const struct strv *command; /* words after the image */
	const struct strv *argv;    /* the whole command line, kept by the host as create command */
};

struct remove_req {
	const char *name;
	bool force, volumes, ignore, depend;
	int64_t timeout_s; /* < 0: the host's default */
};

struct stop_req {
	const char *name;
	int64_t timeout_s; /* < 0: the container's own */
};

struct wait_req {
	const char *name;
	const struct strv *conditions; /* "stopped", "running", ...; NULL or empty: stopped */
	int64_t interval_ms;           /* <= 0: 250 */
};

struct logs_req {
	const char *name;
	bool follow, timestamps;
	int64_t tail;      /* < 0: all */
	const char *since; /* RFC 3339, unix seconds or a Go duration as typed; NULL: from the start */
	const char *until; /* same; NULL: to the end */
};

struct attach_req {
	const char *name;
	bool start;             /* start it when the attachment stands, so that no output is lost */
	bool want_stdin, want_stdout, want_stderr, tty;
	bool remove;            /* the container was made with --rm */
	const char *detach_keys; /* for hosts that keep them; NULL: not given. The matching is the caller's */
	unsigned width, height; /* of the terminal, in characters; 0: none */
};

struct exec_req {
	const char *name;
	const struct strv *command, *env; /* env: KEY=VALUE */
	const char *user, *workdir, *detach_keys;
	bool tty, privileged, want_stdin, detach;
	unsigned width, height;
};

struct pull_req {
	const char *reference;
	const char *policy; /* missing, always, newer, never; NULL: always */
	const char *arch, *os, *variant; /* NULL: the host's */
	const char *auth;   /* base64url JSON for X-Registry-Auth; NULL: none */
	const char *retry, *retry_delay; /* of a failing pull; NULL: the host's; ERR_UNSUPPORTED before 5.0 */
	bool quiet, all_tags;
	int tls_verify; /* -1 not given, 0, 1 */
};

struct image_list_req {
	bool all;
	const struct strv *filters; /* may be NULL */
};

struct image_remove_req {
	const struct strv *names;
	bool all, force, ignore, no_prune;
};

struct engine;

/* What a protocol has a place for. Where it has none, the caller does that part itself. */
enum engine_cap {
	ENGINE_PULL_AUTH = 1,    /* pull with credentials and --tls-verify */
	ENGINE_PUSH_AUTH = 2,    /* push with them */
	ENGINE_UPLOAD_LENGTH = 4, /* archives to the host need a known length: a producer without one is spooled into a file without name */
	ENGINE_BUILD_BASE_NAMES = 8, /* Containerfiles must lie at the top of the archive */
	ENGINE_BUILD_DOCKERIGNORE = 16, /* the host reads .dockerignore and is told no other rules */
	ENGINE_PULL_AGAIN = 64, /* a pull of a name that the host has asks the registry; PullImage of varlink takes it for done */
};

struct engine_ops {
	const char *protocol; /* "varlink" or "rest" */

	/* {Version, APIVersion, GoVersion, GitCommit, BuiltTime, Built, OsArch, Os} */
	int (*version)(struct engine *, struct json_object **ret, struct error *);
	/* {host:{...}, store:{...}, registries:{...}, version:{...}} as `podman info --format json` */
	int (*info)(struct engine *, struct json_object **ret, struct error *);

	/* Elements as GET /libpod/containers/json of 4.3.1: Id, Names[], Command[], Created (RFC 3339), Ports[{host_ip, container_port,
	 * host_port, range, protocol}], State, ExitCode, StartedAt, ExitedAt (unix s), ...; older spellings are translated. */
	int (*container_list)(struct engine *, const struct container_list_req *, item_fn *each, void *ctx, struct error *);
	int (*inspect)(struct engine *, enum object_kind, const char *name, bool size, struct json_object **ret, struct error *);
	int (*exists)(struct engine *, enum object_kind, const char *name, bool *ret, struct error *);

	/* Does not pull. ret_id: owned by the caller. Warnings are added to ret_warnings. A flag that the protocol or version can't carry
	 * is ERR_UNSUPPORTED and names it, before anything is made. */
	int (*container_create)(struct engine *, const struct create_req *, char **ret_id, struct strv *ret_warnings, struct error *);
	/* A running container is no error. Failures of the command itself carry exit_status 126 or 127. */
	int (*container_start)(struct engine *, const char *name, struct error *);
	/* A stopped container is no error. */
	int (*container_stop)(struct engine *, const struct stop_req *, struct error *);
	/* signal: name with or without SIG, or a number. */
	int (*container_kill)(struct engine *, const char *name, const char *signal, struct error *);
	int (*container_wait)(struct engine *, const struct wait_req *, int64_t *ret_code, struct error *);
	/* ERR_NOT_FOUND; ERR_CONFLICT when it runs and force is not set. */
	int (*container_remove)(struct engine *, const struct remove_req *, struct error *);
	/* {Titles:[...], Processes:[[...]]} */
	int (*container_top)(struct engine *, const char *name, const struct strv *descriptors, struct json_object **ret, struct error *);

	/* Streams, see stream.h; owned by the caller. */
	int (*container_logs)(struct engine *, const struct logs_req *, struct stream **ret, struct error *);
	int (*container_attach)(struct engine *, const struct attach_req *, struct stream **ret, struct error *);
	/* detach: *ret stays NULL and ret_session gets the session's ID (owned by the caller). ret_session may be NULL otherwise. */
	int (*container_exec)(struct engine *, const struct exec_req *, struct stream **ret, char **ret_session, struct error *);

	/* Elements as GET /libpod/images/json of 4.3.1. */
	int (*image_list)(struct engine *, const struct image_list_req *, item_fn *each, void *ctx, struct error *);
	/* ret_id: 64 hex digits, owned by the caller. */
	int (*image_pull)(struct engine *, const struct pull_req *, progress_fn *, void *ctx, char **ret_id, struct error *);
	/* {Deleted:[], Untagged:[], Errors:[texts], ExitCode:n}; failures of single images are in Errors, not in the return. */
	int (*image_remove)(struct engine *, const struct image_remove_req *, struct json_object **ret, struct error *);

	/* ret_id: 64 hex digits, owned by the caller. A failing step is ERR_REMOTE with exit_status set to the step's own where the service tells it. */
	int (*image_build)(struct engine *, const struct build_req *, build_text_fn *, void *ctx, char **ret_id, struct error *);
	/* ret_digest: "sha256:..." of the manifest, owned by the caller; NULL when the host does not tell. */
	int (*image_push)(struct engine *, const struct push_req *, progress_fn *, void *ctx, char **ret_digest, struct error *);
	int (*image_save)(struct engine *, const struct save_req *, struct download **ret, struct error *);
	/* ret_names: names of what was loaded, or IDs where it has none. */
	int (*image_load)(struct engine *, const struct byte_producer *, struct strv *ret_names, struct error *);
	int (*image_import)(struct engine *, const struct import_req *, char **ret_id, struct error *);
	int (*container_export)(struct engine *, const char *name, struct download **ret, struct error *);
	int (*container_commit)(struct engine *, const struct commit_req *, progress_fn *, void *ctx, char **ret_id, struct error *);
	/* [{Id, Created (unix s), CreatedBy, Tags[], Size, Comment}], newest first. */
	int (*image_history)(struct engine *, const char *name, struct json_object **ret, struct error *);
	/* as: a full name with tag. */
	int (*image_tag)(struct engine *, const char *name, const char *as, struct error *);
	/* tag NULL: all names of the image. */
	int (*image_untag)(struct engine *, const char *name, const char *tag, struct error *);
	/* [{Index, Name, Description, Stars, Official ("[OK]" or ""), Automated, Tag}] */
	int (*image_search)(struct engine *, const struct search_req *, struct json_object **ret, struct error *);
	/* The whole drawing; owned by the caller. */
	int (*image_tree)(struct engine *, const char *name, bool what_requires, char **ret, struct error *);
	/* [{Id, Size, Err}] */
	int (*image_prune)(struct engine *, const struct image_prune_req *, struct json_object **ret, struct error *);
	/* [{Path, Kind (0 changed, 1 added, 2 deleted)}]; with a second name: what differs between the two (4.0+). */
	int (*diff)(struct engine *, enum object_kind, const char *name, const char *other, struct json_object **ret, struct error *);

	/* Files of containers, running or not. ERR_NOT_FOUND also for a path that is not there. The archive of copy_out has one top-level entry, the base name of path;
	 * with "/." at the end of path it has what is in that folder. */
	int (*copy_stat)(struct engine *, const char *container, const char *path, struct copy_stat *ret, struct error *);
	int (*copy_out)(struct engine *, const char *container, const char *path, struct download **ret, struct error *);
	int (*copy_in)(struct engine *, const struct copy_in_req *, struct error *);

	int (*manifest_create)(struct engine *, const struct manifest_create_req *, char **ret_id, struct error *);
	int (*manifest_add)(struct engine *, const struct manifest_change_req *, char **ret_id, struct error *);
	int (*manifest_annotate)(struct engine *, const struct manifest_change_req *, char **ret_id, struct error *);
	int (*manifest_remove)(struct engine *, const struct manifest_change_req *, char **ret_id, struct error *);
	int (*manifest_inspect)(struct engine *, const char *name, struct json_object **ret, struct error *);
	int (*manifest_exists)(struct engine *, const char *name, bool *ret, struct error *);
	int (*manifest_push)(struct engine *, const struct push_req *, progress_fn *, void *ctx, char **ret_digest, struct error *);
	/* As image_remove, for lists only. */
	int (*manifest_delete)(struct engine *, const struct image_remove_req *, struct json_object **ret, struct error *);

	void (*close)(struct engine *);
};

struct engine {
	const struct engine_ops *ops;
	char version[32]; /* the host's Podman version, "4.3.1"; filled by the room that opened it */
	unsigned caps;    /* enum engine_cap: what this host's protocol and version can; filled by the room that opened it */
};

static inline bool engine_can(const struct engine *e, enum engine_cap cap)
{
	return (e->caps & (unsigned)cap) != 0;
}

/* "Podman 1.9.3 (varlink)", borrowed until the next call. */
const char *engine_name(const struct engine *e);

/* Negative, 0 or positive as the host's version is before, at or after "major.minor.patch". */
int engine_version_cmp(const struct engine *e, int major, int minor, int patch);

/* ERR_UNSUPPORTED: "what is not supported by Podman 1.9.3 (varlink)". */
int engine_unsupported(const struct engine *e, struct error *err, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Each calls the operation of the same name, or fails with engine_unsupported when it is NULL. */
int engine_version(struct engine *e, struct json_object **ret, struct error *err);
int engine_info(struct engine *e, struct json_object **ret, struct error *err);
int engine_container_list(struct engine *e, const struct container_list_req *q, item_fn *each, void *ctx, struct error *err);
int engine_inspect(struct engine *e, enum object_kind kind, const char *name, bool size, struct json_object **ret, struct error *err);
int engine_exists(struct engine *e, enum object_kind kind, const char *name, bool *ret, struct error *err);
int engine_container_create(struct engine *e, const struct create_req *q, char **ret_id, struct strv *ret_warnings, struct error *err);
int engine_container_start(struct engine *e, const char *name, struct error *err);
int engine_container_stop(struct engine *e, const struct stop_req *q, struct error *err);
int engine_container_kill(struct engine *e, const char *name, const char *signal, struct error *err);
int engine_container_wait(struct engine *e, const struct wait_req *q, int64_t *ret_code, struct error *err);
int engine_container_remove(struct engine *e, const struct remove_req *q, struct error *err);
int engine_container_top(struct engine *e, const char *name, const struct strv *descriptors, struct json_object **ret, struct error *err);
int engine_container_logs(struct engine *e, const struct logs_req *q, struct stream **ret, struct error *err);
int engine_container_attach(struct engine *e, const struct attach_req *q, struct stream **ret, struct error *err);
int engine_container_exec(struct engine *e, const struct exec_req *q, struct stream **ret, char **ret_session, struct error *err);
int engine_image_list(struct engine *e, const struct image_list_req *q, item_fn *each, void *ctx, struct error *err);
int engine_image_pull(struct engine *e, const struct pull_req *q, progress_fn *progress, void *ctx, char **ret_id, struct error *err);
int engine_image_remove(struct engine *e, const struct image_remove_req *q, struct json_object **ret, struct error *err);
int engine_image_build(struct engine *e, const struct build_req *q, build_text_fn *text, void *ctx, char **ret_id, struct error *err);
int engine_image_push(struct engine *e, const struct push_req *q, progress_fn *progress, void *ctx, char **ret_digest, struct error *err);
int engine_image_save(struct engine *e, const struct save_req *q, struct download **ret, struct error *err);
int engine_image_load(struct engine *e, const struct byte_producer *archive, struct strv *ret_names, struct error *err);
int engine_image_import(struct engine *e, const struct import_req *q, char **ret_id, struct error *err);
int engine_container_export(struct engine *e, const char *name, struct download **ret, struct error *err);
int engine_container_commit(struct engine *e, const struct commit_req *q, progress_fn *progress, void *ctx, char **ret_id, struct error *err);
int engine_image_history(struct engine *e, const char *name, struct json_object **ret, struct error *err);
int engine_image_tag(struct engine *e, const char *name, const char *as, struct error *err);
int engine_image_untag(struct engine *e, const char *name, const char *tag, struct error *err);
int engine_image_search(struct engine *e, const struct search_req *q, struct json_object **ret, struct error *err);
int engine_image_tree(struct engine *e, const char *name, bool what_requires, char **ret, struct error *err);
int engine_image_prune(struct engine *e, const struct image_prune_req *q, struct json_object **ret, struct error *err);
int engine_diff(struct engine *e, enum object_kind kind, const char *name, const char *other, struct json_object **ret, struct error *err);
int engine_copy_stat(struct engine *e, const char *container, const char *path, struct copy_stat *ret, struct error *err);
int engine_copy_out(struct engine *e, const char *container, const char *path, struct download **ret, struct error *err);
int engine_copy_in(struct engine *e, const struct copy_in_req *q, struct error *err);
int engine_manifest_create(struct engine *e, const struct manifest_create_req *q, char **ret_id, struct error *err);
int engine_manifest_add(struct engine *e, const struct manifest_change_req *q, char **ret_id, struct error *err);
int engine_manifest_annotate(struct engine *e, const struct manifest_change_req *q, char **ret_id, struct error *err);
int engine_manifest_remove(struct engine *e, const struct manifest_change_req *q, char **ret_id, struct error *err);
int engine_manifest_inspect(struct engine *e, const char *name, struct json_object **ret, struct error *err);
int engine_manifest_exists(struct engine *e, const char *name, bool *ret, struct error *err);
int engine_manifest_push(struct engine *e, const struct push_req *q, progress_fn *progress, void *ctx, char **ret_digest, struct error *err);
int engine_manifest_delete(struct engine *e, const struct image_remove_req *q, struct json_object **ret, struct error *err);
/* NULL is allowed. */
void engine_close(struct engine *e);
void engine_close_p(struct engine **e);

#endif
