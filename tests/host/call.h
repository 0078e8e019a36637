/* call.h: a varlink call that is being served, and the ways to answer it. */
#ifndef HOST_CALL_H
#define HOST_CALL_H

#include <json-c/json.h>
#include <stdbool.h>

#include "base/js.h"
#include "connection.h"

struct method;

struct call {
	struct connection *conn;
	struct host *host;
	const struct method *method;
	struct json_object *params; /* owned; checked against the method's signature */
	bool more, oneway, upgrade;
	bool answered;
	/* Set by a handler that can't answer at once: asked again in every turn until it has answered or calls call_drop.  */
	void (*resume)(struct call *c);
	void *state; /* owned; of resume */
	void (*state_free)(void *state);
};

/* The answer. params is taken, NULL sends none. */
void reply(struct call *c, struct json_object *params);
/* One of several; the call stays open. */
void reply_continues(struct call *c, struct json_object *params);
/* The same with one member. */
void reply_one(struct call *c, const char *key, struct json_object *value);

void reply_error(struct call *c, const char *name, struct json_object *params);
void reply_error_occurred(struct call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
void reply_invalid_state(struct call *c, const char *id, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* ContainerNotFound with the text that every method uses. id is what the reply names, asked what the client wanted. */
void reply_no_container(struct call *c, const char *id, const char *asked);
/* The same text in an ErrorOccurred, which some methods send. */
void reply_no_container_plain(struct call *c, const char *asked);

/* ImageNotFound. */
void reply_no_image(struct call *c, const char *asked, const char *reason);

/* The handler failed inside: the real service closes the connection without a word. */
void call_hang_up(struct call *c);

/* Ends the call without an answer; the connection takes the next one. */
void call_end(struct call *c);

/* Answers later: resume is asked in every turn. */
void call_wait(struct call *c, void (*resume)(struct call *c), void *state, void (*state_free)(void *state));

const char *call_str(const struct call *c, const char *key);

#endif
