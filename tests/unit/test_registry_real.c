/* The registry room on the distribution's docker-registry: plain, with TLS and htpasswd, and with a token service. Skipped where that is not
 * installed. */
#include "unit.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/js.h"
#include "base/proc.h"
#include "config/auth.h"
#include "registry/registry.h"

#ifndef TOKEN_SERVER
#define TOKEN_SERVER "registry-token-server"
#endif

/* Starts all three, tells where they are, and ends them when nobody is there any more. */
static const char script[] = "set -u; token_server=$2\n"
			     ". \"$1/hosts.sh\"; . \"$1/registry.sh\"\n"
			     "registry_can_run || { echo \"skip $registry_why\"; exit 0; }\n"
			     "trap hosts_end EXIT; hosts_new\n"
			     "for variant in plain tls bearer; do\n"
			     "	registry_start $variant $variant || { echo \"fail $variant: $(tail -n 3 \"$registry_dir\"/*log)\"; exit 1; }\n"
			     "	echo \"$variant $registry_host\"\n"
			     "done\n"
			     "echo \"certs $registry_certs\"; echo ready; cat >/dev/null\n";

static struct {
	char plain[64], tls[64], bearer[64], certs[256];
} lab;

static struct credentials alice = { .username = (char[]){ "alice" }, .password = (char[]){ "correct:horse battery" } };
static struct credentials stranger = { .username = (char[]){ "alice" }, .password = (char[]){ "wrong" } };
static struct credentials token_only = { .identity_token = (char[]){ "identity-of-alice" } };

static const struct variant {
	const char *name, *host;
	bool insecure;
	const struct credentials *credentials;
	bool guarded;
	const char *other; /* a repository that has nothing before */
} variants[] = {
	{ "plain", lab.plain, true, NULL, false, "team/other" },
	{ "tls and htpasswd", lab.tls, false, &alice, true, "team/other" },
	{ "bearer", lab.bearer, false, &alice, true, "team/other" },
	{ "bearer with an identity token", lab.bearer, false, &token_only, true, "team/another" },
};

static struct registry *open_as(const struct variant *v, const struct credentials *c)
{
	struct registry_options o = { .credentials = c, .insecure = v->insecure, .cert_dir = v->insecure ? NULL : lab.certs, .tries = 1 };
	struct registry *r = NULL;

	assert_int_equal(registry_open(v->host, &o, &r, NULL), 0);
	return r;
}

#define MUST(row, call)                                                                                                                                     \
	do {                                                                                                                                                \
		CLEANUP(error_done) struct error failure = ERROR_INIT;                                                                                      \
		if ((call) < 0)                                                                                                                             \
			row_fail(row, "%s: %s", #call, failure.text);                                                                                        \
	} while (0)

/* A source of n bytes that are not all the same, and goes back to its begin. */
struct bulk {
	int64_t n, at;
};

static ssize_t bulk_read(void *ctx, void *p, size_t n, struct error *err)
{
	struct bulk *b = ctx;
	unsigned char *to = p;

	(void)err;
	if ((int64_t)n > b->n - b->at)
		n = (size_t)(b->n - b->at);
	for (size_t i = 0; i < n; i++, b->at++)
		to[i] = (unsigned char)(b->at * 2654435761 >> 13);
	return (ssize_t)n;
}

static int bulk_rewind(void *ctx, struct error *err)
{
	(void)err;
	((struct bulk *)ctx)->at = 0;
	return 0;
}

static void bulk_digest(int64_t size, char ret[DIGEST_MAX])
{
	CLEANUP(digest_close_p) struct digest *d = NULL;
	struct bulk b = { .n = size };
	char piece[4096];

	assert_int_equal(digest_open(NULL, &d, NULL), 0);
	for (ssize_t n; (n = bulk_read(&b, piece, sizeof piece, NULL)) > 0;)
		digest_add(d, piece, (size_t)n);
	digest_end(d, ret);
}

/* Pushes n bytes, announced or not. */
static void push(const struct variant *v, struct registry *r, const char *path, int64_t n, bool announced, char digest[DIGEST_MAX])
{
	struct bulk b = { .n = n };
	struct blob_upload u = { .source = { bulk_read, &b, announced ? n : -1 }, .rewind = bulk_rewind };
	char want[DIGEST_MAX];
	int64_t size = -1;

	bulk_digest(n, want);
	u.digest = announced ? want : NULL;
	MUST(v->name, registry_blob_put(r, path, &u, digest, &size, &failure));
	assert_string_equal(digest, want);
	assert_int_equal(size, n);
}

static int count(void *ctx, const void *p, size_t n, struct error *err)
{
	(void)p;
	(void)err;
	*(int64_t *)ctx += (int64_t)n;
	return 0;
}

static void blobs_of(const struct variant *v)
{
	static const int64_t sizes[] = { 0, 1, 65536, 3000001 };
	CLEANUP(registry_close_p) struct registry *r = open_as(v, v->credentials);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char digest[DIGEST_MAX];

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		for (int announced = 0; announced < 2; announced++) {
			int64_t size = -1, got = 0;

			push(v, r, "team/app", sizes[i], announced, digest);
			assert_int_equal(registry_blob_head(r, "team/app", digest, &size, NULL), 1);
			assert_int_equal(size, sizes[i]);
			MUST(v->name, registry_blob_get(r, "team/app", digest, sizes[i], &(struct byte_sink){ count, &got }, &failure));
			assert_int_equal(got, sizes[i]);
		}
	}
	assert_int_equal(registry_blob_head(r, v->other, digest, NULL, NULL), 0);
	assert_int_equal(registry_blob_mount(r, v->other, digest, "team/app", NULL), 1);
	assert_int_equal(registry_blob_head(r, v->other, digest, NULL, NULL), 1);
	bulk_digest(77, digest);
	assert_int_equal(registry_blob_mount(r, v->other, digest, "team/app", NULL), 0);
	assert_int_equal(registry_blob_get(r, "team/app", digest, 77, &(struct byte_sink){ count, &(int64_t){ 0 } }, &err), -ERR_NOT_FOUND);
}

