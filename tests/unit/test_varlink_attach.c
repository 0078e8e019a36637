#include "varlink_peer.h"

#include "base/clock.h"
#include "base/js.h"
#include "engine/engine.h"
#include "varlink/engine.h"
#include "varlink/frames.h"

#define OUT4(a) "\0\0\0\0\0\0\0\4" a
#define QUIT(code) "\4\0\0\0\0\0\0\4\0\0\0" code
#define IN1(byte) "\1\0\0\0\0\0\0\1" byte
#define KEYS_TYPED IN1("\x1d") IN1("\x1f") IN1("\x1d")

#define GET_INFO(version)                                                                                                      \
	CALL("org.varlink.service.GetInfo"),                                                                                   \
		REPLY("{\"parameters\":{\"version\":\"" version "\",\"interfaces\":[\"org.varlink.service\",\"io.podman\"]}}")
#define STATE(n) CALL("ContainerStateData"), REPLY("{\"parameters\":{\"config\":\"{\\\"state\\\":" n "}\"}}")

/* ---- running a stream against a peer --------------------------------------------------------------------------------- */

struct seen {
	struct buf out, err_out;
	int status;
};

static int collect(void *ctx, enum stream_channel channel, const char *p, size_t n, struct error *err)
{
	struct seen *s = ctx;

	(void)err;
	buf_add_bytes(channel == STREAM_STDERR ? &s->err_out : &s->out, p, n);
	return 0;
}

static void seen_done(struct seen *s)
{
	buf_done(&s->out);
	buf_done(&s->err_out);
}

/* The caller's loop. input NULL: nothing is written and nothing closed. */
static int run(struct stream *s, const char *input, struct seen *seen, struct error *err)
{
	struct stream_sink sink = { .write = collect, .ctx = seen };
	size_t left = input ? strlen(input) : 0;
	bool open = input != NULL;
	uint64_t deadline = clock_after_ms(10000);
	int r = 0;

	*seen = (struct seen){ .out = BUF_INIT(1 << 20), .err_out = BUF_INIT(1 << 20) };
	while (r == 0) {
		struct pollfd fds[STREAM_MAX_FDS];
		int timeout_ms = -1;
		size_t n = s->ops->poll_fds(s, true, fds, &timeout_ms), room = s->ops->stdin_room(s);

		assert_true(n <= STREAM_MAX_FDS);
		assert_true(clock_ms() < deadline);
		if (room > left)
			room = left;
		if (room && (r = s->ops->stdin_write(s, input, room, err)) < 0)
			break;
		input += room;
		left -= room;
		if (open && left == 0) {
			open = false;
			assert_int_equal(s->ops->stdin_close(s, err), 0);
		}
		/* What was queued just now is not in the set yet. */
		if (timeout_ms < 0 || timeout_ms > 20)
			timeout_ms = 20;
		poll(fds, (nfds_t)n, timeout_ms);
		r = s->ops->dispatch(s, fds, n, &sink, err);
	}
	seen->status = r == 1 ? s->ops->exit_status(s) : -1;
	s->ops->close(s);
	return r;
}

static struct engine *engine_of(struct peer *p, const struct step *const *scripts)
{
	struct engine *e;

	peer_init(p, scripts);
	assert_int_equal(varlink_engine_open(&e, &p->dialer, NULL), 0);
	return e;
}

static void saw(struct seen *s, const char *out, int status)
{
	assert_string_equal(buf_z(&s->out), out);
	assert_int_equal(s->status, status);
	seen_done(s);
}

/* ---- frames ---------------------------------------------------------------------------------------------------------- */

