#include "unit.h"

#include "base/base64.h"
#include "base/wipe.h"

/* RFC 4648, section 10, and the two letters that differ. */
static const struct {
	const char *bytes, *text, *url;
} rows[] = {
	{ "", "", "" },
	{ "f", "Zg==", "Zg==" },
	{ "fo", "Zm8=", "Zm8=" },
	{ "foo", "Zm9v", "Zm9v" },
	{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
	{ "\xfb\xff\xfe?>", "+//+Pz4=", "-__-Pz4=" },
};

static void texts_go_there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(wipe_buf_done) struct buf text = BUF_INIT(100), url = BUF_INIT(100), back = BUF_INIT(100);

		assert_true(base64_add(&text, str_from(rows[i].bytes)) && base64_add_url(&url, str_from(rows[i].bytes)));
		assert_true(base64_read(&back, str_from(rows[i].text)));
		if (strcmp(buf_z(&text), rows[i].text) != 0 || strcmp(buf_z(&url), rows[i].url) != 0 || strcmp(buf_z(&back), rows[i].bytes) != 0)
			row_fail(rows[i].text, "\"%s\" \"%s\" \"%s\"", buf_z(&text), buf_z(&url), buf_z(&back));
	}
}

static void what_is_no_base64_is_refused(void **state)
{
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm9v\n", "Zm 9v===", "Zm9-", "Zm=v", "Zg==Zg==" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(100);

		if (base64_read(&out, str_from(bad[i])) || out.n)
			row_fail(bad[i], "taken as \"%s\"", buf_z(&out));
	}
}

static void it_appends_within_the_limit(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(13);

	(void)state;
	buf_add_z(&out, "Basic ");
	assert_true(base64_add(&out, STR("foo")));
	assert_string_equal(buf_z(&out), "Basic Zm9v");
	assert_false(base64_add(&out, STR("foo")));
	assert_true(out.failed);
	assert_string_equal(buf_z(&out), "Basic Zm9v");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_go_there_and_back),
		cmocka_unit_test(what_is_no_base64_is_refused),
		cmocka_unit_test(it_appends_within_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
