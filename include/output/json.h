/* output/json.h: JSON as Go's encoding/json prints it. */
#ifndef OUTPUT_JSON_H
#define OUTPUT_JSON_H

#include <json-c/json.h>

#include "base/buf.h"

/* Appends o with indent blanks a level, starting at level (0: compact when indent is 0, as json.Marshal). Keys keep their order; empty arrays and
 * objects print as [] and {}; < > & are escaped when html is set, U+2028/9 always; floats as Go prints them. No line end. */
bool json_format(struct json_object *o, int indent, int level, bool html, struct buf *out);

#endif
