/* image/strict_json.h: documents that decide about trust. Two readers must see the same in them, so every key is known and there once. */
#ifndef IMAGE_STRICT_JSON_H
#define IMAGE_STRICT_JSON_H

#include "base/js.h"

/* As js_parse; Duplicate key "x" is an error, too, and a NUL character in any text. ERR_USAGE. */
int strict_json_parse(struct str text, struct json_object **ret, struct error *err);

/* A member that an object may have; *ret is borrowed from the object, NULL where it is absent. */
struct strict_field {
	const char *key;
	enum json_type type; /* json_type_null: any */
	bool required;
	struct json_object **ret;
};

/* ERR_USAGE: Unknown key "x", Key "x" missing, "x" must be a string. */
int strict_json_fields(struct json_object *o, const struct strict_field *fields, size_t n, struct error *err);

#define STRICT_FIELDS(o, fields, err) strict_json_fields(o, fields, ARRAY_LEN(fields), err)

#endif
