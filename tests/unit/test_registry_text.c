/* The texts of a registry: challenges, links, addresses, times, kinds of manifests. */
#include "unit.h"

#include "base/digest.h"
#include "registry/call.h"
#include "registry/challenge.h"
#include "registry/manifest_type.h"
#include "registry/page.h"
#include "registry/retry.h"
#include "registry/url.h"

static const struct {
	const char *value;
	enum reg_scheme scheme;
	const char *realm, *service, *scope;
} challenges[] = {
	{ "Basic realm=\"Registry Realm\"", REG_AUTH_BASIC, "Registry Realm", NULL, NULL },
	{ "basic", REG_AUTH_BASIC, NULL, NULL, NULL },
	{ "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:library/busybox:pull,push\"", REG_AUTH_BEARER,
	  "https://auth.docker.io/token", "registry.docker.io", "repository:library/busybox:pull,push" },
	{ "BEARER REALM = \"r\" , Service=s,scope = \"x\"", REG_AUTH_BEARER, "r", "s", "x" },
	{ "Bearer realm=https://auth/token?a=b,service=s", REG_AUTH_BEARER, "https://auth/token?a=b", "s", NULL },
	{ "Bearer realm=\"a \\\"quoted\\\" \\\\ one\"", REG_AUTH_BEARER, "a \"quoted\" \\ one", NULL, NULL },
	{ "Bearer realm=\"no end", REG_AUTH_BEARER, "no end", NULL, NULL },
	{ "Bearer realm=\"\",error=\"invalid_token\"", REG_AUTH_BEARER, "", NULL, NULL },
	{ "Bearer realm=\"one\",realm=\"two\"", REG_AUTH_BEARER, "one", NULL, NULL },
	{ "Bearer realm=\"one\", Basic realm=\"two\"", REG_AUTH_BEARER, "one", NULL, NULL },
	{ "Basic realm=\"one\", Bearer realm=\"two\",service=\"s\"", REG_AUTH_BASIC, "one", NULL, NULL },
	{ "Negotiate, Bearer realm=\"r\"", REG_AUTH_BEARER, "r", NULL, NULL },
	{ "Negotiate YII/abc==, Basic realm=\"r\"", REG_AUTH_BASIC, "r", NULL, NULL },
	{ "Digest realm=\"Basic realm=x\", nonce=\"a,b\", Basic realm=\"r\"", REG_AUTH_BASIC, "r", NULL, NULL },
	{ ",, Basic realm=r ,,", REG_AUTH_BASIC, "r", NULL, NULL },
	{ "Digest realm=\"x\"", REG_AUTH_NONE, NULL, NULL, NULL },
	{ "", REG_AUTH_NONE, NULL, NULL, NULL },
	{ "=,=\"", REG_AUTH_NONE, NULL, NULL, NULL },
	{ "Basically realm=\"x\"", REG_AUTH_NONE, NULL, NULL, NULL },
};

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void test_challenges(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(challenges); i++) {
		CLEANUP(reg_challenge_done) struct reg_challenge c = { 0 };
		bool found = reg_challenge_parse(str_from(challenges[i].value), &c);

		if (found != (challenges[i].scheme != REG_AUTH_NONE) || c.scheme != challenges[i].scheme || !same(c.realm, challenges[i].realm) ||
		    !same(c.service, challenges[i].service) || !same(c.scope, challenges[i].scope))
			row_fail(challenges[i].value, "scheme %d, realm %s, service %s, scope %s", c.scheme, c.realm, c.service, c.scope);
	}
}

static const struct {
	const char *value, *next;
} links[] = {
	{ "</v2/a/tags/list?n=1&last=x>; rel=\"next\"", "/v2/a/tags/list?n=1&last=x" },
	{ "</v2/a>;rel=next", "/v2/a" },
	{ "<https://other:5000/v2/a?x=1>; rel=\"next\"", "/v2/a?x=1" },
	{ "<//other/v2/a>; rel=next", "/v2/a" },
	{ "<http://other?x>; rel=next", "?x" },
	{ "<HTTPS://other/v2/a>; rel=next", "/v2/a" },
	{ "<https://other//evil/a>; rel=next", "/evil/a" },
	{ "<///evil/a>; rel=next", "/evil/a" },
	{ "<v2/a?b=c:d>; rel=next", "v2/a?b=c:d" },
	{ "</a>; rel=\"prev\", </b>; title=\"x; rel=next\"; rel=\"NEXT\"", "/b" },
	{ "</a>; rel=\"first next\"", "/a" },
	{ "</a;b,c>; REL = next", "/a;b,c" },
	{ "</a>", NULL },
	{ "</a>; rel=nextish", NULL },
	{ "</a; rel=next", NULL },
	{ "/a; rel=next", NULL },
	{ "<>; rel=next", NULL },
	{ "<https://other>; rel=next", NULL },
	{ "", NULL },
};

