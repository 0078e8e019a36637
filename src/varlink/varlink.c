/* varlink/varlink.c: messages on a byte stream. Replies are cut out of one input buffer: start is where the next one begins,
 * scanned up to where a NUL byte was looked for, so that a message of megabytes that comes in small pieces is searched once. */
#include "varlink/varlink.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/js.h"

#define READ_BYTES (64 * 1024)
/* How long the peer may refuse to take a call when the caller named no deadline. */
#define SEND_MS    60000

enum call { CALL_PLAIN, CALL_MORE, CALL_ONEWAY, CALL_UPGRADE };

struct varlink {
	int fd;
	struct buf in;
	size_t start, scanned;
	bool open_call; /* a reply is to come */
	bool streaming; /* by "more" */
	bool raw;       /* upgraded */
	bool ended;
	bool broken;                 /* no call can be made any more */
	struct json_object *refusal; /* the last reply with "error" */
};

int varlink_open(int fd, struct varlink **ret, struct error *err)
{
	struct varlink *v = calloc(1, sizeof *v);

	if (!v) {
		close(fd);
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	v->fd = fd;
	v->in = BUF_INIT(VARLINK_MAX_BYTES + 2 * READ_BYTES);
	*ret = v;
	return 0;
}

void varlink_close(struct varlink *v)
{
	if (!v)
		return;
	close(v->fd);
	buf_done(&v->in);
	json_object_put(v->refusal);
	free(v);
}

void varlink_close_p(struct varlink **v)
{
	varlink_close(*v);
}

int varlink_fd(const struct varlink *v)
{
	return v->fd;
}

bool varlink_ended(const struct varlink *v)
{
	return v->ended;
}

bool varlink_idle(struct varlink *v)
{
	struct pollfd p = { .fd = v->fd, .events = POLLIN };

	/* Nothing may come between calls: what is readable is the end, or a reply that nobody asked for. */
	return !v->broken && !v->raw && !v->open_call && v->start == v->in.n && poll(&p, 1, 0) == 0;
}

const char *varlink_error_name(const struct varlink *v)
{
	return js_get_str(v->refusal, "error", "");
}

struct json_object *varlink_error_params(const struct varlink *v)
{
	return js_get(v->refusal, "parameters");
}

static void forget_refusal(struct varlink *v)
{
	json_object_put(v->refusal);
	v->refusal = NULL;
}

static struct json_object *call_object(enum call how, const char *method, struct json_object *params)
{
	static const char *const flags[] = { [CALL_MORE] = "more", [CALL_ONEWAY] = "oneway", [CALL_UPGRADE] = "upgrade" };
	struct json_object *call = json_object_new_object();

	js_set_str(call, "method", method);
	if (params)
		js_set(call, "parameters", json_object_get(params));
	if (how != CALL_PLAIN)
		js_set_bool(call, flags[how], true);
	return call;
}

static int send_call(struct varlink *v, enum call how, const char *method, struct json_object *params, uint64_t deadline_ms,
		     struct error *err)
{
	CLEANUP(js_put_p) struct json_object *call = call_object(how, method, params);
	const char *text = js_wire(call);
	int r;

	if (v->broken || v->raw || v->open_call)
		return error_set(err, ERR_PROTOCOL, "%s: the connection is not free for a call", method);
	forget_refusal(v);
	/* The NUL that ends the C string is the one that ends the message. */
	r = fd_write_all(v->fd, text, strlen(text) + 1, deadline_ms ? deadline_ms : clock_after_ms(SEND_MS), err);
	if (r < 0) {
		v->broken = true;
		v->ended = r == -ERR_CONNECT;
		return r;
	}
	v->open_call = how != CALL_ONEWAY;
	v->streaming = how == CALL_MORE;
	return 0;
}

/* Moves what is left to the front before it reads on, so that the buffer holds one message and a read at most. */
static int fill(struct varlink *v, uint64_t deadline_ms, struct error *err)
{
	char *p;
	ssize_t n;

	buf_consume(&v->in, v->start);
	v->scanned -= v->start;
	v->start = 0;
	p = buf_reserve(&v->in, READ_BYTES);
	if (!p) {
		v->broken = true;
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	n = fd_read_some(v->fd, p, READ_BYTES, deadline_ms, err);
	if (n < 0) {
		v->broken = true;
		return (int)n;
	}
	if (n == 0) {
		v->broken = true;
		v->ended = v->in.n == 0;
		return error_set(err, ERR_CONNECT,
				 v->ended ? "the connection was closed" : "the connection was closed in the middle of a reply");
	}
	v->in.n += (size_t)n;
	return 0;
}

/* Finds a whole message in the buffer. 1: in ret, borrowed until the next fill. 0: not there yet. */
static int cut_message(struct varlink *v, struct str *ret, struct error *err)
{
	const char *nul = NULL;

	if (v->in.n > v->scanned)
		nul = memchr(v->in.p + v->scanned, 0, v->in.n - v->scanned);
	if ((nul ? (size_t)(nul - v->in.p) : v->in.n) - v->start > VARLINK_MAX_BYTES) {
		v->broken = true;
		return error_set(err, ERR_PROTOCOL, "the service sent a message of over %d MiB", VARLINK_MAX_BYTES >> 20);
	}
	if (!nul) {
		v->scanned = v->in.n;
		return 0;
	}
	*ret = (struct str){ v->in.p + v->start, (size_t)(nul - v->in.p) - v->start };
	v->start = v->scanned = (size_t)(nul - v->in.p) + 1;
	return 1;
}

/* parameters may be absent or null: empty. */
static int take_reply(struct varlink *v, struct str text, struct json_object **ret_params, bool *ret_continues, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *params;
	int r = js_parse(text, "reply of the varlink service", &reply, err);

	params = js_get(reply, "parameters");
	if (r == 0 && (!json_object_is_type(reply, json_type_object) || (params && !json_object_is_type(params, json_type_object))))
		r = error_set(err, ERR_PROTOCOL, "reply of the varlink service: not an object");
	if (r < 0) {
		v->broken = true;
		return r;
	}
	*ret_continues = js_get_bool(reply, "continues", false);
	if (*js_get_str(reply, "error", "")) {
		v->open_call = false;
		v->refusal = ptr_take(&reply);
		return error_set(err, ERR_REMOTE, "%s", varlink_error_name(v));
	}
	/* A plain call has one reply, whatever it says. */
	v->open_call = v->streaming && *ret_continues;
	if (ret_params)
		*ret_params = params ? json_object_get(params) : json_object_new_object();
	return 1;
}

static int next_reply(struct varlink *v, bool wait, uint64_t deadline_ms, struct json_object **ret_params, bool *ret_continues,
		      struct error *err)
{
	struct str text;
	bool has_read = false;
	int r;

	if (!v->open_call)
		return error_set(err, ERR_PROTOCOL, "no reply is to come");
	while ((r = cut_message(v, &text, err)) == 0) {
		if (!wait) {
			if (has_read)
				return 0;
			has_read = true;
			r = fd_wait(v->fd, POLLIN, clock_ms(), err);
			if (r <= 0)
				return r;
		}
		r = fill(v, deadline_ms, err);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : take_reply(v, text, ret_params, ret_continues, err);
}

int varlink_next(struct varlink *v, uint64_t deadline_ms, struct json_object **ret_params, bool *ret_continues, struct error *err)
{
	return next_reply(v, true, deadline_ms, ret_params, ret_continues, err);
}

int varlink_try_next(struct varlink *v, struct json_object **ret_params, bool *ret_continues, struct error *err)
{
	return next_reply(v, false, 0, ret_params, ret_continues, err);
}

int varlink_call(struct varlink *v, const char *method, struct json_object *params, uint64_t deadline_ms,
		 struct json_object **ret_params, struct error *err)
{
	bool continues;
	int r = send_call(v, CALL_PLAIN, method, params, deadline_ms, err);

	if (r < 0)
		return r;
	r = varlink_next(v, deadline_ms, ret_params, &continues, err);
	return r < 0 ? r : 0;
}

int varlink_more(struct varlink *v, const char *method, struct json_object *params, struct error *err)
{
	return send_call(v, CALL_MORE, method, params, 0, err);
}

int varlink_begin(struct varlink *v, const char *method, struct json_object *params, struct error *err)
{
	return send_call(v, CALL_PLAIN, method, params, 0, err);
}

int varlink_oneway(struct varlink *v, const char *method, struct json_object *params, struct error *err)
{
	return send_call(v, CALL_ONEWAY, method, params, 0, err);
}

int varlink_upgrade(struct varlink *v, const char *method, struct json_object *params, uint64_t deadline_ms,
		    struct json_object **ret_params, struct error *err)
{
	bool continues;
	int r = send_call(v, CALL_UPGRADE, method, params, deadline_ms, err);

	if (r == 0)
		r = varlink_next(v, deadline_ms, ret_params, &continues, err);
	if (r < 0)
		return r;
	v->raw = true;
	return 0;
}

bool varlink_has_raw(const struct varlink *v)
{
	return v->start < v->in.n;
}

ssize_t varlink_read_raw(struct varlink *v, void *p, size_t n, struct error *err)
{
	size_t kept = v->in.n - v->start;

	if (!v->raw)
		return error_set(err, ERR_PROTOCOL, "the connection is not upgraded");
	if (kept == 0)
		return fd_read_some(v->fd, p, n, 0, err);
	if (n > kept)
		n = kept;
	memcpy(p, v->in.p + v->start, n);
	v->start += n;
	return (ssize_t)n;
}

int varlink_write_raw(struct varlink *v, const void *p, size_t n, struct error *err)
{
	int r;

	if (!v->raw)
		return error_set(err, ERR_PROTOCOL, "the connection is not upgraded");
	r = fd_write_all(v->fd, p, n, clock_after_ms(SEND_MS), err);
	v->broken |= r < 0;
	return r;
}

void varlink_end_raw(struct varlink *v)
{
	v->raw = false;
}
