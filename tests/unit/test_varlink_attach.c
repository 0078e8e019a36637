#include "varlink_stream.h"

#include "varlink/frames.h"

#define IN1(byte)  "\1\0\0\0\0\0\0\1" byte
#define KEYS_TYPED IN1("\x1d") IN1("\x1f") IN1("\x1d")

/* ---- frames ---------------------------------------------------------------------------------------------------------- */

static void frames_are_found_however_they_are_cut(void **state)
{
	static const char wire[] = OUT4("out\n") "\2\0\0\0\0\0\0\1e"
						 "\0\0\0\0\0\0\0\0" OUT4("end\n") QUIT("\3") "more";
	const size_t n = sizeof wire - 1, n_frames = n - 4;

	(void)state;
	for (size_t a = 0; a <= n; a++) {
		for (size_t b = a; b <= n; b++) {
			struct frames f = { 0 };
			struct seen seen = { .out = BUF_INIT(100), .err_out = BUF_INIT(100) };
			struct stream_sink sink = { .write = collect, .ctx = &seen };
			size_t cut[] = { 0, a, b, n };

			for (size_t i = 0; i < 3; i++)
				assert_int_equal(frames_take(&f, wire + cut[i], cut[i + 1] - cut[i], &sink, NULL),
						 cut[i + 1] >= n_frames);
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
	static const struct step calls[] = { GET_INFO("1.9.3"), CALL("InitContainer"),
					     REPLY("{\"parameters\":{\"container\":\"c\"}}"), AT_EOF, END };
	static const struct step out[] = {
		CALL("\"io.podman.Attach\",\"parameters\":{\"name\":\"c\",\"detachKeys\":\"\",\"start\":true},\"upgrade\":true"),
		SEND("{}\0" OUT4("out\n")), BYTEWISE(OUT4("err\n") QUIT("\3")), AT_EOF, END
	};
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
	static const struct step calls[] = {
		GET_INFO("1.6.2"), CALL("InitContainer"), REPLY("{}"), STATE("2"), STATE("3"), AT_EOF, END
	};
	static const struct step out[] = {
		CALL("\"detachKeys\":\"\",\"start\":true"), SEND("{}\0"), AFTER(2), SEND(OUT4("hi!\n") QUIT("\0")), AT_EOF, END
	};
	static const struct step in[] = { CALL("\"detachKeys\":\"ctrl-],ctrl-_,ctrl-]\",\"start\":false"),
					  SEND("{}\0" OUT4("hi!\n")), RAW("\1\0\0\0\0\0\0\4hi!\n" KEYS_TYPED), END };
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
	static const struct step in[] = { CALL("start\":false"), SEND("{}\0"),
					  RAW("\1\0\0\0\0\0\0\3\x1d\x1f\x1d" IN1("x") "\1\0\0\0\0\0\0\2\x1d\x1f" KEYS_TYPED), END };
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
	static const struct step out[] = { CALL("start\":true"),
					   SEND("{}\0"),
					   RAW("\3\0\0\0\0\0\0\x19{\"Width\":101,\"Height\":33}"
					       "\1\0\0\0\0\0\0\2l\r"),
					   SEND(OUT4("l\r\n\0") QUIT("\0")),
					   AT_EOF,
					   END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, out, NULL });
	struct attach_req q = {
		.name = "c", .start = true, .want_stdin = true, .want_stdout = true, .tty = true, .width = 101, .height = 33
	};
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
	static const struct step out[] = {
		CALL("start\":false"), SEND("{}\0" OUT4("one\n")), AFTER(2), SEND(OUT4("two\n")), AT_EOF, END
	};
	static const struct step wait[] = {
		CALL("\"io.podman.WaitContainer\",\"parameters\":{\"name\":\"c\",\"interval\":250000000}"),
		REPLY("{\"parameters\":{\"exitcode\":5}}"), END
	};
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
	static const struct step calls[] = {
		GET_INFO("1.9.3"),
		CALL("InitContainer"),
		REPLY("{\"error\":\"io.podman.ErrorOccurred\",\"parameters\":{\"reason\":\"exec: \\\"/nope\\\": stat /nope: no such file or "
		      "directory: OCI runtime command not found error\"}}"),
		CALL("\"io.podman.RemoveContainer\",\"parameters\":{\"name\":\"c\",\"force\":true"),
		REPLY("{}"),
		AT_EOF,
		END
	};
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
