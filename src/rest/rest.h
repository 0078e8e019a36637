/* rest/rest.h: what the files of this room share: the engine, its connections, and a request with its errors.
 * Routes and texts: Podman's libpod API, seen with 4.3.1; the differences of 2.x to 5.x are named where they are handled. */
#ifndef REST_REST_H
#define REST_REST_H

#include "base/buf.h"
#include "base/dialer.h"
#include "base/js.h"
#include "engine/engine.h"
#include "rest/http.h"

#define URL_MAX  (32 * 1024)
#define URL_INIT BUF_INIT(URL_MAX)

struct rest {
	struct engine engine; /* first: rest_of casts */
	const struct dialer *dialer;
	struct http *idle; /* the kept connection while no request uses it */
	char api[32]; /* Libpod-Api-Version as it goes into paths: 1.0.0 on Podman 2.0, 2.0.0 on 2.1 to 3.0, else the version */
};

static inline struct rest *rest_of(struct engine *e)
{
	return (struct rest *)e;
}

/* True when the host runs at least this version of Podman. */
static inline bool rest_at_least(const struct rest *r, int major, int minor, int patch)
{
	return engine_version_cmp(&r->engine, major, minor, patch) >= 0;
}

/* URL: the version prefix, then path with {} replaced by the escaped name. name may be NULL when there is no {}. */
void rest_path(struct buf *url, const struct rest *r, const char *path, const char *name);
/* The text as a part of a path. */
void rest_escape(struct buf *url, const char *z);
/* Appends a parameter, escaped; the first one with "?". A NULL value appends nothing. */
void rest_query(struct buf *url, const char *key, const char *value);
void rest_query_bool(struct buf *url, const char *key, bool value);
void rest_query_int(struct buf *url, const char *key, int64_t value);
/* Appends the parameter once for each value; NULL is none. */
void rest_query_each(struct buf *url, const char *key, const struct strv *values);
/* ["a","b"] as one parameter; nothing for NULL or none. */
void rest_query_list(struct buf *url, const char *key, const struct strv *values);
/* repo and tag of an image name; tag (may be NULL) is taken when it has none. */
int rest_query_name(struct buf *url, const char *name, const char *tag, struct error *err);
/* filters={"name":["a","b"]} of "key=value" texts; nothing for NULL or none. ERR_USAGE for a text without "=". */
int rest_query_filters(struct buf *url, const struct strv *filters, struct error *err);

struct rest_req {
	const char *method;
	const struct buf *url;
	struct json_object *body;           /* borrowed; NULL: none */
	const struct byte_producer *upload; /* in place of body; NULL: none */
	const char *headers;                /* lines ending in CRLF; NULL: none */
	uint64_t timeout_ms;                /* 0: no limit */
	const char *what;                   /* for "... is not supported by": the operation; NULL: the path */
};

/* The header X-Registry-Auth (or another) with its line end, appended to headers; a NULL value gives podman's empty object. */
int rest_auth_header(struct buf *headers, const char *name, const char *value, struct error *err);

/* "sha256:" is cut off. A copy, owned by the caller; ERR_PROTOCOL when there is none. what: of which the service told no ID. */
int rest_take_id(const char *id, const char *what, char **ret, struct error *err);

/* A new connection. */
int rest_dial(struct rest *r, struct http **ret, struct error *err);

/* Sends the request on the kept connection (or a new one) and reads the head. Statuses over 399 become errors. The reply's body is the
 * caller's to read; then rest_release. */
int rest_send(struct rest *r, const struct rest_req *q, struct http **ret, struct http_reply *ret_reply, struct error *err);
/* Gives the connection back; one that can't be used again is closed. NULL is allowed. */
void rest_release(struct rest *r, struct http *h);

/* rest_send, then the whole body as JSON. *ret is NULL when the body is empty; ret itself may be NULL: not parsed. Returns the status. */
int rest_call(struct rest *r, const struct rest_req *q, struct json_object **ret, struct error *err);

/* As rest_call for a GET with the usual time limit. */
int rest_get(struct rest *r, const struct buf *url, const char *what, struct json_object **ret, struct error *err);

/* The request head and body on a connection of the caller's own. */
int rest_write(struct http *h, const struct rest_req *q, uint64_t deadline_ms, struct error *err);

/* Removal of images, or of manifest lists only. */
int rest_remove(struct rest *r, const struct image_remove_req *q, bool lists, struct json_object **ret, struct error *err);

/* Gives a text of a progress record to progress (NULL: to nobody), line by line. */
void rest_report(progress_fn *progress, void *ctx, struct str text);

/* rest_send for an archive: what comes is read by the caller, who closes the download. */
int rest_download_open(struct rest *r, const struct rest_req *q, struct download **ret, struct error *err);

/* Reads the body of a reply with status over 399 and makes the error of it. */
int rest_refused(struct rest *r, struct http *h, const struct http_reply *reply, const struct rest_req *q, struct error *err);

/* The error of a refusal by its body; apart, for tests and fuzzing. */
int rest_error_of(int status, const char *content_type, struct str body, struct error *err);

