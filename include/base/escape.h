/* base/escape.h: texts from outside in addresses. */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include "base/buf.h"

/* Appends z with everything as %XX that is neither unreserved (RFC 3986, section 2.3) nor in also. */
void escape_url(struct buf *out, const char *z, const char *also);

#endif
