#include "output/template_print.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "output/decimal.h"
#include "output/utf8.h"

#define WIDTH_MAX       1000000 /* Go refuses more too */
#define NUMBER_TEXT_MAX 2048

static void fill(struct buf *out, char c, size_t n)
{
	char *p = n ? buf_reserve(out, n) : NULL;

	if (p) {
		memset(p, c, n);
		out->n += n;
	}
}

void print_padded(const struct format *f, struct str s)
{
	size_t chars = f->width > 0 ? utf8_count(s) : 0;
	size_t blanks = f->width > 0 && (size_t)f->width > chars ? (size_t)f->width - chars : 0;

	if (!f->minus)
		fill(f->out, f->zero ? '0' : ' ', blanks);
	buf_add(f->out, s);
	if (f->minus)
		fill(f->out, ' ', blanks);
}

/* %!d(string=text), %!d(<nil>) */
static void bad_verb(struct format f, char verb, struct value v)
{
	buf_addf(f.out, "%%!%c(", verb);
	if (v.kind == VALUE_NONE || v.kind == VALUE_NULL) {
		buf_add_z(f.out, "<nil>");
	} else {
		buf_addf(f.out, "%s=", value_type(f.w, v));
		print_formatted(f, 'v', v);
	}
	buf_add_char(f.out, ')');
}

/* ---- numbers ---- */

static void digits_of(uint64_t u, unsigned base, bool upper, struct buf *out)
{
	char text[65];
	size_t at = sizeof text;

	do
		text[--at] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[u % base];
	while (u /= base);
	buf_add_bytes(out, text + at, sizeof text - at);
}

/* Zeros up to the precision, or up to the width with the flag 0; then they count the sign. */
static size_t zeros_wanted(const struct format *f, bool has_sign)
{
	if (f->precision >= 0)
		return (size_t)f->precision;
	return f->zero && !f->minus && f->width > has_sign ? (size_t)(f->width - has_sign) : 0;
}

static void integer(struct format f, char verb, uint64_t u, bool negative, unsigned base, const char *prefix)
{
	CLEANUP(buf_done) struct buf digits = BUF_INIT(NUMBER_TEXT_MAX), text = BUF_INIT(2 * WIDTH_MAX);
	bool has_sign = negative || f.plus || f.space;
	size_t zeros = zeros_wanted(&f, has_sign);

	if (f.precision != 0 || u != 0)
		digits_of(u, base, verb == 'X', &digits);
	else
		has_sign = false;
	if (has_sign)
		buf_add_char(&text, negative ? '-' : f.plus ? '+' : ' ');
	buf_add_z(&text, prefix);
	if (zeros > digits.n)
		fill(&text, '0', zeros - digits.n);
	buf_add(&text, buf_str(&digits));
	f.zero = false;
	print_padded(&f, buf_str(&text));
}

/* %q of a number: 'c', with the escapes of a string but for the quotes. */
static void quoted_character(uint32_t c, struct buf *out)
{
	CLEANUP(buf_done) struct buf one = BUF_INIT(8), quoted = BUF_INIT(64);

	utf8_add(&one, c);
	utf8_quote(buf_str(&one), &quoted);
	buf_add_char(out, '\'');
	if (c == '\'')
		buf_add_z(out, "\\'");
	else if (c == '"')
		buf_add_char(out, '"');
	else
		buf_add_bytes(out, buf_z(&quoted) + 1, quoted.n - 2);
	buf_add_char(out, '\'');
}

static void character(struct format f, char verb, uint64_t u)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64);
	uint32_t c = u <= 0x10FFFF ? (uint32_t)u : UTF8_BAD;

	if (verb == 'q')
		quoted_character(c, &text);
	else if (verb == 'c')
		utf8_add(&text, c);
	else
		buf_addf(&text, "U+%04" PRIX64, u);
	if (verb == 'U' && f.sharp && utf8_printable(c)) {
		buf_add_z(&text, " '");
		utf8_add(&text, c);
		buf_add_char(&text, '\'');
	}
	print_padded(&f, buf_str(&text));
}

