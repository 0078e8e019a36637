#include <poll.h>
#include <sys/socket.h>

#include "unit.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "rest/http.h"

/* A client on one end, the test on the other. */
struct pair {
	struct http *h;
	int peer;
};

static struct pair pair_open(void)
{
	struct pair p;
	int fds[2];

	assert_int_equal(fd_socketpair(fds, NULL), 0);
	assert_int_equal(http_open(fds[0], &p.h, NULL), 0);
	p.peer = fds[1];
	return p;
}

static void pair_close(struct pair *p)
{
	http_close(p->h);
	if (p->peer >= 0)
		close(p->peer);
}

static void hang_up(struct pair *p)
{
	close(p->peer);
	p->peer = -1;
}

static void tell(struct pair *p, const char *text, size_t n)
{
	assert_int_equal(fd_write_all(p->peer, text, n, 0, NULL), 0);
}

/* The peer reads the request, or its hanging up would be a reset. */
static void ask(struct pair *p, const char *method)
{
	char request[512];

	assert_int_equal(
		http_write_request(p->h, &(struct http_req){ .method = method, .target = "/x" }, clock_after_ms(1000), NULL), 0);
	assert_true(fd_read_some(p->peer, request, sizeof request, clock_after_ms(1000), NULL) > 0);
}

/* What came of a reply: 0 or -kind, and the body. */
struct outcome {
	int r;
	struct http_reply reply;
	bool has_head;
	char body[512];
	size_t n;
};

/* Goes on as far as the bytes that are there let it. True at the end. */
static bool go_on(struct pair *p, struct outcome *o)
{
	while (!o->has_head) {
		o->r = http_try_head(p->h, &o->reply, NULL);
		if (o->r <= 0)
			return o->r < 0;
		o->has_head = true;
	}
	for (;;) {
		bool again;
		ssize_t n = http_try_body(p->h, o->body + o->n, sizeof o->body - o->n, &again, NULL);

		o->r = n < 0 ? (int)n : 0;
		if (n < 0 || again)
			return n < 0;
		if (n == 0)
			return true;
		o->n += (size_t)n;
	}
}

/* The reply in two pieces, cut at cut, then the end of the connection. */
static struct outcome play(const char *method, const char *text, size_t cut, bool *ret_reusable)
{
	struct outcome o = { 0 };
	struct pair p = pair_open();
	bool done;

	ask(&p, method);
	tell(&p, text, cut);
	done = cut && go_on(&p, &o);
	if (!done) {
		tell(&p, text + cut, strlen(text) - cut);
		done = go_on(&p, &o);
	}
	*ret_reusable = done && o.r == 0 && http_reusable(p.h);
	if (!done) {
		hang_up(&p);
		assert_true(go_on(&p, &o));
	}
	pair_close(&p);
	return o;
}

#define OK "HTTP/1.1 200 OK\r\n"

