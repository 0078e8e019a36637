/* Blobs in both directions, on registries and lines that misbehave. */
#include "registry_peer.h"

#define HELLO "hello, registry"

static char hello_digest[DIGEST_MAX];

static int seen_write(void *ctx, const void *p, size_t n, struct error *err)
{
	(void)ctx;
	(void)err;
	buf_add_bytes(&seen.got, p, n);
	return 0;
}

static int get_sized(struct registry *r, int64_t size, struct error *err)
{
	return registry_blob_get(r, "t/a", hello_digest, size, &(struct byte_sink){ seen_write, NULL }, err);
}

static int get(struct registry *r, struct error *err)
{
	return get_sized(r, (int64_t)strlen(HELLO), err);
}

static int get_unsized(struct registry *r, struct error *err)
{
	return get_sized(r, -1, err);
}

static int get_shorter(struct registry *r, struct error *err)
{
	return get_sized(r, 3, err);
}

static int refuse(void *ctx, const void *p, size_t n, struct error *err)
{
	(void)ctx;
	(void)p;
	(void)n;
	return error_set(err, ERR_SYSTEM, "disk full");
}

static int get_to_full_disk(struct registry *r, struct error *err)
{
	return registry_blob_get(r, "t/a", hello_digest, -1, &(struct byte_sink){ refuse, NULL }, err);
}

#define GET_BLOB "GET /v2/t/a/blobs/sha256:"

static const struct row downloads[] = {
	{ "plain", { PING, { GET_BLOB, .lacks = "Range:", .status = 200, .body = HELLO } }, get, 0, .got = HELLO },
	{ "size not known", { PING, { GET_BLOB, .status = 200, .body = HELLO } }, get_unsized, 0, .got = HELLO },
	{ "goes on where it broke",
	  { PING, { GET_BLOB, .status = 200, .body = HELLO, .cut = 5 },
	    { GET_BLOB, .holds = "Range: bytes=5-\r\n", .status = 206, .headers = "Content-Range: bytes 5-14/15\r\n", .body = ", registry" } },
	  get, 0, .retries = 1, .delay_ms = 10, .got = HELLO },
	{ "breaks twice",
	  { PING, { GET_BLOB, .status = 200, .body = HELLO, .cut = 5 },
	    { GET_BLOB, .holds = "bytes=5-", .status = 206, .headers = "Content-Range: bytes 5-14/15\r\n", .body = ", registry", .cut = 2 },
	    { GET_BLOB, .holds = "bytes=7-", .status = 206, .headers = "Content-Range: bytes 7-14/15\r\n", .body = "registry" } },
	  get_unsized, 0, .retries = 2, .got = HELLO },
	{ "goes on where it went silent",
	  { PING, { GET_BLOB, .status = 200, .body = HELLO, .cut = 5, .hang = true },
	    { GET_BLOB, .holds = "bytes=5-", .status = 206, .headers = "Content-Range: bytes 5-14/15\r\n", .body = ", registry" } },
	  get, 0, .retries = 1, .stall_ms = 200, .got = HELLO },
	{ "a server without ranges begins anew",
	  { PING, { GET_BLOB, .status = 200, .body = HELLO, .cut = 5 }, { GET_BLOB, .holds = "bytes=5-", .status = 200, .body = HELLO } },
	  get, 0, .retries = 1, .got = HELLO },
	{ "a wrong range is no continuation",
	  { PING, { GET_BLOB, .status = 200, .body = HELLO, .cut = 5 },
	    { GET_BLOB, .status = 206, .headers = "Content-Range: bytes 4-14/15\r\n", .body = "o, registry" } },
	  get, -ERR_PROTOCOL, "asked for the bytes from 5 on", .retries = 1 },
	{ "an end without length is not believed",
	  { PING, { GET_BLOB, .status = 200, .headers = "X-No-Content-Length: 1\r\n", .body = "hello" },
	    { GET_BLOB, .holds = "bytes=5-", .status = 206, .headers = "Content-Range: bytes 5-14/15\r\n", .body = ", registry" } },
	  get, 0, .retries = 1, .got = HELLO },
	{ "nothing was left",
	  { PING, { GET_BLOB, .status = 200, .headers = "Content-Length: 99\r\n", .body = HELLO }, { GET_BLOB, .holds = "bytes=15-", .status = 416 } },
	  get_unsized, 0, .retries = 1, .got = HELLO },
	{ "breaks for ever", { PING, { GET_BLOB, .drop = true, .times = 5 } }, get, -ERR_CONNECT, "/blobs/", .retries = 4 },
	{ "another content", { PING, { GET_BLOB, .status = 200, .body = "hello, imposter" } }, get, -ERR_PROTOCOL, "Digest did not match, expected sha256:" },
	{ "more than announced", { PING, { GET_BLOB, .status = 200, .body = HELLO } }, get_shorter, -ERR_PROTOCOL, "Size mismatch when copying" },
	{ "the sink fails", { PING, { GET_BLOB, .status = 200, .body = HELLO } }, get_to_full_disk, -ERR_SYSTEM, "disk full" },
	{ "unknown",
	  { PING, { GET_BLOB, .status = 404, .body = "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"blob unknown to registry\"}]}" } },
	  get, -ERR_NOT_FOUND, "blob unknown: blob unknown to registry" },
	{ "too many requests",
	  { PING, { GET_BLOB, .status = 429, .headers = "Retry-After: 1\r\n" }, { GET_BLOB, .status = 200, .body = HELLO } },
	  get, 0, .retries = 1, .delay_ms = 1000, .got = HELLO },
	{ "from a storage service, which does not see the credentials",
	  { PING_BASIC, { GET_BLOB, .holds = BASIC_ALICE, .status = 307, .headers = "Location: http://%O/bucket/x?sig=a%2Fb\r\n", .body = "moved" },
	    { "GET /bucket/x?sig=a%", .on = 1, .lacks = "Authorization", .status = 200, .body = HELLO } },
	  get, 0, .got = HELLO },
	{ "from the same host, which may",
	  { PING_BASIC, { GET_BLOB, .status = 302, .headers = "Location: /elsewhere\r\n" }, { "GET /elsewhere ", .holds = BASIC_ALICE, .status = 200, .body = HELLO } },
	  get, 0, .got = HELLO },
	{ "away and back again",
	  { PING_BASIC, { GET_BLOB, .status = 302, .headers = "Location: http://%O/away\r\n" },
	    { "GET /away ", .on = 1, .status = 302, .headers = "Location: http://%O/back\r\n" },
	    { "GET /back ", .lacks = "Authorization", .status = 200, .body = HELLO } },
	  get, 0, .got = HELLO },
	{ "round and round", { PING, { "GET ", .status = 302, .headers = "Location: /elsewhere\r\n", .times = 11 } }, get, -ERR_PROTOCOL, "stopped after 10 redirects" },
	{ "to a file", { PING, { GET_BLOB, .status = 302, .headers = "Location: file:///etc/passwd\r\n" } }, get, -ERR_PROTOCOL, "neither https nor http" },
	{ "to an address with a user", { PING, { GET_BLOB, .status = 302, .headers = "Location: http://a:b@%O/\r\n" } }, get, -ERR_PROTOCOL, "with a user in it" },
};