static void test_links(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		struct str next = STR("");
		bool found = reg_link_next(str_from(links[i].value), &next);

		if (found != (links[i].next != NULL) || (found && !str_eq_z(next, links[i].next)))
			row_fail(links[i].value, "gave \"%.*s\"", STR_ARG(next));
	}
}

static const struct {
	const char *base, *location, *url; /* NULL: refused */
} addresses[] = {
	{ "https://h/v2/", "/x?y=1", "https://h/x?y=1" },
	{ "https://h/v2/a", "b", "https://h/v2/b" },
	{ "https://h:5000/v2/", "https://other/x", "https://other/x" },
	{ "https://h/v2/", "//other/x", "https://other/x" },
	{ "https://h/a?b", "?c", "https://h/a?c" },
	{ "https://h/", "/a#part", "https://h/a" },
	{ NULL, "https://h/x y", "https://h/x%20y" },
	{ NULL, "/x", NULL },
	{ NULL, "ftp://h/x", NULL },
	{ NULL, "file:///etc/passwd", NULL },
	{ NULL, "https://user:word@h/", NULL },
	{ NULL, "https://h:99999/", NULL },
	{ NULL, "https://h/\r\nX: y", NULL },
};

static void test_addresses(void **state)
{
	const struct reg_lib *lib;

	(void)state;
	assert_int_equal(reg_lib_get(&lib, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		CLEANUP(free_p) char *url = NULL;
		int r = reg_url_resolve(lib, addresses[i].base, addresses[i].location, &url, NULL);

		if (addresses[i].url ? r != 0 || strcmp(url, addresses[i].url) != 0 : r != -ERR_PROTOCOL)
			row_fail(addresses[i].location, "%d: %s", r, url ? url : "");
	}
}

static const struct {
	const char *a, *b;
	bool same;
} origins[] = {
	{ "https://h/a", "https://h/b", true },
	{ "https://h/a", "https://H:443/b", true },
	{ "http://h", "http://h:80/", true },
	{ "https://h", "http://h", false },
	{ "https://h", "https://h:5000", false },
	{ "https://h", "https://h.evil", false },
	{ "https://h", "https://evil/h", false },
	{ "https://h", "nothing", false },
};

static void test_origins(void **state)
{
	const struct reg_lib *lib;

	(void)state;
	assert_int_equal(reg_lib_get(&lib, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(origins); i++)
		if (reg_url_same_origin(lib, origins[i].a, origins[i].b) != origins[i].same)
			row_fail(origins[i].b, "is the same as %s: %d", origins[i].a, !origins[i].same);
	assert_true(reg_url_is_downgrade("https://h/", "http://h/"));
	assert_false(reg_url_is_downgrade("https://h/", "HTTPS://h/"));
	assert_false(reg_url_is_downgrade("http://h/", "http://h/"));
}

static const struct {
	const char *url;
	bool loopback;
} loopbacks[] = {
	{ "http://localhost", true },       { "https://localhost:5000/v2/", true }, { "http://127.0.0.1:5000/", true },     { "http://[::1]:5000/", true },
	{ "http://127.1.2.3/", true },      { "http://localhost.evil/", false },   { "http://127.0.0.1.evil:80/", false }, { "http://h/localhost", false },
	{ "http://128.0.0.1/", false },
};

static void test_loopback(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(loopbacks); i++)
		if (reg_url_is_loopback(loopbacks[i].url) != loopbacks[i].loopback)
			row_fail(loopbacks[i].url, "loopback: %d", !loopbacks[i].loopback);
}

#define NOW INT64_C(1445412480) /* Wed, 21 Oct 2015 07:28:00 GMT */

static const struct {
	const char *value;
	unsigned ms;
} waits[] = {
	{ "3", 3000 },     { "0", 0 },  { "-5", 0 }, { "60", 60000 }, { "86400", 60000 }, { "99999999999999999999", 0 }, { "soon", 0 },
	{ "", 0 },         { "Wed, 21 Oct 2015 07:28:07 GMT", 7000 }, { "Wed, 21 Oct 2015 07:27:00 GMT", 0 }, { "Wed, 21 Oct 2099 07:28:00 GMT", 60000 },
};

static void test_waits(void **state)
{
	const struct reg_lib *lib;

	(void)state;
	assert_int_equal(reg_lib_get(&lib, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(waits); i++)
		if (reg_retry_after_ms(lib, str_from(waits[i].value), NOW) != waits[i].ms)
			row_fail(waits[i].value, "%u ms", reg_retry_after_ms(lib, str_from(waits[i].value), NOW));
}

#define DOCKER "application/vnd.docker.distribution.manifest."
#define OCI "application/vnd.oci.image."
#define CONFIG(type) "\"schemaVersion\":2,\"config\":{\"mediaType\":\"" type "\"}"

static const struct {
	const char *told, *text, *type;
} kinds[] = {
	{ DOCKER "v2+json; charset=utf-8", "", DOCKER "v2+json" },
	{ "application/x-unknown", "{}", "application/x-unknown" },
	{ "text/plain; charset=utf-8", "{\"mediaType\":\"" OCI "index.v1+json\"}", OCI "index.v1+json" },
	{ NULL, "{\"schemaVersion\":1}", DOCKER "v1+json" },
	{ NULL, "{\"schemaVersion\":1,\"signatures\":[{}]}", DOCKER "v1+prettyjws" },
	{ "application/json", "{" CONFIG("application/vnd.docker.container.image.v1+json") "}", DOCKER "v2+json" },
	{ "", "{" CONFIG(OCI "config.v1+json") "}", OCI "manifest.v1+json" },
	{ NULL, "{\"schemaVersion\":2,\"manifests\":[{}]}", OCI "index.v1+json" },
	{ NULL, "{\"mediaType\":\"x\",\"schemaVersion\":3}", "" },
	{ NULL, "no json", "" },
};

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		CLEANUP(free_p) char *type = reg_manifest_type(kinds[i].told, str_from(kinds[i].text));

		if (!type || strcmp(type, kinds[i].type) != 0)
			row_fail(kinds[i].text, "is %s", type ? type : "nothing");
	}
}

