/* registries.conf: where a repository is read from, and what is refused. */
#include "config_machine.h"

#include "config/registries_own.h"

#define ETC     "etc/containers/registries.conf"
#define USER    USER_FOLDER "registries.conf"
#define ETC_D   "etc/containers/registries.conf.d/"
#define USER_D  USER_FOLDER "registries.conf.d/"
#define TABLE   "[[registry]]\n"
#define MIRROR  "[[registry.mirror]]\n"

static int each_test(void **state)
{
	(void)state;
	machine_new();
	return 0;
}

static int after_test(void **state)
{
	(void)state;
	machine_done();
	return 0;
}

static int read_machine(const char *file, struct registries **ret, struct error *err)
{
	return registries_read_at(machine_root, file, ret, err);
}

/* "REPOSITORY[!][^] ..." (insecure, mirror), or the error's text. Owned by the caller. */
static char *resolve(const struct registries *r, const char *repository, bool by_digest)
{
	CLEANUP(registry_places_done) struct registry_places p = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf said = BUF_INIT(10000);

	if (registries_resolve(r, repository, by_digest, &p, &err) < 0)
		return machine_shown(err.text);
	for (size_t i = 0; i < p.n; i++)
		buf_addf(&said, "%s%s%s%s", i ? " " : "", p.v[i].repository, p.v[i].insecure ? "!" : "", p.v[i].mirror ? "^" : "");
	return machine_shown(buf_z(&said));
}

static const struct {
	const char *text, *repository, *want, *want_by_digest; /* by digest: NULL: the same */
} rows[] = {
	{ "", "quay.io/a/b", "quay.io/a/b" },
	{ TABLE "location = 'quay.io'", "quay.io/a/b", "quay.io/a/b" },
	{ TABLE "location = 'quay.io'\ninsecure = true", "quay.io/a/b", "quay.io/a/b!" },
	{ TABLE "location = 'quay.io'\ninsecure = true", "docker.io/a/b", "docker.io/a/b" },
	/* a prefix ends where a name does */
	{ TABLE "location = 'quay.io'\ninsecure = true", "quay.io.evil.com/a", "quay.io.evil.com/a" },
	{ TABLE "location = 'quay.io'\ninsecure = true", "quay.io:5000/a", "quay.io:5000/a!" },
	{ TABLE "location = 'quay.io:5000'\ninsecure = true", "quay.io/a", "quay.io/a" },
	{ TABLE "prefix = 'q.io/a'\nlocation = 'q.io/a'\ninsecure = true", "q.io/ab", "q.io/ab" },
	{ TABLE "prefix = 'q.io/a'\nlocation = 'q.io/a'\ninsecure = true", "q.io/a", "q.io/a!" },
	{ TABLE "prefix = 'q.io/a/'\nlocation = 'x.y/'\n", "q.io/a/b", "x.y/b" },
	/* the longest prefix, wherever it stands */
	{ TABLE "location = 'q.io'\n" TABLE "prefix = 'q.io/a'\nlocation = 'x.y/b'\n", "q.io/a/c", "x.y/b/c" },
	{ TABLE "prefix = 'q.io/a'\nlocation = 'x.y/b'\n" TABLE "location = 'q.io'\n", "q.io/a/c", "x.y/b/c" },
	{ TABLE "prefix = 'q.io/a'\nlocation = 'x.y/b'\n" TABLE "location = 'q.io'\n", "q.io/b/c", "q.io/b/c" },
	/* wildcards */
	{ TABLE "prefix = '*.example.com'\ninsecure = true", "a.example.com/x", "a.example.com/x!" },
	{ TABLE "prefix = '*.example.com'\ninsecure = true", "a.b.example.com:5000/x", "a.b.example.com:5000/x!" },
	{ TABLE "prefix = '*.example.com'\ninsecure = true", "example.com/x", "example.com/x" },
	{ TABLE "prefix = '*.example.com'\ninsecure = true", "myexample.com/x", "myexample.com/x" },
	{ TABLE "prefix = '*.example.com'\ninsecure = true", "q.io/a.example.com/x", "q.io/a.example.com/x" },
	{ TABLE "prefix = '*.example.com'\ninsecure = true", "a.example.com.evil/x", "a.example.com.evil/x" },
	{ TABLE "prefix = '*.example.com'\nlocation = 'in.side/mirror'", "a.example.com/x", "in.side/mirror/x" },
	{ TABLE "prefix = '*.example.com'\nlocation = 'in.side'\n" TABLE "location = 'a.example.com/ns'", "a.example.com/ns/x", "a.example.com/ns/x" },
	/* another location */
	{ TABLE "prefix = 'docker.io'\nlocation = 'proxy.lan:5000/hub'\n", "docker.io/library/x", "proxy.lan:5000/hub/library/x" },
	/* mirrors */
	{ TABLE "location = 'q.io'\n" MIRROR "location = 'm1/x'\n" MIRROR "location = 'm2'\ninsecure = true", "q.io/a", "m1/x/a^ m2/a!^ q.io/a" },
	{ TABLE "location = 'q.io'\nmirror-by-digest-only = true\n" MIRROR "location = 'm1'\n", "q.io/a", "q.io/a", "m1/a^ q.io/a" },
	{ TABLE "location = 'q.io'\n" MIRROR "location = 'd'\npull-from-mirror = 'digest-only'\n" MIRROR
		"location = 't'\npull-from-mirror = 'tag-only'\n" MIRROR "location = 'b'\npull-from-mirror = 'all'\n",
	  "q.io/a", "t/a^ b/a^ q.io/a", "d/a^ b/a^ q.io/a" },
	{ TABLE "prefix = '*.e.com'\n" MIRROR "location = 'm'\n", "x.e.com/a", "m/a^ x.e.com/a" },
	/* blocked */
	{ TABLE "location = 'q.io'\nblocked = true", "q.io/a", "registry q.io is blocked in @/" ETC },
	{ TABLE "location = 'q.io'\nblocked = true\n" TABLE "location = 'q.io/ok'\n", "q.io/ok/a", "q.io/ok/a" },
	{ TABLE "prefix = '*.e.com'\nblocked = true", "x.e.com/a", "registry *.e.com is blocked in @/" ETC },
	/* version 1 */
	{ "[registries.insecure]\nregistries = ['l.an:5000']\n", "l.an:5000/x", "l.an:5000/x!" },
	{ "[registries.block]\nregistries = ['bad.io']\n", "bad.io/x", "registry bad.io is blocked in @/" ETC },
	{ "[registries.insecure]\nregistries = ['x.io']\n[registries.block]\nregistries = ['y.io']\n", "z.io/x", "z.io/x" },
};

