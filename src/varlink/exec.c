/* varlink/exec.c: a command in a running container.
 *
 * ExecContainer has no end of input, and what helps with Attach does not help here: its detach loses output and exit code. So a
 * command with stdin is run by a shell script in the container that gets the input in chunks, each behind a line with its length,
 * and ends it at the length 0. It uses sh, cat, dd with iflag=fullblock (GNU, busybox), on 1.6.2 stty. Its first output is a line
 * that says that it can; when it can't, the command is run without it: stdin then arrives, but its end is the end of the session,
 * whose exit status is lost.
 *
 * 1.6.2 connects no stdin but that of a terminal, so there the script runs on one, in raw mode, with the command's input and
 * output behind pipes. And it loses the first frame, which the service gives to a process that is gone by the time of the first
 * output. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "varlink/wire.h"

/* What the scripts below say before the command's output, and after it. */
#define HELLO_WORD     "farpod-stdin"
#define DONE_WORD      "farpod-done"
#define HELLO          HELLO_WORD "\n"
#define DONE           "\036" DONE_WORD "\n"
#define SILENCE_MS     1000
/* How long a terminal on 1.6.2 may stay without output until its first frame is sent anyway. */
#define QUIET_START_MS 1000
/* "65536\n" and some. */
#define CHUNK_HEAD     16

#define CHECK "[ \"$(printf ab | dd bs=2 count=1 iflag=fullblock 2>/dev/null)\" = ab ] || exit 1\nprintf '" HELLO_WORD "\\n'\n"
#define READ_CHUNKS                                                                                                                \
	"while read n && [ \"$n\" != 0 ]; do [ -z \"$n\" ] || dd bs=\"$n\" count=1 iflag=fullblock 2>/dev/null; done 2>/dev/null"
/* A command that ends before its input does: what is under way must go somewhere, or 1.9.3 loses the exit status over it. */
#define SWALLOW "printf '\\036" DONE_WORD "\\n'; cat >/dev/null"

static const char script[] = CHECK READ_CHUNKS " | { \"$0\" \"$@\"; s=$?; " SWALLOW "; exit $s; }";
static const char tty_script[] =
	"stty raw -echo 2>/dev/null || exit 1\n" CHECK "exec 4>&1\n"
	"s=$({ { " READ_CHUNKS " | { \"$0\" \"$@\" 3>&- 4>&-; s=$?; " SWALLOW "; echo $s >&3; }; } 2>&1 | cat >&4; } 3>&1)\n"
	"exit $s";

enum mode {
	MODE_PLAIN, /* stdin as it comes */
	MODE_HELLO, /* the script has not answered yet */
	MODE_CHUNKS,
	MODE_FIRST, /* 1.6.2 with a terminal: the frame that gets lost is still to be sent */
};

struct exec {
	struct stream stream; /* first: exec_of casts */
	struct host *host;
	struct wire wire;
	enum mode mode;
	bool want_stdin, tty;
	size_t n_hello, n_done;    /* of HELLO and DONE seen */
	struct json_object *plain; /* the request without the script */
	uint64_t due_ms;           /* MODE_FIRST: when to send it; after the end of input: when to hang up; 0: none */
	bool eof, hung_up, done;
	const struct stream_sink *sink; /* during a dispatch */
};

static struct exec *exec_of(struct stream *s)
{
	return (struct exec *)s;
}

static size_t exec_poll_fds(struct stream *s, bool want_output, struct pollfd *fds, int *timeout_ms)
{
	struct exec *x = exec_of(s);
	uint64_t now = clock_ms();

	fds[0] = wire_poll(&x->wire, want_output, timeout_ms);
	if (x->due_ms) {
		int left = x->due_ms > now ? (int)(x->due_ms - now) : 0;

		if (*timeout_ms < 0 || left < *timeout_ms)
			*timeout_ms = left;
	}
	return 1;
}

static int end_chunks(struct exec *x, struct error *err)
{
	return wire_stdin(&x->wire, "0\n", 2, err);
}

/* The script is ready for input. */
static int begin_chunks(struct exec *x, struct error *err)
{
	int r = 0;

	x->mode = MODE_CHUNKS;
	/* The frame that 1.6.2 loses; the script skips an empty line. */
	if (!host_at_least(x->host, 1, 8, 0))
		r = wire_stdin(&x->wire, "\n", 1, err);
	return r == 0 && x->eof ? end_chunks(x, err) : r;
}

/* The command has ended and takes no more input. */
static int command_done(struct exec *x, struct error *err)
{
	x->done = true;
	if (x->eof)
		return 0;
	x->eof = true;
	return end_chunks(x, err);
}

