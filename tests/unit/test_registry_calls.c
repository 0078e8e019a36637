/* Requests to a registry: first contact, credentials, tokens, repetition, refusals, lists. */
#include "registry_peer.h"

#include "base/js.h"

static int get_path(struct registry *r, const char *path, const char *version, struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	int ret = registry_manifest_get(r, path, version, &m, err);

	if (ret == 0)
		buf_add(&seen.got, buf_str(&m.bytes));
	return ret;
}

static int get(struct registry *r, struct error *err)
{
	return get_path(r, "t/a", "v1", err);
}

static int get_twice(struct registry *r, struct error *err)
{
	int ret = get(r, err);

	return ret < 0 ? ret : get(r, err);
}

static int get_of_two(struct registry *r, struct error *err)
{
	int ret = get(r, err);

	return ret < 0 ? ret : get_path(r, "t/b", "v1", err);
}

/* The token's time is over in between. */
static int get_late(struct registry *r, struct error *err)
{
	int ret = get(r, err);

	assert_int_equal(r->tokens.n, 1);
	assert_true(r->tokens.kept[0].expires_ms > clock_ms() + 50000);
	r->tokens.kept[0].expires_ms = clock_ms();
	return ret < 0 ? ret : get(r, err);
}

static int push_and_read(struct registry *r, struct error *err)
{
	int ret = registry_manifest_put(r, "t/a", "v1", "application/vnd.oci.image.manifest.v1+json", STR("{}"), err);

	return ret < 0 ? ret : get(r, err);
}

static int get_zeros(struct registry *r, struct error *err)
{
	return get_path(r, "t/a", "sha256:0000000000000000000000000000000000000000000000000000000000000000", err);
}

static int head(struct registry *r, struct error *err)
{
	char digest[DIGEST_MAX];
	int ret = registry_manifest_head(r, "t/a", "v1", digest, err);

	if (ret == 1)
		buf_add_z(&seen.got, digest);
	return ret;
}

static int put(struct registry *r, struct error *err)
{
	return registry_manifest_put(r, "t/a", "v1", "application/vnd.oci.image.manifest.v1+json", STR("{\"a\":1}"), err);
}

static int delete(struct registry *r, struct error *err)
{
	return registry_manifest_delete(r, "t/a", "sha256:00", err);
}

static int bad_path(struct registry *r, struct error *err)
{
	return get_path(r, "t/../../secret", "v1", err);
}

#define MANIFEST "GET /v2/t/a/manifests/v1 "
#define UNAUTHORIZED "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}"

