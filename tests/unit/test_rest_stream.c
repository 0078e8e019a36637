#include "rest_peer.h"

#include <poll.h>

#include "base/clock.h"
#include "rest/frames.h"

/* What came out, by channel. */
struct out {
	struct buf text[3];
	size_t writes;
};

#define OUT_INIT ((struct out){ .text = { BUF_INIT(0), BUF_INIT(1024 * 1024), BUF_INIT(1024 * 1024) } })

static int take(void *ctx, enum stream_channel channel, const char *p, size_t n, struct error *err)
{
	struct out *o = ctx;

	(void)err;
	assert_true(n > 0);
	assert_true(channel == STREAM_STDOUT || channel == STREAM_STDERR);
	buf_add_bytes(&o->text[channel], p, n);
	o->writes++;
	return 0;
}

static void out_done(struct out *o)
{
	buf_done(&o->text[1]);
	buf_done(&o->text[2]);
}

/* Frames. */

#define FRAME(channel, length) channel "\0\0\0\0\0\0" length
#define BYTES(text)            text, sizeof text - 1

static void frames_come_apart_wherever_they_are_split(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		bool raw, end_lines;
		const char *out, *err;
		enum err_kind kind;
		const char *failure;
		bool whole;
	} cases[] = {
		{ BYTES(""), .out = "", .err = "", .whole = true },
		{ BYTES(FRAME("\1", "\4") "out\n"), .out = "out\n", .err = "", .whole = true },
		{ BYTES(FRAME("\1", "\4") "out\n" FRAME("\2", "\4") "err\n" FRAME("\1", "\1") "x"), .out = "out\nx", .err = "err\n",
		  .whole = true },
		{ BYTES(FRAME("\0", "\2") "in"), .out = "in", .err = "", .whole = true },
		{ BYTES(FRAME("\1", "\0") FRAME("\2", "\0") FRAME("\1", "\1") "a"), .out = "a", .err = "", .whole = true },
		{ BYTES(FRAME("\1", "\5") "out"), .out = "out", .err = "", .whole = false },
		{ BYTES(FRAME("\1", "\1") "a"
					  "\1\0\0"),
		  .out = "a", .err = "", .whole = false },
		{ BYTES(FRAME("\3", "\5") "no\n!\n"), .out = "", .err = "", .kind = ERR_REMOTE,
		  .failure = "from service from stream: no\n!" },
		{ BYTES(FRAME("\1", "\1") "a" FRAME("\3", "\1") "x"), .out = "a", .err = "", .kind = ERR_REMOTE,
		  .failure = "from service from stream: x" },
		{ BYTES("\4\0\0\0\0\0\0\1x"), .out = "", .err = "", .kind = ERR_PROTOCOL,
		  .failure = "the service sent output that is not framed" },
		{ BYTES("\1\0\1\0\0\0\0\1x"), .out = "", .err = "", .kind = ERR_PROTOCOL,
		  .failure = "the service sent output that is not framed" },
		{ BYTES(FRAME("\1", "\1") "aHello"), .out = "a", .err = "", .kind = ERR_PROTOCOL,
		  .failure = "the service sent output that is not framed" },
		{ BYTES("\1\0\0\0raw\n"), .raw = true, .out = "\1", .err = "", .whole = true },
		{ BYTES(FRAME("\1", "\1") "a" FRAME("\2", "\2") "b\n" FRAME("\1", "\1") "c"), .end_lines = true, .out = "a\nc\n",
		  .err = "b\n", .whole = true },
		{ BYTES(FRAME("\1", "\2") "ab" FRAME("\1", "\0") FRAME("\1", "\1") "c"), .end_lines = true, .out = "ab\n\nc\n",
		  .err = "", .whole = true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t cut = 0; cut <= cases[i].n; cut++) {
			CLEANUP(out_done) struct out o = OUT_INIT;
			CLEANUP(error_done) struct error err = ERROR_INIT;
			CLEANUP(frames_done) struct frames f = FRAMES_INIT(cases[i].raw);
			struct stream_sink sink = { take, &o };
			char block[256];
			int r;

			f.end_lines = cases[i].end_lines;
			memcpy(block, cases[i].p, cut);
			r = frames_feed(&f, block, cut, &sink, &err);
			memcpy(block, cases[i].p + cut, cases[i].n - cut);
			if (r == 0)
				r = frames_feed(&f, block, cases[i].n - cut, &sink, &err);
			if (r != -(int)cases[i].kind || (r < 0 && strcmp(err.text, cases[i].failure) != 0))
				fail_msg("case %zu cut at %zu: r %d %s", i, cut, r, err.text);
			if (strcmp(buf_z(&o.text[1]), cases[i].out) != 0 || strcmp(buf_z(&o.text[2]), cases[i].err) != 0)
				fail_msg("case %zu cut at %zu: \"%s\" \"%s\"", i, cut, buf_z(&o.text[1]), buf_z(&o.text[2]));
			if (r == 0)
				assert_int_equal(frames_whole(&f), cases[i].whole);
		}
	}
}

