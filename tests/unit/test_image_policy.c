/* containers-policy.json(5): what is read, what is refused, and which requirements an image falls under. */
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/scratch.h"
#include "image/policy.h"
#include "image/policy_own.h"
#include "image/policy_places.h"

#define OK     "{\"type\":\"insecureAcceptAnything\"}"
#define NO     "{\"type\":\"reject\"}"
#define DFLT   "\"default\":[" OK "]"
#define BY(x)  "{\"default\":[{\"type\":\"signedBy\"," x "}]}"
#define SIG(x) "{\"default\":[{\"type\":\"sigstoreSigned\"," x "}]}"
#define ID(x)  BY("\"keyType\":\"GPGKeys\",\"keyPath\":\"/k\",\"signedIdentity\":" x)
#define T(x)   "{" DFLT ",\"transports\":{" x "}}"
#define H64    "e26e51132b90aaaabbbbccccddddeeeeffff00001111222233334444555566ab"
#define D256   "sha256:" H64

/* ---- reading -------------------------------------------------------------------------------------------------------------- */

/* want: NULL: it can be read; else what the error ends with, behind: invalid policy in "p.json": */
static const struct {
	const char *text, *want;
} texts[] = {
	{ "{" DFLT "}", NULL },
	{ "{\"default\":[" NO "]}", NULL },
	{ " {\n\t" DFLT " }\n", NULL },
	{ "{" DFLT ",\"transports\":{}}", NULL },
	{ T("\"docker\":{}"), NULL },
	{ T("\"docker\":{\"\":[" NO "]}"), NULL },
	{ T("\"docker\":{\"quay.io\":[" NO "," OK "]}"), NULL },
	{ T("\"no-such\":{\"any thing\":[" NO "]}"), NULL },
	{ T("\"dir\":{\"/a/b\":[" NO "]}"), NULL },
	{ T("\"oci\":{\"/a\":[" NO "]}"), NULL },
	{ T("\"docker-archive\":{\"\":[" NO "]}"), NULL },

	{ "", "JSON: empty where JSON is expected" },
	{ "{", "JSON: not JSON at byte 1" },
	{ "[]", "an object is expected" },
	{ "{}", "Default policy is missing" },
	{ "{\"transports\":{}}", "Default policy is missing" },
	{ "{\"default\":[]}", "List of verification policy requirements must not be empty" },
	{ "{\"default\":{}}", "\"default\" must be a list" },
	{ "{\"default\":null}", "\"default\" must be a list" },
	{ "{" DFLT ",\"foo\":1}", "Unknown key \"foo\"" },
	{ "{" DFLT "," DFLT "}", "Duplicate key \"default\"" },
	{ "{" DFLT ",\"d\\u0065fault\":[" NO "]}", "Duplicate key \"default\"" },
	{ "{" DFLT ",\"Default\":[" NO "]}", "Unknown key \"Default\"" },
	{ "{" DFLT ",\"default\\u0000\":[" NO "]}", "a NUL character in a text" },
	{ "{" DFLT ",}", "JSON: not JSON at byte" },
	{ "{" DFLT "} {}", "JSON: more than one JSON value" },
	{ "{" DFLT ",\"transports\":[]}", "\"transports\" must be an object" },
	{ T("\"docker\":[]"), "\"docker\" must be an object" },
	{ T("\"docker\":{},\"docker\":{}"), "Duplicate key \"docker\"" },
	{ T("\"docker\":{\"a\":[" OK "],\"a\":[" NO "]}"), "Duplicate key \"a\"" },
	{ T("\"docker\":{\"a\":[]}"), "List of verification policy requirements must not be empty" },
	{ T("\"docker\":{\"a\":[{}]}"), "Unknown policy requirement type \"\"" },
	{ T("\"dir\":{\"a\":[" NO "]}"), "Unknown key \"a\"" },
	{ T("\"dir\":{\"/\":[" NO "]}"), "Unknown key \"/\"" },
	{ T("\"dir\":{\"/a/\":[" NO "]}"), "Unknown key \"/a/\"" },
	{ T("\"dir\":{\"/a//b\":[" NO "]}"), "Unknown key \"/a//b\"" },
	{ T("\"oci\":{\"/a/../b\":[" NO "]}"), "Unknown key \"/a/../b\"" },
	{ T("\"docker-archive\":{\"/a\":[" NO "]}"), "Unknown key \"/a\"" },
	{ T("\"tarball\":{\"/a\":[" NO "]}"), "Unknown key \"/a\"" },
	{ "{\"default\":[{\"type\":\"accept\"}]}", "Unknown policy requirement type \"accept\"" },
	{ "{\"default\":[{\"type\":1}]}", "Unknown policy requirement type \"\"" },
	{ "{\"default\":[\"reject\"]}", "Unknown policy requirement type \"\"" },
	{ "{\"default\":[{\"type\":\"reject\",\"type\":\"insecureAcceptAnything\"}]}", "Duplicate key \"type\"" },
	{ "{\"default\":[{\"type\":\"reject\",\"keyPath\":\"/k\"}]}", "Unknown key \"keyPath\"" },
	{ "{\"default\":[{\"type\":\"insecureAcceptAnything\",\"x\":1}]}", "Unknown key \"x\"" },

	{ BY("\"keyType\":\"GPGKeys\",\"keyPath\":\"/k\""), NULL },
	{ BY("\"keyType\":\"GPGKeys\",\"keyPaths\":[\"/k\",\"/l\"]"), NULL },
	{ BY("\"keyType\":\"GPGKeys\",\"keyData\":\"Zm9v\""), NULL },
	{ BY("\"keyType\":\"X509Certificates\",\"keyPath\":\"/k\""), NULL },
	{ BY("\"keyPath\":\"/k\""), "Key \"keyType\" missing" },
	{ BY("\"keyType\":\"gpg\",\"keyPath\":\"/k\""), "Unrecognized keyType value \"gpg\"" },
	{ BY("\"keyType\":\"GPGKeys\""), "Exactly one of keyPath, keyPaths and keyData must be specified, none of them present" },
	{ BY("\"keyType\":\"GPGKeys\",\"keyPath\":\"/k\",\"keyData\":\"Zm9v\""), "must be specified, more than one present" },
	{ BY("\"keyType\":\"GPGKeys\",\"keyPaths\":[]"), "\"keyPaths\" contains no entries" },
	{ BY("\"keyType\":\"GPGKeys\",\"keyPaths\":[1]"), "\"keyPaths\" must be text" },
	{ BY("\"keyType\":\"GPGKeys\",\"keyPath\":[\"/k\"]"), "\"keyPath\" must be a string" },
	{ BY("\"keyType\":\"GPGKeys\",\"keyData\":\"%\""), "illegal base64 in the data of a key" },
	{ BY("\"keyType\":\"GPGKeys\",\"keyPath\":\"/k\",\"extra\":1"), "Unknown key \"extra\"" },

	{ ID("{\"type\":\"matchExact\"}"), NULL },
	{ ID("{\"type\":\"matchRepoDigestOrExact\"}"), NULL },
	{ ID("{\"type\":\"matchRepository\"}"), NULL },
	{ ID("{\"type\":\"exactReference\",\"dockerReference\":\"a.b/c:d\"}"), NULL },
	{ ID("{\"type\":\"exactRepository\",\"dockerRepository\":\"a.b/c\"}"), NULL },
	{ ID("{\"type\":\"remapIdentity\",\"prefix\":\"a.b:5000\",\"signedPrefix\":\"c.d/e\"}"), NULL },
	{ ID("{\"type\":\"matchAnything\"}"), "Unknown policy reference match type \"matchAnything\"" },
	{ ID("{}"), "Unknown policy reference match type \"\"" },
	{ ID("{\"type\":\"matchExact\",\"x\":1}"), "Unknown key \"x\"" },
	{ ID("{\"type\":\"exactReference\"}"), "Key \"dockerReference\" missing" },
	{ ID("{\"type\":\"exactReference\",\"dockerReference\":\"a.b/c\"}"), "dockerReference \"a.b/c\" contains neither a tag nor digest" },
	{ ID("{\"type\":\"exactReference\",\"dockerReference\":\"UP\"}"), "Invalid format of dockerReference \"UP\": invalid reference format" },
	{ ID("{\"type\":\"exactRepository\",\"dockerRepository\":\"\"}"), "Invalid format of dockerRepository \"\"" },
	{ ID("{\"type\":\"remapIdentity\",\"prefix\":\"a.b\"}"), "Key \"signedPrefix\" missing" },
	{ ID("{\"type\":\"remapIdentity\",\"prefix\":\"a.b/\",\"signedPrefix\":\"c.d\"}"), "prefix \"a.b/\" is not valid" },
	{ ID("{\"type\":\"remapIdentity\",\"prefix\":\"a.b/c:t\",\"signedPrefix\":\"c.d\"}"), "prefix \"a.b/c:t\" is not valid" },

	{ SIG("\"keyPath\":\"/k\""), NULL },
	{ SIG("\"keyPaths\":[\"/k\"]"), NULL },
	{ SIG("\"keyData\":\"Zm9v\""), NULL },
	{ SIG("\"keyDatas\":[\"Zm9v\"]"), NULL },
	{ SIG("\"keyPath\":\"/k\",\"signedIdentity\":{\"type\":\"matchRepository\"}"), NULL },
	{ SIG("\"fulcio\":{}"), NULL },
	{ SIG("\"keyPath\":\"/k\",\"rekorPublicKeyPath\":\"/r\""), NULL },
	{ SIG("\"keyPath\":\"/k\",\"keyData\":\"Zm9v\""), "exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio, and pki must be specified" },
	{ SIG("\"signedIdentity\":{\"type\":\"matchExact\"}"), "exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio, and pki must be specified" },
	{ SIG("\"keyType\":\"GPGKeys\",\"keyPath\":\"/k\""), "Unknown key \"keyType\"" },
	{ "{\"default\":[{\"type\":\"signedBaseLayer\",\"baseLayerIdentity\":{\"type\":\"matchExact\"}}]}", NULL },
	{ "{\"default\":[{\"type\":\"signedBaseLayer\"}]}", "Key \"baseLayerIdentity\" missing" },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(policy_close_p) struct policy *p = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int r = policy_parse(str_from(texts[i].text), "p.json", &p, &err);

		if (!texts[i].want && r < 0)
			row_fail(texts[i].text, "refused: %s", err.text);
		if (!texts[i].want)
			continue;
		if (r != -ERR_USAGE || p)
			row_fail(texts[i].text, "result %d", r);
		if (strncmp(err.text, "invalid policy in \"p.json\": ", 28) != 0 || !strstr(err.text + 28, texts[i].want))
			row_fail(texts[i].text, "\"%s\" instead of \"%s\"", err.text, texts[i].want);
	}
}

