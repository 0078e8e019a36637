#include "unit.h"

#include "base/strv.h"

static void strings_are_copied_and_end_with_null(void **state)
{
	CLEANUP(strv_done) struct strv s = { 0 };

	(void)state;
	assert_true(strv_add(&s, "a"));
	assert_true(strv_add_str(&s, (struct str){ "bcd", 2 }));
	assert_true(strv_addf(&s, "%d", 3));
	assert_true(strv_take(&s, z_dup("d")));
	assert_int_equal(s.n, 4);
	assert_string_equal(s.v[1], "bc");
	assert_string_equal(s.v[2], "3");
	assert_null(s.v[4]);
	assert_true(strv_has(&s, "d"));
	assert_false(strv_has(&s, "bcd"));
}

static void it_grows(void **state)
{
	CLEANUP(strv_done) struct strv s = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_true(strv_addf(&s, "%d", i));
	assert_string_equal(s.v[999], "999");
	assert_null(s.v[1000]);
}

static void null_is_refused(void **state)
{
	CLEANUP(strv_done) struct strv s = { 0 };

	(void)state;
	assert_false(strv_take(&s, NULL));
	assert_false(strv_add(&s, NULL));
	assert_int_equal(s.n, 0);
}

static void all_of_another_or_of_itself(void **state)
{
	CLEANUP(strv_done) struct strv s = { 0 }, empty = { 0 };

	(void)state;
	strv_add(&s, "a");
	strv_add(&s, "b");
	assert_true(strv_add_all(&s, &empty));
	assert_int_equal(s.n, 2);
	for (int i = 0; i < 4; i++)
		assert_true(strv_add_all(&s, &s));
	assert_int_equal(s.n, 32);
	assert_string_equal(s.v[31], "b");
	assert_null(s.v[32]);
	assert_true(strv_add_all(&empty, &s));
	assert_int_equal(empty.n, 32);
}

static void clear_keeps_it_usable(void **state)
{
	CLEANUP(strv_done) struct strv s = { 0 };

	(void)state;
	strv_clear(&s);
	strv_add(&s, "a");
	strv_clear(&s);
	assert_int_equal(s.n, 0);
	assert_null(s.v[0]);
	assert_true(strv_add(&s, "b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_copied_and_end_with_null), cmocka_unit_test(it_grows), cmocka_unit_test(null_is_refused),
		cmocka_unit_test(all_of_another_or_of_itself),          cmocka_unit_test(clear_keeps_it_usable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
