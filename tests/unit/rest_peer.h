/* A service that follows a script: each connection, in the order of dialling, has requests that must come and what is answered. */
#ifndef REST_PEER_H
#define REST_PEER_H

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#include "base/buf.h"
#include "base/dialer.h"
#include "base/fd.h"
#include "engine/engine.h"
#include "rest/engine.h"

#define PEER_MAX_CONNECTIONS 8
#define PEER_MAX_STEPS       12

struct step {
	const char *expect; /* the request begins with this; NULL: the script's end */
	const char *holds;  /* and has this in it; NULL: anything */
	const char *reply;  /* NULL: none, the connection is closed */
	size_t n;           /* of reply; 0: strlen */
	bool read_to_end;   /* before the reply's second part (tail) the client's bytes are read up to its end of file */
	const char *tail;
	size_t tail_n;
	bool piecewise; /* byte by byte */
	bool then_close;
	int wait_for; /* number (from 1) of a connection that must be done before the reply goes out; 0: none */
};

struct connection {
	struct step steps[PEER_MAX_STEPS];
};

struct peer {
	const struct connection *script;
	size_t n, dialled, joined;
	pthread_t threads[PEER_MAX_CONNECTIONS];
	int fds[PEER_MAX_CONNECTIONS];
	bool done[PEER_MAX_CONNECTIONS];
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct buf input; /* what read_to_end read */
	char complaint[1024];
	const char *why; /* last_failure */
};

static void peer_complain(struct peer *p, const char *what, const char *request)
{
	pthread_mutex_lock(&p->lock);
	if (!p->complaint[0])
		snprintf(p->complaint, sizeof p->complaint, "expected \"%s\", came \"%.700s\"", what, request);
	pthread_mutex_unlock(&p->lock);
}

