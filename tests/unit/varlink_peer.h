/* A scripted io.podman service for tests: each connection that the client dials gets the next script, played by a thread on the other end of a
 * socketpair. A step that does not find what it expects ends the script and is told by peer_finish. */
#ifndef VARLINK_PEER_H
#define VARLINK_PEER_H

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "unit.h"

#include "base/dialer.h"
#include "base/fd.h"

enum step_kind { STEP_END, STEP_CALL, STEP_RAW, STEP_SEND, STEP_BYTEWISE, STEP_EOF, STEP_AFTER };

struct step {
	enum step_kind kind;
	const char *p;
	size_t n;
};

#define CALL(text)                                                                                                                 \
	{                                                                                                                          \
		STEP_CALL, text, sizeof(text) - 1                                                                                  \
	} /* a message that has text in it */
#define RAW(bytes)                                                                                                                 \
	{                                                                                                                          \
		STEP_RAW, bytes, sizeof(bytes) - 1                                                                                 \
	} /* exactly these bytes */
#define SEND(bytes)                                                                                                                \
	{                                                                                                                          \
		STEP_SEND, bytes, sizeof(bytes) - 1                                                                                \
	}
#define REPLY(json)                                                                                                                \
	{                                                                                                                          \
		STEP_SEND, json, sizeof(json)                                                                                      \
	} /* with its NUL */
#define BYTEWISE(bytes)                                                                                                            \
	{                                                                                                                          \
		STEP_BYTEWISE, bytes, sizeof(bytes) - 1                                                                            \
	} /* one write for each byte */
#define AT_EOF                                                                                                                     \
	{                                                                                                                          \
		STEP_EOF, NULL, 0                                                                                                  \
	} /* the client closes */
#define AFTER(k)                                                                                                                   \
	{                                                                                                                          \
		STEP_AFTER, NULL, k                                                                                                \
	} /* connection k has played its script */
#define END                                                                                                                        \
	{                                                                                                                          \
		STEP_END, NULL, 0                                                                                                  \
	}

#define PEER_MAX 8

struct peer;

struct peer_conn {
	struct peer *peer;
	const struct step *script;
	int fd;
	pthread_t thread;
	atomic_bool played;
	char failure[512];
};

struct peer {
	const struct step *const *scripts; /* one a connection, NULL at the end */
	struct peer_conn conns[PEER_MAX];
	size_t n;
	struct dialer dialer;
};

static inline void peer_fail(struct peer_conn *c, const char *what, const char *want, const char *got, size_t n_got)
{
	snprintf(c->failure, sizeof c->failure, "%s: expected \"%s\", got %zu bytes \"%.*s\"", what, want, n_got,
		 (int)(n_got < 300 ? n_got : 300), got);
}

static inline bool peer_read_call(struct peer_conn *c, const struct step *s)
{
	static __thread char text[256 * 1024];
	size_t n = 0;

	while (n < sizeof text - 1 && read(c->fd, text + n, 1) == 1 && text[n])
		n++;
	text[n] = 0;
	if (strstr(text, s->p))
		return true;
	peer_fail(c, "call", s->p, text, n);
	return false;
}

static inline bool peer_read_raw(struct peer_conn *c, const struct step *s)
{
	char got[4096];
	size_t n = 0;

	while (n < s->n && read(c->fd, got + n, 1) == 1)
		n++;
	if (n == s->n && memcmp(got, s->p, n) == 0)
		return true;
	peer_fail(c, "raw", s->p, got, n);
	return false;
}

static inline void *peer_play(void *arg)
{
	struct peer_conn *c = arg;
	bool ok = true;
	char byte;

	for (const struct step *s = c->script; ok && s->kind != STEP_END; s++) {
		if (s->kind == STEP_CALL)
			ok = peer_read_call(c, s);
		else if (s->kind == STEP_RAW)
			ok = peer_read_raw(c, s);
		else if (s->kind == STEP_EOF)
			while (read(c->fd, &byte, 1) == 1)
				;
		else if (s->kind == STEP_AFTER)
			while (!c->peer->conns[s->n].played)
				usleep(1000);
		else if (s->kind == STEP_SEND)
			ok = write(c->fd, s->p, s->n) == (ssize_t)s->n;
		else
			for (size_t i = 0; i < s->n; i++)
				(void)!write(c->fd, s->p + i, 1);
	}
	c->played = true;
	close(c->fd);
	return NULL;
}

static inline int peer_dial(void *ctx, int *ret_fd, struct error *err)
{
	struct peer *p = ctx;
	struct peer_conn *c = &p->conns[p->n];
	int fds[2];

	if (p->n >= PEER_MAX || !p->scripts[p->n])
		return error_set(err, ERR_CONNECT, "no script for connection %zu", p->n);
	assert_int_equal(fd_socketpair(fds, err), 0);
	c->peer = p;
	c->script = p->scripts[p->n++];
	c->fd = fds[1];
	assert_int_equal(pthread_create(&c->thread, NULL, peer_play, c), 0);
	*ret_fd = fds[0];
	return 0;
}

static inline void peer_init(struct peer *p, const struct step *const *scripts)
{
	signal(SIGPIPE, SIG_IGN);
	*p = (struct peer){ .scripts = scripts, .dialer = { .dial = peer_dial, .where = "the peer" } };
	p->dialer.ctx = p;
}

/* After the client closed everything: every script was played to its end. */
static inline void peer_finish(struct peer *p)
{
	for (size_t i = 0; i < p->n; i++) {
		pthread_join(p->conns[i].thread, NULL);
		if (p->conns[i].failure[0])
			fail_msg("connection %zu: %s", i, p->conns[i].failure);
	}
	if (p->scripts[p->n])
		fail_msg("connection %zu was not made", p->n);
}

#endif