/* The same for a text that came inside a reply with another status. */
int rest_error_text(int status, const char *text, struct error *err);

/* Gives an error of start or attach the exit status that says how the command failed: 127 not there, 126 not runnable. Returns r. */
int rest_command_failed(int r, struct error *err);

/* The exit code in the reply to wait. */
int rest_wait_code(struct json_object *reply, int64_t *ret, struct error *err);

/* Puts what the carrier knows about a broken connection into an ERR_CONNECT. Returns -kind. */
int rest_broken(const struct rest *r, struct error *err);

/* Operations, by file. */
int rest_version(struct engine *e, struct json_object **ret, struct error *err);
int rest_info(struct engine *e, struct json_object **ret, struct error *err);
int rest_inspect(struct engine *e, enum object_kind kind, const char *name, bool size, struct json_object **ret, struct error *err);
int rest_exists(struct engine *e, enum object_kind kind, const char *name, bool *ret, struct error *err);
int rest_container_list(struct engine *e, const struct container_list_req *q, item_fn *each, void *ctx, struct error *err);
int rest_container_create(struct engine *e, const struct create_req *q, char **ret_id, struct strv *ret_warnings,
			  struct error *err);
int rest_container_start(struct engine *e, const char *name, struct error *err);
int rest_container_stop(struct engine *e, const struct stop_req *q, struct error *err);
int rest_container_kill(struct engine *e, const char *name, const char *signal, struct error *err);
int rest_container_wait(struct engine *e, const struct wait_req *q, int64_t *ret_code, struct error *err);
int rest_container_remove(struct engine *e, const struct remove_req *q, struct error *err);
int rest_container_top(struct engine *e, const char *name, const struct strv *descriptors, struct json_object **ret,
		       struct error *err);
int rest_container_logs(struct engine *e, const struct logs_req *q, struct stream **ret, struct error *err);
int rest_container_attach(struct engine *e, const struct attach_req *q, struct stream **ret, struct error *err);
int rest_container_exec(struct engine *e, const struct exec_req *q, struct stream **ret, char **ret_session, struct error *err);
int rest_image_list(struct engine *e, const struct image_list_req *q, item_fn *each, void *ctx, struct error *err);
int rest_image_pull(struct engine *e, const struct pull_req *q, progress_fn *progress, void *ctx, char **ret_id, struct error *err);
int rest_image_remove(struct engine *e, const struct image_remove_req *q, struct json_object **ret, struct error *err);
int rest_image_build(struct engine *e, const struct build_req *q, build_text_fn *text, void *ctx, char **ret_id, struct error *err);
int rest_image_push(struct engine *e, const struct push_req *q, progress_fn *progress, void *ctx, char **ret_digest,
		    struct error *err);
int rest_image_save(struct engine *e, const struct save_req *q, struct download **ret, struct error *err);
int rest_image_load(struct engine *e, const struct byte_producer *archive, struct strv *ret_names, struct error *err);
int rest_image_import(struct engine *e, const struct import_req *q, char **ret_id, struct error *err);
int rest_container_export(struct engine *e, const char *name, struct download **ret, struct error *err);
int rest_container_commit(struct engine *e, const struct commit_req *q, progress_fn *progress, void *ctx, char **ret_id,
			  struct error *err);
int rest_image_history(struct engine *e, const char *name, struct json_object **ret, struct error *err);
int rest_image_tag(struct engine *e, const char *name, const char *as, struct error *err);
int rest_image_untag(struct engine *e, const char *name, const char *tag, struct error *err);
int rest_image_search(struct engine *e, const struct search_req *q, struct json_object **ret, struct error *err);
int rest_image_tree(struct engine *e, const char *name, bool what_requires, char **ret, struct error *err);
int rest_image_prune(struct engine *e, const struct image_prune_req *q, struct json_object **ret, struct error *err);
int rest_diff(struct engine *e, enum object_kind kind, const char *name, const char *other, struct json_object **ret,
	      struct error *err);
int rest_copy_stat(struct engine *e, const char *container, const char *path, struct copy_stat *ret, struct error *err);
int rest_copy_out(struct engine *e, const char *container, const char *path, struct download **ret, struct error *err);
int rest_copy_in(struct engine *e, const struct copy_in_req *q, struct error *err);
int rest_manifest_create(struct engine *e, const struct manifest_create_req *q, char **ret_id, struct error *err);
int rest_manifest_add(struct engine *e, const struct manifest_change_req *q, char **ret_id, struct error *err);
int rest_manifest_annotate(struct engine *e, const struct manifest_change_req *q, char **ret_id, struct error *err);
int rest_manifest_remove(struct engine *e, const struct manifest_change_req *q, char **ret_id, struct error *err);
int rest_manifest_inspect(struct engine *e, const char *name, struct json_object **ret, struct error *err);
int rest_manifest_exists(struct engine *e, const char *name, bool *ret, struct error *err);
int rest_manifest_push(struct engine *e, const struct push_req *q, progress_fn *progress, void *ctx, char **ret_digest,
		       struct error *err);
int rest_manifest_delete(struct engine *e, const struct image_remove_req *q, struct json_object **ret, struct error *err);

#endif
