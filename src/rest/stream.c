#include "rest/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"

#define RESIZE_MS       2000 /* that a resize may hold up the stream */
#define RESIZE_RETRY_MS 250
#define RESIZE_TRIES    40

static struct rest_stream *of(struct stream *s)
{
	return (struct rest_stream *)s;
}

/* Polling. */

static void lower_timeout(int *timeout_ms, uint64_t at_ms)
{
	uint64_t now = clock_ms();
	int left = at_ms <= now ? 0 : at_ms - now > 60000 ? 60000 : (int)(at_ms - now);

	if (*timeout_ms < 0 || left < *timeout_ms)
		*timeout_ms = left;
}

static void timers(const struct rest_stream *s, int *timeout_ms)
{
	if (s->want_output && !s->output_done && http_pending(s->data))
		*timeout_ms = 0;
	if (s->output_done && !s->ended)
		lower_timeout(timeout_ms, s->next_end_ms ? s->next_end_ms : s->deadline_ms);
	if (s->width)
		lower_timeout(timeout_ms, s->next_resize_ms);
}

static bool stdin_waits(const struct rest_stream *s)
{
	return s->stdin_at < s->stdin_n && !s->stdin_dead && !s->output_done;
}

static size_t poll_fds(struct stream *stream, bool want_output, struct pollfd *fds, int *timeout_ms)
{
	struct rest_stream *s = of(stream);
	short events = 0;
	size_t n = 0;

	s->want_output = want_output;
	if (want_output && !s->output_done)
		events |= POLLIN;
	if (stdin_waits(s))
		events |= POLLOUT;
	/* Without events poll would go on telling about a hang-up that nobody may read yet. */
	if (events)
		fds[n++] = (struct pollfd){ .fd = http_fd(s->data), .events = events };
	if (s->wait)
		fds[n++] = (struct pollfd){ .fd = http_fd(s->wait), .events = POLLIN };
	timers(s, timeout_ms);
	return n;
}

/* Input. */

/* A container that closed its stdin, or ended, is no failure of the stream: the rest of the input has nobody to go to. */
static void stdin_failed(struct rest_stream *s)
{
	s->stdin_dead = true;
	s->stdin_at = s->stdin_n = 0;
}

static void send_stdin(struct rest_stream *s)
{
	while (s->stdin_at < s->stdin_n && !s->stdin_dead) {
		ssize_t n = write(http_fd(s->data), s->stdin_buf + s->stdin_at, s->stdin_n - s->stdin_at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n < 0) {
			stdin_failed(s);
			return;
		}
		s->stdin_used = true;
		s->stdin_at += (size_t)n;
	}
	s->stdin_at = s->stdin_n = 0;
	if (s->stdin_closing && !s->stdin_closed) {
		s->stdin_closed = true;
		shutdown(http_fd(s->data), SHUT_WR);
	}
}

static size_t stdin_room(struct stream *stream)
{
	struct rest_stream *s = of(stream);

	if (!s->takes_stdin || s->stdin_dead || s->stdin_closing || s->output_done)
		return 0;
	if (s->stdin_at) {
		memmove(s->stdin_buf, s->stdin_buf + s->stdin_at, s->stdin_n - s->stdin_at);
		s->stdin_n -= s->stdin_at;
		s->stdin_at = 0;
	}
	return sizeof s->stdin_buf - s->stdin_n;
}

static int stdin_write(struct stream *stream, const char *p, size_t n, struct error *err)
{
	struct rest_stream *s = of(stream);

	if (n > stdin_room(stream))
		return error_set(err, ERR_SYSTEM, "input of %zu bytes does not fit", n);
	memcpy(s->stdin_buf + s->stdin_n, p, n);
	s->stdin_n += n;
	send_stdin(s);
	return 0;
}

static int stdin_close(struct stream *stream, struct error *err)
{
	struct rest_stream *s = of(stream);

	(void)err;
	if (s->takes_stdin) {
		/* 3.0.1 keeps the container's stdin open whatever the connection does. */
		if (!s->frames.raw && !rest_at_least(s->rest, 3, 1, 0))
			log_warn("%s can't pass on the end of input: a command that waits for it goes on waiting",
				 engine_name(&s->rest->engine));
		s->stdin_closing = true;
		send_stdin(s);
	}
	return 0;
}

/* Terminal size. */

static void try_resize(struct rest_stream *s)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int r;

	rest_path(&url, s->rest, s->resize_path, s->name);
	rest_query_int(&url, "h", s->height);
	rest_query_int(&url, "w", s->width);
	rest_query_bool(&url, "running", true);
	r = rest_call(s->rest, &(struct rest_req){ .method = "POST", .url = &url, .timeout_ms = RESIZE_MS }, NULL, &err);
	if (r >= 0 || r == -ERR_CONNECT || r == -ERR_NOT_FOUND || ++s->resize_tries >= RESIZE_TRIES)
		s->width = s->height = 0;
	else
		s->next_resize_ms = clock_after_ms(RESIZE_RETRY_MS);
}

static int resize(struct stream *stream, unsigned width, unsigned height, struct error *err)
{
	struct rest_stream *s = of(stream);

	(void)err;
	if (!s->resize_path || !width || !height || s->output_done)
		return 0;
	s->width = width;
	s->height = height;
	s->resize_tries = 0;
	try_resize(s);
	return 0;
}

