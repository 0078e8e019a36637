/* Arrays, tables, inline tables and arrays of tables after the TOML 1.0.0 specification: what may be defined where, and only once. */
#include "toml_rows.h"

static void arrays(void **state)
{
	static const struct row valid[] = {
		{ T("a = []"), "{\"a\":[]}" },
		{ T("a = [ ]"), "{\"a\":[]}" },
		{ T("a = [\n\n]"), "{\"a\":[]}" },
		{ T("a = [ # c\n# d\n]"), "{\"a\":[]}" },
		{ T("a = [1]"), "{\"a\":[1]}" },
		{ T("a = [1,]"), "{\"a\":[1]}" },
		{ T("a = [1, 2,\n3 # c\n,4\r\n,]"), "{\"a\":[1,2,3,4]}" },
		{ T("a = [\"x\", 'y', \"\"\"z\"\"\"]"), "{\"a\":[\"x\",\"y\",\"z\"]}" },
		{ T("a = [1, 2.5, \"x\", true, 1979-05-27]"), "{\"a\":[1,2.5,\"x\",true,\"1979-05-27\"]}" },
		{ T("a = [[1, 2], [], [\"x\"]]"), "{\"a\":[[1,2],[],[\"x\"]]}" },
		{ T("a = [{b = 1}, {b = 2}]"), "{\"a\":[{\"b\":1},{\"b\":2}]}" },
		{ T("a = [ \"]\", '#' ] # ]"), "{\"a\":[\"]\",\"#\"]}" },
		{ T("a = [1979-05-27 07:32:00,1]"), "{\"a\":[\"1979-05-27T07:32:00\",1]}" },
	};
	static const struct row invalid[] = {
		{ T("a = ["), "1:6 a value is missing" },
		{ T("a = [1"), "1:7 \",\" or \"]\" is missing" },
		{ T("a = [1,"), "1:8 a value is missing" },
		{ T("a = [,]"), "1:6 a value is missing" },
		{ T("a = [1,,2]"), "1:8 a value is missing" },
		{ T("a = [1 2]"), "1:8 \",\" or \"]\" is missing" },
		{ T("a = [1\n2]"), "2:1 \",\" or \"]\" is missing" },
		{ T("a = [1; 2]"), "1:7 \",\" or \"]\" is missing" },
		{ T("a = [1]]"), "1:8 only a comment" },
		{ T("a = [[1]"), "1:9 \",\" or \"]\" is missing" },
		{ T("a = 1]"), "1:6 only a comment" },
		{ T("a = [b = 1]"), "1:6 no value" },
		{ T("a = [1 # ]"), "1:11 \",\" or \"]\" is missing" },
		{ T("a = [1}"), "1:7 \",\" or \"]\" is missing" },
	};

	(void)state;
	CHECK(valid, check_valid);
	CHECK(invalid, check_invalid);
}

static void inline_tables(void **state)
{
	static const struct row valid[] = {
		{ T("a = {}"), "{\"a\":{}}" },
		{ T("a = {  }"), "{\"a\":{}}" },
		{ T("a = {b=1}"), "{\"a\":{\"b\":1}}" },
		{ T("a = { b = 1, \"c d\" = 'x' } # c"), "{\"a\":{\"b\":1,\"c d\":\"x\"}}" },
		{ T("a = { b.c = 1, b.d = 2 }"), "{\"a\":{\"b\":{\"c\":1,\"d\":2}}}" },
		{ T("a = { b = { c = {} } }"), "{\"a\":{\"b\":{\"c\":{}}}}" },
		{ T("a = { b = [\n1,\n2\n] }"), "{\"a\":{\"b\":[1,2]}}" },
		{ T("a = { b = \"\"\"x\ny\"\"\" }"), "{\"a\":{\"b\":\"x\\ny\"}}" },
		{ T("a.b = { c = 1 }\na.d = 2"), "{\"a\":{\"b\":{\"c\":1},\"d\":2}}" },
		{ T("[x]\na = { b = 1 }\n[y]"), "{\"x\":{\"a\":{\"b\":1}},\"y\":{}}" },
	};
	static const struct row invalid[] = {
		{ T("a = {"), "1:6 a key is missing" },
		{ T("a = { b = 1"), "1:12 \",\" or \"}\" is missing" },
		{ T("a = { b = 1, }"), "1:14 a key is missing" },          /* TOML 1.1 */
		{ T("a = { b = 1\n}"), "1:12 \",\" or \"}\" is missing" }, /* TOML 1.1 */
		{ T("a = {\nb = 1 }"), "1:6 a key is missing" },
		{ T("a = { b = 1, # c\nd = 2 }"), "1:14 a key is missing" },
		{ T("a = { , }"), "1:7 a key is missing" },
		{ T("a = { b = 1 c = 2 }"), "1:13 \",\" or \"}\" is missing" },
		{ T("a = { b = 1, b = 2 }"), "1:14 \"b\" is defined already" },
		{ T("a = { b.c = 1, b = 2 }"), "1:16 \"b\" is defined already" },
		{ T("a = { b = 1, b.c = 2 }"), "1:14 \"b\" is no table" },
		{ T("a = { b = {}, b.c = 2 }"), "1:15 complete" },
		{ T("a = { b }"), "1:9 \"=\" is missing" },
		{ T("a = { 1 }"), "1:9 \"=\" is missing" },
		{ T("a = { b = }"), "1:11 a value is missing" },
		{ T("a = {} b = 1"), "1:8 only a comment" },
		{ T("a = {}}"), "1:7 only a comment" },
		{ T("a = {}\na.b = 1"), "2:1 the table \"a\" is complete" },
		{ T("a = { b = 1 }\n[a]"), "2:2 the table \"a\" is defined already" },
		{ T("a = { b = 1 }\n[a.c]"), "2:2 the inline table \"a\" is complete" },
		{ T("a = { b = {} }\n[a.b.c]"), "2:2 the inline table \"a\" is complete" },
		{ T("[x]\na = {}\n[x.a]"), "3:2 the table \"a\" is defined already" },
		{ T("a = [{ b = 1 }]\n[a.c]"), "2:2 \"a\" is no table" },
		{ T("a.b = { c = 1 }\na.b.d = 2"), "2:1 the table \"b\" is complete" },
	};

	(void)state;
	CHECK(valid, check_valid);
	CHECK(invalid, check_invalid);
}

