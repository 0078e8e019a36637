/* Booleans, numbers, dates and times of TOML 1.0: everything that is one word without quotes. */
#include <math.h>
#include <stdint.h>

#include "base/units.h"
#include "config/toml.h"
#include "config/toml_text.h"

/* No valid number is longer; floats may be, but nobody means their 200th digit. */
#define WORD_MAX 256

static bool is_word_char(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '-' || c == '.' ||
	       c == '_' || c == ':';
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* "1979-05-27 07:32:00" is one value: RFC 3339 allows a blank for the T. */
static bool time_follows(const struct toml_text *t, size_t start)
{
	struct str rest = toml_rest(t);

	return t->at - start == 10 && toml_date_like((struct str){ t->all.p + start, 10 }) && rest.n >= 4 && rest.p[0] == ' ' &&
	       is_digit(rest.p[1]) && is_digit(rest.p[2]) && rest.p[3] == ':';
}

static struct str take_word(struct toml_text *t)
{
	size_t start = t->at;

	while (is_word_char(toml_peek(t)))
		t->at++;
	if (time_follows(t, start)) {
		t->at++;
		while (is_word_char(toml_peek(t)))
			t->at++;
	}
	return (struct str){ t->all.p + start, t->at - start };
}

static bool is_digit_of(char c, int base)
{
	if (base == 16 && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
		return true;
	return c >= '0' && c < '0' + (base < 10 ? base : 10);
}

/* Digits with single underscores between them, and nothing else; the digits go to out. */
static bool plain_digits(struct str s, int base, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '_') {
			if (i == 0 || i + 1 == s.n || s.p[i + 1] == '_')
				return false;
		} else if (!is_digit_of(s.p[i], base)) {
			return false;
		} else {
			buf_add_char(out, s.p[i]);
		}
	}
	return s.n > 0;
}

static struct str without_sign(struct str s)
{
	bool sign = s.n && (s.p[0] == '+' || s.p[0] == '-');

	return (struct str){ s.p + sign, s.n - sign };
}

enum number { NUMBER_OK, NUMBER_WRONG, NUMBER_TOO_LARGE };

static enum number based_int(struct str digits, int base, int64_t *ret)
{
	struct buf plain = BUF_INIT(WORD_MAX);
	int64_t v = 0;
	enum number r = plain_digits(digits, base, &plain) ? NUMBER_OK : NUMBER_WRONG;

	for (size_t i = 0; r == NUMBER_OK && i < plain.n; i++) {
		int c = plain.p[i], d = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
			r = NUMBER_TOO_LARGE;
	}
	*ret = v;
	buf_done(&plain);
	return r;
}

static enum number decimal_int(struct str word, int64_t *ret)
{
	struct str digits = without_sign(word);
	struct buf plain = BUF_INIT(WORD_MAX);
	enum number r = NUMBER_OK;

	buf_add(&plain, (struct str){ word.p, word.n - digits.n });
	if (!plain_digits(digits, 10, &plain) || (digits.n > 1 && digits.p[0] == '0'))
		r = NUMBER_WRONG;
	else if (!int_parse(buf_str(&plain), ret))
		r = NUMBER_TOO_LARGE;
	buf_done(&plain);
	return r;
}

static enum number int_value(struct str word, int64_t *ret)
{
	static const struct {
		struct str prefix;
		int base;
	} bases[] = { { { "0x", 2 }, 16 }, { { "0o", 2 }, 8 }, { { "0b", 2 }, 2 } };

	for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++)
		if (str_starts(word, bases[i].prefix))
			return based_int((struct str){ word.p + 2, word.n - 2 }, bases[i].base, ret);
	return decimal_int(word, ret);
}

static bool is_special_float(struct str word, double *ret)
{
	struct str name = without_sign(word);
	bool negative = word.p[0] == '-';

	if (str_eq_z(name, "inf"))
		*ret = negative ? -INFINITY : INFINITY;
	else if (str_eq_z(name, "nan"))
		*ret = negative ? -NAN : NAN;
	else
		return false;
	return true;
}

