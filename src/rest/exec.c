/* rest/exec.c: a command in a running container: a session is made, started, and asked for its exit code when the output is over. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "rest/stream.h"

#define STILL_RUNNING_MS 50 /* the session may be told to run for a moment after its output ended */

static struct json_object *session_body(const struct exec_req *q)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "User", q->user ? q->user : "");
	js_set_bool(o, "Privileged", q->privileged);
	js_set_bool(o, "Tty", q->tty);
	js_set_bool(o, "AttachStdin", q->want_stdin && !q->detach);
	js_set_bool(o, "AttachStderr", true);
	js_set_bool(o, "AttachStdout", true);
	js_set_bool(o, "Detach", q->detach);
	if (q->detach_keys)
		js_set_str(o, "DetachKeys", q->detach_keys);
	js_set(o, "Env", q->env ? js_strv(q->env->v, q->env->n) : json_object_new_array());
	js_set_str(o, "WorkingDir", q->workdir ? q->workdir : "");
	js_set(o, "Cmd", js_strv(q->command->v, q->command->n));
	return o;
}

static int make_session(struct rest *r, const struct exec_req *q, char **ret_id, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *body = session_body(q), *reply = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	const char *id;
	int n;

	rest_path(&url, r, "/containers/{}/exec", q->name);
	n = rest_call(
		r,
		&(struct rest_req){ .method = "POST", .url = &url, .body = body, .what = "exec", .timeout_ms = engine_reply_ms() },
		&reply, err);
	if (n < 0)
		return n;
	id = js_get_str(reply, "Id", js_get_str(reply, "ID", ""));
	if (!*id)
		return error_set(err, ERR_PROTOCOL, "the service made an exec session without an ID");
	*ret_id = z_dup(id);
	return *ret_id ? 0 : error_set(err, ERR_SYSTEM, "exec: out of memory");
}

static void remove_session(struct rest_stream *s)
{
	CLEANUP(js_put_p) struct json_object *body = json_object_new_object();
	CLEANUP(buf_done) struct buf url = URL_INIT;

	if (!rest_at_least(s->rest, 4, 8, 0))
		return;
	js_set_bool(body, "force", false);
	rest_path(&url, s->rest, "/exec/{}/remove", s->name);
	rest_call(s->rest, &(struct rest_req){ .method = "POST", .url = &url, .body = body, .timeout_ms = engine_reply_ms() }, NULL,
		  NULL);
}

static int exec_end(struct rest_stream *s, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf url = URL_INIT;
	int n;

	if (!s->output_done || clock_ms() < s->next_end_ms)
		return 0;
	rest_path(&url, s->rest, "/exec/{}/json", s->name);
	n = rest_get(s->rest, &url, "exec", &o, err);
	if (n < 0)
		return n;
	if (!json_object_is_type(js_get(o, "ExitCode"), json_type_int))
		return error_set(err, ERR_PROTOCOL, "the service tells no exit code of an exec session");
	if (js_get_bool(o, "Running", false)) {
		s->next_end_ms = clock_after_ms(STILL_RUNNING_MS);
		return 0;
	}
	s->exit_status = (int)js_get_int(o, "ExitCode", -1);
	remove_session(s);
	return 1;
}

static struct json_object *start_body(const struct exec_req *q)
{
	struct json_object *o = json_object_new_object();

	js_set_bool(o, "Detach", q->detach);
	if (q->detach)
		return o;
	js_set_bool(o, "Tty", q->tty);
	js_set_int(o, "h", q->tty ? q->height : 0);
	js_set_int(o, "w", q->tty ? q->width : 0);
	return o;
}

static int start_detached(struct rest *r, const struct rest_req *q, char **id, char **ret_session, struct error *err)
{
	int n = rest_call(r, q, NULL, err);

	if (n < 0)
		return n;
	if (ret_session)
		*ret_session = ptr_take(id);
	return 0;
}

int rest_container_exec(struct engine *e, const struct exec_req *q, struct stream **ret, char **ret_session, struct error *err)
{
	struct rest *r = rest_of(e);
	CLEANUP(free_p) char *id = NULL;
	CLEANUP(js_put_p) struct json_object *body = start_body(q);
	CLEANUP(buf_done) struct buf url = URL_INIT;
	struct rest_req start = { .method = "POST", .url = &url, .body = body, .what = "exec", .timeout_ms = engine_reply_ms() };
	struct rest_stream *s = NULL;
	struct http *h;
	int n = make_session(r, q, &id, err);

	if (n < 0)
		return n;
	rest_path(&url, r, "/exec/{}/start", id);
	if (q->detach)
		return start_detached(r, &start, &id, ret_session, err);
	n = rest_hijack(r, &start, &h, err);
	if (n == 0)
		n = rest_stream_new(r, h, id, q->tty, exec_end, &s, err);
	if (n < 0)
		return n;
	s->takes_stdin = q->want_stdin;
	s->resize_path = q->tty ? "/exec/{}/resize" : NULL;
	if (q->tty && q->width && q->height)
		s->stream.ops->resize(&s->stream, q->width, q->height, err);
	*ret = &s->stream;
	return 0;
}
