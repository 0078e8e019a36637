/* A registry that follows a script: requests that must come, in this order, and what is answered. Two addresses, so that a redirect can lead away.
 * Each reply closes its connection. Speaks no TLS, as many a local registry: a TLS hello gets what Go's servers answer. */
#ifndef REGISTRY_PEER_H
#define REGISTRY_PEER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "config/auth.h"
#include "registry/own.h"
#include "registry/registry.h"

#define PEER_MAX_STEPS 14
#define PEER_REQUEST_MAX (8 * 1024 * 1024)

struct step {
	const char *expect;       /* the request begins with this; NULL: the script's end */
	const char *holds, *lacks; /* head and body have this, and not that; NULL: anything */
	int status;
	const char *headers;      /* lines with "\r\n"; "%H" and "%O" stand for this address and the other */
	const char *body;
	size_t fill;              /* a body of this many blanks */
	size_t cut;               /* only so many bytes of the body are sent; 0: all */
	int on;                   /* comes to the other address */
	int times;                /* 0: once */
	bool hang;                /* no answer, or with cut no more of it, until the client goes */
	bool drop;                /* the connection is closed instead of an answer */
};

struct peer {
	const struct step *steps;
	int at, repeated;
	int fds[2], ports[2], stop[2];
	pthread_t thread;
	char complaint[2048];
};

static void peer_complain(struct peer *p, const char *what, const char *request)
{
	if (!p->complaint[0])
		snprintf(p->complaint, sizeof p->complaint, "step %d: expected \"%s\", came \"%.1500s\"", p->at, what, request);
}

static int peer_listen(int *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

/* Head, and body by Content-Length or chunks. */
static bool peer_is_whole(const struct buf *in)
{
	const char *end = strstr(buf_z(in), "\r\n\r\n"), *length = strcasestr(buf_z(in), "\r\nContent-Length:");
	size_t head = end ? (size_t)(end + 4 - in->p) : 0;

	if (!end)
		return false;
	if (strcasestr(buf_z(in), "\r\nTransfer-Encoding: chunked"))
		return str_ends(buf_str(in), STR("0\r\n\r\n"));
	return !length || length > end || in->n - head >= strtoul(length + 17, NULL, 10);
}

static bool peer_read(int fd, struct buf *in)
{
	while (!peer_is_whole(in)) {
		char *room = buf_reserve(in, 65536);
		ssize_t n = room ? fd_read_some(fd, room, 65536, clock_after_ms(5000), NULL) : -1;

		if (n <= 0)
			return false;
		in->n += (size_t)n;
		in->p[in->n] = '\0';
		if (in->p[0] == 0x16)
			return true;
	}
	return true;
}

static void peer_add_headers(const struct peer *p, const struct step *s, struct buf *out)
{
	for (const char *c = s->headers ? s->headers : ""; *c; c++) {
		if (c[0] == '%' && (c[1] == 'H' || c[1] == 'O'))
			buf_addf(out, "127.0.0.1:%d", p->ports[*++c == 'H' ? s->on : !s->on]);
		else
			buf_add_char(out, *c);
	}
}

static void peer_answer(struct peer *p, const struct step *s, int fd, bool head)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(PEER_REQUEST_MAX);
	const char *body = s->body ? s->body : "";
	size_t n = s->fill ? s->fill : strlen(body);

	buf_addf(&out, "HTTP/1.1 %d X\r\nConnection: close\r\n", s->status);
	peer_add_headers(p, s, &out);
	if (!s->headers || !strstr(s->headers, "Content-Length"))
		buf_addf(&out, "Content-Length: %zu\r\n", n);
	buf_add_z(&out, "\r\n");
	for (size_t i = 0; s->fill && i < n; i++)
		buf_add_char(&out, ' ');
	if (!s->fill && !head)
		buf_add_bytes(&out, body, s->cut ? s->cut : n);
	fd_write_all(fd, out.p, out.n, clock_after_ms(5000), NULL);
}

static void peer_step(struct peer *p, int fd, int on, const struct buf *in)
{
	const struct step *s = &p->steps[p->at];
	struct pollfd gone[2] = { { .fd = fd, .events = POLLIN }, { .fd = p->stop[1], .events = POLLIN } };

	if (!s->expect) {
		peer_complain(p, "no more requests", buf_z(in));
		return;
	}
	if (s->on != on || !str_starts(buf_str(in), str_from(s->expect)))
		peer_complain(p, s->expect, buf_z(in));
	if (s->holds && !strstr(buf_z(in), s->holds))
		peer_complain(p, s->holds, buf_z(in));
	if (s->lacks && strstr(buf_z(in), s->lacks))
		peer_complain(p, "something without what it has", buf_z(in));
	if (++p->repeated >= s->times) {
		p->at++;
		p->repeated = 0;
	}
	if (!s->drop && (!s->hang || s->cut))
		peer_answer(p, s, fd, str_starts(buf_str(in), STR("HEAD ")));
	if (s->hang)
		poll(gone, 2, 10000);
}

static void peer_serve(struct peer *p, int fd, int on)
{
	static const char no_tls[] = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
	CLEANUP(buf_done) struct buf in = BUF_INIT(PEER_REQUEST_MAX);

	if (!peer_read(fd, &in))
		return;
	if (in.p[0] == 0x16)
		fd_write_all(fd, no_tls, sizeof no_tls - 1, clock_after_ms(5000), NULL);
	else
		peer_step(p, fd, on, &in);
	shutdown(fd, SHUT_WR);
	/* A close with bytes unread would be a reset, which can overtake the answer. */
	while (fd_read_some(fd, (char[256]){ 0 }, 256, clock_after_ms(1000), NULL) > 0)
		;
}