/* The digest of what was signed: {"a": 1} and "\n}", of which the header of the signature tells. */
static void test_signed_digest(void **state)
{
	static const char text[] = "{\n \"a\": 1,\n \"signatures\":[{\"protected\":\"eyJmb3JtYXRMZW5ndGgiOjksImZvcm1hdFRhaWwiOiJDbjAifQ\"}]\n}";
	static const char bad[] = "{\"signatures\":[{\"protected\":\"eyJmb3JtYXRMZW5ndGgiOjk5OTk5LCJmb3JtYXRUYWlsIjoiQ24wIn0\"}]}";
	char got[DIGEST_MAX], want[DIGEST_MAX];

	(void)state;
	digest_of(STR("{\n \"a\": 1\n}"), want);
	assert_int_equal(reg_manifest_digest(DOCKER "v1+prettyjws", str_from(text), NULL, got, NULL), 0);
	assert_string_equal(got, want);
	assert_int_equal(reg_manifest_digest(DOCKER "v1+prettyjws", str_from(bad), NULL, got, NULL), -ERR_PROTOCOL);
	digest_of(str_from(text), want);
	assert_int_equal(reg_manifest_digest(DOCKER "v2+json", str_from(text), NULL, got, NULL), 0);
	assert_string_equal(got, want);
}

static void test_hosts(void **state)
{
	static const struct {
		const char *host;
		int ret;
	} hosts[] = { { "quay.io", 0 }, { "docker.io", 0 },	 { "[::1]:5000", 0 },		  { "127.0.0.1:5000", 0 },  { "", -ERR_USAGE },
		      { "a/b", -ERR_USAGE }, { "a@b", -ERR_USAGE }, { "a b", -ERR_USAGE }, { "a\r\nb", -ERR_USAGE }, { "a?b", -ERR_USAGE } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		CLEANUP(registry_close_p) struct registry *r = NULL;

		if (registry_open(hosts[i].host, &(struct registry_options){ 0 }, &r, NULL) != hosts[i].ret)
			row_fail(hosts[i].host, "not %d", hosts[i].ret);
		if (strcmp(hosts[i].host, "docker.io") == 0)
			assert_string_equal(r->host, "registry-1.docker.io");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_challenges), cmocka_unit_test(test_links), cmocka_unit_test(test_addresses),     cmocka_unit_test(test_origins),
		cmocka_unit_test(test_loopback),   cmocka_unit_test(test_waits), cmocka_unit_test(test_kinds),         cmocka_unit_test(test_signed_digest),
		cmocka_unit_test(test_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