static void tables(void **state)
{
	static const struct row valid[] = {
		{ T("[a]"), "{\"a\":{}}" },
		{ T("[a]\n[b]\n"), "{\"a\":{},\"b\":{}}" },
		{ T("[a]\nk = 1\n[b]\nk = 2"), "{\"a\":{\"k\":1},\"b\":{\"k\":2}}" },
		{ T("k = 0\n[a]\nk = 1"), "{\"k\":0,\"a\":{\"k\":1}}" },
		{ T("[a.b.c]"), "{\"a\":{\"b\":{\"c\":{}}}}" },
		{ T("[ a . b\t. c ]"), "{\"a\":{\"b\":{\"c\":{}}}}" },
		{ T("[a.\"b.c\".'d']"), "{\"a\":{\"b.c\":{\"d\":{}}}}" },
		{ T("[\"\"]"), "{\"\":{}}" },
		{ T("  [a] # c\n\tk = 1"), "{\"a\":{\"k\":1}}" },
		{ T("[a.b]\nx = 1\n[a]\ny = 2"), "{\"a\":{\"b\":{\"x\":1},\"y\":2}}" },
		{ T("[a.b.c]\n[a.b]\n[a]"), "{\"a\":{\"b\":{\"c\":{}}}}" },
		{ T("[a]\nb.c = 1\n[a.d]\n[a.b.e]"), "{\"a\":{\"b\":{\"c\":1,\"e\":{}},\"d\":{}}}" },
		{ T("a.b = 1\n[a.c]\nd = 2"), "{\"a\":{\"b\":1,\"c\":{\"d\":2}}}" },
		{ T("[a.b.c]\nz = 1\n[a]\nb.d = 2"), "{\"a\":{\"b\":{\"c\":{\"z\":1},\"d\":2}}}" },
		{ T("[a]\n[b]\n[a.c]"), "{\"a\":{\"c\":{}},\"b\":{}}" },
		{ T("[1]\n2 = 3"), "{\"1\":{\"2\":3}}" },
		{ T("[true]\n[inf]"), "{\"true\":{},\"inf\":{}}" },
		{ T("[fruit]\napple.color = \"red\"\napple.taste.sweet = true\n[fruit.apple.texture]\nsmooth = true"),
		  "{\"fruit\":{\"apple\":{\"color\":\"red\",\"taste\":{\"sweet\":true},\"texture\":{\"smooth\":true}}}}" },
	};
	static const struct row invalid[] = {
		{ T("[]"), "1:2 a key is missing" },
		{ T("[a"), "1:3 \"]\" is missing" },
		{ T("[a\n]"), "1:3 \"]\" is missing" },
		{ T("[a b]"), "1:4 \"]\" is missing" },
		{ T("[a.]"), "1:4 a key is missing" },
		{ T("[.a]"), "1:2 a key is missing" },
		{ T("[a..b]"), "1:4 a key is missing" },
		{ T("[a]]"), "1:4 only a comment" },
		{ T("[a] k = 1"), "1:5 only a comment" },
		{ T("[a] [b]"), "1:5 only a comment" },
		{ T("[\"a]"), "1:2 no closing quote" },
		{ T("[a#b]"), "1:3 \"]\" is missing" },
		{ T("[a]\n[a]"), "2:2 the table \"a\" is defined already" },
		{ T("[a]\n[ \"a\" ]"), "2:3 the table \"a\" is defined already" },
		{ T("[a]\n[a.b]\n[a]"), "3:2 the table \"a\" is defined already" },
		{ T("[a.b]\n[a]\n[a.b]"), "3:2 the table \"b\" is defined already" },
		{ T("a = 1\n[a]"), "2:2 \"a\" is defined already and is no table" },
		{ T("a = 1\n[a.b]"), "2:2 \"a\" is no table" },
		{ T("[a]\nb = 1\n[a.b]"), "3:2 \"b\" is defined already and is no table" },
		{ T("[a]\nb = 1\n[a.b.c]"), "3:2 \"b\" is no table" },
		{ T("a.b = 1\n[a]"), "2:2 the table \"a\" is defined already" },
		{ T("[fruit]\napple.color = 1\napple.taste.sweet = true\n[fruit.apple]"),
		  "4:2 the table \"apple\" is defined already" },
		{ T("[fruit]\napple.color = 1\napple.taste.sweet = true\n[fruit.apple.taste]"),
		  "4:2 the table \"taste\" is defined already" },
		{ T("[a.b.c]\nz = 9\n[a]\nb.c.t = 1"), "4:1 the table \"c\" is complete" },
		{ T("[a.b.c.d]\nz = 9\n[a]\nb.c.d.k.t = 1"), "4:1 the table \"d\" is complete" },
		{ T("[a.b.c]\n[a]\nb.d = 1\n[a.b]"), "4:2 the table \"b\" is defined already" },
		{ T("[a.b]\n[a]\nb = 1"), "3:1 the key \"b\" is defined already" },
		{ T("[a]\nk = 1\nk = 2"), "3:1 the key \"k\" is defined already" },
		{ T("a = []\n[a]"), "2:2 \"a\" is defined already and is no table" },
	};

	(void)state;
	CHECK(valid, check_valid);
	CHECK(invalid, check_invalid);
}

