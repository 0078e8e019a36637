/* A request's body that is produced while it is sent. */
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "rest/http.h"

/* Writes n bytes in pieces of a size, then fails if it is told to. */
struct maker {
	size_t n, piece;
	enum err_kind fail;
	size_t made;
};

static char byte_at(size_t i)
{
	return (char)('a' + i % 23);
}

static int make(void *ctx, const struct byte_sink *to, struct error *err)
{
	struct maker *m = ctx;
	char piece[70000];

	while (m->made < m->n) {
		size_t n = m->n - m->made < m->piece ? m->n - m->made : m->piece;
		int r;

		for (size_t i = 0; i < n; i++)
			piece[i] = byte_at(m->made + i);
		r = sink_write(to, piece, n, err);
		if (r < 0)
			return r;
		m->made += n;
	}
	return m->fail ? error_set(err, m->fail, "the disk broke") : 0;
}

/* The other end: reads the head, then body bytes up to take; answers, and closes when told. */
struct taker {
	int fd;
	size_t take;
	const char *reply;
	bool then_close;
	struct buf got;
};

static bool is_over(const struct taker *t)
{
	struct str in = buf_str(&t->got), end = STR("\r\n0\r\n\r\n");

	return in.n >= t->take || (strstr(buf_z(&t->got), "chunked") && str_ends(in, end));
}

static void *take(void *arg)
{
	struct taker *t = arg;
	char piece[4096];

	while (!is_over(t)) {
		ssize_t n = read(t->fd, piece, sizeof piece);

		if (n <= 0)
			break;
		buf_add_bytes(&t->got, piece, (size_t)n);
	}
	if (t->reply)
		fd_write_all(t->fd, t->reply, strlen(t->reply), 0, NULL);
	if (t->then_close) {
		close(t->fd);
		t->fd = -1;
	}
	return NULL;
}

/* The body as it was sent, chunks taken apart; checks that every byte is right. */
static size_t body_of(const struct taker *t, const char *row)
{
	const char *p = strstr(buf_z(&t->got), "\r\n\r\n") + 4, *end = t->got.p + t->got.n;
	bool chunked = strstr(buf_z(&t->got), "Transfer-Encoding: chunked\r\n") != NULL;
	size_t n = 0;

	while (p < end) {
		size_t size = (size_t)(end - p);

		if (chunked) {
			char *behind;

			size = strtoul(p, &behind, 16);
			p = behind + 2;
		}
		for (size_t i = 0; i < size; i++)
			if (p[i] != byte_at(n + i))
				row_fail(row, "byte %zu is wrong", n + i);
		n += size;
		p += size + (chunked ? 2 : 0);
	}
	return n;
}

#define OK   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define FULL "HTTP/1.1 507 Full\r\nContent-Length: 4\r\n\r\nfull"

