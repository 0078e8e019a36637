#include "unit.h"

#include "base/clock.h"

#define SECOND INT64_C(1000000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static void good_instants(void **state)
{
	static const struct {
		const char *in;
		int64_t s;
		int32_t ns, zone_s;
		const char *rfc3339, *go;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0, 0, 0, "1970-01-01T00:00:00Z", "1970-01-01 00:00:00 +0000 UTC" },
		{ "2026-11-23T17:37:41.123456789Z", 1795455461, 123456789, 0, "2026-11-23T17:37:41.123456789Z",
		  "2026-11-23 17:37:41.123456789 +0000 UTC" },
		{ "2026-11-23T19:37:41.5+02:00", 1795455461, 500000000, 7200, "2026-11-23T17:37:41.5Z",
		  "2026-11-23 17:37:41.5 +0000 UTC" },
		{ "2026-11-23T12:07:41-05:30", 1795455461, 0, -19800, "2026-11-23T17:37:41Z", "2026-11-23 17:37:41 +0000 UTC" },
		{ "0001-01-01T00:00:00Z", CLOCK_GO_ZERO_S, 0, 0, "0001-01-01T00:00:00Z", "0001-01-01 00:00:00 +0000 UTC" },
		{ "1969-12-31T23:59:59.25Z", -1, 250000000, 0, "1969-12-31T23:59:59.25Z", "1969-12-31 23:59:59.25 +0000 UTC" },
		{ "2000-02-29T00:00:00Z", 951782400, 0, 0, "2000-02-29T00:00:00Z", "2000-02-29 00:00:00 +0000 UTC" },
		{ "2024-12-31T23:59:59Z", 1735689599, 0, 0, "2024-12-31T23:59:59Z", "2024-12-31 23:59:59 +0000 UTC" },
		{ "2024-03-01T00:00:00.1234567891234Z", 1709251200, 123456789, 0, "2024-03-01T00:00:00.123456789Z",
		  "2024-03-01 00:00:00.123456789 +0000 UTC" },
		{ "9999-12-31T23:59:59Z", 253402300799, 0, 0, "9999-12-31T23:59:59Z", "9999-12-31 23:59:59 +0000 UTC" },
		{ "0000-01-01T00:00:00Z", -62167219200, 0, 0, "0000-01-01T00:00:00Z", "0000-01-01 00:00:00 +0000 UTC" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf rfc3339 = BUF_INIT(100), go = BUF_INIT(100);
		struct instant t;

		if (!instant_parse_rfc3339(str_from(cases[i].in), &t))
			row_fail(cases[i].in, "refused");
		if (t.s != cases[i].s || t.ns != cases[i].ns || t.zone_s != cases[i].zone_s)
			row_fail(cases[i].in, "gives %lld s %d ns zone %d", (long long)t.s, t.ns, t.zone_s);
		instant_rfc3339(t, &rfc3339);
		if (strcmp(buf_z(&rfc3339), cases[i].rfc3339) != 0)
			row_fail(cases[i].in, "printed as %s", buf_z(&rfc3339));
		instant_go_string(t, &go);
		if (strcmp(buf_z(&go), cases[i].go) != 0)
			row_fail(cases[i].in, "printed as %s", buf_z(&go));
	}
}

static void bad_instants(void **state)
{
	static const char *const cases[] = {
		"",
		"2026",
		"2026-11-23",
		"2026-11-23T17:37:41",
		"2026-11-23 17:37:41Z",
		"2026-11-23T17:37Z",
		"2026-11-23T17:37:41.Z",
		"2026-11-23T17:37:41Zx",
		"2026-11-23T17:37:41+0200",
		"2026-11-23T17:37:41+02",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2025-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z",
		"2026-11-23T24:00:00Z",
		"2026-11-23T17:60:00Z",
		"2026-11-23T17:37:60Z",
		"2026-1-23T17:37:41Z",
		"-026-11-23T17:37:41Z",
	};
	struct instant t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (instant_parse_rfc3339(str_from(cases[i]), &t))
			row_fail(cases[i], "taken");
}

/* Every day of 800 years there and back: two whole cycles of the calendar. */
static void days_round_trip(void **state)
{
	(void)state;
	for (int64_t day = -146097; day < 146097; day++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT(100);
		struct instant t = { .s = day * 86400 + 86399 }, back;

		instant_rfc3339(t, &b);
		if (!instant_parse_rfc3339(buf_str(&b), &back) || back.s != t.s)
			row_fail(buf_z(&b), "came back as %lld, was %lld", (long long)back.s, (long long)t.s);
	}
}