/* ---- up ---------------------------------------------------------------------------------------------------------------- */

struct text {
	const char *p;
	size_t at;
};

static ssize_t text_read(void *ctx, void *p, size_t n, struct error *err)
{
	struct text *t = ctx;
	size_t left = strlen(t->p) - t->at;

	(void)err;
	n = n < left ? n : left;
	n = n < 7 ? n : 7;
	memcpy(p, t->p + t->at, n);
	t->at += n;
	return (ssize_t)n;
}

static int text_rewind(void *ctx, struct error *err)
{
	(void)err;
	((struct text *)ctx)->at = 0;
	return 0;
}

static int put_text(struct registry *r, const char *content, bool announced, bool again, struct error *err)
{
	struct text t = { content, 0 };
	struct blob_upload u = { .digest = announced ? hello_digest : NULL, .source = { text_read, &t, announced ? (int64_t)strlen(HELLO) : -1 } };
	char digest[DIGEST_MAX];
	int64_t size;
	int ret;

	u.rewind = again ? text_rewind : NULL;
	ret = registry_blob_put(r, "t/a", &u, digest, &size, err);
	if (ret == 0) {
		assert_string_equal(digest, hello_digest);
		assert_int_equal(size, strlen(HELLO));
	}
	return ret;
}

static int put(struct registry *r, struct error *err)
{
	return put_text(r, HELLO, true, true, err);
}

static int put_once(struct registry *r, struct error *err)
{
	return put_text(r, HELLO, true, false, err);
}

static int put_unknown(struct registry *r, struct error *err)
{
	return put_text(r, HELLO, false, false, err);
}

static int put_short(struct registry *r, struct error *err)
{
	return put_text(r, "hello", true, true, err);
}

static int put_long(struct registry *r, struct error *err)
{
	return put_text(r, HELLO "!", true, true, err);
}

static int put_other(struct registry *r, struct error *err)
{
	return put_text(r, "hello, imposter", true, true, err);
}

static int mount(struct registry *r, struct error *err)
{
	return registry_blob_mount(r, "t/a", hello_digest, "t/from", err);
}

static int has(struct registry *r, struct error *err)
{
	int64_t size = 0;
	int ret = registry_blob_head(r, "t/a", hello_digest, &size, err);

	if (ret == 1)
		assert_int_equal(size, 15);
	return ret;
}

#define START "POST /v2/t/a/blobs/uploads/ "

