#include "varlink_stream.h"

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
	static const struct step run1[] = {
		CALL("\"opts\":{\"name\":\"c\",\"tty\":false,\"privileged\":false,\"cmd\":[\"cat\"],\"detachKeys\":\"\"}}"),
		SEND("{}\0" OUT4("out\n") QUIT("\7")), END
	};
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
	static const struct step script[] = { CALL("\"cmd\":[\"sh\",\"-c\""),
					      SEND("{}\0"),
					      BYTEWISE("\0\0\0\0\0\0\0\x0d"
						       "farpod-stdin\n"),
					      RAW("\1\0\0\0\0\0\0\2"
						  "3\n"
						  "\1\0\0\0\0\0\0\3"
						  "abc"
						  "\1\0\0\0\0\0\0\2"
						  "0\n"),
					      BYTEWISE("\0\0\0\0\0\0\0\x0b"
						       "ab\036farpod-x"
						       "\0\0\0\0\0\0\0\x0d"
						       "\036farpod-done\n"),
					      SEND(QUIT("\2")),
					      END };
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
	static const struct step script[] = { CALL("\"sh\""),
					      SEND("{}\0"
						   "\0\0\0\0\0\0\0\x1a"
						   "farpod-stdin\n\036farpod-done\n"),
					      RAW("\1\0\0\0\0\0\0\2"
						  "0\n"),
					      SEND(QUIT("\5")), END };
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
	static const struct step plain[] = { CALL("\"cmd\":[\"cat\"]"), SEND("{}\0"),
					     RAW("\1\0\0\0\0\0\0\3"
						 "abc"
						 "\5\0\0\0\0\0\0\0"),
					     SEND(OUT4("abc\n") QUIT("\x7d")), END };
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
	static const struct step shell[] = { CALL("\"tty\":true"),
					     SEND("{}\0"),
					     SEND("\0\0\0\0\0\0\0\2"
						  "# "),
					     RAW("\1\0\0\0\0\0\0\1\0"
						 "\1\0\0\0\0\0\0\2"
						 "l\r"),
					     SEND(QUIT("\0")),
					     END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, shell, NULL });
	struct seen seen;

	(void)state;
	assert_int_equal(exec(e, "l\r", true, &seen, NULL), 1);
	saw(&seen, "# ", 0);
	engine_close(e);
	peer_finish(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exec_without_input_is_plain),      cmocka_unit_test(exec_input_goes_in_chunks),
		cmocka_unit_test(exec_input_ends_with_the_command), cmocka_unit_test(exec_without_a_shell_hangs_up),
		cmocka_unit_test(exec_input_on_1_6_needs_a_shell),  cmocka_unit_test(exec_on_1_6_gives_away_the_first_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