static void frames_are_found_however_they_are_cut(void **state)
{
	static const char wire[] = OUT4("out\n") "\2\0\0\0\0\0\0\1e" "\0\0\0\0\0\0\0\0" OUT4("end\n") QUIT("\3") "more";
	const size_t n = sizeof wire - 1, n_frames = n - 4;

	(void)state;
	for (size_t a = 0; a <= n; a++) {
		for (size_t b = a; b <= n; b++) {
			struct frames f = { 0 };
			struct seen seen = { .out = BUF_INIT(100), .err_out = BUF_INIT(100) };
			struct stream_sink sink = { .write = collect, .ctx = &seen };
			size_t cut[] = { 0, a, b, n };

			for (size_t i = 0; i < 3; i++)
				assert_int_equal(frames_take(&f, wire + cut[i], cut[i + 1] - cut[i], &sink, NULL), cut[i + 1] >= n_frames);
			seen.status = f.status;
			assert_string_equal(buf_z(&seen.err_out), "e");
			saw(&seen, "out\nend\n", 3);
		}
	}
}

static void frames_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *what, *p;
		size_t n;
	} cases[] = {
#define ROW(what, bytes) { what, bytes, sizeof(bytes) - 1 }
		ROW("stdin from the service", "\1\0\0\0\0\0\0\1x"),
		ROW("id", "\x2a\0\0\0\0\0\0\1x"),
		ROW("zeros", "\0\1\0\0\0\0\0\1x"),
		ROW("length", "\0\0\0\0\x7f\0\0\1x"),
		ROW("length of quit", "\4\0\0\0\0\0\0\3\0\0\0"),
		ROW("HTTP", "HTTP/1.1 400 Bad Request"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct frames f = { 0 };

		if (frames_take(&f, cases[i].p, cases[i].n, NULL, NULL) != -ERR_PROTOCOL)
			row_fail(cases[i].what, "taken");
	}
}

/* ---- attach ---------------------------------------------------------------------------------------------------------- */

static void a_start_gives_all_output_and_the_exit_code(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), CALL("InitContainer"), REPLY("{\"parameters\":{\"container\":\"c\"}}"), AT_EOF, END };
	static const struct step out[] = { CALL("\"io.podman.Attach\",\"parameters\":{\"name\":\"c\",\"detachKeys\":\"\",\"start\":true},\"upgrade\":true"),
					   SEND("{}\0" OUT4("out\n")), BYTEWISE(OUT4("err\n") QUIT("\3")), AT_EOF, END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, out, NULL });
	struct attach_req q = { .name = "c", .start = true, .want_stdout = true, .want_stderr = true };
	struct stream *s;
	struct seen seen;

	(void)state;
	assert_int_equal(engine_container_attach(e, &q, &s, NULL), 0);
	assert_int_equal(run(s, NULL, &seen, NULL), 1);
	saw(&seen, "out\nerr\n", 3);
	engine_close(e);
	peer_finish(&peer);
}

static void input_goes_by_a_second_attachment_that_detaches(void **state)
{
	static const struct step calls[] = { GET_INFO("1.6.2"), CALL("InitContainer"), REPLY("{}"), STATE("2"), STATE("3"), AT_EOF, END };
	static const struct step out[] = { CALL("\"detachKeys\":\"\",\"start\":true"), SEND("{}\0"), AFTER(2), SEND(OUT4("hi!\n") QUIT("\0")), AT_EOF, END };
	static const struct step in[] = { CALL("\"detachKeys\":\"ctrl-],ctrl-_,ctrl-]\",\"start\":false"), SEND("{}\0" OUT4("hi!\n")),
					  RAW("\1\0\0\0\0\0\0\4hi!\n" KEYS_TYPED), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, out, in, NULL });
	struct attach_req q = { .name = "c", .start = true, .want_stdin = true, .want_stdout = true, .want_stderr = true };
	struct stream *s;
	struct seen seen;

	(void)state;
	assert_int_equal(engine_container_attach(e, &q, &s, NULL), 0);
	assert_int_equal(s->ops->stdin_room(s), 0);
	assert_int_equal(run(s, "hi!\n", &seen, NULL), 1);
	saw(&seen, "hi!\n", 0);
	engine_close(e);
	peer_finish(&peer);
}