/* A thousand short lines are one write, not a thousand. */
static void short_frames_are_handed_over_together(void **state)
{
	CLEANUP(out_done) struct out o = OUT_INIT;
	struct stream_sink sink = { take, &o };
	struct frames f = FRAMES_INIT(false);
	char block[10 * 1000];

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		memcpy(block + 10 * i, FRAME("\1", "\2") "x\n", 10);
	assert_int_equal(frames_feed(&f, block, sizeof block, &sink, NULL), 0);
	assert_int_equal(o.text[1].n, 2000);
	assert_int_equal(o.writes, 1);
}

/* Streams. */

static struct engine *open_engine(struct peer *p, struct dialer *d)
{
	struct engine *e = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	*d = peer_dialer(p);
	if (rest_engine_open(&e, d, &err) < 0)
		fail_msg("%s", err.text);
	return e;
}

/* Runs the stream to its end, giving it the input; -kind or the exit status. Closes it. */
static int pump(struct stream *s, const char *input, size_t n, struct out *o, struct error *err)
{
	struct stream_sink sink = { take, o };
	bool closed = !input;
	uint64_t deadline_ms = clock_after_ms(20000);
	int r = 0;

	while (r == 0 && clock_ms() < deadline_ms) {
		struct pollfd fds[STREAM_MAX_FDS];
		int timeout_ms = -1;
		size_t room = closed ? 0 : s->ops->stdin_room(s), n_fds;

		if (room && n) {
			room = room < n ? room : n;
			assert_int_equal(s->ops->stdin_write(s, input, room, err), 0);
			input += room;
			n -= room;
		} else if (!closed && n == 0) {
			assert_int_equal(s->ops->stdin_close(s, err), 0);
			closed = true;
		}
		n_fds = s->ops->poll_fds(s, true, fds, &timeout_ms);
		assert_true(n_fds > 0 || timeout_ms >= 0);
		if (!closed && s->ops->stdin_room(s)) /* there is input: its descriptor would wake poll up */
			timeout_ms = 0;
		if (timeout_ms < 0 || timeout_ms > 1000)
			timeout_ms = 1000;
		poll(fds, (nfds_t)n_fds, timeout_ms);
		r = s->ops->dispatch(s, fds, n_fds, &sink, err);
	}
	if (r == 1)
		r = s->ops->exit_status(s);
	else if (r == 0)
		fail_msg("the stream goes on for ever");
	s->ops->close(s);
	return r;
}

#define WAIT_REPLY(code) "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Length: @\r\n\r\n" code "\n"
#define OUT_AND_ERR      FRAME("\1", "\4") "out\n" FRAME("\2", "\4") "err\n"
#define START                                                                                                                      \
	{                                                                                                                          \
		.expect = "POST /v4.3.1/libpod/containers/c/start HTTP/1.1", .reply = NO_CONTENT                                   \
	}
#define ATTACH_TARGET "POST /v4.3.1/libpod/containers/c/attach?"
#define WAIT_TARGET   "POST /v4.3.1/libpod/containers/c/wait HTTP/1.1"

