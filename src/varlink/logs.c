/* varlink/logs.c: what a container has said, from up to three places in turn.
 *
 * What is there already comes from the log file, by ReceiveFile: exact to the byte, a partial last line too, and as fast as the
 * connection; or, when only the last lines are wanted, from log_tail. What comes later is a message for each line of
 * GetContainersLogs. That one joins pieces of long lines (conmon cuts at 8 KiB) and forgets the last piece, it keeps back a last
 * line without end, and 1.9.3 loses bytes of lines in a large log; there is no other way to follow. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "varlink/log_tail.h"
#include "varlink/waiter.h"

/* Of one line of the file: conmon cuts at 8 KiB of text, later ones at 32. */
#define LINE_MAX_BYTES (64 * 1024)
/* The service makes room for so many lines at once; what asks for more gets all. */
#define TAIL_MAX       1000000

struct logs {
	struct stream stream; /* first: logs_of casts */
	struct host *host;
	struct varlink *v; /* NULL: nothing (more) to come */
	char *id;
	bool from_file;
	uint64_t left;        /* of the file */
	struct buf in;        /* of the file, not taken apart yet */
	size_t start;         /* of it: where the next line begins */
	struct waiter waiter; /* of follow */
	bool follow, timestamps;
	bool has_since, has_until;
	struct instant since, until;
	bool inside[3];  /* by channel: the line before was partial */
	struct buf text; /* of a line, on its way out */
	size_t text_off;
	enum stream_channel text_channel;
	bool busy; /* more could be handed out without reading */
	bool over;
	struct log_tail tail; /* the lines to begin with */
	bool has_last;
	struct instant last; /* of the lines taken from the file or the tail */
	int64_t n_last;      /* how many of the file's lines have that time; 0: not counted */
};

enum { FD_LOG, FD_WAIT, N_FDS };

static struct logs *logs_of(struct stream *s)
{
	return (struct logs *)s;
}

/* ---- lines ----------------------------------------------------------------------------------------------------------- */

/* Puts a line on its way out. ERR_SYSTEM. */
static int put_line(struct logs *l, const struct log_line *line, struct error *err)
{
	if (l->has_until && instant_cmp(line->time, l->until) > 0) {
		/* Lines come in the order of their time. */
		l->over = true;
		return 0;
	}
	if (l->has_since && instant_cmp(line->time, l->since) <= 0)
		return 0;
	buf_clear(&l->text);
	l->text_off = 0;
	l->text_channel = line->channel;
	if (l->timestamps && !l->inside[line->channel]) {
		log_time(line->time, &l->text);
		buf_add_char(&l->text, ' ');
	}
	buf_add(&l->text, line->text);
	if (!line->partial)
		buf_add_char(&l->text, '\n');
	l->inside[line->channel] = line->partial;
	return buf_check(&l->text, "log line", err);
}

static void count_last(struct logs *l, struct instant time)
{
	if (l->n_last > 0 && instant_cmp(l->last, time) == 0) {
		l->n_last++;
		return;
	}
	l->has_last = true;
	l->last = time;
	l->n_last = 1;
}

/* 1: a line was taken (and perhaps left out); 0: not there yet. */
static int next_of_file(struct logs *l, struct error *err)
{
	struct str rest = l->in.n > l->start ? (struct str){ l->in.p + l->start, l->in.n - l->start } : STR(""), one;
	struct log_line line;
	int r;

	if (rest.n == 0 || !str_cut(rest, '\n', &one, NULL)) {
		if (rest.n > LINE_MAX_BYTES)
			return error_set(err, ERR_PROTOCOL, "the container's log has a line of over %d KiB", LINE_MAX_BYTES >> 10);
		buf_consume(&l->in, l->start);
		l->start = 0;
		return 0;
	}
	l->start += one.n + 1;
	if (!log_line_parse(one, &line))
		return error_set(err, ERR_PROTOCOL, "the container's log has a line that is none: %.*s",
				 one.n < 80 ? (int)one.n : 80, one.p);
	if (!line.partial)
		count_last(l, line.time);
	r = put_line(l, &line, err);
	return r < 0 ? r : 1;
}

