/* rest/http_head.h: the head of an HTTP/1 reply (RFC 9112, sections 4 and 5), as text. */
#ifndef REST_HTTP_HEAD_H
#define REST_HTTP_HEAD_H

#include "rest/http.h"

/* Bytes of the head with its empty line, 0 when the end is not there yet. from: where an earlier search stopped. */
size_t http_head_end(struct str in, size_t from);

/* False when the bytes, as far as they go, are not the begin of an HTTP/1 reply. */
bool http_head_plausible(struct str in);

/* What a head says. */
struct http_head {
	struct http_reply reply;
	bool http10;   /* HTTP/1.0: the peer closes unless it says otherwise */
	bool has_body; /* false for 1xx, 204, 304 and replies to HEAD */
};

/* Checks all lines and changes text: each line's CRLF becomes NUL bytes, so that http_head_find gives strings. n includes the
 * empty line. for_head: the request was HEAD. */
int http_head_parse(char *text, size_t n, bool for_head, struct http_head *ret, struct error *err);

/* Value of a header in a parsed head; NULL when absent. */
const char *http_head_find(const char *text, size_t n, const char *name);

#endif
