/* The four kinds of dates and times of TOML 1.0, all after RFC 3339: 1979-05-27T07:32:00.5+02:00, the same without offset, a date alone,
 * a time alone. */
#include "config/toml_text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes n digits off s. */
static bool digits(struct str *s, size_t n, int *ret)
{
	int v = 0;

	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(s->p[i]))
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	s->p += n;
	s->n -= n;
	*ret = v;
	return true;
}

/* Takes one of the characters of set off s. */
static bool one_of(struct str *s, const char *set)
{
	if (!s->n || !s->p[0] || !strchr(set, s->p[0]))
		return false;
	s->p++;
	s->n--;
	return true;
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct str *s, struct buf *out)
{
	int year, month, day;

	if (!digits(s, 4, &year) || !one_of(s, "-") || !digits(s, 2, &month) || !one_of(s, "-") || !digits(s, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_of(year, month))
		return false;
	buf_addf(out, "%04d-%02d-%02d", year, month, day);
	return true;
}

static bool take_time(struct str *s, struct buf *out)
{
	int hour, minute, second;

	if (!digits(s, 2, &hour) || !one_of(s, ":") || !digits(s, 2, &minute) || !one_of(s, ":") || !digits(s, 2, &second))
		return false;
	/* 60 is a leap second, which RFC 3339 allows. */
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	buf_addf(out, "%02d:%02d:%02d", hour, minute, second);
	if (!one_of(s, "."))
		return true;
	if (!s->n || !is_digit(s->p[0]))
		return false;
	buf_add_char(out, '.');
	for (; s->n && is_digit(s->p[0]); s->p++, s->n--)
		buf_add_char(out, s->p[0]);
	return true;
}

/* Nothing is an offset too: a local time. */
static bool take_offset(struct str *s, struct buf *out)
{
	char sign = s->n ? s->p[0] : 0;
	int hour, minute;

	if (one_of(s, "Zz"))
		return buf_add_char(out, 'Z');
	if (!one_of(s, "+-"))
		return true;
	if (!digits(s, 2, &hour) || !one_of(s, ":") || !digits(s, 2, &minute) || hour > 23 || minute > 59)
		return false;
	return buf_addf(out, "%c%02d:%02d", sign, hour, minute);
}

bool toml_date(struct str word, struct buf *out)
{
	struct str s = word;

	if (s.n > 2 && s.p[2] == ':')
		return take_time(&s, out) && s.n == 0;
	if (!take_date(&s, out))
		return false;
	if (s.n == 0)
		return true;
	if (!one_of(&s, "Tt "))
		return false;
	buf_add_char(out, 'T');
	return take_time(&s, out) && take_offset(&s, out) && s.n == 0;
}

/* Two digits and a colon, or four digits and a dash. */
bool toml_date_like(struct str word)
{
	size_t n = 0;

	while (n < word.n && is_digit(word.p[n]))
		n++;
	return n < word.n && ((word.p[n] == ':' && n > 0) || (word.p[n] == '-' && n == 4));
}
