/* varlink/attach.c: a container's output and input. stderr is not separate on these hosts, it comes within stdout. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "varlink/input.h"
#include "varlink/waiter.h"
#include "varlink/wire.h"

struct attach {
	struct stream stream; /* first: attach_of casts */
	struct host *host;
	struct wire out;      /* output, size; with a terminal input too */
	struct input in;      /* input without a terminal */
	struct waiter waiter; /* for a container that runs already: its end is not told to those who come later */
	bool want_output, tty, want_stdin;
	int status;
};

enum { FD_OUT, FD_IN, FD_WAIT, N_FDS };

static struct attach *attach_of(struct stream *s)
{
	return (struct attach *)s;
}

static size_t attach_poll_fds(struct stream *s, bool want_output, struct pollfd *fds, int *timeout_ms)
{
	struct attach *a = attach_of(s);

	fds[FD_OUT] = wire_poll(&a->out, want_output, timeout_ms);
	fds[FD_IN] = input_poll(&a->in, timeout_ms);
	fds[FD_WAIT] = (struct pollfd){ .fd = -1 };
	/* While nobody takes the output its silence means nothing. */
	if (want_output || !a->waiter.done)
		fds[FD_WAIT] = waiter_poll(&a->waiter, timeout_ms);
	return N_FDS;
}

static int ended(struct attach *a, int status)
{
	a->status = status;
	return 1;
}

static int attach_dispatch(struct stream *s, const struct pollfd *fds, size_t n, const struct stream_sink *sink, struct error *err)
{
	static const struct pollfd none[N_FDS] = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 } };
	struct attach *a = attach_of(s);
	int r;

	if (n < N_FDS)
		fds = none;
	r = wire_flush(&a->out, &fds[FD_OUT], err);
	if (r == 0)
		r = wire_read(&a->out, &fds[FD_OUT], a->want_output ? sink : NULL, err);
	if (r == 1)
		return ended(a, a->out.frames.status);
	if (r == -ERR_CONNECT && a->waiter.done) {
		error_clear(err);
		return ended(a, a->waiter.status);
	}
	if (r == 0)
		r = input_dispatch(&a->in, &fds[FD_IN], err);
	if (r == 0)
		r = waiter_dispatch(&a->waiter, &fds[FD_WAIT], err);
	if (r < 0)
		return r;
	if (a->out.heard || !(fds[FD_OUT].events & POLLIN))
		waiter_heard(&a->waiter);
	return waiter_over(&a->waiter) ? ended(a, a->waiter.status) : 0;
}

static size_t attach_stdin_room(struct stream *s)
{
	struct attach *a = attach_of(s);

	return !a->want_stdin ? 0 : a->tty ? wire_room(&a->out) : input_room(&a->in);
}

static int attach_stdin_write(struct stream *s, const char *p, size_t n, struct error *err)
{
	struct attach *a = attach_of(s);

	return a->tty ? wire_stdin(&a->out, p, n, err) : input_write(&a->in, p, n, err);
}

/* A terminal's end of input is a key that the container sees. */
static int attach_stdin_close(struct stream *s, struct error *err)
{
	struct attach *a = attach_of(s);

	return a->tty || !a->want_stdin ? 0 : input_close(&a->in, err);
}

static int attach_resize(struct stream *s, unsigned width, unsigned height, struct error *err)
{
	return wire_resize(&attach_of(s)->out, width, height, err);
}

static int attach_exit_status(struct stream *s)
{
	return attach_of(s)->status;
}

static void attach_close(struct stream *s)
{
	struct attach *a = attach_of(s);

	input_done(&a->in);
	waiter_close(&a->waiter);
	wire_close(&a->out);
	free(a);
}

static const struct stream_ops attach_ops = {
	.poll_fds = attach_poll_fds,
	.dispatch = attach_dispatch,
	.stdin_room = attach_stdin_room,
	.stdin_write = attach_stdin_write,
	.stdin_close = attach_stdin_close,
	.resize = attach_resize,
	.exit_status = attach_exit_status,
	.close = attach_close,
};

/* A start within Attach that fails tells nothing but 126 or 127, so the container is made ready before it: that call has the
 * runtime's words. What --rm promised is then ours to do, since the container never gets to its end. */
static int make_ready(struct host *h, const struct attach_req *q, bool *ret_runs, struct error *err)
{
	const char *state;
	int r = host_call(h, "InitContainer", host_name(q->name), 0, NULL, err);

	*ret_runs = false;
	if (r == -ERR_CONFLICT) {
		/* It was ready, or it runs. */
		error_clear(err);
		r = host_container_state(h, q->name, &state, err);
		*ret_runs = r == 0 && strcmp(state, "running") == 0;
		return r;
	}
	if (r < 0 && r != -ERR_NOT_FOUND && q->remove) {
		struct remove_req remove = { .name = q->name, .force = true, .volumes = true, .timeout_s = -1 };

		host_container_remove(&h->engine, &remove, NULL);
	}
	return host_command_failed(r, err);
}

static int open_attach(struct attach *a, const struct attach_req *q, bool start, struct error *err)
{
	struct json_object *in = host_name(q->name);
	int r;

	/* No detach keys: "" means none, and after a match by the service no frame ever comes; the caller matches them. */
	js_set_str(in, "detachKeys", "");
	js_set_bool(in, "start", start);
	r = wire_open(&a->out, "Attach", in, err);
	if (r == 0 && q->tty && q->width && q->height)
		r = wire_resize(&a->out, q->width, q->height, err);
	return r;
}

int host_container_attach(struct engine *e, const struct attach_req *q, struct stream **ret, struct error *err)
{
	struct host *h = host_of(e);
	bool runs = !q->start;
	struct attach *a;
	int r = q->start ? make_ready(h, q, &runs, err) : 0;

	if (r < 0)
		return r;
	a = calloc(1, sizeof *a);
	if (!a)
		return error_set(err, ERR_SYSTEM, "out of memory");
	*a = (struct attach){ .stream.ops = &attach_ops,
			      .host = h,
			      .out = WIRE_INIT(h),
			      .tty = q->tty,
			      .want_stdin = q->want_stdin,
			      .want_output = q->want_stdout || q->want_stderr };
	r = open_attach(a, q, !runs, err);
	if (r == 0 && runs)
		r = waiter_open(&a->waiter, h, q->name, err);
	if (r == 0 && q->want_stdin && !q->tty)
		r = input_init(&a->in, h, q->name, err);
	if (r < 0) {
		attach_close(&a->stream);
		return r;
	}
	*ret = &a->stream;
	return 0;
}
