#include "output/template_funcs.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "output/json.h"
#include "output/template_compare.h"
#include "output/template_node.h"
#include "output/utf8.h"

PRINTF_LIKE(2, 3)
static bool fail(struct call *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&c->problem, fmt, ap);
	va_end(ap);
	return false;
}

static bool give_text(struct call *c, const struct buf *text)
{
	const char *z = text->failed ? NULL : pool_dup(c->w->pool, buf_str(text));

	if (!z)
		return fail(c, "the result is too large");
	c->result = value_string((struct str){ z, text->n });
	return true;
}

/* Takes list. */
static bool give_list(struct call *c, struct json_object *list)
{
	if (!pool_own_json(c->w->pool, list))
		return fail(c, "the result is too large");
	c->result = (struct value){ .kind = VALUE_LIST, .json = list };
	return true;
}

/* ---- Go's own ---- */

/* A position from 0 to limit. */
static bool position(struct call *c, struct value index, size_t limit, size_t *ret)
{
	int64_t i = index.kind == VALUE_UINT && index.u > INT64_MAX ? -1 : index.i;

	if (index.kind == VALUE_NONE || index.kind == VALUE_NULL)
		return fail(c, "cannot index slice/array with nil");
	if (index.kind != VALUE_INT && index.kind != VALUE_UINT)
		return fail(c, "cannot index slice/array with type %s", value_type(c->w, index));
	if (i < 0 || (uint64_t)i > limit)
		return fail(c, "index out of range: %" PRId64, i);
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
		return fail(c, "reflect: %s index out of range", is_string ? "string" : "slice");
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
		return fail(c, "value is nil; should be of type string");
	if (key.kind != VALUE_STRING)
		return fail(c, "value has type %s; should be string", value_type(c->w, key));
	z = pool_dup(c->w->pool, key.s);
	if (!z)
		return fail(c, "out of memory");
	if (strlen(z) != key.s.n || !value_field(c->w, *item, z, &found) || found.kind == VALUE_NONE)
		found = absent(c, *item);
	*item = found;
	return true;
}

static bool index_call(struct call *c)
{
	struct value item = c->v[0];

	if (item.kind == VALUE_NONE || item.kind == VALUE_NULL)
		return fail(c, "index of untyped nil");
	for (size_t i = 1; i < c->n; i++) {
		bool fine;

		if (item.kind == VALUE_NONE || item.kind == VALUE_NULL)
			return fail(c, "index of nil pointer");
		if (item.kind == VALUE_LIST || item.kind == VALUE_STRING)
			fine = index_list(c, &item, c->v[i]);
		else if (value_is_object(item))
			fine = index_map(c, &item, c->v[i]);
		else
			fine = fail(c, "can't index item of type %s", value_type(c->w, item));
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
			return fail(c, "out of memory");
	if (!give_list(c, ptr_take(&list)))
		return false;
	c->result.key = v.key;
	return true;
}

static bool slice_call(struct call *c)
{
	struct value v = c->v[0];
	size_t at[3] = { 0, value_len(v), value_len(v) };

	if (v.kind == VALUE_NONE || v.kind == VALUE_NULL)
		return fail(c, "slice of untyped nil");
	if (c->n > 4)
		return fail(c, "too many slice indexes: %zu", c->n - 1);
	if (v.kind == VALUE_STRING && c->n == 4)
		return fail(c, "cannot 3-index slice a string");
	if (v.kind != VALUE_STRING && v.kind != VALUE_LIST)
		return fail(c, "can't slice item of type %s", value_type(c->w, v));
	for (size_t i = 1; i < c->n; i++)
		if (!position(c, c->v[i], value_len(v), &at[i - 1]))
			return false;
	for (int i = 0; i < 2; i++)
		if (at[i] > at[i + 1])
			return fail(c, "invalid slice index: %zu > %zu", at[i], at[i + 1]);
	return give_slice(c, v, at[0], at[1]);
}

static bool len_call(struct call *c)
{
	struct value v = c->v[0];

	if (v.kind == VALUE_NONE)
		return fail(c, "reflect: call of reflect.Value.Type on zero Value");
	if (v.kind == VALUE_NULL)
		return fail(c, "len of nil pointer");
	if (v.kind != VALUE_STRING && v.kind != VALUE_LIST && !value_is_object(v))
		return fail(c, "len of type %s", value_type(c->w, v));
	c->result = value_int((int64_t)value_len(v));
	return true;
}

static bool not_call(struct call *c)
{
	c->result = value_bool(!value_truth(c->v[0]));
	return true;
}

static bool compare_result(struct call *c, bool fine, bool truth)
{
	c->result = value_bool(truth);
	return fine;
}

static bool eq_call(struct call *c)
{
	bool truth, fine = compare_eq(c, &truth);

	return compare_result(c, fine, truth);
}

static bool ne_call(struct call *c)
{
	bool truth, fine = compare_eq(c, &truth);

	return compare_result(c, fine, !truth);
}

static bool lt_call(struct call *c)
{
	bool truth, fine = compare_lt(c, &truth);

	return compare_result(c, fine, truth);
}

static bool le_call(struct call *c)
{
	bool truth, fine = compare_lt(c, &truth);

	if (fine && !truth)
		fine = compare_eq(c, &truth);
	return compare_result(c, fine, truth);
}

static bool gt_call(struct call *c)
{
	bool fine = le_call(c);

	return compare_result(c, fine, !c->result.b);
}

static bool ge_call(struct call *c)
{
	bool truth, fine = compare_lt(c, &truth);

	return compare_result(c, fine, !truth);
}

static bool print_call(struct call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);

	value_print(c->w, c->v, c->n, &text);
	return give_text(c, &text);
}

