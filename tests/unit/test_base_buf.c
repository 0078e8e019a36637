#include "unit.h"

#include "base/buf.h"

static void cut_splits_at_the_first_separator(void **state)
{
	static const struct {
		const char *in, *head, *tail;
		bool found;
	} cases[] = {
		{ "a=b", "a", "b", true },
		{ "a=b=c", "a", "b=c", true },
		{ "=b", "", "b", true },
		{ "a=", "a", "", true },
		{ "=", "", "", true },
		{ "a", "a", "", false },
		{ "", "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str head, tail;

		if (str_cut(str_from(cases[i].in), '=', &head, &tail) != cases[i].found)
			row_fail(cases[i].in, "found or not");
		if (!str_eq_z(head, cases[i].head) || !str_eq_z(tail, cases[i].tail))
			row_fail(cases[i].in, "head \"%.*s\" tail \"%.*s\"", STR_ARG(head), STR_ARG(tail));
		assert_int_equal(str_cut(str_from(cases[i].in), '=', NULL, NULL), cases[i].found);
	}
}

static void trim_takes_blanks_off_both_ends(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" }, { " ", "" }, { "a", "a" }, { " \t\r\na b\r\n", "a b" }, { "a ", "a" }, { " a", "a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (!str_eq_z(str_trim(str_from(cases[i].in)), cases[i].out))
			row_fail(cases[i].in, "not \"%s\"", cases[i].out);
}

static void views_compare(void **state)
{
	(void)state;
	assert_true(str_eq(STR(""), (struct str){ NULL, 0 }));
	assert_false(str_eq(STR("a"), STR("ab")));
	assert_true(str_starts(STR("sha256:1"), STR("sha256:")));
	assert_false(str_starts(STR("sha"), STR("sha256:")));
	assert_true(str_starts(STR("x"), STR("")));
	assert_true(str_ends(STR("a.tar"), STR(".tar")));
	assert_false(str_ends(STR("tar"), STR(".tar")));
	assert_true(str_ends(STR(""), STR("")));
	assert_true(str_eq(str_from(NULL), STR("")));
	assert_null(z_dup(NULL));
}

static void appends_keep_the_nul(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1000);

	(void)state;
	assert_string_equal(buf_z(&b), "");
	assert_true(buf_add(&b, STR("ab")));
	assert_true(buf_add_z(&b, "cd"));
	assert_true(buf_add_char(&b, 'e'));
	assert_true(buf_add_bytes(&b, "fg", 2));
	assert_true(buf_addf(&b, "%d-%s", 12, "x"));
	assert_int_equal(b.n, 11);
	assert_string_equal(b.p, "abcdefg12-x");
	for (int i = 0; i < 50; i++)
		assert_true(buf_addf(&b, "%010d", i));
	assert_int_equal(b.n, 511);
	assert_int_equal(strlen(b.p), 511);
	assert_int_equal(buf_check(&b, "it", NULL), 0);
}

static void an_append_over_the_limit_changes_nothing_and_sticks(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(4);
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_true(buf_add_z(&b, "abcd"));
	assert_false(buf_add_char(&b, 'e'));
	assert_string_equal(buf_z(&b), "abcd");
	assert_true(b.failed);
	buf_consume(&b, 3);
	assert_false(buf_add_char(&b, 'e'));
	assert_string_equal(buf_z(&b), "d");
	assert_int_equal(buf_check(&b, "reply", &err), -ERR_SYSTEM);
	assert_string_equal(err.text, "reply: too large (the limit is 4 bytes)");
	assert_null(buf_take(&b));
	assert_false(b.failed);
	assert_true(buf_add_z(&b, "abcd"));
}

static void formatted_text_obeys_the_limit(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(5);

	(void)state;
	assert_true(buf_addf(&b, "%s", "12345"));
	assert_false(buf_addf(&b, "%s", "6"));
	assert_string_equal(buf_z(&b), "12345");
}

static void huge_appends_are_refused_without_overflow(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(SIZE_MAX);

	(void)state;
	assert_true(buf_add_z(&b, "a"));
	assert_null(buf_reserve(&b, SIZE_MAX - 1));
	assert_true(b.failed);
	assert_string_equal(buf_z(&b), "a");
}

static void reserved_room_is_the_callers_to_fill(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(100);
	char *room;

	(void)state;
	room = buf_reserve(&b, 100);
	assert_non_null(room);
	memset(room, 'x', 100);
	b.n += 100;
	assert_int_equal(strlen(buf_z(&b)), 100);
	assert_null(buf_reserve(&b, 1));
}

static void consume_and_clear_drop_bytes(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(100);

	(void)state;
	buf_consume(&b, 5);
	buf_clear(&b);
	buf_add_z(&b, "head tail");
	buf_consume(&b, 5);
	assert_string_equal(b.p, "tail");
	buf_consume(&b, 100);
	assert_string_equal(b.p, "");
	buf_add_z(&b, "again");
	buf_clear(&b);
	assert_true(str_eq(buf_str(&b), STR("")));
}

static void take_moves_the_text_out(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(100);
	CLEANUP(free_p) char *text = NULL;
	CLEANUP(free_p) char *empty = NULL;

	(void)state;
	buf_add_z(&b, "text");
	text = buf_take(&b);
	assert_string_equal(text, "text");
	assert_null(b.p);
	empty = buf_take(&b);
	assert_string_equal(empty, "");
	assert_int_equal(b.max, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_splits_at_the_first_separator),
		cmocka_unit_test(trim_takes_blanks_off_both_ends),
		cmocka_unit_test(views_compare),
		cmocka_unit_test(appends_keep_the_nul),
		cmocka_unit_test(an_append_over_the_limit_changes_nothing_and_sticks),
		cmocka_unit_test(formatted_text_obeys_the_limit),
		cmocka_unit_test(huge_appends_are_refused_without_overflow),
		cmocka_unit_test(reserved_room_is_the_callers_to_fill),
		cmocka_unit_test(consume_and_clear_drop_bytes),
		cmocka_unit_test(take_moves_the_text_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
