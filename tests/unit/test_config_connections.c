/* Changes to podman-connections.json, and what the list of connections says afterwards. */
#include "config_machine.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/js.h"

#define JSON USER_FOLDER "podman-connections.json"

/* Members on every level that this program does not know, as a later podman could write them. */
#define RICH                                                                                                                       \
	"{\"New\":[1,2.5],\"Connection\":{\"Default\":\"a\",\"Extra\":\"x\",\"Connections\":{"                                     \
	"\"a\":{\"URI\":\"ssh://a\",\"Identity\":\"/k\",\"IsMachine\":true,\"Later\":7},\"b\":{\"URI\":\"ssh://b\"}}},"            \
	"\"Farm\":{\"Default\":\"f\",\"List\":{\"f\":[\"a\",\"b\"],\"g\":[\"b\"]}}}"

static struct places machine_places(void)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	const struct config_flags flags = NO_FLAGS;
	struct places p = { 0 };

	assert_int_equal(places_find(machine_root, &flags, &p, &err), 0);
	return p;
}

static int add(const char *name, const char *uri, bool make_default, struct error *err)
{
	CLEANUP(places_done) struct places p = machine_places();
	CLEANUP(destination_done) struct destination d = { 0 };

	assert_int_equal(destination_parse(uri, &d, err), 0);
	return places_connection_add(&p, name, &d, make_default, err);
}

static void add_ok(const char *name, const char *uri, bool make_default)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (add(name, uri, make_default, &err) < 0)
		row_fail(name, "%s", err.text);
}

/* The file's text without its last newline is this. */
static void expect_file(const char *want)
{
	CLEANUP(free_p) char *text = machine_read(JSON);

	assert_non_null(text);
	assert_int_equal(text[strlen(text) - 1], '\n');
	text[strlen(text) - 1] = 0;
	assert_string_equal(text, want);
}

