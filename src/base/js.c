#include "base/js.h"

#include <limits.h>
#include <stdarg.h>

#include "base/cleanup.h"
#include "base/json_strict.h"

static void tokener_free_p(struct json_tokener **t)
{
	if (*t)
		json_tokener_free(*t);
}

/* Strict, since every peer is a JSON library too, and json-c's leniency (comments, trailing commas, NaN) would only hide a broken
 * one. Invalid UTF-8 is let through: names and log lines in containers have it, and the hosts send it on. */
int js_parse(struct str text, const char *what, struct json_object **ret, struct error *err)
{
	/* json-c counts the innermost scalar as a level. */
	CLEANUP(tokener_free_p) struct json_tokener *t = json_tokener_new_ex(JS_MAX_DEPTH + 1);
	CLEANUP(js_put_p) struct json_object *o = NULL;
	enum json_tokener_error e;
	size_t end;

	if (!t)
		return error_set(err, ERR_SYSTEM, "%s: out of memory", what);
	text = str_trim(text);
	if (text.n == 0)
		return error_set(err, ERR_PROTOCOL, "%s: empty where JSON is expected", what);
	if (text.n >= INT_MAX)
		return error_set(err, ERR_PROTOCOL, "%s: JSON of %zu bytes is too large", what, text.n);
	o = json_tokener_parse_ex(t, text.p, (int)text.n);
	e = json_tokener_get_error(t);
	end = json_tokener_get_parse_end(t);
	if (e == json_tokener_continue) {
		/* A number at the end could go on; the NUL byte says that it does not. */
		o = json_tokener_parse_ex(t, "", 1);
		e = json_tokener_get_error(t);
		end = text.n;
	}
	if (e == json_tokener_continue)
		return error_set(err, ERR_PROTOCOL, "%s: JSON ends in the middle of a value", what);
	if (e != json_tokener_success)
		return error_set(err, ERR_PROTOCOL, "%s: not JSON at byte %zu: %s", what, end, json_tokener_error_desc(e));
	if (end < text.n)
		return error_set(err, ERR_PROTOCOL, "%s: more than one JSON value (at byte %zu)", what, end);
	end = json_strict_end(text);
	if (end < text.n)
		return error_set(err, ERR_PROTOCOL, "%s: not JSON at byte %zu", what, end);
	*ret = ptr_take(&o);
	return 0;
}

struct json_object *js_get(struct json_object *o, const char *key)
{
	struct json_object *member = NULL;

	if (!json_object_is_type(o, json_type_object))
		return NULL;
	json_object_object_get_ex(o, key, &member);
	return member;
}

struct json_object *js_get_any(struct json_object *o, ...)
{
	struct json_object *member = NULL;
	const char *key;
	va_list ap;

	va_start(ap, o);
	while (!member && (key = va_arg(ap, const char *)))
		member = js_get(o, key);
	va_end(ap);
	return member;
}

const char *js_get_str(struct json_object *o, const char *key, const char *dflt)
{
	struct json_object *member = js_get(o, key);

	return json_object_is_type(member, json_type_string) ? json_object_get_string(member) : dflt;
}

int64_t js_get_int(struct json_object *o, const char *key, int64_t dflt)
{
	struct json_object *member = js_get(o, key);

	/* A double too: some hosts write large counters as 1.5e+10. json-c clamps what does not fit. */
	if (json_object_is_type(member, json_type_int) || json_object_is_type(member, json_type_double))
		return json_object_get_int64(member);
	return dflt;
}

bool js_get_bool(struct json_object *o, const char *key, bool dflt)
{
	struct json_object *member = js_get(o, key);

	return json_object_is_type(member, json_type_boolean) ? json_object_get_boolean(member) : dflt;
}

size_t js_len(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

struct json_object *js_at(struct json_object *array, size_t i)
{
	return i < js_len(array) ? json_object_array_get_idx(array, i) : NULL;
}

struct str js_text(struct json_object *o)
{
	if (!json_object_is_type(o, json_type_string))
		return STR("");
	return (struct str){ json_object_get_string(o), (size_t)json_object_get_string_len(o) };
}

struct json_object *js_str(const char *z)
{
	return z ? js_strn(str_from(z)) : NULL;
}

struct json_object *js_strn(struct str s)
{
	return s.n < INT_MAX ? json_object_new_string_len(s.n ? s.p : "", (int)s.n) : NULL;
}

struct json_object *js_strv(char *const *v, size_t n)
{
	CLEANUP(js_put_p) struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < n; i++) {
		CLEANUP(js_put_p) struct json_object *text = js_str(v[i]);

		if ((v[i] && !text) || json_object_array_add(array, text) < 0)
			return NULL;
		text = NULL; /* the array has it */
	}
	return ptr_take(&array);
}

bool js_set(struct json_object *o, const char *key, struct json_object *val)
{
	/* json-c aborts on anything else, and o may be what a peer sent or what there was no memory for. */
	if (json_object_is_type(o, json_type_object) && json_object_object_add(o, key, val) == 0)
		return true;
	json_object_put(val);
	return false;
}

bool js_set_str(struct json_object *o, const char *key, const char *z)
{
	struct json_object *text = js_str(z);

	return (text || !z) && js_set(o, key, text);
}

bool js_set_int(struct json_object *o, const char *key, int64_t v)
{
	struct json_object *number = json_object_new_int64(v);

	return number && js_set(o, key, number);
}

bool js_set_bool(struct json_object *o, const char *key, bool v)
{
	struct json_object *boolean = json_object_new_boolean(v);

	return boolean && js_set(o, key, boolean);
}

const char *js_wire(struct json_object *o)
{
	return json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}