static bool println_call(struct call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);

	value_println(c->w, c->v, c->n, &text);
	return give_text(c, &text);
}

static bool printf_call(struct call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);

	value_printf(c->w, c->v[0].s, c->v + 1, c->n - 1, &text);
	return give_text(c, &text);
}

/* ---- escapers: of all arguments together, printed as print does ---- */

static void escape_html(char ch, struct buf *out)
{
	static const struct {
		char from;
		const char *to;
	} rows[] = {
		{ 0, "\xEF\xBF\xBD" }, { '"', "&#34;" }, { '\'', "&#39;" }, { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].from == ch) {
			buf_add_z(out, rows[i].to);
			return;
		}
	buf_add_char(out, ch);
}

static void escape_js(char ch, struct buf *out)
{
	if (ch == '\\' || ch == '\'' || ch == '"')
		buf_add_bytes(out, (char[]){ '\\', ch }, 2);
	else if (strchr("<>&=", ch) || (unsigned char)ch < ' ') /* strchr finds the NUL too */
		buf_addf(out, "\\u%04X", (unsigned char)ch);
	else
		buf_add_char(out, ch);
}

static void escape_url(char ch, struct buf *out)
{
	bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || (ch && strchr("-_.~", ch));

	if (ch == ' ')
		buf_add_char(out, '+');
	else if (plain)
		buf_add_char(out, ch);
	else
		buf_addf(out, "%%%02X", (unsigned char)ch);
}

static bool escape(struct call *c, void (*one)(char ch, struct buf *out))
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT), escaped = BUF_INIT(TEMPLATE_MAX_OUTPUT);
	struct value *v = pool_alloc(c->w->pool, (c->n + 1) * sizeof *v);

	if (!v)
		return fail(c, "out of memory");
	for (size_t i = 0; i < c->n; i++)
		v[i] = c->v[i].kind > VALUE_NULL ? c->v[i] : value_string(STR("<no value>"));
	value_print(c->w, v, c->n, &text);
	for (size_t i = 0; i < text.n; i++)
		one(text.p[i], &escaped);
	return give_text(c, &escaped);
}

static bool html_call(struct call *c)
{
	return escape(c, escape_html);
}

static bool js_call(struct call *c)
{
	return escape(c, escape_js);
}

static bool urlquery_call(struct call *c)
{
	return escape(c, escape_url);
}

/* ---- Podman's ---- */

static bool json_call(struct call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);
	CLEANUP(js_put_p) struct json_object *o = value_json(c->v[0]);

	json_format(o, 0, 0, false, &text);
	return give_text(c, &text);
}

static bool join_call(struct call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);

	for (size_t i = 0; i < value_len(c->v[0]); i++) {
		if (i > 0)
			buf_add(&text, c->v[1].s);
		buf_add(&text, js_text(js_at(c->v[0].json, i)));
	}
	return give_text(c, &text);
}

static size_t find(struct str s, struct str what)
{
	for (size_t i = 0; i + what.n <= s.n; i++)
		if (memcmp(s.p + i, what.p, what.n) == 0)
			return i;
	return s.n;
}

/* Length of the next piece and of the separator behind it; an empty separator cuts between characters. */
static size_t next_piece(struct str s, struct str separator, size_t *ret_gap)
{
	uint32_t ch;
	size_t n = separator.n ? find(s, separator) : s.n ? utf8_at(s, 0, &ch) : 0;

	*ret_gap = separator.n && n < s.n ? separator.n : 0;
	return n;
}

