/* The pump between pipes and a scripted stream: what the user's side and the container's side get, in which order, and what ends it. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "base/buf.h"
#include "term/pump.h"

#define BIG (32 * 1024)

struct piece {
	enum stream_channel channel;
	const char *text; /* NULL: BIG bytes of 'x' */
};

/* Hands out one piece a dispatch, then ends or fails; with until_eof not before its input was closed. */
struct script {
	struct stream stream;
	const struct piece *pieces;
	size_t n, at;
	bool until_eof, fails, want_output;
	int raises;      /* a signal sent to ourselves by each dispatch; 0: none */
	size_t held_off; /* turns without wish for output */
	bool closed;
	struct buf input;
};

static size_t poll_fds(struct stream *stream, bool want_output, struct pollfd *fds, int *timeout_ms)
{
	struct script *s = (struct script *)stream;

	(void)fds;
	s->want_output = want_output;
	s->held_off += !want_output;
	if (want_output && (s->at < s->n || !s->until_eof))
		*timeout_ms = 0;
	return 0;
}

static int dispatch(struct stream *stream, const struct pollfd *fds, size_t n, const struct stream_sink *sink, struct error *err)
{
	static char big[BIG];
	struct script *s = (struct script *)stream;

	(void)fds;
	(void)n;
	memset(big, 'x', sizeof big);
	if (s->raises) {
		raise(s->raises);
		return 0;
	}
	if (s->at < s->n && s->want_output) {
		const struct piece *p = &s->pieces[s->at++];

		return sink->write(sink->ctx, p->channel, p->text ? p->text : big, p->text ? strlen(p->text) : BIG, err);
	}
	if (s->at < s->n || (s->until_eof && !s->closed))
		return 0;
	return s->fails ? error_set(err, ERR_CONNECT, "broken") : 1;
}

static size_t stdin_room(struct stream *stream)
{
	(void)stream;
	return 64;
}

static int stdin_write(struct stream *stream, const char *p, size_t n, struct error *err)
{
	(void)err;
	assert_true(n <= 64);
	assert_true(buf_add_bytes(&((struct script *)stream)->input, p, n));
	return 0;
}

static int stdin_close(struct stream *stream, struct error *err)
{
	(void)err;
	((struct script *)stream)->closed = true;
	return 0;
}

static const struct stream_ops ops = {
	.poll_fds = poll_fds, .dispatch = dispatch, .stdin_room = stdin_room, .stdin_write = stdin_write, .stdin_close = stdin_close
};

static void script_done(struct script *s)
{
	buf_done(&s->input);
}

#define SCRIPT(...) ((struct script){ .stream = { &ops }, .input = BUF_INIT(4096), __VA_ARGS__ })

/* Runs it with both outputs on out. */
static int run(struct script *s, int in, int out, struct pump *p, enum pump_end *ret, struct error *err)
{
	p->stream = &s->stream;
	p->stdin_fd = in;
	p->stdout_fd = p->stderr_fd = out;
	p->size_fd = -1;
	return pump_run(p, ret, err);
}

static void test_order(void **state)
{
	static const struct piece pieces[] = { { STREAM_STDERR, "e1 " }, { STREAM_STDOUT, "o1 " }, { STREAM_STDERR, "e2" } };
	struct script s = SCRIPT(.pieces = pieces, .n = ARRAY_LEN(pieces));
	struct pump p = { 0 };
	enum pump_end end;
	char got[64] = "";
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(run(&s, -1, fds[1], &p, &end, NULL), 0);
	assert_int_equal(end, PUMP_ENDED);
	assert_true(read(fds[0], got, sizeof got - 1) > 0);
	assert_string_equal(got, "e1 o1 e2");
	close(fds[0]);
	close(fds[1]);
}

static const struct {
	const char *name, *typed, *keys, *input;
	enum pump_end end;
	bool closed;
} stdin_rows[] = {
	{ "end of input", "hello", "", "hello", PUMP_ENDED, true },
	{ "nothing typed", "", "ctrl-p,ctrl-q", "", PUMP_ENDED, true },
	{ "longer than the room", "0123456789012345678901234567890123456789012345678901234567890123456789", "",
	  "0123456789012345678901234567890123456789012345678901234567890123456789", PUMP_ENDED, true },
	{ "detached: what came before is input", "ls\n\x10\x11rest", "ctrl-p,ctrl-q", "ls\n", PUMP_DETACHED, false },
	{ "half of the keys, then the end", "a\x10", "ctrl-p,ctrl-q", "a\x10", PUMP_ENDED, true },
};

static void test_stdin(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stdin_rows); i++) {
		CLEANUP(script_done) struct script s = SCRIPT(.until_eof = true);
		struct pump p = { 0 };
		enum pump_end end;
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		assert_int_equal(write(fds[1], stdin_rows[i].typed, strlen(stdin_rows[i].typed)), strlen(stdin_rows[i].typed));
		close(fds[1]);
		assert_int_equal(keys_parse(stdin_rows[i].keys, &p.keys, NULL), 0);
		if (run(&s, fds[0], STDERR_FILENO, &p, &end, NULL) != 0 || end != stdin_rows[i].end || s.closed != stdin_rows[i].closed)
			row_fail(stdin_rows[i].name, "ended otherwise");
		if (strcmp(buf_z(&s.input), stdin_rows[i].input) != 0)
			row_fail(stdin_rows[i].name, "input \"%s\"", buf_z(&s.input));
		close(fds[0]);
	}
}

