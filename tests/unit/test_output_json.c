#include "unit.h"

#include "base/js.h"
#include "output/json.h"

/* Go's encoding/json prints these. */
static void values_print_as_gos_do(void **state)
{
	static const struct {
		const char *in;
		int indent, level;
		bool html;
		const char *want;
	} cases[] = {
		{ "{}", 0, 0, true, "{}" },
		{ "{}", 2, 0, true, "{}" },
		{ "{}", 4, 1, true, "{}" },
		{ "{}", 2, 1, true, "{}" },
		{ "[]", 0, 0, true, "[]" },
		{ "[]", 2, 0, true, "[]" },
		{ "[]", 4, 1, true, "[]" },
		{ "[]", 2, 1, true, "[]" },
		{ "null", 0, 0, true, "null" },
		{ "true", 0, 0, true, "true" },
		{ "{\"a\":1}", 0, 0, true, "{\"a\":1}" },
		{ "{\"a\":1}", 2, 0, true, "{\n  \"a\": 1\n}" },
		{ "{\"a\":1}", 4, 1, true, "{\n        \"a\": 1\n    }" },
		{ "{\"a\":1}", 2, 1, true, "{\n    \"a\": 1\n  }" },
		{ "{\"a\":[],\"b\":{},\"c\":[1,2],\"d\":{\"e\":null}}", 0, 0, true,
		  "{\"a\":[],\"b\":{},\"c\":[1,2],\"d\":{\"e\":null}}" },
		{ "{\"a\":[],\"b\":{},\"c\":[1,2],\"d\":{\"e\":null}}", 2, 0, true,
		  "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    2\n  ],\n  \"d\": {\n    \"e\": null\n  }\n}" },
		{ "{\"a\":[],\"b\":{},\"c\":[1,2],\"d\":{\"e\":null}}", 4, 1, true,
		  "{\n        \"a\": [],\n        \"b\": {},\n        \"c\": [\n            1,\n            2\n        ],\n        \"d\": {\n            \"e\": null\n        }\n    }" },
		{ "{\"a\":[],\"b\":{},\"c\":[1,2],\"d\":{\"e\":null}}", 2, 1, true,
		  "{\n    \"a\": [],\n    \"b\": {},\n    \"c\": [\n      1,\n      2\n    ],\n    \"d\": {\n      \"e\": null\n    }\n  }" },
		{ "[[],[{}]]", 0, 0, true, "[[],[{}]]" },
		{ "[[],[{}]]", 2, 0, true, "[\n  [],\n  [\n    {}\n  ]\n]" },
		{ "[[],[{}]]", 4, 1, true, "[\n        [],\n        [\n            {}\n        ]\n    ]" },
		{ "[[],[{}]]", 2, 1, true, "[\n    [],\n    [\n      {}\n    ]\n  ]" },
		{ "\"<a&b>\"", 0, 0, true, "\"\\u003ca\\u0026b\\u003e\"" },
		{ "\"<a&b>\"", 0, 0, false, "\"<a&b>\"" },
		{ "\"q\\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u007fé☃\\u2028\\ud83d\\ude00\"", 0, 0, true,
		  "\"q\\\"\\\\\\n\\r\\t\\u0008\\u000c\\u0001é☃\\u2028😀\"" },
		{ "1.0", 0, 0, true, "1" },
		{ "1.5", 0, 0, true, "1.5" },
		{ "-0.25", 0, 0, true, "-0.25" },
		{ "1e21", 0, 0, true, "1e+21" },
		{ "1e20", 0, 0, true, "100000000000000000000" },
		{ "1e-6", 0, 0, true, "0.000001" },
		{ "1e-7", 0, 0, true, "1e-7" },
		{ "1.5e-9", 0, 0, true, "1.5e-9" },
		{ "1e100", 0, 0, true, "1e+100" },
		{ "-1e-100", 0, 0, true, "-1e-100" },
		{ "0.000001", 0, 0, true, "0.000001" },
		{ "100", 0, 0, true, "100" },
		{ "-9223372036854775808", 0, 0, true, "-9223372036854775808" },
		{ "{\"<k>\":\"v\"}", 0, 0, true, "{\"\\u003ck\\u003e\":\"v\"}" },
		{ "{\"<k>\":\"v\"}", 0, 0, false, "{\"<k>\":\"v\"}" },
		{ "{\"<k>\":\"v\"}", 2, 0, true, "{\n  \"\\u003ck\\u003e\": \"v\"\n}" },
		{ "{\"<k>\":\"v\"}", 2, 0, false, "{\n  \"<k>\": \"v\"\n}" },
		{ "{\"<k>\":\"v\"}", 4, 1, true, "{\n        \"\\u003ck\\u003e\": \"v\"\n    }" },
		{ "{\"<k>\":\"v\"}", 4, 1, false, "{\n        \"<k>\": \"v\"\n    }" },
		{ "{\"<k>\":\"v\"}", 2, 1, true, "{\n    \"\\u003ck\\u003e\": \"v\"\n  }" },
		{ "{\"<k>\":\"v\"}", 2, 1, false, "{\n    \"<k>\": \"v\"\n  }" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(1000);
		CLEANUP(js_put_p) struct json_object *o = NULL;

		assert_int_equal(js_parse(str_from(cases[i].in), "row", &o, NULL), 0);
		assert_true(json_format(o, cases[i].indent, cases[i].level, cases[i].html, &out));
		if (strcmp(buf_z(&out), cases[i].want) != 0)
			row_fail(cases[i].in, "prints %s", buf_z(&out));
	}
}

static void numbers_keep_their_range(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(1000);
	CLEANUP(js_put_p) struct json_object *o = NULL;

	(void)state;
	assert_int_equal(js_parse(STR("[18446744073709551615,9223372036854775807,-62135596800]"), "row", &o, NULL), 0);
	assert_true(json_format(o, 0, 0, true, &out));
	assert_string_equal(buf_z(&out), "[18446744073709551615,9223372036854775807,-62135596800]");
}

static void bytes_that_are_no_text_become_replacement_characters(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(1000);
	CLEANUP(js_put_p) struct json_object *o = js_strn(STR("a\xff\xc3z\xed\xa0\x80\0b"));

	(void)state;
	assert_true(json_format(o, 0, 0, true, &out));
	assert_string_equal(buf_z(&out), "\"a\\ufffd\\ufffdz\\ufffd\\ufffd\\ufffd\\u0000b\"");
}

static void the_output_keeps_to_its_limit(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(8);
	CLEANUP(js_put_p) struct json_object *o = js_str("longer than this");

	(void)state;
	assert_false(json_format(o, 0, 0, true, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_print_as_gos_do),
		cmocka_unit_test(numbers_keep_their_range),
		cmocka_unit_test(bytes_that_are_no_text_become_replacement_characters),
		cmocka_unit_test(the_output_keeps_to_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
