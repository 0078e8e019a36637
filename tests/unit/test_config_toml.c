/* Scalar values and keys after the TOML 1.0.0 specification and its grammar: what each valid text means, and where each invalid one breaks. */
#include "toml_rows.h"

static void comments_and_lines(void **state)
{
	static const struct row valid[] = {
		{ T(""), "{}" },
		{ T("\n\n\n"), "{}" },
		{ T("\r\n\r\n"), "{}" },
		{ T(" \t \n"), "{}" },
		{ T("# only a comment"), "{}" },
		{ T("#"), "{}" },
		{ T("# a\n# b\n"), "{}" },
		{ T("# a\r\nk = 1\r\n"), "{\"k\":1}" },
		{ T("k = 1 # after"), "{\"k\":1}" },
		{ T("k = \"# no comment\""), "{\"k\":\"# no comment\"}" },
		{ T("k=1"), "{\"k\":1}" },
		{ T("\tk\t=\t1\t"), "{\"k\":1}" },
		{ T("  k  =  1  "), "{\"k\":1}" },
		{ T("# tab\there \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\xB3\n"), "{}" },
		{ T("a = 1\nb = 2"), "{\"a\":1,\"b\":2}" },
		{ T("a = 1\r\nb = 2\r\n"), "{\"a\":1,\"b\":2}" },
		{ T("\xEF\xBB\xBF"
		    "a = 1"),
		  "{\"a\":1}" },
	};
	static const struct row invalid[] = {
		{ T("k ="), "1:4 a value is missing" },
		{ T("k = # none"), "1:5 a value is missing" },
		{ T("k =\n1"), "1:4 a value is missing" },
		{ T("k\n= 1"), "1:2 \"=\" is missing" },
		{ T("k"), "1:2 \"=\" is missing" },
		{ T("= 1"), "1:1 a key is missing" },
		{ T("a = 1 b = 2"), "1:7 only a comment" },
		{ T("a = 1\nb = 2 c"), "2:7 only a comment" },
		{ T("# nul \0 in a comment"), "1:7 control character U+0000" },
		{ T("# bell \x07"), "1:8 control character U+0007" },
		{ T("# del \x7F"), "1:7 control character U+007F" },
		{ T("# return \r in the line\n"), "1:10 control character U+000D" },
		{ T("a = 1\r"), "1:6 control character U+000D" },
		{ T("a = 1\rb = 2\n"), "1:6 control character U+000D" },
		{ T("a = 1\x0C"), "1:6 control character U+000C" },
		{ T("a = 1\x0B\n"), "1:6 control character U+000B" },
		{ T("\xC3\xA9 = 1"), "1:1 a key is missing" },
		{ T("# \xC3\xA9\xC3\xA9 \x01"), "1:6 control character U+0001" },
		{ T("a = \xEF\xBB\xBF"
		    "1"),
		  "1:5 a value is missing" },
	};

	(void)state;
	CHECK(valid, check_valid);
	CHECK(invalid, check_invalid);
}

