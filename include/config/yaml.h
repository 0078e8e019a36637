/* config/yaml.h: a strict reader of the YAML that registries.d and sync files are written in (YAML 1.2): block mappings and sequences, flow ones within a
 * line, plain and quoted scalars, comments, one document. What else YAML has (anchors, tags, block scalars, scalars over several lines) is refused with its line.
 *
 * Mappings become objects, sequences arrays, scalars always strings: a tag 1.10 stays "1.10". Empty ones, ~ and null are null. */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include <json-c/json.h>

#include "base/buf.h"

#define YAML_MAX_BYTES (1024 * 1024)
#define YAML_MAX_DEPTH 32

/* name is the file's, for errors: "name:LINE: what is wrong" (ERR_USAGE). *ret is owned by the caller; NULL for an empty document. */
int yaml_parse(struct str text, const char *name, struct json_object **ret, struct error *err);

#endif