static const struct row requests[] = {
	{ "plain", { PING, { MANIFEST, .holds = "Accept: application/vnd.oci.image.index.v1+json\r\n", .status = 200, .body = "{}" } }, get, 0, .got = "{}" },
	/* Without the question how. */
	{ "hasty", { { MANIFEST, .lacks = "Authorization", .status = 200, .body = "{}", .times = 2 } }, get_twice, 0, .anonymous = true, .hasty = true },
	{ "hasty, with credentials", { PING_BASIC, { MANIFEST, .holds = BASIC_ALICE, .status = 200, .body = "{}" } }, get, 0, .hasty = true },
	{ "hasty, a token is wanted",
	  { { MANIFEST, .status = 401, .headers = "WWW-Authenticate: Bearer realm=\"http://%O/token\"\r\n" },
	    { "GET /token?scope=repository:t/a:pull ", .on = 1, .status = 200, .body = "{\"token\":\"one\"}" },
	    { MANIFEST, .holds = "Authorization: Bearer one\r\n", .status = 200, .body = "{}" } },
	  get, 0, .anonymous = true, .hasty = true },
	{ "hasty, a token is wanted and not said so",
	  { { MANIFEST, .status = 404 }, PING_BEARER, { "GET /token?x=1&service=here,%20there&scope=repository:t/a:pull ", .on = 1, .status = 200, .body = "{\"token\":\"one\"}" },
	    { MANIFEST, .holds = "Authorization: Bearer one\r\n", .status = 200, .body = "{}" } },
	  get, 0, .anonymous = true, .hasty = true },
	{ "hasty, not there", { { MANIFEST, .status = 404 }, PING, { MANIFEST, .status = 404 } }, get, -ERR_NOT_FOUND, "reading manifest v1 in ", .anonymous = true,
	  .hasty = true },
	{ "hasty, a PUT is not", { PING, { "PUT ", .status = 201 } }, put, 0, .anonymous = true, .hasty = true },
	{ "one ping", { PING, { MANIFEST, .status = 200, .body = "{}", .times = 2 } }, get_twice, 0 },
	{ "no registry", { { "GET /v2/ ", .status = 404, .body = "<html>" } }, get, -ERR_PROTOCOL, ": invalid status code from registry 404 (Not Found)" },
	{ "basic", { PING_BASIC, { MANIFEST, .holds = BASIC_ALICE, .status = 200, .body = "{}" } }, get, 0 },
	{ "wrong password",
	  { PING_BASIC, { MANIFEST, .status = 401, .headers = "WWW-Authenticate: Basic realm=x\r\n", .body = UNAUTHORIZED } },
	  get, -ERR_AUTH, "reading manifest v1 in 127.0.0.1:" },
	{ "a refusal without challenge", { PING, { MANIFEST, .status = 401 } }, get, -ERR_AUTH, "/t/a: unauthorized: authentication required" },
	{ "a challenge that comes late",
	  { PING, { MANIFEST, .lacks = "Authorization", .status = 401, .headers = "WWW-Authenticate: Basic realm=x\r\n" },
	    { MANIFEST, .holds = BASIC_ALICE, .status = 200, .body = "{}" } },
	  get, 0 },
	{ "unknown schemes are passed over",
	  { { "GET /v2/ ", .status = 401, .headers = "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: Digest realm=\"a, Basic\", Basic realm=\"b\"\r\n" },
	    { MANIFEST, .holds = BASIC_ALICE, .status = 200, .body = "{}" } },
	  get, 0 },
	{ "429 with a time",
	  { PING, { MANIFEST, .status = 429, .headers = "Retry-After: 1\r\n" }, { MANIFEST, .status = 200, .body = "{}" } },
	  get, 0, .retries = 1, .delay_ms = 1000 },
	{ "429 without", { PING, { MANIFEST, .status = 429 }, { MANIFEST, .status = 200, .body = "{}" } }, get, 0, .retries = 1, .delay_ms = 20 },
	{ "429 for ever", { PING, { MANIFEST, .status = 429, .times = 5 } }, get, -ERR_REMOTE, "too many requests to registry", .retries = 4 },
	{ "503", { PING, { MANIFEST, .status = 503 }, { MANIFEST, .status = 200, .body = "{}" } }, get, 0, .retries = 1, .delay_ms = 10 },
	{ "a broken connection", { PING, { MANIFEST, .drop = true }, { MANIFEST, .status = 200, .body = "{}" } }, get, 0, .retries = 1 },
	{ "a broken PUT", { PING, { "PUT /v2/t/a/manifests/v1 ", .drop = true }, { "PUT ", .holds = "\r\n\r\n{\"a\":1}", .status = 201 } }, put, 0, .retries = 1 },
	{ "500 is final", { PING, { MANIFEST, .status = 500 } }, get, -ERR_REMOTE, "invalid status code from registry 500 (Internal Server Error)" },
	{ "a refusal of 2 MiB", { PING, { MANIFEST, .status = 500, .fill = 2 << 20 } }, get, -ERR_REMOTE, "invalid status code from registry 500" },
	{ "the user interrupts", { PING, { MANIFEST, .hang = true } }, get, -ERR_INTERRUPTED, .polls = 8 },
	{ "nothing moves", { PING, { MANIFEST, .hang = true } }, get, -ERR_CONNECT, "context deadline exceeded (nothing moved for", .stall_ms = 100 },
	{ "another manifest", { PING, { "GET /v2/t/a/manifests/sha256:0", .status = 200, .body = "{}" } }, get_zeros, -ERR_PROTOCOL, "does not match provided manifest digest" },
	{ "a manifest of 5 MiB", { PING, { MANIFEST, .status = 200, .fill = 5 << 20 } }, get, -ERR_PROTOCOL, "over 4194304 bytes" },
	{ "digest", { PING, { "HEAD /v2/t/a/manifests/v1 ", .status = 200, .headers = "docker-content-digest: sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\r\n" } },
	  head, 1, .got = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" },
	{ "digest that is not told", { PING, { "HEAD ", .status = 200 }, { MANIFEST, .status = 200, .body = "{}" } },
	  head, 1, .got = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" },
	{ "no such tag", { PING, { "HEAD ", .status = 404 } }, head, 0 },
	{ "delete", { PING, { "DELETE /v2/t/a/manifests/sha256:00 ", .status = 202 } }, delete, 0 },
	{ "delete what is not there", { PING, { "DELETE ", .status = 404 } }, delete, -ERR_NOT_FOUND, "Unable to delete 127.0.0.1:" },
	{ "delete where that is not allowed",
	  { PING, { "DELETE ", .status = 405, .body = "{\"errors\":[{\"code\":\"UNSUPPORTED\",\"message\":\"The operation is unsupported.\"}]}" } },
	  delete, -ERR_REMOTE, "unsupported: The operation is unsupported." },
	{ "a path that climbs", { { 0 } }, bad_path, -ERR_USAGE, "invalid repository name" },
};

#define TOKEN(t) { "GET /token?x=1&account=alice&service=here,%20there&scope=repository:t/a:pull ", .on = 1, .holds = BASIC_ALICE, .status = 200, .body = "{\"token\":\"" t "\",\"expires_in\":60}" }
#define WITH(t) "Authorization: Bearer " t "\r\n"

static const struct row tokens[] = {
	{ "asked for once", { PING_BEARER, TOKEN("one"), { MANIFEST, .holds = WITH("one"), .status = 200, .body = "{}", .times = 2 } }, get_twice, 0 },
	{ "asked for again when its time is over",
	  { PING_BEARER, TOKEN("one"), { MANIFEST, .holds = WITH("one"), .status = 200, .body = "{}" }, TOKEN("two"), { MANIFEST, .holds = WITH("two"), .status = 200, .body = "{}" } },
	  get_late, 0 },
	{ "one for each repository",
	  { PING_BEARER, TOKEN("one"), { MANIFEST, .holds = WITH("one"), .status = 200, .body = "{}" },
	    { "GET /token?x=1&account=alice&", .on = 1, .holds = "scope=repository:t/b:pull ", .status = 200, .body = "{\"access_token\":\"two\"}" },
	    { "GET /v2/t/b/manifests/v1 ", .holds = WITH("two"), .status = 200, .body = "{}" } },
	  get_of_two, 0 },
	{ "one for pushing is good for reading",
	  { PING_BEARER, { "GET /token", .on = 1, .holds = "scope=repository:t/a:pull,push ", .status = 200, .body = "{\"token\":\"one\"}" },
	    { "PUT ", .holds = WITH("one"), .status = 201 }, { MANIFEST, .holds = WITH("one"), .status = 200, .body = "{}" } },
	  push_and_read, 0 },
	{ "refused, asked for anew with what is wanted",
	  { PING_BEARER, TOKEN("one"),
	    { MANIFEST, .status = 401, .headers = "WWW-Authenticate: Bearer realm=\"http://%O/new\",scope=\"repository:t/a:pull,extra\",error=\"invalid_token\"\r\n" },
	    { "GET /new?account=alice&scope=repository:t/a:pull,extra ", .on = 1, .status = 200, .body = "{\"token\":\"two\"}" },
	    { MANIFEST, .holds = WITH("two"), .status = 200, .body = "{}" } },
	  get, 0 },
	{ "refused twice",
	  { PING_BEARER, TOKEN("one"), { MANIFEST, .status = 401, .headers = "WWW-Authenticate: Bearer realm=\"http://%O/token?x=1\",service=\"here, there\"\r\n" },
	    TOKEN("two"), { MANIFEST, .status = 401, .body = UNAUTHORIZED } },
	  get, -ERR_AUTH, "unauthorized: authentication required" },
	{ "the service refuses",
	  { PING_BEARER, { "GET /token?", .on = 1, .status = 401, .body = "{\"details\":\"incorrect username or password\"}" } },
	  get, -ERR_AUTH, "unable to retrieve auth token: invalid username/password: incorrect username or password" },
	{ "the service gives none", { PING_BEARER, { "GET /token?", .on = 1, .status = 200, .body = "{}" } }, get, -ERR_PROTOCOL, "gave no token" },
	{ "the service is no service", { PING_BEARER, { "GET /token?", .on = 1, .status = 200, .body = "<html>" } }, get, -ERR_PROTOCOL, "the token service's answer" },
	{ "the service is busy", { PING_BEARER, { "GET /token?", .on = 1, .status = 503 }, TOKEN("one"), { MANIFEST, .status = 200, .body = "{}" } }, get, 0, .retries = 1 },
	{ "the service sends on, without the password",
	  { PING_BEARER, { "GET /token?", .on = 1, .holds = BASIC_ALICE, .status = 302, .headers = "Location: http://%O/else\r\n" },
	    { "GET /else ", .lacks = "Authorization", .status = 200, .body = "{\"token\":\"one\"}" }, { MANIFEST, .holds = WITH("one"), .status = 200, .body = "{}" } },
	  get, 0 },
	{ "anonymous",
	  { PING_BEARER, { "GET /token?x=1&service=", .on = 1, .lacks = "Authorization", .status = 200, .body = "{\"token\":\"one\"}" },
	    { MANIFEST, .holds = WITH("one"), .status = 200, .body = "{}" } },
	  get, 0, .anonymous = true },
	{ "by identity token",
	  { PING_BEARER,
	    { "POST /token?x=1 ", .on = 1,
	      .holds = "\r\n\r\nclient_id=farpod&grant_type=refresh_token&refresh_token=id%2B1&service=here,%20there&scope=repository:t/a:pull",
	      .lacks = "Authorization", .status = 200, .body = "{\"access_token\":\"one\"}" },
	    { MANIFEST, .holds = WITH("one"), .status = 200, .body = "{}" } },
	  get, 0, .identity = true },
	{ "no realm", { { "GET /v2/ ", .status = 401, .headers = "WWW-Authenticate: Bearer service=x\r\n" } }, get, -ERR_PROTOCOL, "missing realm in bearer auth challenge" },
	{ "a realm that is a file", { { "GET /v2/ ", .status = 401, .headers = "WWW-Authenticate: Bearer realm=\"file:///etc/passwd\"\r\n" } }, get, -ERR_PROTOCOL, "neither https nor http" },
};

static int login(struct registry *r, struct error *err)
{
	return registry_login(r, err);
}

static const struct row logins[] = {
	{ "open to all", { PING, { "GET /v2/ ", .status = 200 } }, login, 0 },
	{ "basic", { PING_BASIC, { "GET /v2/ ", .holds = BASIC_ALICE, .status = 200 } }, login, 0 },
	{ "basic, wrong", { PING_BASIC, { "GET /v2/ ", .status = 401, .headers = "WWW-Authenticate: Basic realm=x\r\n" } }, login, -ERR_AUTH, "invalid username/password" },
	{ "bearer, without a scope",
	  { PING_BEARER, { "GET /token?x=1&account=alice&service=here,%20there ", .on = 1, .status = 200, .body = "{\"token\":\"one\"}" },
	    { "GET /v2/ ", .holds = WITH("one"), .status = 200 } },
	  login, 0 },
	{ "bearer, wrong", { PING_BEARER, { "GET /token?", .on = 1, .status = 401 } }, login, -ERR_AUTH, "invalid username/password" },
	{ "not a matter of passwords", { PING_BEARER, { "GET /token?", .on = 1, .status = 500 } }, login, -ERR_REMOTE, "unable to retrieve auth token" },
};

/* ---- refusals ---------------------------------------------------------------------------------------------------------- */

static const struct {
	int status;
	const char *body, *text;
	int ret;
} refusals[] = {
	{ 404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\",\"detail\":{\"Tag\":\"v\"}}]}", ": manifest unknown: manifest unknown", -ERR_NOT_FOUND },
	{ 400, "{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"repository name not known\"}]}", "name unknown: repository name not known", -ERR_NOT_FOUND },
	{ 400, "{\"errors\":[{\"code\":\"A_B\",\"message\":\"c\"},{\"code\":\"D\",\"message\":\"\"}]}", "errors: a b: c; d: d", -ERR_REMOTE },
	{ 500, "{\"errors\":[{\"message\":\"two\\nlines\\u001b[31m\"}]}", "unknown: two lines [31m", -ERR_REMOTE },
	{ 500, "{\"errors\":[{\"code\":\"A\\u001b[2J\",\"message\":\"m\"}]}", "a [2j: m", -ERR_REMOTE },
	{ 403, "{\"message\":\"not for you\"}", "/t/a: not for you", -ERR_AUTH },
	{ 403, "", "denied: requested access to the resource is denied", -ERR_AUTH },
	{ 502, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", "StatusCode: 502, <html><head><title>502 Bad Gateway</title></head><...", -ERR_REMOTE },
	{ 418, "teapot", "StatusCode: 418, teapot", -ERR_REMOTE },
	{ 500, "{broken", "StatusCode: 500, {broken", -ERR_REMOTE },
	{ 500, "{\"errors\":\"none\"}", "invalid status code from registry 500", -ERR_REMOTE },
	{ 204, "", NULL, 0 },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct row row = { refusals[i].body, { PING, { MANIFEST, .status = refusals[i].status, .body = refusals[i].body } }, get, refusals[i].ret, refusals[i].text };

		row_run(&row);
	}
}

/* ---- lists ------------------------------------------------------------------------------------------------------------- */

static int tags(struct registry *r, struct error *err)
{
	CLEANUP(strv_done) struct strv list = { 0 };
	int ret = registry_tags(r, "t/a", &list, err);

	for (size_t i = 0; ret == 0 && i < list.n; i++)
		buf_addf(&seen.got, "%s;", list.v[i]);
	return ret;
}

static int search_for(struct registry *r, const char *term, int64_t limit, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *list = NULL;
	int ret = registry_search(r, term, limit, &list, err);

	if (ret == 0)
		buf_add_z(&seen.got, js_wire(list));
	return ret;
}

static int search(struct registry *r, struct error *err)
{
	return search_for(r, "b x", 2, err);
}

static int search_all(struct registry *r, struct error *err)
{
	return search_for(r, "", 2, err);
}

#define TAGS "GET /v2/t/a/tags/list"
#define ROW(name) "{\"Name\":\"" name "\",\"Description\":\"\",\"Stars\":0,\"Official\":false,\"Automated\":false}"

static const struct row lists[] = {
	{ "one page", { PING, { TAGS " ", .status = 200, .body = "{\"tags\":[\"b\",\"a\"]}" } }, tags, 0, .got = "b;a;" },
	{ "null", { PING, { TAGS, .status = 200, .body = "{\"tags\":null}" } }, tags, 0, .got = "" },
	{ "pages, by path and by address",
	  { PING, { TAGS " ", .status = 200, .headers = "Link: </v2/t/a/tags/list?last=b&n=1>; rel=\"next\"\r\n", .body = "{\"tags\":[\"b\"]}" },
	    { TAGS "?last=b&n=1 ", .status = 200, .headers = "link: <http://%O/v2/t/a/tags/list?last=c>; title=\"a, b\"; rel=\"prev next\"\r\n", .body = "{\"tags\":[\"c\"]}" },
	    { TAGS "?last=c ", .status = 200, .headers = "Link: </first>; rel=first\r\n", .body = "{\"tags\":[\"d\"]}" } },
	  tags, 0, .got = "b;c;d;" },
	{ "a circle", { PING, { TAGS, .status = 200, .headers = "Link: </v2/t/a/tags/list>; rel=next\r\n", .body = "{\"tags\":[\"b\"]}" } }, tags, -ERR_PROTOCOL, "same page" },
	{ "no text", { PING, { TAGS, .status = 200, .body = "{\"tags\":[1]}" } }, tags, -ERR_PROTOCOL, "something else" },
	{ "no list", { PING, { TAGS, .status = 200, .body = "{\"tags\":{}}" } }, tags, -ERR_PROTOCOL, "has no tags" },
	{ "unknown", { PING, { TAGS, .status = 404, .body = "{\"errors\":[{\"code\":\"X\"}]}" } }, tags, -ERR_NOT_FOUND, ": invalid status code from registry 404 (Not Found)" },
	{ "not allowed", { PING, { TAGS, .status = 403 } }, tags, -ERR_AUTH, "fetching tags list: " },
	{ "search",
	  { PING, { "GET /v1/search?q=b%20x&n=2 ", .status = 200,
		    .body = "{\"results\":[{\"name\":\"b\",\"description\":\"d\",\"star_count\":7,\"is_official\":true,\"is_automated\":true},{\"name\":\"c\"},{\"name\":\"d\"}]}" } },
	  search, 0, .got = "[{\"Name\":\"b\",\"Description\":\"d\",\"Stars\":7,\"Official\":true,\"Automated\":true}," ROW("c") "]" },
	{ "search in the list of all",
	  { PING, { "GET /v1/search?", .status = 404 }, { "GET /v2/_catalog ", .status = 200, .headers = "Link: </v2/_catalog?last=z>; rel=\"next\"\r\n", .body = "{\"repositories\":[\"a\",\"a/b x\"]}" },
	    { "GET /v2/_catalog?last=z ", .status = 200, .body = "{\"repositories\":[\"b x\",\"b xx\"]}" } },
	  search, 0, .got = "[" ROW("a/b x") "," ROW("b x") "]" },
	{ "all of it", { PING, { "GET /v2/_catalog ", .status = 200, .body = "{\"repositories\":[\"a\",\"b\",\"c\"]}" } }, search_all, 0, .got = "[" ROW("a") "," ROW("b") "]" },
	{ "no search", { PING, { "GET /v1/search?", .status = 404 }, { "GET /v2/_catalog ", .status = 401 } }, search, -ERR_AUTH, "couldn't search registry \"127.0.0.1:" },
};

/* The proxies of the environment, in capitals too; this machine is never asked for by one. */
static void test_proxies(void **state)
{
	static const struct step steps[] = {
		{ "CONNECT registry.test:443 ", .lacks = "Authorization", .status = 403 },
		{ "GET http://registry.test/v2/ ", .status = 200 },
		{ "GET http://registry.test/v2/t/a/manifests/v1 ", .status = 200, .body = "{}" },
		{ NULL },
	};
	struct registry_options o = { .insecure = true, .tries = 1 };
	CLEANUP(registry_close_p) struct registry *r = NULL, *local = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT, refused = ERROR_INIT;
	char url[64];
	struct peer p;
	int ret;

	(void)state;
	peer_start(&p, steps);
	snprintf(url, sizeof url, "http://127.0.0.1:%d", p.ports[0]);
	setenv("HTTPS_PROXY", url, 1);
	setenv("HTTP_PROXY", url, 1);
	unsetenv("http_proxy");
	unsetenv("https_proxy");
	unsetenv("no_proxy");
	unsetenv("NO_PROXY");
	seen.got = BUF_INIT(100);
	assert_int_equal(registry_open("registry.test", &o, &r, NULL), 0);
	assert_int_equal(registry_open("localhost:1", &o, &local, NULL), 0);
	ret = get(r, &err);
	assert_int_equal(get(local, &refused), -ERR_CONNECT);
	peer_end(&p);
	unsetenv("HTTPS_PROXY");
	unsetenv("HTTP_PROXY");
	buf_done(&seen.got);
	if (ret < 0 || p.complaint[0])
		fail_msg("%s; %s", err.text ? err.text : "", p.complaint);
	assert_null(p.steps[p.at].expect);
	assert_non_null(strstr(refused.text, "dial tcp localhost:1: connect: connection refused"));
}

static void test_requests(void **state)
{
	(void)state;
	rows_run(requests, ARRAY_LEN(requests));
}

static void test_tokens(void **state)
{
	(void)state;
	rows_run(tokens, ARRAY_LEN(tokens));
}

static void test_logins(void **state)
{
	(void)state;
	rows_run(logins, ARRAY_LEN(logins));
}

static void test_lists(void **state)
{
	(void)state;
	rows_run(lists, ARRAY_LEN(lists));
}

int main(void)
{
	const struct CMUnitTest all[] = { cmocka_unit_test(test_requests), cmocka_unit_test(test_tokens), cmocka_unit_test(test_logins),
					  cmocka_unit_test(test_refusals), cmocka_unit_test(test_lists), cmocka_unit_test(test_proxies) };

	return cmocka_run_group_tests(all, NULL, NULL);
}