static void utf8(void **state)
{
	static const struct row valid[] = {
		{ T("a = \"\xC2\x80\""), "{\"a\":\"\xC2\x80\"}" },
		{ T("a = \"\xDF\xBF\""), "{\"a\":\"\xDF\xBF\"}" },
		{ T("a = \"\xE0\xA0\x80\""), "{\"a\":\"\xE0\xA0\x80\"}" },
		{ T("a = \"\xED\x9F\xBF\""), "{\"a\":\"\xED\x9F\xBF\"}" },
		{ T("a = \"\xEE\x80\x80\""), "{\"a\":\"\xEE\x80\x80\"}" },
		{ T("a = \"\xF0\x90\x80\x80\""), "{\"a\":\"\xF0\x90\x80\x80\"}" },
		{ T("a = \"\xF4\x8F\xBF\xBF\""), "{\"a\":\"\xF4\x8F\xBF\xBF\"}" },
	};
	static const struct row invalid[] = {
		{ T("a = \"\x80\""), "1:6 invalid UTF-8" },     /* a continuation alone */
		{ T("a = \"\xC0\x80\""), "1:6 invalid UTF-8" }, /* more bytes than needed */
		{ T("a = \"\xC1\xBF\""), "1:6 invalid UTF-8" },
		{ T("a = \"\xE0\x9F\xBF\""), "1:6 invalid UTF-8" },
		{ T("a = \"\xF0\x8F\xBF\xBF\""), "1:6 invalid UTF-8" },
		{ T("a = \"\xED\xA0\x80\""), "1:6 invalid UTF-8" },     /* a surrogate */
		{ T("a = \"\xF4\x90\x80\x80\""), "1:6 invalid UTF-8" }, /* over U+10FFFF */
		{ T("a = \"\xF5\x80\x80\x80\""), "1:6 invalid UTF-8" },
		{ T("a = \"\xFF\""), "1:6 invalid UTF-8" },
		{ T("a = \"\xC3\""), "1:6 invalid UTF-8" }, /* cut short */
		{ T("a = \"\xE2\x82\""), "1:6 invalid UTF-8" },
		{ T("# \xE2\x82"), "1:3 invalid UTF-8" },
		{ T("\xFE\xFFx"), "1:1 invalid UTF-8" },
		{ T("a = 1\n\n \xA9"), "3:2 invalid UTF-8" },
	};

	(void)state;
	CHECK(valid, check_valid);
	CHECK(invalid, check_invalid);
}

static void keys(void **state)
{
	static const struct row valid[] = {
		{ T("bare_key-1 = 1"), "{\"bare_key-1\":1}" },
		{ T("1234 = 1"), "{\"1234\":1}" },
		{ T("-1 = 1"), "{\"-1\":1}" },
		{ T("_ = 1"), "{\"_\":1}" },
		{ T("\"a b\" = 1"), "{\"a b\":1}" },
		{ T("'a b' = 1"), "{\"a b\":1}" },
		{ T("\"\" = 1"), "{\"\":1}" },
		{ T("'' = 1"), "{\"\":1}" },
		{ T("'q\"q' = 1"), "{\"q\\\"q\":1}" },
		{ T("'no \\escape' = 1"), "{\"no \\\\escape\":1}" },
		{ T("\"t\\tt\" = 1"), "{\"t\\tt\":1}" },
		{ T("\"\\u00e9\" = 1"), "{\"\xC3\xA9\":1}" },
		{ T("\"a.b\" = 1"), "{\"a.b\":1}" },
		{ T("a.b = 1"), "{\"a\":{\"b\":1}}" },
		{ T("a . b\t.\tc = 1"), "{\"a\":{\"b\":{\"c\":1}}}" },
		{ T("a.\"b.c\".'d' = 1"), "{\"a\":{\"b.c\":{\"d\":1}}}" },
		{ T("a.b = 1\na.c = 2"), "{\"a\":{\"b\":1,\"c\":2}}" },
		{ T("a.b = 1\nx = 0\na.c = 2"), "{\"a\":{\"b\":1,\"c\":2},\"x\":0}" },
		{ T("3.14159 = \"pi\""), "{\"3\":{\"14159\":\"pi\"}}" },
		{ T("1.2.3 = 4"), "{\"1\":{\"2\":{\"3\":4}}}" },
		{ T("true = 1\nfalse.inf = 2"), "{\"true\":1,\"false\":{\"inf\":2}}" },
		{ T("1979-05-27 = 1"), "{\"1979-05-27\":1}" },
		{ T("a = 1\nA = 2"), "{\"a\":1,\"A\":2}" },
		{ T("\"\".\"\" = 1"), "{\"\":{\"\":1}}" },
	};
	static const struct row invalid[] = {
		{ T("a = 1\na = 2"), "2:1 the key \"a\" is defined already" },
		{ T("a = 1\n\"a\" = 2"), "2:1 the key \"a\" is defined already" },
		{ T("'a' = 1\n\"\\u0061\" = 2"), "2:1 the key \"a\" is defined already" },
		{ T("a.b = 1\na.b = 2"), "2:1 the key \"b\" is defined already" },
		{ T("a = 1\na.b = 2"), "2:1 \"a\" is no table" },
		{ T("a.b = 1\na.b.c = 2"), "2:1 \"b\" is no table" },
		{ T("a.b = 1\na = 2"), "2:1 the key \"a\" is defined already" },
		{ T("a = []\na.b = 1"), "2:1 \"a\" is no table" },
		{ T("a..b = 1"), "1:3 a key is missing" },
		{ T(".a = 1"), "1:1 a key is missing" },
		{ T("a. = 1"), "1:4 a key is missing" },
		{ T("a b = 1"), "1:3 \"=\" is missing" },
		{ T("a+b = 1"), "1:2 \"=\" is missing" },
		{ T("a/b = 1"), "1:2 \"=\" is missing" },
		{ T("\"\"\"a\"\"\" = 1"), "1:1 several lines" },
		{ T("'''a''' = 1"), "1:1 several lines" },
		{ T("\"a\n\" = 1"), "1:1 no closing quote" },
		{ T("\"a = 1"), "1:1 no closing quote" },
		{ T("'a = 1"), "1:1 no closing quote" },
		{ T("\"\\z\" = 1"), "1:2 unknown escape" },
		{ T("a = 1 = 2"), "1:7 only a comment" },
		{ T("a == 1"), "1:4 a value is missing" },
		{ T("a\n"), "1:2 \"=\" is missing" },
		{ T("\"a\"b = 1"), "1:4 \"=\" is missing" },
		{ T("\"a\\u0000\" = 1"), "1:1 U+0000" }, /* valid TOML; json-c has no such key */
	};

	(void)state;
	CHECK(valid, check_valid);
	CHECK(invalid, check_invalid);
}

