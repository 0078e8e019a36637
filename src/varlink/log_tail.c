#include "varlink/log_tail.h"

#include "base/cleanup.h"

#define ZERO_TIME "0001-01-01T00:00:00Z"

struct json_object *log_params(const char *id, bool follow, const struct instant *since, int64_t tail)
{
	struct json_object *in = json_object_new_object(), *names = json_object_new_array();
	CLEANUP(buf_done) struct buf text = BUF_INIT(64);

	if (since)
		instant_rfc3339(*since, &text);
	json_object_array_add(names, js_str(id));
	js_set(in, "names", names);
	js_set_bool(in, "follow", follow);
	js_set_bool(in, "latest", false);
	js_set_str(in, "since", since ? buf_z(&text) : ZERO_TIME);
	js_set_int(in, "tail", tail);
	js_set_bool(in, "timestamps", true);
	return in;
}

int log_reply_line(struct json_object *reply, struct log_line *ret, struct error *err)
{
	struct json_object *log = js_get(reply, "log");

	if (!*js_get_str(log, "time", "") && !*js_get_str(log, "msg", ""))
		return 0;
	*ret = (struct log_line){ .channel = strcmp(js_get_str(log, "device", ""), "stderr") == 0 ? STREAM_STDERR : STREAM_STDOUT,
				  .text = js_text(js_get(log, "msg")) };
	if (!instant_parse_rfc3339(js_text(js_get(log, "time")), &ret->time))
		return error_set(err, ERR_PROTOCOL, "the service sent a log line with the time \"%s\"",
				 js_get_str(log, "time", ""));
	return 1;
}

static int keep(struct log_tail *t, const struct log_line *line, struct error *err)
{
	log_time(line->time, &t->lines);
	buf_addf(&t->lines, " %s F ", line->channel == STREAM_STDERR ? "stderr" : "stdout");
	buf_add(&t->lines, line->text);
	buf_add_char(&t->lines, '\n');
	return buf_check(&t->lines, "the end of the log", err);
}

static bool line_at(struct str text, bool last, struct str *ret)
{
	if (text.n == 0)
		return false;
	if (!last) {
		str_cut(text, '\n', ret, NULL);
		return true;
	}
	text.n--;
	*ret = text;
	while (ret->n > 0 && text.p[ret->n - 1] != '\n')
		ret->n--;
	*ret = (struct str){ text.p + ret->n, text.n - ret->n };
	return true;
}

static struct str rest_of(const struct log_tail *t)
{
	return t->end > t->begin ? (struct str){ t->lines.p + t->begin, t->end - t->begin } : STR("");
}

/* By the times; where they are all the same, by what is known of the version. */
static bool is_backwards(const struct log_tail *t, struct host *h)
{
	struct log_line first, last;
	struct str a, b;
	int order;

	if (!line_at(rest_of(t), false, &a) || !line_at(rest_of(t), true, &b) || !log_line_parse(a, &first) ||
	    !log_line_parse(b, &last))
		return false;
	order = instant_cmp(first.time, last.time);
	return order > 0 || (order == 0 && !host_at_least(h, 1, 8, 1));
}

int log_file_open(struct host *h, const char *path, struct varlink **ret, uint64_t *ret_len, struct error *err)
{
	CLEANUP(varlink_close_p) struct varlink *v = NULL;
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *in;
	int r = host_dial(h, &v, err);

	if (r < 0)
		return r;
	in = json_object_new_object();
	js_set_str(in, "path", path);
	js_set_bool(in, "delete", false);
	r = host_upgrade(h, v, "ReceiveFile", in, &reply, err);
	if (r < 0)
		return r;
	*ret_len = (uint64_t)js_get_int(reply, "len", 0);
	*ret = ptr_take(&v);
	return 0;
}