static void arrays_of_tables(void **state)
{
	static const struct row valid[] = {
		{ T("[[a]]"), "{\"a\":[{}]}" },
		{ T("[[a]]\n[[a]]"), "{\"a\":[{},{}]}" },
		{ T("[[a]]\nk = 1\n[[a]] # c\n[[a]]\nk = 3"), "{\"a\":[{\"k\":1},{},{\"k\":3}]}" },
		{ T("[[ a . b ]]"), "{\"a\":{\"b\":[{}]}}" },
		{ T("[[a.b]]\n[a]\nk = 1"), "{\"a\":{\"b\":[{}],\"k\":1}}" },
		{ T("[a]\n[[a.b]]"), "{\"a\":{\"b\":[{}]}}" },
		{ T("[[a]]\n[a.b]\nk = 1\n[[a]]\n[a.b]\nk = 2"), "{\"a\":[{\"b\":{\"k\":1}},{\"b\":{\"k\":2}}]}" },
		{ T("[[a]]\n[[a.b]]\n[[a.b]]\n[[a]]\n[[a.b]]"), "{\"a\":[{\"b\":[{},{}]},{\"b\":[{}]}]}" },
		{ T("[[a]]\n[[a.b]]\n[a.b.c]\nk = 1"), "{\"a\":[{\"b\":[{\"c\":{\"k\":1}}]}]}" },
		{ T("[[a]]\nb.c = 1\n[a.b.d]"), "{\"a\":[{\"b\":{\"c\":1,\"d\":{}}}]}" },
		{ T("[[a]]\n[[b]]\n[[a]]"), "{\"a\":[{},{}],\"b\":[{}]}" },
		{ T("a.b = 1\n[[a.c]]"), "{\"a\":{\"b\":1,\"c\":[{}]}}" },
	};
	static const struct row invalid[] = {
		{ T("[[a]"), "1:4 \"]]\" is missing" },
		{ T("[[a] ]"), "1:4 \"]]\" is missing" },
		{ T("[ [a]]"), "1:3 a key is missing" },
		{ T("[[]]"), "1:3 a key is missing" },
		{ T("[[a]]]"), "1:6 only a comment" },
		{ T("[[a\n]]"), "1:4 \"]]\" is missing" },
		{ T("[[a]]\n[a]"), "2:2 \"a\" is defined already and is no table" },
		{ T("[a]\n[[a]]"), "2:3 \"a\" is defined already and is no array" },
		{ T("a = []\n[[a]]"), "2:3 \"a\" is defined already and is no array" },
		{ T("a = [{}]\n[[a]]"), "2:3 \"a\" is defined already and is no array" },
		{ T("a = 1\n[[a]]"), "2:3 \"a\" is defined already and is no array" },
		{ T("a = 1.5\n[[a]]"), "2:3 \"a\" is defined already and is no array" },
		{ T("[a.b]\n[[a]]"), "2:3 \"a\" is defined already and is no array" },
		{ T("[[a.b]]\n[[a]]"), "2:3 \"a\" is defined already and is no array" },
		{ T("[[a]]\n[[a.b]]\n[a.b]"), "3:2 \"b\" is defined already and is no table" },
		{ T("[[a]]\n[a.b]\n[[a.b]]"), "3:3 \"b\" is defined already and is no array" },
		{ T("[[a]]\n[a.b]\n[a.b]"), "3:2 the table \"b\" is defined already" },
		{ T("[[a.b]]\n[a]\nb.c = 1"), "3:1 \"b\" is no table" },
		{ T("[[a.b]]\n[a]\nb = 1"), "3:1 the key \"b\" is defined already" },
		{ T("[[a]]\nk = 1\nk = 2"), "3:1 the key \"k\" is defined already" },
		{ T("a.b = 1\n[[a]]"), "2:3 \"a\" is defined already and is no array" },
		{ T("[a]\nb.c = 1\n[[a.b]]"), "3:3 \"b\" is defined already and is no array" },
	};

	(void)state;
	CHECK(valid, check_valid);
	CHECK(invalid, check_invalid);
}

