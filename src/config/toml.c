#include "config/toml.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/strv.h"
#include "config/toml_text.h"

/* How deep values and tables may lie in each other. Everything here that calls itself stops there. */
#define DEPTH_MAX  64
#define STRING_MAX TOML_MAX_BYTES

/* How a table or array came to be decides who may still add to it ("Table", "Array of Tables" and "Inline Table" of the
 * specification). The json-c object carries it as its user data. */
enum origin {
	ORIGIN_IMPLIED, /* a of [a.b]: may get a header of its own later */
	ORIGIN_HEADER,  /* a of [a]: may get subtables, and keys until the next header */
	ORIGIN_DOTTED,  /* a of a.b = 1: may get subtables by [a.c], but no header of its own */
	ORIGIN_INLINE,  /* { } and [ ]: complete */
	ORIGIN_TABLES,  /* the array that [[a]] makes */
};

static void set_origin(struct json_object *o, enum origin origin)
{
	json_object_set_userdata(o, (void *)(uintptr_t)origin, NULL);
}

static enum origin origin_of(struct json_object *o)
{
	return (enum origin)(uintptr_t)json_object_get_userdata(o);
}

/* ---- keys ---- */

struct key {
	struct strv parts;
	size_t at; /* where it stands, for errors */
};

static void key_done(struct key *k)
{
	strv_done(&k->parts);
}

