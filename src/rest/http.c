#include "rest/http.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "rest/http_head.h"
#include "rest/upload.h"

#define MAX_INTERIM    8    /* 1xx replies before the real one */
#define MAX_CHUNK_LINE 1024 /* size and extension */
#define MAX_TRAILERS   (16 * 1024)

enum body { BODY_NONE, BODY_LENGTH, BODY_CHUNKED, BODY_UNTIL_EOF };

/* Where in a chunked body (RFC 9112, section 7.1) the next byte stands. */
enum chunk { CHUNK_SIZE, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER };

struct http {
	int fd;
	bool eof;        /* the peer closed its side */
	bool open_reply; /* a request was sent whose reply is not read whole */
	bool keep_alive;
	bool for_head; /* the request was HEAD */
	bool silent;
	int interim; /* 1xx replies seen */

	enum body body;
	enum chunk chunk;
	uint64_t left;   /* of the body or chunk */
	size_t trailers; /* bytes seen */

	size_t at, n;    /* in[at..n) is not consumed yet */
	size_t searched; /* of it, for the end of the head */
	size_t head_n;
	char in[HTTP_MAX_HEAD];
	char head[HTTP_MAX_HEAD]; /* of the last reply, parsed */
};

int http_open(int fd, struct http **ret, struct error *err)
{
	struct http *h = malloc(sizeof *h);

	if (!h || fd_set_nonblock(fd, true) < 0) {
		int r = h ? error_set_errno(err, "make the connection non-blocking")
			  : error_set(err, ERR_SYSTEM, "open a connection: out of memory");

		free(h);
		close(fd);
		return r;
	}
	memset(h, 0, offsetof(struct http, in));
	h->fd = fd;
	h->keep_alive = true;
	*ret = h;
	return 0;
}

void http_close(struct http *h)
{
	if (!h)
		return;
	close(h->fd);
	free(h);
}

void http_close_p(struct http **h)
{
	http_close(*h);
}

int http_fd(const struct http *h)
{
	return h->fd;
}

bool http_reusable(const struct http *h)
{
	return h->keep_alive && !h->open_reply && !h->eof && h->at == h->n;
}

bool http_idle_alive(const struct http *h)
{
	return fd_wait(h->fd, POLLIN, 1, NULL) == 0;
}

bool http_silent(const struct http *h)
{
	return h->silent;
}

bool http_pending(const struct http *h)
{
	return h->at < h->n || !h->open_reply;
}

/* Request. */

static bool is_target(const char *p)
{
	if (*p != '/')
		return false;
	for (; *p; p++)
		if (*p <= ' ' || *p >= 127)
			return false;
	return true;
}

/* Lines that each end in CRLF, none of them empty. */
static bool are_header_lines(const char *p)
{
	while (*p) {
		size_t n = strcspn(p, "\r\n");

		if (n == 0 || p[n] != '\r' || p[n + 1] != '\n')
			return false;
		p += n + 2;
	}
	return true;
}

static bool takes_length(const struct http_req *q)
{
	return q->content_type || strcmp(q->method, "POST") == 0 || strcmp(q->method, "PUT") == 0;
}

static int compose(const struct http_req *q, struct buf *out, struct error *err)
{
	if (!is_target(q->target) || (q->headers && !are_header_lines(q->headers)))
		return error_set(err, ERR_USAGE, "a request can't have this text in its head: %.80s", q->target);
	buf_addf(out, "%s %s HTTP/1.1\r\nHost: d\r\nUser-Agent: farpod\r\n", q->method, q->target);
	if (q->content_type)
		buf_addf(out, "Content-Type: %s\r\n", q->content_type);
	if (q->upload && q->upload->length < 0)
		buf_add_z(out, "Transfer-Encoding: chunked\r\n");
	else if (q->upload)
		buf_addf(out, "Content-Length: %lld\r\n", (long long)q->upload->length);
	else if (takes_length(q))
		buf_addf(out, "Content-Length: %zu\r\n", q->body.n);
	buf_add_z(out, q->headers ? q->headers : "");
	buf_add_z(out, "\r\n");
	if (!q->upload)
		buf_add(out, q->body);
	return buf_check(out, "request", err);
}

int http_write_request(struct http *h, const struct http_req *q, uint64_t deadline_ms, struct error *err)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(HTTP_MAX_HEAD + q->body.n);
	int r = compose(q, &out, err);

	if (r < 0)
		return r;
	h->open_reply = true;
	h->silent = true;
	h->interim = 0;
	h->for_head = strcmp(q->method, "HEAD") == 0;
	h->body = BODY_NONE;
	h->head_n = h->searched = 0;
	r = fd_write_all(h->fd, out.p, out.n, deadline_ms, err);
	return r < 0 || !q->upload ? r : upload_run(h, q->upload, q->stall_ms, err);
}

/* Input. */