/* ---- scopes --------------------------------------------------------------------------------------------------------------- */

#define SCOPE(x) "\"" x "\":[" OK "]"

static const char scopes_text[] = "{" DFLT ",\"transports\":{\"docker\":{" SCOPE("quay.io") "," SCOPE("quay.io/ns/name:tag") "," SCOPE("quay.io/ns/name") ","
				  SCOPE("quay.io/ns/name@" D256) "," SCOPE("quay.io/other") "," SCOPE("*.example.com") "," SCOPE("*.com") ","
				  SCOPE("host:5000") "," SCOPE("docker.io/library/busybox") "," SCOPE("docker.io") "," SCOPE("") "},"
				  "\"dir\":{" SCOPE("/srv/images") "," SCOPE("/srv/images/one") "},\"oci\":{" SCOPE("/srv") "," SCOPE("") "},"
				  "\"oci-archive\":{" SCOPE("/srv/a.tar") "},\"docker-archive\":{" SCOPE("") "},"
				  "\"docker-daemon\":{" SCOPE("local/x:1") "," SCOPE("") "}}}";

/* want: the scope's name; NULL: the default of all. */
static const struct {
	const char *transport, *image, *want;
} scopes[] = {
	{ "docker", "quay.io/ns/name:tag", "quay.io/ns/name:tag" },
	{ "docker", "quay.io/ns/name:other", "quay.io/ns/name" },
	{ "docker", "quay.io/ns/name@" D256, "quay.io/ns/name@" D256 },
	{ "docker", "quay.io/ns/name:other@" D256, "quay.io/ns/name@" D256 },
	{ "docker", "quay.io/ns/names:tag", "quay.io" },
	{ "docker", "quay.io/ns:tag", "quay.io" },
	{ "docker", "quay.io/other/deep/er:1", "quay.io/other" },
	{ "docker", "quay.io/others:1", "quay.io" },
	{ "docker", "a.example.com/x:1", "*.example.com" },
	{ "docker", "a.b.example.com:5000/x:1", "*.example.com" },
	{ "docker", "example.com/x:1", "*.com" },
	{ "docker", "badexample.com/x:1", "*.com" },
	{ "docker", "host:5000/x:1", "host:5000" },
	{ "docker", "host:5001/x:1", "" },
	{ "docker", "host/x:1", "" },
	{ "docker", "docker.io/library/busybox:latest", "docker.io/library/busybox" },
	{ "docker", "docker.io/library/alpine:latest", "docker.io" },
	{ "dir", "/srv/images/one", "/srv/images/one" },
	{ "dir", "/srv/images/one/more", "/srv/images/one" },
	{ "dir", "/srv/images/two", "/srv/images" },
	{ "dir", "/srv/images2", NULL },
	{ "dir", "/", NULL },
	{ "oci", "/srv/x", "/srv" },
	{ "oci", "/tmp/x", "" },
	{ "oci-archive", "/srv/a.tar", "/srv/a.tar" },
	{ "oci-archive", "/srv/b.tar", NULL },
	{ "docker-archive", "", "" },
	{ "docker-daemon", "local/x:1", "local/x:1" },
	{ "docker-daemon", "local/x:2", "" },
	{ "containers-storage", "x", NULL },
};

