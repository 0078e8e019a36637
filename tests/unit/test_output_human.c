#include "unit.h"

#include "output/human.h"

/* What docker/go-units says. */
static void durations(void **state)
{
	static const struct {
		int64_t seconds;
		const char *want;
	} cases[] = {
		{ -5, "Less than a second" }, { 0, "Less than a second" }, { 1, "1 second" },         { 2, "2 seconds" },
		{ 59, "59 seconds" },         { 60, "About a minute" },    { 61, "About a minute" },  { 119, "About a minute" },
		{ 120, "2 minutes" },         { 3599, "59 minutes" },      { 3600, "About an hour" }, { 5399, "About an hour" },
		{ 5400, "2 hours" },          { 5401, "2 hours" },         { 7200, "2 hours" },       { 172799, "2 days" },
		{ 171000, "2 days" },         { 170999, "47 hours" },      { 172800, "2 days" },      { 1209599, "2 weeks" },
		{ 1207800, "2 weeks" },       { 1207799, "13 days" },      { 1209600, "2 weeks" },    { 5184000, "2 months" },
		{ 5182199, "8 weeks" },       { 63070199, "24 months" },   { 63070200, "1 years" },   { 63072000, "2 years" },
		{ 63073800, "2 years" },      { 94608000, "3 years" },     { 94607999, "2 years" },   { 94606200, "2 years" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(100);

		human_duration(cases[i].seconds, &out);
		if (strcmp(buf_z(&out), cases[i].want) != 0)
			row_fail(cases[i].want, "%lld gives %s", (long long)cases[i].seconds, buf_z(&out));
	}
}

static void sizes(void **state)
{
	static const struct {
		double bytes;
		int digits;
		const char *want;
	} cases[] = {
		{ 0, 3, "0B" },
		{ 1, 3, "1B" },
		{ 110, 3, "110B" },
		{ 999, 3, "999B" },
		{ 999.9, 3, "1e+03B" },
		{ 1000, 3, "1kB" },
		{ 1010, 3, "1.01kB" },
		{ 3580, 3, "3.58kB" },
		{ 2.007e+06, 3, "2.01MB" },
		{ 2.007e+06, 4, "2.007MB" },
		{ 4.016e+06, 4, "4.016MB" },
		{ 5.19e+08, 3, "519MB" },
		{ 999950, 4, "1000kB" },
		{ 999999, 3, "1e+03kB" },
		{ 1e+09, 3, "1GB" },
		{ 1.5e+12, 4, "1.5TB" },
		{ 1e+15, 3, "1PB" },
		{ 1e+27, 3, "1e+03YB" },
		{ 1.8446744073709552e+19, 3, "18.4EB" },
		{ 12, 3, "12B" },
		{ 7.5, 4, "7.5B" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(100);

		human_size(cases[i].bytes, cases[i].digits, false, &out);
		if (strcmp(buf_z(&out), cases[i].want) != 0)
			row_fail(cases[i].want, "%g gives %s", cases[i].bytes, buf_z(&out));
	}
}

static void a_blank_before_the_unit(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(100);

	(void)state;
	human_size(2007000, 3, true, &out);
	buf_add_char(&out, '|');
	human_size(0, 3, true, &out);
	assert_string_equal(buf_z(&out), "2.01 MB|0 B");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
		cmocka_unit_test(a_blank_before_the_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
