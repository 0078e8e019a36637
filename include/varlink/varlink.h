/* varlink/varlink.h: a varlink client on a connected byte stream.
 * Framing: one JSON object, then one NUL byte, both ways (varlink.org, "Wire protocol"). No podman knowledge here. */
#ifndef VARLINK_VARLINK_H
#define VARLINK_VARLINK_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

#define VARLINK_MAX_BYTES (16 * 1024 * 1024) /* of one message; a longer one is ERR_PROTOCOL */

struct varlink;

/* Takes fd, also on failure. */
int varlink_open(int fd, struct varlink **ret, struct error *err);
void varlink_close(struct varlink *v);
void varlink_close_p(struct varlink **v);
/* The stream's fd, for poll; borrowed. */
int varlink_fd(const struct varlink *v);

/* Calls method ("io.podman.StopContainer") and waits for its single reply. params      borrowed; NULL sends no "parameters"
 * member ret_params  the reply's parameters, owned by the caller; NULL to drop them; an empty object when the reply has none
 * deadline_ms clock_ms() value; 0 waits for ever Errors: ERR_CONNECT the peer closed or the deadline passed; ERR_PROTOCOL not
 * JSON, or too long; ERR_REMOTE the service replied with an error: its name and parameters are in varlink_error_name() and
 * varlink_error_params(). */
int varlink_call(struct varlink *v, const char *method, struct json_object *params, uint64_t deadline_ms,
		 struct json_object **ret_params, struct error *err);

/* Sends a call that asks for a stream ("more"); then varlink_next gives a reply each: 1 and the parameters with *ret_continues,
 * or an error. */
int varlink_more(struct varlink *v, const char *method, struct json_object *params, struct error *err);
int varlink_next(struct varlink *v, uint64_t deadline_ms, struct json_object **ret_params, bool *ret_continues, struct error *err);

/* As varlink_next without waiting: 0 when no whole message is there yet (after reading what the fd has). */
int varlink_try_next(struct varlink *v, struct json_object **ret_params, bool *ret_continues, struct error *err);

/* Sends a call and does not wait: its single reply comes by varlink_next or varlink_try_next. */
int varlink_begin(struct varlink *v, const char *method, struct json_object *params, struct error *err);

/* Sends and expects no reply. */
int varlink_oneway(struct varlink *v, const char *method, struct json_object *params, struct error *err);

/* As varlink_call with "upgrade": after success the stream carries raw bytes. Bytes that came with the reply are kept and given
 * first by varlink_read_raw; varlink_has_raw tells whether some wait. */
int varlink_upgrade(struct varlink *v, const char *method, struct json_object *params, uint64_t deadline_ms,
		    struct json_object **ret_params, struct error *err);
ssize_t varlink_read_raw(struct varlink *v, void *p, size_t n, struct error *err);
bool varlink_has_raw(const struct varlink *v);
/* Sends raw bytes. ERR_CONNECT also when the peer takes nothing for a minute. */
int varlink_write_raw(struct varlink *v, const void *p, size_t n, struct error *err);
/* The raw bytes were all: the stream carries messages again. */
void varlink_end_raw(struct varlink *v);

/* After ERR_CONNECT: the peer had closed before the first byte of the reply, so that the call may not have been seen at all. */
bool varlink_ended(const struct varlink *v);

/* No call is open and the peer has not closed: the connection can take another call. */
bool varlink_idle(struct varlink *v);

/* Of the last ERR_REMOTE; borrowed until the next call. */
const char *varlink_error_name(const struct varlink *v);
struct json_object *varlink_error_params(const struct varlink *v);

#endif