static void strings_of_one_line(void **state)
{
	static const struct row valid[] = {
		{ T("a = \"\""), "{\"a\":\"\"}" },
		{ T("a = ''"), "{\"a\":\"\"}" },
		{ T("a = \"x\\by\""), "{\"a\":\"x\\by\"}" },
		{ T("a = \"\\t\\n\\f\\r\""), "{\"a\":\"\\t\\n\\f\\r\"}" },
		{ T("a = \"\\\"\\\\\""), "{\"a\":\"\\\"\\\\\"}" },
		{ T("a = \"\\u0041\\U00000042\""), "{\"a\":\"AB\"}" },
		{ T("a = \"\\u00E9\\u20ac\\U0001F433\""), "{\"a\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\xB3\"}" },
		{ T("a = \"\\u0000\""), "{\"a\":\"\\u0000\"}" },
		{ T("a = \"\\uD7FF\\uE000\\U0010FFFF\""), "{\"a\":\"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\"}" },
		{ T("a = \"tab\there\""), "{\"a\":\"tab\\there\"}" },
		{ T("a = \"it's\""), "{\"a\":\"it's\"}" },
		{ T("a = 'x\\'"), "{\"a\":\"x\\\\\"}" },
		{ T("a = 'C:\\Users\\u'"), "{\"a\":\"C:\\\\Users\\\\u\"}" },
		{ T("a = 'say \"x\"'"), "{\"a\":\"say \\\"x\\\"\"}" },
		{ T("a = '\\u0041'"), "{\"a\":\"\\\\u0041\"}" },
		{ T("a = 'tab\there'"), "{\"a\":\"tab\\there\"}" },
	};
	static const struct row invalid[] = {
		{ T("a = \"x"), "1:5 no closing quote" },
		{ T("a = 'x"), "1:5 no closing quote" },
		{ T("a = \"x\n\""), "1:5 no closing quote" },
		{ T("a = 'x\ny'"), "1:5 no closing quote" },
		{ T("a = \"x\r\ny\""), "1:5 no closing quote" },
		{ T("a = 'it's'"), "1:9 only a comment" },
		{ T("a = \"\\a\""), "1:6 unknown escape" },
		{ T("a = \"\\ \""), "1:6 unknown escape" },
		{ T("a = \"\\e\""), "1:6 unknown escape" },   /* TOML 1.1 */
		{ T("a = \"\\x41\""), "1:6 unknown escape" }, /* TOML 1.1 */
		{ T("a = \"\\'\""), "1:6 unknown escape" },
		{ T("a = \"\\/\""), "1:6 unknown escape" },
		{ T("a = \"\\N\""), "1:6 unknown escape" },
		{ T("a = \"\\"), "1:6 unknown escape" },
		{ T("a = \"\\u12\""), "1:6 needs 4" },
		{ T("a = \"\\u12G4\""), "1:6 needs 4" },
		{ T("a = \"\\u+123\""), "1:6 needs 4" },
		{ T("a = \"\\U0001F43\""), "1:6 needs 8" },
		{ T("a = \"\\uD800\""), "1:6 U+D800" },
		{ T("a = \"\\uDFFF\""), "1:6 U+DFFF" },
		{ T("a = \"\\U00110000\""), "1:6 U+110000" },
		{ T("a = \"\\UFFFFFFFF\""), "1:6 U+FFFFFFFF" },
		{ T("a = \"\0\""), "1:6 control character U+0000" },
		{ T("a = '\x1F'"), "1:6 control character U+001F" },
		{ T("a = \"\x7F\""), "1:6 control character U+007F" },
		{ T("a = \"x\"y"), "1:8 only a comment" },
		{ T("a = \"x\" \"y\""), "1:9 only a comment" },
		{ T("a = x"), "1:5 a text stands in quotes" },
		{ T("a = `x`"), "1:5 a value is missing" },
	};

	(void)state;
	CHECK(valid, check_valid);
	CHECK(invalid, check_invalid);
}

