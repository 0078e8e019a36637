/* base/js.h: short words for json-c. An object that a function returns is owned by the caller unless it says borrowed. */
#ifndef BASE_JS_H
#define BASE_JS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

static inline void js_put_p(struct json_object **o)
{
	json_object_put(*o);
}

/* Nesting that a text from outside may have; deeper ones are refused. */
#define JS_MAX_DEPTH 64

/* Parses exactly one JSON value (blanks around it are allowed). what names the source in the error. ERR_PROTOCOL. */
int js_parse(struct str text, const char *what, struct json_object **ret, struct error *err);

/* Borrowed member of an object; NULL when o is NULL or no object, or the member is absent or null. */
struct json_object *js_get(struct json_object *o, const char *key);

/* The first of the keys that is there. The list ends with NULL. */
struct json_object *js_get_any(struct json_object *o, ...) __attribute__((sentinel));

/* Text of a string member, borrowed from o; dflt when it is absent or no string. */
const char *js_get_str(struct json_object *o, const char *key, const char *dflt);
int64_t js_get_int(struct json_object *o, const char *key, int64_t dflt);
bool js_get_bool(struct json_object *o, const char *key, bool dflt);

/* Number of elements; 0 for anything that is no array (hosts send null for the empty list). */
size_t js_len(struct json_object *array);
/* Borrowed element. */
struct json_object *js_at(struct json_object *array, size_t i);

/* The text with its length; STR("") for anything that is no string. */
struct str js_text(struct json_object *o);

struct json_object *js_str(const char *z);
struct json_object *js_strn(struct str s);
struct json_object *js_strv(char *const *v, size_t n);

/* Puts val (taken) under key; a NULL val is stored as JSON null. Returns val's validity: false only without memory. */
bool js_set(struct json_object *o, const char *key, struct json_object *val);
bool js_set_str(struct json_object *o, const char *key, const char *z);
bool js_set_int(struct json_object *o, const char *key, int64_t v);
bool js_set_bool(struct json_object *o, const char *key, bool v);

/* Compact text as the wire wants it, borrowed from o until its next change. */
const char *js_wire(struct json_object *o);

#endif