static const struct attach_req run = { .name = "c", .start = true, .want_stdout = true, .want_stderr = true, .remove = true };

static struct step attach_step(const char *frames, size_t n)
{
	return (struct step){ .expect = ATTACH_TARGET, .reply = UPGRADED, .tail = frames, .tail_n = n, .then_close = true };
}

static void run_gives_output_and_exit_status(void **state)
{
	/* The wait is answered before the output is over in one round, after it in the other. */
	for (int round = 0; round < 2; round++) {
		struct connection script[3] = {
			{ { PING("4.3.1"), START } },
			{ { attach_step(BYTES(OUT_AND_ERR)) } },
			{ { { .expect = WAIT_TARGET, .reply = WAIT_REPLY("3") } } },
		};
		struct peer p = peer_of(script, 3);
		struct dialer d;
		struct engine *e = open_engine(&p, &d);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(out_done) struct out o = OUT_INIT;
		struct stream *s = NULL;

		(void)state;
		script[1].steps[0].holds = "?stdin=false&stdout=true&stderr=true&stream=true HTTP/1.1";
		script[1].steps[0].piecewise = round == 0;
		if (round)
			script[2].steps[0].wait_for = 2;
		if (e->ops->container_attach(e, &run, &s, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(pump(s, NULL, 0, &o, &err), 3);
		assert_string_equal(buf_z(&o.text[1]), "out\n");
		assert_string_equal(buf_z(&o.text[2]), "err\n");
		e->ops->close(e);
		peer_check(&p, "run");
	}
}

/* Input of more than any buffer goes out raw and whole, then the half-close; output may come after it. */
static void input_arrives_whole(void **state)
{
	enum { SIZE = 3000000 };
	static char input[SIZE];
	struct connection script[3] = {
		{ { PING("4.3.1"), START } },
		{ { { .expect = ATTACH_TARGET,
		      .holds = "detachKeys=ctrl-x&detachkeys=ctrl-x&stdin=true&",
		      .reply = UPGRADED,
		      .read_to_end = true,
		      .tail = FRAME("\1", "\3") "end",
		      .tail_n = 11,
		      .then_close = true } } },
		{ { { .expect = WAIT_TARGET, .reply = WAIT_REPLY("0") } } },
	};
	struct peer p = peer_of(script, 3);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(out_done) struct out o = OUT_INIT;
	struct attach_req q = run;
	struct stream *s = NULL;

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		input[i] = (char)(i * 7 + i / 256);
	q.want_stdin = true;
	q.detach_keys = "ctrl-x";
	if (e->ops->container_attach(e, &q, &s, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(pump(s, input, SIZE, &o, &err), 0);
	assert_string_equal(buf_z(&o.text[1]), "end");
	e->ops->close(e);
	peer_join(&p);
	assert_int_equal(p.input.n, SIZE);
	assert_memory_equal(p.input.p, input, SIZE);
	peer_check(&p, "input");
}

static void a_terminal_is_raw_and_has_a_size(void **state)
{
	struct connection script[3] = {
		{ { PING("4.3.1"),
		    START,
		    { .expect = "POST /v4.3.1/libpod/containers/c/resize?h=24&w=80&running=true HTTP/1.1",
		      .reply = JSON("409 Conflict", "{\"message\":\"can only resize created or running containers\"}") },
		    { .expect = "POST /v4.3.1/libpod/containers/c/resize?h=24&w=80&running=true HTTP/1.1",
		      .reply = JSON("200 OK", "OK") } } },
		{ { { .expect = ATTACH_TARGET, .reply = UPGRADED "\1\2 raw", .then_close = true, .wait_for = 0 } } },
		{ { { .expect = WAIT_TARGET, .reply = WAIT_REPLY("0") } } },
	};
	struct peer p = peer_of(script, 3);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(out_done) struct out o = OUT_INIT;
	struct attach_req q = run;
	struct stream *s = NULL;
	struct pollfd fds[STREAM_MAX_FDS];
	int timeout_ms = -1;

	(void)state;
	q.tty = true;
	q.width = 80;
	q.height = 24;
	if (e->ops->container_attach(e, &q, &s, &err) < 0)
		fail_msg("%s", err.text);
	/* The first resize was refused; it is sent again after a while, before the output is looked at. */
	s->ops->poll_fds(s, false, fds, &timeout_ms);
	assert_true(timeout_ms > 0 && timeout_ms <= 1000);
	usleep(300000);
	assert_int_equal(pump(s, NULL, 0, &o, &err), 0);
	assert_string_equal(buf_z(&o.text[1]), "\1\2 raw");
	e->ops->close(e);
	peer_check(&p, "tty");
}

static void a_lost_connection_is_no_success(void **state)
{
	static const struct {
		const char *name, *frames;
		size_t n;
		const char *wait;
		enum err_kind kind;
		const char *text;
	} cases[] = {
		{ "inside a frame", BYTES(FRAME("\1", "\7") "out"), WAIT_REPLY("0"), ERR_CONNECT,
		  "test: the service closed the connection in the middle of the output" },
		{ "before the wait", BYTES(OUT_AND_ERR), NULL, ERR_CONNECT,
		  "test: the service closed the connection without an answer" },
		{ "inside the wait", BYTES(OUT_AND_ERR), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n0", ERR_CONNECT,
		  "test: the service closed the connection in the middle of its answer" },
		{ "odd wait", BYTES(OUT_AND_ERR), WAIT_REPLY("x"), ERR_PROTOCOL,
		  "the reply to wait: not JSON at byte 0: unexpected character" },
		{ "refused wait", BYTES(OUT_AND_ERR), JSON("500 Internal Server Error", "{\"message\":\"boom\"}"), ERR_REMOTE,
		  "boom" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct connection script[3] = {
			{ { PING("4.3.1"), START } },
			{ { attach_step(cases[i].frames, cases[i].n) } },
			{ { { .expect = WAIT_TARGET, .reply = cases[i].wait, .then_close = true } } },
		};
		struct peer p = peer_of(script, 3);
		struct dialer d;
		struct engine *e = open_engine(&p, &d);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(out_done) struct out o = OUT_INIT;
		struct stream *s = NULL;
		int r;

		if (i == 0)
			script[2].steps[0].wait_for = 2;
		if (e->ops->container_attach(e, &run, &s, &err) < 0)
			fail_msg("%s", err.text);
		r = pump(s, NULL, 0, &o, &err);
		if (r != -(int)cases[i].kind || strcmp(err.text, cases[i].text) != 0)
			row_fail(cases[i].name, "r %d \"%s\"", r, err.text);
		e->ops->close(e);
		peer_check(&p, cases[i].name);
	}
}

static void an_exit_status_that_does_not_come_is_waited_for_in_vain(void **state)
{
	struct connection script[3] = {
		{ { PING("4.3.1"), START } },
		{ { attach_step(BYTES(OUT_AND_ERR)) } },
		{ { { .expect = WAIT_TARGET, .reply = "HTTP/1.1 200 OK\r\n" } } },
	};
	struct peer p = peer_of(script, 3);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(out_done) struct out o = OUT_INIT;
	struct stream *s = NULL;

	(void)state;
	setenv("FARPOD_REPLY_TIMEOUT", "1", 1);
	if (e->ops->container_attach(e, &run, &s, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(pump(s, NULL, 0, &o, &err), -ERR_CONNECT);
	assert_string_equal(err.text, "test: the output of c ended, but its exit status did not come");
	unsetenv("FARPOD_REPLY_TIMEOUT");
	e->ops->close(e);
	peer_check(&p, "deadline");
}

/* With --rm the container may be gone before the wait came: the events tell. */
static void the_exit_status_of_a_gone_container_is_in_the_events(void **state)
{
	static const struct {
		const char *wait, *events;
		int r, exit_status;
	} cases[] = {
		{ JSON("404 Not Found", "{\"message\":\"no such container\"}"),
		  JSON("200 OK",
		       "{\"Action\":\"start\",\"Actor\":{\"Attributes\":{\"containerExitCode\":\"9\"}}}\n{\"status\":\"died\",\"Action\":\"died\",\"Actor\":{\"ID\":\"x\","
		       "\"Attributes\":{\"containerExitCode\":\"7\"}}}\n{\"Action\":\"remove\",\"Actor\":{}}\n"),
		  7, 0 },
		{ WAIT_REPLY("-1"),
		  JSON("200 OK", "{\"Action\":\"died\",\"Actor\":{\"Attributes\":{\"containerExitCode\":\"0\"}}}"), 0, 0 },
		{ WAIT_REPLY("-1"), JSON("200 OK", ""), -ERR_REMOTE, 127 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct connection script[3] = {
			{ { PING("4.3.1"),
			    START,
			    { .expect =
				      "GET /v4.3.1/libpod/events?stream=false&filters=%7B%22type%22%3A%5B%22container%22%5D%2C%22container%22%3A%5B%22c%22%5D%7D HTTP/1.1",
			      .reply = cases[i].events } } },
			{ { attach_step(BYTES(OUT_AND_ERR)) } },
			{ { { .expect = WAIT_TARGET, .reply = cases[i].wait, .then_close = true } } },
		};
		struct peer p = peer_of(script, 3);
		struct dialer d;
		struct engine *e = open_engine(&p, &d);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(out_done) struct out o = OUT_INIT;
		struct stream *s = NULL;

		if (e->ops->container_attach(e, &run, &s, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(pump(s, NULL, 0, &o, &err), cases[i].r);
		assert_int_equal(err.exit_status, cases[i].exit_status);
		e->ops->close(e);
		peer_check(&p, cases[i].events);
	}
}

#define DELETE_STEP                                                                                                                \
	{                                                                                                                          \
		.expect = "DELETE /v4.3.1/libpod/containers/c?force=true&volumes=true&v=true&ignore=true HTTP/1.1",                \
		.reply = JSON("200 OK", "[]")                                                                                      \
	}

static void a_command_that_can_not_run_leaves_nothing_behind(void **state)
{
	static const char missing[] = JSON(
		"409 Conflict", "{\"message\":\"exec: \\\"/x\\\": stat /x: no such file or directory: OCI runtime attempted\"}");
	static const char denied[] =
		JSON("500 Internal Server Error", "{\"message\":\"permission denied: OCI permission denied\"}");
	struct connection by_attach[2] = { { { PING("4.3.1"), DELETE_STEP } },
					   { { { .expect = ATTACH_TARGET, .reply = missing } } } };
	struct connection by_start[2] = {
		{ { PING("4.3.1"), { .expect = "POST /v4.3.1/libpod/containers/c/start", .reply = denied }, DELETE_STEP } },
		{ { { .expect = ATTACH_TARGET, .reply = UPGRADED } } }
	};
	const struct {
		const struct connection *script;
		int status;
	} cases[] = { { by_attach, 127 }, { by_start, 126 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct peer p = peer_of(cases[i].script, 2);
		struct dialer d;
		struct engine *e = open_engine(&p, &d);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct stream *s = NULL;

		assert_true(e->ops->container_attach(e, &run, &s, &err) < 0);
		assert_int_equal(err.exit_status, cases[i].status);
		assert_null(s);
		e->ops->close(e);
		peer_check(&p, "cleanup");
	}
}

/* Exec. */

static struct strv words_of(const char *a, const char *b)
{
	struct strv v = { 0 };

	strv_add(&v, a);
	if (b)
		strv_add(&v, b);
	return v;
}

static void exec_asks_for_its_exit_code(void **state)
{
	struct connection script[2] = {
		{ { PING("5.4.2"),
		    { .expect = "POST /v5.4.2/libpod/containers/c/exec HTTP/1.1",
		      .holds =
			      "{\"User\":\"u\",\"Privileged\":false,\"Tty\":false,\"AttachStdin\":false,\"AttachStderr\":true,\"AttachStdout\":true,\"Detach\":false,"
			      "\"Env\":[\"A=b\"],\"WorkingDir\":\"/w\",\"Cmd\":[\"sh\",\"-c\"]}",
		      .reply = JSON("201 Created", "{\"Id\":\"e1\"}\n") },
		    { .expect = "GET /v5.4.2/libpod/exec/e1/json", .reply = JSON("200 OK", "{\"ExitCode\":0,\"Running\":true}") },
		    { .expect = "GET /v5.4.2/libpod/exec/e1/json", .reply = JSON("200 OK", "{\"ExitCode\":7,\"Running\":false}") },
		    { .expect = "POST /v5.4.2/libpod/exec/e1/remove",
		      .holds = "{\"force\":false}",
		      .reply = JSON("200 OK", "") } } },
		{ { { .expect = "POST /v5.4.2/libpod/exec/e1/start HTTP/1.1",
		      .holds = "{\"Detach\":false,\"Tty\":false,\"h\":0,\"w\":0}",
		      .reply = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n\r\n",
		      .tail = OUT_AND_ERR,
		      .tail_n = sizeof OUT_AND_ERR - 1,
		      .piecewise = true,
		      .then_close = true } } },
	};
	struct peer p = peer_of(script, 2);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(out_done) struct out o = OUT_INIT;
	CLEANUP(strv_done) struct strv command = words_of("sh", "-c"), env = words_of("A=b", NULL);
	struct exec_req q = { .name = "c", .command = &command, .env = &env, .user = "u", .workdir = "/w" };
	struct stream *s = NULL;

	(void)state;
	if (e->ops->container_exec(e, &q, &s, NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(pump(s, NULL, 0, &o, &err), 7);
	assert_string_equal(buf_z(&o.text[1]), "out\n");
	assert_string_equal(buf_z(&o.text[2]), "err\n");
	e->ops->close(e);
	peer_check(&p, "exec");
}

static void exec_detached_gives_the_session(void **state)
{
	struct connection script[1] = {
		{ { PING("4.3.1"),
		    { .expect = "POST", .holds = "\"Detach\":true", .reply = JSON("201 Created", "{\"Id\":\"e1\"}\n") },
		    { .expect = "POST /v4.3.1/libpod/exec/e1/start",
		      .holds = "\r\n\r\n{\"Detach\":true}",
		      .reply = JSON("200 OK", "") } } }
	};
	struct peer p = peer_of(script, 1);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(strv_done) struct strv command = words_of("sleep", NULL);
	struct stream *s = NULL;
	char *id = NULL;

	(void)state;
	assert_int_equal(e->ops->container_exec(e, &(struct exec_req){ .name = "c", .command = &command, .detach = true }, &s, &id,
						&err),
			 0);
	assert_null(s);
	assert_string_equal(id, "e1");
	free(id);
	e->ops->close(e);
	peer_check(&p, "detached");
}

static void exec_that_never_ends_is_no_success(void **state)
{
	struct connection script[2] = {
		{ { PING("4.3.1"),
		    { .expect = "POST", .reply = JSON("201 Created", "{\"Id\":\"e1\"}\n") },
		    { .expect = "GET", .reply = JSON("200 OK", "{\"Running\":false}") } } },
		{ { { .expect = "POST", .reply = "HTTP/1.1 200 OK\r\n\r\n", .then_close = true } } },
	};
	struct peer p = peer_of(script, 2);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(out_done) struct out o = OUT_INIT;
	CLEANUP(strv_done) struct strv command = words_of("sh", NULL);
	struct stream *s = NULL;

	(void)state;
	if (e->ops->container_exec(e, &(struct exec_req){ .name = "c", .command = &command }, &s, NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(pump(s, NULL, 0, &o, &err), -ERR_PROTOCOL);
	e->ops->close(e);
	peer_check(&p, "no code");
}

/* Logs. */

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static void logs_end_by_themselves(void **state)
{
	static const char two_lines[] = CHUNKED "a\r\n" FRAME("\1", "\2") "a\n"
									  "\r\n"
									  "a\r\n" FRAME("\2", "\2") "b\n"
												    "\r\n"
												    "0\r\n\r\n";
	static const struct {
		const char *version;
		struct logs_req q;
		const char *target, *reply;
		size_t n;
		bool piecewise;
		const char *out, *err;
	} cases[] = {
		{ "4.3.1",
		  { .name = "c", .tail = -1 },
		  "GET /v4.3.1/libpod/containers/c/logs?follow=false&stdout=true&stderr=true&timestamps=false HTTP/1.1",
		  BYTES(two_lines),
		  false,
		  "a\n",
		  "b\n" },
		{ "4.3.1",
		  { .name = "c",
		    .tail = 2,
		    .follow = true,
		    .timestamps = true,
		    .since = "5m",
		    .until = "2026-11-23T00:00:00+01:00" },
		  "GET /v4.3.1/libpod/containers/c/logs?follow=true&since=5m&until=2026-11-23T00%3A00%3A00%2B01%3A00&stdout=true&stderr=true&tail=2&timestamps=true HTTP/1.1",
		  BYTES(two_lines),
		  true,
		  "a\n",
		  "b\n" },
		{ "4.3.1", { .name = "c", .tail = -1 }, "GET", BYTES(CHUNKED "0\r\n\r\n"), false, "", "" },
		{ "4.3.1",
		  { .name = "c", .tail = -1 },
		  "GET",
		  BYTES("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
		  false,
		  "",
		  "" },
		{ "3.1.0",
		  { .name = "c", .tail = -1 },
		  "GET",
		  BYTES(CHUNKED "9\r\n" FRAME("\1", "\1") "a"
							  "\r\n"
							  "9\r\n" FRAME("\1", "\1") "b"
										    "\r\n0\r\n\r\n"),
		  false,
		  "a\nb\n",
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct connection script[2] = {
			{ { PING("4.3.1") } },
			{ { { .expect = cases[i].target,
			      .reply = cases[i].reply,
			      .n = cases[i].n,
			      .piecewise = cases[i].piecewise } } },
		};
		struct peer p = peer_of(script, 2);
		struct dialer d;
		struct engine *e = open_engine(&p, &d);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(out_done) struct out o = OUT_INIT;
		struct stream *s = NULL;

		strcpy(e->version, cases[i].version);
		if (e->ops->container_logs(e, &cases[i].q, &s, &err) < 0)
			row_fail(cases[i].target, "%s", err.text);
		assert_int_equal(pump(s, NULL, 0, &o, &err), -1);
		assert_null(err.text);
		if (strcmp(buf_z(&o.text[1]), cases[i].out) != 0 || strcmp(buf_z(&o.text[2]), cases[i].err) != 0)
			row_fail(cases[i].target, "\"%s\" \"%s\"", buf_z(&o.text[1]), buf_z(&o.text[2]));
		e->ops->close(e);
		peer_check(&p, cases[i].target);
	}
}

static void logs_that_break_off_are_a_failure(void **state)
{
	struct connection script[2] = {
		{ { PING("4.3.1") } },
		{ { { .expect = "GET",
		      .reply = CHUNKED "a\r\n" FRAME("\1", "\2") "a\n"
								 "\r\n",
		      .n = sizeof CHUNKED - 1 + 15,
		      .then_close = true } } },
	};
	struct peer p = peer_of(script, 2);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(out_done) struct out o = OUT_INIT;
	struct stream *s = NULL;

	(void)state;
	if (e->ops->container_logs(e, &(struct logs_req){ .name = "c", .tail = -1 }, &s, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(pump(s, NULL, 0, &o, &err), -ERR_CONNECT);
	assert_string_equal(buf_z(&o.text[1]), "a\n");
	e->ops->close(e);
	peer_check(&p, "break off");
}

static void logs_of_nothing_are_refused_before_the_stream(void **state)
{
	struct connection script[2] = {
		{ { PING("4.3.1") } },
		{ { { .expect = "GET", .reply = JSON("404 Not Found", "{\"message\":\"no such container\"}") } } },
	};
	struct peer p = peer_of(script, 2);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct stream *s = NULL;

	(void)state;
	assert_int_equal(e->ops->container_logs(e, &(struct logs_req){ .name = "c", .tail = -1, .follow = true }, &s, &err),
			 -ERR_NOT_FOUND);
	e->ops->close(e);
	peer_check(&p, "refused");
}

/* A container that has logged nothing yet: the service sends no head, and the stream opens all the same. */
static void following_a_silent_container_opens(void **state)
{
	struct connection script[2] = {
		{ { PING("4.3.1"), { .expect = "POST", .reply = NO_CONTENT, .then_close = true } } },
		{ { { .expect = "GET",
		      .reply = CHUNKED "a\r\n" FRAME("\1", "\2") "a\n"
								 "\r\n0\r\n\r\n",
		      .n = sizeof CHUNKED - 1 + 20,
		      .wait_for = 1 } } },
	};
	struct peer p = peer_of(script, 2);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(out_done) struct out o = OUT_INIT;
	struct stream *s = NULL;

	(void)state;
	if (e->ops->container_logs(e, &(struct logs_req){ .name = "c", .tail = -1, .follow = true }, &s, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(e->ops->container_kill(e, "c", "TERM", &err), 0);
	assert_int_equal(pump(s, NULL, 0, &o, &err), -1);
	assert_string_equal(buf_z(&o.text[1]), "a\n");
	e->ops->close(e);
	peer_check(&p, "silent");
}

/* A reader that can't keep up is not read for, and poll does not spin. */
static void output_that_nobody_wants_stays_away(void **state)
{
	struct connection script[2] = {
		{ { PING("4.3.1") } },
		{ { { .expect = "GET",
		      .reply = CHUNKED "a\r\n" FRAME("\1", "\2") "a\n"
								 "\r\n0\r\n\r\n",
		      .n = sizeof CHUNKED - 1 + 20,
		      .then_close = true } } },
	};
	struct peer p = peer_of(script, 2);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(out_done) struct out o = OUT_INIT;
	struct stream_sink sink = { take, &o };
	struct pollfd fds[STREAM_MAX_FDS];
	struct stream *s = NULL;
	int timeout_ms = -1;

	(void)state;
	if (e->ops->container_logs(e, &(struct logs_req){ .name = "c", .tail = -1 }, &s, &err) < 0)
		fail_msg("%s", err.text);
	peer_wait(&p, 1);
	assert_int_equal(s->ops->poll_fds(s, false, fds, &timeout_ms), 0);
	assert_int_equal(timeout_ms, -1);
	assert_int_equal(s->ops->dispatch(s, fds, 0, &sink, &err), 0);
	assert_int_equal(o.writes, 0);
	assert_int_equal(pump(s, NULL, 0, &o, &err), -1);
	assert_int_equal(o.writes, 1);
	e->ops->close(e);
	peer_check(&p, "back-pressure");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_apart_wherever_they_are_split),
		cmocka_unit_test(short_frames_are_handed_over_together),
		cmocka_unit_test(run_gives_output_and_exit_status),
		cmocka_unit_test(input_arrives_whole),
		cmocka_unit_test(a_terminal_is_raw_and_has_a_size),
		cmocka_unit_test(a_lost_connection_is_no_success),
		cmocka_unit_test(an_exit_status_that_does_not_come_is_waited_for_in_vain),
		cmocka_unit_test(the_exit_status_of_a_gone_container_is_in_the_events),
		cmocka_unit_test(a_command_that_can_not_run_leaves_nothing_behind),
		cmocka_unit_test(exec_asks_for_its_exit_code),
		cmocka_unit_test(exec_detached_gives_the_session),
		cmocka_unit_test(exec_that_never_ends_is_no_success),
		cmocka_unit_test(logs_end_by_themselves),
		cmocka_unit_test(logs_that_break_off_are_a_failure),
		cmocka_unit_test(logs_of_nothing_are_refused_before_the_stream),
		cmocka_unit_test(following_a_silent_container_opens),
		cmocka_unit_test(output_that_nobody_wants_stays_away),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