/* Looks for DONE, whose first byte is nowhere else in it. What only looked like it goes out late. */
static int filter_done(struct exec *x, enum stream_channel channel, const char *p, size_t n, struct error *err)
{
	const char *from = p;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		if (x->n_done > 0 && p[i] != DONE[x->n_done]) {
			r = x->sink->write(x->sink->ctx, channel, DONE, x->n_done, err);
			x->n_done = 0;
			from = p + i;
		}
		if (p[i] != DONE[x->n_done])
			continue;
		if (x->n_done == 0 && r >= 0 && p + i > from)
			r = x->sink->write(x->sink->ctx, channel, from, (size_t)(p + i - from), err);
		from = p + i + 1;
		if (++x->n_done == sizeof DONE - 1) {
			x->n_done = 0;
			if (r >= 0)
				r = command_done(x, err);
		}
	}
	if (r >= 0 && x->n_done == 0 && p + n > from)
		r = x->sink->write(x->sink->ctx, channel, from, (size_t)(p + n - from), err);
	return r;
}

/* Takes the script's own lines out of the output. */
static int script_write(void *ctx, enum stream_channel channel, const char *p, size_t n, struct error *err)
{
	struct exec *x = ctx;
	int r;

	while (n > 0 && x->mode == MODE_HELLO) {
		if (*p != HELLO[x->n_hello])
			return error_set(err, ERR_PROTOCOL, "the shell in the container says something else than it was told to");
		p++;
		n--;
		if (++x->n_hello == sizeof HELLO - 1 && (r = begin_chunks(x, err)) < 0)
			return r;
	}
	if (x->done)
		return n ? x->sink->write(x->sink->ctx, channel, p, n, err) : 0;
	return filter_done(x, channel, p, n, err);
}

/* No shell, or one without what the script needs. */
static int without_script(struct exec *x, struct error *err)
{
	int r;

	if (!host_at_least(x->host, 1, 8, 0))
		return engine_unsupported(&x->host->engine, err, "exec --interactive in a container without sh, stty and dd");
	wire_close(&x->wire);
	x->mode = MODE_PLAIN;
	r = wire_open(&x->wire, "ExecContainer", ptr_take(&x->plain), err);
	if (r == 0 && x->eof)
		x->due_ms = clock_after_ms(SILENCE_MS);
	return r;
}

static int hang_up(struct exec *x, struct error *err)
{
	x->due_ms = 0;
	x->hung_up = true;
	return frame_add(&x->wire.out, FRAME_HANGUP, NULL, 0) ? 0 : buf_check(&x->wire.out, "frame", err);
}

static int lose_first_frame(struct exec *x, struct error *err)
{
	x->due_ms = 0;
	x->mode = MODE_PLAIN;
	return wire_stdin(&x->wire, "", 1, err);
}

static int timer(struct exec *x, struct error *err)
{
	if (x->mode == MODE_FIRST && (x->wire.heard || clock_ms() >= x->due_ms))
		return lose_first_frame(x, err);
	if (x->due_ms && x->wire.heard)
		x->due_ms = clock_after_ms(SILENCE_MS);
	return x->due_ms && clock_ms() >= x->due_ms ? hang_up(x, err) : 0;
}

static int ended(struct exec *x, struct error *err)
{
	if (x->mode == MODE_HELLO)
		return without_script(x, err);
	/* 125 on 1.8.0, -1 on 1.9.3: the service's word for our own hangup, not the command's. */
	if (x->hung_up && (x->wire.frames.status == 125 || x->wire.frames.status == -1))
		return error_set(
			err, ERR_REMOTE,
			"the exit status of the command is not known: %s can't end its input in a container without sh and dd",
			engine_name(&x->host->engine));
	return 1;
}

static int exec_dispatch(struct stream *s, const struct pollfd *fds, size_t n, const struct stream_sink *sink, struct error *err)
{
	static const struct pollfd none = { .fd = -1 };
	struct exec *x = exec_of(s);
	struct stream_sink filter = { .write = script_write, .ctx = x };
	bool scripted = x->mode == MODE_HELLO || x->mode == MODE_CHUNKS;
	const struct pollfd *p = n > 0 ? &fds[0] : &none;
	int r = wire_flush(&x->wire, p, err);

	x->sink = sink;
	if (r == 0)
		r = wire_read(&x->wire, p, scripted ? &filter : sink, err);
	if (r == 1)
		return ended(x, err);
	return r < 0 ? r : timer(x, err);
}

static size_t exec_stdin_room(struct stream *s)
{
	struct exec *x = exec_of(s);
	size_t room = wire_room(&x->wire);

	if (!x->want_stdin || x->mode == MODE_HELLO || x->mode == MODE_FIRST || x->eof)
		return 0;
	return room > CHUNK_HEAD ? room - CHUNK_HEAD : 0;
}

