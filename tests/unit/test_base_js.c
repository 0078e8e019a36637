#include "unit.h"

#include "base/js.h"

static void one_value_is_taken(void **state)
{
	static const struct {
		const char *in, *wire;
	} cases[] = {
		{ "{}", "{}" },
		{ " \r\n\t[] \n", "[]" },
		{ "1", "1" },
		{ "-12", "-12" },
		{ " 42 ", "42" },
		{ "true", "true" },
		{ "false", "false" },
		{ "null", "null" },
		{ "\"a/b\"", "\"a/b\"" },
		{ "\"\\u00e9\\n\"", "\"\xc3\xa9\\n\"" },
		{ "\"\xff\xfe\"", "\"\xff\xfe\"" },
		{ "[\"\xc3\xa9\", \"\\\\\", \"a\\\"b,]\" ]", "[\"\xc3\xa9\",\"\\\\\",\"a\\\"b,]\"]" },
		{ "[ true , false,null , -0, 10, 0.5, 1e2, 1E-2 ]", "[true,false,null,0,10,0.5,1e2,1E-2]" },
		{ "9223372036854775807", "9223372036854775807" },
		{ "-9223372036854775808", "-9223372036854775808" },
		{ "18446744073709551615", "18446744073709551615" },
		{ "{\"a\":[1,null,{\"b\":\"\"}]}", "{\"a\":[1,null,{\"b\":\"\"}]}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(js_put_p) struct json_object *o = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;

		if (js_parse(str_from(cases[i].in), "test", &o, &err) < 0)
			row_fail(cases[i].in, "%s", err.text);
		if (strcmp(js_wire(o), cases[i].wire) != 0)
			row_fail(cases[i].in, "came back as %s", js_wire(o));
	}
}

static void anything_else_is_a_protocol_error(void **state)
{
	static const struct {
		struct str in;
	} cases[] = {
		{ { "", 0 } },
		{ { "  ", 2 } },
		{ { "{", 1 } },
		{ { "[1", 2 } },
		{ { "\"a", 2 } },
		{ { "tru", 3 } },
		{ { "-", 1 } },
		{ { "{} {}", 5 } },
		{ { "1 2", 3 } },
		{ { "[]]", 3 } },
		{ { "{}x", 3 } },
		{ { "null null", 9 } },
		{ { "{\"a\" 1}", 7 } },
		{ { "{\"a\":'b'}", 9 } },
		{ { "[1,]", 4 } },
		{ { "{\"a\":1, }", 9 } },
		{ { "{'a':1}", 7 } },
		{ { "/* */ 1", 7 } },
		{ { "1 // one", 8 } },
		{ { "[NaN]", 5 } },
		{ { "[-Infinity]", 11 } },
		{ { "[tRue]", 6 } },
		{ { "[nan]", 5 } },
		{ { "[01]", 4 } },
		{ { "[1.]", 4 } },
		{ { "[.5]", 4 } },
		{ { "[+1]", 4 } },
		{ { "[1e]", 4 } },
		{ { "{}\0", 3 } },
		{ { "1\0", 2 } },
		{ { "\0", 1 } },
		{ { "HTTP/1.1 400", 12 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct json_object *o = NULL;

		if (js_parse(cases[i].in, "test", &o, &err) != -ERR_PROTOCOL)
			row_fail(cases[i].in.p, "not refused");
		assert_null(o);
		assert_int_equal(strncmp(err.text, "test: ", 6), 0);
	}
}

/* depth arrays in each other, a number inside. */
static int parse_nested(int depth, struct error *err)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(10000);
	CLEANUP(js_put_p) struct json_object *o = NULL;

	for (int i = 0; i < depth; i++)
		buf_add_char(&b, '[');
	buf_add_char(&b, '1');
	for (int i = 0; i < depth; i++)
		buf_add_char(&b, ']');
	return js_parse(buf_str(&b), "test", &o, err);
}

static void nesting_has_a_limit(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(parse_nested(JS_MAX_DEPTH, &err), 0);
	assert_int_equal(parse_nested(JS_MAX_DEPTH + 1, &err), -ERR_PROTOCOL);
	assert_int_equal(parse_nested(4000, &err), -ERR_PROTOCOL);
}

static void only_the_view_is_read(void **state)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;

	(void)state;
	assert_int_equal(js_parse((struct str){ "12345", 2 }, "test", &o, NULL), 0);
	assert_string_equal(js_wire(o), "12");
}

static void members_have_types_and_defaults(void **state)
{
	static const char text[] = "{\"s\":\"x\",\"i\":5000000000,\"d\":1.5e3,\"b\":true,\"n\":null,\"a\":[1,2],\"o\":{\"s\":\"y\"}}";
	CLEANUP(js_put_p) struct json_object *o = NULL;

	(void)state;
	assert_int_equal(js_parse(str_from(text), "test", &o, NULL), 0);
	assert_string_equal(js_get_str(o, "s", "?"), "x");
	assert_string_equal(js_get_str(o, "i", "?"), "?");
	assert_string_equal(js_get_str(o, "n", "?"), "?");
	assert_null(js_get_str(o, "absent", NULL));
	assert_string_equal(js_get_str(js_get(o, "o"), "s", "?"), "y");
	assert_true(js_get_int(o, "i", 0) == INT64_C(5000000000));
	assert_int_equal(js_get_int(o, "d", 0), 1500);
	assert_int_equal(js_get_int(o, "s", -3), -3);
	assert_true(js_get_bool(o, "b", false));
	assert_true(js_get_bool(o, "absent", true));
	assert_null(js_get(o, "n"));
	assert_null(js_get(NULL, "x"));
	assert_null(js_get(js_get(o, "a"), "x"));
	assert_ptr_equal(js_get_any(o, "absent", "n", "b", "s", NULL), js_get(o, "b"));
	assert_null(js_get_any(o, "absent", NULL));
}

static void arrays_count(void **state)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;

	(void)state;
	assert_int_equal(js_parse(STR("[\"a\",\"b\\u0000c\"]"), "test", &o, NULL), 0);
	assert_int_equal(js_len(o), 2);
	assert_true(str_eq(js_text(js_at(o, 0)), STR("a")));
	assert_true(str_eq(js_text(js_at(o, 1)), (struct str){ "b\0c", 3 }));
	assert_null(js_at(o, 2));
	assert_int_equal(js_len(NULL), 0);
	assert_null(js_at(NULL, 0));
	assert_true(str_eq(js_text(o), STR("")));
}

