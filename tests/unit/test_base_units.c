#include "unit.h"

#include "base/units.h"

#define BAD INT64_MIN /* in a column of results: the text is refused */

static void sizes(void **state)
{
	static const struct {
		const char *in;
		int64_t binary, decimal;
	} cases[] = {
		{ "0", 0, 0 },
		{ "32", 32, 32 },
		{ "32b", 32, 32 },
		{ "32B", 32, 32 },
		{ "32k", 32768, 32000 },
		{ "32K", 32768, 32000 },
		{ "32kb", 32768, 32000 },
		{ "32Kb", 32768, 32000 },
		{ "32KiB", 32768, 32000 },
		{ "32Mb", 32 << 20, 32000000 },
		{ "1.5GiB", 1610612736, 1500000000 },
		{ "10 MB", 10 << 20, 10000000 },
		{ "1T", INT64_C(1) << 40, INT64_C(1000000000000) },
		{ "1p", INT64_C(1) << 50, INT64_C(1000000000000000) },
		{ "32.", 32, 32 },
		{ ".5k", 512, 500 },
		{ "0.3 K", 307, 300 },
		{ "-1", -1, -1 },
		{ "-2", BAD, BAD },
		{ "-1k", BAD, BAD },
		{ "", BAD, BAD },
		{ "hello", BAD, BAD },
		{ ".", BAD, BAD },
		{ ". ", BAD, BAD },
		{ " ", BAD, BAD },
		{ " 32", BAD, BAD },
		{ "32  kb", BAD, BAD },
		{ "32bb", BAD, BAD },
		{ "32kbb", BAD, BAD },
		{ "32ib", BAD, BAD },
		{ "32kib ", BAD, BAD },
		{ "32 mm", BAD, BAD },
		{ "32 .b", BAD, BAD },
		{ "22e", BAD, BAD },
		{ "k", BAD, BAD },
		{ "inf", BAD, BAD },
		{ "0x10", BAD, BAD },
		{ "9000000P", BAD, BAD },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t v = BAD;

		if (size_parse(str_from(cases[i].in), &v) != (cases[i].binary != BAD) || v != cases[i].binary)
			row_fail(cases[i].in, "binary gives %lld", (long long)v);
		v = BAD;
		if (size_parse_decimal(str_from(cases[i].in), &v) != (cases[i].decimal != BAD) || v != cases[i].decimal)
			row_fail(cases[i].in, "decimal gives %lld", (long long)v);
	}
}

static void a_size_is_read_up_to_its_length(void **state)
{
	int64_t v;

	(void)state;
	assert_true(size_parse((struct str){ "10kXYZ", 3 }, &v));
	assert_int_equal(v, 10240);
	assert_false(size_parse((struct str){ "10\0k", 4 }, &v));
	assert_false(size_parse((struct str){ "10k\0", 4 }, &v));
}

static void whole_numbers(void **state)
{
	static const struct {
		const char *in;
		bool good;
		int64_t v;
	} cases[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "+7", true, 7 },
		{ "007", true, 7 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ "1 ", false, 0 },
		{ " 1", false, 0 },
		{ "1.0", false, 0 },
		{ "0x1", false, 0 },
		{ "--1", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t v = 0;

		if (int_parse(str_from(cases[i].in), &v) != cases[i].good || v != cases[i].v)
			row_fail(cases[i].in, "gives %lld", (long long)v);
	}
}

static void floats(void **state)
{
	static const struct {
		const char *in;
		bool good;
		double v;
	} cases[] = {
		{ "0", true, 0 },	 { "1.5", true, 1.5 },  { "-.5", true, -0.5 }, { "5.", true, 5 },
		{ "+1e3", true, 1000 },	 { "1E-2", true, 0.01 }, { "", false, 0 },	{ ".", false, 0 },
		{ "1e", false, 0 },	 { "1e+", false, 0 },	 { "inf", false, 0 },	{ "NaN", false, 0 },
		{ "0x1p3", false, 0 },	 { "1.5x", false, 0 },	 { "1e999", false, 0 }, { "1 ", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		double v = 0;

		if (float_parse(str_from(cases[i].in), &v) != cases[i].good || v < cases[i].v || v > cases[i].v)
			row_fail(cases[i].in, "gives %g", v);
	}
}

static void bools(void **state)
{
	static const char *const words[2][6] = { { "0", "f", "F", "FALSE", "false", "False" },
						 { "1", "t", "T", "TRUE", "true", "True" } };
	static const char *const bad[] = { "", "yes", "no", "tRUE", "2", "truee" };
	bool v;

	(void)state;
	for (size_t want = 0; want < 2; want++)
		for (size_t i = 0; i < ARRAY_LEN(words[want]); i++)
			if (!bool_parse(str_from(words[want][i]), &v) || v != (want == 1))
				row_fail(words[want][i], "not %zu", want);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (bool_parse(str_from(bad[i]), &v))
			row_fail(bad[i], "taken for a bool");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),  cmocka_unit_test(a_size_is_read_up_to_its_length), cmocka_unit_test(whole_numbers),
		cmocka_unit_test(floats), cmocka_unit_test(bools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
