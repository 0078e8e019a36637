/* The functions that every Go template has, but for comparisons and texts, and the table of all. */
#include "output/template_funcs.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "output/template_node.h"

bool call_fail(struct call *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&c->problem, fmt, ap);
	va_end(ap);
	return false;
}

bool call_give_text(struct call *c, const struct buf *text)
{
	const char *z = text->failed ? NULL : pool_dup(c->w->pool, buf_str(text));

	if (!z)
		return call_fail(c, "the result is too large");
	c->result = value_string((struct str){ z, text->n });
	return true;
}

bool call_give_list(struct call *c, struct json_object *list)
{
	if (!pool_own_json(c->w->pool, list))
		return call_fail(c, "the result is too large");
	c->result = (struct value){ .kind = VALUE_LIST, .json = list };
	return true;
}

/* A position from 0 to limit. */
static bool position(struct call *c, struct value index, size_t limit, size_t *ret)
{
	int64_t i = index.kind == VALUE_UINT && index.u > INT64_MAX ? -1 : index.i;

	if (index.kind == VALUE_NONE || index.kind == VALUE_NULL)
		return call_fail(c, "cannot index slice/array with nil");
	if (index.kind != VALUE_INT && index.kind != VALUE_UINT)
		return call_fail(c, "cannot index slice/array with type %s", value_type(c->w, index));
	if (i < 0 || (uint64_t)i > limit)
		return call_fail(c, "index out of range: %" PRId64, i);
	*ret = (size_t)i;
	return true;
}

static bool index_list(struct call *c, struct value *item, struct value index)
{
	bool is_string = item->kind == VALUE_STRING;
	size_t i;

	if (!position(c, index, value_len(*item), &i))
		return false;
	if (i == value_len(*item))
		return call_fail(c, "reflect: %s index out of range", is_string ? "string" : "slice");
	if (is_string)
		*item = (struct value){ .kind = VALUE_UINT, .u = (unsigned char)item->s.p[i] };
	else
		*item = value_element(c->w, *item, js_at(item->json, i));
	return true;
}

/* The zero value of the map's elements. */
static struct value absent(const struct call *c, struct value map)
{
	if (strcmp(value_type(c->w, map), "map[string]string") == 0)
		return value_string(STR(""));
	return (struct value){ .kind = VALUE_NULL };
}

static bool index_map(struct call *c, struct value *item, struct value key)
{
	struct value found = { .kind = VALUE_NONE };
	const char *z;

	if (value_is_nil(key))
		return call_fail(c, "value is nil; should be of type string");
	if (key.kind != VALUE_STRING)
		return call_fail(c, "value has type %s; should be string", value_type(c->w, key));
	z = pool_dup(c->w->pool, key.s);
	if (!z)
		return call_fail(c, "out of memory");
	if (strlen(z) != key.s.n || !value_field(c->w, *item, z, &found) || found.kind == VALUE_NONE)
		found = absent(c, *item);
	*item = found;
	return true;
}

static bool function_index(struct call *c)
{
	struct value item = c->v[0];

	if (item.kind == VALUE_NONE || item.kind == VALUE_NULL)
		return call_fail(c, "index of untyped nil");
	for (size_t i = 1; i < c->n; i++) {
		bool fine;

		if (item.kind == VALUE_NONE || item.kind == VALUE_NULL)
			return call_fail(c, "index of nil pointer");
		if (item.kind == VALUE_LIST || item.kind == VALUE_STRING)
			fine = index_list(c, &item, c->v[i]);
		else if (value_is_object(item))
			fine = index_map(c, &item, c->v[i]);
		else
			fine = call_fail(c, "can't index item of type %s", value_type(c->w, item));
		if (!fine)
			return false;
	}
	c->result = item;
	return true;
}

static bool give_slice(struct call *c, struct value v, size_t from, size_t to)
{
	CLEANUP(js_put_p) struct json_object *list = NULL;

	if (v.kind == VALUE_STRING) {
		c->result = value_string((struct str){ v.s.p + from, to - from });
		return true;
	}
	list = json_object_new_array();
	for (size_t i = from; list && i < to; i++)
		if (json_object_array_add(list, json_object_get(js_at(v.json, i))) < 0)
			return call_fail(c, "out of memory");
	if (!call_give_list(c, ptr_take(&list)))
		return false;
	c->result.key = v.key;
	return true;
}

