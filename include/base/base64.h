/* base/base64.h: base64 (RFC 4648) on one line, with padding. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

/* Appends s in the standard alphabet, or in the one for URLs and file names ("-" and "_"). */
bool base64_add(struct buf *out, struct str s);
bool base64_add_url(struct buf *out, struct str s);

/* Appends the bytes behind a text in the standard alphabet. False, and nothing appended, when it is not that, or out failed. */
bool base64_read(struct buf *out, struct str text);

#endif
