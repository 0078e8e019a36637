/* Version ranges of sync's file; the rows follow the documentation of Masterminds/semver v3. */
#include "unit.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmd/skopeo/sync_semver.h"

static const struct {
	const char *range, *in, *out; /* tags, parted by blanks */
} rows[] = {
	{ "1.2.3", "1.2.3 v1.2.3 1.2.3+build", "1.2.4 1.2.3-rc1 latest 1.2.3x" },
	{ "= 1.2", "1.2.0 1.2.9 1.2", "1.3.0" },
	{ "!=1.2.3", "1.2.4 2", "1.2.3" },
	{ "!=1.x", "2.0 0.9", "1.0 1.9.9" },
	{ ">= 3.12, < 4", "3.12 3.12.0 3.99", "3.11.9 4.0 4" },
	{ ">=3.12 <4", "3.12 3.99", "4.0.0" },
	{ ">1", "2 2.0.0", "1 1.0.1 1.9" },
	{ ">1.2", "1.3 2", "1.2.9" },
	{ ">1.2.3", "1.2.4", "1.2.3" },
	{ "<=1", "1.9 1 0.1", "2" },
	{ "=<1.2", "1.2.9", "1.3" },
	{ "<2", "1.99.99", "2.0.0 2.0.0-alpha" },
	{ "~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2" },
	{ "~1", "1 1.9", "2 0.9" },
	{ "~>1.2", "1.2.5", "1.3" },
	{ "^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0" },
	{ "^1", "1.0 1.9", "2" },
	{ "^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2" },
	{ "^0.0.3", "0.0.3", "0.0.4" },
	{ "^0.0", "0.0.9", "0.1.0" },
	{ "^0", "0.9.9", "1.0.0" },
	{ "1.x", "1.0 1.5.2", "2.0" },
	{ "1.2.*", "1.2.7", "1.3.0" },
	{ "*", "0 1.2.3 99", "latest 1.0-rc1" },
	{ "1.2 - 1.4", "1.2.0 1.4.9", "1.5 1.1.9" },
	{ "1.2 - 1.4.5 || 3", "1.4.5 3.1", "1.4.6 2.0" },
	{ "<1 || >=2, <3", "0.5 2.5", "1.0 3.0" },
	{ ">=1.0.0-0", "1.0.0-rc1 1.0.0 2.0.0-beta", "0.9.0" },
	{ ">1.0.0-alpha.2", "1.0.0-alpha.10 1.0.0-beta 1.0.0", "1.0.0-alpha.1 1.0.0-alpha 1.0.0-alpha.2" },
	{ ">= 123456789012345678", "123456789012345678", "1234567890123456789" }, /* more digits than any version has */
};

static void check_tags(const struct semver_range *range, size_t row, const char *tags, bool in)
{
	struct str left = str_from(tags), word;

	while (left.n) {
		CLEANUP(free_p) char *tag = NULL;

		str_cut(left, ' ', &word, &left);
		tag = str_dup(word);
		if (semver_range_has(range, tag) != in)
			row_fail(rows[row].range, "%s is %s", tag, in ? "not in it" : "in it");
	}
}

static void tags_are_in_or_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(semver_range_close_p) struct semver_range *range = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;

		if (semver_range_parse(rows[i].range, &range, &err) < 0) {
			row_fail(rows[i].range, "%s", err.text);
			continue;
		}
		check_tags(range, i, rows[i].in, true);
		check_tags(range, i, rows[i].out, false);
	}
}

static void what_is_no_range_is_refused(void **state)
{
	static const char *const bad[] = { "", "foo", ">", "1.2.3.4", "1 ||", "|| 1", ">> 1", "1 - ", "1.2 foo", "^" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CLEANUP(semver_range_close_p) struct semver_range *range = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;

		if (semver_range_parse(bad[i], &range, &err) != -ERR_USAGE || !str_starts(str_from(err.text), STR("improper constraint: ")))
			row_fail(bad[i], "taken");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_in_or_out),
		cmocka_unit_test(what_is_no_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