static void strings_of_many_lines(void **state)
{
	static const struct row valid[] = {
		{ T("a = \"\"\"\"\"\""), "{\"a\":\"\"}" },
		{ T("a = ''''''"), "{\"a\":\"\"}" },
		{ T("a = \"\"\"x\ny\"\"\""), "{\"a\":\"x\\ny\"}" },
		{ T("a = \"\"\"\nx\n\"\"\""), "{\"a\":\"x\\n\"}" },
		{ T("a = \"\"\"\n\nx\"\"\""), "{\"a\":\"\\nx\"}" },
		{ T("a = \"\"\"\r\nx\r\ny\"\"\""), "{\"a\":\"x\\ny\"}" },
		{ T("a = '''\r\nx\r\ny'''"), "{\"a\":\"x\\ny\"}" },
		{ T("a = \"\"\"x \\\n   y\"\"\""), "{\"a\":\"x y\"}" },
		{ T("a = \"\"\"x\\  \n\n\t y\"\"\""), "{\"a\":\"xy\"}" },
		{ T("a = \"\"\"\\\r\n  x\\\r\n  \"\"\""), "{\"a\":\"x\"}" },
		{ T("a = \"\"\"\\\n\"\"\""), "{\"a\":\"\"}" },
		{ T("a = \"\"\"x\"\"y\"\"\""), "{\"a\":\"x\\\"\\\"y\"}" },
		{ T("a = \"\"\"x\"\"\"\""), "{\"a\":\"x\\\"\"}" },
		{ T("a = \"\"\"x\"\"\"\"\""), "{\"a\":\"x\\\"\\\"\"}" },
		{ T("a = \"\"\"\"x\"\"\""), "{\"a\":\"\\\"x\"}" },
		{ T("a = \"\"\"\"\"x\"\"\""), "{\"a\":\"\\\"\\\"x\"}" },
		{ T("a = \"\"\"x\\\"\"\"y\"\"\""), "{\"a\":\"x\\\"\\\"\\\"y\"}" },
		{ T("a = \"\"\"\\u00e9\\t\"\"\""), "{\"a\":\"\xC3\xA9\\t\"}" },
		{ T("a = '''x\\\ny'''"), "{\"a\":\"x\\\\\\ny\"}" },
		{ T("a = '''\n  x\n'''"), "{\"a\":\"  x\\n\"}" },
		{ T("a = '''it''s'''"), "{\"a\":\"it''s\"}" },
		{ T("a = '''x''''"), "{\"a\":\"x'\"}" },
		{ T("a = '''x'''''"), "{\"a\":\"x''\"}" },
		{ T("a = '''\"\"\"'''"), "{\"a\":\"\\\"\\\"\\\"\"}" },
		{ T("a = \"\"\"x\"\"\" # c"), "{\"a\":\"x\"}" },
	};
	static const struct row invalid[] = {
		{ T("a = \"\"\"x"), "1:5 no closing quotes" },
		{ T("a = '''x\n''"), "1:5 no closing quotes" },
		{ T("a = \"\"\"x\"\""), "1:5 no closing quotes" },
		{ T("a = \"\"\"x\\\"\"\""), "1:5 no closing quotes" },
		{ T("a = \"\"\"x\"\"\"\"\"\""), "1:14 only a comment" },
		{ T("a = '''x''''''"), "1:14 only a comment" },
		{ T("a = \"\"\"\n\\q\"\"\""), "2:1 unknown escape" },
		{ T("a = \"\"\"x\\ y\"\"\""), "1:9 unknown escape" },
		{ T("a = \"\"\"x\\   \"\"\""), "1:9 unknown escape" },
		{ T("a = \"\"\"x\0\"\"\""), "1:9 control character U+0000" },
		{ T("a = '''x\ry'''"), "1:9 control character U+000D" },
		{ T("a = \"\"\"\\uD8FF\"\"\""), "1:8 U+D8FF" },
	};

	(void)state;
	CHECK(valid, check_valid);
	CHECK(invalid, check_invalid);
}