static int next_of_stream(struct logs *l, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct log_line line;
	bool continues;
	int r = varlink_try_next(l->v, &reply, &continues, err);

	if (r <= 0)
		return host_failed(l->host, l->v, r, err);
	waiter_heard(&l->waiter);
	r = log_reply_line(reply, &line, err);
	if (r < 0)
		return r;
	l->over = !continues || r == 0;
	if (r > 0 && l->n_last > 0 && instant_cmp(l->last, line.time) == 0) {
		/* It was in the file already. */
		l->n_last--;
		return 1;
	}
	if (r > 0)
		r = put_line(l, &line, err);
	return r < 0 ? r : 1;
}

/* Goes on behind the lines that were there: since is "after", to the nanosecond. Lines of one time that may be missing from the
 * file are asked for once more, and those that were in it left out. */
static int begin_following(struct logs *l, struct error *err)
{
	struct instant since = l->last;
	bool has_since = l->has_last;
	struct json_object *in;
	int r;

	if (l->n_last > 0 && since.ns > 0)
		since.ns--;
	else
		l->n_last = 0;
	if (l->has_since && (!has_since || instant_cmp(l->since, since) > 0)) {
		since = l->since;
		has_since = true;
	}
	l->from_file = false;
	varlink_close(l->v);
	l->v = NULL;
	/* 0 is "all" on 1.6.2, where -1 kills the service. */
	in = log_params(l->id, true, has_since ? &since : NULL, host_at_least(l->host, 1, 8, 0) ? -1 : 0);
	r = host_dial(l->host, &l->v, err);
	if (r < 0) {
		json_object_put(in);
		return r;
	}
	r = host_more(l->host, l->v, "GetContainersLogs", in, err);
	return r < 0 ? r : waiter_open(&l->waiter, l->host, l->id, err);
}

static int next_line(struct logs *l, struct error *err)
{
	struct log_line line;
	int r;

	if (log_tail_next(&l->tail, &line)) {
		r = put_line(l, &line, err);
		return r < 0 ? r : 1;
	}
	if (!l->v) {
		l->over = true;
		return 1;
	}
	return l->from_file ? next_of_file(l, err) : next_of_stream(l, err);
}

/* ---- the stream ------------------------------------------------------------------------------------------------------ */

static size_t logs_poll_fds(struct stream *s, bool want_output, struct pollfd *fds, int *timeout_ms)
{
	struct logs *l = logs_of(s);

	fds[FD_LOG] = (struct pollfd){ .fd = -1, .events = want_output ? POLLIN : 0 };
	fds[FD_WAIT] = (struct pollfd){ .fd = -1 };
	if (want_output && l->v)
		fds[FD_LOG].fd = varlink_fd(l->v);
	if (want_output || !l->waiter.done)
		fds[FD_WAIT] = waiter_poll(&l->waiter, timeout_ms);
	if (want_output && (l->busy || l->over))
		*timeout_ms = 0;
	return N_FDS;
}

/* Hands out at most *budget bytes of the line. */
static int hand_out(struct logs *l, const struct stream_sink *sink, size_t *budget, struct error *err)
{
	size_t n = l->text.n - l->text_off;
	int r;

	if (n > *budget)
		n = *budget;
	if (n == 0)
		return 0;
	r = sink->write(sink->ctx, l->text_channel, l->text.p + l->text_off, n, err);
	l->text_off += n;
	*budget -= n;
	return r;
}

