/* rest/split.h: finds where JSON values begin and end in a body that arrives in pieces, so that a list of ten thousand containers or
 * an endless stream of records is handled one value at a time. It knows JSON's brackets and strings; js_parse judges each value. */
#ifndef REST_SPLIT_H
#define REST_SPLIT_H

#include "base/buf.h"
#include "rest/rest.h"

#define SPLIT_MAX_VALUE (4 * 1024 * 1024)

enum split_mode {
	SPLIT_ARRAY,  /* the elements of one array; null is the empty array */
	SPLIT_RECORDS /* values one after the other, with or without blanks between them */
};

enum split_at {
	SPLIT_BEGIN, /* nothing was read but blanks */
	SPLIT_OPEN,  /* behind "[" */
	SPLIT_COMMA, /* behind ",": an element must follow */
	SPLIT_VALUE,
	SPLIT_BEHIND, /* behind a value */
	SPLIT_END     /* behind "]" */
};

struct split {
	enum split_mode mode;
	enum split_at at;
	int depth; /* open brackets inside the value */
	bool quoted, escaped, scalar;
	bool instead; /* the value stands in place of the array: only null may */
	struct buf value;
};

#define SPLIT_INIT(m) ((struct split){ .mode = (m), .value = BUF_INIT(SPLIT_MAX_VALUE) })

/* Gives each value that is complete to each. Stops at its first negative return and passes it on. ERR_PROTOCOL. */
int split_feed(struct split *s, const char *p, size_t n, item_fn *each, void *ctx, struct error *err);
/* The body is over: the last scalar record is given out, a value that is cut off is ERR_PROTOCOL. */
int split_finish(struct split *s, item_fn *each, void *ctx, struct error *err);
void split_done(struct split *s);

/* Sends the request and gives the reply's values to each while they arrive. timeout_ms of the request counts between pieces. */
int rest_each(struct rest *r, const struct rest_req *q, enum split_mode mode, item_fn *each, void *ctx, struct error *err);

#endif