static void empty_input_is_detached_at_once(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), CALL("InitContainer"), REPLY("{}"), STATE("3"), AT_EOF, END };
	static const struct step out[] = { CALL("start\":true"), SEND("{}\0"), AFTER(2), SEND(QUIT("\0")), AT_EOF, END };
	static const struct step in[] = { CALL("start\":false"), SEND("{}\0"), RAW(KEYS_TYPED), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, out, in, NULL });
	struct attach_req q = { .name = "c", .start = true, .want_stdin = true, .want_stdout = true };
	struct stream *s;
	struct seen seen;

	(void)state;
	assert_int_equal(engine_container_attach(e, &q, &s, NULL), 0);
	assert_int_equal(run(s, "", &seen, NULL), 1);
	saw(&seen, "", 0);
	engine_close(e);
	peer_finish(&peer);
}

static void input_that_looks_like_the_keys_is_no_key(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), CALL("InitContainer"), REPLY("{}"), STATE("3"), AT_EOF, END };
	static const struct step out[] = { CALL("start\":true"), SEND("{}\0"), AFTER(2), SEND(QUIT("\0")), AT_EOF, END };
	/* The first key alone waits for the byte after it. */
	static const struct step in[] = { CALL("start\":false"), SEND("{}\0"), RAW("\1\0\0\0\0\0\0\3\x1d\x1f\x1d" IN1("x") "\1\0\0\0\0\0\0\2\x1d\x1f" KEYS_TYPED), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, out, in, NULL });
	struct attach_req q = { .name = "c", .start = true, .want_stdin = true, .want_stdout = true };
	struct stream_sink none = { .write = collect };
	struct seen seen;
	struct stream *s;

	(void)state;
	assert_int_equal(engine_container_attach(e, &q, &s, NULL), 0);
	/* Opens the attachment for input. */
	assert_int_equal(s->ops->dispatch(s, NULL, 0, &none, NULL), 0);
	assert_true(s->ops->stdin_room(s) > 0);
	assert_int_equal(s->ops->stdin_write(s, "\x1d\x1f\x1d", 3, NULL), 0);
	assert_int_equal(s->ops->stdin_write(s, "x", 1, NULL), 0);
	assert_int_equal(s->ops->stdin_write(s, "\x1d", 1, NULL), 0);
	assert_int_equal(run(s, "\x1f", &seen, NULL), 1);
	saw(&seen, "", 0);
	engine_close(e);
	peer_finish(&peer);
}

static void a_terminal_has_one_attachment(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), CALL("InitContainer"), REPLY("{}"), AT_EOF, END };
	static const struct step out[] = { CALL("start\":true"), SEND("{}\0"),
					   RAW("\3\0\0\0\0\0\0\x19{\"Width\":101,\"Height\":33}" "\1\0\0\0\0\0\0\2l\r"),
					   SEND(OUT4("l\r\n\0") QUIT("\0")), AT_EOF, END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, out, NULL });
	struct attach_req q = { .name = "c", .start = true, .want_stdin = true, .want_stdout = true, .tty = true, .width = 101, .height = 33 };
	struct stream *s;
	struct seen seen;

	(void)state;
	assert_int_equal(engine_container_attach(e, &q, &s, NULL), 0);
	assert_int_equal(run(s, "l\r", &seen, NULL), 1);
	saw(&seen, "l\r\n", 0);
	engine_close(e);
	peer_finish(&peer);
}

static void a_running_container_is_waited_for(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), AT_EOF, END };
	static const struct step out[] = { CALL("start\":false"), SEND("{}\0" OUT4("one\n")), AFTER(2), SEND(OUT4("two\n")), AT_EOF, END };
	static const struct step wait[] = { CALL("\"io.podman.WaitContainer\",\"parameters\":{\"name\":\"c\",\"interval\":250000000}"),
					    REPLY("{\"parameters\":{\"exitcode\":5}}"), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, out, wait, NULL });
	struct attach_req q = { .name = "c", .want_stdout = true };
	struct stream *s;
	struct seen seen;

	(void)state;
	assert_int_equal(engine_container_attach(e, &q, &s, NULL), 0);
	assert_int_equal(run(s, NULL, &seen, NULL), 1);
	saw(&seen, "one\ntwo\n", 5);
	engine_close(e);
	peer_finish(&peer);
}