static void test_blobs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(variants); i++)
		blobs_of(&variants[i]);
}

#define MANIFEST_TYPE "application/vnd.docker.distribution.manifest.v2+json"

static void make_manifest(struct buf *out, const char *config, int config_size, const char *layer, int layer_size)
{
	buf_addf(out,
		 "{\"schemaVersion\":2,\"mediaType\":\"" MANIFEST_TYPE "\",\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\","
		 "\"size\":%d,\"digest\":\"%s\"},\"layers\":[{\"mediaType\":\"application/vnd.docker.image.rootfs.diff.tar.gzip\",\"size\":%d,"
		 "\"digest\":\"%s\"}]}",
		 config_size, config, layer_size, layer);
}

static void manifests_of(const struct variant *v)
{
	CLEANUP(registry_close_p) struct registry *r = open_as(v, v->credentials);
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 }, again = { 0 };
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(strv_done) struct strv tags = { 0 };
	char config[DIGEST_MAX], layer[DIGEST_MAX], digest[DIGEST_MAX];

	push(v, r, "public/app", 500, true, config);
	push(v, r, "public/app", 900, true, layer);
	make_manifest(&text, config, 500, layer, 900);
	MUST(v->name, registry_manifest_put(r, "public/app", "v1", MANIFEST_TYPE, buf_str(&text), &failure));
	MUST(v->name, registry_manifest_put(r, "public/app", "v2", MANIFEST_TYPE, buf_str(&text), &failure));
	MUST(v->name, registry_manifest_get(r, "public/app", "v1", &m, &failure));
	assert_true(str_eq(buf_str(&m.bytes), buf_str(&text)));
	assert_string_equal(m.type, MANIFEST_TYPE);
	assert_int_equal(registry_manifest_head(r, "public/app", "v2", digest, NULL), 1);
	assert_string_equal(digest, m.digest);
	MUST(v->name, registry_manifest_get(r, "public/app", digest, &again, &failure));
	MUST(v->name, registry_tags(r, "public/app", &tags, &failure));
	assert_int_equal(tags.n, 2);
	assert_int_equal(registry_manifest_head(r, "public/app", "v3", digest, NULL), 0);
	assert_int_equal(registry_manifest_get(r, "public/app", "v3", &again, &err), -ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "reading manifest v3 in 127.0.0.1:"));
	assert_non_null(strstr(err.text, "/public/app: manifest unknown: manifest unknown"));
	assert_int_equal(registry_tags(r, "public/none", &tags, &err), -ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "invalid status code from registry 404 (Not Found)"));
}

static void deletion_of(const struct variant *v)
{
	CLEANUP(registry_close_p) struct registry *r = open_as(v, v->credentials);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char digest[DIGEST_MAX];

	assert_int_equal(registry_manifest_head(r, "public/app", "v1", digest, NULL), 1);
	MUST(v->name, registry_manifest_delete(r, "public/app", digest, &failure));
	assert_int_equal(registry_manifest_head(r, "public/app", "v2", digest, NULL), 0);
	assert_int_equal(registry_manifest_delete(r, "public/app", digest, &err), -ERR_NOT_FOUND);
}

static void test_manifests(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		manifests_of(&variants[i]);
		deletion_of(&variants[i]);
	}
}

static void test_bad_manifest(void **state)
{
	CLEANUP(registry_close_p) struct registry *r = open_as(&variants[0], NULL);
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(registry_manifest_put(r, "team/app", "bad", MANIFEST_TYPE, STR("{}"), &err), -ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "manifest invalid"));
}

