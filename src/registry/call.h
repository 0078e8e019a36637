/* registry/call.h: a request to the registry with all that belongs to it: the first contact, credentials, one new token when the old one is refused,
 * redirects, repetition. */
#ifndef REGISTRY_CALL_H
#define REGISTRY_CALL_H

#include "registry/request.h"

#define REG_TARGET_MAX (8 * 1024)

/* All borrowed. */
struct reg_call {
	const char *method;
	const char *target;             /* "/v2/..." or a whole address, as uploads have them */
	const char *scope;              /* NULL: none */
	const char *const *headers;     /* "Name: value" lines, NULL at the end; NULL: none */
	struct str text;                /* a body in memory, which can be sent again */
	const struct byte_source *body; /* a body that can not: such a request is made once */
	const struct byte_sink *sink;
	bool once;                      /* not repeated: the caller does that */
};

/* 0 with any status; see reg_request for errors. */
int reg_call(struct registry *r, const struct reg_call *c, struct reg_reply *reply, struct error *err);

/* The registry is there and its challenge is known. Only the first call sends something. */
int reg_ping(struct registry *r, struct error *err);

/* Appends "/v2/PATH/KIND/LAST", escaped. */
int reg_target(struct buf *out, const char *path, const char *kind, const char *last, struct error *err);

/* Appends "repository:PATH:ACTIONS", behind a blank when there is one before. */
int reg_scope(struct buf *out, const char *path, const char *actions, struct error *err);

bool reg_good(const struct reg_reply *reply);

#endif
