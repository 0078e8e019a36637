/* config/toml.h: a strict TOML 1.0 reader (toml.io/en/v1.0.0). The document becomes a json-c object: tables are objects, arrays arrays,
 * integers int64, floats double, booleans boolean, strings strings; dates and times are kept as strings in their normalised text. */
#ifndef CONFIG_TOML_H
#define CONFIG_TOML_H

#include <json-c/json.h>

#include "base/buf.h"

/* A configuration file may be this large. */
#define TOML_MAX_BYTES (1024 * 1024)

/* name is the file's, for errors: "name:LINE:COLUMN: what is wrong" (ERR_USAGE). *ret is owned by the caller. */
int toml_parse(struct str text, const char *name, struct json_object **ret, struct error *err);

#endif