static void what_keeps_a_container_from_starting_is_told(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), CALL("InitContainer"),
					     REPLY("{\"error\":\"io.podman.ErrorOccurred\",\"parameters\":{\"reason\":\"exec: \\\"/nope\\\": stat /nope: no such file or "
						   "directory: OCI runtime command not found error\"}}"),
					     CALL("\"io.podman.RemoveContainer\",\"parameters\":{\"name\":\"c\",\"force\":true"), REPLY("{}"), AT_EOF, END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, NULL });
	struct attach_req q = { .name = "c", .start = true, .want_stdout = true, .remove = true };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct stream *s;

	(void)state;
	assert_int_equal(engine_container_attach(e, &q, &s, &err), -ERR_REMOTE);
	assert_int_equal(err.exit_status, 127);
	assert_non_null(strstr(err.text, "/nope"));
	engine_close(e);
	peer_finish(&peer);
}

static void a_break_is_no_end(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), CALL("InitContainer"), REPLY("{}"), AT_EOF, END };
	static const struct step out[] = { CALL("start\":true"), SEND("{}\0" OUT4("one\n") "\0\0\0"), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, out, NULL });
	struct attach_req q = { .name = "c", .start = true, .want_stdout = true };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct stream *s;
	struct seen seen;

	(void)state;
	assert_int_equal(engine_container_attach(e, &q, &s, NULL), 0);
	assert_int_equal(run(s, NULL, &seen, &err), -ERR_CONNECT);
	saw(&seen, "one\n", -1);
	engine_close(e);
	peer_finish(&peer);
}

/* ---- exec ------------------------------------------------------------------------------------------------------------ */

static int exec(struct engine *e, const char *input, bool tty, struct seen *seen, struct error *err)
{
	struct strv command = { 0 };
	struct exec_req q = { .name = "c", .command = &command, .want_stdin = input != NULL, .tty = tty };
	struct stream *s;
	int r;

	strv_add(&command, "cat");
	r = engine_container_exec(e, &q, &s, NULL, err);
	strv_done(&command);
	return r < 0 ? r : run(s, input, seen, err);
}

static void exec_without_input_is_plain(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), AT_EOF, END };
	static const struct step run1[] = { CALL("\"opts\":{\"name\":\"c\",\"tty\":false,\"privileged\":false,\"cmd\":[\"cat\"],\"detachKeys\":\"\"}}"),
					    SEND("{}\0" OUT4("out\n") QUIT("\7")), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, run1, NULL });
	struct seen seen;

	(void)state;
	assert_int_equal(exec(e, NULL, false, &seen, NULL), 1);
	saw(&seen, "out\n", 7);
	engine_close(e);
	peer_finish(&peer);
}

static void exec_input_goes_in_chunks(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), AT_EOF, END };
	static const struct step script[] = { CALL("\"cmd\":[\"sh\",\"-c\""), SEND("{}\0"), BYTEWISE("\0\0\0\0\0\0\0\x0d" "farpod-stdin\n"),
					      RAW("\1\0\0\0\0\0\0\2" "3\n" "\1\0\0\0\0\0\0\3" "abc" "\1\0\0\0\0\0\0\2" "0\n"),
					      BYTEWISE("\0\0\0\0\0\0\0\x0b" "ab\036farpod-x" "\0\0\0\0\0\0\0\x0d" "\036farpod-done\n"), SEND(QUIT("\2")), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, script, NULL });
	struct seen seen;

	(void)state;
	assert_int_equal(exec(e, "abc", false, &seen, NULL), 1);
	saw(&seen, "ab\036farpod-x", 2);
	engine_close(e);
	peer_finish(&peer);
}

