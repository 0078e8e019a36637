#include <stdio.h>

#include "unit.h"

#include "rest/split.h"

/* The values that came, each with a space behind it. */
struct seen {
	struct buf text;
	size_t n, stop_at; /* fails at this value; 0: never */
};

static int note(void *ctx, struct json_object *item, struct error *err)
{
	struct seen *s = ctx;

	if (++s->n == s->stop_at)
		return error_set(err, ERR_SYSTEM, "enough");
	buf_addf(&s->text, "%s ", js_wire(item));
	return 0;
}

/* Feeds the text in two pieces. */
static int play(enum split_mode mode, const char *text, size_t cut, struct seen *seen)
{
	CLEANUP(split_done) struct split s = SPLIT_INIT(mode);
	int r = split_feed(&s, text, cut, note, seen, NULL);

	if (r == 0)
		r = split_feed(&s, text + cut, strlen(text) - cut, note, seen, NULL);
	return r < 0 ? r : split_finish(&s, note, seen, NULL);
}

#define A SPLIT_ARRAY
#define R SPLIT_RECORDS

static void values_are_found_wherever_the_text_is_split(void **state)
{
	static const struct {
		enum split_mode mode;
		const char *text, *want; /* NULL: ERR_PROTOCOL */
	} cases[] = {
		{ A, "[]", "" },
		{ A, " [ ] \n", "" },
		{ A, "null", "" },
		{ A, " null\n", "" },
		{ A, "[1]", "1 " },
		{ A, "[1,2 , 3]", "1 2 3 " },
		{ A, "[-1.5,true,false,null]\n", "-1.5 true false null " },
		{ A, "[{\"a\":1},{\"b\":[1,2]}]", "{\"a\":1} {\"b\":[1,2]} " },
		{ A, "[[],[[]],{}]", "[] [[]] {} " },
		{ A, "[\"a\",\"\",\"],[\"]", "\"a\" \"\" \"],[\" " },
		{ A, "[{\"x\":\"}\\\"]{\"},\"\\\\\"]", "{\"x\":\"}\\\"]{\"} \"\\\\\" " },
		{ A, "[{\"a\":\"\\u003c\"}]", "{\"a\":\"<\"} " },
		{ R, "", "" },
		{ R, " \n", "" },
		{ R, "{\"a\":1}\n{\"b\":2}\n", "{\"a\":1} {\"b\":2} " },
		{ R, "{\"a\":1}{\"b\":2}", "{\"a\":1} {\"b\":2} " },
		{ R, "[{\"ID\":\"x\"}]", "[{\"ID\":\"x\"}] " },
		{ R, "1 2\n3", "1 2 3 " },
		{ R, "0\n", "0 " },
		{ R, "\"a\"\"b\"", "\"a\" \"b\" " },
		{ A, "", NULL },
		{ A, "[", NULL },
		{ A, "[1", NULL },
		{ A, "[1,", NULL },
		{ A, "[1,]", NULL },
		{ A, "[,1]", NULL },
		{ A, "[1 2]", NULL },
		{ A, "[1,,2]", NULL },
		{ A, "[1]]", NULL },
		{ A, "[1]x", NULL },
		{ A, "[1] [2]", NULL },
		{ A, "{}", NULL },
		{ A, "1", NULL },
		{ A, "nul", NULL },
		{ A, "nil", NULL },
		{ A, "null null", NULL },
		{ A, "Not Found\n", NULL },
		{ A, "[{\"a\":1]", NULL },
		{ A, "[{]}]", NULL },
		{ A, "[{\"a\"}]", NULL },
		{ A, "[\"a", NULL },
		{ A, "[\"a\\\"]", NULL },
		{ A, "[x]", NULL },
		{ A, "[tru]", NULL },
		{ A, "[1x]", NULL },
		{ R, "{\"a\":1", NULL },
		{ R, "{\"a\":1},{}", NULL },
		{ R, "}", NULL },
		{ R, "x", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t cut = 0; cut <= strlen(cases[i].text); cut++) {
			struct seen seen = { .text = BUF_INIT(4096) };
			int r = play(cases[i].mode, cases[i].text, cut, &seen);

			if (r != (cases[i].want ? 0 : -ERR_PROTOCOL))
				row_fail(cases[i].text, "cut at %zu: r %d", cut, r);
			if (cases[i].want && strcmp(buf_z(&seen.text), cases[i].want) != 0)
				row_fail(cases[i].text, "cut at %zu: \"%s\"", cut, buf_z(&seen.text));
			buf_done(&seen.text);
		}
	}
}

static void the_callers_failure_ends_it(void **state)
{
	struct split s = SPLIT_INIT(SPLIT_ARRAY);
	struct seen seen = { .text = BUF_INIT(4096), .stop_at = 2 };

	(void)state;
	assert_int_equal(split_feed(&s, "[1,2,3]", 7, note, &seen, NULL), -ERR_SYSTEM);
	assert_int_equal(seen.n, 2);
	split_done(&s);
	buf_done(&seen.text);
}

static void a_zero_byte_is_no_value(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = { { "\0", 1 }, { "[\0]", 3 }, { "[1\0]", 4 }, { "[1,\0]", 5 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct split s = SPLIT_INIT(SPLIT_ARRAY);
		struct seen seen = { .text = BUF_INIT(4096) };

		assert_int_equal(split_feed(&s, cases[i].text, cases[i].n, note, &seen, NULL), -ERR_PROTOCOL);
		split_done(&s);
		buf_done(&seen.text);
	}
}

/* A hundred thousand elements need the room of one. */
static void memory_does_not_grow_with_the_list(void **state)
{
	struct split s = SPLIT_INIT(SPLIT_ARRAY);
	struct seen seen = { .text = BUF_INIT(0) };
	char element[128];

	(void)state;
	assert_int_equal(split_feed(&s, "[0", 2, note, &seen, NULL), 0);
	for (int i = 0; i < 100000; i++) {
		int n = snprintf(element, sizeof element, ",{\"Id\":\"%064d\"}", i);

		assert_int_equal(split_feed(&s, element, (size_t)n, note, &seen, NULL), 0);
	}
	assert_int_equal(split_feed(&s, "]", 1, note, &seen, NULL), 0);
	assert_int_equal(split_finish(&s, note, &seen, NULL), 0);
	assert_int_equal(seen.n, 100001);
	assert_true(s.value.cap <= 1024);
	split_done(&s);
	buf_done(&seen.text);
}

static void a_value_has_a_largest_size(void **state)
{
	struct split s = SPLIT_INIT(SPLIT_RECORDS);
	struct seen seen = { .text = BUF_INIT(4096) };
	char piece[64 * 1024];
	int r = split_feed(&s, "\"", 1, note, &seen, NULL);
	size_t sent = 0;

	(void)state;
	memset(piece, 'a', sizeof piece);
	for (; r == 0 && sent <= SPLIT_MAX_VALUE; sent += sizeof piece)
		r = split_feed(&s, piece, sizeof piece, note, &seen, NULL);
	assert_int_equal(r, -ERR_PROTOCOL);
	assert_true(sent <= SPLIT_MAX_VALUE + sizeof piece);
	split_done(&s);
	buf_done(&seen.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_found_wherever_the_text_is_split),
		cmocka_unit_test(the_callers_failure_ends_it),
		cmocka_unit_test(a_zero_byte_is_no_value),
		cmocka_unit_test(memory_does_not_grow_with_the_list),
		cmocka_unit_test(a_value_has_a_largest_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