static void integers(void **state)
{
	static const struct row valid[] = {
		{ T("a = 0"), "{\"a\":0}" },
		{ T("a = +99"), "{\"a\":99}" },
		{ T("a = -17"), "{\"a\":-17}" },
		{ T("a = +0"), "{\"a\":0}" },
		{ T("a = -0"), "{\"a\":0}" },
		{ T("a = 1_000"), "{\"a\":1000}" },
		{ T("a = 1_2_3_4"), "{\"a\":1234}" },
		{ T("a = 53_49_221"), "{\"a\":5349221}" },
		{ T("a = 9223372036854775807"), "{\"a\":9223372036854775807}" },
		{ T("a = -9223372036854775808"), "{\"a\":-9223372036854775808}" },
		{ T("a = 0xDEADBEEF"), "{\"a\":3735928559}" },
		{ T("a = 0xdead_beef"), "{\"a\":3735928559}" },
		{ T("a = 0x00e5"), "{\"a\":229}" },
		{ T("a = 0x7FFFFFFFFFFFFFFF"), "{\"a\":9223372036854775807}" },
		{ T("a = 0o755"), "{\"a\":493}" },
		{ T("a = 0o0_1"), "{\"a\":1}" },
		{ T("a = 0b1101_0110"), "{\"a\":214}" },
		{ T("a = 0b0"), "{\"a\":0}" },
	};
	static const struct row invalid[] = {
		{ T("a = 01"), "1:5 no valid number" },
		{ T("a = 00"), "1:5 no valid number" },
		{ T("a = -01"), "1:5 no valid number" },
		{ T("a = +0_1"), "1:5 no valid number" },
		{ T("a = 1_"), "1:5 no valid number" },
		{ T("a = _1"), "1:5 no value" },
		{ T("a = 1__0"), "1:5 no valid number" },
		{ T("a = ++1"), "1:5 no value" },
		{ T("a = +"), "1:5 no value" },
		{ T("a = - 1"), "1:5 no value" },
		{ T("a = 0x"), "1:5 no valid number" },
		{ T("a = 0xG"), "1:5 no valid number" },
		{ T("a = 0X1"), "1:5 no valid number" },
		{ T("a = 0x_1"), "1:5 no valid number" },
		{ T("a = 0x1_"), "1:5 no valid number" },
		{ T("a = +0x1"), "1:5 no valid number" },
		{ T("a = -0b1"), "1:5 no valid number" },
		{ T("a = 0o8"), "1:5 no valid number" },
		{ T("a = 0O7"), "1:5 no valid number" },
		{ T("a = 0b2"), "1:5 no valid number" },
		{ T("a = 9223372036854775808"), "1:5 too large" },
		{ T("a = -9223372036854775809"), "1:5 too large" },
		{ T("a = 0x8000000000000000"), "1:5 too large" },
		{ T("a = 0b1111111111111111111111111111111111111111111111111111111111111111"), "1:5 too large" },
		{ T("a = 1,000"), "1:6 only a comment" },
		{ T("a = 12k"), "1:5 no valid number" },
		{ T("a = 1 2"), "1:7 only a comment" },
		{ T("a = $1"), "1:5 a value is missing" },
	};

	(void)state;
	CHECK(valid, check_valid);
	CHECK(invalid, check_invalid);
}

