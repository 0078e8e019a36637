/* The functions of templates that make texts: escapers and what Podman adds. */
#include <inttypes.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "output/json.h"
#include "output/template_funcs.h"
#include "output/utf8.h"

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
		return call_fail(c, "out of memory");
	for (size_t i = 0; i < c->n; i++)
		v[i] = c->v[i].kind > VALUE_NULL ? c->v[i] : value_string(STR("<no value>"));
	value_print(c->w, v, c->n, &text);
	for (size_t i = 0; i < text.n; i++)
		one(text.p[i], &escaped);
	return call_give_text(c, &escaped);
}

bool function_html(struct call *c)
{
	return escape(c, escape_html);
}

bool function_js(struct call *c)
{
	return escape(c, escape_js);
}

bool function_urlquery(struct call *c)
{
	return escape(c, escape_url);
}

/* ---- Podman's ---- */

bool function_json(struct call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);
	CLEANUP(js_put_p) struct json_object *o = value_json(c->v[0]);

	json_format(o, 0, 0, false, &text);
	return call_give_text(c, &text);
}

bool function_join(struct call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);

	for (size_t i = 0; i < value_len(c->v[0]); i++) {
		if (i > 0)
			buf_add(&text, c->v[1].s);
		buf_add(&text, js_text(js_at(c->v[0].json, i)));
	}
	return call_give_text(c, &text);
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

bool function_split(struct call *c)
{
	CLEANUP(js_put_p) struct json_object *list = json_object_new_array();
	struct str s = c->v[0].s, separator = c->v[1].s;
	bool more = separator.n > 0 || s.n > 0;

	while (more) {
		size_t gap, n = next_piece(s, separator, &gap);
		struct json_object *piece = js_strn((struct str){ s.p, n });

		if (!list || !piece || json_object_array_add(list, piece) < 0) {
			json_object_put(piece);
			return call_fail(c, "out of memory");
		}
		s = (struct str){ s.p + n + gap, s.n - n - gap };
		more = gap > 0 || (!separator.n && s.n > 0);
	}
	return call_give_list(c, ptr_take(&list));
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
	return call_give_text(c, &text);
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

bool function_lower(struct call *c)
{
	return map_characters(c, lower_one);
}

bool function_upper(struct call *c)
{
	return map_characters(c, upper_one);
}

bool function_title(struct call *c)
{
	return map_characters(c, title_one);
}

bool function_pad(struct call *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);
	int64_t before = c->v[1].i, after = c->v[2].i;

	if (before < 0 || after < 0)
		return call_fail(c, "strings: negative Repeat count");
	if (before > TEMPLATE_MAX_OUTPUT || after > TEMPLATE_MAX_OUTPUT)
		return call_fail(c, "the result is too large");
	if (c->v[0].s.n)
		buf_addf(&text, "%*s%.*s%*s", (int)before, "", STR_ARG(c->v[0].s), (int)after, "");
	return call_give_text(c, &text);
}

bool function_truncate(struct call *c)
{
	struct str s = c->v[0].s;
	int64_t n = c->v[1].i;

	if (n < 0)
		return call_fail(c, "runtime error: slice bounds out of range [:%" PRId64 "]", n);
	c->result = value_string((struct str){ s.p, (uint64_t)n < s.n ? (size_t)n : s.n });
	return true;
}
