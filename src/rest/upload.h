/* rest/upload.h: a request's body that is written while it is produced, and the ear that is kept open meanwhile. Of the room's HTTP client only. */
#ifndef REST_UPLOAD_H
#define REST_UPLOAD_H

#include "rest/http.h"

/* Sends all that p writes. 0 also when the peer refused before the end: the connection is then spoiled, but its reply can be read. ERR_CONNECT
 * when the peer went away or takes nothing for stall_ms; what p fails with. */
int upload_run(struct http *h, const struct byte_producer *p, uint64_t stall_ms, struct error *err);

/* What http.c does for it. */

/* False when nothing more can be read for now: the end was seen, or the buffer is full. */
bool http_can_hear(const struct http *h);
/* Reads what is there without waiting. 1: a refusal, or the last words before the end; 0: nothing that ends the sending. */
int http_hear(struct http *h, struct error *err);
/* The connection is not to be used for another request. */
void http_spoil(struct http *h);

#endif