static bool is_bare(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

static int key_part(struct toml_text *t, struct strv *parts, struct error *err)
{
	CLEANUP(buf_done) struct buf part = BUF_INIT(STRING_MAX);
	size_t start = t->at;
	int r = 0;

	if (toml_peek(t) == '"' || toml_peek(t) == '\'')
		r = toml_quoted_key(t, &part, err);
	else
		while (is_bare(toml_peek(t)))
			buf_add_char(&part, t->all.p[t->at++]);
	if (r < 0)
		return r;
	if (t->at == start)
		return toml_fail(t, start, err, "a key is missing here");
	/* json-c ends a key there. */
	if (part.n && memchr(part.p, 0, part.n))
		return toml_fail(t, start, err, "a key with U+0000 in it is not supported");
	return strv_add(parts, buf_z(&part)) ? 0 : error_set(err, ERR_SYSTEM, "%s: out of memory", t->name);
}

/* a."b c".d; t stands at its first byte. */
static int key_read(struct toml_text *t, struct key *ret, struct error *err)
{
	ret->at = t->at;
	for (;;) {
		int r = key_part(t, &ret->parts, err);

		if (r < 0)
			return r;
		if (t->depth + ret->parts.n > DEPTH_MAX)
			return toml_fail(t, ret->at, err, "nested deeper than %d", DEPTH_MAX);
		toml_skip_blanks(t);
		if (!toml_eat(t, STR(".")))
			return 0;
		toml_skip_blanks(t);
	}
}

/* ---- tables ---- */

/* Puts val (taken) under name. */
static int add(const struct toml_text *t, struct json_object *table, const char *name, struct json_object *val, struct error *err)
{
	return val && js_set(table, name, val) ? 0 : error_set(err, ERR_SYSTEM, "%s: out of memory", t->name);
}

/* The new table is borrowed from its parent. */
static int add_table(const struct toml_text *t, struct json_object *parent, const char *name, enum origin origin,
		     struct json_object **ret, struct error *err)
{
	struct json_object *table = json_object_new_object();

	if (table)
		set_origin(table, origin);
	*ret = table;
	return add(t, parent, name, table, err);
}

static bool has(struct json_object *table, const char *name)
{
	return json_object_object_get_ex(table, name, NULL);
}

/* The table of the parts before the last of k = value, made where it is not there. */
static int dotted_parent(const struct toml_text *t, const struct key *k, struct json_object **table, struct error *err)
{
	for (size_t i = 0; i + 1 < k->parts.n; i++) {
		const char *name = k->parts.v[i];
		struct json_object *next = js_get(*table, name);
		int r = 0;

		if (!next)
			r = add_table(t, *table, name, ORIGIN_DOTTED, &next, err);
		else if (!json_object_is_type(next, json_type_object))
			r = toml_fail(t, k->at, err, "\"%s\" is no table", name);
		else if (origin_of(next) == ORIGIN_HEADER || origin_of(next) == ORIGIN_INLINE)
			r = toml_fail(t, k->at, err, "the table \"%s\" is complete; a dotted key can't add to it", name);
		if (r < 0)
			return r;
		/* An implied table is defined by this key now, so a header can't define it again. */
		set_origin(next, ORIGIN_DOTTED);
		*table = next;
	}
	return 0;
}

/* The table of the parts before the last of a header; of an array of tables, its newest. */
static int header_parent(const struct toml_text *t, const struct key *k, struct json_object **table, struct error *err)
{
	for (size_t i = 0; i + 1 < k->parts.n; i++) {
		const char *name = k->parts.v[i];
		struct json_object *next = js_get(*table, name);
		int r = 0;

		if (!next)
			r = add_table(t, *table, name, ORIGIN_IMPLIED, &next, err);
		else if (origin_of(next) == ORIGIN_TABLES)
			next = js_at(next, js_len(next) - 1);
		else if (!json_object_is_type(next, json_type_object))
			r = toml_fail(t, k->at, err, "\"%s\" is no table", name);
		else if (origin_of(next) == ORIGIN_INLINE)
			r = toml_fail(t, k->at, err, "the inline table \"%s\" is complete", name);
		if (r < 0)
			return r;
		*table = next;
	}
	return 0;
}

/* [a.b]: table becomes the table for the keys below. */
static int table_header(const struct toml_text *t, const struct key *k, struct json_object **table, struct error *err)
{
	const char *name = k->parts.v[k->parts.n - 1];
	struct json_object *there = js_get(*table, name);

	if (!there)
		return add_table(t, *table, name, ORIGIN_HEADER, table, err);
	if (!json_object_is_type(there, json_type_object))
		return toml_fail(t, k->at, err, "\"%s\" is defined already and is no table", name);
	if (origin_of(there) != ORIGIN_IMPLIED)
		return toml_fail(t, k->at, err, "the table \"%s\" is defined already", name);
	set_origin(there, ORIGIN_HEADER);
	*table = there;
	return 0;
}

/* [[a.b]] */
static int tables_header(const struct toml_text *t, const struct key *k, struct json_object **table, struct error *err)
{
	const char *name = k->parts.v[k->parts.n - 1];
	struct json_object *array = js_get(*table, name), *element;
	int r;

	if (array && origin_of(array) != ORIGIN_TABLES)
		return toml_fail(t, k->at, err, "\"%s\" is defined already and is no array of tables", name);
	if (!array) {
		array = json_object_new_array();
		r = add(t, *table, name, array, err);
		if (r < 0)
			return r;
		set_origin(array, ORIGIN_TABLES);
	}
	element = json_object_new_object();
	if (!element || json_object_array_add(array, element) < 0) {
		json_object_put(element);
		return error_set(err, ERR_SYSTEM, "%s: out of memory", t->name);
	}
	set_origin(element, ORIGIN_HEADER);
	*table = element;
	return 0;
}

static int header(struct toml_text *t, struct json_object *root, struct json_object **ret_table, struct error *err)
{
	CLEANUP(key_done) struct key k = { 0 };
	bool many = toml_eat(t, STR("[["));
	int r;

	if (!many)
		t->at++;
	toml_skip_blanks(t);
	t->depth = 0;
	r = key_read(t, &k, err);
	if (r < 0)
		return r;
	if (!toml_eat(t, many ? STR("]]") : STR("]")))
		return toml_fail(t, t->at, err, "%s is missing behind the table's name", many ? "\"]]\"" : "\"]\"");
	*ret_table = root;
	r = header_parent(t, &k, ret_table, err);
	if (r < 0)
		return r;
	/* Keys below count from here. */
	t->depth = (unsigned)k.parts.n;
	return many ? tables_header(t, &k, ret_table, err) : table_header(t, &k, ret_table, err);
}

/* ---- values ---- */

static int value(struct toml_text *t, struct json_object **ret, struct error *err);

static int key_value(struct toml_text *t, struct json_object *table, struct error *err)
{
	CLEANUP(key_done) struct key k = { 0 };
	struct json_object *val;
	const char *name;
	int r = key_read(t, &k, err);

	if (r < 0)
		return r;
	if (!toml_eat(t, STR("=")))
		return toml_fail(t, t->at, err, "\"=\" is missing behind the key");
	r = dotted_parent(t, &k, &table, err);
	if (r < 0)
		return r;
	name = k.parts.v[k.parts.n - 1];
	if (has(table, name))
		return toml_fail(t, k.at, err, "the key \"%s\" is defined already", name);
	toml_skip_blanks(t);
	t->depth += (unsigned)k.parts.n;
	r = value(t, &val, err);
	t->depth -= (unsigned)k.parts.n;
	return r < 0 ? r : add(t, table, name, val, err);
}

static int string(struct toml_text *t, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(STRING_MAX);
	int r = toml_string(t, &text, err);

	if (r == 0)
		*ret = js_strn(buf_str(&text));
	return r;
}

static int array_items(struct toml_text *t, struct json_object *array, struct error *err)
{
	for (;;) {
		struct json_object *item;
		int r;

		toml_skip_lines(t);
		if (toml_eat(t, STR("]")))
			return 0;
		r = value(t, &item, err);
		if (r < 0)
			return r;
		if (json_object_array_add(array, item) < 0) {
			json_object_put(item);
			return error_set(err, ERR_SYSTEM, "%s: out of memory", t->name);
		}
		toml_skip_lines(t);
		if (toml_eat(t, STR("]")))
			return 0;
		if (!toml_eat(t, STR(",")))
			return toml_fail(t, t->at, err, "\",\" or \"]\" is missing in an array");
	}
}

/* On one line, and no comma behind the last (both came with TOML 1.1). */
static int inline_items(struct toml_text *t, struct json_object *table, struct error *err)
{
	toml_skip_blanks(t);
	if (toml_eat(t, STR("}")))
		return 0;
	for (;;) {
		int r;

		toml_skip_blanks(t);
		r = key_value(t, table, err);
		if (r < 0)
			return r;
		toml_skip_blanks(t);
		if (toml_eat(t, STR("}")))
			return 0;
		if (!toml_eat(t, STR(",")))
			return toml_fail(t, t->at, err, "\",\" or \"}\" is missing in an inline table");
	}
}

static int container(struct toml_text *t, struct json_object **ret, struct error *err)
{
	bool array = toml_peek(t) == '[';
	CLEANUP(js_put_p) struct json_object *o = array ? json_object_new_array() : json_object_new_object();
	int r;

	if (!o)
		return error_set(err, ERR_SYSTEM, "%s: out of memory", t->name);
	if (t->depth >= DEPTH_MAX)
		return toml_fail(t, t->at, err, "nested deeper than %d", DEPTH_MAX);
	t->at++;
	t->depth++;
	r = array ? array_items(t, o, err) : inline_items(t, o, err);
	t->depth--;
	if (r < 0)
		return r;
	set_origin(o, ORIGIN_INLINE);
	*ret = ptr_take(&o);
	return 0;
}

static int value(struct toml_text *t, struct json_object **ret, struct error *err)
{
	int c = toml_peek(t), r;

	*ret = NULL;
	if (c == '[' || c == '{')
		r = container(t, ret, err);
	else if (c == '"' || c == '\'')
		r = string(t, ret, err);
	else
		r = toml_scalar(t, ret, err);
	if (r == 0 && !*ret)
		return error_set(err, ERR_SYSTEM, "%s: out of memory", t->name);
	return r;
}

/* ---- the document ---- */

static int document(struct toml_text *t, struct json_object *root, struct error *err)
{
	struct json_object *table = root;
	int r = 0;

	/* Editors on Windows put a byte order mark there. */
	toml_eat(t, STR("\xEF\xBB\xBF"));
	for (;;) {
		toml_skip_lines(t);
		if (toml_peek(t) == -1)
			return 0;
		r = toml_peek(t) == '[' ? header(t, root, &table, err) : key_value(t, table, err);
		if (r < 0)
			return r;
		r = toml_end_line(t, err);
		if (r < 0)
			return r;
	}
}

int toml_parse(struct str text, const char *name, struct json_object **ret, struct error *err)
{
	struct toml_text t = { .all = text, .name = name };
	CLEANUP(js_put_p) struct json_object *root = json_object_new_object();
	int r;

	if (!root)
		return error_set(err, ERR_SYSTEM, "%s: out of memory", name);
	set_origin(root, ORIGIN_HEADER);
	r = toml_check(&t, err);
	if (r == 0)
		r = document(&t, root, err);
	if (r == 0)
		*ret = ptr_take(&root);
	return r;
}
