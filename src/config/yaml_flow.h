/* config/yaml_flow.h: YAML within a line: scalars, [a, b] and {a: b}. Private to the room. */
#ifndef CONFIG_YAML_FLOW_H
#define CONFIG_YAML_FLOW_H

#include <json-c/json.h>

#include "base/buf.h"

/* All of text, which has no blanks around it and is not empty. NULL, or what is wrong. *ret is owned by the caller. */
const char *yaml_flow(struct str text, struct json_object **ret);

/* Where a quoted scalar at the start of text ends, behind the quote; text.n when it does not. */
size_t yaml_quoted_end(struct str text);

#endif
