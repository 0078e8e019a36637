#include "unit.h"

#include "base/flags.h"

static void values_gather_under_their_flag(void **state)
{
	CLEANUP(flags_done) struct flags f = { 0 };

	(void)state;
	assert_true(flags_add(&f, "env", STR("A=1")));
	assert_true(flags_add(&f, "name", STR("web")));
	assert_true(flags_add(&f, "env", STR("B=2")));
	assert_int_equal(f.n, 2);
	assert_int_equal(flags_find(&f, "env")->values.n, 2);
	assert_string_equal(flags_find(&f, "env")->values.v[0], "A=1");
	assert_string_equal(flags_get(&f, "env"), "B=2");
	assert_null(flags_find(&f, "volume"));
	assert_null(flags_get(&f, "volume"));
}

static void bools_have_a_default_and_the_last_one_counts(void **state)
{
	CLEANUP(flags_done) struct flags f = { 0 };

	(void)state;
	assert_true(flags_bool(&f, "rm", true));
	assert_false(flags_bool(&f, "rm", false));
	flags_add(&f, "rm", STR("true"));
	assert_true(flags_bool(&f, "rm", false));
	flags_add(&f, "rm", STR("false"));
	assert_false(flags_bool(&f, "rm", true));
}

static void a_dropped_flag_is_gone_and_the_others_stay(void **state)
{
	static const char *const names[] = { "a", "b", "c" };

	(void)state;
	for (size_t dropped = 0; dropped < ARRAY_LEN(names); dropped++) {
		CLEANUP(flags_done) struct flags f = { 0 };

		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			assert_true(flags_add(&f, names[i], str_from(names[i])));
		flags_drop(&f, names[dropped]);
		flags_drop(&f, "never given");
		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			const char *value = flags_get(&f, names[i]);

			if ((i == dropped) != !value)
				row_fail(names[i], "after \"%s\" was dropped", names[dropped]);
		}
	}
}

static void many_flags(void **state)
{
	static char names[100][8];
	CLEANUP(flags_done) struct flags f = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(names[i], sizeof names[i], "f%d", i);
		assert_true(flags_add(&f, names[i], str_from(names[i])));
	}
	assert_string_equal(flags_get(&f, "f99"), "f99");
	assert_string_equal(flags_get(&f, "f0"), "f0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_gather_under_their_flag),
		cmocka_unit_test(bools_have_a_default_and_the_last_one_counts),
		cmocka_unit_test(a_dropped_flag_is_gone_and_the_others_stay),
		cmocka_unit_test(many_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