/* Reads what there is room for: 1 got bytes, 0 the end of file. Never blocks with again set; *again tells that nothing is there. */
static int fill(struct http *h, uint64_t deadline_ms, bool *again, struct error *err)
{
	ssize_t got;

	if (h->at) {
		memmove(h->in, h->in + h->at, h->n - h->at);
		h->n -= h->at;
		h->at = 0;
	}
	if (again) {
		int r = fd_wait(h->fd, POLLIN, 1, err);

		*again = r == 0;
		if (r <= 0)
			return r;
	}
	got = fd_read_some(h->fd, h->in + h->n, sizeof h->in - h->n, deadline_ms, err);
	if (got < 0)
		return (int)got;
	h->eof = got == 0;
	h->silent = h->silent && got == 0;
	h->n += (size_t)got;
	return got > 0;
}

static int ended_early(struct http *h, struct error *err)
{
	h->keep_alive = false;
	return error_set(err, ERR_CONNECT, "the service closed the connection %s",
			 h->silent ? "without an answer" : "in the middle of its answer");
}

bool http_can_hear(const struct http *h)
{
	return !h->eof && h->n < sizeof h->in;
}

/* The whole head of a reply with a status over 399 is there. */
static bool is_refused(const struct http *h)
{
	struct str in = { h->in + h->at, h->n - h->at };

	return in.n > 9 && http_head_plausible(in) && in.p[9] >= '4' && http_head_end(in, 0);
}

int http_hear(struct http *h, struct error *err)
{
	bool again = false;

	while (!again && http_can_hear(h)) {
		int r = fill(h, 0, &again, is_refused(h) ? NULL : err);

		if (r < 0)
			return is_refused(h) ? 1 : r;
	}
	if (!is_refused(h) && !h->eof)
		return 0;
	return h->n > h->at ? 1 : ended_early(h, err);
}

void http_spoil(struct http *h)
{
	h->keep_alive = false;
}

/* Head. */

static void begin_body(struct http *h, const struct http_head *head)
{
	const struct http_reply *r = &head->reply;

	h->keep_alive = h->keep_alive && !r->close;
	h->chunk = CHUNK_SIZE;
	h->trailers = 0;
	h->left = r->length > 0 ? (uint64_t)r->length : 0;
	h->body = BODY_NONE;
	if (r->hijackable)
		h->body = BODY_UNTIL_EOF;
	else if (head->has_body && r->chunked)
		h->body = BODY_CHUNKED;
	else if (head->has_body && h->left)
		h->body = BODY_LENGTH;
	h->open_reply = h->body != BODY_NONE;
}

/* 1 when the whole head was there, 0 when more bytes are needed. */
static int take_head(struct http *h, struct http_reply *ret, struct error *err)
{
	struct str in = { h->in + h->at, h->n - h->at };
	size_t n = http_head_end(in, h->searched);
	struct http_head head;
	int r;

	if (!http_head_plausible(in))
		return error_set(err, ERR_PROTOCOL, "what answers is not an HTTP service");
	h->searched = in.n;
	if (n == 0 && in.n >= HTTP_MAX_HEAD)
		return error_set(err, ERR_PROTOCOL, "the head of the reply is over %d bytes", HTTP_MAX_HEAD);
	if (n == 0)
		return 0;
	memcpy(h->head, in.p, n);
	h->head_n = n;
	h->at += n;
	h->searched = 0;
	r = http_head_parse(h->head, n, h->for_head, &head, err);
	if (r < 0)
		return r;
	if (head.reply.status < 200 && head.reply.status != 101) {
		if (++h->interim > MAX_INTERIM)
			return error_set(err, ERR_PROTOCOL, "the service goes on announcing an answer");
		return take_head(h, ret, err);
	}
	begin_body(h, &head);
	*ret = head.reply;
	return 1;
}

/* again NULL: blocks. */
static int read_head(struct http *h, uint64_t deadline_ms, bool *again, struct http_reply *ret, struct error *err)
{
	for (;;) {
		int r = take_head(h, ret, err);

		if (r != 0) {
			h->keep_alive = h->keep_alive && r > 0;
			return r;
		}
		r = fill(h, deadline_ms, again, err);
		if (r < 0)
			return r;
		if (again && *again)
			return 0;
		if (r == 0)
			return ended_early(h, err);
	}
}

int http_read_head(struct http *h, uint64_t deadline_ms, struct http_reply *ret, struct error *err)
{
	int r = read_head(h, deadline_ms, NULL, ret, err);

	return r < 0 ? r : 0;
}

int http_try_head(struct http *h, struct http_reply *ret, struct error *err)
{
	bool again;

	return read_head(h, 0, &again, ret, err);
}

int http_send(struct http *h, const struct http_req *q, uint64_t deadline_ms, struct http_reply *ret, struct error *err)
{
	int r = http_write_request(h, q, deadline_ms, err);

	return r < 0 ? r : http_read_head(h, deadline_ms, ret, err);
}

const char *http_header(const struct http *h, const char *name)
{
	return h->head_n ? http_head_find(h->head, h->head_n, name) : NULL;
}

/* Body. */

static void body_done(struct http *h)
{
	h->body = BODY_NONE;
	h->open_reply = false;
}

