#include "config/toml_text.h"

#include <stdarg.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "config/toml.h"

#define ERROR_TEXT_MAX 1024

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* Only needed for an error, so that nothing counts lines while all is well. */
static void position(const struct toml_text *t, size_t at, size_t *ret_line, size_t *ret_column)
{
	*ret_line = 1;
	*ret_column = 1;
	for (size_t i = 0; i < at; i++) {
		if (t->all.p[i] == '\n') {
			++*ret_line;
			*ret_column = 1;
		} else if (!is_continuation(t->all.p[i])) {
			++*ret_column;
		}
	}
}

int toml_fail(const struct toml_text *t, size_t at, struct error *err, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(ERROR_TEXT_MAX);
	size_t line, column;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	position(t, at, &line, &column);
	return error_set(err, ERR_USAGE, "%s:%zu:%zu: %s", t->name, line, column, buf_z(&text));
}

/* Length of the UTF-8 character at s; 0 when it is none: a stray or missing continuation byte, more bytes than needed, a surrogate, or
 * a number over U+10FFFF (Unicode 15, table 3-7). */
static size_t utf8_length(struct str s)
{
	unsigned char first = (unsigned char)s.p[0];
	unsigned char low = 0x80, high = 0xBF;
	size_t n = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;

	if (n <= 1 || n > s.n)
		return n <= 1 ? n : 0;
	if (first == 0xE0)
		low = 0xA0;
	else if (first == 0xED)
		high = 0x9F;
	else if (first == 0xF0)
		low = 0x90;
	else if (first == 0xF4)
		high = 0x8F;
	if ((unsigned char)s.p[1] < low || (unsigned char)s.p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (!is_continuation(s.p[i]))
			return 0;
	return n;
}

static bool is_control(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];

	if (c == '\r')
		return s.n < 2 || s.p[1] != '\n';
	return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
}

int toml_check(const struct toml_text *t, struct error *err)
{
	struct str s = t->all;

	if (s.n > TOML_MAX_BYTES)
		return error_set(err, ERR_USAGE, "%s: larger than %d bytes", t->name, TOML_MAX_BYTES);
	while (s.n) {
		size_t at = t->all.n - s.n, n = utf8_length(s);

		if (n == 0)
			return toml_fail(t, at, err, "invalid UTF-8");
		if (is_control(s))
			return toml_fail(t, at, err, "control character U+%04X", (unsigned)(unsigned char)s.p[0]);
		s.p += n;
		s.n -= n;
	}
	return 0;
}

struct str toml_rest(const struct toml_text *t)
{
	return (struct str){ t->all.p + t->at, t->all.n - t->at };
}

int toml_peek(const struct toml_text *t)
{
	return t->at < t->all.n ? (unsigned char)t->all.p[t->at] : -1;
}

bool toml_eat(struct toml_text *t, struct str word)
{
	if (!str_starts(toml_rest(t), word))
		return false;
	t->at += word.n;
	return true;
}

void toml_skip_blanks(struct toml_text *t)
{
	while (toml_peek(t) == ' ' || toml_peek(t) == '\t')
		t->at++;
}

/* The line end stays. A CR is one only before LF (toml_check), and belongs to it. */
void toml_skip_comment(struct toml_text *t)
{
	toml_skip_blanks(t);
	if (toml_peek(t) != '#')
		return;
	while (toml_peek(t) != -1 && toml_peek(t) != '\n' && toml_peek(t) != '\r')
		t->at++;
}

static bool eat_line_end(struct toml_text *t)
{
	return toml_eat(t, STR("\n")) || toml_eat(t, STR("\r\n"));
}

void toml_skip_lines(struct toml_text *t)
{
	do
		toml_skip_comment(t);
	while (eat_line_end(t));
}

int toml_end_line(struct toml_text *t, struct error *err)
{
	toml_skip_comment(t);
	if (toml_peek(t) == -1 || eat_line_end(t))
		return 0;
	return toml_fail(t, t->at, err, "only a comment may follow on this line");
}
