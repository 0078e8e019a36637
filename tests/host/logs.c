#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "container.h"
#include "methods.h"
#include "words.h"

/* One GetContainersLogs that is being answered. */
struct reader {
	struct followed {
		struct container *container; /* held */
		size_t next;
	} * v;
	size_t n;
	struct instant since;
	bool follow;
	struct buf partial;
};

static const char *stream_name(enum output_stream stream)
{
	return stream == STREAM_STDERR ? "stderr" : "stdout";
}

static void reader_free(void *state)
{
	struct reader *r = state;

	for (size_t i = 0; i < r->n; i++)
		container_release(r->v[i].container);
	free(r->v);
	buf_done(&r->partial);
	free(r);
}

static struct json_object *log_entry(const char *device, const char *type, struct json_object *time, struct str text,
				     const char *id)
{
	struct json_object *o = json_object_new_object(), *log = json_object_new_object();

	js_set_str(log, "device", device);
	js_set_str(log, "parseLogType", type);
	js_set(log, "time", time);
	js_set(log, "msg", js_strn(text));
	js_set_str(log, "cid", id);
	js_set(o, "log", log);
	return o;
}

/* Without "more" the first line is all that comes, and the empty entry after it. False: enough was sent. */
static bool send_entry(struct call *c, struct json_object *o)
{
	if (c->more) {
		reply_continues(c, o);
		return true;
	}
	reply(c, o);
	c->answered = false;
	return false;
}

static bool too_old(const struct reader *r, const struct log_line *l)
{
	return l->time.s < r->since.s || (l->time.s == r->since.s && l->time.ns < r->since.ns);
}

/* As libpod's reader does it: the text of a partial line replaces the text of the next whole one, whatever stream that is of. */
static bool send_line(struct call *c, struct reader *r, const struct container *ctr, const struct log_line *l)
{
	struct str text = { l->text, l->n };
	bool more = true;

	if (l->partial) {
		buf_add(&r->partial, text);
		return true;
	}
	if (r->partial.n > 1)
		text = buf_str(&r->partial);
	if (!too_old(r, l))
		more = send_entry(c, log_entry(stream_name(l->stream), "F", words_time(l->time), text, ctr->id));
	buf_clear(&r->partial);
	return more;
}

static void send_end(struct call *c)
{
	send_entry(c, log_entry("", "", js_str(""), STR(""), ""));
	call_end(c);
}

static void resume_logs(struct call *c)
{
	struct reader *r = c->state;

	for (size_t i = 0; i < r->n; i++) {
		struct followed *f = &r->v[i];

		while (f->next < f->container->log.n) {
			if (connection_full(c->conn))
				return;
			if (!send_line(c, r, f->container, &f->container->log.v[f->next++])) {
				send_end(c);
				return;
			}
		}
	}
	/* A follower is never told that the container has ended. */
	if (!r->follow)
		send_end(c);
}

/* Where the last tail lines start. Counted are whole lines, since partial ones are not sent for themselves. */
static size_t tail_start(const struct log *log, int64_t tail)
{
	size_t i = log->n;

	while (i > 0) {
		if (!log->v[i - 1].partial && tail-- == 0)
			break;
		i--;
	}
	return i;
}

static size_t first_line(const struct host *h, const struct log *log, int64_t tail)
{
	if (tail > 0)
		return tail_start(log, tail);
	/* 1.6.2 takes 0 for "all", its successors for none. */
	return tail < 0 || h->version == V162 ? 0 : log->n;
}

static bool reader_add(struct reader *r, struct container *ctr, int64_t tail)
{
	struct followed *v = realloc(r->v, (r->n + 1) * sizeof *v);

	if (!v)
		return false;
	r->v = v;
	container_hold(ctr);
	v[r->n++] = (struct followed){ .container = ctr, .next = first_line(ctr->host, &ctr->log, tail) };
	return true;
}

static bool reader_add_named(struct reader *r, struct call *c, int64_t tail)
{
	struct json_object *names = js_get(c->params, "names");

	if (js_get_bool(c->params, "latest", false)) {
		struct container *latest = container_latest(c->host);

		if (latest)
			return reader_add(r, latest, tail);
		reply_error_occurred(c, "no such container");
		return false;
	}
	for (size_t i = 0; i < js_len(names); i++) {
		const char *name = js_text(js_at(names, i)).p;
		struct container *ctr = container_find(c->host, name);

		if (!ctr) {
			reply_no_container_plain(c, name);
			return false;
		}
		if (!reader_add(r, ctr, tail))
			return false;
	}
	return true;
}

static void resume_never(struct call *c)
{
	(void)c;
}

void podman_get_containers_logs(struct call *c)
{
	int64_t tail = js_get_int(c->params, "tail", 0);
	const char *since = call_str(c, "since");
	struct reader *r = calloc(1, sizeof *r);

	if (!r) {
		call_hang_up(c);
		return;
	}
	r->partial = BUF_INIT(1024 * 1024);
	r->follow = js_get_bool(c->params, "follow", false);
	if (!instant_parse_rfc3339(str_from(since), &r->since)) {
		reply_error_occurred(
			c, "parsing time \"%s\" as \"2006-01-02T15:04:05.999999999Z07:00\": cannot parse \"%s\" as \"2006\"", since,
			since);
		reader_free(r);
	} else if (!reader_add_named(r, c, tail)) {
		reader_free(r);
	} else if (c->host->version == V162 && tail < 0) {
		/* One name hangs, two kill the service (makechan: size out of range). */
		call_wait(c, resume_never, r, reader_free);
		if (r->n > 1)
			connections_drop(c->host);
	} else {
		call_wait(c, resume_logs, r, reader_free);
		resume_logs(c);
	}
}

/* conmon writes all nine digits, and the zone as an offset. */
static void add_file_time(struct buf *out, struct instant t)
{
	CLEANUP(buf_done) struct buf seconds = BUF_INIT(64);

	instant_rfc3339((struct instant){ .s = t.s }, &seconds);
	buf_addf(out, "%.*s.%09d+00:00", (int)seconds.n - 1, buf_z(&seconds), (int)t.ns);
}

/* The lines of the log file as they are. */
void podman_get_container_logs(struct call *c)
{
	struct container *ctr = container_find(c->host, call_str(c, "name"));
	struct json_object *list = NULL;

	if (!ctr) {
		reply_no_container(c, call_str(c, "name"), call_str(c, "name"));
		return;
	}
	for (size_t i = 0; i < ctr->log.n; i++) {
		const struct log_line *l = &ctr->log.v[i];
		CLEANUP(buf_done) struct buf line = BUF_INIT(1024 * 1024);

		if (!list)
			list = json_object_new_array();
		add_file_time(&line, l->time);
		buf_addf(&line, " %s %c ", stream_name(l->stream), l->partial ? 'P' : 'F');
		buf_add_bytes(&line, l->text, l->n);
		buf_add_char(&line, '\n');
		json_object_array_add(list, js_strn(buf_str(&line)));
	}
	reply_one(c, "container", list);
}