static void test_scopes(void **state)
{
	CLEANUP(policy_close_p) struct policy *p = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	if (policy_parse(str_from(scopes_text), "p", &p, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
		const struct policy_scope *s = policy_scope_find(p, scopes[i].transport, scopes[i].image);
		const char *got = s == &p->dflt ? "(default)" : s->name, *want = scopes[i].want ? scopes[i].want : "(default)";

		if (strcmp(got, want) != 0)
			row_fail(scopes[i].image, "%s: \"%s\" instead of \"%s\"", scopes[i].transport, got, want);
	}
}

/* ---- identities ----------------------------------------------------------------------------------------------------------- */

#define EXACT      "{\"type\":\"matchExact\"}"
#define REPO_EXACT "{\"type\":\"matchRepoDigestOrExact\"}"
#define REPO       "{\"type\":\"matchRepository\"}"
#define REF(x)     "{\"type\":\"exactReference\",\"dockerReference\":\"" x "\"}"
#define REPO_OF(x) "{\"type\":\"exactRepository\",\"dockerRepository\":\"" x "\"}"
#define REMAP(a, b) "{\"type\":\"remapIdentity\",\"prefix\":\"" a "\",\"signedPrefix\":\"" b "\"}"

static const struct {
	const char *identity, *image, *in_signature;
	bool want;
} identities[] = {
	{ EXACT, "q.io/n:1", "q.io/n:1", true },
	{ EXACT, "q.io/n:1", "q.io/n:2", false },
	{ EXACT, "q.io/n:1", "q.io/n", false },
	{ EXACT, "q.io/n:1", "q.io/m:1", false },
	{ EXACT, "docker.io/library/busybox:1", "busybox:1", true },
	{ EXACT, "q.io/n@" D256, "q.io/n@" D256, true },
	{ EXACT, "q.io/n@" D256, "q.io/n:1", false },
	{ EXACT, "", "q.io/n:1", false },
	{ EXACT, "q.io/n:1", "", false },
	{ EXACT, "q.io/n:1", "UP/per:1", false },
	{ REPO_EXACT, "q.io/n:1", "q.io/n:1", true },
	{ REPO_EXACT, "q.io/n:1", "q.io/n:2", false },
	{ REPO_EXACT, "q.io/n@" D256, "q.io/n:1", true },
	{ REPO_EXACT, "q.io/n@" D256, "q.io/n", false },
	{ REPO_EXACT, "q.io/n@" D256, "q.io/m:1", false },
	{ REPO_EXACT, "q.io/n:1@" D256, "q.io/n:1", false },
	{ REPO_EXACT, "", "q.io/n:1", false },
	{ REPO, "q.io/n:1", "q.io/n:2", true },
	{ REPO, "q.io/n:1", "q.io/n", true },
	{ REPO, "q.io/n:1", "q.io/n/m:1", false },
	{ REPO, "", "q.io/n:2", false },
	{ REF("x.y/z:3"), "q.io/n:1", "x.y/z:3", true },
	{ REF("x.y/z:3"), "", "x.y/z:3", true },
	{ REF("x.y/z:3"), "x.y/z:3", "x.y/z:4", false },
	{ REF("x.y/z:3"), "x.y/z:3", "x.y/z", false },
	{ REPO_OF("x.y/z"), "", "x.y/z:4", true },
	{ REPO_OF("x.y/z"), "x.y/z:4", "x.y/zz:4", false },
	{ REPO_OF("busybox"), "", "docker.io/library/busybox:1", true },
	{ REMAP("mirror.z/x", "q.io"), "mirror.z/x/n:1", "q.io/n:1", true },
	{ REMAP("mirror.z/x", "q.io"), "mirror.z/x/n:1", "mirror.z/x/n:1", false },
	{ REMAP("mirror.z/x", "q.io"), "mirror.z/xy/n:1", "mirror.z/xy/n:1", true },
	{ REMAP("mirror.z/x", "q.io"), "mirror.z/xy/n:1", "q.ioy/n:1", false },
	{ REMAP("mirror.z:5000", "q.io/ns"), "mirror.z:5000/n:1", "q.io/ns/n:1", true },
	{ REMAP("mirror.z", "q.io"), "mirror.z/n@" D256, "q.io/n:9", true },
	{ REMAP("mirror.z/n", "q.io/m"), "mirror.z/n:1", "q.io/m:1", true },
	{ REMAP("mirror.z", "q.io"), "other.z/n:1", "other.z/n:1", true },
	{ REMAP("mirror.z/n", "m"), "mirror.z/n:1", "m:1", false }, /* a short name is no name */
	{ REMAP("mirror.z", "q.io"), "", "q.io/n:1", false },
};

static void test_identities(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(identities); i++) {
		CLEANUP(js_put_p) struct json_object *o = NULL;
		CLEANUP(policy_identity_done) struct policy_identity id = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;

		if (js_parse(str_from(identities[i].identity), "row", &o, &err) < 0 || policy_identity_parse(o, &id, &err) < 0)
			row_fail(identities[i].identity, "%s", err.text);
		if (policy_identity_matches(&id, identities[i].image, identities[i].in_signature) != identities[i].want)
			row_fail(identities[i].identity, "image \"%s\", signed for \"%s\": not %s", identities[i].image, identities[i].in_signature,
				 identities[i].want ? "accepted" : "refused");
	}
}