static void exec_input_ends_with_the_command(void **state)
{
	static const struct step calls[] = { GET_INFO("1.8.0"), AT_EOF, END };
	/* The command ends before anything was sent; the script is told that nothing comes, and its answer has the status. */
	static const struct step script[] = { CALL("\"sh\""), SEND("{}\0" "\0\0\0\0\0\0\0\x1a" "farpod-stdin\n\036farpod-done\n"),
					      RAW("\1\0\0\0\0\0\0\2" "0\n"), SEND(QUIT("\5")), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, script, NULL });
	struct strv command = { 0 };
	struct exec_req q = { .name = "c", .command = &command, .want_stdin = true };
	struct stream *s;
	struct seen seen;

	(void)state;
	strv_add(&command, "true");
	assert_int_equal(engine_container_exec(e, &q, &s, NULL, NULL), 0);
	assert_int_equal(run(s, NULL, &seen, NULL), 1);
	saw(&seen, "", 5);
	strv_done(&command);
	engine_close(e);
	peer_finish(&peer);
}

static void exec_without_a_shell_hangs_up(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), AT_EOF, END };
	static const struct step no_shell[] = { CALL("\"sh\""), SEND("{}\0" QUIT("\x7f")), AT_EOF, END };
	static const struct step plain[] = { CALL("\"cmd\":[\"cat\"]"), SEND("{}\0"), RAW("\1\0\0\0\0\0\0\3" "abc" "\5\0\0\0\0\0\0\0"), SEND(OUT4("abc\n") QUIT("\x7d")),
					     END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, no_shell, plain, NULL });
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct seen seen;

	(void)state;
	assert_int_equal(exec(e, "abc", false, &seen, &err), -ERR_REMOTE);
	assert_string_equal(buf_z(&seen.out), "abc\n");
	assert_non_null(strstr(err.text, "exit status"));
	seen_done(&seen);
	engine_close(e);
	peer_finish(&peer);
}

static void exec_input_on_1_6_needs_a_shell(void **state)
{
	static const struct step calls[] = { GET_INFO("1.6.2"), AT_EOF, END };
	static const struct step no_shell[] = { CALL("\"tty\":true"), SEND("{}\0" QUIT("\x7f")), AT_EOF, END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, no_shell, NULL });
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct seen seen;

	(void)state;
	assert_int_equal(exec(e, "abc", false, &seen, &err), -ERR_UNSUPPORTED);
	seen_done(&seen);
	engine_close(e);
	peer_finish(&peer);
}

static void exec_on_1_6_gives_away_the_first_frame(void **state)
{
	static const struct step calls[] = { GET_INFO("1.6.2"), AT_EOF, END };
	static const struct step shell[] = { CALL("\"tty\":true"), SEND("{}\0"), SEND("\0\0\0\0\0\0\0\2" "# "), RAW("\1\0\0\0\0\0\0\1\0" "\1\0\0\0\0\0\0\2" "l\r"),
					     SEND(QUIT("\0")), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, shell, NULL });
	struct seen seen;

	(void)state;
	assert_int_equal(exec(e, "l\r", true, &seen, NULL), 1);
	saw(&seen, "# ", 0);
	engine_close(e);
	peer_finish(&peer);
}

/* ---- logs ------------------------------------------------------------------------------------------------------------ */

#define INSPECT(status)                                                                                                        \
	CALL("ContainerInspectData"),                                                                                          \
		REPLY("{\"parameters\":{\"config\":\"{\\\"Id\\\":\\\"cc\\\",\\\"LogPath\\\":\\\"/l\\\",\\\"State\\\":{\\\"Status\\\":\\\"" status "\\\"}}\"}}")
#define LOG_LINE(time, device, msg)                                                                                            \
	"{\"parameters\":{\"log\":{\"device\":\"" device "\",\"time\":\"" time "\",\"msg\":\"" msg "\"}},\"continues\":true}\0"
#define LOG_END LOG_LINE("", "", "")

static int logs(struct engine *e, const struct logs_req *q, struct seen *seen, struct error *err)
{
	struct stream *s;
	int r = engine_container_logs(e, q, &s, err);

	return r < 0 ? r : run(s, NULL, seen, err);
}