/* A reader that takes its time, then all of it: its exit status says whether it was want bytes. */
static pid_t slow_reader(int fds[2], size_t want)
{
	pid_t pid = fork();
	char got[4096];
	size_t sum = 0;
	ssize_t n;

	if (pid != 0)
		return pid;
	close(fds[1]);
	usleep(100 * 1000);
	while ((n = read(fds[0], got, sizeof got)) > 0)
		sum += (size_t)n;
	_exit(sum == want ? 0 : 1);
}

static void slow(bool fails)
{
	struct piece pieces[16];
	struct script s = SCRIPT(.pieces = pieces, .n = ARRAY_LEN(pieces), .fails = fails);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct pump p = { 0 };
	enum pump_end end;
	int fds[2], status, r;
	pid_t pid;

	for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
		pieces[i] = (struct piece){ STREAM_STDOUT, NULL };
	assert_int_equal(pipe(fds), 0);
	pid = slow_reader(fds, ARRAY_LEN(pieces) * BIG);
	r = run(&s, -1, fds[1], &p, &end, &err);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(r, fails ? -ERR_CONNECT : 0);
	assert_true(s.held_off > 0);
	assert_int_equal(status, 0);
}

static void test_back_pressure_and_drain(void **state)
{
	(void)state;
	slow(false);
}

static void test_failure_keeps_output(void **state)
{
	(void)state;
	slow(true);
}

static void test_reader_gone(void **state)
{
	static const struct piece pieces[] = { { STREAM_STDOUT, "text" } };
	struct script s = SCRIPT(.pieces = pieces, .n = 1, .until_eof = true);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct pump p = { 0 };
	enum pump_end end;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(run(&s, -1, fds[1], &p, &end, &err), -ERR_INTERRUPTED);
	assert_int_equal(err.exit_status, 128 + SIGPIPE);
	close(fds[1]);
}

/* How a forwarded signal is met. */
struct seen {
	struct script *script;
	int sig, n;
	bool ends;    /* the container ends by it */
	bool insists; /* a second interrupt comes while the first is on its way */
};

static int on_signal(void *ctx, int sig, struct error *err)
{
	struct seen *seen = ctx;

	(void)err;
	seen->sig = sig;
	seen->n++;
	if (seen->ends)
		seen->script->raises = 0;
	if (seen->insists)
		raise(SIGINT);
	return 0;
}

static const struct {
	const char *name;
	int sig;
	bool forwarded, ends;
	int r, exit_status, n;
} signal_rows[] = {
	{ "not forwarded", SIGTERM, false, false, -ERR_INTERRUPTED, 128 + SIGTERM, 0 },
	{ "forwarded", SIGTERM, true, true, 0, 0, 1 },
	{ "a hang-up is forwarded", SIGHUP, true, true, 0, 0, 1 },
	{ "a second interrupt within a second", SIGINT, true, false, -ERR_INTERRUPTED, 128 + SIGINT, 1 },
};

static void test_signals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(signal_rows); i++) {
		struct script s = SCRIPT(.raises = signal_rows[i].sig);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct seen seen = { .script = &s, .ends = signal_rows[i].ends };
		struct pump p = { .signal = signal_rows[i].forwarded ? on_signal : NULL, .ctx = &seen };
		enum pump_end end;
		int r = run(&s, -1, STDERR_FILENO, &p, &end, &err);

		if (r != signal_rows[i].r || err.exit_status != signal_rows[i].exit_status)
			row_fail(signal_rows[i].name, "r %d, exit status %d", r, err.exit_status);
		if (seen.n != signal_rows[i].n || (seen.n && seen.sig != signal_rows[i].sig))
			row_fail(signal_rows[i].name, "%d signals forwarded, the last was %d", seen.n, seen.sig);
	}
}

/* In a process of its own, which the second interrupt ends. */
static void test_interrupt_while_forwarding(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		struct script s = SCRIPT(.raises = SIGTERM);
		struct seen seen = { .script = &s, .ends = true, .insists = true };
		struct pump p = { .signal = on_signal, .ctx = &seen };
		enum pump_end end;

		run(&s, -1, STDERR_FILENO, &p, &end, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
}

static void test_nohup(void **state)
{
	struct script s = SCRIPT(.raises = SIGHUP);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct pump p = { 0 };
	struct sigaction after;
	enum pump_end end;

	(void)state;
	signal(SIGHUP, SIG_IGN);
	/* The stream never ends while it raises: an alarm that is not forwarded ends the pump. */
	ualarm(50 * 1000, 0);
	assert_int_equal(run(&s, -1, STDERR_FILENO, &p, &end, &err), -ERR_INTERRUPTED);
	assert_int_equal(err.exit_status, 128 + SIGALRM);
	sigaction(SIGHUP, NULL, &after);
	assert_true(after.sa_handler == SIG_IGN);
	signal(SIGHUP, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_stdin),
		cmocka_unit_test(test_back_pressure_and_drain),
		cmocka_unit_test(test_failure_keeps_output),
		cmocka_unit_test(test_reader_gone),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_interrupt_while_forwarding),
		cmocka_unit_test(test_nohup),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("term pump", tests, NULL, NULL);
}
