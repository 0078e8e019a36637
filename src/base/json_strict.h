/* base/json_strict.h: what json-c accepts though it is not JSON. */
#ifndef BASE_JSON_STRICT_H
#define BASE_JSON_STRICT_H

#include "base/buf.h"

/* The place in a text that json-c parsed leniently where it is not JSON; text.n: it is. Bytes in strings are not looked at. */
size_t json_strict_end(struct str text);

#endif