static int read_file(struct logs *l, const struct pollfd *p, struct error *err)
{
	size_t want = l->left < STREAM_MAX_READ ? (size_t)l->left : STREAM_MAX_READ;
	char *at = buf_reserve(&l->in, want);
	ssize_t n;

	if (!at)
		return error_set(err, ERR_SYSTEM, "out of memory");
	/* A line that is still being written at the end is left out. */
	if (want == 0) {
		if (l->follow)
			return begin_following(l, err);
		l->over = true;
		return 0;
	}
	if (!varlink_has_raw(l->v) && !(p->fd >= 0 && p->revents))
		return 0;
	n = varlink_read_raw(l->v, at, want, err);
	if (n == 0)
		n = error_set(err, ERR_CONNECT, "the connection was closed in the middle of the log");
	if (n < 0)
		return host_failed(l->host, l->v, (int)n, err);
	l->in.n += (size_t)n;
	l->left -= (uint64_t)n;
	return 0;
}

/* Whether a dispatch would find something to do without waiting for the connection. */
static bool has_more(const struct logs *l, size_t budget)
{
	return budget == 0 || (l->from_file && (l->left == 0 || varlink_has_raw(l->v)));
}

/* Lines until the budget is used up or nothing is there. */
static int logs_pump(struct logs *l, const struct pollfd *p, const struct stream_sink *sink, struct error *err)
{
	size_t budget = STREAM_MAX_READ;
	bool has_read = !l->from_file;
	int r = 0;

	while (r >= 0 && budget > 0) {
		r = hand_out(l, sink, &budget, err);
		if (r < 0 || budget == 0 || l->over)
			break;
		r = next_line(l, err);
		if (r != 0)
			continue;
		if (has_read)
			break;
		has_read = true;
		r = read_file(l, p, err);
	}
	l->busy = r >= 0 && has_more(l, budget);
	return r;
}

static int logs_dispatch(struct stream *s, const struct pollfd *fds, size_t n, const struct stream_sink *sink, struct error *err)
{
	static const struct pollfd none[N_FDS] = { { .fd = -1, .events = POLLIN }, { .fd = -1 } };
	struct logs *l = logs_of(s);
	int r = 0;

	if (n < N_FDS)
		fds = none;
	if (fds[FD_LOG].events & POLLIN)
		r = logs_pump(l, &fds[FD_LOG], sink, err);
	else
		waiter_heard(&l->waiter);
	if (r >= 0)
		r = waiter_dispatch(&l->waiter, &fds[FD_WAIT], err);
	if (r < 0)
		return r;
	if (!l->busy && waiter_over(&l->waiter))
		l->over = true;
	if (l->follow && l->has_until && instant_cmp(instant_now(), l->until) > 0 && !l->busy)
		l->over = true;
	return l->over && l->text_off == l->text.n;
}

static size_t logs_stdin_room(struct stream *s)
{
	(void)s;
	return 0;
}

static int logs_stdin_write(struct stream *s, const char *p, size_t n, struct error *err)
{
	(void)s, (void)p, (void)n, (void)err;
	return 0;
}

static int logs_stdin_close(struct stream *s, struct error *err)
{
	(void)s, (void)err;
	return 0;
}

static int logs_resize(struct stream *s, unsigned width, unsigned height, struct error *err)
{
	(void)s, (void)width, (void)height, (void)err;
	return 0;
}

static int logs_exit_status(struct stream *s)
{
	(void)s;
	return -1;
}

static void logs_close(struct stream *s)
{
	struct logs *l = logs_of(s);

	waiter_close(&l->waiter);
	varlink_close(l->v);
	buf_done(&l->in);
	buf_done(&l->text);
	log_tail_done(&l->tail);
	free(l->id);
	free(l);
}

static const struct stream_ops logs_ops = {
	.poll_fds = logs_poll_fds,
	.dispatch = logs_dispatch,
	.stdin_room = logs_stdin_room,
	.stdin_write = logs_stdin_write,
	.stdin_close = logs_stdin_close,
	.resize = logs_resize,
	.exit_status = logs_exit_status,
	.close = logs_close,
};