static void floats_and_booleans(void **state)
{
	static const struct row valid[] = {
		{ T("a = 1.5"), "{\"a\":1.5}" },
		{ T("a = +1.0"), "{\"a\":1.0}" },
		{ T("a = -0.25"), "{\"a\":-0.25}" },
		{ T("a = 0.0"), "{\"a\":0.0}" },
		{ T("a = -0.0"), "{\"a\":-0.0}" },
		{ T("a = 5e+2"), "{\"a\":500.0}" },
		{ T("a = 1e06"), "{\"a\":1000000.0}" },
		{ T("a = -25E-2"), "{\"a\":-0.25}" },
		{ T("a = 0e0"), "{\"a\":0.0}" },
		{ T("a = 6.25e-1"), "{\"a\":0.625}" },
		{ T("a = 1_000.062_5"), "{\"a\":1000.0625}" },
		{ T("a = 1e1_0"), "{\"a\":10000000000.0}" },
		{ T("a = 1.00"), "{\"a\":1.0}" },
		{ T("a = inf"), "{\"a\":Infinity}" },
		{ T("a = +inf"), "{\"a\":Infinity}" },
		{ T("a = -inf"), "{\"a\":-Infinity}" },
		{ T("a = nan"), "{\"a\":NaN}" },
		{ T("a = +nan"), "{\"a\":NaN}" },
		{ T("a = -nan"), "{\"a\":NaN}" },
		{ T("a = true"), "{\"a\":true}" },
		{ T("a = false"), "{\"a\":false}" },
	};
	static const struct row invalid[] = {
		{ T("a = .5"), "1:5 no value" },
		{ T("a = 5."), "1:5 no valid number" },
		{ T("a = +.5"), "1:5 no value" },
		{ T("a = 3.e+20"), "1:5 no valid number" },
		{ T("a = 1.2.3"), "1:5 no valid number" },
		{ T("a = 01.5"), "1:5 no valid number" },
		{ T("a = -00.5"), "1:5 no valid number" },
		{ T("a = 1_.5"), "1:5 no valid number" },
		{ T("a = 1._5"), "1:5 no valid number" },
		{ T("a = 1.5_"), "1:5 no valid number" },
		{ T("a = 1e"), "1:5 no valid number" },
		{ T("a = 1e+"), "1:5 no valid number" },
		{ T("a = 1e_5"), "1:5 no valid number" },
		{ T("a = 1_e5"), "1:5 no valid number" },
		{ T("a = 1e5.0"), "1:5 no valid number" },
		{ T("a = 1ee5"), "1:5 no valid number" },
		{ T("a = 1e999"), "1:5 too large" },
		{ T("a = Inf"), "1:5 no value" },
		{ T("a = infinity"), "1:5 no value" },
		{ T("a = NaN"), "1:5 no value" },
		{ T("a = 0x1.8p3"), "1:5 no valid number" },
		{ T("a = True"), "1:5 no value" },
		{ T("a = TRUE"), "1:5 no value" },
		{ T("a = truer"), "1:5 no value" },
		{ T("a = tru"), "1:5 no value" },
		{ T("a = yes"), "1:5 no value" },
		{ T("a = null"), "1:5 no value" },
	};

	(void)state;
	CHECK(valid, check_valid);
	CHECK(invalid, check_invalid);
}