static void replies_are_understood_wherever_they_are_split(void **state)
{
	static const struct {
		const char *method, *text;
		int status;
		const char *body;
		bool reusable;
	} cases[] = {
		{ "GET", OK "Content-Length: 5\r\n\r\nhello", 200, "hello", true },
		{ "GET", OK "content-length:5\r\nX-Other:\t a b \r\n\r\nhello", 200, "hello", true },
		{ "GET", OK "Content-Length: 0\r\n\r\n", 200, "", true },
		{ "GET", OK "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 200, "abc", true },
		{ "GET", OK "Connection: close\r\nContent-Length: 1\r\n\r\nx", 200, "x", false },
		{ "GET", OK "Connection: foo, Close\r\nContent-Length: 1\r\n\r\nx", 200, "x", false },
		{ "GET", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", false },
		{ "GET", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", 200, "x", true },
		{ "GET", "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", 200, "x", true },
		{ "GET", "HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\nNot Found\n", 404, "Not Found\n", true },
		{ "POST", "HTTP/1.1 204 No Content\r\nApi-Version: 1.41\r\n\r\n", 204, "", true },
		{ "POST", "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", 304, "", true },
		{ "HEAD", OK "Content-Length: 1000\r\n\r\n", 200, "", true },
		{ "GET", OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, "hello", true },
		{ "GET", OK "Transfer-Encoding: Chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n", 200, "hello", true },
		{ "GET", OK "Transfer-Encoding: chunked\r\n\r\n00a \r\n0123456789\r\n0\r\nTrailer: x\r\nMore: y\r\n\r\n", 200,
		  "0123456789", true },
		{ "GET", OK "Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\nb\r\nabcdefghijk\r\n0\r\n\r\n", 200,
		  "0123456789abcdefghijk", true },
		{ "GET", OK "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "", true },
		{ "GET", "HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 2\r\n\r\nok", 200, "ok", true },
		{ "POST", "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nraw\r\n\r\nbytes", 101,
		  "raw\r\n\r\nbytes", false },
		{ "POST", OK "Content-Type: application/vnd.docker.raw-stream\r\n\r\nraw", 200, "raw", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t cut = 0; cut <= strlen(cases[i].text); cut++) {
			bool reusable;
			struct outcome o = play(cases[i].method, cases[i].text, cut, &reusable);

			if (o.r < 0 || o.reply.status != cases[i].status || o.n != strlen(cases[i].body) ||
			    memcmp(o.body, cases[i].body, o.n) != 0)
				row_fail(cases[i].text, "cut at %zu: r %d status %d body \"%.*s\"", cut, o.r, o.reply.status,
					 (int)o.n, o.body);
			if (reusable != cases[i].reusable)
				row_fail(cases[i].text, "cut at %zu: reusable %d", cut, reusable);
		}
	}
}

static void broken_replies_are_refused_wherever_they_are_split(void **state)
{
	static const struct {
		const char *text;
		enum err_kind kind;
	} cases[] = {
		{ "", ERR_CONNECT },
		{ "HTTP/1.1 200 OK\r\nContent-Le", ERR_CONNECT },
		{ OK "Content-Length: 5\r\n\r\nhell", ERR_CONNECT },
		{ OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", ERR_CONNECT },
		{ OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", ERR_CONNECT },
		{ OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", ERR_CONNECT },
		{ "{\"error\":\"org.varlink.service.InvalidParameter\"}", ERR_PROTOCOL },
		{ "SSH-2.0-OpenSSH_9.2\r\n", ERR_PROTOCOL },
		{ "HTTP/2 200\r\n\r\n", ERR_PROTOCOL },
		{ "HTTP/1.x 200 OK\r\n\r\n", ERR_PROTOCOL },
		{ "HTTP/1.1 20 OK\r\n\r\n", ERR_PROTOCOL },
		{ "HTTP/1.1 2000 OK\r\n\r\n", ERR_PROTOCOL },
		{ "HTTP/1.1  200 OK\r\n\r\n", ERR_PROTOCOL },
		{ "HTTP/1.1 099 OK\r\n\r\n", ERR_PROTOCOL },
		{ "HTTP/1.1 200 O\nK\r\n\r\n", ERR_PROTOCOL },
		{ OK "A: b\r\n folded\r\n\r\n", ERR_PROTOCOL },
		{ OK " A: b\r\n\r\n", ERR_PROTOCOL },
		{ OK "no colon\r\n\r\n", ERR_PROTOCOL },
		{ OK ": value\r\n\r\n", ERR_PROTOCOL },
		{ OK "A B: c\r\n\r\n", ERR_PROTOCOL },
		{ OK "A: b\nContent-Length: 0\r\n\r\n", ERR_PROTOCOL },
		{ OK "A: b\rc\r\n\r\n", ERR_PROTOCOL },
		{ OK "A: \x01\r\n\r\n", ERR_PROTOCOL },
		{ OK "Content-Length: -1\r\n\r\n", ERR_PROTOCOL },
		{ OK "Content-Length: +1\r\n\r\nx", ERR_PROTOCOL },
		{ OK "Content-Length: 1x\r\n\r\nx", ERR_PROTOCOL },
		{ OK "Content-Length:\r\n\r\n", ERR_PROTOCOL },
		{ OK "Content-Length: 99999999999999999999\r\n\r\n", ERR_PROTOCOL },
		{ OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy", ERR_PROTOCOL },
		{ OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", ERR_PROTOCOL },
		{ OK "Transfer-Encoding: gzip, chunked\r\n\r\n", ERR_PROTOCOL },
		{ OK "Transfer-Encoding: chunked\r\n\r\nx\r\n", ERR_PROTOCOL },
		{ OK "Transfer-Encoding: chunked\r\n\r\n\r\n", ERR_PROTOCOL },
		{ OK "Transfer-Encoding: chunked\r\n\r\n-1\r\n", ERR_PROTOCOL },
		{ OK "Transfer-Encoding: chunked\r\n\r\n1\nx\r\n", ERR_PROTOCOL },
		{ OK "Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n", ERR_PROTOCOL },
		{ OK "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", ERR_PROTOCOL },
		{ "HTTP/1.1 102 A\r\n\r\nHTTP/1.1 102 A\r\n\r\nHTTP/1.1 102 A\r\n\r\nHTTP/1.1 102 A\r\n\r\nHTTP/1.1 102 A\r\n\r\nHTTP/1.1 102 A\r\n\r\n"
		  "HTTP/1.1 102 A\r\n\r\nHTTP/1.1 102 A\r\n\r\nHTTP/1.1 102 A\r\n\r\n",
		  ERR_PROTOCOL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t cut = 0; cut <= strlen(cases[i].text); cut++) {
			bool reusable;
			struct outcome o = play("GET", cases[i].text, cut, &reusable);

			if (o.r != -(int)cases[i].kind || reusable)
				row_fail(cases[i].text, "cut at %zu: r %d, reusable %d", cut, o.r, reusable);
		}
	}
}

static void an_endless_head_is_refused(void **state)
{
	struct pair p = pair_open();
	struct http_reply reply;
	char line[1026];
	int r = 0;

	(void)state;
	memset(line, 'a', sizeof line);
	memcpy(line, "X: ", 3);
	memcpy(line + sizeof line - 2, "\r\n", 2);
	ask(&p, "GET");
	tell(&p, OK, strlen(OK));
	for (size_t sent = 0; r == 0 && sent < 2 * HTTP_MAX_HEAD; sent += sizeof line) {
		tell(&p, line, sizeof line);
		r = http_try_head(p.h, &reply, NULL);
	}
	assert_int_equal(r, -ERR_PROTOCOL);
	pair_close(&p);
}

static void a_zero_byte_in_the_head_is_refused(void **state)
{
	static const char text[] = OK "A: b\0c\r\n\r\n";
	struct pair p = pair_open();
	struct http_reply reply;

	(void)state;
	ask(&p, "GET");
	tell(&p, text, sizeof text - 1);
	assert_int_equal(http_read_head(p.h, clock_after_ms(1000), &reply, NULL), -ERR_PROTOCOL);
	pair_close(&p);
}

static void headers_are_found_by_name_in_any_case(void **state)
{
	static const char text[] =
		OK "Server:    X-Value \r\nEmpty:\r\nX-Value: one\r\nLibpod-Api-Version: 4.3.1\r\nContent-Length: 0\r\n\r\n";
	struct pair p = pair_open();
	struct http_reply reply;

	(void)state;
	assert_null(http_header(p.h, "Server"));
	ask(&p, "GET");
	tell(&p, text, sizeof text - 1);
	assert_int_equal(http_read_head(p.h, clock_after_ms(1000), &reply, NULL), 0);
	assert_string_equal(http_header(p.h, "libpod-api-version"), "4.3.1");
	assert_string_equal(http_header(p.h, "SERVER"), "X-Value");
	assert_string_equal(http_header(p.h, "x-value"), "one");
	assert_string_equal(http_header(p.h, "Empty"), "");
	assert_null(http_header(p.h, "one"));
	assert_null(http_header(p.h, "HTTP/1.1 200 OK"));
	assert_null(http_header(p.h, "alue"));
	pair_close(&p);
}

static void a_request_has_its_lines(void **state)
{
	static const char want[] =
		"POST /a?b=c HTTP/1.1\r\nHost: d\r\nUser-Agent: farpod\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
		"X-More: 1\r\n\r\n{}";
	struct pair p = pair_open();
	char got[512];
	struct http_req q = { .method = "POST",
			      .target = "/a?b=c",
			      .headers = "X-More: 1\r\n",
			      .content_type = "application/json",
			      .body = STR("{}") };

	(void)state;
	assert_int_equal(http_write_request(p.h, &q, clock_after_ms(1000), NULL), 0);
	assert_int_equal(fd_read_some(p.peer, got, sizeof got, clock_after_ms(1000), NULL), sizeof want - 1);
	assert_memory_equal(got, want, sizeof want - 1);
	pair_close(&p);
}

static void nothing_can_be_smuggled_into_a_request(void **state)
{
	static const struct http_req cases[] = {
		{ .method = "GET", .target = "/a b" },
		{ .method = "GET", .target = "/a\r\nX: y" },
		{ .method = "GET", .target = "/a\x7f" },
		{ .method = "GET", .target = "/\xc3\xa9" },
		{ .method = "GET", .target = "a" },
		{ .method = "GET", .target = "" },
		{ .method = "GET", .target = "/a", .headers = "X: y" },
		{ .method = "GET", .target = "/a", .headers = "X: y\n" },
		{ .method = "GET", .target = "/a", .headers = "X: y\r\n\r\nGET /b HTTP/1.1\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pair p = pair_open();

		if (http_write_request(p.h, &cases[i], clock_after_ms(1000), NULL) != -ERR_USAGE)
			row_fail(cases[i].target, "was sent");
		assert_int_equal(fd_wait(p.peer, POLLIN, 1, NULL), 0);
		pair_close(&p);
	}
}

static void a_silent_peer_is_told_from_one_that_breaks_off(void **state)
{
	struct http_reply reply;
	struct pair p = pair_open();

	(void)state;
	assert_true(http_idle_alive(p.h));
	ask(&p, "GET");
	assert_int_equal(http_read_head(p.h, clock_after_ms(20), &reply, NULL), -ERR_CONNECT);
	assert_true(http_silent(p.h));
	tell(&p, "HTTP", 4);
	hang_up(&p);
	assert_int_equal(http_read_head(p.h, clock_after_ms(1000), &reply, NULL), -ERR_CONNECT);
	assert_false(http_silent(p.h));
	assert_false(http_idle_alive(p.h));
	pair_close(&p);
}

static void a_body_is_collected_up_to_its_limit(void **state)
{
	static const char text[] = OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n";

	(void)state;
	for (size_t limit = 9; limit < 12; limit++) {
		struct buf b = BUF_INIT(limit);
		struct pair p = pair_open();
		struct http_reply reply;
		int r;

		ask(&p, "GET");
		tell(&p, text, sizeof text - 1);
		assert_int_equal(http_read_head(p.h, clock_after_ms(1000), &reply, NULL), 0);
		r = http_read_all(p.h, &b, clock_after_ms(1000), NULL);
		assert_int_equal(r, limit < 10 ? -ERR_PROTOCOL : 0);
		if (r == 0)
			assert_string_equal(buf_z(&b), "helloworld");
		assert_int_equal(http_reusable(p.h), r == 0);
		buf_done(&b);
		pair_close(&p);
	}
}

/* Poll tells nothing about bytes, or an end, that are in the client's buffer already. */
static void what_poll_can_not_tell_is_pending(void **state)
{
	static const char text[] = OK "Content-Length: 4\r\n\r\nabcd";
	struct pair p = pair_open();
	struct http_reply reply;
	char two[2];
	bool again;

	(void)state;
	ask(&p, "GET");
	assert_false(http_pending(p.h));
	tell(&p, text, sizeof text - 1);
	assert_int_equal(http_try_head(p.h, &reply, NULL), 1);
	for (int i = 0; i < 2; i++) {
		assert_true(http_pending(p.h));
		assert_int_equal(http_try_body(p.h, two, sizeof two, &again, NULL), 2);
	}
	assert_true(http_pending(p.h));
	assert_int_equal(http_try_body(p.h, two, sizeof two, &again, NULL), 0);
	assert_false(again);
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_understood_wherever_they_are_split),
		cmocka_unit_test(broken_replies_are_refused_wherever_they_are_split),
		cmocka_unit_test(an_endless_head_is_refused),
		cmocka_unit_test(a_zero_byte_in_the_head_is_refused),
		cmocka_unit_test(headers_are_found_by_name_in_any_case),
		cmocka_unit_test(a_request_has_its_lines),
		cmocka_unit_test(nothing_can_be_smuggled_into_a_request),
		cmocka_unit_test(a_silent_peer_is_told_from_one_that_breaks_off),
		cmocka_unit_test(a_body_is_collected_up_to_its_limit),
		cmocka_unit_test(what_poll_can_not_tell_is_pending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