static void *peer_main(void *ctx)
{
	struct peer *p = ctx;
	struct pollfd wait[3] = { { p->fds[0], POLLIN, 0 }, { p->fds[1], POLLIN, 0 }, { p->stop[1], POLLIN, 0 } };

	while (poll(wait, 3, -1) > 0 && !wait[2].revents)
		for (int on = 0; on < 2; on++) {
			CLEANUP(fd_close_p) int fd = wait[on].revents ? accept(wait[on].fd, NULL, NULL) : -1;

			if (fd >= 0)
				peer_serve(p, fd, on);
		}
	return NULL;
}

static void peer_start(struct peer *p, const struct step *steps)
{
	*p = (struct peer){ .steps = steps };
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < 2; i++)
		p->fds[i] = peer_listen(&p->ports[i]);
	assert_int_equal(fd_socketpair(p->stop, NULL), 0);
	assert_int_equal(pthread_create(&p->thread, NULL, peer_main, p), 0);
}

static void peer_end(struct peer *p)
{
	assert_int_equal(write(p->stop[0], "", 1), 1);
	pthread_join(p->thread, NULL);
	for (int i = 0; i < 2; i++) {
		close(p->fds[i]);
		close(p->stop[i]);
	}
}

/* ---- rows -------------------------------------------------------------------------------------------------------------- */

static struct {
	int polls_left;      /* then the user interrupts; < 0: never */
	unsigned delays[16]; /* that were told */
	size_t n;
	struct buf got;
} seen;

static bool seen_interrupted(void *ctx)
{
	(void)ctx;
	return seen.polls_left >= 0 && seen.polls_left-- == 0;
}

static void seen_retrying(void *ctx, const char *why, unsigned delay_ms)
{
	(void)ctx;
	assert_non_null(why);
	if (seen.n < ARRAY_LEN(seen.delays))
		seen.delays[seen.n++] = delay_ms;
}

struct row {
	const char *name;
	struct step steps[PEER_MAX_STEPS];
	int (*run)(struct registry *r, struct error *err);
	int ret;
	const char *text;        /* in the error */
	bool identity, anonymous, hasty;
	int polls;               /* the interrupt comes at this look; 0: never */
	unsigned stall_ms;       /* 0: the usual */
	size_t retries;          /* that were told */
	unsigned delay_ms;       /* the first of them; 0: any */
	const char *got;         /* by the sink */
};

#define PING { "GET /v2/ ", .status = 200 }
#define PING_BASIC { "GET /v2/ ", .lacks = "Authorization", .status = 401, .headers = "WWW-Authenticate: Basic realm=\"x\"\r\n" }
#define PING_BEARER                                                                                                                                         \
	{ "GET /v2/ ", .lacks = "Authorization", .status = 401,                                                                                             \
	  .headers = "WWW-Authenticate: Bearer realm=\"http://%O/token?x=1\",service=\"here, there\"\r\n" }
#define BASIC_ALICE "Authorization: Basic YWxpY2U6c2VjcmV0\r\n"

static struct registry *row_open(const struct row *row, const struct peer *p)
{
	static char name[] = "alice", password[] = "secret", identity[] = "id+1";
	struct credentials by_name = { .username = name, .password = password }, by_identity = { .identity_token = identity };
	const struct credentials *c = row->anonymous ? NULL : row->identity ? &by_identity : &by_name;
	struct registry_options o = { .credentials = c, .insecure = true, .hasty = row->hasty, .interrupted = seen_interrupted, .retrying = seen_retrying };
	struct registry *r = NULL;
	char host[64];

	snprintf(host, sizeof host, "127.0.0.1:%d", p->ports[0]);
	assert_int_equal(registry_open(host, &o, &r, NULL), 0);
	r->delay_ms = 10;
	if (row->stall_ms)
		r->stall_ms = row->stall_ms;
	return r;
}

static void row_check(const struct row *row, const struct peer *p, int ret, const struct error *err)
{
	if (p->complaint[0])
		row_fail(row->name, "%s", p->complaint);
	if (ret != row->ret)
		row_fail(row->name, "gave %d and not %d: %s", ret, row->ret, err->text ? err->text : "");
	if (row->text && (!err->text || !strstr(err->text, row->text)))
		row_fail(row->name, "said \"%s\"", err->text ? err->text : "");
	if (p->steps[p->at].expect)
		row_fail(row->name, "\"%s\" never came", p->steps[p->at].expect);
	if (seen.n != row->retries || (row->delay_ms && seen.delays[0] != row->delay_ms))
		row_fail(row->name, "%zu retries, the first after %u ms", seen.n, seen.delays[0]);
	if (row->got && strcmp(row->got, buf_z(&seen.got)) != 0)
		row_fail(row->name, "the sink got \"%s\"", buf_z(&seen.got));
}

static void row_run(const struct row *row)
{
	CLEANUP(registry_close_p) struct registry *r = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct peer p;
	int ret;

	seen.polls_left = row->polls ? row->polls - 1 : -1;
	seen.n = 0;
	seen.got = BUF_INIT(PEER_REQUEST_MAX);
	peer_start(&p, row->steps);
	r = row_open(row, &p);
	ret = row->run(r, &err);
	peer_end(&p);
	row_check(row, &p, ret, &err);
	buf_done(&seen.got);
}

static void rows_run(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		row_run(&rows[i]);
}

#endif
