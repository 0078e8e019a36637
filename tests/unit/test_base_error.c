#include "unit.h"

#include <errno.h>

#include "base/error.h"

static void set_gives_kind_and_text(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(error_set(&err, ERR_USAGE, "port %d", 7), -ERR_USAGE);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, "port 7");
	assert_int_equal(err.sys_errno, 0);
}

static void set_replaces_what_was_there(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, ERR_USAGE, "old");
	error_hint(&err, "old hint");
	error_exit_status(&err, 9);
	error_set(&err, ERR_AUTH, "new, not %s", err.text);
	assert_string_equal(err.text, "new, not old");
	assert_null(err.hint);
	assert_int_equal(err.exit_status, 0);
}

static void errno_is_told_and_kept(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	errno = ENOENT;
	assert_int_equal(error_set_errno(&err, "open %s", "/x"), -ERR_SYSTEM);
	assert_int_equal(err.sys_errno, ENOENT);
	assert_string_equal(err.text, "open /x: No such file or directory");
}

static void context_goes_in_front(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, ERR_NOT_FOUND, "no key");
	assert_int_equal(error_context(&err, "ssh %s", "box"), -ERR_NOT_FOUND);
	assert_int_equal(error_context(&err, "connection a"), -ERR_NOT_FOUND);
	assert_string_equal(err.text, "connection a: ssh box: no key");
}

static void hint_and_status_keep_the_kind(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, ERR_CONFLICT, "in use");
	assert_int_equal(error_hint(&err, "first"), -ERR_CONFLICT);
	assert_int_equal(error_hint(&err, "use %s", "--force"), -ERR_CONFLICT);
	assert_int_equal(error_exit_status(&err, 2), -ERR_CONFLICT);
	assert_string_equal(err.hint, "use --force");
	assert_int_equal(err.exit_status, 2);
}

static void move_empties_the_source(void **state)
{
	CLEANUP(error_done) struct error from = ERROR_INIT, to = ERROR_INIT;

	(void)state;
	error_set(&to, ERR_USAGE, "replaced");
	error_set(&from, ERR_REMOTE, "busy");
	error_hint(&from, "wait");
	assert_int_equal(error_move(&to, &from), -ERR_REMOTE);
	assert_string_equal(to.text, "busy");
	assert_string_equal(to.hint, "wait");
	assert_int_equal(from.kind, ERR_NONE);
	assert_null(from.text);
}

static void move_to_itself_changes_nothing(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, ERR_REMOTE, "busy");
	assert_int_equal(error_move(&err, &err), -ERR_REMOTE);
	assert_string_equal(err.text, "busy");
}

static void a_null_error_still_fails(void **state)
{
	CLEANUP(error_done) struct error from = ERROR_INIT;

	(void)state;
	assert_int_equal(error_set(NULL, ERR_AUTH, "x"), -ERR_AUTH);
	assert_int_equal(error_set_errno(NULL, "x"), -ERR_SYSTEM);
	assert_true(error_context(NULL, "x") < 0);
	error_set(&from, ERR_AUTH, "x");
	assert_int_equal(error_move(NULL, &from), -ERR_AUTH);
	assert_null(from.text);
	assert_int_equal(error_clear(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_gives_kind_and_text),
		cmocka_unit_test(set_replaces_what_was_there),
		cmocka_unit_test(errno_is_told_and_kept),
		cmocka_unit_test(context_goes_in_front),
		cmocka_unit_test(hint_and_status_keep_the_kind),
		cmocka_unit_test(move_empties_the_source),
		cmocka_unit_test(move_to_itself_changes_nothing),
		cmocka_unit_test(a_null_error_still_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