static void print_integer(struct format f, char verb, struct value v)
{
	bool negative = v.kind == VALUE_INT && v.i < 0;
	uint64_t u = v.kind == VALUE_UINT ? v.u : negative ? 0 - (uint64_t)v.i : (uint64_t)v.i;

	switch (verb) {
	case 'v':
	case 'd':
		integer(f, verb, u, negative, 10, "");
		break;
	case 'b':
		integer(f, verb, u, negative, 2, f.sharp ? "0b" : "");
		break;
	case 'o':
	case 'O':
		integer(f, verb, u, negative, 8, verb == 'O' ? "0o" : f.sharp ? "0" : "");
		break;
	case 'x':
	case 'X':
		integer(f, verb, u, negative, 16, !f.sharp ? "" : verb == 'x' ? "0x" : "0X");
		break;
	case 'c':
	case 'q':
	case 'U':
		character(f, verb, negative ? UINT64_MAX : u);
		break;
	default:
		bad_verb(f, verb, v);
	}
}

static void float_text(const struct format *f, char verb, double v, struct buf *out)
{
	int precision = f->precision;

	if (precision < 0 && (verb == 'g' || verb == 'G' || verb == 'v'))
		decimal_go(v, out);
	else if (v != v || v - v != 0)
		decimal_go(v, out);
	else if (verb == 'e' || verb == 'E')
		buf_addf(out, verb == 'e' ? "%.*e" : "%.*E", precision < 0 ? 6 : precision, v);
	else if (verb == 'f' || verb == 'F')
		buf_addf(out, "%.*f", precision < 0 ? 6 : precision, v);
	else
		buf_addf(out, verb == 'G' ? "%.*G" : "%.*g", precision, v);
	if (verb == 'G')
		for (size_t i = 0; i < out->n; i++)
			if (out->p[i] == 'e')
				out->p[i] = 'E';
}

static void print_float(struct format f, char verb, struct value v)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(NUMBER_TEXT_MAX), signed_text = BUF_INIT(NUMBER_TEXT_MAX);
	struct str s;
	char sign = 0;

	if (!strchr("vgGeEfF", verb)) {
		bad_verb(f, verb, v);
		return;
	}
	float_text(&f, verb, v.f, &text);
	s = buf_str(&text);
	if (s.n && (s.p[0] == '-' || s.p[0] == '+')) {
		sign = s.p[0] == '-' || f.plus ? s.p[0] : 0;
		s = (struct str){ s.p + 1, s.n - 1 };
	} else if (f.plus || f.space) {
		sign = f.plus ? '+' : ' ';
	}
	/* The sign comes before the zeros that fill the width. */
	if (f.zero && !f.minus && sign && f.width > 0) {
		buf_add_char(f.out, sign);
		f.width--;
		sign = 0;
	}
	if (sign)
		buf_add_char(&signed_text, sign);
	buf_add(&signed_text, s);
	print_padded(&f, buf_str(&signed_text));
}

/* ---- strings ---- */

static struct str cut(const struct format *f, struct str s)
{
	size_t n = 0;
	uint32_t c;

	if (f->precision < 0)
		return s;
	for (int chars = 0; chars < f->precision && n < s.n; chars++)
		n += utf8_at(s, n, &c);
	return (struct str){ s.p, n };
}

static void hexadecimal(struct format f, char verb, struct str s)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);
	const char *prefix = !f.sharp ? "" : verb == 'x' ? "0x" : "0X";

	if (f.precision >= 0 && (size_t)f.precision < s.n)
		s.n = (size_t)f.precision;
	for (size_t i = 0; i < s.n; i++) {
		if (f.space && i > 0)
			buf_add_char(&text, ' ');
		if (i == 0 || f.space)
			buf_add_z(&text, prefix);
		buf_addf(&text, verb == 'x' ? "%02x" : "%02X", (unsigned char)s.p[i]);
	}
	print_padded(&f, buf_str(&text));
}