static int exec_stdin_write(struct stream *s, const char *p, size_t n, struct error *err)
{
	struct exec *x = exec_of(s);
	char head[CHUNK_HEAD];
	int r = 0;

	if (n == 0 || x->eof)
		return 0;
	if (x->mode == MODE_CHUNKS) {
		int len = snprintf(head, sizeof head, "%zu\n", n);

		r = wire_stdin(&x->wire, head, (size_t)len, err);
	}
	return r < 0 ? r : wire_stdin(&x->wire, p, n, err);
}

static int exec_stdin_close(struct stream *s, struct error *err)
{
	struct exec *x = exec_of(s);

	/* A terminal's end of input is a key that the command sees. */
	if (x->tty || x->eof || !x->want_stdin)
		return 0;
	x->eof = true;
	if (x->mode == MODE_CHUNKS)
		return end_chunks(x, err);
	if (x->mode == MODE_PLAIN)
		x->due_ms = clock_after_ms(SILENCE_MS);
	return 0;
}

static int exec_resize(struct stream *s, unsigned width, unsigned height, struct error *err)
{
	struct exec *x = exec_of(s);

	return x->tty ? wire_resize(&x->wire, width, height, err) : 0;
}

static int exec_exit_status(struct stream *s)
{
	return exec_of(s)->wire.frames.status;
}

static void exec_close(struct stream *s)
{
	struct exec *x = exec_of(s);

	wire_close(&x->wire);
	json_object_put(x->plain);
	free(x);
}

static const struct stream_ops exec_ops = {
	.poll_fds = exec_poll_fds,
	.dispatch = exec_dispatch,
	.stdin_room = exec_stdin_room,
	.stdin_write = exec_stdin_write,
	.stdin_close = exec_stdin_close,
	.resize = exec_resize,
	.exit_status = exec_exit_status,
	.close = exec_close,
};

/* With shell: sh -c SHELL COMMAND..., where the script sees the command as "$0" "$@". */
static struct json_object *exec_params(const struct exec_req *q, const char *shell, bool tty)
{
	struct json_object *in = json_object_new_object(), *opts = json_object_new_object(), *cmd = json_object_new_array();

	if (shell) {
		json_object_array_add(cmd, js_str("sh"));
		json_object_array_add(cmd, js_str("-c"));
		json_object_array_add(cmd, js_str(shell));
	}
	for (size_t i = 0; i < q->command->n; i++)
		json_object_array_add(cmd, js_str(q->command->v[i]));
	js_set_str(opts, "name", q->name);
	js_set_bool(opts, "tty", tty);
	js_set_bool(opts, "privileged", q->privileged);
	js_set(opts, "cmd", cmd);
	if (q->user)
		js_set_str(opts, "user", q->user);
	if (q->workdir)
		js_set_str(opts, "workdir", q->workdir);
	if (q->env && q->env->n)
		js_set(opts, "env", js_strv(q->env->v, q->env->n));
	/* Absent means ctrl-p,ctrl-q on 1.9.3; the caller matches the keys. */
	js_set_str(opts, "detachKeys", "");
	js_set(in, "opts", opts);
	return in;
}

static int start(struct exec *x, const struct exec_req *q, struct error *err)
{
	bool old = !host_at_least(x->host, 1, 8, 0);
	struct json_object *in;

	if (q->want_stdin && !q->tty) {
		x->mode = MODE_HELLO;
		x->plain = exec_params(q, NULL, false);
		in = exec_params(q, old ? tty_script : script, old);
	} else {
		in = exec_params(q, NULL, q->tty);
		if (old && q->tty && q->want_stdin) {
			x->mode = MODE_FIRST;
			x->due_ms = clock_after_ms(QUIET_START_MS);
		}
	}
	return wire_open(&x->wire, "ExecContainer", in, err);
}

int host_container_exec(struct engine *e, const struct exec_req *q, struct stream **ret, char **ret_session, struct error *err)
{
	struct exec *x;
	int r;

	(void)ret_session;
	if (q->detach)
		return engine_unsupported(e, err, "exec --detach");
	x = calloc(1, sizeof *x);
	if (!x)
		return error_set(err, ERR_SYSTEM, "out of memory");
	*x = (struct exec){ .stream.ops = &exec_ops,
			    .host = host_of(e),
			    .wire = WIRE_INIT(host_of(e)),
			    .want_stdin = q->want_stdin,
			    .tty = q->tty };
	r = start(x, q, err);
	if (r == 0 && q->tty && q->width && q->height)
		r = wire_resize(&x->wire, q->width, q->height, err);
	if (r < 0) {
		exec_close(&x->stream);
		return r;
	}
	*ret = &x->stream;
	return 0;
}
