#include "base/clock.h"

#include <stdio.h>

#include "base/cleanup.h"

#define NS_PER_S INT64_C(1000000000)
#define S_PER_DAY INT64_C(86400)

uint64_t clock_ms(void)
{
	struct timespec t = { 0 };
	uint64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ms = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
	return ms ? ms : 1;
}

uint64_t clock_after_ms(uint64_t ms)
{
	uint64_t now = clock_ms();

	return ms > UINT64_MAX - now ? UINT64_MAX : now + ms;
}

struct instant instant_now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_REALTIME, &t);
	return (struct instant){ .s = t.tv_sec, .ns = (int32_t)t.tv_nsec };
}

struct civil {
	int64_t year;
	int month, day;
};

/* Both ways count in years that begin in March, so that the leap day is the last day of the year. timegm is no help: macOS
 * and Linux disagree about years before 1900, and Go's zero time is in year 1. */
static int64_t days_from_civil(struct civil c)
{
	int64_t y = c.month <= 2 ? c.year - 1 : c.year;
	int64_t era = (y >= 0 ? y : y - 399) / 400, year_of_era = y - era * 400;
	int64_t day_of_year = (153 * ((c.month + 9) % 12) + 2) / 5 + c.day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static struct civil civil_from_days(int64_t days)
{
	int64_t d = days + 719468, era = (d >= 0 ? d : d - 146096) / 146097, day_of_era = d - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t march_month = (5 * day_of_year + 2) / 153;
	struct civil c = { .day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1) };

	c.month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
	c.year = year_of_era + era * 400 + (c.month <= 2);
	return c;
}

