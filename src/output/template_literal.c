/* Constants of templates, by Go's rules for string, rune, integer and floating point literals. */
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "output/template_node.h"
#include "output/utf8.h"

#define NUMBER_MAX 100 /* bytes of a floating point literal */

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* n digits at s.p[*at]. */
static bool take_digits(struct str s, size_t *at, size_t n, int base, uint32_t *ret)
{
	uint32_t v = 0;

	if (n > s.n - *at)
		return false;
	for (size_t i = 0; i < n; i++) {
		int d = digit_value(s.p[(*at)++]);

		if (d >= base)
			return false;
		v = v * (uint32_t)base + (uint32_t)d;
	}
	*ret = v;
	return true;
}

static bool is_char(uint32_t c)
{
	return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

/* Behind the backslash. ret_byte: the value is a byte of the string (\x, \ooo), not a character. */
static bool take_escape(struct str s, size_t *at, char quote, uint32_t *ret, bool *ret_byte)
{
	static const char named[] = "a\ab\bf\fn\nr\rt\tv\v\\\\";
	char c;

	*ret_byte = false;
	if (*at == s.n)
		return false;
	c = s.p[(*at)++];
	for (size_t i = 0; i + 1 < sizeof named; i += 2)
		if (named[i] == c) {
			*ret = (uint32_t)named[i + 1];
			return true;
		}
	if (c == '\'' || c == '"') {
		*ret = (uint32_t)c;
		return c == quote;
	}
	if (c == 'u' || c == 'U')
		return take_digits(s, at, c == 'u' ? 4 : 8, 16, ret) && is_char(*ret);
	*ret_byte = true;
	if (c == 'x')
		return take_digits(s, at, 2, 16, ret);
	--*at;
	return c >= '0' && c <= '7' && take_digits(s, at, 3, 8, ret) && *ret <= 0xFF;
}

static bool unquote(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t c;
		bool byte;

		if (s.p[i] != '\\') {
			buf_add_char(out, s.p[i++]);
			continue;
		}
		i++;
		if (!take_escape(s, &i, '"', &c, &byte))
			return false;
		if (byte)
			buf_add_char(out, (char)c);
		else
			utf8_add(out, c);
	}
	return true;
}

bool literal_string(struct str quoted, struct pool *pool, struct str *ret)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(TEMPLATE_MAX_TEXT);
	struct str s = { quoted.p + 1, quoted.n - 2 };
	char *z;

	if (quoted.p[0] == '"') {
		if (!unquote(s, &b))
			return false;
	} else {
		/* Go drops carriage returns of raw strings. */
		for (size_t i = 0; i < s.n; i++)
			if (s.p[i] != '\r')
				buf_add_char(&b, s.p[i]);
	}
	z = b.failed ? NULL : pool_dup(pool, buf_str(&b));
	if (z)
		*ret = (struct str){ z, b.n };
	return z != NULL;
}

/* Behind the first quote, with the second one. */
static bool rune(struct str s, struct number *ret, const char **ret_problem)
{
	uint32_t c = 0;
	size_t at = 1;
	bool byte;

	*ret_problem = "invalid syntax";
	if (s.p[0] == '\'' || (s.p[0] == '\\' && !take_escape(s, &at, '\'', &c, &byte)))
		return false;
	if (s.p[0] != '\\')
		at = utf8_at(s, 0, &c);
	*ret_problem = "malformed character constant";
	*ret = (struct number){ .is_int = true, .is_float = true, .i = (int64_t)c, .f = (double)c };
	return at + 1 == s.n;
}

/* An underscore only between digits or behind the prefix, and only in numbers with a base or without leading 0, as in Go. */
static bool underscores_fine(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '_' && (i == 0 || i + 1 == s.n || s.p[i - 1] == '_' || digit_value(s.p[i + 1]) == 99))
			return false;
	return true;
}

static int take_base(struct str *s)
{
	char c = s->n > 1 && s->p[0] == '0' ? s->p[1] | 0x20 : 0;
	int base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;

	if (base || (s->n > 1 && s->p[0] == '0')) {
		*s = (struct str){ s->p + (base ? 2 : 1), s->n - (base ? 2 : 1) };
		return base ? base : 8;
	}
	return 10;
}

static bool integer(struct str s, int64_t *ret)
{
	bool negative = s.n && s.p[0] == '-';
	int64_t v = 0;
	int base;

	if (negative || (s.n && s.p[0] == '+'))
		s = (struct str){ s.p + 1, s.n - 1 };
	if (!s.n || !underscores_fine(s))
		return false;
	base = take_base(&s);
	if (!s.n || (s.n == 1 && s.p[0] == '_'))
		return false;
	/* Counted downwards: the negative side has one number more. */
	for (size_t i = 0; i < s.n; i++) {
		int d = digit_value(s.p[i]);

		if (s.p[i] == '_')
			continue;
		if (d >= base || __builtin_mul_overflow(v, base, &v) || __builtin_sub_overflow(v, d, &v))
			return false;
	}
	if (!negative && __builtin_sub_overflow((int64_t)0, v, &v))
		return false;
	*ret = v;
	return true;
}

static bool has_any(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] && strchr(set, s.p[i]))
			return true;
	return false;
}

static bool is_hex(struct str s)
{
	return s.n > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X');
}

static bool floating(struct str s, double *ret)
{
	char text[NUMBER_MAX + 1];
	char *end;

	/* strtod would also take a hexadecimal number without exponent, which Go refuses. */
	if (s.n == 0 || s.n > NUMBER_MAX || has_any(s, "_i") || (is_hex(s) && !has_any(s, "pP")))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	*ret = strtod(text, &end);
	return end == text + s.n && isfinite(*ret);
}

bool literal_number(struct str text, struct number *ret, const char **ret_problem)
{
	bool looks_float = has_any(text, is_hex(text) ? "pP" : ".eEpP");

	if (text.p[0] == '\'')
		return rune((struct str){ text.p + 1, text.n - 1 }, ret, ret_problem);
	*ret = (struct number){ .prefers_float = looks_float };
	if (integer(text, &ret->i)) {
		ret->is_int = ret->is_float = true;
		ret->f = (double)ret->i;
		return true;
	}
	*ret_problem = "illegal number syntax";
	if (!floating(text, &ret->f))
		return false;
	*ret_problem = "integer overflow";
	if (!has_any(text, ".eEpP"))
		return false;
	ret->is_float = true;
	ret->is_int = fabs(ret->f) < 0x1p63 && ret->f == trunc(ret->f);
	if (ret->is_int)
		ret->i = (int64_t)ret->f;
	return true;
}