/* Output. */

static int output_over(struct rest_stream *s, struct error *err)
{
	if (!frames_whole(&s->frames))
		return error_set(err, ERR_CONNECT, "the service closed the connection in the middle of the output");
	s->output_done = true;
	s->deadline_ms = clock_after_ms(engine_reply_ms());
	return 0;
}

/* The kernel resets instead of closing when input was left unread, which is how a container ends that did not read all of it. The
 * exit status, which comes by another way, still has to confirm the end. */
static bool is_end_by_reset(const struct rest_stream *s, const struct error *err)
{
	return s->stdin_used && err->kind == ERR_CONNECT && err->sys_errno == ECONNRESET;
}

static int read_output(struct rest_stream *s, const struct stream_sink *sink, struct error *err)
{
	CLEANUP(error_done) struct error failure = ERROR_INIT;
	bool again;
	ssize_t n = http_try_body(s->data, s->block, sizeof s->block, &again, &failure);

	if (n < 0 && is_end_by_reset(s, &failure))
		return output_over(s, err);
	if (n < 0)
		return error_move(err, &failure);
	if (n > 0)
		return frames_feed(&s->frames, s->block, (size_t)n, sink, err);
	return again ? 0 : output_over(s, err);
}

static int read_head(struct rest_stream *s, struct error *err)
{
	struct http_reply reply;
	int r = http_try_head(s->data, &reply, err);

	if (r <= 0)
		return r;
	s->head_pending = false;
	if (reply.status >= 400)
		return rest_refused(s->rest, s->data, &reply, &(struct rest_req){ .what = "logs" }, err);
	return 0;
}

static int step(struct rest_stream *s, const struct stream_sink *sink, struct error *err)
{
	int r = 0;

	if (s->width && clock_ms() >= s->next_resize_ms)
		try_resize(s);
	if (stdin_waits(s) || s->stdin_closing)
		send_stdin(s);
	if (s->head_pending)
		r = read_head(s, err);
	if (r == 0 && !s->head_pending && s->want_output && !s->output_done)
		r = read_output(s, sink, err);
	if (r == 0 && !s->ended) {
		r = s->end(s, err);
		s->ended = r > 0;
	}
	return r < 0 ? r : s->ended && s->output_done;
}

static int dispatch(struct stream *stream, const struct pollfd *fds, size_t n, const struct stream_sink *sink, struct error *err)
{
	struct rest_stream *s = of(stream);
	int r = step(s, sink, err);

	(void)fds;
	(void)n;
	if (r < 0)
		return rest_broken(s->rest, err);
	if (r == 0 && s->output_done && clock_ms() >= s->deadline_ms) {
		error_set(err, ERR_CONNECT, "the output of %s ended, but its exit status did not come", s->name);
		return rest_broken(s->rest, err);
	}
	return r;
}

static int exit_status(struct stream *stream)
{
	return of(stream)->exit_status;
}

void rest_stream_free(struct rest_stream *s)
{
	http_close(s->data);
	http_close(s->wait);
	buf_done(&s->wait_body);
	frames_done(&s->frames);
	free(s->name);
	free(s);
}

static void close_stream(struct stream *stream)
{
	rest_stream_free(of(stream));
}

static const struct stream_ops ops = {
	.poll_fds = poll_fds,
	.dispatch = dispatch,
	.stdin_room = stdin_room,
	.stdin_write = stdin_write,
	.stdin_close = stdin_close,
	.resize = resize,
	.exit_status = exit_status,
	.close = close_stream,
};

int rest_stream_new(struct rest *r, struct http *h, const char *name, bool raw, stream_end_fn *end, struct rest_stream **ret,
		    struct error *err)
{
	struct rest_stream *s = malloc(sizeof *s);

	if (s) {
		memset(s, 0, offsetof(struct rest_stream, stdin_buf));
		s->name = z_dup(name);
	}
	if (!s || !s->name) {
		free(s);
		http_close(h);
		return error_set(err, ERR_SYSTEM, "open a stream: out of memory");
	}
	s->stream.ops = &ops;
	s->rest = r;
	s->data = h;
	s->frames = FRAMES_INIT(raw);
	s->end = end;
	s->exit_status = -1;
	s->wait_body = BUF_INIT(64 * 1024);
	*ret = s;
	return 0;
}

int rest_hijack(struct rest *r, const struct rest_req *q, struct http **ret, struct error *err)
{
	CLEANUP(http_close_p) struct http *h = NULL;
	uint64_t deadline_ms = clock_after_ms(engine_reply_ms());
	struct http_reply reply;
	int n = rest_dial(r, &h, err);

	if (n < 0)
		return n;
	n = rest_write(h, q, deadline_ms, err);
	if (n >= 0)
		n = http_read_head(h, deadline_ms, &reply, err);
	if (n < 0)
		return rest_broken(r, err);
	if (reply.status >= 400)
		return rest_refused(r, h, &reply, q, err);
	if (!reply.hijackable)
		return error_set(err, ERR_PROTOCOL, "the service answered with status %d instead of a stream", reply.status);
	*ret = ptr_take(&h);
	return 0;
}