static bool split_call(struct call *c)
{
	CLEANUP(js_put_p) struct json_object *list = json_object_new_array();
	struct str s = c->v[0].s, separator = c->v[1].s;
	bool more = separator.n > 0 || s.n > 0;

	while (more) {
		size_t gap, n = next_piece(s, separator, &gap);
		struct json_object *piece = js_strn((struct str){ s.p, n });

		if (!list || !piece || json_object_array_add(list, piece) < 0) {
			json_object_put(piece);
			return fail(c, "out of memory");
		}
		s = (struct str){ s.p + n + gap, s.n - n - gap };
		more = gap > 0 || (!separator.n && s.n > 0);
	}
	return give_list(c, ptr_take(&list));
}

static bool map_characters(struct call *c, uint32_t (*one)(uint32_t ch, uint32_t before))
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);
	struct str s = c->v[0].s;
	uint32_t ch, before = ' ';

	for (size_t i = 0, n; i < s.n; i += n) {
		n = utf8_at(s, i, &ch);
		utf8_add(&text, one(ch, before));
		before = ch;
	}
	return give_text(c, &text);
}

static uint32_t lower_one(uint32_t ch, uint32_t before)
{
	(void)before;
	return utf8_lower(ch);
}

static uint32_t upper_one(uint32_t ch, uint32_t before)
{
	(void)before;
	return utf8_upper(ch);
}

/* A word goes on behind letters, digits, underscores and whatever is not ASCII and no blank. */
static uint32_t title_one(uint32_t ch, uint32_t before)
{
	bool inside = utf8_lower(before) != utf8_upper(before) || (before >= '0' && before <= '9') || before == '_' ||
		      (before >= 0x80 && utf8_printable(before));

	return inside ? ch : utf8_upper(ch);
}

static bool lower_call(struct call *c)
{
	return map_characters(c, lower_one);
}

static bool upper_call(struct call *c)
{
	return map_characters(c, upper_one);
}

static bool title_call(struct call *c)
{
	return map_characters(c, title_one);
}

static bool pad_call(struct call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);
	int64_t before = c->v[1].i, after = c->v[2].i;

	if (before < 0 || after < 0)
		return fail(c, "strings: negative Repeat count");
	if (before > TEMPLATE_MAX_OUTPUT || after > TEMPLATE_MAX_OUTPUT)
		return fail(c, "the result is too large");
	if (c->v[0].s.n)
		buf_addf(&text, "%*s%.*s%*s", (int)before, "", STR_ARG(c->v[0].s), (int)after, "");
	return give_text(c, &text);
}

static bool truncate_call(struct call *c)
{
	struct str s = c->v[0].s;
	int64_t n = c->v[1].i;

	if (n < 0)
		return fail(c, "runtime error: slice bounds out of range [:%" PRId64 "]", n);
	c->result = value_string((struct str){ s.p, (uint64_t)n < s.n ? (size_t)n : s.n });
	return true;
}

static const struct function functions[] = {
	{ "and", "vv", true, FUNCTION_AND, NULL },
	{ "eq", "vv", true, FUNCTION_PLAIN, eq_call },
	{ "ge", "vv", false, FUNCTION_PLAIN, ge_call },
	{ "gt", "vv", false, FUNCTION_PLAIN, gt_call },
	{ "html", "v", true, FUNCTION_PLAIN, html_call },
	{ "index", "vv", true, FUNCTION_PLAIN, index_call },
	{ "join", "ls", false, FUNCTION_PLAIN, join_call },
	{ "js", "v", true, FUNCTION_PLAIN, js_call },
	{ "json", "v", false, FUNCTION_PLAIN, json_call },
	{ "le", "vv", false, FUNCTION_PLAIN, le_call },
	{ "len", "v", false, FUNCTION_PLAIN, len_call },
	{ "lower", "s", false, FUNCTION_PLAIN, lower_call },
	{ "lt", "vv", false, FUNCTION_PLAIN, lt_call },
	{ "ne", "vv", false, FUNCTION_PLAIN, ne_call },
	{ "not", "v", false, FUNCTION_PLAIN, not_call },
	{ "or", "vv", true, FUNCTION_OR, NULL },
	{ "pad", "sii", false, FUNCTION_PLAIN, pad_call },
	{ "print", "v", true, FUNCTION_PLAIN, print_call },
	{ "printf", "sv", true, FUNCTION_PLAIN, printf_call },
	{ "println", "v", true, FUNCTION_PLAIN, println_call },
	{ "slice", "vv", true, FUNCTION_PLAIN, slice_call },
	{ "split", "ss", false, FUNCTION_PLAIN, split_call },
	{ "title", "s", false, FUNCTION_PLAIN, title_call },
	{ "truncate", "si", false, FUNCTION_PLAIN, truncate_call },
	{ "upper", "s", false, FUNCTION_PLAIN, upper_call },
	{ "urlquery", "v", true, FUNCTION_PLAIN, urlquery_call },
};

const struct function *function_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		if (str_eq_z(name, functions[i].name))
			return &functions[i];
	return NULL;
}