static void adding(void **state)
{
	CLEANUP(destination_done) struct destination d = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char path[256];
	struct stat st;

	(void)state;
	machine_new();
	add_ok("a", "ssh://root@a:22/run/podman/podman.sock", false);
	expect_file(
		"{\"Connection\":{\"Connections\":{\"a\":{\"URI\":\"ssh://root@a:22/run/podman/podman.sock\"}},\"Default\":\"a\"}}");
	machine_path(JSON, path, sizeof path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	add_ok("b", "ssh://b", false);
	expect_file("{\"Connection\":{\"Connections\":{\"a\":{\"URI\":\"ssh://root@a:22/run/podman/podman.sock\"},"
		    "\"b\":{\"URI\":\"ssh://b\"}},\"Default\":\"a\"}}");
	add_ok("a", "ssh://other", true);
	add_ok("b", "ssh://b", true);
	expect_file(
		"{\"Connection\":{\"Connections\":{\"a\":{\"URI\":\"ssh://other\"},\"b\":{\"URI\":\"ssh://b\"}},\"Default\":\"b\"}}");
	machine_new();
	assert_int_equal(destination_parse("ssh://m", &d, &err), 0);
	d.identity = strdup("/k");
	d.is_machine = true;
	CLEANUP(places_done) struct places p = machine_places();
	assert_int_equal(places_connection_add(&p, "m", &d, false, &err), 0);
	expect_file(
		"{\"Connection\":{\"Connections\":{\"m\":{\"URI\":\"ssh://m\",\"Identity\":\"/k\",\"IsMachine\":true}},\"Default\":\"m\"}}");
}

/* Adding must not move a user who has a default elsewhere to another host. */
static void the_first_is_default_only_without_another(void **state)
{
	static const struct {
		const char *path, *text;
		bool default_elsewhere;
	} cases[] = {
		{ USER_FOLDER "podman-remote.conf", "[connections.r]\ndestination = 'r'\n", true },
		{ USER_FOLDER "containers.conf",
		  "[engine]\nactive_service = 'c'\n[engine.service_destinations.c]\nuri = 'ssh://c'\n", true },
		{ USER_FOLDER "containers.conf", "[engine]\nremote_uri = 'ssh://c'\n", true },
		{ USER_FOLDER "containers.conf", "[engine.service_destinations.c]\nuri = 'ssh://c'\n", false },
		{ JSON, "{\"Connection\":{\"Connections\":null}}", false },
		{ JSON, "{\"Connection\":{\"Connections\":{\"x\":{\"URI\":\"ssh://x\"}}}}", true }, /* not the first */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		machine_new();
		machine_write(cases[i].path, cases[i].text);
		add_ok("a", "ssh://a", false);

		CLEANUP(free_p) char *text = machine_read(JSON);

		if ((strstr(text, "\"Default\":\"a\"") != NULL) == cases[i].default_elsewhere)
			row_fail(cases[i].text, "gives %s", text);
	}
}

enum change { REMOVE, REMOVE_ALL, RENAME, DEFAULT };

static int change(enum change what, const char *name, const char *to, struct error *err)
{
	CLEANUP(places_done) struct places p = machine_places();

	switch (what) {
	case REMOVE:
		return places_connection_remove(&p, name, false, err);
	case REMOVE_ALL:
		return places_connection_remove(&p, NULL, true, err);
	case RENAME:
		return places_connection_rename(&p, name, to, err);
	case DEFAULT:
		return places_connection_default(&p, name, err);
	}
	return 0;
}

static void changes_keep_what_they_do_not_know(void **state)
{
	static const struct {
		const char *name;
		enum change what;
		const char *from, *to;
		const char *want;
	} cases[] = {
		{ "default", DEFAULT, "b", NULL,
		  "{\"New\":[1,2.5],\"Connection\":{\"Default\":\"b\",\"Extra\":\"x\",\"Connections\":{"
		  "\"a\":{\"URI\":\"ssh://a\",\"Identity\":\"/k\",\"IsMachine\":true,\"Later\":7},\"b\":{\"URI\":\"ssh://b\"}}},"
		  "\"Farm\":{\"Default\":\"f\",\"List\":{\"f\":[\"a\",\"b\"],\"g\":[\"b\"]}}}" },
		{ "remove the default", REMOVE, "a", NULL,
		  "{\"New\":[1,2.5],\"Connection\":{\"Default\":\"\",\"Extra\":\"x\",\"Connections\":{\"b\":{\"URI\":\"ssh://b\"}}},"
		  "\"Farm\":{\"Default\":\"f\",\"List\":{\"f\":[\"b\"],\"g\":[\"b\"]}}}" },
		{ "remove another", REMOVE, "b", NULL,
		  "{\"New\":[1,2.5],\"Connection\":{\"Default\":\"a\",\"Extra\":\"x\",\"Connections\":{"
		  "\"a\":{\"URI\":\"ssh://a\",\"Identity\":\"/k\",\"IsMachine\":true,\"Later\":7}}},"
		  "\"Farm\":{\"Default\":\"f\",\"List\":{\"f\":[\"a\"],\"g\":[]}}}" },
		{ "remove all", REMOVE_ALL, NULL, NULL,
		  "{\"New\":[1,2.5],\"Connection\":{\"Default\":\"\",\"Extra\":\"x\",\"Connections\":{}},"
		  "\"Farm\":{\"Default\":\"f\",\"List\":{\"f\":[],\"g\":[]}}}" },
		{ "rename the default", RENAME, "a", "c",
		  "{\"New\":[1,2.5],\"Connection\":{\"Default\":\"c\",\"Extra\":\"x\",\"Connections\":{\"b\":{\"URI\":\"ssh://b\"},"
		  "\"c\":{\"URI\":\"ssh://a\",\"Identity\":\"/k\",\"IsMachine\":true,\"Later\":7}}},"
		  "\"Farm\":{\"Default\":\"f\",\"List\":{\"f\":[\"c\",\"b\"],\"g\":[\"b\"]}}}" },
		{ "rename to itself", RENAME, "a", "a", RICH },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;

		machine_new();
		machine_write(JSON, RICH);
		if (change(cases[i].what, cases[i].from, cases[i].to, &err) < 0)
			row_fail(cases[i].name, "%s", err.text);
		expect_file(cases[i].want);
	}
}

static void refused_changes_change_nothing(void **state)
{
	static const struct {
		const char *name;
		enum change what;
		const char *from, *to;
		enum err_kind fail;
		const char *says;
	} cases[] = {
		{ "remove an unknown one", REMOVE, "x", NULL, ERR_NOT_FOUND, "connection \"x\" not found" },
		{ "rename an unknown one", RENAME, "x", "y", ERR_NOT_FOUND, "connection \"x\" not found" },
		{ "default to an unknown one", DEFAULT, "x", NULL, ERR_NOT_FOUND, "connection \"x\" not found" },
		{ "rename to one that exists", RENAME, "a", "b", ERR_CONFLICT, "connection \"b\" exists already" },
		{ "rename to one of another file", RENAME, "a", "c", ERR_CONFLICT, "connection \"c\" exists already" },
		{ "rename to nothing", RENAME, "a", "", ERR_USAGE, "can't be empty" },
		{ "rename to blanks", RENAME, "a", "c d", ERR_USAGE, "blanks" },
		{ "rename to a line", RENAME, "a", "c\n", ERR_USAGE, "blanks or control characters" },
		{ "remove one of containers.conf", REMOVE, "c", NULL, ERR_USAGE,
		  "it is defined in @/" USER_FOLDER "containers.conf" },
		{ "rename one of containers.conf", RENAME, "c", "d", ERR_USAGE,
		  "it is defined in @/" USER_FOLDER "containers.conf" },
		{ "remove one of podman-remote.conf", REMOVE, "r", NULL, ERR_USAGE,
		  "it is defined in @/" USER_FOLDER "podman-remote.conf" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;

		machine_new();
		machine_write(JSON, RICH "\n");
		machine_write(USER_FOLDER "containers.conf", "[engine.service_destinations.c]\nuri = 'ssh://c'\n");
		machine_write(USER_FOLDER "podman-remote.conf", "[connections.r]\ndestination = 'r'\n");
		if (change(cases[i].what, cases[i].from, cases[i].to, &err) != -(int)cases[i].fail)
			row_fail(cases[i].name, "does not fail so: %s", err.text ? err.text : "no error");

		CLEANUP(free_p) char *text = machine_shown(err.text);

		if (!strstr(text, cases[i].says))
			row_fail(cases[i].name, "\"%s\" does not say \"%s\"", text, cases[i].says);
		expect_file(RICH);
	}
}

static void default_of_another_file(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	machine_new();
	machine_write(USER_FOLDER "podman-remote.conf", "[connections.r]\ndestination = 'r'\n[connections.s]\ndestination = 's'\n");
	assert_int_equal(change(DEFAULT, "s", NULL, &err), 0);
	expect_file("{\"Connection\":{\"Connections\":{},\"Default\":\"s\"}}");
}

/* ---- failures on the way ---- */

static void broken_files_are_left_alone(void **state)
{
	static const struct {
		const char *path, *text;
	} cases[] = {
		{ JSON, "{\"Connection\":" },
		{ JSON, "[1]" },
		{ JSON, "{\"Connection\":1}" },
		{ JSON, "{\"Connection\":{\"Connections\":[]}}" },
		{ USER_FOLDER "containers.conf", "[engine" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;

		machine_new();
		machine_write(cases[i].path, cases[i].text);
		if (add("a", "ssh://a", true, &err) != -ERR_USAGE)
			row_fail(cases[i].text, "is taken");

		CLEANUP(free_p) char *after = machine_read(cases[i].path);
		CLEANUP(free_p) char *json = machine_read(JSON);

		assert_string_equal(after, cases[i].text);
		if (strcmp(cases[i].path, JSON) != 0)
			assert_null(json);
	}
}

static size_t files_in_user_folder(void)
{
	char path[256], command[300];
	size_t n = 0;
	FILE *list;

	machine_path(USER_FOLDER, path, sizeof path);
	snprintf(command, sizeof command, "ls -A %s", path);
	list = popen(command, "r");
	assert_non_null(list);
	for (int c; (c = fgetc(list)) != EOF;)
		n += c == '\n';
	pclose(list);
	return n;
}

/* As on a full disk: what is there stays, and no half file lies around. */
static void a_failed_write_loses_nothing(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct rlimit was, small;
	int r;

	(void)state;
	machine_new();
	machine_write(JSON, RICH "\n");
	add_ok("c", "ssh://c", false);

	CLEANUP(free_p) char *before = machine_read(JSON);
	size_t files = files_in_user_folder();

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = was;
	small.rlim_cur = 20;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = add("d", "ssh://d", true, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(r, -ERR_SYSTEM);
	assert_non_null(strstr(err.text, "podman-connections.json"));

	CLEANUP(free_p) char *after = machine_read(JSON);

	assert_string_equal(after, before);
	assert_int_equal(files_in_user_folder(), files);
}

static void a_link_stays_a_link(void **state)
{
	char link[256], target[256];
	struct stat st;

	(void)state;
	machine_new();
	machine_write("dotfiles/c.json", "{}");
	machine_write(USER_FOLDER "x", "");
	machine_path(JSON, link, sizeof link);
	machine_path("dotfiles/c.json", target, sizeof target);
	assert_int_equal(symlink(target, link), 0);
	add_ok("a", "ssh://a", false);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));

	CLEANUP(free_p) char *text = machine_read("dotfiles/c.json");

	assert_non_null(strstr(text, "ssh://a"));
}

static void a_folder_that_can_not_be_made(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	machine_new();
	machine_write("file", "");
	machine_setenv("PODMAN_CONNECTIONS_CONF=@/file/c.json");
	assert_int_equal(add("a", "ssh://a", false, &err), -ERR_SYSTEM);
	assert_non_null(strstr(err.text, "file"));
}

/* Without the lock one of two writers loses what the other wrote. */
static void many_writers_lose_nothing(void **state)
{
	enum { WRITERS = 6, EACH = 6 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(connections_done) struct connections c = { 0 };
	const struct config_flags flags = NO_FLAGS;
	pid_t pids[WRITERS];

	(void)state;
	machine_new();
	for (int w = 0; w < WRITERS; w++) {
		pids[w] = fork();
		assert_true(pids[w] >= 0);
		for (int i = 0; pids[w] == 0 && i < EACH; i++) {
			char name[16];

			snprintf(name, sizeof name, "w%d-%d", w, i);
			if (add(name, "ssh://box", false, NULL) < 0)
				_exit(1);
		}
		if (pids[w] == 0)
			_exit(0);
	}
	for (int w = 0; w < WRITERS; w++) {
		int status = -1;

		assert_int_equal(waitpid(pids[w], &status, 0), pids[w]);
		assert_int_equal(status, 0);
	}

	CLEANUP(places_done) struct places p = machine_places();

	assert_int_equal(places_connections(&p, &flags, &c, &err), 0);
	assert_int_equal(c.n, WRITERS * EACH);
}

/* ---- the list ---- */

static void listing(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(connections_done) struct connections c = { 0 };
	const struct config_flags flags = NO_FLAGS;
	static const struct {
		const char *name, *uri, *source;
		bool is_default, read_write, usable;
	} want[] = {
		{ "a", "ssh://a", "@/" JSON, false, true, true },
		{ "c", "ssh://c", "@/" USER_FOLDER "containers.conf", true, false, true },
		{ "bad", "npipe://x", "@/" USER_FOLDER "containers.conf", false, false, false },
		{ "r", "ssh://root@r:2222", "@/" USER_FOLDER "podman-remote.conf", false, false, true },
	};

	(void)state;
	machine_new();
	machine_write(JSON, "{\"Connection\":{\"Connections\":{\"a\":{\"URI\":\"ssh://a\"}}}}");
	machine_write(USER_FOLDER "containers.conf",
		      "[engine]\nactive_service = 'c'\n[engine.service_destinations]\na.uri = 'ssh://hidden'\n"
		      "c.uri = 'ssh://c'\nbad.uri = 'npipe://x'\n");
	machine_write(
		USER_FOLDER "podman-remote.conf",
		"[connections.r]\ndestination = 'r'\nport = 2222\nusername = 'root'\n[connections.c]\ndestination = 'hidden'\n");

	CLEANUP(places_done) struct places p = machine_places();

	assert_int_equal(places_connections(&p, &flags, &c, &err), 0);
	assert_int_equal(c.n, ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		CLEANUP(free_p) char *source = machine_shown(c.v[i].source);

		assert_string_equal(c.v[i].name, want[i].name);
		assert_string_equal(c.v[i].uri, want[i].uri);
		assert_string_equal(source, want[i].source);
		assert_int_equal(c.v[i].is_default, want[i].is_default);
		assert_int_equal(c.v[i].read_write, want[i].read_write);
		assert_int_equal(c.v[i].problem == NULL, want[i].usable);
	}
	assert_int_equal(c.files_read.n, 3);
}

static int done(void **state)
{
	(void)state;
	machine_done();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adding),
		cmocka_unit_test(the_first_is_default_only_without_another),
		cmocka_unit_test(changes_keep_what_they_do_not_know),
		cmocka_unit_test(refused_changes_change_nothing),
		cmocka_unit_test(default_of_another_file),
		cmocka_unit_test(broken_files_are_left_alone),
		cmocka_unit_test(a_failed_write_loses_nothing),
		cmocka_unit_test(a_link_stays_a_link),
		cmocka_unit_test(a_folder_that_can_not_be_made),
		cmocka_unit_test(many_writers_lose_nothing),
		cmocka_unit_test(listing),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
