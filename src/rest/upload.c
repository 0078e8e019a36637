#include "rest/upload.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

#define PIECE         (128 * 1024)
#define MAX_SIZE_LINE 10 /* "20000\r\n" */

struct upload {
	struct http *h;
	uint64_t stall_ms;
	bool chunked;
	int64_t length, left; /* when not chunked */
	bool answered;        /* before all was sent */
	size_t n;             /* of the data that waits */
	/* Room for the line with the chunk's size, the data, room for the CRLF behind it: so a chunk goes out in one write. */
	char piece[MAX_SIZE_LINE + PIECE + 2];
};

/* The peer ends the sending: it has said why, or it is gone. A write's own error says less than the words that may still be there to read. */
static int give_up(struct upload *u, struct error *err)
{
	int r = http_hear(u->h, err);

	u->answered = r > 0;
	if (r != 0)
		return r > 0 ? -(int)ERR_CONNECT : r;
	return error_set(err, ERR_CONNECT, "the service closed the connection while data was sent to it");
}

static int stalled(const struct upload *u, struct error *err)
{
	return error_set(err, ERR_CONNECT, "the service has taken nothing of what is sent to it for %.3g seconds",
			 (double)u->stall_ms / 1000);
}

/* Until the peer takes bytes. What it says meanwhile is read, since it may refuse. */
static int wait_for_room(struct upload *u, uint64_t deadline_ms, struct error *err)
{
	short events = http_can_hear(u->h) ? POLLIN | POLLOUT : POLLOUT;
	int r = fd_wait(http_fd(u->h), events, deadline_ms, err);

	if (r <= 0)
		return r < 0 ? r : stalled(u, err);
	r = http_hear(u->h, err);
	u->answered = r > 0;
	return r > 0 ? -(int)ERR_CONNECT : r;
}

static int send_all(struct upload *u, const char *p, size_t n, struct error *err)
{
	uint64_t deadline_ms = u->stall_ms ? clock_after_ms(u->stall_ms) : 0;

	while (n) {
		int r = wait_for_room(u, deadline_ms, err);
		ssize_t done;

		if (r < 0)
			return r;
		done = write(http_fd(u->h), p, n);
		if (done < 0 && (errno == EPIPE || errno == ECONNRESET))
			return give_up(u, err);
		if (done < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
			return error_set_errno(err, "write");
		if (done <= 0)
			continue;
		p += done;
		n -= (size_t)done;
		deadline_ms = u->stall_ms ? clock_after_ms(u->stall_ms) : 0;
	}
	return 0;
}

static int flush(struct upload *u, struct error *err)
{
	char *data = u->piece + MAX_SIZE_LINE, line[MAX_SIZE_LINE + 1];
	size_t n = u->n;
	int len;

	if (n == 0)
		return 0;
	u->n = 0;
	if (!u->chunked)
		return send_all(u, data, n, err);
	len = snprintf(line, sizeof line, "%zx\r\n", n);
	memcpy(data - len, line, (size_t)len);
	memcpy(data + n, "\r\n", 2);
	return send_all(u, data - len, n + (size_t)len + 2, err);
}

static int sink(void *ctx, const void *data, size_t n, struct error *err)
{
	struct upload *u = ctx;
	const char *p = data;

	if (!u->chunked && (uint64_t)n > (uint64_t)u->left)
		return error_set(err, ERR_PROTOCOL, "what is to be sent is longer than its %lld bytes", (long long)u->length);
	u->left -= u->chunked ? 0 : (int64_t)n;
	while (n) {
		size_t part = n < PIECE - u->n ? n : PIECE - u->n;
		int r;

		memcpy(u->piece + MAX_SIZE_LINE + u->n, p, part);
		u->n += part;
		p += part;
		n -= part;
		r = u->n == PIECE ? flush(u, err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static int finish(struct upload *u, struct error *err)
{
	int r = flush(u, err);

	if (r < 0)
		return r;
	if (u->chunked)
		return send_all(u, "0\r\n\r\n", 5, err);
	if (u->left)
		return error_set(err, ERR_PROTOCOL, "what is to be sent ended after %lld of %lld bytes",
				 (long long)(u->length - u->left), (long long)u->length);
	return 0;
}

int upload_run(struct http *h, const struct byte_producer *p, uint64_t stall_ms, struct error *err)
{
	struct upload u = { .stall_ms = stall_ms };
	struct byte_sink to = { sink, &u };
	int r;

	u.h = h;
	u.chunked = p->length < 0;
	u.length = u.left = p->length;
	r = producer_run(p, &to, err);
	if (r >= 0 && !u.answered)
		r = finish(&u, err);
	if (r >= 0 && !u.answered)
		return 0;
	http_spoil(h);
	return u.answered ? error_clear(err) : r;
}