/* ---- opening --------------------------------------------------------------------------------------------------------- */

static int open_all(struct logs *l, const char *path, struct error *err)
{
	CLEANUP(error_done) struct error why = ERROR_INIT;
	struct json_object *in;
	int r;

	if (*path && log_file_open(l->host, path, &l->v, &l->left, &why) == 0) {
		l->from_file = true;
		/* What came with the reply wakes no poll. */
		l->busy = true;
		return 0;
	}
	if (why.kind == ERR_CONNECT)
		return error_move(err, &why);
	/* A log in the journal has a path without a file. */
	if (l->follow)
		return begin_following(l, err);
	in = log_params(l->id, false, l->has_since ? &l->since : NULL, host_at_least(l->host, 1, 8, 0) ? -1 : 0);
	r = host_dial(l->host, &l->v, err);
	if (r < 0) {
		json_object_put(in);
		return r;
	}
	return host_more(l->host, l->v, "GetContainersLogs", in, err);
}

static int open_tail(struct logs *l, const char *path, int64_t n, struct error *err)
{
	int r;

	/* With none to show, the last one still tells from when on to follow, by the host's clock. */
	if (n == 0 && !l->follow)
		r = 0;
	else
		r = log_tail_fetch(&l->tail, l->host, l->id, path, n > 0 ? n : 1, err);
	if (r < 0)
		return r;
	l->has_last = log_tail_youngest(&l->tail, &l->last);
	if (n == 0)
		log_tail_done(&l->tail);
	l->busy = true;
	return l->follow ? begin_following(l, err) : 0;
}

/* Nothing follows on a container that has ended: its file is the better source then. */
static bool has_ended(struct json_object *inspected)
{
	const char *status = js_get_str(js_get(inspected, "State"), "Status", "");

	return strcmp(status, "exited") == 0 || strcmp(status, "stopped") == 0;
}

static int open_logs(struct logs *l, const struct logs_req *q, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *found = NULL;
	const char *path;
	int r;

	if (q->since && (r = log_when(q->since, instant_now(), &l->since, err)) < 0)
		return r;
	if (q->until && (r = log_when(q->until, instant_now(), &l->until, err)) < 0)
		return r;
	/* Names, and that it is there: the streams tell neither. */
	r = host_inspect(&l->host->engine, OBJECT_CONTAINER, q->name, false, &found, err);
	if (r < 0)
		return r;
	if (has_ended(found))
		l->follow = false;
	if (str_eq(js_text(js_get(js_get(js_get(found, "HostConfig"), "LogConfig"), "Type")), STR("none")))
		return error_set(err, ERR_CONFLICT, "this container is using the 'none' log driver, cannot read logs");
	l->id = z_dup(js_get_str(found, "Id", q->name));
	if (!l->id)
		return error_set(err, ERR_SYSTEM, "out of memory");
	path = js_get_str(found, "LogPath", "");
	return q->tail < 0 || q->tail > TAIL_MAX ? open_all(l, path, err) : open_tail(l, path, q->tail, err);
}

int host_container_logs(struct engine *e, const struct logs_req *q, struct stream **ret, struct error *err)
{
	struct logs *l = calloc(1, sizeof *l);
	int r;

	if (!l)
		return error_set(err, ERR_SYSTEM, "out of memory");
	*l = (struct logs){ .stream.ops = &logs_ops,
			    .tail = LOG_TAIL_INIT,
			    .host = host_of(e),
			    .follow = q->follow,
			    .timestamps = q->timestamps,
			    .has_since = q->since != NULL,
			    .has_until = q->until != NULL,
			    .in = BUF_INIT(LINE_MAX_BYTES + 2 * STREAM_MAX_READ),
			    .text = BUF_INIT(VARLINK_MAX_BYTES + 256) };
	r = open_logs(l, q, err);
	if (r < 0) {
		logs_close(&l->stream);
		return r;
	}
	*ret = &l->stream;
	return 0;
}
