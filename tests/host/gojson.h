/* gojson.h: JSON texts as Go's encoding/json writes them, which is what the real hosts send. */
#ifndef HOST_GOJSON_H
#define HOST_GOJSON_H

#include <json-c/json.h>

#include "base/buf.h"

/* Appends o compactly: <, > and & (and U+2028, U+2029) as \u escapes, the slash as it is, bytes that are no UTF-8 as U+FFFD. */
void gojson_add(struct buf *out, struct json_object *o);

/* A string member's value that is itself a JSON text: o (taken) written out. */
struct json_object *gojson_text(struct json_object *o);

#endif