static void dates_and_times(void **state)
{
	static const struct row valid[] = {
		{ T("a = 1979-05-27T07:32:00Z"), "{\"a\":\"1979-05-27T07:32:00Z\"}" },
		{ T("a = 1979-05-27t07:32:00z"), "{\"a\":\"1979-05-27T07:32:00Z\"}" },
		{ T("a = 1979-05-27 07:32:00Z"), "{\"a\":\"1979-05-27T07:32:00Z\"}" },
		{ T("a = 1979-05-27T00:32:00-07:00"), "{\"a\":\"1979-05-27T00:32:00-07:00\"}" },
		{ T("a = 1979-05-27T00:32:00.999999+14:30"), "{\"a\":\"1979-05-27T00:32:00.999999+14:30\"}" },
		{ T("a = 1979-05-27T07:32:00"), "{\"a\":\"1979-05-27T07:32:00\"}" },
		{ T("a = 1979-05-27 07:32:00.5"), "{\"a\":\"1979-05-27T07:32:00.5\"}" },
		{ T("a = 1979-05-27"), "{\"a\":\"1979-05-27\"}" },
		{ T("a = 1979-05-27 # c"), "{\"a\":\"1979-05-27\"}" },
		{ T("a = 07:32:00"), "{\"a\":\"07:32:00\"}" },
		{ T("a = 00:32:00.999999"), "{\"a\":\"00:32:00.999999\"}" },
		{ T("a = 23:59:60"), "{\"a\":\"23:59:60\"}" },
		{ T("a = 2000-02-29"), "{\"a\":\"2000-02-29\"}" },
		{ T("a = 2024-02-29"), "{\"a\":\"2024-02-29\"}" },
		{ T("a = 0000-01-01"), "{\"a\":\"0000-01-01\"}" },
		{ T("a = [1979-05-27, 07:32:00]"), "{\"a\":[\"1979-05-27\",\"07:32:00\"]}" },
	};
	static const struct row invalid[] = {
		{ T("a = 1979-00-01"), "1:5 no valid date" },
		{ T("a = 1979-13-01"), "1:5 no valid date" },
		{ T("a = 1979-05-00"), "1:5 no valid date" },
		{ T("a = 1979-04-31"), "1:5 no valid date" },
		{ T("a = 1900-02-29"), "1:5 no valid date" },
		{ T("a = 2023-02-29"), "1:5 no valid date" },
		{ T("a = 1979-5-27"), "1:5 no valid date" },
		{ T("a = 1979-05-7"), "1:5 no valid date" },
		{ T("a = 1979-05"), "1:5 no valid date" },
		{ T("a = 79-05-27"), "1:5 no valid number" },
		{ T("a = 11979-05-27"), "1:5 no valid number" },
		{ T("a = 1979/05/27"), "1:9 only a comment" },
		{ T("a = 1979-05-27T"), "1:5 no valid date" },
		{ T("a = 1979-05-27T07"), "1:5 no valid date" },
		{ T("a = 1979-05-27T07:32"), "1:5 no valid date" }, /* TOML 1.1 */
		{ T("a = 1979-05-27T24:00:00"), "1:5 no valid date" },
		{ T("a = 1979-05-27T07:60:00"), "1:5 no valid date" },
		{ T("a = 1979-05-27T07:32:61"), "1:5 no valid date" },
		{ T("a = 1979-05-27T07:32:00."), "1:5 no valid date" },
		{ T("a = 1979-05-27T07:32:00.Z"), "1:5 no valid date" },
		{ T("a = 1979-05-27T07:32:00+7:00"), "1:5 no valid date" },
		{ T("a = 1979-05-27T07:32:00+0700"), "1:5 no valid date" },
		{ T("a = 1979-05-27T07:32:00+24:00"), "1:5 no valid date" },
		{ T("a = 1979-05-27T07:32:00+07:60"), "1:5 no valid date" },
		{ T("a = 1979-05-27T07:32:00ZZ"), "1:5 no valid date" },
		{ T("a = 1979-05-27  07:32:00"), "1:17 only a comment" },
		{ T("a = 1979-05-27_07:32:00"), "1:5 no valid date" },
		{ T("a = 07:32"), "1:5 no valid date" },
		{ T("a = 7:32:00"), "1:5 no valid date" },
		{ T("a = 24:00:00"), "1:5 no valid date" },
		{ T("a = 07:32:00Z"), "1:5 no valid date" },
	};

	(void)state;
	CHECK(valid, check_valid);
	CHECK(invalid, check_invalid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_and_lines),
		cmocka_unit_test(utf8),
		cmocka_unit_test(keys),
		cmocka_unit_test(strings_of_one_line),
		cmocka_unit_test(strings_of_many_lines),
		cmocka_unit_test(integers),
		cmocka_unit_test(floats_and_booleans),
		cmocka_unit_test(dates_and_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
