#include "cli/number.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>

#include "base/cleanup.h"
#include "base/units.h"

static struct str skip(struct str s, size_t n)
{
	return (struct str){ s.p + n, s.n - n };
}

/* The base that the prefix names; ret_digits is what stands behind it. */
static unsigned base_of(struct str s, struct str *ret_digits)
{
	unsigned base = 10;
	size_t prefix = 0;

	if (s.n && s.p[0] == '0') {
		int letter = s.n >= 3 ? tolower((unsigned char)s.p[1]) : 0;

		base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
		prefix = letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1;
	}
	*ret_digits = skip(s, prefix);
	return base;
}

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 99;
}

/* An underscore stands between two digits, or between the base prefix and a digit. */
static bool underscores_fit(struct str digits, bool behind_prefix)
{
	bool digit_before = behind_prefix;

	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] == '_' && !digit_before)
			return false;
		digit_before = digits.p[i] != '_';
	}
	return digit_before || !digits.n;
}

enum number number_uint(struct str s, uint64_t *ret)
{
	struct str digits;
	unsigned base = base_of(s, &digits);
	uint64_t v = 0;

	if (!s.n)
		return NUMBER_SYNTAX;
	for (size_t i = 0; i < digits.n; i++) {
		unsigned d = digit_value(digits.p[i]);

		if (digits.p[i] == '_')
			continue;
		if (d >= base)
			return NUMBER_SYNTAX;
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
			return NUMBER_RANGE;
	}
	if (!underscores_fit(digits, digits.n < s.n))
		return NUMBER_SYNTAX;
	*ret = v;
	return NUMBER_OK;
}

enum number number_int(struct str s, int64_t *ret)
{
	bool negative = s.n && s.p[0] == '-';
	struct str digits = skip(s, s.n && (s.p[0] == '-' || s.p[0] == '+'));
	uint64_t limit = (uint64_t)INT64_MAX + negative, v;
	enum number r = number_uint(digits, &v);

	if (r != NUMBER_OK)
		return r;
	if (v > limit)
		return NUMBER_RANGE;
	*ret = negative ? (int64_t)(0 - v) : (int64_t)v;
	return NUMBER_OK;
}

enum number number_float(struct str s, double *ret)
{
	CLEANUP(free_p) char *z = NULL;
	char *end;

	if (float_parse(s, ret))
		return NUMBER_OK;
	/* A decimal number that float_parse refuses is one that does not fit. */
	z = str_dup(s);
	if (z && s.n && !strpbrk(z, "xXnN") && isinf(strtod(z, &end)) && !*end)
		return NUMBER_RANGE;
	return NUMBER_SYNTAX;
}