static void peer_done(struct peer *p, size_t i)
{
	pthread_mutex_lock(&p->lock);
	p->done[i] = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static void peer_wait(struct peer *p, size_t i)
{
	pthread_mutex_lock(&p->lock);
	while (!p->done[i])
		pthread_cond_wait(&p->changed, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

/* Decodes the chunks behind the head, in place; the whole length with the last chunk's line in *ret_n. False when some are still missing. */
static bool peer_unchunk(struct buf *have, size_t head, size_t *ret_n, struct buf *ret)
{
	size_t at = head;

	buf_clear(ret);
	buf_add_bytes(ret, have->p, head);
	for (;;) {
		char *end;
		size_t size = at < have->n && memchr(have->p + at, '\n', have->n - at) ? strtoul(have->p + at, &end, 16) : SIZE_MAX;

		if (size == SIZE_MAX || (size_t)(end + 2 - have->p) + size + 2 > have->n)
			return false;
		at = (size_t)(end + 2 - have->p);
		buf_add_bytes(ret, have->p + at, size);
		at += size + 2;
		*ret_n = at;
		if (size == 0)
			return true;
	}
}

/* One request with its body; false at the end of the connection. Bytes behind it stay in *have. */
static bool peer_request(int fd, struct buf *have, struct buf *ret)
{
	for (;;) {
		const char *end = have->n ? strstr(buf_z(have), "\r\n\r\n") : NULL, *length;
		char piece[4096];
		ssize_t n;

		if (end) {
			size_t head = (size_t)(end - have->p) + 4, body = 0;

			length = strstr(have->p, "Transfer-Encoding: chunked");
			if (length && length < end) {
				if (peer_unchunk(have, head, &body, ret)) {
					buf_consume(have, body);
					return true;
				}
				head = SIZE_MAX / 2;
			}
			length = strstr(have->p, "Content-Length: ");
			if (length && length < end)
				body = strtoul(length + 16, NULL, 10);
			if (have->n >= head + body) {
				buf_clear(ret);
				buf_add_bytes(ret, have->p, head + body);
				buf_consume(have, head + body);
				return true;
			}
		}
		n = read(fd, piece, sizeof piece);
		if (n <= 0)
			return false;
		buf_add_bytes(have, piece, (size_t)n);
	}
}

/* A reply as it goes out: "Content-Length: @" stands for the length of the body behind it. */
static void peer_fill_in(const char *reply, struct buf *ret)
{
	const char *at = strstr(reply, "Content-Length: @"), *body = strstr(reply, "\r\n\r\n");

	if (!at) {
		buf_add_z(ret, reply);
		return;
	}
	buf_add_bytes(ret, reply, (size_t)(at - reply));
	buf_addf(ret, "Content-Length: %zu%s", strlen(body + 4), at + 17);
}

static void peer_send(int fd, const char *p, size_t n, bool piecewise)
{
	if (!piecewise) {
		fd_write_all(fd, p, n, 0, NULL);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		fd_write_all(fd, p + i, 1, 0, NULL);
		usleep(200);
	}
}

static void peer_read_to_end(struct peer *p, int fd, struct buf *have)
{
	char piece[4096];
	ssize_t n;

	pthread_mutex_lock(&p->lock);
	buf_add(&p->input, buf_str(have));
	pthread_mutex_unlock(&p->lock);
	while ((n = read(fd, piece, sizeof piece)) > 0) {
		pthread_mutex_lock(&p->lock);
		buf_add_bytes(&p->input, piece, (size_t)n);
		pthread_mutex_unlock(&p->lock);
	}
}

struct peer_start {
	struct peer *peer;
	size_t i;
};

static void peer_reply(int fd, const struct step *s)
{
	struct buf text = BUF_INIT(1024 * 1024);

	if (s->n)
		buf_add_bytes(&text, s->reply, s->n);
	else
		peer_fill_in(s->reply, &text);
	peer_send(fd, text.p, text.n, s->piecewise);
	buf_done(&text);
}

/* False when the connection is over. */
static bool peer_step(struct peer *p, int fd, const struct step *s, struct buf *have, struct buf *request)
{
	if (!peer_request(fd, have, request)) {
		peer_complain(p, s->expect, "the end of the connection");
		return false;
	}
	if (strncmp(buf_z(request), s->expect, strlen(s->expect)) != 0 || (s->holds && !strstr(buf_z(request), s->holds)))
		peer_complain(p, s->holds ? s->holds : s->expect, buf_z(request));
	if (s->wait_for)
		peer_wait(p, (size_t)s->wait_for - 1);
	if (!s->reply)
		return false;
	peer_reply(fd, s);
	if (s->read_to_end)
		peer_read_to_end(p, fd, have);
	if (s->tail)
		peer_send(fd, s->tail, s->tail_n ? s->tail_n : strlen(s->tail), s->piecewise);
	return !s->then_close;
}

static void *peer_main(void *arg)
{
	struct peer_start start = *(struct peer_start *)arg;
	struct peer *p = start.peer;
	struct buf have = BUF_INIT(1024 * 1024), request = BUF_INIT(1024 * 1024);
	int fd = p->fds[start.i];
	bool open = true;

	free(arg);
	for (const struct step *s = p->script[start.i].steps; open && s->expect; s++)
		open = peer_step(p, fd, s, &have, &request);
	if (open && peer_request(fd, &have, &request))
		peer_complain(p, "nothing more", buf_z(&request));
	close(fd);
	peer_done(p, start.i);
	buf_done(&have);
	buf_done(&request);
	return NULL;
}

static int peer_dial(void *ctx, int *ret_fd, struct error *err)
{
	struct peer *p = ctx;
	struct peer_start *start;
	int fds[2];

	if (p->dialled == p->n)
		return error_set(err, ERR_CONNECT, "nobody listens");
	if (fd_socketpair(fds, err) < 0)
		return -ERR_SYSTEM;
	start = malloc(sizeof *start);
	*start = (struct peer_start){ p, p->dialled };
	p->fds[p->dialled] = fds[1];
	if (pthread_create(&p->threads[p->dialled], NULL, peer_main, start) != 0)
		abort();
	p->dialled++;
	*ret_fd = fds[0];
	return 0;
}

static const char *peer_failure(void *ctx)
{
	return ((struct peer *)ctx)->why;
}

static struct peer peer_of(const struct connection *script, size_t n)
{
	return (struct peer){ .script = script,
			      .n = n,
			      .lock = PTHREAD_MUTEX_INITIALIZER,
			      .changed = PTHREAD_COND_INITIALIZER,
			      .input = BUF_INIT(16 * 1024 * 1024) };
}

static struct dialer peer_dialer(struct peer *p)
{
	return (struct dialer){ .dial = peer_dial, .last_failure = peer_failure, .ctx = p, .where = "test" };
}

/* Waits for the connections, whose ends the client has closed. */
static void peer_join(struct peer *p)
{
	for (; p->joined < p->dialled; p->joined++)
		pthread_join(p->threads[p->joined], NULL);
}

/* Waits too, and tells whether the script was followed. */
static void peer_check(struct peer *p, const char *row)
{
	peer_join(p);
	if (p->complaint[0])
		row_fail(row, "%s", p->complaint);
	if (p->dialled != p->n)
		row_fail(row, "%zu of %zu connections were made", p->dialled, p->n);
	buf_done(&p->input);
}

#define PING(version)                                                                                                              \
	{                                                                                                                          \
		.expect = "GET /_ping HTTP/1.1\r\n",                                                                               \
		.reply = "HTTP/1.1 200 OK\r\nLibpod-Api-Version: " version "\r\nContent-Length: 2\r\n\r\nOK"                       \
	}
#define JSON(status, text) "HTTP/1.1 " status "\r\nContent-Type: application/json\r\nContent-Length: @\r\n\r\n" text
#define NO_CONTENT         "HTTP/1.1 204 No Content\r\n\r\n"
#define UPGRADED                                                                                                                   \
	"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

#endif
