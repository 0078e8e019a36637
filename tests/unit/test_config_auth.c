/* Credentials: which file or helper answers for which registry, and what login and logout leave in the files. */
#include "config_machine.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/base64.h"
#include "base/js.h"
#include "config/auth.h"

/* On Linux the first file is the one that forgets with the session. */
#ifdef __linux__
#define FIRST "run/containers/auth.json"
#else
#define FIRST "home/.config/containers/auth.json"
#endif
#define CONFIG "home/.config/containers/auth.json"
#define DOCKER "home/.docker/config.json"
#define OLD    "home/.dockercfg"
#define BIN    "home/bin/"

#define ANN  "YW5uOnB3" /* ann:pw */
#define BOB  "Ym9iOnB3" /* bob:pw */
#define EVE  "ZXZlOmE6YgAA" /* eve:a:b and padding NULs */
#define AUTH(key, auth) "\"" key "\":{\"auth\":\"" auth "\"}"

static char path_before[4096];

/* A helper that writes down how it is called and answers by a script. */
static void helper(const char *name, const char *script)
{
	char path[128], full[256], text[1024];

	snprintf(path, sizeof path, BIN "docker-credential-%s", name);
	snprintf(text, sizeof text, "#!/bin/sh\nin=$(cat)\necho \"%s $1 $in\" >>%s/home/log\n%s\n", name, machine_root, script);
	machine_write(path, text);
	machine_path(path, full, sizeof full);
	assert_int_equal(chmod(full, 0755), 0);
}

static int each_test(void **state)
{
	char bin[256], path[5000], run[128];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	machine_new();
	machine_path("run", run, sizeof run);
	assert_int_equal(mkdir(run, 0700), 0);
	machine_path(BIN, bin, sizeof bin);
	if (!path_before[0])
		snprintf(path_before, sizeof path_before, "%s", getenv("PATH"));
	snprintf(path, sizeof path, "%s:%s", bin, path_before);
	setenv("PATH", path, 1);
	helper("good", "[ $1 != get ] || echo '{\"ServerURL\":\"x\",\"Username\":\"held\",\"Secret\":\"s\"}'");
	helper("empty", "echo 'credentials not found in native keychain'; exit 1");
	helper("token", "[ $1 != get ] || echo '{\"Username\":\"<token>\",\"Secret\":\"tok\"}'");
	helper("broken", "echo 'the keychain is locked'; echo more; exit 1");
	helper("mute", "exit 4");
	helper("babble", "echo 'secret text'");
	return 0;
}

static int after_test(void **state)
{
	(void)state;
	machine_done();
	return 0;
}

/* What auth_lookup says: "user:password of SOURCE", "token T of SOURCE", "-", or the error's text after "!". Owned by the caller. */
static char *lookup(const char *authfile, const char *key)
{
	CLEANUP(free_p) char *file = authfile ? machine_replace(authfile, "@", machine_root) : NULL;
	CLEANUP(credentials_done) struct credentials c = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf said = BUF_INIT(10000);

	if (auth_lookup(file, key, &c, &err) < 0)
		buf_addf(&said, "!%s", err.text);
	else if (c.identity_token)
		buf_addf(&said, "token %s of %s", c.identity_token, c.source);
	else if (c.username)
		buf_addf(&said, "%s:%s of %s", c.username, c.password, c.source);
	else
		buf_add_z(&said, "-");
	return machine_shown(buf_z(&said));
}

