#include "unit.h"

#include "output/tabular.h"

/* Go's text/tabwriter prints these, with the flags 0 and blanks as padding. */
static void columns_align_as_gos_do(void **state)
{
	static const struct {
		const char *in;
		int min_width, padding;
		const char *want;
	} cases[] = {
		{ "", 12, 2, "" },
		{ "a", 12, 2, "a" },
		{ "a\n", 12, 2, "a\n" },
		{ "a\tb\n", 12, 2, "a           b\n" },
		{ "ID\tNAME\n1\tweb\n", 12, 2, "ID          NAME\n1           web\n" },
		{ "CONTAINER ID\tIMAGE\tNAMES\n0123456789ab\tdocker.io/library/alpine:latest\tweb\n", 12, 2,
		  "CONTAINER ID  IMAGE                            NAMES\n0123456789ab  docker.io/library/alpine:latest  web\n" },
		{ "ID\tNAME\n1\tweb\n", 0, 3, "ID   NAME\n1    web\n" },
		{ "A\tB\tC\n1\t\t\n", 12, 2, "A           B           C\n1                       \n" },
		{ "A\tB\tC\n1\t2\n3\t4\t5\n", 4, 1, "A   B   C\n1   2\n3   4   5\n" },
		{ "long cell here\tx\n\na\tb\n", 4, 1, "long cell here x\n\na   b\n" },
		{ "a\tb\nnotabs\na\tb\n", 4, 2, "a   b\nnotabs\na   b\n" },
		{ "héllo\tx\n☃\ty\nplain\tz\n", 0, 2, "héllo  x\n☃      y\nplain  z\n" },
		{ "\t\t\n", 3, 0, "      \n" },
		{ "\ta\n\tb\n", 3, 1, "   a\n   b\n" },
		{ "a\t\tb\ncc\tdd\tee\n", 0, 1, "a     b\ncc dd ee\n" },
		{ "x\ty", 5, 1, "x    y" },
		{ "a\tb\tc\td\n1\n2\t3\n4\t5\t6\n", 2, 1, "a b c d\n1\n2 3\n4 5 6\n" },
		{ "\n\n", 12, 2, "\n\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(1000);

		assert_true(tabular_align(str_from(cases[i].in), cases[i].min_width, cases[i].padding, &out));
		if (strcmp(buf_z(&out), cases[i].want) != 0)
			row_fail(cases[i].in, "gives \"%s\"", buf_z(&out));
	}
}

/* Names in containers need not be UTF-8; nor does a cell turn into markup. */
static void foreign_bytes_count_one_column_each(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(1000);

	(void)state;
	assert_true(tabular_align(STR("a\xff\tb\n\xff\xff\xff\tc\n"), 0, 1, &out));
	assert_string_equal(buf_z(&out), "a\xff  b\n\xff\xff\xff c\n");
}

static void the_output_keeps_to_its_limit(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(20);

	(void)state;
	assert_false(tabular_align(STR("a\tb\nc\td\n"), 12, 2, &out));
	assert_true(out.failed);
}

static void many_lines_and_columns(void **state)
{
	CLEANUP(buf_done) struct buf in = BUF_INIT(10 * 1024 * 1024), out = BUF_INIT(64 * 1024 * 1024);

	(void)state;
	for (int line = 0; line < 20000; line++)
		buf_addf(&in, "%d\tb\tc\td\te\n", line);
	for (int column = 0; column < 5000; column++)
		buf_add_z(&in, "x\t");
	buf_add_z(&in, "\n");
	assert_true(tabular_align(buf_str(&in), 0, 1, &out));
	assert_memory_equal(buf_z(&out), "0     b c d e\n1     b", 21);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_align_as_gos_do),
		cmocka_unit_test(foreign_bytes_count_one_column_each),
		cmocka_unit_test(the_output_keeps_to_its_limit),
		cmocka_unit_test(many_lines_and_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