static void logs_come_from_the_file(void **state)
{
	static const char text[] = "2026-11-23T17:40:43.5+00:00 stdout F a\n2026-11-23T17:40:44+00:00 stderr P par\n"
				   "2026-11-23T17:40:45+00:00 stderr F tial\n2026-11-23T17:40:46+00:00 stdout P no end\n2026-11-23T17:40:47";
	static const struct step calls[] = { GET_INFO("1.9.3"), INSPECT("running"), AT_EOF, END };
	static const struct step file[] = { CALL("\"io.podman.ReceiveFile\",\"parameters\":{\"path\":\"/l\",\"delete\":false},\"upgrade\":true"),
					    REPLY("{\"parameters\":{\"len\":179}}"), { STEP_BYTEWISE, text, sizeof text - 1 }, AT_EOF, END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, file, NULL });
	struct logs_req q = { .name = "c", .tail = -1, .timestamps = true, .since = "2026-11-23T17:40:43Z", .until = "2026-11-23T17:40:46Z" };
	struct seen seen;

	(void)state;
	assert_int_equal(sizeof text - 1, 179);
	assert_int_equal(logs(e, &q, &seen, NULL), 1);
	assert_string_equal(buf_z(&seen.err_out), "2026-11-23T17:40:44.000000000Z partial\n");
	saw(&seen, "2026-11-23T17:40:43.500000000Z a\n2026-11-23T17:40:46.000000000Z no end", -1);
	engine_close(e);
	peer_finish(&peer);
}

static void the_last_lines_come_by_messages(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), INSPECT("running"), AT_EOF, END };
	static const struct step lines[] = { CALL("{\"names\":[\"cc\"],\"follow\":false,\"latest\":false,\"since\":\"0001-01-01T00:00:00Z\",\"tail\":2,"),
					     SEND(LOG_LINE("2026-11-23T17:40:43Z", "stdout", "a") LOG_LINE("2026-11-23T17:40:44Z", "stderr", "b") LOG_END), AT_EOF, END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, lines, NULL });
	struct logs_req q = { .name = "c", .tail = 2 };
	struct seen seen;

	(void)state;
	assert_int_equal(logs(e, &q, &seen, NULL), 1);
	assert_string_equal(buf_z(&seen.err_out), "b\n");
	saw(&seen, "a\n", -1);
	engine_close(e);
	peer_finish(&peer);
}

static void old_hosts_send_the_last_lines_backwards(void **state)
{
	static const struct step calls[] = { GET_INFO("1.8.0"), INSPECT("running"), AT_EOF, END };
	static const struct step tail[] = { CALL("\"follow\":false"),
					    SEND(LOG_LINE("2026-11-23T17:40:44Z", "stdout", "b") LOG_LINE("2026-11-23T17:40:43Z", "stdout", "a") LOG_END), AT_EOF, END };
	static const struct step follow[] = { CALL("\"follow\":true,\"latest\":false,\"since\":\"2026-11-23T17:40:44Z\",\"tail\":-1"),
					      SEND(LOG_LINE("2026-11-23T17:40:45Z", "stdout", "c")), AT_EOF, END };
	static const struct step wait[] = { CALL("WaitContainer"), REPLY("{\"parameters\":{\"exitcode\":0}}"), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, tail, follow, wait, NULL });
	struct logs_req q = { .name = "c", .tail = 2, .follow = true };
	struct seen seen;

	(void)state;
	assert_int_equal(logs(e, &q, &seen, NULL), 1);
	saw(&seen, "a\nb\nc\n", -1);
	engine_close(e);
	peer_finish(&peer);
}

/* ---- calls ----------------------------------------------------------------------------------------------------------- */

static int count(void *ctx, struct json_object *item, struct error *err)
{
	(void)item, (void)err;
	++*(int *)ctx;
	return 0;
}

static void questions_are_asked_again_when_the_service_went_away(void **state)
{
	static const struct step dies[] = { GET_INFO("1.9.3"), CALL("Ps"), END };
	static const struct step lives[] = { CALL("\"io.podman.Ps\""), REPLY("{\"parameters\":{\"containers\":[{\"id\":\"a\"},{\"id\":\"b\"}]}}"), AT_EOF, END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ dies, lives, NULL });
	struct container_list_req q = { .all = true };
	int n = 0;

	(void)state;
	assert_int_equal(engine_container_list(e, &q, count, &n, NULL), 0);
	assert_int_equal(n, 2);
	engine_close(e);
	peer_finish(&peer);
}