static bool fits_backquotes(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '`' || s.p[i] == 0x7F || ((unsigned char)s.p[i] < ' ' && s.p[i] != '\t'))
			return false;
	return true;
}

static void quoted(struct format f, struct str s)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT);

	if (f.sharp && fits_backquotes(s)) {
		buf_add_char(&text, '`');
		buf_add(&text, s);
		buf_add_char(&text, '`');
	} else {
		utf8_quote(s, &text);
	}
	print_padded(&f, buf_str(&text));
}

static void print_string(struct format f, char verb, struct value v)
{
	switch (verb) {
	case 'v':
	case 's':
		print_padded(&f, cut(&f, v.s));
		break;
	case 'q':
		quoted(f, cut(&f, v.s));
		break;
	case 'x':
	case 'X':
		hexadecimal(f, verb, v.s);
		break;
	default:
		bad_verb(f, verb, v);
	}
}

/* ---- lists and objects ---- */

static void print_list(struct format f, char verb, struct value v)
{
	size_t n = value_len(v);

	f.nested = true;
	buf_add_char(f.out, '[');
	for (size_t i = 0; i < n && !f.out->failed; i++) {
		if (i > 0)
			buf_add_char(f.out, ' ');
		print_formatted(f, verb, value_element(f.w, v, js_at(v.json, i)));
	}
	buf_add_char(f.out, ']');
}

/* map[key:value key:value] or {value value}, with %+v {Name:value Name:value}. */
static void print_object(struct format f, char verb, struct value v)
{
	struct pool_item *mark = pool_mark(f.w->pool);
	bool is_map = v.kind == VALUE_MAP;
	size_t n;
	const struct member *m = value_members(f.w, v, &n);

	f.nested = true;
	buf_add_z(f.out, is_map ? "map[" : "{");
	for (size_t i = 0; m && i < n && !f.out->failed; i++) {
		if (i > 0)
			buf_add_char(f.out, ' ');
		if (is_map)
			print_string(f, verb, value_string(str_from(m[i].key)));
		else if (f.names)
			buf_add_z(f.out, m[i].key);
		if (is_map || f.names)
			buf_add_char(f.out, ':');
		print_formatted(f, verb, is_map ? value_element(f.w, v, m[i].o) : value_under(f.w, v, m[i].o, m[i].key));
	}
	buf_add_char(f.out, is_map ? ']' : '}');
	pool_release(f.w->pool, mark);
}

void print_formatted(struct format f, char verb, struct value v)
{
	switch (v.kind) {
	case VALUE_NONE:
	case VALUE_NULL:
		if (f.nested)
			buf_add_z(f.out, "<nil>");
		else if (verb == 'v')
			print_padded(&f, STR("<nil>"));
		else
			bad_verb(f, verb, v);
		break;
	case VALUE_BOOL:
		if (verb == 'v' || verb == 't')
			print_padded(&f, str_from(v.b ? "true" : "false"));
		else
			bad_verb(f, verb, v);
		break;
	case VALUE_INT:
	case VALUE_UINT:
		print_integer(f, verb, v);
		break;
	case VALUE_FLOAT:
		print_float(f, verb, v);
		break;
	case VALUE_STRING:
		print_string(f, verb, v);
		break;
	case VALUE_LIST:
		print_list(f, verb, v);
		break;
	case VALUE_MAP:
	case VALUE_STRUCT:
		print_object(f, verb, v);
		break;
	}
}

struct format format_plain(const struct world *w, struct buf *out)
{
	return (struct format){ .w = w, .out = out, .width = -1, .precision = -1 };
}

void value_print(const struct world *w, const struct value *v, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && v[i].kind != VALUE_STRING && v[i - 1].kind != VALUE_STRING)
			buf_add_char(out, ' ');
		print_formatted(format_plain(w, out), 'v', v[i]);
	}
}

void value_println(const struct world *w, const struct value *v, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_char(out, ' ');
		print_formatted(format_plain(w, out), 'v', v[i]);
	}
	buf_add_char(out, '\n');
}