static const struct {
	const char *name;
	struct machine_file files[4];
	const char *key, *want, *log; /* log: of the helpers, without it none may run */
	const char *authfile, *env;
} lookups[] = {
	{ "no file at all", { { 0 } }, "quay.io", "-" },
	{ "plain", { { FIRST, "{\"auths\":{" AUTH("quay.io", ANN) "}}" } }, "quay.io", "ann:pw of @/" FIRST },
	{ "a colon and NULs in the password", { { FIRST, "{\"auths\":{" AUTH("quay.io", EVE) "}}" } }, "quay.io", "eve:a:b of @/" FIRST },
	{ "of another host", { { FIRST, "{\"auths\":{" AUTH("quay.io", ANN) "}}" } }, "quay.io:443", "-" },
	{ "a longer host", { { FIRST, "{\"auths\":{" AUTH("quay.io", ANN) "}}" } }, "my.quay.io", "-" },
	{ "a repository takes its host's", { { FIRST, "{\"auths\":{" AUTH("quay.io", ANN) "}}" } }, "quay.io/a/b", "ann:pw of @/" FIRST },
	{ "the longest key",
	  { { FIRST, "{\"auths\":{" AUTH("quay.io", ANN) "," AUTH("quay.io/a", BOB) "," AUTH("quay.io/a/b/c", EVE) "}}" } },
	  "quay.io/a/b",
	  "bob:pw of @/" FIRST },
	{ "whole components only", { { FIRST, "{\"auths\":{" AUTH("quay.io", ANN) "," AUTH("quay.io/a", BOB) "}}" } }, "quay.io/ab", "ann:pw of @/" FIRST },
	{ "a namespace is not for its host", { { FIRST, "{\"auths\":{" AUTH("quay.io/a", BOB) "}}" } }, "quay.io", "-" },
	{ "docker's spelling of a key", { { FIRST, "{\"auths\":{" AUTH("https://quay.io/v1/", ANN) "}}" } }, "quay.io/x", "ann:pw of @/" FIRST },
	{ "the spelling asked for is preferred",
	  { { FIRST, "{\"auths\":{" AUTH("https://quay.io", ANN) "," AUTH("quay.io", BOB) "}}" } },
	  "quay.io",
	  "bob:pw of @/" FIRST },
	{ "docker hub by docker", { { FIRST, "{\"auths\":{" AUTH("https://index.docker.io/v1/", ANN) "}}" } }, "docker.io/library/x", "ann:pw of @/" FIRST },
	{ "docker hub by its API", { { FIRST, "{\"auths\":{" AUTH("docker.io", ANN) "}}" } }, "registry-1.docker.io", "ann:pw of @/" FIRST },
	{ "docker hub, a namespace", { { FIRST, "{\"auths\":{" AUTH("docker.io/me", ANN) "}}" } }, "index.docker.io/me/x", "ann:pw of @/" FIRST },
	{ "a scheme in the key asked for", { { FIRST, "{\"auths\":{" AUTH("quay.io", ANN) "}}" } }, "https://quay.io/v2/", "ann:pw of @/" FIRST },
	{ "an identity token", { { FIRST, "{\"auths\":{\"a.b\":{\"auth\":\"YW5uOg==\",\"identitytoken\":\"T\"}}}" } }, "a.b", "token T of @/" FIRST },

	{ "the order: configuration after run-time", { { FIRST, "{\"auths\":{" AUTH("a.b", ANN) "}}" }, { DOCKER, "{\"auths\":{" AUTH("a.b", BOB) "}}" } }, "a.b", "ann:pw of @/" FIRST },
	{ "the order: docker's last", { { CONFIG, "{\"auths\":{" AUTH("x.y", ANN) "}}" }, { DOCKER, "{\"auths\":{" AUTH("a.b", BOB) "}}" } }, "a.b", "bob:pw of @/" DOCKER },
	{ "configuration folder", { { CONFIG, "{\"auths\":{" AUTH("a.b", ANN) "}}" }, { DOCKER, "{\"auths\":{" AUTH("a.b", BOB) "}}" } }, "a.b", "ann:pw of @/" CONFIG },
	{ "an empty entry of docker's is none", { { FIRST, "{\"auths\":{\"a.b\":{}}}" }, { DOCKER, "{\"auths\":{" AUTH("a.b", BOB) "}}" } }, "a.b", "bob:pw of @/" DOCKER },
	{ "the oldest file", { { OLD, "{" AUTH("http://a.b/v1/", ANN) "}" } }, "a.b", "ann:pw of @/" OLD },
	{ "the oldest file, a path without a scheme", { { OLD, "{" AUTH("a.b/v1/", ANN) "}" } }, "a.b", "ann:pw of @/" OLD },

	{ "--authfile alone counts", { { FIRST, "{\"auths\":{" AUTH("a.b", ANN) "}}" }, { "my.json", "{\"auths\":{" AUTH("x.y", BOB) "}}" } }, "a.b", "-", NULL, "@/my.json" },
	{ "--authfile", { { FIRST, "{\"auths\":{" AUTH("a.b", ANN) "}}" }, { "my.json", "{\"auths\":{" AUTH("a.b", BOB) "}}" } }, "a.b", "bob:pw of @/my.json", NULL, "@/my.json" },
	{ "REGISTRY_AUTH_FILE", { { "my.json", "{\"auths\":{" AUTH("a.b", BOB) "}}" } }, "a.b", "bob:pw of @/my.json", NULL, NULL, "REGISTRY_AUTH_FILE=@/my.json" },
	{ "--authfile before REGISTRY_AUTH_FILE", { { "my.json", "{\"auths\":{" AUTH("a.b", BOB) "}}" } }, "a.b", "bob:pw of @/my.json", NULL, "@/my.json", "REGISTRY_AUTH_FILE=@/no.json" },
	{ "DOCKER_CONFIG", { { FIRST, "{\"auths\":{" AUTH("a.b", ANN) "}}" }, { "d/config.json", "{\"auths\":{" AUTH("a.b", BOB) "}}" } }, "a.b", "bob:pw of @/d/config.json", NULL, NULL, "DOCKER_CONFIG=@/d" },

	{ "bad base64 is no answer", { { FIRST, "{\"auths\":{" AUTH("a.b", "??") "}}" }, { DOCKER, "{\"auths\":{" AUTH("a.b", BOB) "}}" } }, "a.b", "bob:pw of @/" DOCKER },
	{ "no colon is no answer", { { FIRST, "{\"auths\":{" AUTH("a.b", "YW5u") "}}" } }, "a.b", "-" },
	{ "a NUL inside is no answer", { { FIRST, "{\"auths\":{" AUTH("a.b", "YQBiOmM=") "}}" } }, "a.b", "-" },
	{ "auths of a wrong type", { { FIRST, "{\"auths\":[1]}" } }, "a.b", "-" },
	{ "auths null", { { FIRST, "{\"auths\":null}" } }, "a.b", "-" },
	{ "an empty file", { { FIRST, "\n" }, { DOCKER, "{\"auths\":{" AUTH("a.b", BOB) "}}" } }, "a.b", "bob:pw of @/" DOCKER },
	{ "a broken file", { { FIRST, "{\"auths\":" } }, "a.b", "!@/" FIRST ": not JSON at byte 9: unexpected end of data" },
	{ "a broken file and a good one", { { FIRST, "{\"auths\":" }, { DOCKER, "{\"auths\":{" AUTH("a.b", BOB) "}}" } }, "a.b", "bob:pw of @/" DOCKER },
	{ "no object", { { FIRST, "[]" } }, "a.b", "!@/" FIRST ": no JSON object" },

	{ "a helper", { { FIRST, "{\"credHelpers\":{\"a.b\":\"good\"}}" } }, "a.b", "held:s of docker-credential-good", "good get a.b\n" },
	{ "a helper for a repository", { { FIRST, "{\"credHelpers\":{\"a.b\":\"good\"}}" } }, "a.b/x/y", "held:s of docker-credential-good", "good get a.b\n" },
	{ "a helper before the entries", { { FIRST, "{\"auths\":{" AUTH("a.b", ANN) "},\"credHelpers\":{\"a.b\":\"good\"}}" } }, "a.b", "held:s of docker-credential-good", "good get a.b\n" },
	{ "only the helper of the host runs", { { FIRST, "{\"credHelpers\":{\"x.y\":\"broken\",\"a.b\":\"good\",\"z\":\"mute\"},\"credsStore\":\"babble\"}" } }, "a.b", "held:s of docker-credential-good", "good get a.b\n" },
	{ "no helper of another host runs", { { FIRST, "{\"credHelpers\":{\"x.y\":\"good\"}}" } }, "a.b", "-" },
	{ "a helper's identity token", { { FIRST, "{\"credHelpers\":{\"a.b\":\"token\"}}" } }, "a.b", "token tok of docker-credential-token", "token get a.b\n" },
	{ "docker hub for a helper", { { FIRST, "{\"credHelpers\":{\"docker.io\":\"good\"}}" } }, "docker.io/library/x", "held:s of docker-credential-good", "good get https://index.docker.io/v1/\n" },
	{ "a helper that has nothing: the next file", { { FIRST, "{\"credHelpers\":{\"a.b\":\"empty\"}}" }, { DOCKER, "{\"auths\":{" AUTH("a.b", BOB) "}}" } }, "a.b", "bob:pw of @/" DOCKER, "empty get a.b\n" },
	{ "a helper that fails", { { FIRST, "{\"credHelpers\":{\"a.b\":\"broken\"}}" } }, "a.b", "!docker-credential-broken get: the keychain is locked", "broken get a.b\n" },
	{ "a helper that says nothing", { { FIRST, "{\"credHelpers\":{\"a.b\":\"mute\"}}" } }, "a.b", "!docker-credential-mute get: exit status 4", "mute get a.b\n" },
	{ "a helper's answer is not quoted", { { FIRST, "{\"credHelpers\":{\"a.b\":\"babble\"}}" } }, "a.b", "!docker-credential-babble get: its answer is not JSON", "babble get a.b\n" },
	{ "a helper that is not there", { { FIRST, "{\"credHelpers\":{\"a.b\":\"gone\"}}" } }, "a.b", "!credential helper docker-credential-gone is not installed" },
	{ "a helper with a path", { { FIRST, "{\"credHelpers\":{\"a.b\":\"x/../good\"}}" } }, "a.b", "!\"x/../good\" is no name of a credential helper" },
	{ "credsStore", { { DOCKER, "{\"auths\":{\"a.b\":{}},\"credsStore\":\"good\"}" } }, "a.b", "held:s of docker-credential-good", "good get a.b\n" },
	{ "an entry before credsStore", { { DOCKER, "{\"auths\":{" AUTH("a.b", BOB) "},\"credsStore\":\"good\"}" } }, "a.b", "bob:pw of @/" DOCKER },
	{ "an empty helper turns credsStore off", { { DOCKER, "{\"credHelpers\":{\"a.b\":\"\"},\"credsStore\":\"good\"}" } }, "a.b", "-" },
	{ "credsStore that has nothing", { { DOCKER, "{\"credsStore\":\"empty\"}" } }, "a.b", "-", "empty get a.b\n" },
	{ "credsStore that fails", { { DOCKER, "{\"credsStore\":\"broken\"}" } }, "a.b", "!docker-credential-broken get: the keychain is locked", "broken get a.b\n" },
	{ "credsStore that is not there", { { DOCKER, "{\"credsStore\":\"gone\"}" } }, "a.b", "-" },
};

