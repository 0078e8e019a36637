/* output/template_value.h: what a template computes with: Go's values, as far as JSON and Podman's functions make them. */
#ifndef OUTPUT_TEMPLATE_VALUE_H
#define OUTPUT_TEMPLATE_VALUE_H

#include <stdint.h>

#include "output/pool.h"
#include "output/template.h"

enum value_kind {
	VALUE_NONE, /* no value: a missing key */
	VALUE_NULL, /* nil in an interface: JSON's null */
	VALUE_BOOL,
	VALUE_INT,
	VALUE_UINT, /* a byte of a string, a number above INT64_MAX */
	VALUE_FLOAT,
	VALUE_STRING,
	VALUE_LIST,
	VALUE_MAP,
	VALUE_STRUCT,
};

struct value {
	enum value_kind kind;
	union {
		bool b;
		int64_t i;
		uint64_t u;
		double f;
		struct str s;
	};
	struct json_object
		*json;   /* where it came from; of lists and objects the value itself: NULL is Go's nil slice or map. Borrowed. */
	const char *key; /* it, or the list it is in, was found under; NULL: not known */
};

/* What turns JSON into values: the knowledge about it, and memory for what has to be made. */
struct world {
	const struct template_shape *shape; /* NULL: every object is a map */
	struct pool *pool;
};

struct value value_string(struct str s);
struct value value_int(int64_t i);
struct value value_bool(bool b);

/* The value of a whole document, of the member of a struct under key, of an element of a list or map. */
struct value value_root(const struct world *w, struct json_object *o);
struct value value_under(const struct world *w, struct value of, struct json_object *o, const char *key);
struct value value_element(const struct world *w, struct value of, struct json_object *o);

/* .name of an object. A missing key of a map is VALUE_NONE; false: a struct without such a field. */
bool value_field(const struct world *w, struct value of, const char *name, struct value *ret);

struct member {
	const char *key;
	struct json_object *o;
};

/* The members of an object, those of a map in the order of their keys; in the pool. NULL without memory, never for an empty object. */
struct member *value_members(const struct world *w, struct value of, size_t *ret_n);

/* 0 for what has no length. */
size_t value_len(struct value v);
bool value_truth(struct value v);
bool value_is_object(struct value v);
/* A list or map that is nil, or nil itself. */
bool value_is_nil(struct value v);
/* "string", "int", "[]string", "map[string]string"... */
const char *value_type(const struct world *w, struct value v);

/* As JSON, owned by the caller; NULL is JSON's null. */
struct json_object *value_json(struct value v);

/* fmt.Sprint and Sprintln: blanks between operands where neither is a string, or everywhere. */
void value_print(const struct world *w, const struct value *v, size_t n, struct buf *out);
void value_println(const struct world *w, const struct value *v, size_t n, struct buf *out);
/* fmt.Sprintf. */
void value_printf(const struct world *w, struct str format, const struct value *v, size_t n, struct buf *out);

#endif