/* ---- limits ---- */

/* n times open, then middle, then n times close. */
static char *nested(const char *head, size_t n, const char *open, const char *middle, const char *close)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(4 * TOML_MAX_BYTES);

	buf_add_z(&b, head);
	for (size_t i = 0; i < n; i++)
		buf_add_z(&b, open);
	buf_add_z(&b, middle);
	for (size_t i = 0; i < n; i++)
		buf_add_z(&b, close);
	assert_false(b.failed);
	return buf_take(&b);
}

static int parse(const char *text, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;

	return toml_parse(str_from(text), "f", &o, err);
}

static void nesting_is_bounded(void **state)
{
	static const struct {
		const char *head, *open, *middle, *close;
		size_t fits; /* one more is refused */
	} cases[] = {
		{ "a = ", "[", "1", "]", 63 },      { "a = ", "[", "", "]", 63 },       { "a = ", "{b=", "1", "}", 31 },
		{ "", "a.", "a = 1", "", 63 },      { "[", "a.", "a]", "", 63 },        { "[[", "a.", "a]]", "", 63 },
		{ "[x]\n", "a.", "a = 1", "", 62 }, { "[x]\n[", "a.", "a]\n", "", 63 }, { "[x.y]\nz = ", "[", "", "]", 61 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(free_p) char *fits = nested(cases[i].head, cases[i].fits, cases[i].open, cases[i].middle, cases[i].close);
		CLEANUP(free_p)
		char *deep = nested(cases[i].head, cases[i].fits + 1, cases[i].open, cases[i].middle, cases[i].close);
		CLEANUP(free_p) char *abyss = nested(cases[i].head, 100000, cases[i].open, cases[i].middle, cases[i].close);

		if (parse(fits, &err) < 0)
			row_fail(fits, "%s", err.text);
		if (parse(deep, &err) != -ERR_USAGE || !strstr(err.text, "nested deeper than 64"))
			row_fail(deep, "%s", err.text ? err.text : "is taken");
		assert_int_equal(parse(abyss, &err), -ERR_USAGE);
	}
}

static void size_is_bounded(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *fits = nested("a = '", TOML_MAX_BYTES - 6, "x", "'", "");
	CLEANUP(free_p) char *large = nested("a = '", TOML_MAX_BYTES - 5, "x", "'", "");

	(void)state;
	assert_int_equal(parse(fits, &err), 0);
	assert_int_equal(parse(large, &err), -ERR_USAGE);
	assert_string_equal(err.text, "f: larger than 1048576 bytes");
}

/* The error may be left out. */
static void without_error(void **state)
{
	(void)state;
	assert_int_equal(parse("a = [", NULL), -ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrays),           cmocka_unit_test(inline_tables),      cmocka_unit_test(tables),
		cmocka_unit_test(arrays_of_tables), cmocka_unit_test(nesting_is_bounded), cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(without_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
