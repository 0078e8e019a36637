#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

static char folder[] = "/tmp/test_base_path.XXXXXX";

static int enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
	CLEANUP(free_p) char *command = NULL;

	(void)state;
	return asprintf(&command, "rm -rf %s", folder) > 0 && system(command) == 0 ? 0 : -1;
}

static void joins(void **state)
{
	static const struct {
		const char *dir, *name, *joined;
	} cases[] = {
		{ "/a", "b", "/a/b" }, { "/a/", "b", "/a/b" }, { "/", "b", "/b" }, { "a", "b/c", "a/b/c" },
		{ "/a", "/b", "/b" },  { "", "b", "b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(free_p) char *joined = path_join(cases[i].dir, cases[i].name);

		if (strcmp(joined, cases[i].joined) != 0)
			row_fail(cases[i].dir, "and %s give %s", cases[i].name, joined);
	}
}

static void home_is_expanded_in_front_only(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "~", "/home/u" }, { "~/x", "/home/u/x" }, { "~v/x", "~v/x" }, { "a/~", "a/~" }, { "", "" }, { "/x", "/x" },
	};

	(void)state;
	setenv("HOME", "/home/u", 1);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(free_p) char *out = path_expand_home(cases[i].in);

		if (strcmp(out, cases[i].out) != 0)
			row_fail(cases[i].in, "gives %s", out);
	}
}

static void folders_come_from_the_environment(void **state)
{
	CLEANUP(free_p) char *dflt = NULL;
	CLEANUP(free_p) char *absolute = NULL;
	CLEANUP(free_p) char *relative = NULL;
	CLEANUP(free_p) char *cache = NULL;

	(void)state;
	setenv("HOME", "/home/u", 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_CACHE_HOME");
	dflt = path_config_home();
	assert_string_equal(dflt, "/home/u/.config");
	setenv("XDG_CONFIG_HOME", "/c", 1);
	absolute = path_config_home();
	assert_string_equal(absolute, "/c");
	setenv("XDG_CONFIG_HOME", "c", 1);
	relative = path_config_home();
	assert_string_equal(relative, "/home/u/.config");
	cache = path_cache_home();
	assert_string_equal(cache, "/home/u/.cache");
	setenv("TMPDIR", "tmp", 1);
	assert_string_equal(path_tmp(), "/tmp");
	setenv("TMPDIR", "/other", 1);
	assert_string_equal(path_tmp(), "/other");
	unsetenv("HOME");
	assert_true(path_home()[0] == '/' || path_home()[0] == 0);
}

static void folders_are_made_with_their_parents(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(path_make_dirs("p/q/r", 0700, &err), 0);
	assert_int_equal(stat("p/q/r", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(path_make_dirs("p/q/r/", 0700, &err), 0);
	assert_int_equal(path_make_dirs("/", 0700, &err), 0);
	assert_int_equal(path_write_atomic("p/file", STR("x"), 0600, &err), 0);
	assert_int_equal(path_make_dirs("p/file/sub", 0700, &err), -ERR_SYSTEM);
	assert_int_equal(path_make_dirs("p/file", 0700, &err), -ERR_SYSTEM);
	assert_int_equal(err.sys_errno, EEXIST);
}

static void read_into(const char *path, struct buf *b)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (path_read(path, b, &err) < 0)
		row_fail(path, "%s", err.text);
}

static void a_file_is_replaced_whole(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(100);
	struct stat st;

	(void)state;
	assert_int_equal(path_write_atomic("f", STR("one"), 0600, NULL), 0);
	assert_int_equal(path_write_atomic("f", STR("two, longer"), 0644, NULL), 0);
	read_into("f", &b);
	assert_string_equal(buf_z(&b), "two, longer");
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(path_write_atomic("empty", STR(""), 0600, NULL), 0);
	buf_clear(&b);
	read_into("empty", &b);
	assert_int_equal(b.n, 0);
}

/* --digestfile /dev/stdout must not make a file of /dev/stdout. */
static void a_pipe_is_written_to_and_stays(void **state)
{
	char got[8] = "";
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(mkfifo("pipe", 0600), 0);
	fd = open("pipe", O_RDWR | O_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(path_write_atomic("pipe", STR("text"), 0644, NULL), 0);
	assert_int_equal(read(fd, got, sizeof got), 4);
	assert_string_equal(got, "text");
	close(fd);
	assert_int_equal(lstat("pipe", &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	unlink("pipe");
}

static void a_link_stays_a_link(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(100);
	struct stat st;

	(void)state;
	assert_int_equal(path_make_dirs("elsewhere", 0700, NULL), 0);
	assert_int_equal(path_write_atomic("elsewhere/conf", STR("old"), 0600, NULL), 0);
	assert_int_equal(symlink("elsewhere/conf", "conf"), 0);
	assert_int_equal(path_write_atomic("conf", STR("new"), 0600, NULL), 0);
	assert_int_equal(lstat("conf", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	read_into("elsewhere/conf", &b);
	assert_string_equal(buf_z(&b), "new");
}

static void a_failed_write_leaves_nothing_behind(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(path_write_atomic("absent/f", STR("x"), 0600, &err), -ERR_SYSTEM);
	assert_int_equal(err.sys_errno, ENOENT);
	assert_int_equal(path_make_dirs("busy/f", 0700, &err), 0);
	assert_int_equal(path_write_atomic("busy/f", STR("x"), 0600, &err), -ERR_SYSTEM);
	assert_int_equal(rmdir("busy/f"), 0);
	assert_int_equal(rmdir("busy"), 0); /* fails when a temporary file is left */
}

static void reading_tells_absent_from_too_large(void **state)
{
	CLEANUP(buf_done) struct buf exact = BUF_INIT(3), small = BUF_INIT(2);
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(path_write_atomic("three", STR("abc"), 0600, NULL), 0);
	assert_int_equal(path_read("three", &exact, &err), 0);
	assert_string_equal(buf_z(&exact), "abc");
	assert_int_equal(path_read("three", &small, &err), -ERR_SYSTEM);
	assert_string_equal(err.text, "three: too large (the limit is 2 bytes)");
	assert_int_equal(path_read("absent", &exact, &err), -ERR_NOT_FOUND);
	assert_int_equal(err.sys_errno, ENOENT);
	assert_int_equal(path_read("three/below", &exact, &err), -ERR_NOT_FOUND);
	assert_int_equal(path_read(".", &exact, &err), -ERR_SYSTEM);
}

static void long_files_are_read_whole(void **state)
{
	CLEANUP(buf_done) struct buf in = BUF_INIT(200000), out = BUF_INIT(200000);

	(void)state;
	for (int i = 0; i < 20000; i++)
		buf_addf(&in, "%09d\n", i);
	assert_int_equal(path_write_atomic("long", buf_str(&in), 0600, NULL), 0);
	read_into("long", &out);
	assert_true(str_eq(buf_str(&in), buf_str(&out)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins),
		cmocka_unit_test(home_is_expanded_in_front_only),
		cmocka_unit_test(folders_come_from_the_environment),
		cmocka_unit_test(folders_are_made_with_their_parents),
		cmocka_unit_test(a_file_is_replaced_whole),
		cmocka_unit_test(a_pipe_is_written_to_and_stays),
		cmocka_unit_test(a_link_stays_a_link),
		cmocka_unit_test(a_failed_write_leaves_nothing_behind),
		cmocka_unit_test(reading_tells_absent_from_too_large),
		cmocka_unit_test(long_files_are_read_whole),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