static int fetch_lines(struct log_tail *t, struct host *h, const char *id, int64_t n, bool *ret_ended, struct error *err)
{
	CLEANUP(varlink_close_p) struct varlink *v = NULL;
	bool continues = true;
	int r = host_dial(h, &v, err);

	if (r == 0)
		r = host_more(h, v, "GetContainersLogs", log_params(id, false, NULL, n), err);
	while (r >= 0 && continues) {
		CLEANUP(js_put_p) struct json_object *reply = NULL;
		struct log_line line;

		r = host_failed(h, v, varlink_next(v, clock_after_ms(engine_reply_ms()), &reply, &continues, err), err);
		if (r > 0)
			r = log_reply_line(reply, &line, err);
		if (r == 0)
			break;
		if (r > 0)
			r = keep(t, &line, err);
	}
	*ret_ended = r < 0 && v && varlink_ended(v);
	return r < 0 ? r : 0;
}

/* Drops lines from the front until no more than n are left; the pieces of a line go together. */
static void keep_last(struct log_tail *t, int64_t n, int64_t *n_lines)
{
	while (*n_lines > n) {
		struct log_line line;
		struct str one;

		if (!line_at(rest_of(t), false, &one))
			return;
		t->begin += one.n + 1;
		if (!log_line_parse(one, &line) || !line.partial)
			--*n_lines;
	}
	/* Moving what stays costs as much as it is long, so only when half is gone. */
	if (t->begin > t->end / 2) {
		buf_consume(&t->lines, t->begin);
		t->end -= t->begin;
		t->begin = 0;
	}
}

/* Counts the whole lines among what came last; at: how far was counted. */
static void count_lines(struct log_tail *t, size_t *at, int64_t *n_lines)
{
	struct log_line line;
	struct str one;

	t->end = *at;
	while (str_cut((struct str){ t->lines.p + *at, t->lines.n - *at }, '\n', &one, NULL)) {
		*at += one.n + 1;
		t->end = *at;
		if (!log_line_parse(one, &line) || !line.partial)
			++*n_lines;
	}
}

static int fetch_file(struct log_tail *t, struct host *h, const char *path, int64_t n, struct error *err)
{
	CLEANUP(varlink_close_p) struct varlink *v = NULL;
	uint64_t left;
	size_t at = 0;
	int64_t n_lines = 0;
	int r = log_file_open(h, path, &v, &left, err);

	while (r == 0 && left > 0) {
		size_t want = left < STREAM_MAX_READ ? (size_t)left : STREAM_MAX_READ;
		char *p = buf_reserve(&t->lines, want);
		ssize_t got = p ? varlink_read_raw(v, p, want, err) : buf_check(&t->lines, "the end of the log", err);

		if (got == 0)
			got = error_set(err, ERR_CONNECT, "the connection was closed in the middle of the log");
		if (got < 0)
			return host_failed(h, v, (int)got, err);
		t->lines.n += (size_t)got;
		left -= (uint64_t)got;
		count_lines(t, &at, &n_lines);
		keep_last(t, n, &n_lines);
		at = t->end;
	}
	return r;
}

int log_tail_fetch(struct log_tail *t, struct host *h, const char *id, const char *path, int64_t n, struct error *err)
{
	bool ended;
	int r = fetch_lines(t, h, id, n, &ended, err);

	if (r == 0) {
		t->end = t->lines.n;
		t->backwards = is_backwards(t, h);
		return 0;
	}
	if (!ended || !*path)
		return r;
	error_clear(err);
	buf_clear(&t->lines);
	return fetch_file(t, h, path, n, err);
}

bool log_tail_next(struct log_tail *t, struct log_line *ret)
{
	struct str one;

	if (!line_at(rest_of(t), t->backwards, &one))
		return false;
	if (t->backwards)
		t->end -= one.n + 1;
	else
		t->begin += one.n + 1;
	return log_line_parse(one, ret);
}

bool log_tail_youngest(const struct log_tail *t, struct instant *ret)
{
	struct log_line line;
	struct str one;

	if (!line_at(rest_of(t), !t->backwards, &one) || !log_line_parse(one, &line))
		return false;
	*ret = line.time;
	return true;
}

void log_tail_done(struct log_tail *t)
{
	buf_done(&t->lines);
	t->begin = t->end = 0;
}
