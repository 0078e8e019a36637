/* varlink/host.h: what the files of this room share: the engine, its connections, a call with its errors, and the operations.
 * Interface io.podman as Podman 1.6.2, 1.8.0 and 1.9.3 serve it; where those differ, the place says how. */
#ifndef VARLINK_HOST_H
#define VARLINK_HOST_H

#include "base/dialer.h"
#include "base/js.h"
#include "engine/engine.h"
#include "varlink/varlink.h"

struct host {
	struct engine engine; /* first: host_of casts */
	const struct dialer *dialer;
	struct varlink *kept; /* the connection for calls; NULL when it broke */
};

static inline struct host *host_of(struct engine *e)
{
	return (struct host *)e;
}

static inline bool host_at_least(const struct host *h, int major, int minor, int patch)
{
	return engine_version_cmp(&h->engine, major, minor, patch) >= 0;
}

/* method is the last part, "StopContainer". params are taken; NULL: none. ret may be NULL. timeout_ms 0: no limit.
 * ERR_REMOTE of the wire comes back as the kind that its name and text say, with the service's reason as text. */
int host_call(struct host *h, const char *method, struct json_object *params, uint64_t timeout_ms, struct json_object **ret,
	      struct error *err);

/* host_call with the usual time limit for a call that may be made twice: when the service went away instead of answering (it
 * crashes on some calls, socket activation brings it back), it is asked once more on a new connection. */
int host_ask(struct host *h, const char *method, struct json_object *params, struct json_object **ret, struct error *err);

/* A new connection for a stream. */
int host_dial(struct host *h, struct varlink **ret, struct error *err);

/* The same call forms on a connection of the caller's own; method and params as above. */
int host_begin(struct host *h, struct varlink *v, const char *method, struct json_object *params, struct error *err);
int host_more(struct host *h, struct varlink *v, const char *method, struct json_object *params, struct error *err);
int host_upgrade(struct host *h, struct varlink *v, const char *method, struct json_object *params, struct json_object **ret,
		 struct error *err);

/* Turns a failure r of varlink_* on v into one for people: a refusal by its name and text, a break by what the dialer knows.
 * Returns -kind; a success comes back as it is. */
int host_failed(struct host *h, struct varlink *v, int r, struct error *err);

/* The error of a refusal; apart, for tests. */
int host_refusal(struct host *h, const char *name, struct json_object *params, struct error *err);

/* Gives an error of start or init the exit status that says how the command failed: 127 not there, 126 not runnable. Returns r. */
int host_command_failed(int r, struct error *err);

/* {"name": name} */
struct json_object *host_name(const char *name);

/* The JSON text in member key of the reply to method{name}: how io.podman answers to inspect and the like. */
int host_ask_text(struct host *h, const char *method, const char *name, const char *key, struct json_object **ret,
		  struct error *err);

/* "running", ... of ContainerStateData; "unknown" for a number of no known state. */
int host_container_state(struct host *h, const char *name, const char **ret, struct error *err);

/* Operations, by file. */
int host_version(struct engine *e, struct json_object **ret, struct error *err);
int host_info(struct engine *e, struct json_object **ret, struct error *err);
int host_inspect(struct engine *e, enum object_kind kind, const char *name, bool size, struct json_object **ret, struct error *err);
int host_exists(struct engine *e, enum object_kind kind, const char *name, bool *ret, struct error *err);
int host_container_list(struct engine *e, const struct container_list_req *q, item_fn *each, void *ctx, struct error *err);
int host_container_create(struct engine *e, const struct create_req *q, char **ret_id, struct strv *ret_warnings,
			  struct error *err);
int host_container_start(struct engine *e, const char *name, struct error *err);
int host_container_stop(struct engine *e, const struct stop_req *q, struct error *err);
int host_container_kill(struct engine *e, const char *name, const char *signal, struct error *err);
int host_container_wait(struct engine *e, const struct wait_req *q, int64_t *ret_code, struct error *err);
int host_container_remove(struct engine *e, const struct remove_req *q, struct error *err);
int host_container_top(struct engine *e, const char *name, const struct strv *descriptors, struct json_object **ret,
		       struct error *err);
int host_container_logs(struct engine *e, const struct logs_req *q, struct stream **ret, struct error *err);
int host_container_attach(struct engine *e, const struct attach_req *q, struct stream **ret, struct error *err);
int host_container_exec(struct engine *e, const struct exec_req *q, struct stream **ret, char **ret_session, struct error *err);
int host_image_list(struct engine *e, const struct image_list_req *q, item_fn *each, void *ctx, struct error *err);
int host_image_pull(struct engine *e, const struct pull_req *q, progress_fn *progress, void *ctx, char **ret_id, struct error *err);
int host_image_remove(struct engine *e, const struct image_remove_req *q, struct json_object **ret, struct error *err);
int host_image_build(struct engine *e, const struct build_req *q, build_text_fn *text, void *ctx, char **ret_id, struct error *err);
int host_image_push(struct engine *e, const struct push_req *q, progress_fn *progress, void *ctx, char **ret_digest,
		    struct error *err);
int host_image_save(struct engine *e, const struct save_req *q, struct download **ret, struct error *err);
int host_image_load(struct engine *e, const struct byte_producer *archive, struct strv *ret_names, struct error *err);
int host_image_import(struct engine *e, const struct import_req *q, char **ret_id, struct error *err);
int host_container_export(struct engine *e, const char *name, struct download **ret, struct error *err);
int host_container_commit(struct engine *e, const struct commit_req *q, progress_fn *progress, void *ctx, char **ret_id,
			  struct error *err);
int host_image_history(struct engine *e, const char *name, struct json_object **ret, struct error *err);
int host_image_tag(struct engine *e, const char *name, const char *as, struct error *err);
int host_image_untag(struct engine *e, const char *name, const char *tag, struct error *err);
int host_image_search(struct engine *e, const struct search_req *q, struct json_object **ret, struct error *err);
int host_image_tree(struct engine *e, const char *name, bool what_requires, char **ret, struct error *err);
int host_image_prune(struct engine *e, const struct image_prune_req *q, struct json_object **ret, struct error *err);
int host_diff(struct engine *e, enum object_kind kind, const char *name, const char *other, struct json_object **ret,
	      struct error *err);
int host_copy_stat(struct engine *e, const char *container, const char *path, struct copy_stat *ret, struct error *err);
int host_copy_out(struct engine *e, const char *container, const char *path, struct download **ret, struct error *err);
int host_copy_in(struct engine *e, const struct copy_in_req *q, struct error *err);

#endif