static void test_login(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		const struct variant *v = &variants[i];
		CLEANUP(registry_close_p) struct registry *good = open_as(v, v->credentials);
		CLEANUP(registry_close_p) struct registry *bad = open_as(v, &stranger);
		CLEANUP(error_done) struct error refused = ERROR_INIT;

		MUST(v->name, registry_login(good, &failure));
		if (!v->guarded)
			continue;
		if (registry_login(bad, &refused) != -ERR_AUTH)
			row_fail(v->name, "a wrong password is good");
		assert_string_equal(refused.text, "invalid username/password");
	}
}

static void test_anonymous(void **state)
{
	CLEANUP(registry_close_p) struct registry *tls = open_as(&variants[1], NULL);
	CLEANUP(registry_close_p) struct registry *bearer = open_as(&variants[2], NULL);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	struct bulk b = { .n = 10 };
	struct blob_upload u = { .source = { bulk_read, &b, -1 } };
	char digest[DIGEST_MAX];

	(void)state;
	assert_int_equal(registry_manifest_get(tls, "public/app", "v9", &m, &err), -ERR_AUTH);
	assert_non_null(strstr(err.text, "unauthorized: authentication required"));
	/* The token service lets everybody pull there, so the answer is the registry's own. */
	assert_int_equal(registry_manifest_get(bearer, "public/app", "v9", &m, &err), -ERR_NOT_FOUND);
	assert_int_equal(registry_manifest_get(bearer, "team/app", "v9", &m, &err), -ERR_AUTH);
	assert_int_equal(registry_blob_put(bearer, "public/app", &u, digest, NULL, &err), -ERR_AUTH);
}

static void test_search(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		CLEANUP(registry_close_p) struct registry *r = open_as(&variants[i], variants[i].credentials);
		CLEANUP(js_put_p) struct json_object *found = NULL;

		MUST(variants[i].name, registry_search(r, variants[i].other, 25, &found, &failure));
		assert_int_equal(js_len(found), 1);
		assert_string_equal(js_get_str(js_at(found, 0), "Name", ""), variants[i].other);
	}
}

/* Whom we believe, and that nothing is sent in clear unasked. */
static void test_connections(void **state)
{
	const struct {
		const char *host;
		bool insecure;
		const char *text; /* NULL: works */
	} cases[] = {
		{ lab.tls, false, "x509: certificate signed by unknown authority" },
		{ lab.tls, true, NULL },
		{ lab.plain, false, "http: server gave HTTP response to HTTPS client" },
		{ lab.plain, true, NULL },
		{ "127.0.0.1:1", false, "dial tcp 127.0.0.1:1: connect: connection refused" },
		{ "no-such-host.invalid", false, "lookup no-such-host.invalid: no such host" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(registry_close_p) struct registry *r = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct registry_options o = { .credentials = &alice, .insecure = cases[i].insecure };
		int ret;

		assert_int_equal(registry_open(cases[i].host, &o, &r, NULL), 0);
		ret = registry_login(r, &err);
		if (cases[i].text ? ret != -ERR_CONNECT || !strstr(err.text, cases[i].text) : ret != 0)
			row_fail(cases[i].host, "%d: %s", ret, err.text);
	}
}

/* Fills lab. Exit status of a test that can't run: 77. */
static int read_lab(int fd)
{
	CLEANUP(buf_done) struct buf in = BUF_INIT(64 * 1024);
	char piece[1024], why[512];
	ssize_t n;

	while (!strstr(buf_z(&in), "ready\n") && (n = read(fd, piece, sizeof piece)) > 0)
		buf_add_bytes(&in, piece, (size_t)n);
	if (sscanf(buf_z(&in), "skip %511[^\n]", why) == 1) {
		printf("skipped: %s\n", why);
		return 77;
	}
	if (sscanf(buf_z(&in), "plain %63s\ntls %63s\nbearer %63s\ncerts %255[^\n]", lab.plain, lab.tls, lab.bearer, lab.certs) == 4)
		return 0;
	printf("the registries did not start: %s\n", buf_z(&in));
	return 1;
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login),        cmocka_unit_test(test_blobs),  cmocka_unit_test(test_manifests), cmocka_unit_test(test_bad_manifest),
		cmocka_unit_test(test_anonymous),    cmocka_unit_test(test_search), cmocka_unit_test(test_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char[sizeof script]){ 0 }, (char[]){ "sh" }, (char[]){ TEST_DATA "/../system" }, (char[]){ TOKEN_SERVER }, NULL };
	pid_t pid;
	int fd, status;

	memcpy(argv[2], script, sizeof script);
	if (proc_bridge(argv, &fd, &pid, NULL) < 0)
		return 1;
	status = read_lab(fd);
	if (status == 0)
		status = run_all();
	shutdown(fd, SHUT_WR);
	while (read(fd, &(char){ 0 }, 1) > 0)
		;
	close(fd);
	waitpid(pid, NULL, 0);
	return status;
}
