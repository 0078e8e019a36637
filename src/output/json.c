#include "output/json.h"

#include "base/js.h"
#include "output/decimal.h"
#include "output/utf8.h"

struct printer {
	struct buf *out;
	int indent;
	bool html;
};

static void value(const struct printer *p, struct json_object *o, int level);

/* The escapes that Go has names for; newer Gos also name \b and \f, the hosts' clients of this time don't. */
static void add_ascii(const struct printer *p, char c)
{
	if (c == '"' || c == '\\')
		buf_add_bytes(p->out, (char[]){ '\\', c }, 2);
	else if (c == '\n' || c == '\r' || c == '\t')
		buf_add_bytes(p->out, (char[]){ '\\', c == '\n' ? 'n' : c == '\r' ? 'r' : 't' }, 2);
	else if ((unsigned char)c < 0x20 || (p->html && (c == '<' || c == '>' || c == '&')))
		buf_addf(p->out, "\\u%04x", (unsigned)c);
	else
		buf_add_char(p->out, c);
}

static void string(const struct printer *p, struct str s)
{
	uint32_t c;

	buf_add_char(p->out, '"');
	for (size_t i = 0, n; i < s.n; i += n) {
		n = utf8_at(s, i, &c);
		if (c < 0x80)
			add_ascii(p, (char)c);
		else if (c == 0x2028 || c == 0x2029 || (c == UTF8_BAD && n == 1))
			buf_addf(p->out, "\\u%04x", (unsigned)c);
		else
			buf_add_bytes(p->out, s.p + i, n);
	}
	buf_add_char(p->out, '"');
}

static void new_line(const struct printer *p, int level)
{
	if (p->indent > 0)
		buf_addf(p->out, "\n%*s", level * p->indent, "");
}

static void array(const struct printer *p, struct json_object *o, int level)
{
	size_t n = json_object_array_length(o);

	buf_add_char(p->out, '[');
	for (size_t i = 0; i < n && !p->out->failed; i++) {
		if (i > 0)
			buf_add_char(p->out, ',');
		new_line(p, level + 1);
		value(p, json_object_array_get_idx(o, i), level + 1);
	}
	if (n > 0)
		new_line(p, level);
	buf_add_char(p->out, ']');
}

static void object(const struct printer *p, struct json_object *o, int level)
{
	bool first = true;

	buf_add_char(p->out, '{');
	json_object_object_foreach(o, key, member)
	{
		if (!first)
			buf_add_char(p->out, ',');
		first = false;
		new_line(p, level + 1);
		string(p, str_from(key));
		buf_add_z(p->out, p->indent > 0 ? ": " : ":");
		value(p, member, level + 1);
	}
	if (!first)
		new_line(p, level);
	buf_add_char(p->out, '}');
}

static void value(const struct printer *p, struct json_object *o, int level)
{
	switch (json_object_get_type(o)) {
	case json_type_null:
		buf_add_z(p->out, "null");
		break;
	case json_type_boolean:
		buf_add_z(p->out, json_object_get_boolean(o) ? "true" : "false");
		break;
	case json_type_double:
		decimal_json(json_object_get_double(o), p->out);
		break;
	case json_type_int:
		/* json-c's own text: it alone knows whether the number is above INT64_MAX. */
		buf_add_z(p->out, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
		break;
	case json_type_string:
		string(p, js_text(o));
		break;
	case json_type_array:
		array(p, o, level);
		break;
	case json_type_object:
		object(p, o, level);
		break;
	}
}

bool json_format(struct json_object *o, int indent, int level, bool html, struct buf *out)
{
	value(&(struct printer){ out, indent, html }, o, level);
	return !out->failed;
}
