/* registry/request.h: one HTTP request and its reply: no redirect, no credentials but those given, no second try. */
#ifndef REGISTRY_REQUEST_H
#define REGISTRY_REQUEST_H

#include "base/bytes.h"
#include "registry/own.h"

#define REG_HEAD_MAX (256 * 1024)
#define REG_ERROR_BODY_MAX (1024 * 1024) /* kept of the body of a refusal */

/* All borrowed. */
struct reg_request {
	const char *method, *url;
	const char *authorization;       /* value of the header; NULL: none */
	const char *const *headers;      /* "Name: value" lines, NULL at the end; NULL: none */
	const struct byte_source *body;  /* NULL: none; POST, PUT and PATCH then say so with Content-Length: 0 */
	const struct byte_sink *sink;    /* takes the body of a 2xx reply; NULL: reply.body does */
};

struct reg_reply {
	int status;
	struct buf head; /* "Name: value\n" lines */
	struct buf body;
	size_t max;    /* of the body of a good reply */
	CURLcode code; /* why there is no reply */
	char *url;     /* that answered, behind redirects */
};

#define REG_REPLY_INIT(limit) ((struct reg_reply){ .head = BUF_INIT(REG_HEAD_MAX), .body = BUF_INIT(REG_ERROR_BODY_MAX), .max = (limit) })

void reg_reply_done(struct reg_reply *reply);

/* True when there is an nth (from 0) header of that name. */
bool reg_reply_header(const struct reg_reply *reply, const char *name, size_t nth, struct str *ret);

/* The header's text, owned by the caller; NULL when there is none. */
char *reg_reply_text(const struct reg_reply *reply, const char *name);

/* A body in memory; *left is used up by reading. */
struct byte_source reg_text_source(struct str *left);

/* 0 with any status. ERR_CONNECT with reply->code; ERR_INTERRUPTED; ERR_PROTOCOL when the reply is over its limit; what source or sink failed with.
 * A redirect's reply has its body dropped. */
int reg_request(struct registry *r, const struct reg_request *q, struct reg_reply *reply, struct error *err);

/* Follows redirects: of GET and HEAD all, of other methods without a body 307 and 308. Another origin gets no authorization. */
int reg_follow(struct registry *r, const struct reg_request *q, struct reg_reply *reply, struct error *err);

#endif
