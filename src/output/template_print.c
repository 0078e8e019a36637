/* Go's fmt for the values of templates: what Print and Printf do with them. */
#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "output/decimal.h"
#include "output/template_value.h"
#include "output/utf8.h"

#define WIDTH_MAX       1000000 /* Go refuses more too */
#define NUMBER_TEXT_MAX 2048

struct format {
	const struct world *w;
	struct buf *out;
	bool plus, minus, sharp, space, zero;
	int width, precision; /* -1: not given */
	bool nested;          /* inside a list or object */
};

static void print(struct format f, char verb, struct value v);

static void fill(struct buf *out, char c, size_t n)
{
	char *p = n ? buf_reserve(out, n) : NULL;

	if (p) {
		memset(p, c, n);
		out->n += n;
	}
}

static void padded(const struct format *f, struct str s)
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
		print(f, 'v', v);
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
	padded(&f, buf_str(&text));
}

static void character(struct format f, char verb, uint64_t u)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64), quoted = BUF_INIT(64);
	uint32_t c = u <= 0x10FFFF ? (uint32_t)u : UTF8_BAD;

	if (verb == 'U') {
		buf_addf(&text, "U+%04" PRIX64, u);
		if (f.sharp && utf8_printable(c)) {
			buf_add_z(&text, " '");
			utf8_add(&text, c);
			buf_add_char(&text, '\'');
		}
	} else if (verb == 'q' && c == '\'') {
		buf_add_z(&text, "'\\''");
	} else if (verb == 'q' && c != '"') {
		utf8_add(&text, c);
		utf8_quote(buf_str(&text), &quoted);
		quoted.p[0] = quoted.p[quoted.n - 1] = '\'';
		buf_clear(&text);
		buf_add(&text, buf_str(&quoted));
	} else {
		utf8_add(&text, c);
		if (verb == 'q')
			buf_clear(&text), buf_add_z(&text, "'\"'");
	}
	padded(&f, buf_str(&text));
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
	padded(&f, buf_str(&signed_text));
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
	padded(&f, buf_str(&text));
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
	padded(&f, buf_str(&text));
}

static void print_string(struct format f, char verb, struct value v)
{
	switch (verb) {
	case 'v':
	case 's':
		padded(&f, cut(&f, v.s));
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
		print(f, verb, value_element(f.w, v, js_at(v.json, i)));
	}
	buf_add_char(f.out, ']');
}

/* map[key:value key:value] or {value value}, with the flag + {Name:value Name:value}. */
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
		else if (f.plus)
			buf_add_z(f.out, m[i].key);
		if (is_map || f.plus)
			buf_add_char(f.out, ':');
		print(f, verb, is_map ? value_element(f.w, v, m[i].o) : value_under(f.w, m[i].o, m[i].key));
	}
	buf_add_char(f.out, is_map ? ']' : '}');
	pool_release(f.w->pool, mark);
}

static void print(struct format f, char verb, struct value v)
{
	switch (v.kind) {
	case VALUE_NONE:
	case VALUE_NULL:
		if (f.nested)
			buf_add_z(f.out, "<nil>");
		else if (verb == 'v')
			padded(&f, STR("<nil>"));
		else
			bad_verb(f, verb, v);
		break;
	case VALUE_BOOL:
		if (verb == 'v' || verb == 't')
			padded(&f, str_from(v.b ? "true" : "false"));
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

static struct format plain(const struct world *w, struct buf *out)
{
	return (struct format){ .w = w, .out = out, .width = -1, .precision = -1 };
}

void value_print(const struct world *w, const struct value *v, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && v[i].kind != VALUE_STRING && v[i - 1].kind != VALUE_STRING)
			buf_add_char(out, ' ');
		print(plain(w, out), 'v', v[i]);
	}
}

void value_println(const struct world *w, const struct value *v, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_char(out, ' ');
		print(plain(w, out), 'v', v[i]);
	}
	buf_add_char(out, '\n');
}

/* ---- Printf ---- */