static int month_days(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* A fixed number of digits in lo..hi at the front of s, which moves past them and past the separator (0: none follows). */
static bool take_number(struct str *s, size_t width, char sep, int lo, int hi, int *ret)
{
	int v = 0;

	if (s->n < width + (sep != 0))
		return false;
	for (size_t i = 0; i < width; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	if (v < lo || v > hi || (sep && s->p[width] != sep))
		return false;
	s->p += width + (sep != 0);
	s->n -= width + (sep != 0);
	*ret = v;
	return true;
}

/* Optional; digits behind the ninth are dropped. */
static bool take_fraction(struct str *s, int32_t *ret_ns)
{
	int32_t scale = 100000000;
	size_t i = 1;

	*ret_ns = 0;
	if (!s->n || (s->p[0] != '.' && s->p[0] != ','))
		return true;
	for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++, scale /= 10)
		*ret_ns += (s->p[i] - '0') * scale;
	s->p += i;
	s->n -= i;
	return i > 1;
}

static bool parse_zone(struct str s, int32_t *ret_s)
{
	int hour, minute, direction;

	*ret_s = 0;
	if (str_eq(s, STR("Z")) || str_eq(s, STR("z")))
		return true;
	if (!s.n || (s.p[0] != '+' && s.p[0] != '-'))
		return false;
	direction = s.p[0] == '-' ? -1 : 1;
	s = (struct str){ s.p + 1, s.n - 1 };
	if (!take_number(&s, 2, ':', 0, 24, &hour) || !take_number(&s, 2, 0, 0, 59, &minute) || s.n)
		return false;
	*ret_s = direction * (hour * 3600 + minute * 60);
	return true;
}

bool instant_parse_rfc3339(struct str s, struct instant *ret)
{
	int year, hour, minute, second;
	struct civil c;
	struct instant t;

	if (!take_number(&s, 4, '-', 0, 9999, &year) || !take_number(&s, 2, '-', 1, 12, &c.month) ||
	    !take_number(&s, 2, 'T', 1, month_days(year, c.month), &c.day) || !take_number(&s, 2, ':', 0, 23, &hour) ||
	    !take_number(&s, 2, ':', 0, 59, &minute) || !take_number(&s, 2, 0, 0, 59, &second))
		return false;
	if (!take_fraction(&s, &t.ns) || !parse_zone(s, &t.zone_s))
		return false;
	c.year = year;
	t.s = days_from_civil(c) * S_PER_DAY + hour * 3600 + minute * 60 + second - t.zone_s;
	*ret = t;
	return true;
}

/* "2006-01-02", between, "15:04:05" and the fraction without its trailing zeros. */
static void add_utc(struct instant t, char between, struct buf *out)
{
	int64_t days = t.s / S_PER_DAY, rest = t.s % S_PER_DAY;
	struct civil c;
	char fraction[16];
	size_t n;

	if (rest < 0) {
		rest += S_PER_DAY;
		days--;
	}
	c = civil_from_days(days);
	buf_addf(out, "%04lld-%02d-%02d%c", (long long)c.year, c.month, c.day, between);
	buf_addf(out, "%02d:%02d:%02d", (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
	n = (size_t)snprintf(fraction, sizeof fraction, ".%09d", (int)t.ns);
	while (n > 1 && fraction[n - 1] == '0')
		n--;
	if (n > 1)
		buf_add(out, (struct str){ fraction, n });
}

void instant_rfc3339(struct instant t, struct buf *out)
{
	add_utc(t, 'T', out);
	buf_add_char(out, 'Z');
}

void instant_go_string(struct instant t, struct buf *out)
{
	add_utc(t, ' ', out);
	buf_add(out, STR(" +0000 UTC"));
}

/* The micro sign has two code points; Go takes both. The longer names come first, since "m" begins "ms". */
static const struct unit {
	struct str name;
	int64_t ns;
} units[] = {
	{ { "ns", 2 }, 1 },
	{ { "us", 2 }, 1000 },
	{ { "\xc2\xb5s", 3 }, 1000 },
	{ { "\xce\xbcs", 3 }, 1000 },
	{ { "ms", 2 }, 1000000 },
	{ { "s", 1 }, NS_PER_S },
	{ { "m", 1 }, 60 * NS_PER_S },
	{ { "h", 1 }, 3600 * NS_PER_S },
};

static const struct unit *take_unit(struct str *s)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (str_starts(*s, units[i].name)) {
			s->p += units[i].name.n;
			s->n -= units[i].name.n;
			return &units[i];
		}
	}
	return NULL;
}

static bool take_digit(struct str *s, unsigned *ret)
{
	if (!s->n || s->p[0] < '0' || s->p[0] > '9')
		return false;
	*ret = (unsigned)(s->p[0] - '0');
	s->p++;
	s->n--;
	return true;
}

static bool take_whole(struct str *s, uint64_t *ret, bool *any)
{
	unsigned digit;

	for (*ret = 0; take_digit(s, &digit); *any = true)
		if (__builtin_mul_overflow(*ret, 10U, ret) || __builtin_add_overflow(*ret, digit, ret))
			return false;
	return true;
}

/* ".5": digits and what to divide them by. Digits that no longer fit are dropped, as Go does it: the last bit of the result
 * depends on where. */
static void take_part(struct str *s, uint64_t *ret, double *ret_scale, bool *any)
{
	bool full = false;
	unsigned digit;

	*ret = 0;
	*ret_scale = 1;
	if (!s->n || s->p[0] != '.')
		return;
	for (s->p++, s->n--; take_digit(s, &digit); *any = true) {
		full = full || *ret > INT64_MAX / 10 || *ret * 10 + digit > (uint64_t)1 << 63;
		if (full)
			continue;
		*ret = *ret * 10 + digit;
		*ret_scale *= 10;
	}
}

/* One "1.5h" of a duration, added to *sum. */
static bool take_term(struct str *s, uint64_t *sum)
{
	const struct unit *unit;
	uint64_t whole, part, ns;
	bool any = false;
	double scale;

	if (!take_whole(s, &whole, &any))
		return false;
	take_part(s, &part, &scale, &any);
	unit = any ? take_unit(s) : NULL;
	if (!unit || __builtin_mul_overflow(whole, (uint64_t)unit->ns, &ns))
		return false;
	if (__builtin_add_overflow(ns, (uint64_t)((double)part * ((double)unit->ns / scale)), &ns))
		return false;
	return !__builtin_add_overflow(*sum, ns, sum) && *sum <= (uint64_t)1 << 63;
}

bool duration_parse(struct str s, int64_t *ret_ns)
{
	bool negative = s.n && s.p[0] == '-';
	uint64_t sum = 0;

	if (s.n && (s.p[0] == '-' || s.p[0] == '+')) {
		s.p++;
		s.n--;
	}
	if (str_eq(s, STR("0"))) {
		*ret_ns = 0;
		return true;
	}
	if (!s.n)
		return false;
	while (s.n)
		if (!take_term(&s, &sum))
			return false;
	if (!negative && sum > INT64_MAX)
		return false;
	/* By way of unsigned: the most negative duration has no positive twin. */
	*ret_ns = (int64_t)(negative ? 0 - sum : sum);
	return true;
}

/* v / scale with the fraction's trailing zeros dropped. width: digits of the fraction. */
static void add_decimal(uint64_t v, uint64_t scale, int width, struct buf *out)
{
	uint64_t part = v % scale;

	buf_addf(out, "%llu", (unsigned long long)(v / scale));
	if (!part)
		return;
	for (; part % 10 == 0; width--)
		part /= 10;
	buf_addf(out, ".%0*llu", width, (unsigned long long)part);
}

static void add_short_duration(uint64_t ns, struct buf *out)
{
	if (ns < 1000) {
		buf_addf(out, "%lluns", (unsigned long long)ns);
	} else if (ns < 1000000) {
		add_decimal(ns, 1000, 3, out);
		buf_add(out, STR("\xc2\xb5s"));
	} else {
		add_decimal(ns, 1000000, 6, out);
		buf_add(out, STR("ms"));
	}
}

void duration_string(int64_t ns, struct buf *out)
{
	uint64_t left = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns, minutes = left / (60 * NS_PER_S);

	if (ns == 0) {
		buf_add(out, STR("0s"));
		return;
	}
	if (ns < 0)
		buf_add_char(out, '-');
	if (left < (uint64_t)NS_PER_S) {
		add_short_duration(left, out);
		return;
	}
	if (minutes >= 60)
		buf_addf(out, "%lluh", (unsigned long long)(minutes / 60));
	if (minutes)
		buf_addf(out, "%llum", (unsigned long long)(minutes % 60));
	add_decimal(left % (60 * NS_PER_S), NS_PER_S, 9, out);
	buf_add_char(out, 's');
}