static void bodies_go_up(void **state)
{
	static const struct {
		const char *name;
		size_t n, piece;
		int64_t length;
		enum err_kind fail;
		size_t take; /* bytes that the peer reads before it answers */
		const char *reply;
		bool then_close;
		int r, status;
		bool reusable;
		const char *text;
	} cases[] = {
		{ "nothing", 0, 1, -1, 0, SIZE_MAX, OK, false, 0, 200, true, "" },
		{ "a byte", 1, 1, -1, 0, SIZE_MAX, OK, false, 0, 200, true, "" },
		{ "small pieces", 300001, 7, -1, 0, SIZE_MAX, OK, false, 0, 200, true, "" },
		{ "large pieces", 1000000, 70000, -1, 0, SIZE_MAX, OK, false, 0, 200, true, "" },
		{ "a whole buffer", 131072, 4096, -1, 0, SIZE_MAX, OK, false, 0, 200, true, "" },
		{ "with a length", 300001, 512, 300001, 0, 300001, OK, false, 0, 200, true, "" },
		{ "less than the length", 10, 10, 11, 0, 0, NULL, false, -ERR_PROTOCOL, 0, false,
		  "what is to be sent ended after 10 of 11 bytes" },
		{ "more than the length", 12, 6, 11, 0, 0, NULL, false, -ERR_PROTOCOL, 0, false,
		  "what is to be sent is longer than its 11 bytes" },
		{ "it fails here", 200000, 512, -1, ERR_SYSTEM, SIZE_MAX, NULL, false, -ERR_SYSTEM, 0, false, "the disk broke" },
		{ "refused early", 50000000, 65536, -1, 0, 5000, FULL, false, 0, 507, false, "" },
		{ "refused and closed", 50000000, 65536, -1, 0, 5000, FULL, true, 0, 507, false, "" },
		{ "refused and closed, with a length", 50000000, 65536, 50000000, 0, 5000, FULL, true, 0, 507, false, "" },
		{ "closed", 50000000, 65536, -1, 0, 5000, NULL, true, -ERR_CONNECT, 0, false, NULL },
		{ "nobody reads", 50000000, 65536, -1, 0, 5000, NULL, false, -ERR_CONNECT, 0, false,
		  "the service has taken nothing of what is sent to it for 0.3 seconds" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct maker m = { cases[i].n, cases[i].piece, cases[i].fail, 0 };
		struct byte_producer p = { make, &m, cases[i].length, false };
		struct http_req q = { .method = "POST", .target = "/x", .upload = &p, .stall_ms = 300 };
		struct taker t = { .take = SIZE_MAX, .reply = cases[i].reply, .then_close = cases[i].then_close };
		struct http_reply reply = { 0 };
		struct http *h;
		pthread_t thread;
		int fds[2], r;

		t.got = BUF_INIT(64 * 1024 * 1024);
		t.take = cases[i].take;
		assert_int_equal(fd_socketpair(fds, NULL), 0);
		assert_int_equal(http_open(fds[0], &h, NULL), 0);
		t.fd = fds[1];
		if (cases[i].length >= 0 && cases[i].status == 200)
			t.take += strlen("POST /x HTTP/1.1\r\nHost: d\r\nUser-Agent: farpod\r\nContent-Length: 300001\r\n\r\n");
		assert_int_equal(pthread_create(&thread, NULL, take, &t), 0);
		r = http_send(h, &q, clock_after_ms(20000), &reply, &err);
		if (r != cases[i].r || reply.status != cases[i].status)
			row_fail(cases[i].name, "r %d status %d \"%s\"", r, reply.status, err.text ? err.text : "");
		if (cases[i].text && r < 0 && strcmp(err.text, cases[i].text) != 0)
			row_fail(cases[i].name, "\"%s\"", err.text);
		if (r == 0) {
			CLEANUP(buf_done) struct buf body = BUF_INIT(100);

			assert_int_equal(http_read_all(h, &body, clock_after_ms(1000), NULL), 0);
			assert_string_equal(buf_z(&body), cases[i].status == 200 ? "ok" : "full");
		}
		if (http_reusable(h) != cases[i].reusable)
			row_fail(cases[i].name, "reusable %d", http_reusable(h));
		http_close(h);
		pthread_join(thread, NULL);
		if (cases[i].status == 200 && body_of(&t, cases[i].name) != cases[i].n)
			row_fail(cases[i].name, "%zu bytes arrived", body_of(&t, cases[i].name));
		if (cases[i].status == 507 && m.made == m.n)
			row_fail(cases[i].name, "all was sent");
		/* An upload that failed must not look complete. */
		if (cases[i].r < 0 && str_ends(buf_str(&t.got), STR("\r\n0\r\n\r\n")))
			row_fail(cases[i].name, "it was ended as if it were whole");
		if (t.fd >= 0)
			close(t.fd);
		buf_done(&t.got);
	}
}

/* A slow peer is no stalled one: each byte that it takes counts anew. */
static void *take_slowly(void *arg)
{
	struct taker *t = arg;
	char piece[65536];

	for (int i = 0; i < 12; i++) {
		usleep(150 * 1000);
		if (read(t->fd, piece, sizeof piece) <= 0)
			return NULL;
	}
	return take(arg);
}

static void a_slow_peer_is_waited_for(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct maker m = { 2000000, 65536, 0, 0 };
	struct byte_producer p = { make, &m, 2000000, false };
	struct http_req q = { .method = "POST", .target = "/x", .upload = &p, .stall_ms = 1000 };
	struct taker t = { .take = SIZE_MAX, .got = BUF_INIT(64 * 1024 * 1024) };
	struct http *h;
	pthread_t thread;
	int fds[2];

	(void)state;
	assert_int_equal(fd_socketpair(fds, NULL), 0);
	assert_int_equal(http_open(fds[0], &h, NULL), 0);
	t.fd = fds[1];
	assert_int_equal(pthread_create(&thread, NULL, take_slowly, &t), 0);
	if (http_write_request(h, &q, clock_after_ms(20000), &err) < 0)
		fail_msg("%s", err.text);
	http_close(h);
	pthread_join(thread, NULL);
	close(t.fd);
	buf_done(&t.got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_go_up),
		cmocka_unit_test(a_slow_peer_is_waited_for),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
