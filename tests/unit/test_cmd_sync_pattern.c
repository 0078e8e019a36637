/* Regular expressions of sync's file: what Go means by them. */
#include "unit.h"

#include <stdbool.h>

#include "cmd/skopeo/sync_pattern.h"

static const struct {
	const char *pattern, *tag;
	bool matches;
} rows[] = {
	{ "^1\\.2\\.3$", "1.2.3", true },
	{ "^1\\.2\\.3$", "1x2x3", false },
	{ "2", "1.2.3", true }, /* anywhere in the tag */
	{ "", "anything", true },
	{ "^\\d+$", "42", true },
	{ "^\\d+$", "4x", false },
	{ "^\\D+$", "x4", false },
	{ "^\\D+$", "xy", true },
	{ "^[\\d.]+$", "1.25", true },
	{ "^[\\w-]+$", "release_1-x", true },
	{ "^\\w+\\s*$", "a1_", true },
	{ "^v(?:1|2)\\.", "v2.0", true },
	{ "^v(?:1|2)\\.", "v3.0", false },
	{ "^(alpine|debian)-[0-9]{2}$", "debian-12", true },
	{ "^[]a]$", "]", true },
	{ "^[^]a]$", "]", false },
	{ "^[(?:]$", "?", true },
	{ "^a\\?b$", "a?b", true },
	{ "^a\\+?$", "a+", true },
	{ "^\\[x\\]$", "[x]", true },
};

static void patterns_match_as_in_go(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		regex_t compiled;
		bool matches;

		if (sync_pattern(rows[i].pattern, &compiled, &err) < 0) {
			row_fail(rows[i].pattern, "%s", err.text);
			continue;
		}
		matches = regexec(&compiled, rows[i].tag, 0, NULL, 0) == 0;
		regfree(&compiled);
		if (matches != rows[i].matches)
			row_fail(rows[i].pattern, "%s: %d", rows[i].tag, matches);
	}
}

static const struct {
	const char *pattern, *says;
} refused[] = {
	{ "a+?", "regular expression `a+?`: lazy repetition is not supported" },
	{ "(?i)x", "regular expression `(?i)x`: a group that begins with (? is not supported" },
	{ "(?P<n>x)", "regular expression `(?P<n>x)`: a group that begins with (? is not supported" },
	{ "\\bx", "regular expression `\\bx`: this use of a backslash is not supported" },
	{ "\\pL", "regular expression `\\pL`: this use of a backslash is not supported" },
	{ "x\\", "regular expression `x\\`: this use of a backslash is not supported" },
	{ "[\\D]", "regular expression `[\\D]`: this use of a backslash is not supported" },
	{ "[\\]]", "regular expression `[\\]]`: an escaped character between brackets is not supported" },
	{ "[a", NULL }, /* in the words of regcomp */
	{ "(a", NULL },
};

static void what_posix_cannot_say_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		regex_t compiled;
		int r = sync_pattern(refused[i].pattern, &compiled, &err);

		if (r == 0)
			regfree(&compiled);
		if (r != -ERR_USAGE || (refused[i].says && strcmp(err.text, refused[i].says) != 0))
			row_fail(refused[i].pattern, "%d: %s", r, err.text ? err.text : "taken");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_as_in_go),
		cmocka_unit_test(what_posix_cannot_say_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