/* The next line of a chunked body, without CRLF: 1 there, 0 more bytes are needed. */
static int take_line(struct http *h, struct str *ret, struct error *err)
{
	struct str in = { h->in + h->at, h->n - h->at };
	const char *lf = memchr(in.p, '\n', in.n);
	size_t n = lf ? (size_t)(lf - in.p) : in.n;

	if (n > MAX_CHUNK_LINE || (lf && (n == 0 || lf[-1] != '\r')))
		return error_set(err, ERR_PROTOCOL, "the reply has a broken chunk");
	if (!lf)
		return 0;
	*ret = (struct str){ in.p, n - 1 };
	h->at += n + 1;
	return 1;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hex digits, then nothing or an extension behind ";". Sizes over 2^60 are refused, which keeps all sums inside 64 bits. */
static bool parse_chunk_size(struct str line, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i = 0;

	for (; i < line.n && hex_digit(line.p[i]) >= 0; i++) {
		if (v >> 56)
			return false;
		v = v << 4 | (uint64_t)hex_digit(line.p[i]);
	}
	*ret = v;
	return i > 0 && (i == line.n || line.p[i] == ';' || line.p[i] == ' ' || line.p[i] == '\t');
}

/* One step over what stands between chunk data: 1 a step was made, 0 more bytes are needed. */
static int chunk_step(struct http *h, struct error *err)
{
	struct str line = STR("");
	int r = take_line(h, &line, err);

	if (r <= 0)
		return r;
	if (h->chunk == CHUNK_SIZE) {
		if (!parse_chunk_size(line, &h->left))
			return error_set(err, ERR_PROTOCOL, "the reply has a broken chunk size");
		h->chunk = h->left ? CHUNK_DATA : CHUNK_TRAILER;
	} else if (h->chunk == CHUNK_DATA_END) {
		if (line.n)
			return error_set(err, ERR_PROTOCOL, "the reply has a chunk that is longer than its size");
		h->chunk = CHUNK_SIZE;
	} else {
		h->trailers += line.n;
		if (h->trailers > MAX_TRAILERS)
			return error_set(err, ERR_PROTOCOL, "the reply has too many trailers");
		if (line.n == 0)
			body_done(h);
	}
	return 1;
}

static size_t smaller(size_t a, uint64_t b)
{
	return b < a ? (size_t)b : a;
}

/* Moves data of the body (or chunk) from the buffer to p. */
static size_t take_data(struct http *h, char *p, size_t n)
{
	n = smaller(n, h->n - h->at);
	if (h->body != BODY_UNTIL_EOF)
		n = smaller(n, h->left);
	memcpy(p, h->in + h->at, n);
	h->at += n;
	if (h->body == BODY_UNTIL_EOF)
		return n;
	h->left -= n;
	if (h->left == 0 && h->body == BODY_CHUNKED)
		h->chunk = CHUNK_DATA_END;
	else if (h->left == 0)
		body_done(h);
	return n;
}

/* What the buffer gives now, over chunk borders: log lines come as one small chunk each. */
static ssize_t take_body(struct http *h, char *p, size_t n, struct error *err)
{
	size_t got = 0;

	while (h->body != BODY_NONE && h->at < h->n) {
		if (h->body == BODY_CHUNKED && h->chunk != CHUNK_DATA) {
			int r = chunk_step(h, err);

			if (r < 0)
				return r;
			if (r == 0)
				break;
		} else if (got == n) {
			break;
		} else {
			got += take_data(h, p + got, n - got);
		}
	}
	return (ssize_t)got;
}

/* again NULL: blocks. */
static ssize_t read_body(struct http *h, void *p, size_t n, uint64_t deadline_ms, bool *again, struct error *err)
{
	if (again)
		*again = false;
	for (;;) {
		ssize_t got = take_body(h, p, n, err);
		int r;

		if (got < 0)
			h->keep_alive = false;
		if (got != 0 || h->body == BODY_NONE)
			return got;
		r = h->eof ? 0 : fill(h, deadline_ms, again, err);
		if (r < 0)
			h->keep_alive = false;
		if (r < 0 || (again && *again))
			return r;
		if (r == 0 && h->body != BODY_UNTIL_EOF)
			return ended_early(h, err);
		if (r == 0)
			body_done(h);
	}
}

ssize_t http_read_body(struct http *h, void *p, size_t n, uint64_t deadline_ms, struct error *err)
{
	return read_body(h, p, n, deadline_ms, NULL, err);
}

ssize_t http_try_body(struct http *h, void *p, size_t n, bool *ret_again, struct error *err)
{
	return read_body(h, p, n, 0, ret_again, err);
}

int http_read_all(struct http *h, struct buf *b, uint64_t deadline_ms, struct error *err)
{
	for (;;) {
		char over;
		size_t room = smaller(64 * 1024, b->max > b->n ? b->max - b->n : 0);
		char *p = room ? buf_reserve(b, room) : &over;
		ssize_t got = p ? http_read_body(h, p, room ? room : 1, deadline_ms, err) : buf_check(b, "the reply", err);

		if (got <= 0)
			return (int)got;
		if (!room) {
			h->keep_alive = false;
			return error_set(err, ERR_PROTOCOL, "the reply is over %zu bytes", b->max);
		}
		b->n += (size_t)got;
		b->p[b->n] = '\0';
	}
}
