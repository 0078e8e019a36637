#include "image/strict_json.h"

#include <string.h>

#include "base/cleanup.h"

/* ---- a key is there once ------------------------------------------------------------------------------------------------ */

/* json-c keeps the last of two members with one key and says nothing, hence a second look at a text that is known to be JSON. */
struct key_walk {
	struct json_object *keys[JS_MAX_DEPTH + 2]; /* of the objects around the place */
	size_t depth;
};

static void walk_done(struct key_walk *w)
{
	for (size_t i = 0; i < ARRAY_LEN(w->keys); i++)
		json_object_put(w->keys[i]);
}

/* With its quotes. */
static struct str string_token(struct str text, size_t at)
{
	size_t end = at + 1;

	while (end < text.n && text.p[end] != '"')
		end += text.p[end] == '\\' ? 2 : 1;
	return (struct str){ text.p + at, (end < text.n ? end + 1 : text.n) - at };
}

static bool is_key(struct str text, size_t behind)
{
	while (behind < text.n && strchr(" \t\r\n", text.p[behind]) && text.p[behind])
		behind++;
	return behind < text.n && text.p[behind] == ':';
}

/* json-c ends its keys at a NUL, where other readers go on. */
static bool has_nul(struct str token)
{
	for (size_t i = 0; i + 6 <= token.n; i++)
		if (memcmp(token.p + i, "\\u0000", 6) == 0)
			return true;
	return false;
}

static int note_key(struct key_walk *w, struct str token, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *key = NULL;
	int r = js_parse(token, "key", &key, err);

	if (r < 0)
		return r;
	if (json_object_object_get_ex(w->keys[w->depth], json_object_get_string(key), NULL))
		return error_set(err, ERR_USAGE, "Duplicate key \"%s\"", json_object_get_string(key));
	if (!js_set_bool(w->keys[w->depth], json_object_get_string(key), true))
		return error_set(err, ERR_SYSTEM, "out of memory");
	return 0;
}

static int enter_object(struct key_walk *w, struct error *err)
{
	if (w->depth + 1 == ARRAY_LEN(w->keys))
		return error_set(err, ERR_USAGE, "nested too deeply");
	w->keys[++w->depth] = json_object_new_object();
	return w->keys[w->depth] ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static void leave_object(struct key_walk *w)
{
	json_object_put(w->keys[w->depth]);
	w->keys[w->depth] = NULL;
	w->depth -= w->depth > 0;
}

static int keys_once(struct str text, struct error *err)
{
	CLEANUP(walk_done) struct key_walk w = { 0 };
	int r = 0;

	for (size_t at = 0; r == 0 && at < text.n; at++) {
		struct str token = { text.p + at, 1 };

		if (text.p[at] == '{')
			r = enter_object(&w, err);
		else if (text.p[at] == '}')
			leave_object(&w);
		if (text.p[at] != '"')
			continue;
		token = string_token(text, at);
		if (has_nul(token))
			return error_set(err, ERR_USAGE, "a NUL character in a text");
		at += token.n - 1;
		if (is_key(text, at + 1))
			r = note_key(&w, token, err);
	}
	return r;
}

int strict_json_parse(struct str text, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(error_done) struct error why = ERROR_INIT;
	int r;

	if (js_parse(text, "JSON", &o, &why) < 0)
		return error_set(err, ERR_USAGE, "%s", why.text);
	r = keys_once(text, err);
	if (r == 0)
		*ret = ptr_take(&o);
	return r;
}

/* ---- every key is known ------------------------------------------------------------------------------------------------- */

static const char *type_word(enum json_type type)
{
	switch (type) {
	case json_type_string:
		return "a string";
	case json_type_array:
		return "a list";
	case json_type_object:
		return "an object";
	default:
		return "a number";
	}
}

static const struct strict_field *field_of(const struct strict_field *fields, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].key, key) == 0)
			return &fields[i];
	return NULL;
}

static int take_member(const struct strict_field *f, const char *key, struct json_object *value, struct error *err)
{
	if (!f)
		return error_set(err, ERR_USAGE, "Unknown key \"%s\"", key);
	if (f->type != json_type_null && !json_object_is_type(value, f->type))
		return error_set(err, ERR_USAGE, "\"%s\" must be %s", key, type_word(f->type));
	*f->ret = value;
	return 0;
}

int strict_json_fields(struct json_object *o, const struct strict_field *fields, size_t n, struct error *err)
{
	if (!json_object_is_type(o, json_type_object))
		return error_set(err, ERR_USAGE, "an object is expected");
	for (size_t i = 0; i < n; i++)
		*fields[i].ret = NULL;
	json_object_object_foreach(o, key, value)
	{
		int r = take_member(field_of(fields, n, key), key, value, err);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < n; i++)
		if (fields[i].required && !json_object_object_get_ex(o, fields[i].key, NULL))
			return error_set(err, ERR_USAGE, "Key \"%s\" missing", fields[i].key);
	return 0;
}
