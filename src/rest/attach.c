/* rest/attach.c: attach, with start in between, and the exit status by a wait of its own.
 *
 * Three connections: the stream, the wait, and the kept one for start, resize and signals. The order matters: attach stands before start,
 * or the first output is lost; wait is sent as soon as start is answered, or a container with --rm may be gone before it. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "rest/split.h"
#include "rest/stream.h"

struct last_exit {
	bool known;
	int64_t code;
};

/* {"Type":"container","Action":"died","Actor":{"Attributes":{"containerExitCode":"3"}}} */
static int exit_event(void *ctx, struct json_object *o, struct error *err)
{
	struct last_exit *last = ctx;
	const char *what = js_get_str(o, "Action", js_get_str(o, "status", ""));
	struct json_object *code = js_get(js_get(js_get(o, "Actor"), "Attributes"), "containerExitCode");

	(void)err;
	if (strcmp(what, "died") != 0 && strcmp(what, "exited") != 0 && strcmp(what, "die") != 0)
		return 0;
	if (code) {
		last->known = true;
		last->code = json_object_get_int64(code);
	}
	return 0;
}

/* A container that was removed before the wait reached the service: its exit is still in the service's log of events. */
static int exit_by_events(struct rest_stream *s, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *filters = json_object_new_object();
	CLEANUP(buf_done) struct buf url = URL_INIT;
	struct last_exit last = { 0 };
	struct json_object *types = json_object_new_array(), *names = json_object_new_array();
	int r;

	json_object_array_add(types, js_str("container"));
	json_object_array_add(names, js_str(s->name));
	js_set(filters, "type", types);
	js_set(filters, "container", names);
	rest_path(&url, s->rest, "/events", NULL);
	rest_query_bool(&url, "stream", false);
	rest_query(&url, "filters", js_wire(filters));
	r = rest_each(s->rest, &(struct rest_req){ .method = "GET", .url = &url, .timeout_ms = engine_reply_ms() }, SPLIT_RECORDS,
		      exit_event, &last, err);
	if (r < 0)
		return r;
	if (!last.known) {
		error_set(err, ERR_REMOTE, "container %s is gone and its exit status is not known", s->name);
		return error_exit_status(err, 127);
	}
	s->exit_status = (int)last.code;
	return 1;
}

static int read_wait_body(struct rest_stream *s, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	int64_t code = 0;
	int r;

	for (bool again = false;;) {
		char piece[256];
		ssize_t n = http_try_body(s->wait, piece, sizeof piece, &again, err);

		if (n < 0 || again)
			return n < 0 ? (int)n : 0;
		if (n == 0)
			break;
		buf_add_bytes(&s->wait_body, piece, (size_t)n);
	}
	http_close(ptr_take(&s->wait));
	r = buf_check(&s->wait_body, "the reply to wait", err);
	if (r == 0)
		r = js_parse(buf_str(&s->wait_body), "the reply to wait", &o, err);
	if (r == 0)
		r = rest_wait_code(o, &code, err);
	if (r < 0)
		return r;
	if (code < 0) /* it was removed while the service waited */
		return exit_by_events(s, err);
	s->exit_status = (int)code;
	return 1;
}

static int wait_refused(struct rest_stream *s, const struct http_reply *reply, struct error *err)
{
	int r = rest_refused(s->rest, s->wait, reply, &(struct rest_req){ .what = "wait" }, err);

	http_close(ptr_take(&s->wait));
	if (r != -ERR_NOT_FOUND)
		return r;
	error_clear(err);
	return exit_by_events(s, err);
}

static int attach_end(struct rest_stream *s, struct error *err)
{
	struct http_reply reply;

	if (!s->wait)
		return 0;
	if (!s->wait_has_head) {
		int r = http_try_head(s->wait, &reply, err);

		if (r <= 0)
			return r;
		if (reply.status >= 400)
			return wait_refused(s, &reply, err);
		s->wait_has_head = true;
	}
	return read_wait_body(s, err);
}

static int begin_wait(struct rest_stream *s, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int r = rest_dial(s->rest, &s->wait, err);

	if (r < 0)
		return r;
	rest_path(&url, s->rest, "/containers/{}/wait", s->name);
	r = rest_write(s->wait, &(struct rest_req){ .method = "POST", .url = &url }, clock_after_ms(engine_reply_ms()), err);
	return r < 0 ? rest_broken(s->rest, err) : 0;
}

static void query_streams(struct buf *url, const struct attach_req *q)
{
	if (q->detach_keys) {
		rest_query(url, "detachKeys", q->detach_keys);
		rest_query(url, "detachkeys", q->detach_keys); /* the spelling that older services read */
	}
	rest_query_bool(url, "stdin", q->want_stdin);
	rest_query_bool(url, "stdout", q->want_stdout);
	rest_query_bool(url, "stderr", q->want_stderr);
	rest_query_bool(url, "stream", true);
}

static int open_attach(struct rest *r, const struct attach_req *q, struct rest_stream **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf url = URL_INIT;
	struct http *h;
	int n;

	rest_path(&url, r, "/containers/{}/attach", q->name);
	query_streams(&url, q);
	n = rest_hijack(
		r,
		&(struct rest_req){
			.method = "POST", .url = &url, .headers = "Connection: Upgrade\r\nUpgrade: tcp\r\n", .what = "attach" },
		&h, err);
	if (n < 0)
		return n;
	n = rest_stream_new(r, h, q->name, q->tty, attach_end, ret, err);
	if (n < 0)
		return n;
	(*ret)->takes_stdin = q->want_stdin;
	(*ret)->resize_path = q->tty ? "/containers/{}/resize" : NULL;
	return 0;
}

/* A container with --rm whose command can't be started would stay: the service removes it only when it has run. */
static void remove_failed(struct engine *e, const char *name)
{
	rest_container_remove(
		e, &(struct remove_req){ .name = name, .force = true, .volumes = true, .ignore = true, .timeout_s = -1 }, NULL);
}

static int attach_and_start(struct engine *e, const struct attach_req *q, struct rest_stream **s, struct error *err)
{
	/* attach prepares the container, so that a command that can't be run fails here already. */
	int n = open_attach(rest_of(e), q, s, err);

	if (n < 0)
		return q->start ? rest_command_failed(n, err) : n;
	if (q->start)
		n = rest_container_start(e, q->name, err);
	return n < 0 ? n : begin_wait(*s, err);
}

int rest_container_attach(struct engine *e, const struct attach_req *q, struct stream **ret, struct error *err)
{
	struct rest_stream *s = NULL;
	int n = attach_and_start(e, q, &s, err);

	if (n < 0) {
		if (s)
			rest_stream_free(s);
		if (q->start && q->remove && n != -ERR_CONNECT)
			remove_failed(e, q->name);
		return n;
	}
	if (q->tty && q->width && q->height)
		s->stream.ops->resize(&s->stream, q->width, q->height, err);
	*ret = &s->stream;
	return 0;
}