/* ---- decisions that need no signature ------------------------------------------------------------------------------------- */

static int no_signatures(struct image_source *s, const char *instance, struct strv *ret, struct error *err)
{
	(void)s;
	(void)instance;
	(void)ret;
	(void)err;
	return 0;
}

static const struct image_source_ops unsigned_ops = { .signatures = no_signatures }, bare_ops = { 0 };

#define SIGNED "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"/none\"}"

static const struct {
	const char *requirements, *want;
} decisions[] = {
	{ OK, NULL },
	{ OK "," OK, NULL },
	{ NO, "Source image rejected: Running image docker://q.io/n:1 is rejected by policy." },
	{ OK "," NO, "Source image rejected: Running image docker://q.io/n:1 is rejected by policy." },
	{ NO "," OK, "Source image rejected: Running image docker://q.io/n:1 is rejected by policy." },
	{ SIGNED, "Source image rejected: A signature was required, but no signature exists" },
	{ "{\"type\":\"sigstoreSigned\",\"keyPath\":\"/none\"}", "Source image rejected: A signature was required, but no signature exists" },
	{ "{\"type\":\"signedBy\",\"keyType\":\"X509Certificates\",\"keyPath\":\"/none\"}",
	  "Source image rejected: Unimplemented \"keyType\" value \"X509Certificates\"" },
	{ "{\"type\":\"sigstoreSigned\",\"fulcio\":{}}",
	  "Source image rejected: sigstoreSigned with \"fulcio\" can't be checked by this program, which knows keys only" },
	{ "{\"type\":\"sigstoreSigned\",\"keyPath\":\"/k\",\"rekorPublicKeyData\":\"Zm9v\"}",
	  "Source image rejected: sigstoreSigned with \"rekorPublicKeyData\" can't be checked by this program, which knows keys only" },
	{ "{\"type\":\"signedBaseLayer\",\"baseLayerIdentity\":{\"type\":\"matchExact\"}}", "Source image rejected: signedBaseLayer not implemented yet!" },
};

