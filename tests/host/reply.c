#include <stdarg.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "call.h"
#include "gojson.h"
#include "service.h"

static void send_endless_line(struct connection *c)
{
	while (!connection_full(c) && buf_add_z(&c->out, "{\"parameters\":{\"containers\":[[[[[[[[[[[[[[[["))
		;
}

static void resume_endless_line(struct call *c)
{
	send_endless_line(c->conn);
}

static void resume_never(struct call *c)
{
	(void)c;
}

/* True when nothing is left to do for a reply of this text. */
static bool misbehave(struct call *c, struct str text)
{
	enum misbehave_kind kind = c->method ? misbehave_for(&c->host->misbehave, c->method->name) : BEHAVE;

	switch (kind) {
	case BEHAVE:
		return false;
	case SPLIT_FRAMES:
	case SLOW:
		c->conn->trickle = kind;
		return false;
	case CLOSE_MID_REPLY:
		buf_add(&c->conn->out, (struct str){ text.p, text.n / 2 });
		call_hang_up(c);
		return true;
	case CLOSE_NOW:
		call_hang_up(c);
		return true;
	case GARBAGE:
		buf_add_bytes(&c->conn->out, "\x7f\xfe}]parameters\xff", 16);
		call_end(c);
		return true;
	case STALL:
		c->resume = resume_never;
		return true;
	case ENDLESS_LINE:
		send_endless_line(c->conn);
		c->resume = resume_endless_line;
		return true;
	}
	return false;
}

static void send_reply(struct call *c, const char *error, struct json_object *params, bool continues)
{
	CLEANUP(js_put_p) struct json_object *o = json_object_new_object();
	CLEANUP(buf_done) struct buf text = BUF_INIT(32 * 1024 * 1024);

	if (params)
		js_set(o, "parameters", params);
	if (continues)
		js_set_bool(o, "continues", true);
	if (error)
		js_set_str(o, "error", error);
	/* Once misbehaved there is nothing more to say. */
	if (c->oneway || c->answered) {
		call_end(c);
		return;
	}
	gojson_add(&text, o);
	buf_add_char(&text, '\0');
	if (misbehave(c, buf_str(&text)))
		return;
	buf_add(&c->conn->out, buf_str(&text));
	host_wake(c->host);
	if (!continues)
		call_end(c);
}

void reply(struct call *c, struct json_object *params)
{
	send_reply(c, NULL, params, false);
}

void reply_continues(struct call *c, struct json_object *params)
{
	send_reply(c, NULL, params, true);
}

void reply_one(struct call *c, const char *key, struct json_object *value)
{
	struct json_object *o = json_object_new_object();

	js_set(o, key, value);
	reply(c, o);
}

void reply_error(struct call *c, const char *name, struct json_object *params)
{
	send_reply(c, name, params, false);
}

/* id NULL: the error has none. */
static void reply_reason(struct call *c, const char *error, const char *id, const char *fmt, va_list ap)
{
	CLEANUP(buf_done) struct buf reason = BUF_INIT(64 * 1024);
	struct json_object *o = json_object_new_object();

	buf_vaddf(&reason, fmt, ap);
	if (id)
		js_set_str(o, "id", id);
	js_set(o, "reason", js_strn(buf_str(&reason)));
	reply_error(c, error, o);
}

void reply_error_occurred(struct call *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	reply_reason(c, "io.podman.ErrorOccurred", NULL, fmt, ap);
	va_end(ap);
}

void reply_invalid_state(struct call *c, const char *id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	reply_reason(c, "io.podman.InvalidState", id, fmt, ap);
	va_end(ap);
}

static void PRINTF_LIKE(4, 5) reply_not_found(struct call *c, const char *error, const char *id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	reply_reason(c, error, id, fmt, ap);
	va_end(ap);
}

#define NO_CONTAINER "no container with name or ID %s found: no such container"

void reply_no_container(struct call *c, const char *id, const char *asked)
{
	reply_not_found(c, "io.podman.ContainerNotFound", id, NO_CONTAINER, asked);
}

void reply_no_container_plain(struct call *c, const char *asked)
{
	reply_error_occurred(c, NO_CONTAINER, asked);
}

void reply_no_image(struct call *c, const char *asked, const char *reason)
{
	reply_not_found(c, "io.podman.ImageNotFound", asked, "%s", reason);
}
