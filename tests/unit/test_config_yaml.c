#include "unit.h"

#include "base/js.h"
#include "config/yaml.h"

#define NESTED_8(x) x x x x x x x x

static const struct {
	const char *text, *json; /* json NULL: refused with error */
	const char *error;
} rows[] = {
	{ "", "null", NULL },
	{ "# only a comment\n\n", "null", NULL },
	{ "---\na: b\n", "{\"a\":\"b\"}", NULL },
	{ "\xef\xbb\xbf" "a: b", "{\"a\":\"b\"}", NULL },
	{ "a: b\r\nc: d\r\n", "{\"a\":\"b\",\"c\":\"d\"}", NULL },
	{ "a: 1.10\nb: true\nc: ~\nd: null\ne:\n", "{\"a\":\"1.10\",\"b\":\"true\",\"c\":null,\"d\":null,\"e\":null}", NULL },
	{ "a: 'it''s'\nb: \"x\\n\\\"y\\\"\"\n", "{\"a\":\"it's\",\"b\":\"x\\n\\\"y\\\"\"}", NULL },
	{ "a: b # c\nd: e#f\ng: '# h' # i\n", "{\"a\":\"b\",\"d\":\"e#f\",\"g\":\"# h\"}", NULL },
	{ "localhost:5000:\n  lookaside: https://x/y:z\n", "{\"localhost:5000\":{\"lookaside\":\"https://x/y:z\"}}", NULL },
	{ "\"a: b\": c\n'd': e\n", "{\"a: b\":\"c\",\"d\":\"e\"}", NULL },
	{ "docker:\n    quay.io:\n        lookaside: file:///s\n    b.io:\n        sigstore: x\ndefault-docker:\n    lookaside: y\n",
	  "{\"docker\":{\"quay.io\":{\"lookaside\":\"file:\\/\\/\\/s\"},\"b.io\":{\"sigstore\":\"x\"}},\"default-docker\":{\"lookaside\":\"y\"}}", NULL },
	{ "images:\n  busybox: []\n  redis:\n    - 1.0\n    - \"2.0\"\n  nginx:\n  - latest\n",
	  "{\"images\":{\"busybox\":[],\"redis\":[\"1.0\",\"2.0\"],\"nginx\":[\"latest\"]}}", NULL },
	{ "a: [x, 'y, z', [1, 2], {b: c, d: }]\n", "{\"a\":[\"x\",\"y, z\",[\"1\",\"2\"],{\"b\":\"c\",\"d\":null}]}", NULL },
	{ "a: {b: {c: d}}\n", "{\"a\":{\"b\":{\"c\":\"d\"}}}", NULL },
	{ "- a\n- b: c\n  d: e\n-\n  - f\n- - g\n  - h\n", "[\"a\",{\"b\":\"c\",\"d\":\"e\"},[\"f\"],[\"g\",\"h\"]]", NULL },
	{ "nginx: ^1\\.13\\.[12]-alpine-perl$\n", "{\"nginx\":\"^1\\\\.13\\\\.[12]-alpine-perl$\"}", NULL },
	{ "just a text\n", "\"just a text\"", NULL },
	{ "{a: b}\n", "{\"a\":\"b\"}", NULL },

	{ "a: b\na: c\n", NULL, "f:2: the same key twice" },
	{ "a: {b: c, b: d}\n", NULL, "f:1: the same key twice" },
	{ "a: b\n  c: d\n", NULL, "f:2: the indentation fits nothing above" },
	{ "a:\n    b: c\n  d: e\n", NULL, "f:3: the indentation fits nothing above" },
	{ "  a: b\nc: d\n", NULL, "f:2: the indentation fits nothing above" },
	{ "a:\n\tb: c\n", NULL, "f:2: a tab can't indent" },
	{ "a: b\nplain\n", NULL, "f:2: expected \"key: value\"" },
	{ "a: b\n- c\n", NULL, "f:2: the indentation fits nothing above" },
	{ "a: &x b\n", NULL, "f:1: anchors, tags and block scalars are not read here" },
	{ "a: *x\n", NULL, "f:1: anchors, tags and block scalars are not read here" },
	{ "a: !!str b\n", NULL, "f:1: anchors, tags and block scalars are not read here" },
	{ "a: |\n  text\n", NULL, "f:1: anchors, tags and block scalars are not read here" },
	{ "a: [b, c\n", NULL, "f:1: expected a comma or the end of the list (within this line)" },
	{ "a: [\n", NULL, "f:1: a bracket is not closed within this line" },
	{ "a: 'b\n", NULL, "f:1: a quote is not closed" },
	{ "a: \"b\\q\"\n", NULL, "f:1: an escape that is not read here" },
	{ "a: 'b' c\n", NULL, "f:1: unexpected text behind the value" },
	{ "a: b: c\n", NULL, "f:1: unexpected text behind the value" },
	{ "a: b\n---\nc: d\n", NULL, "f:2: a second document" },
	{ "%YAML 1.2\n", NULL, "f:1: directives are not read here" },
	{ "[a]: b\n", NULL, "f:1: unexpected text behind the value" },
	{ NESTED_8(NESTED_8("- ")) "x\n", NULL, "f:1: nested too deeply" },
	{ "a: " NESTED_8(NESTED_8("[")) "\n", NULL, "f:1: nested too deeply" },
};

static void documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(js_put_p) struct json_object *doc = NULL, *expected = NULL;
		int r = yaml_parse(str_from(rows[i].text), "f", &doc, &err);

		if (!rows[i].json) {
			if (r != -ERR_USAGE || strcmp(err.text, rows[i].error) != 0)
				row_fail(rows[i].text, "%d %s", r, err.text);
			continue;
		}
		if (r < 0)
			row_fail(rows[i].text, "%s", err.text);
		expected = json_tokener_parse(rows[i].json);
		if (!json_object_equal(doc, expected))
			row_fail(rows[i].text, "%s", doc ? json_object_to_json_string(doc) : "null");
	}
}

static void a_nul_character_is_refused(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(js_put_p) struct json_object *doc = NULL;

	(void)state;
	assert_int_equal(yaml_parse(STR("a: b\nc\0d: e\n"), "f", &doc, &err), -ERR_USAGE);
	assert_string_equal(err.text, "f:2: a NUL character");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents),
		cmocka_unit_test(a_nul_character_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