static void orders_are_given_once(void **state)
{
	static const struct step dies[] = { GET_INFO("1.9.3"), CALL("\"io.podman.RemoveContainer\""), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ dies, NULL });
	struct remove_req q = { .name = "c", .timeout_s = -1 };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(engine_container_remove(e, &q, &err), -ERR_CONNECT);
	assert_non_null(strstr(err.text, "the connection was closed by the podman service"));
	engine_close(e);
	peer_finish(&peer);
}

static void a_stopped_container_is_stopped(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), CALL("ContainerConfig"), REPLY("{\"parameters\":{\"config\":\"{\\\"stopTimeout\\\":7}\"}}"),
					     CALL("\"name\":\"c\",\"timeout\":7"), REPLY("{\"error\":\"io.podman.ErrCtrStopped\",\"parameters\":{\"id\":\"c\"}}"),
					     CALL("StartContainer"),
					     REPLY("{\"error\":\"io.podman.ErrorOccurred\",\"parameters\":{\"reason\":\"container is already running or paused\"}}"),
					     CALL("ContainerExists"), REPLY("{\"parameters\":{\"exists\":1}}"), AT_EOF, END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, NULL });
	struct stop_req q = { .name = "c", .timeout_s = -1 };
	struct json_object *top;

	(void)state;
	assert_int_equal(engine_container_stop(e, &q, NULL), 0);
	assert_int_equal(engine_container_start(e, "c", NULL), 0);
	/* Top of what is not there would kill the service. */
	assert_int_equal(engine_container_top(e, "c", NULL, &top, NULL), -ERR_NOT_FOUND);
	engine_close(e);
	peer_finish(&peer);
}

static void what_is_no_podman_is_refused(void **state)
{
	static const struct step other[] = { CALL("GetInfo"), REPLY("{\"parameters\":{\"version\":\"1\",\"interfaces\":[\"org.varlink.service\"]}}"), AT_EOF, END };
	struct peer peer;
	struct engine *e;

	(void)state;
	peer_init(&peer, (const struct step *const[]){ other, NULL });
	assert_int_equal(varlink_engine_open(&e, &peer.dialer, NULL), -ERR_PROTOCOL);
	peer_finish(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_found_however_they_are_cut),
		cmocka_unit_test(frames_that_are_none_are_refused),
		cmocka_unit_test(a_start_gives_all_output_and_the_exit_code),
		cmocka_unit_test(input_goes_by_a_second_attachment_that_detaches),
		cmocka_unit_test(empty_input_is_detached_at_once),
		cmocka_unit_test(input_that_looks_like_the_keys_is_no_key),
		cmocka_unit_test(a_terminal_has_one_attachment),
		cmocka_unit_test(a_running_container_is_waited_for),
		cmocka_unit_test(what_keeps_a_container_from_starting_is_told),
		cmocka_unit_test(a_break_is_no_end),
		cmocka_unit_test(exec_without_input_is_plain),
		cmocka_unit_test(exec_input_goes_in_chunks),
		cmocka_unit_test(exec_input_ends_with_the_command),
		cmocka_unit_test(exec_without_a_shell_hangs_up),
		cmocka_unit_test(exec_input_on_1_6_needs_a_shell),
		cmocka_unit_test(exec_on_1_6_gives_away_the_first_frame),
		cmocka_unit_test(logs_come_from_the_file),
		cmocka_unit_test(the_last_lines_come_by_messages),
		cmocka_unit_test(old_hosts_send_the_last_lines_backwards),
		cmocka_unit_test(questions_are_asked_again_when_the_service_went_away),
		cmocka_unit_test(orders_are_given_once),
		cmocka_unit_test(a_stopped_container_is_stopped),
		cmocka_unit_test(what_is_no_podman_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