static void the_right_file_or_helper_answers(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(lookups); i++) {
		CLEANUP(free_p) char *got = NULL, *log = NULL;

		after_test(state);
		each_test(state);
		for (size_t k = 0; k < 4 && lookups[i].files[k].path; k++)
			machine_write(lookups[i].files[k].path, lookups[i].files[k].text);
		if (lookups[i].env)
			machine_setenv(lookups[i].env);
		got = lookup(lookups[i].authfile, lookups[i].key);
		log = machine_read("home/log");
		if (strcmp(got, lookups[i].want) != 0)
			row_fail(lookups[i].name, "%s instead of %s", got, lookups[i].want);
		if (strcmp(log ? log : "", lookups[i].log ? lookups[i].log : "") != 0)
			row_fail(lookups[i].name, "helpers were called: %s", log ? log : "not at all");
	}
}

/* ---- keys ---- */

static void what_the_user_types_becomes_a_key(void **state)
{
	static const struct {
		const char *typed, *want;
	} cases[] = {
		{ "quay.io", "quay.io" },
		{ "localhost:5000", "localhost:5000" },
		{ "box", "box" },
		{ "[::1]:5000", "[::1]:5000" },
		{ "https://quay.io", "quay.io" },
		{ "https://quay.io/v2/foo", "quay.io" },
		{ "http://localhost:5000/", "localhost:5000" },
		{ "https://index.docker.io/v1/", "index.docker.io" },
		{ "quay.io/", "quay.io" },
		{ "quay.io/ns/repo", "quay.io/ns/repo" },
		{ "localhost/x", "localhost/x" },
		{ "quay.io/ns/repo:tag", "!reference \"quay.io/ns/repo:tag\" contains tag or digest" },
		{ "quay.io/x@sha256:00", "!reference \"quay.io/x@sha256:00\" contains tag or digest" },
		{ "quay.io/UP", "!parse reference from \"quay.io/UP\": invalid reference format: repository name must be lowercase" },
		{ "quay.io//x", "!parse reference from \"quay.io//x\": invalid reference format" },
		{ "foo/bar", "!parse reference from \"foo/bar\": repository name must be canonical" },
		{ "", "!\"\" is no name of a registry" },
		{ "/x", "!\"/x\" is no name of a registry" },
		{ "a b", "!\"a b\" is no name of a registry" },
		{ "user@quay.io", "!\"user@quay.io\" is no name of a registry" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(free_p) char *key = NULL;
		char got[256];
		int r = auth_key(cases[i].typed, &key, &err);

		snprintf(got, sizeof got, "%s%s", r < 0 ? "!" : "", r < 0 ? err.text : key);
		if (strcmp(got, cases[i].want) != 0)
			row_fail(cases[i].typed, "%s", got);
	}
}

static void creds_are_a_user_and_a_password(void **state)
{
	static const struct {
		const char *creds, *user, *password, *fail;
	} cases[] = {
		{ "ann:pw", "ann", "pw", NULL },
		{ "ann:a:b", "ann", "a:b", NULL },
		{ "ann:", "ann", "", NULL },
		{ "ann", "ann", NULL, NULL },
		{ "", NULL, NULL, "credentials can't be empty" },
		{ ":pw", NULL, NULL, "username can't be empty" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(credentials_done) struct credentials c = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int r = credentials_parse(cases[i].creds, &c, &err);

		if (cases[i].fail ? r != -ERR_USAGE || strcmp(err.text, cases[i].fail) != 0
				  : r != 0 || strcmp(c.username, cases[i].user) != 0 || !c.password != !cases[i].password ||
					    (c.password && strcmp(c.password, cases[i].password) != 0))
			row_fail(cases[i].creds, "%d %s", r, err.text ? err.text : c.username);
	}
}

/* ---- store and erase ---- */

static void store_ok(const char *authfile, const char *key, const char *user, const char *want_where)
{
	CLEANUP(free_p) char *where = NULL, *shown = NULL, *file = authfile ? machine_replace(authfile, "@", machine_root) : NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct credentials c = { .username = (char *)(uintptr_t)user, .password = (char *)(uintptr_t)"pw" };

	if (auth_store(file, key, &c, &where, &err) < 0)
		row_fail(key, "%s", err.text);
	shown = machine_shown(where);
	if (strcmp(shown, want_where) != 0)
		row_fail(key, "stored in %s", shown);
}

static void expect_file(const char *path, const char *want)
{
	CLEANUP(free_p) char *text = machine_read(path);

	assert_non_null(text);
	assert_string_equal(text, want);
}

static unsigned mode_of(const char *path)
{
	char full[256];
	struct stat st;

	machine_path(path, full, sizeof full);
	assert_int_equal(stat(full, &st), 0);
	return st.st_mode & 07777;
}

static void a_login_writes_as_containers_image_does(void **state)
{
	(void)state;
	store_ok(NULL, "quay.io", "ann", "@/" FIRST);
	expect_file(FIRST, "{\n\t\"auths\": {\n\t\t\"quay.io\": {\n\t\t\t\"auth\": \"" ANN "\"\n\t\t}\n\t}\n}");
	assert_int_equal(mode_of(FIRST), 0600);
	store_ok(NULL, "docker.io", "bob", "@/" FIRST);
	expect_file(FIRST, "{\n\t\"auths\": {\n\t\t\"quay.io\": {\n\t\t\t\"auth\": \"" ANN "\"\n\t\t},\n"
			   "\t\t\"docker.io\": {\n\t\t\t\"auth\": \"" BOB "\"\n\t\t}\n\t}\n}");
	store_ok("@/new/sub/auth.json", "a.b/c", "ann", "@/new/sub/auth.json");
	assert_int_equal(mode_of("new"), 0700);
	assert_int_equal(mode_of("new/sub"), 0700);
	assert_int_equal(mode_of("new/sub/auth.json"), 0600);
}

static void other_content_and_its_order_stay(void **state)
{
	(void)state;
	machine_write(FIRST, "{\"x\":[1,{}],\"auths\":{\"z.z\":{\"auth\":\"" BOB "\",\"email\":\"e\"},\"https://a.b/v1/\":{\"auth\":\"" BOB
			     "\"}},\"HttpHeaders\":{\"A\":\"/\\u00e4<\"},\"n\":1.50,\"e\":{}}");
	store_ok(NULL, "a.b", "ann", "@/" FIRST);
	expect_file(FIRST, "{\n\t\"x\": [\n\t\t1,\n\t\t{}\n\t],\n\t\"auths\": {\n\t\t\"z.z\": {\n\t\t\t\"auth\": \"" BOB
			   "\",\n\t\t\t\"email\": \"e\"\n\t\t},\n\t\t\"https://a.b/v1/\": {\n\t\t\t\"auth\": \"" ANN
			   "\"\n\t\t}\n\t},\n\t\"HttpHeaders\": {\n\t\t\"A\": \"/\xc3\xa4<\"\n\t},\n\t\"n\": 1.50,\n\t\"e\": {}\n}");
	assert_int_equal(mode_of(FIRST), 0600);
}

static void docker_finds_what_is_stored_in_its_file(void **state)
{
	(void)state;
	machine_setenv("DOCKER_CONFIG=@/d");
	store_ok(NULL, "docker.io", "ann", "@/d/config.json");
	expect_file("d/config.json", "{\n\t\"auths\": {\n\t\t\"https://index.docker.io/v1/\": {\n\t\t\t\"auth\": \"" ANN "\"\n\t\t}\n\t}\n}");
}

static void an_unusable_file_is_left_alone(void **state)
{
	static const char *const texts[] = { "{\"auths\":", "[]", "{\"auths\":3}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct credentials c = { .username = (char *)(uintptr_t)"ann", .password = (char *)(uintptr_t)"pw" };

		machine_write(FIRST, texts[i]);
		if (auth_store(NULL, "a.b", &c, NULL, NULL) >= 0)
			row_fail(texts[i], "stored");
		expect_file(FIRST, texts[i]);
	}
}

static void a_login_goes_into_the_helper_in_charge(void **state)
{
	static const char file[] = "{\"credHelpers\":{\"a.b\":\"good\",\"no.no\":\"mute\",\"plain.io\":\"\"},\"credsStore\":\"token\"}";
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct credentials c = { .username = (char *)(uintptr_t)"ann", .password = (char *)(uintptr_t)"pw" };
	CLEANUP(free_p) char *log = NULL;

	(void)state;
	machine_write(FIRST, file);
	store_ok(NULL, "a.b", "ann", "credential helper: good");
	store_ok(NULL, "docker.io", "ann", "credential helper: token");
	assert_int_equal(auth_store(NULL, "a.b/ns", &c, NULL, &err), -ERR_UNSUPPORTED);
	assert_string_equal(err.text, "namespaced key is not supported for credential helper good");
	assert_int_equal(auth_store(NULL, "no.no", &c, NULL, &err), -ERR_AUTH);
	expect_file(FIRST, file);
	log = machine_read("home/log");
	assert_string_equal(log, "good store {\"ServerURL\":\"a.b\",\"Username\":\"ann\",\"Secret\":\"pw\"}\n"
				 "token store {\"ServerURL\":\"https://index.docker.io/v1/\",\"Username\":\"ann\",\"Secret\":\"pw\"}\n"
				 "mute store {\"ServerURL\":\"no.no\",\"Username\":\"ann\",\"Secret\":\"pw\"}\n");
	store_ok(NULL, "plain.io", "ann", "@/" FIRST);
}

static int erase(const char *key, bool *ret_elsewhere, char **ret_text)
{
	struct error err = ERROR_INIT;
	int r = auth_erase(NULL, key, ret_elsewhere, &err);

	*ret_text = ptr_take(&err.text);
	error_done(&err);
	return r;
}

static void a_logout_removes_the_key_and_no_other(void **state)
{
	CLEANUP(free_p) char *text = NULL, *again = NULL, *parent = NULL;
	bool elsewhere;

	(void)state;
	machine_write(FIRST, "{\"auths\":{" AUTH("a.b", ANN) "," AUTH("https://a.b/v1/", BOB) "," AUTH("a.b/ns", BOB) "},\"k\":1}");
	assert_int_equal(erase("a.b/ns/repo", &elsewhere, &parent), -ERR_NOT_FOUND);
	assert_int_equal(erase("a.b", &elsewhere, &text), 0);
	expect_file(FIRST, "{\n\t\"auths\": {\n\t\t\"a.b/ns\": {\n\t\t\t\"auth\": \"" BOB "\"\n\t\t}\n\t},\n\t\"k\": 1\n}");
	assert_int_equal(erase("a.b", &elsewhere, &again), -ERR_NOT_FOUND);
	assert_string_equal(again, "not logged into a.b");
	assert_false(elsewhere);
}

static void docker_s_own_logins_are_left_alone(void **state)
{
	static const char file[] = "{\"auths\":{" AUTH("a.b", ANN) "}}";
	CLEANUP(free_p) char *text = NULL;
	bool elsewhere = false;

	(void)state;
	machine_write(DOCKER, file);
	assert_int_equal(erase("a.b", &elsewhere, &text), -ERR_NOT_FOUND);
	assert_true(elsewhere);
	assert_int_equal(auth_erase_all(NULL, NULL), 0);
	expect_file(DOCKER, file);
}

static void after_a_logout_nothing_is_found_any_more(void **state)
{
	CLEANUP(free_p) char *text = NULL, *left = NULL;
	bool elsewhere;

	(void)state;
	machine_write(FIRST, "{\"auths\":{" AUTH("a.b", ANN) "}}");
	if (strcmp(FIRST, CONFIG) != 0)
		machine_write(CONFIG, "{\"auths\":{" AUTH("a.b", BOB) "}}");
	assert_int_equal(erase("a.b", &elsewhere, &text), 0);
	left = lookup(NULL, "a.b");
	assert_string_equal(left, "-");
}

static void a_logout_asks_the_helper_in_charge(void **state)
{
	CLEANUP(free_p) char *text = NULL, *none = NULL, *log = NULL;
	bool elsewhere;

	(void)state;
	machine_write(FIRST, "{\"credHelpers\":{\"a.b\":\"good\",\"x.y\":\"empty\"}}");
	assert_int_equal(erase("a.b", &elsewhere, &text), 0);
	assert_int_equal(erase("x.y", &elsewhere, &none), -ERR_NOT_FOUND);
	log = machine_read("home/log");
	assert_string_equal(log, "good erase a.b\nempty erase x.y\nempty get x.y\n");
}

static void a_logout_of_all_empties_the_files(void **state)
{
	CLEANUP(free_p) char *log = NULL;

	(void)state;
	machine_write(FIRST, "{\"auths\":{" AUTH("a.b", ANN) "},\"credHelpers\":{\"h.h\":\"good\"}}");
	assert_int_equal(auth_erase_all(NULL, NULL), 0);
	expect_file(FIRST, "{\n\t\"auths\": {},\n\t\"credHelpers\": {\n\t\t\"h.h\": \"good\"\n\t}\n}");
	log = machine_read("home/log");
	assert_string_equal(log, "good erase h.h\n");
}

#define LOGINS 12

static void logins_at_once_lose_nothing(void **state)
{
	pid_t pids[LOGINS];

	(void)state;
	for (int i = 0; i < LOGINS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct credentials c = { .username = (char *)(uintptr_t)"ann", .password = (char *)(uintptr_t)"pw" };
			char key[32];

			snprintf(key, sizeof key, "host%d.io", i);
			_exit(auth_store(NULL, key, &c, NULL, NULL) == 0 ? 0 : 1);
		}
	}
	for (int i = 0; i < LOGINS; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	for (int i = 0; i < LOGINS; i++) {
		CLEANUP(free_p) char *got = NULL;
		char key[32];

		snprintf(key, sizeof key, "host%d.io", i);
		got = lookup(NULL, key);
		assert_string_equal(got, "ann:pw of @/" FIRST);
	}
}

/* ---- for a host that picks by itself ---- */

static void all_credentials_become_a_map(void **state)
{
	CLEANUP(js_put_p) struct json_object *all = NULL;
	CLEANUP(strv_done) struct strv hosts = { 0 };
	CLEANUP(free_p) char *log = NULL, *header = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	machine_write(FIRST, "{\"auths\":{" AUTH("a.b", ANN) ",\"e.e\":{}},\"credHelpers\":{\"h.h\":\"good\",\"n.n\":\"broken\"}}");
	machine_write(DOCKER, "{\"auths\":{" AUTH("a.b", BOB) "," AUTH("https://index.docker.io/v1/", BOB) ",\"t.t\":{\"identitytoken\":\"T\"}}}");
	strv_add(&hosts, "h.h");
	strv_add(&hosts, "unknown.io");
	assert_int_equal(auth_all(NULL, &hosts, &all, &err), 0);
	assert_string_equal(js_wire(all), "{\"a.b\":{\"username\":\"ann\",\"password\":\"pw\"},\"docker.io\":{\"username\":\"bob\",\"password\":\"pw\"},"
					  "\"t.t\":{\"identitytoken\":\"T\"},\"h.h\":{\"username\":\"held\",\"password\":\"s\"}}");
	log = machine_read("home/log");
	assert_string_equal(log, "good get h.h\n");
	assert_int_equal(auth_header_map(all, &header, &err), 0);
	assert_null(strpbrk(header, "+/"));
}

static void a_pair_becomes_a_header(void **state)
{
	CLEANUP(credentials_done) struct credentials c = { 0 };
	CLEANUP(buf_done) struct buf back = BUF_INIT(1000);
	CLEANUP(free_p) char *header = NULL;

	(void)state;
	assert_int_equal(credentials_parse("ann:p\xc3\xbf\"~~~/", &c, NULL), 0);
	assert_int_equal(auth_header(&c, &header, NULL), 0);
	assert_int_equal(strlen(header) % 4, 0);
	for (char *p = header; *p; p++)
		*p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
	assert_true(base64_read(&back, str_from(header)));
	assert_string_equal(buf_z(&back), "{\"username\":\"ann\",\"password\":\"p\xc3\xbf\\\"~~~/\"}");
}

static void a_named_file_can_be_asked_for(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(auth_file_check(NULL, &err), 0);
	assert_int_equal(auth_file_check("/nowhere/auth.json", &err), -ERR_USAGE);
	assert_string_equal(err.text, "checking authfile: stat /nowhere/auth.json: no such file or directory");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, each_test, after_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_right_file_or_helper_answers),
		TEST(what_the_user_types_becomes_a_key),
		TEST(creds_are_a_user_and_a_password),
		TEST(a_login_writes_as_containers_image_does),
		TEST(other_content_and_its_order_stay),
		TEST(docker_finds_what_is_stored_in_its_file),
		TEST(an_unusable_file_is_left_alone),
		TEST(a_login_goes_into_the_helper_in_charge),
		TEST(a_logout_removes_the_key_and_no_other),
		TEST(docker_s_own_logins_are_left_alone),
		TEST(after_a_logout_nothing_is_found_any_more),
		TEST(a_logout_asks_the_helper_in_charge),
		TEST(a_logout_of_all_empties_the_files),
		TEST(logins_at_once_lose_nothing),
		TEST(all_credentials_become_a_map),
		TEST(a_pair_becomes_a_header),
		TEST(a_named_file_can_be_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