struct directives {
	struct str format;
	size_t at;
	const struct value *v;
	size_t n, next; /* next: the argument that comes next */
	bool reordered; /* an explicit [n] was there: arguments left over are no mistake */
	bool bad_index;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char here(const struct directives *d)
{
	return d->at < d->format.n ? d->format.p[d->at] : 0;
}

/* -1: no number here, or one above the limit. */
static int number(struct directives *d)
{
	int v = 0;
	bool any = false;

	while (is_digit(here(d))) {
		any = true;
		v = v > WIDTH_MAX ? v : v * 10 + (here(d) - '0');
		d->at++;
	}
	return any && v <= WIDTH_MAX ? v : -1;
}

/* "[3]" chooses the argument. */
static bool index_of_argument(struct directives *d)
{
	size_t start = d->at;
	int i;

	if (here(d) != '[')
		return false;
	d->reordered = true;
	d->at++;
	i = number(d);
	if (here(d) == ']' && i >= 1 && (size_t)i <= d->n) {
		d->at++;
		d->next = (size_t)i - 1;
		return true;
	}
	d->bad_index = true;
	d->at = start;
	while (d->at < d->format.n && here(d) != ']')
		d->at++;
	if (d->at == d->format.n)
		d->at = start + 1;
	else
		d->at++;
	return true;
}

static void flags(struct directives *d, struct format *f)
{
	for (;; d->at++)
		switch (here(d)) {
		case '+':
			f->plus = true;
			break;
		case '-':
			f->minus = true;
			f->zero = false;
			break;
		case '#':
			f->sharp = true;
			break;
		case ' ':
			f->space = true;
			break;
		case '0':
			f->zero = !f->minus;
			break;
		default:
			return;
		}
}

/* The argument for "*". */
static int star(struct directives *d, struct buf *out, const char *problem)
{
	const struct value *v = d->next < d->n ? &d->v[d->next++] : NULL;

	d->at++;
	if (v && v->kind == VALUE_INT && v->i >= -WIDTH_MAX && v->i <= WIDTH_MAX)
		return (int)v->i;
	buf_add_z(out, problem);
	return -1;
}

static void width(struct directives *d, struct format *f)
{
	index_of_argument(d);
	if (here(d) != '*') {
		f->width = number(d);
		return;
	}
	f->width = star(d, f->out, "%!(BADWIDTH)");
	if (f->width < -1) {
		f->width = -f->width;
		f->minus = true;
		f->zero = false;
	}
}

static void precision(struct directives *d, struct format *f)
{
	if (here(d) != '.')
		return;
	d->at++;
	index_of_argument(d);
	if (here(d) == '*') {
		f->precision = star(d, f->out, "%!(BADPREC)");
		return;
	}
	f->precision = number(d);
	if (f->precision < 0)
		f->precision = 0;
}

static void type_name(struct format f, struct value v)
{
	bool nil = v.kind == VALUE_NONE || v.kind == VALUE_NULL;

	padded(&f, str_from(nil ? "<nil>" : value_type(f.w, v)));
}

/* Behind the "%". */
static void directive(const struct world *w, struct directives *d, struct buf *out)
{
	struct format f = plain(w, out);
	uint32_t c;
	size_t n;

	d->bad_index = false;
	flags(d, &f);
	width(d, &f);
	precision(d, &f);
	index_of_argument(d);
	if (d->at >= d->format.n) {
		buf_add_z(out, "%!(NOVERB)");
		return;
	}
	n = utf8_at(d->format, d->at, &c);
	d->at += n;
	if (c == '%') {
		buf_add_char(out, '%');
	} else if (d->bad_index || d->next >= d->n) {
		buf_addf(out, "%%!%.*s(%s)", (int)n, d->format.p + d->at - n, d->bad_index ? "BADINDEX" : "MISSING");
	} else if (c == 'T') {
		type_name(f, d->v[d->next++]);
	} else {
		print(f, c < 0x80 ? (char)c : '?', d->v[d->next++]);
	}
}

static void extra(const struct world *w, const struct directives *d, struct buf *out)
{
	buf_add_z(out, "%!(EXTRA ");
	for (size_t i = d->next; i < d->n; i++) {
		struct value v = d->v[i];

		if (i > d->next)
			buf_add_z(out, ", ");
		if (v.kind == VALUE_NONE || v.kind == VALUE_NULL) {
			buf_add_z(out, "<nil>");
			continue;
		}
		buf_addf(out, "%s=", value_type(w, v));
		print(plain(w, out), 'v', v);
	}
	buf_add_char(out, ')');
}

void value_printf(const struct world *w, struct str format, const struct value *v, size_t n, struct buf *out)
{
	struct directives d = { .format = format, .v = v, .n = n };

	while (d.at < format.n && !out->failed) {
		const char *percent = memchr(format.p + d.at, '%', format.n - d.at);
		size_t end = percent ? (size_t)(percent - format.p) : format.n;

		buf_add_bytes(out, format.p + d.at, end - d.at);
		d.at = end + 1;
		if (percent)
			directive(w, &d, out);
	}
	if (!d.reordered && d.next < d.n)
		extra(w, &d, out);
}