static void objects_are_built(void **state)
{
	CLEANUP(js_put_p) struct json_object *o = json_object_new_object();
	static char x[] = "x", y[] = "y", *const words[] = { x, y };

	(void)state;
	assert_true(js_set_str(o, "s", "a\"b"));
	assert_true(js_set_str(o, "z", NULL));
	assert_true(js_set_int(o, "i", INT64_MIN));
	assert_true(js_set_bool(o, "b", false));
	assert_true(js_set(o, "v", js_strv(words, 2)));
	assert_true(js_set(o, "e", js_strv(NULL, 0)));
	assert_true(js_set(o, "n", NULL));
	assert_true(js_set(o, "p", js_strn((struct str){ "part of it", 4 })));
	assert_false(js_set_int(NULL, "i", 1));
	assert_false(js_set(js_get(o, "v"), "not an object", js_str("freed")));
	assert_string_equal(js_wire(o), "{\"s\":\"a\\\"b\",\"z\":null,\"i\":-9223372036854775808,\"b\":false,\"v\":[\"x\",\"y\"],"
					"\"e\":[],\"n\":null,\"p\":\"part\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_value_is_taken),
		cmocka_unit_test(anything_else_is_a_protocol_error),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(only_the_view_is_read),
		cmocka_unit_test(members_have_types_and_defaults),
		cmocka_unit_test(arrays_count),
		cmocka_unit_test(objects_are_built),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