static void a_repository_is_read_where_the_file_says(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(registries_close_p) struct registries *r = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		const char *by_digest = rows[i].want_by_digest ? rows[i].want_by_digest : rows[i].want;
		CLEANUP(free_p) char *got = NULL, *got_by_digest = NULL;

		after_test(state);
		machine_new();
		machine_write(ETC, rows[i].text);
		if (read_machine(NULL, &r, &err) < 0)
			row_fail(rows[i].text, "%s", err.text);
		got = resolve(r, rows[i].repository, false);
		got_by_digest = resolve(r, rows[i].repository, true);
		if (strcmp(got, rows[i].want) != 0)
			row_fail(rows[i].text, "%s: %s", rows[i].repository, got);
		if (strcmp(got_by_digest, by_digest) != 0)
			row_fail(rows[i].text, "%s by digest: %s", rows[i].repository, got_by_digest);
	}
}

static void writes_know_insecure_and_blocked_only(void **state)
{
	CLEANUP(registries_close_p) struct registries *r = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	bool insecure;

	(void)state;
	machine_write(ETC, TABLE "prefix = 'a.b'\nlocation = 'x.y'\ninsecure = true\n" MIRROR "location = 'm'\n" TABLE "location = 'c.d'\nblocked = true\n");
	assert_int_equal(read_machine(NULL, &r, &err), 0);
	assert_int_equal(registries_insecure(r, "a.b/x", &insecure, &err), 0);
	assert_true(insecure);
	assert_int_equal(registries_insecure(r, "a.b", &insecure, &err), 0);
	assert_true(insecure);
	assert_int_equal(registries_insecure(r, "e.f/x", &insecure, &err), 0);
	assert_false(insecure);
	assert_int_equal(registries_insecure(r, "c.d/x", &insecure, &err), -ERR_USAGE);
}