static bool function_slice(struct call *c)
{
	struct value v = c->v[0];
	size_t at[3] = { 0, value_len(v), value_len(v) };

	if (v.kind == VALUE_NONE || v.kind == VALUE_NULL)
		return call_fail(c, "slice of untyped nil");
	if (c->n > 4)
		return call_fail(c, "too many slice indexes: %zu", c->n - 1);
	if (v.kind == VALUE_STRING && c->n == 4)
		return call_fail(c, "cannot 3-index slice a string");
	if (v.kind != VALUE_STRING && v.kind != VALUE_LIST)
		return call_fail(c, "can't slice item of type %s", value_type(c->w, v));
	for (size_t i = 1; i < c->n; i++)
		if (!position(c, c->v[i], value_len(v), &at[i - 1]))
			return false;
	for (int i = 0; i < 2; i++)
		if (at[i] > at[i + 1])
			return call_fail(c, "invalid slice index: %zu > %zu", at[i], at[i + 1]);
	return give_slice(c, v, at[0], at[1]);
}

static bool function_len(struct call *c)
{
	struct value v = c->v[0];

	if (v.kind == VALUE_NONE)
		return call_fail(c, "reflect: call of reflect.Value.Type on zero Value");
	if (v.kind == VALUE_NULL)
		return call_fail(c, "len of nil pointer");
	if (v.kind != VALUE_STRING && v.kind != VALUE_LIST && !value_is_object(v))
		return call_fail(c, "len of type %s", value_type(c->w, v));
	c->result = value_int((int64_t)value_len(v));
	return true;
}

static bool function_not(struct call *c)
{
	c->result = value_bool(!value_truth(c->v[0]));
	return true;
}

static bool function_print(struct call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);

	value_print(c->w, c->v, c->n, &text);
	return call_give_text(c, &text);
}

static bool function_println(struct call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);

	value_println(c->w, c->v, c->n, &text);
	return call_give_text(c, &text);
}

static bool function_printf(struct call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);

	value_printf(c->w, c->v[0].s, c->v + 1, c->n - 1, &text);
	return call_give_text(c, &text);
}

static const struct function functions[] = {
	{ "and", "vv", true, FUNCTION_AND, NULL },
	{ "eq", "vv", true, FUNCTION_PLAIN, compare_eq },
	{ "ge", "vv", false, FUNCTION_PLAIN, compare_ge },
	{ "gt", "vv", false, FUNCTION_PLAIN, compare_gt },
	{ "html", "v", true, FUNCTION_PLAIN, function_html },
	{ "index", "vv", true, FUNCTION_PLAIN, function_index },
	{ "join", "ls", false, FUNCTION_PLAIN, function_join },
	{ "js", "v", true, FUNCTION_PLAIN, function_js },
	{ "json", "v", false, FUNCTION_PLAIN, function_json },
	{ "le", "vv", false, FUNCTION_PLAIN, compare_le },
	{ "len", "v", false, FUNCTION_PLAIN, function_len },
	{ "lower", "s", false, FUNCTION_PLAIN, function_lower },
	{ "lt", "vv", false, FUNCTION_PLAIN, compare_lt },
	{ "ne", "vv", false, FUNCTION_PLAIN, compare_ne },
	{ "not", "v", false, FUNCTION_PLAIN, function_not },
	{ "or", "vv", true, FUNCTION_OR, NULL },
	{ "pad", "sii", false, FUNCTION_PLAIN, function_pad },
	{ "print", "v", true, FUNCTION_PLAIN, function_print },
	{ "printf", "sv", true, FUNCTION_PLAIN, function_printf },
	{ "println", "v", true, FUNCTION_PLAIN, function_println },
	{ "slice", "vv", true, FUNCTION_PLAIN, function_slice },
	{ "split", "ss", false, FUNCTION_PLAIN, function_split },
	{ "title", "s", false, FUNCTION_PLAIN, function_title },
	{ "truncate", "si", false, FUNCTION_PLAIN, function_truncate },
	{ "upper", "s", false, FUNCTION_PLAIN, function_upper },
	{ "urlquery", "v", true, FUNCTION_PLAIN, function_urlquery },
};

const struct function *function_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		if (str_eq_z(name, functions[i].name))
			return &functions[i];
	return NULL;
}
