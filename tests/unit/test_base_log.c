#include "unit.h"

#include <unistd.h>

#include "base/log.h"

static void levels_have_names(void **state)
{
	static const struct {
		const char *name;
		int level;
	} cases[] = {
		{ "panic", LOG_PANIC_ },  { "fatal", LOG_FATAL_ }, { "error", LOG_ERROR_ }, { "warn", LOG_WARN_ },
		{ "warning", LOG_WARN_ }, { "info", LOG_INFO_ },   { "debug", LOG_DEBUG_ }, { "trace", LOG_TRACE_ },
		{ "DEBUG", LOG_DEBUG_ },  { "", -1 },		   { "verbose", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		enum log_level level;
		int r = log_level_parse(cases[i].name, &level, &err);

		if (cases[i].level < 0 ? r != -ERR_USAGE : r != 0 || (int)level != cases[i].level)
			row_fail(cases[i].name, "gives %d", r);
	}
}

/* What a debug message leaves on stderr, which is a file here. */
static void log_into(char *line, size_t size, const char *text)
{
	int saved = dup(STDERR_FILENO);
	FILE *file = tmpfile();
	ssize_t n;

	assert_true(file && saved >= 0);
	dup2(fileno(file), STDERR_FILENO);
	log_debug("%s", text);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(fileno(file), line, size - 1, 0);
	line[n > 0 ? n : 0] = 0;
	fclose(file);
}

static void only_enabled_levels_are_written(void **state)
{
	char line[1000];

	(void)state;
	log_set_level(LOG_INFO_);
	assert_false(log_enabled(LOG_DEBUG_));
	log_into(line, sizeof line, "x");
	assert_string_equal(line, "");
	log_set_level(LOG_DEBUG_);
	assert_true(log_enabled(LOG_DEBUG_));
	log_into(line, sizeof line, "x y");
	assert_int_equal(strncmp(line, "time=\"", 6), 0);
	assert_non_null(strstr(line, " level=debug msg=\"x y\"\n"));
	log_into(line, sizeof line, "x");
	assert_non_null(strstr(line, " level=debug msg=x\n"));
}

static void a_message_is_one_harmless_line(void **state)
{
	char line[1000];

	(void)state;
	log_set_level(LOG_DEBUG_);
	log_into(line, sizeof line, "a\nb\t\"c\" \\ \033[31m");
	assert_non_null(strstr(line, "msg=\"a\\nb\\t\\\"c\\\" \\\\ \\x1b[31m\"\n"));
}

static void a_huge_message_is_not_written(void **state)
{
	CLEANUP(free_p) char *huge = malloc(100001);
	char line[1000];

	(void)state;
	memset(huge, 'x', 100000);
	huge[100000] = 0;
	log_set_level(LOG_DEBUG_);
	log_into(line, sizeof line, huge);
	assert_non_null(strstr(line, "too long"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_have_names),
		cmocka_unit_test(only_enabled_levels_are_written),
		cmocka_unit_test(a_message_is_one_harmless_line),
		cmocka_unit_test(a_huge_message_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
