#include "gojson.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"

/* Length of the well-formed UTF-8 sequence at p, 0 for anything else (RFC 3629: no surrogates, nothing over U+10FFFF). */
static size_t utf8_length(const unsigned char *p, size_t n)
{
	static const struct {
		unsigned char first, last, second_min, second_max, length;
	} forms[] = {
		{ 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		size_t length = forms[i].length;

		if (p[0] < forms[i].first || p[0] > forms[i].last)
			continue;
		if (length > n || (length > 1 && (p[1] < forms[i].second_min || p[1] > forms[i].second_max)))
			return 0;
		for (size_t k = 2; k < length; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return length;
	}
	return 0;
}

static void add_ascii(struct buf *out, unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		buf_addf(out, "\\%c", c);
		break;
	case '\n':
		buf_add_z(out, "\\n");
		break;
	case '\r':
		buf_add_z(out, "\\r");
		break;
	case '\t':
		buf_add_z(out, "\\t");
		break;
	default:
		if (c < 0x20 || c == '<' || c == '>' || c == '&')
			buf_addf(out, "\\u%04x", c);
		else
			buf_add_char(out, (char)c);
	}
}

static void add_string(struct buf *out, struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	buf_add_char(out, '"');
	for (size_t i = 0, n; i < s.n; i += n ? n : 1) {
		n = utf8_length(p + i, s.n - i);
		if (n == 0)
			buf_add_z(out, "\\ufffd");
		else if (n == 1)
			add_ascii(out, p[i]);
		else if (n == 3 && p[i] == 0xe2 && p[i + 1] == 0x80 && (p[i + 2] == 0xa8 || p[i + 2] == 0xa9))
			buf_addf(out, "\\u202%x", p[i + 2] & 0xf);
		else
			buf_add_bytes(out, p + i, n);
	}
	buf_add_char(out, '"');
}

static void add_object(struct buf *out, struct json_object *o)
{
	const char *comma = "";

	buf_add_char(out, '{');
	json_object_object_foreach(o, key, value)
	{
		buf_add_z(out, comma);
		add_string(out, str_from(key));
		buf_add_char(out, ':');
		gojson_add(out, value);
		comma = ",";
	}
	buf_add_char(out, '}');
}

static void add_array(struct buf *out, struct json_object *o)
{
	buf_add_char(out, '[');
	for (size_t i = 0; i < js_len(o); i++) {
		if (i)
			buf_add_char(out, ',');
		gojson_add(out, js_at(o, i));
	}
	buf_add_char(out, ']');
}

void gojson_add(struct buf *out, struct json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_object:
		add_object(out, o);
		break;
	case json_type_array:
		add_array(out, o);
		break;
	case json_type_string:
		add_string(out, js_text(o));
		break;
	case json_type_int:
		buf_addf(out, "%" PRId64, json_object_get_int64(o));
		break;
	case json_type_double:
		buf_addf(out, "%.17g", json_object_get_double(o));
		break;
	case json_type_boolean:
		buf_add_z(out, json_object_get_boolean(o) ? "true" : "false");
		break;
	case json_type_null:
		buf_add_z(out, "null");
		break;
	}
}

struct json_object *gojson_text(struct json_object *o)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(16 * 1024 * 1024);

	gojson_add(&text, o);
	json_object_put(o);
	return js_strn(buf_str(&text));
}
