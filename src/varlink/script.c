#include "varlink/script.h"

#include <poll.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/fd.h"

/* Of output that nobody reads while input is written. */
#define SAID_MAX (16 * 1024)

struct script {
	struct stream *stream;
	struct buf out;
	size_t off;
	bool over, writing;
};

static int take_output(void *ctx, enum stream_channel channel, const char *p, size_t n, struct error *err)
{
	struct script *s = ctx;

	(void)channel;
	if (s->writing && s->out.n + n > SAID_MAX)
		n = s->out.n < SAID_MAX ? SAID_MAX - s->out.n : 0;
	buf_add_bytes(&s->out, p, n);
	return buf_check(&s->out, "output of a command in the container", err);
}

/* One turn: waits for the stream and lets it do what it can. */
static int turn(struct script *s, struct error *err)
{
	struct stream_sink sink = { .write = take_output, .ctx = s };
	struct pollfd fds[STREAM_MAX_FDS];
	int timeout_ms = -1, r;
	size_t n = s->stream->ops->poll_fds(s->stream, true, fds, &timeout_ms);

	/* A signal: whoever waits for one has seen it. */
	if (poll(fds, (nfds_t)n, timeout_ms) < 0)
		for (size_t i = 0; i < n; i++)
			fds[i].revents = 0;
	r = s->stream->ops->dispatch(s->stream, fds, n, &sink, err);
	s->over = r == 1;
	return r < 0 ? r : 0;
}

ssize_t script_read(struct script *s, void *p, size_t n, struct error *err)
{
	s->writing = false;
	if (s->off == s->out.n) {
		buf_clear(&s->out);
		s->off = 0;
	}
	while (s->out.n == 0 && !s->over) {
		int r = turn(s, err);

		if (r < 0)
			return r;
	}
	if (n > s->out.n - s->off)
		n = s->out.n - s->off;
	if (n)
		memcpy(p, s->out.p + s->off, n);
	s->off += n;
	return (ssize_t)n;
}

int script_finish(struct script *s, struct buf *out, int *ret_status, struct error *err)
{
	char piece[4096];
	ssize_t n;

	while ((n = script_read(s, piece, sizeof piece, err)) > 0)
		if (!buf_add_bytes(out, piece, (size_t)n))
			return buf_check(out, "output of a command in the container", err);
	if (n < 0)
		return (int)n;
	*ret_status = script_status(s);
	return 0;
}

int script_write(struct script *s, const void *data, size_t n, struct error *err)
{
	const char *p = data;

	s->writing = true;
	while (n && !s->over) {
		size_t room = s->stream->ops->stdin_room(s->stream);
		int r;

		if (room > n)
			room = n;
		r = room ? s->stream->ops->stdin_write(s->stream, p, room, err) : turn(s, err);
		if (r < 0)
			return r;
		p += room;
		n -= room;
	}
	return s->over;
}

int script_end_input(struct script *s, struct error *err)
{
	return s->over ? 0 : s->stream->ops->stdin_close(s->stream, err);
}

int script_status(const struct script *s)
{
	return s->stream->ops->exit_status(s->stream);
}

void script_close_p(struct script **sp)
{
	struct script *s = ptr_take(sp);

	if (!s)
		return;
	stream_close_p(&s->stream);
	buf_done(&s->out);
	free(s);
}

static int open_as(struct host *h, struct exec_req *q, struct script **ret, struct error *err)
{
	CLEANUP(script_close_p) struct script *s = calloc(1, sizeof *s);
	int r;

	if (!s)
		return error_set(err, ERR_SYSTEM, "out of memory");
	s->out = BUF_INIT(SAID_MAX + 2 * STREAM_MAX_READ);
	r = host_container_exec(&h->engine, q, &s->stream, NULL, err);
	if (r == 0)
		*ret = ptr_take(&s);
	return r;
}

int script_open(struct host *h, const char *container, const char *text, const char *const *args, bool with_input,
		struct script **ret, struct error *err)
{
	CLEANUP(strv_done) struct strv command = { 0 };
	struct exec_req q = { .name = container, .command = &command, .user = "0", .workdir = "/", .want_stdin = with_input };
	bool ok = strv_add(&command, "sh") && strv_add(&command, "-c") && strv_add(&command, text) && strv_add(&command, "sh");

	for (size_t i = 0; ok && args[i]; i++)
		ok = strv_add(&command, args[i]);
	return ok ? open_as(h, &q, ret, err) : error_set(err, ERR_SYSTEM, "out of memory");
}

int script_open_as_user(struct host *h, const char *container, const char *text, struct script **ret, struct error *err)
{
	CLEANUP(strv_done) struct strv command = { 0 };
	struct exec_req q = { .name = container, .command = &command };

	if (!strv_add(&command, "sh") || !strv_add(&command, "-c") || !strv_add(&command, text))
		return error_set(err, ERR_SYSTEM, "out of memory");
	return open_as(h, &q, ret, err);
}