#define LOADING "loading registries configuration \"@/" ETC "\": "

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ TABLE "location = 'https://q.io'", LOADING "invalid location 'https://q.io': URI schemes are not supported" },
		{ TABLE "prefix = 'http://q.io'\nlocation = 'x'", LOADING "invalid location 'http://q.io': URI schemes are not supported" },
		{ TABLE "insecure = true", LOADING "invalid condition: location is unset and prefix is not in the format: *.example.com" },
		{ TABLE "prefix = 'q.io'", LOADING "invalid condition: location is unset and prefix is not in the format: *.example.com" },
		{ TABLE "prefix = '*.a.b/c'\nlocation = 'b'",
		  LOADING "Wildcarded prefix should be in the format: *.example.com. Current prefix \"*.a.b/c\" is incorrectly formatted" },
		{ TABLE "prefix = '*.'\nlocation = 'b'", LOADING "Wildcarded prefix should be in the format: *.example.com. Current prefix \"*.\" is incorrectly formatted" },
		{ TABLE "location = 'a'\n" MIRROR "insecure = true", LOADING "invalid condition: mirror location is unset" },
		{ TABLE "location = 'a'\n" MIRROR "location = 'b'\npull-from-mirror = 'x'", LOADING "unsupported pull-from-mirror value \"x\" for mirror \"b\"" },
		{ TABLE "location = 'a'\nmirror-by-digest-only = true\n" MIRROR "location = 'b'\npull-from-mirror = 'all'",
		  LOADING "cannot set mirror usage mirror-by-digest-only for the registry (\"a\") and pull-from-mirror for per-mirror (\"b\") at the same time" },
		{ TABLE "location = 'a'\n" TABLE "location = 'a'\ninsecure = true", LOADING "registry 'a' is defined multiple times with conflicting 'insecure' setting" },
		{ TABLE "location = 'a'\n" TABLE "location = 'a'\nblocked = true", LOADING "registry 'a' is defined multiple times with conflicting 'blocked' setting" },
		{ TABLE "location = 'a'\nblocked = 'x'", LOADING "registry: blocked must be true or false" },
		{ TABLE "location = 3", LOADING "registry: location must be a string" },
		{ "registry = 'a'", LOADING "registry must be a list of tables: [[registry]]" },
		{ "unqualified-search-registries = 'a'", LOADING "unqualified-search-registries must be a list" },
		{ "unqualified-search-registries = ['a/b/']", LOADING "Invalid unqualified-search-registries entry \"a/b\"" },
		{ "unqualified-search-registries = ['a', '']", LOADING "Invalid unqualified-search-registries entry \"\"" },
		{ "unqualified-search-registries = ['https://a']", LOADING "invalid location 'https://a': URI schemes are not supported" },
		{ "unqualified-search-registries = ['a']\n[registries.search]\nregistries = ['b']\n", LOADING "mixing sysregistry v1/v2 is not supported" },
		{ "[registries.search]\nregistries = ['b']\n" TABLE "location = 'a'", LOADING "mixing sysregistry v1/v2 is not supported" },
		{ "short-name-mode = 'x'", LOADING "invalid short-name mode: \"x\"" },
		{ "[aliases]\na = 'b'", LOADING "validating short-name aliases: invalid alias \"b\": must contain registry and repository" },
		{ "[aliases]\na = 'b.c/d:1'", LOADING "validating short-name aliases: invalid alias \"b.c/d:1\": must not contain tag" },
		{ "[aliases]\n'a:1' = 'b.c/d'", LOADING "validating short-name aliases: invalid short name \"a:1\": must not contain tag" },
		{ "[aliases]\n'a.b/c' = 'x.y/z'", LOADING "validating short-name aliases: invalid short name \"a.b/c\": must not contain registry" },
		{ "[[registry]\n", "loading registries configuration: @/" ETC ":1:11: \"]]\" is missing behind the table's name" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(registries_close_p) struct registries *r = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(free_p) char *got = NULL;
		int result;

		after_test(state);
		machine_new();
		machine_write(ETC, cases[i].text);
		result = read_machine(NULL, &r, &err);
		got = machine_shown(err.text);
		if (result != -ERR_USAGE || r || strcmp(got, cases[i].want) != 0)
			row_fail(cases[i].text, "%d %s", result, got);
	}
}

static const struct {
	const char *name;
	struct machine_file files[4];
	const char *env, *repository, *want;
} places[] = {
	{ "nothing anywhere", { { 0 } }, NULL, "q.io/a", "q.io/a" },
	{ "the machine's", { { ETC, TABLE "location = 'q.io'\ninsecure = true" } }, NULL, "q.io/a", "q.io/a!" },
	{ "the user's takes its place", { { ETC, TABLE "location = 'q.io'\ninsecure = true" }, { USER, "" } }, NULL, "q.io/a", "q.io/a" },
	{ "drop-ins of both count", { { ETC_D "a.conf", TABLE "location = 'q.io'\ninsecure = true" }, { USER, "" } }, NULL, "q.io/a", "q.io/a!" },
	{ "the user's drop-in comes last",
	  { { ETC_D "z.conf", TABLE "location = 'q.io'\ninsecure = true" }, { USER_D "a.conf", TABLE "location = 'q.io'" } }, NULL, "q.io/a", "q.io/a" },
	{ "drop-ins in the order of their names",
	  { { ETC_D "2.conf", TABLE "prefix = 'q.io'\nlocation = 'two'" }, { ETC_D "1.conf", TABLE "prefix = 'q.io'\nlocation = 'one'" } }, NULL, "q.io/a", "two/a" },
	{ "a drop-in replaces an entry whole",
	  { { ETC, TABLE "location = 'q.io'\n" MIRROR "location = 'm'" }, { ETC_D "1.conf", TABLE "location = 'q.io'\ninsecure = true" } }, NULL, "q.io/a", "q.io/a!" },
	{ "only *.conf are drop-ins", { { ETC_D "1.conf.bak", "no toml" }, { ETC_D "README", "no toml" } }, NULL, "q.io/a", "q.io/a" },
	{ "a named file alone",
	  { { ETC_D "1.conf", TABLE "location = 'q.io'\ninsecure = true" }, { "my.conf", TABLE "location = 'x.y'\ninsecure = true" } },
	  "CONTAINERS_REGISTRIES_CONF=@/my.conf", "q.io/a", "q.io/a" },
	{ "the named file", { { "my.conf", TABLE "location = 'x.y'\ninsecure = true" } }, "CONTAINERS_REGISTRIES_CONF=@/my.conf", "x.y/a", "x.y/a!" },
};

