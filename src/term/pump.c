/* term/pump.c: the poll loop. Output is held in one small queue a channel; while one is not empty, nothing more is read from the stream, which
 * is the whole back-pressure in that direction. In the other one stdin is read only as far as the stream takes it. */
#include "term/pump.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "term/term.h"

#define TWICE_MS 1000
#define READ_MAX (32 * 1024)

/* What a pipe that poll calls writable takes without blocking. */
#define PIPE_PIECE PIPE_BUF

struct output {
	int fd;
	bool careful; /* a pipe or socket: written in pieces that do not block, so that input goes on while its reader is slow */
	struct buf q;
};

struct loop {
	const struct pump *p;
	struct output out[2]; /* stdout, stderr */
	bool joined;          /* both are one file, terminal or pipe: one queue keeps their order */
	int signal_fd;
	bool stdin_open;
	struct keys keys;
	uint64_t last_interrupt_ms;
};

/* Places in the poll set behind the stream's own. */
enum { AT_SIGNAL, AT_STDIN, AT_OUT, AT_ERR, OWN_FDS };

static void loop_done(struct loop *l)
{
	term_signals_close();
	if (l->p->raw)
		term_restore();
	buf_done(&l->out[0].q);
	buf_done(&l->out[1].q);
}

static void output_init(struct output *o, int fd)
{
	struct stat st;

	*o = (struct output){ .fd = fd, .q = BUF_INIT(4 * STREAM_MAX_READ) };
	o->careful = fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

static bool is_same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int loop_init(struct loop *l, const struct pump *p, struct error *err)
{
	static const int catch[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, 0 };
	int r;

	*l = (struct loop){ .p = p, .signal_fd = -1, .stdin_open = p->stdin_fd >= 0, .keys = p->keys };
	output_init(&l->out[0], p->stdout_fd);
	output_init(&l->out[1], p->stderr_fd);
	l->joined = is_same_file(p->stdout_fd, p->stderr_fd);
	if (p->raw && (r = term_raw(p->stdin_fd, err)) < 0)
		return r;
	return term_signals_open(catch, &l->signal_fd, err);
}

static int sink_write(void *ctx, enum stream_channel channel, const char *data, size_t n, struct error *err)
{
	struct loop *l = ctx;
	struct output *o = &l->out[channel == STREAM_STDERR && !l->joined];

	if (!buf_add_bytes(&o->q, data, n))
		return error_set(err, ERR_SYSTEM, "output of %zu bytes at once is over the limit of %zu", n, o->q.max);
	return 0;
}

/* Writes what the queue holds; for pipes only as long as they take it. */
static int output_flush(struct output *o, struct error *err)
{
	while (o->q.n > 0) {
		size_t piece = o->careful && o->q.n > PIPE_PIECE ? PIPE_PIECE : o->q.n;

		if (o->careful) {
			int ready = fd_wait(o->fd, POLLOUT, clock_ms(), err);

			if (ready <= 0)
				return ready;
		}

		ssize_t n = write(o->fd, o->q.p, piece);

		if (n >= 0) {
			buf_consume(&o->q, (size_t)n);
		} else if (errno == EINTR || errno == EAGAIN) {
			return 0;
		} else {
			return fd_output_failed(o->fd == STDERR_FILENO ? "write standard error" : "write standard output", err);
		}
	}
	return 0;
}

static bool queues_empty(const struct loop *l)
{
	return l->out[0].q.n == 0 && l->out[1].q.n == 0;
}

static int forward_size(struct loop *l, struct error *err)
{
	unsigned w, h;

	if (l->p->size_fd < 0 || !term_size(l->p->size_fd, &w, &h))
		return 0;
	return l->p->stream->ops->resize(l->p->stream, w, h, err);
}

static int ended_by(int sig, struct error *err)
{
	error_set(err, ERR_INTERRUPTED, "ended by signal %d (%s)", sig, strsignal(sig));
	return error_exit_status(err, 128 + sig);
}

/* Telling the host may take as long as the host likes. Who insists meanwhile is not heard by the loop, so the signal does it itself. */
static int forward_signal(struct loop *l, int sig, struct error *err)
{
	struct sigaction plain = { .sa_handler = SIG_DFL }, ours;
	int r;

	sigemptyset(&plain.sa_mask);
	sigaction(SIGINT, &plain, &ours);
	r = l->p->signal(l->p->ctx, sig, err);
	sigaction(SIGINT, &ours, NULL);
	return r;
}

static int take_signal(struct loop *l, int sig, struct error *err)
{
	uint64_t now = clock_ms();

	if (sig == SIGWINCH)
		return forward_size(l, err);
	if (!l->p->signal)
		return ended_by(sig, err);
	if (sig == SIGINT) {
		/* The first one went to the container; who insists wants out. */
		if (l->last_interrupt_ms && now - l->last_interrupt_ms < TWICE_MS)
			return ended_by(sig, err);
		l->last_interrupt_ms = now;
	}
	return forward_signal(l, sig, err);
}

static int take_signals(struct loop *l, struct error *err)
{
	unsigned char got[64];
	bool resized = false;
	ssize_t n = read(l->signal_fd, got, sizeof got);

	for (ssize_t i = 0; i < n; i++) {
		int r;

		/* A dragged window sends dozens: one size is enough. */
		if (got[i] == SIGWINCH && resized)
			continue;
		resized |= got[i] == SIGWINCH;
		r = take_signal(l, got[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Held back bytes of a detach sequence that nobody will complete are input like any other. */
static int end_stdin(struct loop *l, struct error *err)
{
	struct stream *s = l->p->stream;
	int r = 0;

	l->stdin_open = false;
	if (l->keys.matched)
		r = s->ops->stdin_write(s, (const char *)l->keys.seq, l->keys.matched, err);
	return r < 0 ? r : s->ops->stdin_close(s, err);
}

/* Reads stdin once and hands it on. 1: the detach keys were typed; what was typed before them is handed on too. */
static int take_stdin(struct loop *l, struct error *err)
{
	struct stream *s = l->p->stream;
	unsigned char in[READ_MAX], out[READ_MAX + KEYS_MAX];
	size_t room = s->ops->stdin_room(s), n_out = 0;
	size_t want = room > KEYS_MAX ? room - KEYS_MAX : 0;

	if (want == 0)
		return 0;

	ssize_t n = read(l->p->stdin_fd, in, want < sizeof in ? want : sizeof in);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : error_set_errno(err, "read standard input");
	if (n == 0)
		return end_stdin(l, err);

	bool detached = keys_filter(&l->keys, in, (size_t)n, out, &n_out);
	int r = n_out ? s->ops->stdin_write(s, (const char *)out, n_out, err) : 0;

	return r < 0 ? r : detached;
}

static size_t fill_fds(struct loop *l, struct pollfd *fds, int *timeout_ms)
{
	struct stream *s = l->p->stream;
	bool want_stdin = l->stdin_open && s->ops->stdin_room(s) > KEYS_MAX;

	fds[AT_SIGNAL] = (struct pollfd){ .fd = l->signal_fd, .events = POLLIN };
	fds[AT_STDIN] = (struct pollfd){ .fd = want_stdin ? l->p->stdin_fd : -1, .events = POLLIN };
	fds[AT_OUT] = (struct pollfd){ .fd = l->out[0].q.n ? l->out[0].fd : -1, .events = POLLOUT };
	fds[AT_ERR] = (struct pollfd){ .fd = l->out[1].q.n ? l->out[1].fd : -1, .events = POLLOUT };
	return s->ops->poll_fds(s, queues_empty(l), fds + OWN_FDS, timeout_ms);
}

/* One turn. 0: goes on; 1: the stream ended; 2: detached. */
static int loop_step(struct loop *l, struct error *err)
{
	struct pollfd fds[OWN_FDS + STREAM_MAX_FDS];
	struct stream_sink sink = { .write = sink_write, .ctx = l };
	int timeout_ms = -1, r = 0;
	size_t n = fill_fds(l, fds, &timeout_ms);

	if (poll(fds, (nfds_t)(OWN_FDS + n), timeout_ms) < 0) {
		if (errno != EINTR)
			return error_set_errno(err, "poll");
		for (size_t i = 0; i < OWN_FDS + n; i++)
			fds[i].revents = 0;
		fds[AT_SIGNAL].revents = POLLIN;
	}
	if (fds[AT_SIGNAL].revents && (r = take_signals(l, err)) < 0)
		return r;
	if (fds[AT_STDIN].revents) {
		r = take_stdin(l, err);
		if (r != 0)
			return r < 0 ? r : 2;
	}
	for (size_t i = 0; i < 2; i++)
		if ((r = output_flush(&l->out[i], err)) < 0)
			return r;
	r = l->p->stream->ops->dispatch(l->p->stream, fds + OWN_FDS, n, &sink, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < 2; i++) {
		int f = output_flush(&l->out[i], err);

		if (f < 0)
			return f;
	}
	return r;
}

/* The stream ended; what is queued still has to get out. Signals end the wait for a reader that does not read. */
static int loop_drain(struct loop *l, struct error *err)
{
	while (!queues_empty(l)) {
		struct pollfd fds[OWN_FDS] = { { .fd = l->signal_fd, .events = POLLIN }, { .fd = -1 } };
		int r;

		for (size_t i = 0; i < 2; i++)
			fds[AT_OUT + i] = (struct pollfd){ .fd = l->out[i].q.n ? l->out[i].fd : -1, .events = POLLOUT };
		poll(fds, OWN_FDS, -1);
		if (fds[AT_SIGNAL].revents && (r = take_signals(l, err)) < 0)
			return r;
		for (size_t i = 0; i < 2; i++)
			if ((r = output_flush(&l->out[i], err)) < 0)
				return r;
	}
	return 0;
}

int pump_run(const struct pump *p, enum pump_end *ret, struct error *err)
{
	CLEANUP(loop_done) struct loop l;
	int r = loop_init(&l, p, err);

	while (r == 0)
		r = loop_step(&l, err);
	if (r < 0) {
		/* What came before the failure is still the user's; who ended it waits for no reader. */
		if (r != -ERR_INTERRUPTED)
			loop_drain(&l, NULL);
		return r;
	}
	*ret = r == 2 ? PUMP_DETACHED : PUMP_ENDED;
	return loop_drain(&l, err);
}