static void good_durations(void **state)
{
	static const struct {
		const char *in;
		int64_t ns;
	} cases[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "0s", 0 },
		{ "5s", 5 * SECOND },
		{ "+5s", 5 * SECOND },
		{ "1478s", 1478 * SECOND },
		{ "5.0s", 5 * SECOND },
		{ "5.6s", 5600000000 },
		{ "5.s", 5 * SECOND },
		{ ".5s", 500000000 },
		{ "-.5s", -500000000 },
		{ "100.00100s", 100001000000 },
		{ "10ns", 10 },
		{ "11us", 11000 },
		{ "12\xc2\xb5s", 12000 },
		{ "12\xce\xbcs", 12000 },
		{ "13ms", 13000000 },
		{ "1h15m30.5s", HOUR + 15 * MINUTE + 30500000000 },
		{ "-1.5h", -90 * MINUTE },
		{ "10.5s4m", 4 * MINUTE + 10500000000 },
		{ "1h2m3s4ms5us6ns", HOUR + 2 * MINUTE + 3 * SECOND + 4005006 },
		{ "0.3333333333333333333h", 20 * MINUTE },
		{ "0.100000000000000000000h", 6 * MINUTE },
		{ "9223372036854775807ns", INT64_MAX },
		{ "-9223372036854775808ns", INT64_MIN },
		{ "9007199254740993ns", 9007199254740993 },
		{ "9223372036s854ms775us807ns", INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t ns;

		if (!duration_parse(str_from(cases[i].in), &ns))
			row_fail(cases[i].in, "refused");
		if (ns != cases[i].ns)
			row_fail(cases[i].in, "gives %lld", (long long)ns);
	}
}

static void bad_durations(void **state)
{
	static const char *const cases[] = {
		"",   "3",   "-",	"+",		       "s",		      ".",		     "-.", ".s", "+.s", "1d",
		"1s ", " 1s", "1 s",	"\xff\xff",	       "3000000h",	      "9223372036854775808ns", "1m-1s",
		"00",  "--1s", "1x", "9223372036854ms775us808ns", "-9223372036854775809ns", "99999999999999999999s", "1hm",
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (duration_parse(str_from(cases[i]), &ns))
			row_fail(cases[i], "gives %lld", (long long)ns);
}

static void duration_texts(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0s" },
		{ 1, "1ns" },
		{ 1100, "1.1\xc2\xb5s" },
		{ 2200000, "2.2ms" },
		{ 250000000, "250ms" },
		{ 3300000000, "3.3s" },
		{ SECOND, "1s" },
		{ MINUTE, "1m0s" },
		{ 4 * MINUTE + 5 * SECOND, "4m5s" },
		{ 4 * MINUTE + 5001000000, "4m5.001s" },
		{ 5 * HOUR + 6 * MINUTE + 7001000000, "5h6m7.001s" },
		{ 8 * MINUTE + 1, "8m0.000000001s" },
		{ 100 * HOUR, "100h0m0s" },
		{ -90 * MINUTE, "-1h30m0s" },
		{ INT64_MAX, "2562047h47m16.854775807s" },
		{ INT64_MIN, "-2562047h47m16.854775808s" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT(100);
		int64_t back;

		duration_string(cases[i].ns, &b);
		if (strcmp(buf_z(&b), cases[i].text) != 0)
			row_fail(cases[i].text, "printed as %s", buf_z(&b));
		if (!duration_parse(buf_str(&b), &back) || back != cases[i].ns)
			row_fail(cases[i].text, "came back as %lld", (long long)back);
	}
}

static void the_clock_goes_forward(void **state)
{
	uint64_t first = clock_ms();

	(void)state;
	assert_true(first > 0);
	assert_true(clock_ms() >= first);
	assert_true(clock_after_ms(1000) >= first + 1000);
	assert_true(clock_after_ms(UINT64_MAX) == UINT64_MAX);
	assert_true(instant_now().s > 1700000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_instants),  cmocka_unit_test(bad_instants),  cmocka_unit_test(days_round_trip),
		cmocka_unit_test(good_durations), cmocka_unit_test(bad_durations), cmocka_unit_test(duration_texts),
		cmocka_unit_test(the_clock_goes_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