static void files_count_in_their_order(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		CLEANUP(registries_close_p) struct registries *r = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(free_p) char *got = NULL;

		after_test(state);
		machine_new();
		for (size_t k = 0; k < 4 && places[i].files[k].path; k++)
			machine_write(places[i].files[k].path, places[i].files[k].text);
		if (places[i].env)
			machine_setenv(places[i].env);
		if (read_machine(NULL, &r, &err) < 0)
			row_fail(places[i].name, "%s", err.text);
		got = resolve(r, places[i].repository, false);
		if (strcmp(got, places[i].want) != 0)
			row_fail(places[i].name, "%s", got);
	}
}

static void a_named_file_must_be_there(void **state)
{
	CLEANUP(registries_close_p) struct registries *r = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(read_machine("/nowhere/r.conf", &r, &err), -ERR_USAGE);
	assert_string_equal(err.text, "loading registries configuration: open /nowhere/r.conf: No such file or directory");
}

static void short_names_have_places_and_aliases(void **state)
{
	CLEANUP(registries_close_p) struct registries *r = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	machine_write(ETC, "unqualified-search-registries = ['a.b', 'localhost:5000/']\n[aliases]\nfedora = 'q.io/fedora'\nold = 'q.io/old'\n'ns/x' = 'q.io/x'\n");
	machine_write(USER_D "1.conf", "[aliases]\nold = ''\nfedora = 'my.own/fedora'\n");
	assert_int_equal(read_machine(NULL, &r, &err), 0);
	assert_int_equal(registries_search(r)->n, 2);
	assert_string_equal(registries_search(r)->v[0], "a.b");
	assert_string_equal(registries_search(r)->v[1], "localhost:5000");
	assert_string_equal(registries_alias(r, "fedora"), "my.own/fedora");
	assert_string_equal(registries_alias(r, "ns/x"), "q.io/x");
	assert_null(registries_alias(r, "old"));
	assert_null(registries_alias(r, "busybox"));
}

static void version_1_has_places_for_short_names_too(void **state)
{
	CLEANUP(registries_close_p) struct registries *r = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	machine_write(ETC, "[registries.search]\nregistries = ['a.b', 'c.d']\n");
	assert_int_equal(read_machine(NULL, &r, &err), 0);
	assert_int_equal(registries_search(r)->n, 2);
	assert_string_equal(registries_search(r)->v[1], "c.d");
}

static char *cert_dir(const char *host)
{
	CLEANUP(free_p) char *dir = NULL;

	assert_int_equal(registries_cert_dir_at(machine_root, host, &dir, NULL), 0);
	return machine_shown(dir);
}

static void the_first_folder_with_certificates_counts(void **state)
{
	static const struct {
		const char *host, *want;
	} cases[] = {
		{ "a.b:5000", "@/home/.config/containers/certs.d/a.b:5000" },
		{ "c.d", "@/etc/containers/certs.d/c.d" },
		{ "e.f", "@/etc/docker/certs.d/e.f" },
		{ "a.b", "-" },
		{ "file.io", "-" },
		{ "..", "-" },
		{ "../certs.d/c.d", "-" },
		{ "", "-" },
	};

	(void)state;
	machine_write(USER_FOLDER "certs.d/a.b:5000/ca.crt", "");
	machine_write("etc/containers/certs.d/a.b:5000/ca.crt", "");
	machine_write("etc/containers/certs.d/c.d/ca.crt", "");
	machine_write("etc/docker/certs.d/e.f/ca.crt", "");
	machine_write("etc/docker/certs.d/file.io", "");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(free_p) char *got = cert_dir(cases[i].host);

		if (strcmp(got, cases[i].want) != 0)
			row_fail(cases[i].host, "%s", got);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, each_test, after_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_repository_is_read_where_the_file_says),
		TEST(writes_know_insecure_and_blocked_only),
		TEST(what_is_wrong_is_said),
		TEST(files_count_in_their_order),
		TEST(a_named_file_must_be_there),
		TEST(short_names_have_places_and_aliases),
		TEST(version_1_has_places_for_short_names_too),
		TEST(the_first_folder_with_certificates_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