static const struct row uploads[] = {
	{ "a relative place with a query",
	  { PING_BASIC, { START, .holds = BASIC_ALICE, .status = 202, .headers = "Location: /up/1?state=x%20y\r\n" },
	    { "PUT /up/1?state=x%20y&digest=sha256:", .holds = "Content-Length: 15\r\n", .lacks = "Expect", .status = 201 } },
	  put, 0 },
	{ "an absolute place",
	  { PING, { START, .holds = "Content-Length: 0\r\n", .status = 202, .headers = "Location: http://%H/up/1\r\n" },
	    { "PUT /up/1?digest=sha256:", .holds = "\r\n\r\n" HELLO, .status = 201 } },
	  put, 0 },
	{ "another host does not see the credentials",
	  { PING_BASIC, { START, .holds = BASIC_ALICE, .status = 202, .headers = "Location: http://%O/up/1\r\n" },
	    { "PUT /up/1?digest=", .on = 1, .lacks = "Authorization", .status = 201 } },
	  put, 0 },
	{ "in pieces, the newest place counts",
	  { PING, { START, .status = 202, .headers = "Location: /up/1\r\n" },
	    { "PATCH /up/1 ", .holds = "Transfer-Encoding: chunked", .lacks = "Expect", .status = 202, .headers = "Location: /up/2?s=1\r\nRange: 0-14\r\n" },
	    { "PUT /up/2?s=1&digest=sha256:", .holds = "Content-Length: 0\r\n", .status = 201 } },
	  put_unknown, 0 },
	{ "no body with the last PUT",
	  { PING, { START, .status = 202, .headers = "Location: /up/1\r\n" }, { "PUT /up/1?digest=", .status = 405 },
	    { START, .status = 202, .headers = "Location: /up/2\r\n" }, { "PATCH /up/2 ", .holds = "Content-Length: 15\r\n", .status = 202, .headers = "Location: /up/3\r\n" },
	    { "PUT /up/3?digest=", .status = 201 } },
	  put, 0 },
	{ "broken, and begun anew",
	  { PING, { START, .status = 202, .headers = "Location: /up/1\r\n" }, { "PUT /up/1?digest=", .drop = true },
	    { START, .status = 202, .headers = "Location: /up/2\r\n" }, { "PUT /up/2?digest=", .holds = "\r\n\r\n" HELLO, .status = 201 } },
	  put, 0, .retries = 1 },
	{ "broken, and no way back",
	  { PING, { START, .status = 202, .headers = "Location: /up/1\r\n" }, { "PUT /up/1?digest=", .drop = true } },
	  put_once, -ERR_CONNECT, "EOF" },
	{ "no place", { PING, { START, .status = 202 } }, put, -ERR_PROTOCOL, "no Location" },
	{ "refused",
	  { PING, { START, .status = 403, .body = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"requested access to the resource is denied\"}]}" } },
	  put, -ERR_AUTH, "writing blob to 127.0.0.1:" },
	{ "too little", { PING, { START, .status = 202, .headers = "Location: /up/1\r\n" } }, put_short, -ERR_PROTOCOL, "ends after 5 of 15 bytes" },
	{ "too much", { PING, { START, .status = 202, .headers = "Location: /up/1\r\n" } }, put_long, -ERR_PROTOCOL, "longer than 15 bytes" },
	{ "not what was announced",
	  { PING, { START, .status = 202, .headers = "Location: /up/1\r\n" },
	    { "PUT /up/1?digest=", .status = 400, .body = "{\"errors\":[{\"code\":\"DIGEST_INVALID\",\"message\":\"provided digest did not match uploaded content\"}]}" } },
	  put_other, -ERR_PROTOCOL, "Digest did not match, expected sha256:" },
	{ "mounted", { PING, { "POST /v2/t/a/blobs/uploads/?mount=sha256:", .holds = "&from=t/from ", .status = 201 } }, mount, 1 },
	{ "not mounted, the session is given back",
	  { PING, { "POST /v2/t/a/blobs/uploads/?mount=", .status = 202, .headers = "Location: /up/1\r\n" }, { "DELETE /up/1 ", .status = 204 } },
	  mount, 0 },
	{ "there", { PING, { "HEAD /v2/t/a/blobs/sha256:", .status = 200, .body = HELLO } }, has, 1 },
	{ "not there", { PING, { "HEAD /v2/t/a/blobs/sha256:", .status = 404 } }, has, 0 },
	{ "nobody knows", { PING, { "HEAD /v2/t/a/blobs/sha256:", .status = 401 } }, has, -ERR_AUTH, "unauthorized: authentication required" },
};

static void test_downloads(void **state)
{
	(void)state;
	rows_run(downloads, ARRAY_LEN(downloads));
}

static void test_uploads(void **state)
{
	(void)state;
	rows_run(uploads, ARRAY_LEN(uploads));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_downloads), cmocka_unit_test(test_uploads) };

	digest_of(STR(HELLO), hello_digest);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
