#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "frames.h"

enum {
	HANGUP_WAIT_MS = 1000, /* output that comes later is lost, as measured with 1.8.0 and 1.9.3 */
	RESIZE_MAX = 4096,
	QUIT_ATTACH_BROKEN = 126,
	QUIT_EXEC_HUNG_UP = 125,
};

static bool parse_key(struct str name, unsigned char *ret)
{
	struct str control;

	if (name.n == 1) {
		*ret = (unsigned char)name.p[0];
		return true;
	}
	if (!str_starts(name, STR("ctrl-")) || name.n != strlen("ctrl-") + 1)
		return false;
	control = (struct str){ name.p + name.n - 1, 1 };
	if (!strchr("@abcdefghijklmnopqrstuvwxyz[\\]^_", *control.p))
		return false;
	*ret = (unsigned char)(*control.p & 0x1f);
	return true;
}

bool session_parse_keys(struct session *s, const char *keys)
{
	struct str rest = str_from(keys), key;

	for (s->n_keys = 0; rest.n; s->n_keys++) {
		if (!str_cut(rest, ',', &key, &rest))
			rest.n = 0;
		if (s->n_keys == DETACH_KEYS_MAX || !parse_key(key, &s->keys[s->n_keys]))
			return false;
	}
	return true;
}

static struct process *session_process(const struct session *s)
{
	if (s->is_exec)
		return s->process;
	/* Without a terminal there is a stdin pipe only when the container is interactive. */
	return s->container->interactive || s->container->tty ? s->container->process : NULL;
}

static void session_resize(struct session *s, struct str payload)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	struct process *p = s->is_exec ? s->process : s->container->process;

	if (p && js_parse(payload, "resize", &o, NULL) == 0)
		process_resize(p, (int)js_get_int(o, "Width", 0), (int)js_get_int(o, "Height", 0));
}

static void session_detach(struct session *s)
{
	struct process *p = session_process(s);

	s->detached = true;
	/* conmon ends the container's stdin when an attached client leaves it properly. */
	if (p)
		process_end_input(p);
	if (s->is_exec && s->conn->host->version == V193)
		session_quit(s, UINT32_MAX);
}

static void write_keys(struct session *s, struct process *p, struct str last)
{
	if (p)
		process_write(p, (struct str){ (const char *)s->keys, s->n_matched });
	if (p)
		process_write(p, last);
	s->n_matched = 0;
}

/* libpod compares what each read gives with the next key: only frames of one byte can match. */
static void session_key(struct session *s, struct process *p, struct str byte)
{
	if ((unsigned char)*byte.p != s->keys[s->n_matched])
		write_keys(s, p, byte);
	else if (++s->n_matched == s->n_keys)
		session_detach(s);
}

/* For some data, or for keys that turn out to be data. */
static bool has_room(const struct session *s)
{
	const struct process *p = session_process(s);

	return !p || s->detached || process_room(p) > DETACH_KEYS_MAX;
}

/* False: no more can be taken now. */
static bool take_stdin(struct session *s, struct buf *in)
{
	struct process *p = session_process(s);
	struct str bytes = { in->p, in->n < s->stdin_left ? in->n : s->stdin_left };

	if (!bytes.n || !has_room(s))
		return false;
	if (p && !s->detached)
		bytes.n = process_write(p, bytes);
	s->stdin_left -= bytes.n;
	buf_consume(in, bytes.n);
	return true;
}

static void stdin_frame(struct session *s, struct buf *in, size_t length)
{
	if (length == 1 && s->n_keys && !s->detached) {
		session_key(s, session_process(s), (struct str){ in->p + FRAME_HEADER, 1 });
		buf_consume(in, FRAME_HEADER + 1);
		return;
	}
	if (s->n_matched)
		write_keys(s, session_process(s), STR(""));
	s->stdin_left = length;
	buf_consume(in, FRAME_HEADER);
}

/* False: the rest of it is missing. */
static bool take_frame(struct session *s, struct buf *in)
{
	unsigned char stream;
	size_t length;

	if (!frame_header(buf_str(in), &stream, &length))
		return false;
	if (stream == FRAME_STDIN) {
		if (length == 1 && (in->n <= FRAME_HEADER || !has_room(s)))
			return false;
		stdin_frame(s, in, length);
	} else if (stream == FRAME_RESIZE && length <= RESIZE_MAX) {
		if (in->n < FRAME_HEADER + length)
			return false;
		session_resize(s, (struct str){ in->p + FRAME_HEADER, length });
		buf_consume(in, FRAME_HEADER + length);
	} else {
		/* The payload is not read, not even by those who know the stream: 1.6.2 takes it for the next header. */
		if (stream == FRAME_HANGUP && s->conn->host->version != V162 && !s->hangup_at_ms) {
			s->hangup_at_ms = clock_after_ms(HANGUP_WAIT_MS);
			host_wake(s->conn->host);
		}
		buf_consume(in, FRAME_HEADER);
	}
	return true;
}

static void session_leave(struct session *s)
{
	for (struct session **p = &s->container->sessions; *p; p = &(*p)->next)
		if (*p == s) {
			*p = s->next;
			return;
		}
}

static void session_turn(struct connection *conn)
{
	struct session *s = conn->raw_ctx;

	if (s->hangup_at_ms && clock_ms() >= s->hangup_at_ms && !s->over)
		session_quit(s, s->is_exec ? QUIT_EXEC_HUNG_UP : QUIT_ATTACH_BROKEN);
	else if (s->hangup_at_ms && !s->over)
		loop_wake_at(&conn->host->loop, s->hangup_at_ms);
	if (s->over || s->hangup_at_ms) {
		buf_clear(&conn->in);
	} else {
		while (!s->over && !s->hangup_at_ms && (s->stdin_left ? take_stdin(s, &conn->in) : take_frame(s, &conn->in)))
			;
	}
	if (conn->input_ended && !s->is_exec && !conn->finished) {
		if (!s->over)
			session_quit(s, QUIT_ATTACH_BROKEN);
		connection_finish(conn);
	}
}

static void session_closed(struct connection *conn)
{
	struct session *s = conn->raw_ctx;

	session_leave(s);
	if (s->process)
		process_set_owner(s->process, (struct process_owner){ 0 });
	container_release(s->container);
	free(s);
}

static const struct raw_mode session_mode = { .turn = session_turn, .closed = session_closed };

void session_open(struct call *c, struct session *s)
{
	s->conn = c->conn;
	container_hold(s->container);
	if (!s->is_exec) {
		s->next = s->container->sessions;
		s->container->sessions = s;
	}
	connection_upgrade(c->conn, &session_mode, s);
	reply(c, NULL);
}

void session_output(struct session *s, struct str block)
{
	if (!s->detached && !s->over)
		frame_add(&s->conn->out, FRAME_STDOUT, block);
}

void session_quit(struct session *s, uint32_t code)
{
	frame_add_quit(&s->conn->out, code);
	s->over = true;
	if (s->is_exec)
		connection_finish(s->conn);
	host_wake(s->conn->host);
}

void sessions_output(struct container *c, struct str block)
{
	for (struct session *s = c->sessions; s; s = s->next)
		session_output(s, block);
}

bool sessions_ready(struct container *c)
{
	for (struct session *s = c->sessions; s; s = s->next)
		if (!s->over && !s->detached && connection_full(s->conn))
			return false;
	return true;
}

/* Who attached to a container that was running already is not told its end. */
void sessions_ended(struct container *c, int exit_code)
{
	for (struct session *s = c->sessions; s; s = s->next)
		if ((s->quits || s->detached) && !s->over)
			session_quit(s, (uint32_t)exit_code);
}
