#include "connection.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "service.h"

enum {
	IN_MAX = 4 * 1024 * 1024, /* the largest call; the biggest that clients send is a Create with a long command */
	IN_BLOCK = 64 * 1024,
	RAW_IN_MAX = 128 * 1024, /* two frames of podman-remote; more waits in the socket */
	OUT_MAX = 64 * 1024 * 1024,
	OUT_FULL = 256 * 1024,
	SLOW_BYTE_MS = 20,
};

void connections_accept(struct host *h)
{
	struct connection *c;
	int fd = accept(h->listen_fd, NULL, NULL);

	if (fd < 0)
		return;
	c = calloc(1, sizeof *c);
	if (!c || fd_set_cloexec(fd) < 0 || fd_set_nonblock(fd, true) < 0) {
		free(c);
		close(fd);
		return;
	}
	*c = (struct connection){ .host = h, .fd = fd, .in = BUF_INIT(IN_MAX + IN_BLOCK), .out = BUF_INIT(OUT_MAX) };
	c->next = h->connections;
	h->connections = c;
}

static void connection_read(struct connection *c)
{
	char *p = buf_reserve(&c->in, IN_BLOCK);
	ssize_t n = p ? read(c->fd, p, IN_BLOCK) : 0;

	if (n > 0) {
		c->in.n += (size_t)n;
		c->in.p[c->in.n] = '\0';
	} else if (n == 0) {
		c->input_ended = true;
	} else if (errno != EAGAIN && errno != EINTR) {
		c->input_ended = true;
		c->hung_up = true;
	}
}

static void connection_ready(void *ctx, short revents)
{
	struct connection *c = ctx;

	if ((revents & (POLLIN | POLLHUP | POLLERR)) && !c->input_ended)
		connection_read(c);
	if (c->input_ended && (revents & (POLLHUP | POLLERR)))
		c->hung_up = true;
}

static bool wants_input(const struct connection *c)
{
	if (c->input_ended || c->finished)
		return false;
	return c->in.n < (c->raw ? RAW_IN_MAX : IN_MAX);
}

void connections_want(struct host *h)
{
	for (struct connection *c = h->connections; c; c = c->next) {
		short events = wants_input(c) ? POLLIN : 0;

		if (c->out.n && c->trickle != SLOW)
			events |= POLLOUT;
		loop_want(&h->loop, c->fd, events, connection_ready, c);
		if (c->out.n && c->trickle == SLOW)
			loop_wake_at(&h->loop, c->next_byte_ms);
	}
}

static size_t bytes_due(struct connection *c)
{
	if (c->trickle == SLOW && clock_ms() < c->next_byte_ms)
		return 0;
	if (c->trickle == SLOW)
		c->next_byte_ms = clock_after_ms(SLOW_BYTE_MS);
	return c->trickle == BEHAVE ? c->out.n : 1;
}

static void connection_write(struct connection *c)
{
	size_t n;

	while (c->out.n && (n = bytes_due(c)) > 0) {
		ssize_t w = write(c->fd, c->out.p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0 && errno != EAGAIN)
			c->hung_up = true;
		if (w <= 0)
			return;
		buf_consume(&c->out, (size_t)w);
		/* Who waited for room here goes on. */
		if (!c->out.n)
			host_wake(c->host);
	}
}

bool connection_full(const struct connection *c)
{
	return c->out.n >= OUT_FULL;
}

void connection_finish(struct connection *c)
{
	c->finished = true;
}

void connection_upgrade(struct connection *c, const struct raw_mode *raw, void *ctx)
{
	c->raw = raw;
	c->raw_ctx = ctx;
}

void connection_downgrade(struct connection *c)
{
	c->raw = NULL;
	c->raw_ctx = NULL;
}

/* Calls come one after the other; the next is not looked at before the last is answered. */
static void serve_messages(struct connection *c)
{
	while (!c->call && !c->raw && !c->finished) {
		struct str message;

		if (!c->in.n || !str_cut(buf_str(&c->in), '\0', &message, NULL)) {
			if (c->in.n >= IN_MAX)
				connection_finish(c);
			return;
		}
		service_message(c, message);
		buf_consume(&c->in, message.n + 1);
		host_wake(c->host);
	}
}

static void connection_turn(struct connection *c)
{
	if (c->call)
		service_resume(c);
	serve_messages(c);
	if (c->raw && !c->finished)
		c->raw->turn(c);
	if (!c->raw)
		serve_messages(c);
	if (c->out.failed)
		c->hung_up = true;
	connection_write(c);
	if (c->input_ended && !c->raw && !c->call)
		connection_finish(c);
	if (c->hung_up || (c->finished && !c->out.n))
		c->dead = true;
}

static void connection_free(struct connection *c)
{
	if (c->raw)
		c->raw->closed(c);
	service_drop(c);
	close(c->fd);
	buf_done(&c->in);
	buf_done(&c->out);
	free(c);
}

static void connections_sweep(struct host *h)
{
	for (struct connection **p = &h->connections; *p;) {
		struct connection *c = *p;

		if (c->dead) {
			*p = c->next;
			connection_free(c);
			host_wake(h);
		} else {
			p = &c->next;
		}
	}
}

void connections_turn(struct host *h)
{
	for (struct connection *c = h->connections; c; c = c->next)
		connection_turn(c);
	connections_sweep(h);
}

void connections_drop(struct host *h)
{
	for (struct connection *c = h->connections; c; c = c->next)
		c->dead = true;
}
