#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/ignore.h"
#include "base/path.h"
#include "ignore_rows.h"

static void paths_stay_at_home_as_with_moby(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ignore_rows); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(ignore_free_p) struct ignore *g = NULL;

		if (ignore_parse(str_from(ignore_rows[i].file), "ignore", &g, &err) < 0)
			row_fail(ignore_rows[i].file, "%s", err.text);
		if (ignore_match(g, ignore_rows[i].path) != ignore_rows[i].out)
			row_fail(ignore_rows[i].file, "\"%s\" is%s ignored", ignore_rows[i].path, ignore_rows[i].out ? " not" : "");
	}
}

/* A folder is pruned only if it is ignored and everything below is: with each row's path, for each folder that it lies in. */
static void pruned_folders_hide_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ignore_rows); i++) {
		CLEANUP(ignore_free_p) struct ignore *g = NULL;

		assert_int_equal(ignore_parse(str_from(ignore_rows[i].file), "ignore", &g, NULL), 0);
		for (const char *p = ignore_rows[i].path; (p = strchr(p, '/')); p++) {
			CLEANUP(free_p) char *dir = str_dup((struct str){ ignore_rows[i].path, (size_t)(p - ignore_rows[i].path) });

			if (ignore_prunes(g, dir) && (!ignore_match(g, dir) || !ignore_rows[i].out))
				row_fail(ignore_rows[i].file, "\"%s\" is pruned", dir);
		}
	}
}

static const struct {
	const char *file, *dir;
	bool prunes;
} prune_rows[] = {
	{ "a", "a", true },
	{ "a", "b", false },
	{ "a\n!b", "a", true },
	{ "a\n!a/b", "a", false },
	{ "a\n!a/b", "a/b", false },
	{ "a\n!a/b", "a/c", true },
	{ "a\n!a/b/c", "a/b", false },
	{ "a\n!a/b*/c", "a/bx", false },
	{ "a\n!a/b*/c", "a/c", true },
	{ "!a/b\na", "a", true },
	{ "a\n!**/x", "a", false },
	{ "a\n!a/**", "a", false },
	{ "a\n!b/**", "a", true },
	{ "a\n!b/**/c", "a", true },
	{ "a\n!?/c", "a", false },
	{ "a\n!?b/c", "a", true },
	{ "*\n!src", "lib", true },
	{ "*\n!src", "src", false },
	{ "*\n!src/x", "src", false },
	{ "**/node_modules\n!*.md", "app/node_modules", true },
};

static void folders_are_pruned_when_nothing_can_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(prune_rows); i++) {
		CLEANUP(ignore_free_p) struct ignore *g = NULL;

		assert_int_equal(ignore_parse(str_from(prune_rows[i].file), "ignore", &g, NULL), 0);
		if (ignore_prunes(g, prune_rows[i].dir) != prune_rows[i].prunes)
			row_fail(prune_rows[i].file, "\"%s\" is%s pruned", prune_rows[i].dir, prune_rows[i].prunes ? " not" : "");
	}
}

static const struct {
	const char *file, *text;
} bad_rows[] = {
	{ "!", "ignore:1: pattern \"!\": there is nothing behind the \"!\"" },
	{ "a\n\n! ", "ignore:3: pattern \"!\": there is nothing behind the \"!\"" },
	{ "!/", "ignore:1: pattern \"!/\": there is nothing behind the \"!\"" },
	{ "[", "ignore:1: pattern \"[\": \"[\" is not closed" },
	{ "a\nb[c", "ignore:2: pattern \"b[c\": \"[\" is not closed" },
	{ "[^", "ignore:1: pattern \"[^\": \"[\" is not closed" },
	{ "[a-", "ignore:1: pattern \"[a-\": \"[\" is not closed" },
	{ "[a\\", "ignore:1: pattern \"[a\\\": \"[\" is not closed" },
	{ "[]a]", NULL },
	{ "[-a]", NULL },
	{ "[a-]", NULL },
	{ "[a-b-c]", NULL },
	{ "[^]", NULL },
	{ "[b-a]", "ignore:1: pattern \"[b-a]\": a range in \"[...]\" runs backwards" },
	{ "[Local-Only]/", NULL },
	{ "[\xff]", "ignore:1: pattern \"[\xff]\": a byte that is not UTF-8 in \"[...]\"" },
	{ "a\\", "ignore:1: pattern \"a\\\": it ends with a backslash" },
	{ "*[", NULL },
};

static void what_is_no_pattern_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_rows); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(ignore_free_p) struct ignore *g = NULL;

		if (ignore_parse(str_from(bad_rows[i].file), "ignore", &g, &err) != -ERR_USAGE || g)
			row_fail(bad_rows[i].file, "was taken");
		if (bad_rows[i].text && strcmp(err.text, bad_rows[i].text) != 0)
			row_fail(bad_rows[i].file, "says \"%s\"", err.text);
	}
}

static void patterns_have_a_limit(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(ignore_free_p) struct ignore *g = NULL;
	char pattern[5000];

	(void)state;
	memset(pattern, '?', sizeof pattern);
	pattern[4096] = '\0';
	assert_int_equal(ignore_parse(STR("a"), "ignore", &g, &err), 0);
	assert_int_equal(ignore_add(g, pattern, &err), 0);
	assert_true(ignore_match(g, "a"));
	assert_false(ignore_match(g, "b"));
	pattern[4096] = '?';
	pattern[4097] = '\0';
	assert_int_equal(ignore_add(g, pattern, &err), -ERR_USAGE);
	assert_int_equal(ignore_add(g, "!a", &err), 0);
	assert_false(ignore_match(g, "a"));
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	if (text)
		assert_int_equal(path_write_atomic(path, str_from(text), 0600, NULL), 0);
	else
		unlink(path);
}

/* Which file is read, from the least to the most special. */
static void the_most_special_file_is_read(void **state)
{
	static const char *const files[] = { ".dockerignore", ".containerignore", "web.Dockerfile.dockerignore", "web.Dockerfile.containerignore" };
	char dir[] = "/tmp/ignore-XXXXXX", dockerfile[64], expected[128];
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct ignore *g = NULL;
	char *path = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(dockerfile, sizeof dockerfile, "%s/web.Dockerfile", dir);
	assert_int_equal(ignore_read(dir, dockerfile, &g, &path, &err), 0);
	assert_true(!g && !path);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		put(dir, files[i], files[i]);
		assert_int_equal(ignore_read(dir, dockerfile, &g, &path, &err), 0);
		snprintf(expected, sizeof expected, "%s/%s", dir, files[i]);
		assert_string_equal(path, expected);
		assert_true(ignore_match(g, files[i]));
		free(path);
		ignore_free_p(&g);
	}
	assert_int_equal(ignore_read(dir, NULL, &g, NULL, &err), 0);
	assert_true(ignore_match(g, ".containerignore"));
	ignore_free_p(&g);
	put(dir, "web.Dockerfile.containerignore", "[");
	assert_int_equal(ignore_read(dir, dockerfile, &g, &path, &err), -ERR_USAGE);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		put(dir, files[i], NULL);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_stay_at_home_as_with_moby),
		cmocka_unit_test(pruned_folders_hide_nothing),
		cmocka_unit_test(folders_are_pruned_when_nothing_can_come_back),
		cmocka_unit_test(what_is_no_pattern_is_named),
		cmocka_unit_test(patterns_have_a_limit),
		cmocka_unit_test(the_most_special_file_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
