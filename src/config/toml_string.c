/* Strings of TOML 1.0: "basic", 'literal', and both with three quotes over several lines. */
#include <stdint.h>

#include "config/toml.h"
#include "config/toml_text.h"

static void add_utf8(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_add_char(out, (char)c);
	} else if (c < 0x800) {
		buf_add_char(out, (char)(0xC0 | c >> 6));
		buf_add_char(out, (char)(0x80 | (c & 0x3F)));
	} else if (c < 0x10000) {
		buf_add_char(out, (char)(0xE0 | c >> 12));
		buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
		buf_add_char(out, (char)(0x80 | (c & 0x3F)));
	} else {
		buf_add_char(out, (char)(0xF0 | c >> 18));
		buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3F)));
		buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
		buf_add_char(out, (char)(0x80 | (c & 0x3F)));
	}
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The digits of \uXXXX and \UXXXXXXXX; start is the backslash. */
static int unicode_escape(struct toml_text *t, size_t start, int digits, struct buf *out, struct error *err)
{
	uint32_t c = 0;

	for (int i = 0; i < digits; i++, t->at++) {
		int d = hex_digit(toml_peek(t));

		if (d < 0)
			return toml_fail(t, start, err, "this escape needs %d hexadecimal digits", digits);
		c = c << 4 | (uint32_t)d;
	}
	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return toml_fail(t, start, err, "U+%04X is no Unicode character", (unsigned)c);
	add_utf8(out, c);
	return 0;
}

static int escape(struct toml_text *t, struct buf *out, struct error *err)
{
	static const char letters[] = "btnfr\"\\", meanings[] = "\b\t\n\f\r\"\\";
	size_t start = t->at++;
	int c = toml_peek(t);
	const char *at = c > 0 ? strchr(letters, c) : NULL;

	if (c != -1)
		t->at++;
	if (c == 'u' || c == 'U')
		return unicode_escape(t, start, c == 'u' ? 4 : 8, out, err);
	if (!at)
		return toml_fail(t, start, err, "unknown escape; a backslash itself is written \\\\");
	buf_add_char(out, meanings[at - letters]);
	return 0;
}

static void add_next(struct toml_text *t, struct buf *out)
{
	buf_add_char(out, t->all.p[t->at++]);
}

static int one_line(struct toml_text *t, char quote, struct buf *out, struct error *err)
{
	size_t start = t->at++;

	for (;;) {
		int c = toml_peek(t), r = 0;

		if (c == -1 || c == '\n' || c == '\r')
			return toml_fail(t, start, err, "this string has no closing quote on its line");
		if (c == quote)
			break;
		if (c == '\\' && quote == '"')
			r = escape(t, out, err);
		else
			add_next(t, out);
		if (r < 0)
			return r;
	}
	t->at++;
	return 0;
}

/* A line end in the text becomes LF, so that a file means the same with CRLF. */
static bool eat_newline(struct toml_text *t)
{
	return toml_eat(t, STR("\n")) || toml_eat(t, STR("\r\n"));
}

/* A backslash as the last of its line (blanks may follow) swallows all white space up to the next character. */
static bool eat_line_continuation(struct toml_text *t)
{
	size_t start = t->at++;

	toml_skip_blanks(t);
	if (!eat_newline(t)) {
		t->at = start;
		return false;
	}
	do
		toml_skip_blanks(t);
	while (eat_newline(t));
	return true;
}

/* Up to five quotes at the end: the first two of them belong to the text. False: these quotes are all text. */
static bool eat_closing(struct toml_text *t, char quote, struct buf *out)
{
	size_t n = 0;

	while (n < 5 && toml_peek(t) == quote) {
		t->at++;
		n++;
	}
	for (size_t i = n >= 3 ? 3 : 0; i < n; i++)
		buf_add_char(out, quote);
	return n >= 3;
}

static int many_lines(struct toml_text *t, char quote, struct buf *out, struct error *err)
{
	size_t start = t->at;

	t->at += 3;
	eat_newline(t);
	for (;;) {
		int c = toml_peek(t), r = 0;

		if (c == -1)
			return toml_fail(t, start, err, "this string has no closing quotes");
		if (c == quote) {
			if (eat_closing(t, quote, out))
				return 0;
		} else if (eat_newline(t)) {
			buf_add_char(out, '\n');
		} else if (c == '\\' && quote == '"') {
			r = eat_line_continuation(t) ? 0 : escape(t, out, err);
		} else {
			add_next(t, out);
		}
		if (r < 0)
			return r;
	}
}

int toml_string(struct toml_text *t, struct buf *out, struct error *err)
{
	int r;

	if (str_starts(toml_rest(t), STR("\"\"\"")) || str_starts(toml_rest(t), STR("'''")))
		r = many_lines(t, (char)toml_peek(t), out, err);
	else
		r = one_line(t, (char)toml_peek(t), out, err);
	return r < 0 ? r : buf_check(out, t->name, err);
}

int toml_quoted_key(struct toml_text *t, struct buf *out, struct error *err)
{
	int r;

	if (str_starts(toml_rest(t), STR("\"\"\"")) || str_starts(toml_rest(t), STR("'''")))
		return toml_fail(t, t->at, err, "a key may not be a string of several lines");
	r = one_line(t, (char)toml_peek(t), out, err);
	return r < 0 ? r : buf_check(out, t->name, err);
}
