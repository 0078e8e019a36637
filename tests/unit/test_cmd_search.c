/* Filters of search, in this machine's own search and before a host is asked. */
#include "unit.h"

#include "base/js.h"
#include "cmd/podman/search.h"

static const struct {
	const char *filter, *says; /* says NULL: a filter */
} words[] = {
	{ "is-official", NULL },
	{ "is-official=true", NULL },
	{ "is-official=0", NULL },
	{ "is-automated=false", NULL },
	{ "stars=3", NULL },
	{ "stars=", "incorrect value type for stars filter" },
	{ "stars", "incorrect value type for stars filter" },
	{ "stars=many", "incorrect value type for stars filter" },
	{ "is-official=maybe", "incorrect value type for is-official filter" },
	{ "is-automated=2", "incorrect value type for is-automated filter" },
	{ "colour=green", "invalid filter type \"colour=green\"" },
	{ "", "invalid filter type \"\"" },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(strv_done) struct strv filters = { 0 };
		int r;

		assert_true(strv_add(&filters, words[i].filter));
		r = search_check_filters(&filters, &err);
		if (!words[i].says ? r != 0 : r != -ERR_USAGE || strcmp(err.text, words[i].says) != 0)
			row_fail(words[i].filter, "%d: %s", r, err.text ? err.text : "taken");
	}
}

static const struct {
	const char *filters; /* parted by blanks */
	const char *official, *automated;
	int64_t stars;
	bool matches;
} rows[] = {
	{ "", "", "", 0, true },
	{ "is-official", "[OK]", "", 0, true },
	{ "is-official", "", "", 0, false },
	{ "is-official=false", "", "", 0, true },
	{ "is-official=false", "[OK]", "", 0, false },
	{ "is-automated", "[OK]", "", 0, false },
	{ "is-automated", "", "[OK]", 0, true },
	{ "stars=3", "", "", 3, true },
	{ "stars=3", "", "", 2, false },
	{ "stars=3 is-official", "[OK]", "", 9, true },
	{ "stars=3 is-official", "", "", 9, false },
	{ "is-official stars=3", "[OK]", "", 1, false },
};

static void test_matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(js_put_p) struct json_object *found = json_object_new_object();
		CLEANUP(strv_done) struct strv filters = { 0 };
		struct str word, rest = str_from(rows[i].filters);

		for (bool more = rest.n > 0; more;) {
			more = str_cut(rest, ' ', &word, &rest);
			assert_true(strv_add_str(&filters, word));
		}
		js_set_str(found, "Official", rows[i].official);
		js_set_str(found, "Automated", rows[i].automated);
		js_set_int(found, "Stars", rows[i].stars);
		if (search_matches(&filters, found) != rows[i].matches)
			row_fail(rows[i].filters, "official %s, automated %s", rows[i].official, rows[i].automated);
	}
}

static void test_terms(void **state)
{
	static const struct {
		const char *term, *host, *word; /* host NULL: none */
	} terms[] = {
		{ "busybox", NULL, "busybox" },
		{ "podman/stable", NULL, "podman/stable" },
		{ "two words", NULL, "two words" },
		{ "quay.io/podman/stable", "quay.io", "podman/stable" },
		{ "quay.io/", "quay.io", "" },
		{ "quay.io", NULL, "quay.io" },
		{ "localhost/x", "localhost", "x" },
		{ "box:5000/x", "box:5000", "x" },
		{ "", NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
		struct str host = { 0 }, word = { 0 };
		bool named = search_split_term(terms[i].term, &host, &word);

		if (named != (terms[i].host != NULL) || !str_eq_z(word, terms[i].word) || (named && !str_eq_z(host, terms[i].host)))
			row_fail(terms[i].term, "%.*s and %.*s", STR_ARG(host), STR_ARG(word));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_words), cmocka_unit_test(test_matches), cmocka_unit_test(test_terms) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