/* Cuts at "e" or "E". */
static bool cut_exponent(struct str s, struct str *ret_head, struct str *ret_exponent)
{
	return str_cut(s, 'e', ret_head, ret_exponent) || str_cut(s, 'E', ret_head, ret_exponent);
}

/* The parts between sign, point and exponent are digits with underscores; a point has digits on both sides. */
static bool plain_float(struct str word, struct buf *out)
{
	struct str body = without_sign(word), mantissa, exponent, whole, part;
	bool has_exponent = cut_exponent(body, &mantissa, &exponent);
	bool has_point = str_cut(mantissa, '.', &whole, &part);

	buf_add(out, (struct str){ word.p, word.n - body.n });
	if (!plain_digits(whole, 10, out) || (whole.n > 1 && whole.p[0] == '0'))
		return false;
	if (has_point) {
		buf_add_char(out, '.');
		if (!plain_digits(part, 10, out))
			return false;
	}
	if (has_exponent) {
		struct str digits = without_sign(exponent);

		buf_add_char(out, 'e');
		buf_add(out, (struct str){ exponent.p, exponent.n - digits.n });
		if (!plain_digits(digits, 10, out))
			return false;
	}
	return has_point || has_exponent;
}

static enum number float_value(struct str word, double *ret)
{
	struct buf plain = BUF_INIT(WORD_MAX);
	enum number r = NUMBER_OK;

	if (is_special_float(word, ret))
		return NUMBER_OK;
	if (!plain_float(word, &plain))
		r = NUMBER_WRONG;
	else if (!float_parse(buf_str(&plain), ret))
		r = NUMBER_TOO_LARGE;
	buf_done(&plain);
	return r;
}

static int bad_word(const struct toml_text *t, size_t start, struct str word, struct error *err)
{
	if (toml_date_like(word))
		return toml_fail(t, start, err, "\"%.*s\" is no valid date or time", STR_ARG(word));
	if (is_digit(without_sign(word).n ? without_sign(word).p[0] : 0))
		return toml_fail(t, start, err, "\"%.*s\" is no valid number", STR_ARG(word));
	return toml_fail(t, start, err, "\"%.*s\" is no value; a text stands in quotes", STR_ARG(word));
}

static int too_large(const struct toml_text *t, size_t start, struct str word, struct error *err)
{
	return toml_fail(t, start, err, "the number %.*s is too large", STR_ARG(word));
}

static int number(const struct toml_text *t, size_t start, struct str word, struct json_object **ret, struct error *err)
{
	int64_t i = 0;
	double d = 0;
	enum number as_int = int_value(word, &i), as_float;

	if (as_int == NUMBER_OK) {
		*ret = json_object_new_int64(i);
		return 0;
	}
	as_float = as_int == NUMBER_WRONG ? float_value(word, &d) : NUMBER_WRONG;
	if (as_int == NUMBER_TOO_LARGE || as_float == NUMBER_TOO_LARGE)
		return too_large(t, start, word, err);
	if (as_float == NUMBER_WRONG)
		return bad_word(t, start, word, err);
	*ret = json_object_new_double(d);
	return 0;
}

static int date(const struct toml_text *t, size_t start, struct str word, struct json_object **ret, struct error *err)
{
	struct buf text = BUF_INIT(WORD_MAX);
	int r = 0;

	if (toml_date(word, &text))
		*ret = json_object_new_string_len(text.p, (int)text.n);
	else
		r = bad_word(t, start, word, err);
	buf_done(&text);
	return r;
}

int toml_scalar(struct toml_text *t, struct json_object **ret, struct error *err)
{
	size_t start = t->at;
	struct str word = take_word(t);

	*ret = NULL;
	if (word.n == 0)
		return toml_fail(t, start, err, "a value is missing here");
	if (word.n > WORD_MAX)
		return toml_fail(t, start, err, "this value is longer than %d characters", WORD_MAX);
	if (str_eq_z(word, "true") || str_eq_z(word, "false"))
		*ret = json_object_new_boolean(word.p[0] == 't');
	else
		return toml_date_like(word) ? date(t, start, word, ret, err) : number(t, start, word, ret, err);
	return 0;
}
