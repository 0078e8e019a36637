/* rest/http.h: a small HTTP/1.1 client on a connected stream (RFC 9112): content-length, chunked, keep-alive, and the hijack of 101 and
 * 200 replies that Podman and Docker use for attach and exec. No podman knowledge here. */
#ifndef REST_HTTP_H
#define REST_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/bytes.h"

#define HTTP_MAX_HEAD (64 * 1024)        /* status line and headers together */
#define HTTP_MAX_BODY (64 * 1024 * 1024) /* of a body that is collected whole */

struct http;

/* Takes fd, also on failure. */
int http_open(int fd, struct http **ret, struct error *err);
void http_close(struct http *h);
void http_close_p(struct http **h);
int http_fd(const struct http *h);
/* True when another request may be sent on it: the last reply was read whole and the peer keeps it open. */
bool http_reusable(const struct http *h);
/* False when a connection that waits for a request has something to read: its end, or bytes that nobody asked for. */
bool http_idle_alive(const struct http *h);
/* True when the peer has sent nothing since the last request: a service that closed an idle connection, or that speaks no HTTP. */
bool http_silent(const struct http *h);
/* http_try_body has something to say that poll on the fd would not tell about: buffered bytes, or the end of the body. */
bool http_pending(const struct http *h);

struct http_req {
	const char *method;       /* "GET" */
	const char *target;       /* "/v4.3.1/libpod/info?x=y", escaped by the caller */
	const char *headers;      /* more header lines, each ending in CRLF; NULL: none */
	const char *content_type; /* NULL: none */
	struct str body;          /* sent with Content-Length when content_type is set or the method is POST or PUT */
	/* In place of body: what it writes, with Content-Length when its length is known, else in chunks. NULL: none. A peer that refuses while it
	 * is being sent ends the sending without an error: its reply is read as after any request. */
	const struct byte_producer *upload;
	uint64_t stall_ms; /* of an upload: the longest time in which the peer takes nothing; 0: no limit */
};

struct http_reply {
	int status;
	char content_type[64];
	bool chunked, close, hijackable; /* hijackable: no length is known; what follows is raw until the end of file */
	int64_t length;                  /* -1: not given */
};

/* Sends the request and reads the head of the reply. deadline_ms for all of it, 0 none. ERR_CONNECT, ERR_PROTOCOL. */
int http_send(struct http *h, const struct http_req *q, uint64_t deadline_ms, struct http_reply *ret, struct error *err);
/* The two halves of it; http_read_head blocks, http_try_head gives 0 while the head is not complete, else 1. */
int http_write_request(struct http *h, const struct http_req *q, uint64_t deadline_ms, struct error *err);
int http_read_head(struct http *h, uint64_t deadline_ms, struct http_reply *ret, struct error *err);
int http_try_head(struct http *h, struct http_reply *ret, struct error *err);

/* Header of the last reply by name in any case; borrowed; NULL when absent. */
const char *http_header(const struct http *h, const char *name);

/* Body bytes, decoded: > 0, 0 at its end, ERR_CONNECT when the peer closes before the end. Blocks until deadline. */
ssize_t http_read_body(struct http *h, void *p, size_t n, uint64_t deadline_ms, struct error *err);
/* As http_read_body without blocking; *ret_again when nothing can be given now. */
ssize_t http_try_body(struct http *h, void *p, size_t n, bool *ret_again, struct error *err);
/* The rest of the body into b, bounded by b->max. */
int http_read_all(struct http *h, struct buf *b, uint64_t deadline_ms, struct error *err);

#endif
