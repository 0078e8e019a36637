#include "base/units.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"

static size_t digits(struct str s, size_t from)
{
	size_t i = from;

	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i - from;
}

static size_t sign(struct str s)
{
	return s.n && (s.p[0] == '+' || s.p[0] == '-');
}

bool int_parse(struct str s, int64_t *ret)
{
	bool negative = s.n && s.p[0] == '-';
	size_t i = sign(s);
	int64_t v = 0;

	if (i == s.n || i + digits(s, i) != s.n)
		return false;
	/* Counted downwards: the negative side has one number more. */
	for (; i < s.n; i++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, s.p[i] - '0', &v))
			return false;
	if (!negative && __builtin_sub_overflow((int64_t)0, v, &v))
		return false;
	*ret = v;
	return true;
}

/* [sign] digits [. digits] [e [sign] digits], with a digit before or behind the point. */
static bool is_float(struct str s)
{
	size_t i = sign(s), whole = digits(s, i), part = 0;

	i += whole;
	if (i < s.n && s.p[i] == '.') {
		part = digits(s, ++i);
		i += part;
	}
	if (!whole && !part)
		return false;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		struct str exponent = { s.p + i + 1, s.n - i - 1 };
		size_t n = sign(exponent), len = digits(exponent, n);

		return len && n + len == exponent.n;
	}
	return i == s.n;
}

bool float_parse(struct str s, double *ret)
{
	CLEANUP(free_p) char *z = is_float(s) ? str_dup(s) : NULL;
	double v;

	if (!z)
		return false;
	v = strtod(z, NULL);
	if (isinf(v))
		return false;
	*ret = v;
	return true;
}

bool bool_parse(struct str s, bool *ret)
{
	static const char *const yes[] = { "1", "t", "T", "TRUE", "true", "True" };
	static const char *const no[] = { "0", "f", "F", "FALSE", "false", "False" };

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (str_eq_z(s, yes[i]) || str_eq_z(s, no[i])) {
			*ret = str_eq_z(s, yes[i]);
			return true;
		}
	}
	return false;
}

/* "", "b", or one of kmgtp with optional "b" or "ib", any case. */
static bool unit_factor(struct str unit, double step, double *ret)
{
	static const char letters[] = "kmgtp";
	char u[4] = "";
	const char *at;

	if (unit.n >= sizeof u)
		return false;
	for (size_t i = 0; i < unit.n; i++)
		u[i] = (char)tolower((unsigned char)unit.p[i]);
	*ret = 1;
	if (strcmp(u, "") == 0 || strcmp(u, "b") == 0)
		return true;
	at = strchr(letters, u[0]);
	if (!u[0] || !at || (strcmp(u + 1, "") != 0 && strcmp(u + 1, "b") != 0 && strcmp(u + 1, "ib") != 0))
		return false;
	for (const char *l = letters; l <= at; l++)
		*ret *= step;
	return true;
}

/* One blank may stand between number and unit, as in "10 MB". */
static void split_unit(struct str s, struct str *ret_number, struct str *ret_unit)
{
	size_t i = s.n;

	while (i && !strchr("0123456789.", s.p[i - 1]) && s.p[i - 1] != ' ')
		i--;
	*ret_unit = (struct str){ s.p + i, s.n - i };
	*ret_number = (struct str){ s.p, i && s.p[i - 1] == ' ' ? i - 1 : i };
}

static bool size_parse_step(struct str s, double step, int64_t *ret_bytes)
{
	struct str number, unit;
	double v, factor;

	if (str_eq(s, STR("-1"))) {
		*ret_bytes = -1;
		return true;
	}
	split_unit(s, &number, &unit);
	if (!float_parse(number, &v) || v < 0 || !unit_factor(unit, step, &factor))
		return false;
	v *= factor;
	if (v >= 0x1p63)
		return false;
	*ret_bytes = (int64_t)v;
	return true;
}

bool size_parse(struct str s, int64_t *ret_bytes)
{
	return size_parse_step(s, 1024, ret_bytes);
}

bool size_parse_decimal(struct str s, int64_t *ret_bytes)
{
	return size_parse_step(s, 1000, ret_bytes);
}