static void test_decisions(void **state)
{
	struct image_source from = { .name = (char *)"docker://q.io/n:1", .policy_transport = (char *)"docker", .policy_scope = (char *)"q.io/n:1",
				     .reference = (char *)"q.io/n:1" };
	const struct registry_manifest m = { .digest = D256 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(decisions) * 2; i++) {
		CLEANUP(policy_close_p) struct policy *p = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
		const char *want = decisions[i / 2].want;
		int r;

		buf_addf(&text, "{\"default\":[%s]}", decisions[i / 2].requirements);
		if (policy_parse(buf_str(&text), "p", &p, &err) < 0)
			row_fail(buf_z(&text), "%s", err.text);
		from.ops = i % 2 ? &unsigned_ops : &bare_ops;
		r = policy_check(p, &from, NULL, &m, &err);
		if ((r == 0) != !want || (want && (r != -ERR_AUTH || strcmp(err.text, want) != 0)))
			row_fail(buf_z(&text), "%d \"%s\"", r, r < 0 ? err.text : "");
	}
	assert_int_equal(policy_check(NULL, &from, NULL, &m, NULL), 0);
}

/* ---- places --------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *program, *want;
} prefixes[] = {
	{ "/opt/homebrew/Cellar/farpod/1.0/bin/podman", "/opt/homebrew" },
	{ "/opt/homebrew/bin/podman", "/opt/homebrew" },
	{ "/usr/local/Cellar/farpod/1.0/libexec/podman", "/usr/local" },
	{ "/usr/local/bin/skopeo", "/usr/local" },
	{ "/usr/bin/skopeo", NULL },
	{ "/bin/skopeo", NULL },
	{ "/home/me/build/podman", NULL },
	{ "skopeo", NULL },
};

static void test_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		CLEANUP(free_p) char *got = policy_prefix_of(prefixes[i].program);

		if ((got == NULL) != (prefixes[i].want == NULL) || (got && strcmp(got, prefixes[i].want) != 0))
			row_fail(prefixes[i].program, "%s", got ? got : "none");
	}
}

static void test_files(void **state)
{
	CLEANUP(scratch_done) struct scratch home = SCRATCH_INIT;
	CLEANUP(free_p) char *folder = NULL;
	CLEANUP(free_p) char *file = NULL;
	CLEANUP(policy_close_p) struct policy *p = NULL;
	CLEANUP(strv_done) struct strv searched = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(scratch_open("policy", &home, &err), 0);
	setenv("XDG_CONFIG_HOME", home.path, 1);
	folder = path_join(home.path, "containers");
	file = path_join(folder, "policy.json");
	assert_int_equal(path_make_dirs(folder, 0700, &err), 0);

	assert_int_equal(policy_read(file, &p, NULL, &err), -ERR_NOT_FOUND);
	assert_true(strstr(err.text, file) != NULL);
	error_clear(&err);
	if (access("/etc/containers/policy.json", F_OK) != 0) {
		assert_int_equal(policy_read(NULL, &p, &searched, &err), 0);
		assert_null(p);
		assert_true(searched.n >= 2);
		assert_string_equal(searched.v[0], file);
		assert_string_equal(searched.v[searched.n - 1], "/etc/containers/policy.json");
	}
	assert_int_equal(path_write_atomic(file, STR("{\"default\":[{\"type\":\"reject\"}]}"), 0600, &err), 0);
	assert_int_equal(policy_read(NULL, &p, &searched, &err), 0);
	assert_non_null(p);
	assert_int_equal(p->dflt.v[0].kind, REQUIRE_REJECT);
	policy_close_p(&p);

	/* One that is wrong is not passed over. */
	assert_int_equal(path_write_atomic(file, STR("{\"default\":[]}"), 0600, &err), 0);
	assert_int_equal(policy_read(NULL, &p, &searched, &err), -ERR_USAGE);
	assert_null(p);
	assert_true(strstr(err.text, "invalid policy in \"") == err.text && strstr(err.text, file));
	unsetenv("XDG_CONFIG_HOME");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),     cmocka_unit_test(test_scopes), cmocka_unit_test(test_identities),
		cmocka_unit_test(test_decisions), cmocka_unit_test(test_prefixes), cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
