#include "unit.h"

#include "base/dl.h"

/* The C library is there everywhere, under one of these names. */
static const char *const libc_files[] = { "libnothing-of-this-name.so.0", "libc.so.6", "libc.so", "libSystem.B.dylib", NULL };

struct functions {
	void *unused;
	size_t (*length)(const char *);
	int (*absolute)(int);
};

static void functions_of_a_library_can_be_called(void **state)
{
	static const struct dl_symbol symbols[] = {
		{ "strlen", offsetof(struct functions, length) },
		{ "abs", offsetof(struct functions, absolute) },
		{ NULL, 0 },
	};
	struct functions f = { 0 };

	(void)state;
	assert_int_equal(dl_load(&(struct dl_library){ "libc", "libc", libc_files, symbols }, &f, NULL), 0);
	assert_int_equal(f.length("four"), 4);
	assert_int_equal(f.absolute(-3), 3);
	assert_null(f.unused);
}

static void what_is_missing_is_named(void **state)
{
	static const char *const none[] = { "libnothing-of-this-name.so.0", NULL };
	static const struct dl_symbol symbols[] = { { "no_such_function_anywhere", 0 }, { NULL, 0 } };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct functions f = { 0 };

	(void)state;
	assert_int_equal(dl_load(&(struct dl_library){ "libnothing", "nothing0", none, symbols }, &f, &err), -ERR_SYSTEM);
	assert_string_equal(err.text, "libnothing is not installed here, and this command needs it");
	assert_string_equal(err.hint, "install nothing0");
	assert_int_equal(dl_load(&(struct dl_library){ "libc", "libc6", libc_files, symbols }, &f, &err), -ERR_SYSTEM);
	assert_string_equal(err.text, "the libc of this machine is too old: it has no no_such_function_anywhere");
	assert_string_equal(err.hint, "install libc6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_of_a_library_can_be_called),
		cmocka_unit_test(what_is_missing_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
