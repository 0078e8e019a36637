/* What the stand-in host does that no recording shows: sessions, the quirks of the versions, and misbehaviour on request. */
#include "host_peer.h"

enum { NOTHING_MS = 300 }; /* how long a silence is listened to */

static struct host the_host;

static int start_1_6_2(void **state)
{
	(void)state;
	host_start(&the_host, "1.6.2", NULL);
	return 0;
}

static int start_1_8_0(void **state)
{
	(void)state;
	host_start(&the_host, "1.8.0", NULL);
	return 0;
}

static int start_1_9_3(void **state)
{
	(void)state;
	host_start(&the_host, "1.9.3", NULL);
	return 0;
}

static int stop(void **state)
{
	if (host_pid)
		host_stop(&the_host);
	(void)state;
	return 0;
}

/* ---- words of the client ----------------------------------------------------------------------------------------------------- */

static struct json_object *call(struct peer *p, const char *method, const char *parameters)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);

	buf_addf(&text, "{\"method\":\"io.podman.%s\",\"parameters\":%s}", method, parameters);
	return peer_call(p, buf_z(&text));
}

/* The text of a member of the reply's parameters, owned by the caller. */
static char *call_for(struct peer *p, const char *method, const char *parameters, const char *key)
{
	CLEANUP(js_put_p) struct json_object *reply = call(p, method, parameters);
	struct json_object *value = js_get(js_get(reply, "parameters"), key);

	if (!value)
		fail_msg("%s: %s", method, js_wire(reply));
	return z_dup(json_object_get_string(value));
}

static char *create(struct peer *p, const char *create)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);

	buf_addf(&text, "{\"create\":%s}", create);
	return call_for(p, "CreateContainer", buf_z(&text), "container");
}

static void open_attached(struct peer *p, const char *id, const char *keys, bool start)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(1024);
	CLEANUP(js_put_p) struct json_object *reply = NULL;

	peer_open(p, &the_host);
	buf_addf(
		&text,
		"{\"method\":\"io.podman.Attach\",\"parameters\":{\"name\":\"%s\",\"detachKeys\":\"%s\",\"start\":%s},\"upgrade\":true}",
		id, keys, start ? "true" : "false");
	reply = peer_call(p, buf_z(&text));
	if (js_get(reply, "error"))
		fail_msg("%s", js_wire(reply));
}

static void open_exec(struct peer *p, const char *id, const char *keys, const char *cmd)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(1024);
	CLEANUP(js_put_p) struct json_object *reply = NULL;

	peer_open(p, &the_host);
	buf_addf(
		&text,
		"{\"method\":\"io.podman.ExecContainer\",\"parameters\":{\"opts\":{\"name\":\"%s\",\"detachKeys\":\"%s\",\"cmd\":%s}},"
		"\"upgrade\":true}",
		id, keys, cmd);
	reply = peer_call(p, buf_z(&text));
	if (js_get(reply, "error"))
		fail_msg("%s", js_wire(reply));
}

static void send_frame(struct peer *p, unsigned char stream, struct str payload)
{
	CLEANUP(buf_done) struct buf frame = BUF_INIT(128 * 1024);
	const unsigned char head[8] = {
		stream, 0, 0, 0, 0, (unsigned char)(payload.n >> 16), (unsigned char)(payload.n >> 8), (unsigned char)payload.n
	};

	buf_add_bytes(&frame, head, sizeof head);
	buf_add(&frame, payload);
	assert_int_equal(fd_write_all(p->fd, frame.p, frame.n, clock_after_ms(ANSWER_MS), NULL), 0);
}

/* Reads until the quit frame; its code. */
static int read_to_quit(struct peer *p)
{
	uint64_t deadline_ms = clock_after_ms(ANSWER_MS);

	peer_take_frames(p);
	while (p->quit == -1) {
		if (!peer_read(p, deadline_ms))
			fail_msg("no quit frame after \"%s\"", buf_z(&p->output));
		peer_take_frames(p);
	}
	return p->quit;
}

static void read_output(struct peer *p, const char *text)
{
	uint64_t deadline_ms = clock_after_ms(ANSWER_MS);

	while (peer_take_frames(p), !memmem(buf_z(&p->output), p->output.n, text, strlen(text)))
		if (!peer_read(p, deadline_ms))
			fail_msg("no \"%s\" in \"%s\"", text, buf_z(&p->output));
}

static void assert_silent(struct peer *p)
{
	assert_int_equal(p->in.n, 0);
	assert_int_equal(fd_wait(p->fd, POLLIN, clock_after_ms(NOTHING_MS), NULL), 0);
}

static void assert_closed(struct peer *p)
{
	while (peer_read(p, clock_after_ms(ANSWER_MS)))
		;
	/* peer_read says the same of silence: the end of the stream is readable. */
	assert_int_equal(fd_wait(p->fd, POLLIN, clock_after_ms(0), NULL), 1);
}

static void call_text(struct peer *p, const char *text)
{
	assert_int_equal(fd_write_all(p->fd, text, strlen(text) + 1, clock_after_ms(ANSWER_MS), NULL), 0);
}

/* ---- sessions ---------------------------------------------------------------------------------------------------------------- */

static void test_detach_keys_end_stdin(void **state)
{
	struct peer p, out, in;
	CLEANUP(free_p) char *id = NULL;
	static const char block[32 * 1024];

	(void)state;
	peer_open(&p, &the_host);
	id = create(&p, "{\"args\":[\"" IMAGE "\",\"sh\",\"-c\",\"wc -c; exit 5\"],\"interactive\":true,\"rm\":true}");
	open_attached(&out, id, "", true);
	open_attached(&in, id, "ctrl-],ctrl-_,ctrl-]", true);
	for (int i = 0; i < 8; i++)
		send_frame(&in, 1, (struct str){ block, sizeof block });
	/* One key, then something else: not a detach, and both bytes are data. */
	send_frame(&in, 1, STR("\x1d"));
	send_frame(&in, 1, STR("x"));
	send_frame(&in, 1, STR("\x1d"));
	send_frame(&in, 1, STR("\x1f"));
	send_frame(&in, 1, STR("\x1d"));
	assert_int_equal(read_to_quit(&out), 5);
	assert_string_equal(buf_z(&out.output), "262146\n");
	/* Who has detached is told the end too; and a container with rm is gone by then. */
	assert_int_equal(read_to_quit(&in), 5);
	json_object_put(call(&p, "GetVersion", "{}"));
	peer_close(&p);
	peer_close(&out);
	peer_close(&in);
}

static void test_attach_to_a_running_container_hears_no_end(void **state)
{
	struct peer p, late;
	CLEANUP(free_p) char *id = NULL;
	CLEANUP(free_p) char *code = NULL;

	(void)state;
	peer_open(&p, &the_host);
	id = create(&p, "{\"args\":[\"" IMAGE
			"\",\"sh\",\"-c\",\"read x; echo got $x; exit 9\"],\"interactive\":true,\"name\":\"c1\"}");
	json_object_put(call(&p, "StartContainer", "{\"name\":\"c1\"}"));
	open_attached(&late, id, "", false);
	send_frame(&late, 1, STR("it\n"));
	code = call_for(&p, "WaitContainer", "{\"name\":\"c1\",\"interval\":1000000}", "exitcode");
	assert_string_equal(code, "9");
	read_output(&late, "got it\n");
	assert_silent(&late);
	assert_int_equal(late.quit, -1);
	peer_close(&late);
	peer_close(&p);
}

/* Frame 5 with no payload. */
static void hang_up_cat(struct peer *session)
{
	struct peer p;
	CLEANUP(free_p) char *id = NULL;

	peer_open(&p, &the_host);
	id = create(&p, "{\"args\":[\"" IMAGE "\",\"cat\"],\"interactive\":true}");
	open_attached(session, id, "", true);
	send_frame(session, 1, STR("one\n"));
	read_output(session, "one\n");
	send_frame(session, 5, STR(""));
	send_frame(session, 1, STR("two\n"));
	peer_close(&p);
}

static void test_1_6_2_does_not_know_the_hangup(void **state)
{
	struct peer session;

	(void)state;
	hang_up_cat(&session);
	read_output(&session, "two\n");
	peer_close(&session);
}

static void test_hangup_ends_the_session(void **state)
{
	struct peer session;

	(void)state;
	hang_up_cat(&session);
	assert_int_equal(read_to_quit(&session), 126);
	peer_close(&session);
}

static void exec_detached(struct peer *session)
{
	struct peer p;
	CLEANUP(free_p) char *id = NULL;

	peer_open(&p, &the_host);
	id = create(&p, "{\"args\":[\"" IMAGE "\",\"sleep\",\"60\"],\"name\":\"c1\"}");
	json_object_put(call(&p, "StartContainer", "{\"name\":\"c1\"}"));
	open_exec(session, id, "x", "[\"sh\",\"-c\",\"cat; exit 4\"]");
	send_frame(session, 1, STR("x"));
	peer_close(&p);
}

static void test_1_8_0_exec_after_detach(void **state)
{
	struct peer session;

	(void)state;
	exec_detached(&session);
	assert_int_equal(read_to_quit(&session), 4);
	peer_close(&session);
}

/* 1.9.3 says at once that it does not know the exit code. */
static void test_1_9_3_exec_after_detach(void **state)
{
	struct peer session;

	(void)state;
	exec_detached(&session);
	assert_closed(&session);
	assert_int_equal(session.in.n, 12);
	assert_memory_equal(session.in.p, "\4\0\0\0\0\0\0\4\xff\xff\xff\xff", 12);
	peer_close(&session);
}

static void test_signals_and_exit_codes(void **state)
{
	static const struct {
		const char *script, *method, *parameters, *code;
	} rows[] = {
		{ "exit 7", "GetContainer", "{\"id\":\"c1\"}", "7" },
		{ "sleep 60", "KillContainer", "{\"name\":\"c1\",\"signal\":9}", "137" },
		{ "sleep 60", "StopContainer", "{\"name\":\"c1\",\"timeout\":0}", "137" },
		{ "trap 'exit 3' TERM; while true; do sleep 0.05; done", "StopContainer", "{\"name\":\"c1\",\"timeout\":10}", "3" },
		{ "trap 'exit 2' INT; while true; do sleep 0.05; done", "KillContainer", "{\"name\":\"c1\",\"signal\":2}", "2" },
	};
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
		CLEANUP(free_p) char *code = NULL;

		buf_addf(&text, "{\"args\":[\"" IMAGE "\",\"sh\",\"-c\",\"%s\"],\"name\":\"c1\"}", rows[i].script);
		free(create(&p, buf_z(&text)));
		json_object_put(call(&p, "StartContainer", "{\"name\":\"c1\"}"));
		/* The shell sets its traps. */
		poll(NULL, 0, 100);
		json_object_put(call(&p, rows[i].method, rows[i].parameters));
		code = call_for(&p, "WaitContainer", "{\"name\":\"c1\",\"interval\":1000000}", "exitcode");
		if (strcmp(code, rows[i].code) != 0)
			row_fail(rows[i].script, "exit code %s after %s", code, rows[i].method);
		json_object_put(call(&p, "RemoveContainer", "{\"name\":\"c1\",\"force\":true}"));
	}
	peer_close(&p);
}

/* ---- calls ------------------------------------------------------------------------------------------------------------------- */

static void test_calls_are_answered_in_their_order(void **state)
{
	struct peer p;
	CLEANUP(js_put_p) struct json_object *first = NULL;
	CLEANUP(js_put_p) struct json_object *second = NULL;
	static const char two[] = "{\"method\":\"io.podman.GetVersion\",\"oneway\":true}\0"
				  "{\"method\":\"io.podman.ContainerExists\",\"parameters\":{\"name\":\"x\"}}\0"
				  "{\"method\":\"io.podman.GetVersion\"}";

	(void)state;
	peer_open(&p, &the_host);
	assert_int_equal(fd_write_all(p.fd, two, sizeof two, clock_after_ms(ANSWER_MS), NULL), 0);
	first = peer_receive(&p);
	second = peer_receive(&p);
	assert_int_equal(js_get_int(js_get(first, "parameters"), "exists", -1), 1);
	assert_string_equal(js_get_str(js_get(second, "parameters"), "version", ""), "1.9.3");
	assert_silent(&p);
	peer_close(&p);
}

static void test_what_is_no_call_ends_the_connection(void **state)
{
	static const char *const rows[] = { "", "{", "[]", "\"x\"", "{\"method\":1}x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct peer p;

		peer_open(&p, &the_host);
		call_text(&p, rows[i]);
		assert_closed(&p);
		assert_int_equal(p.in.n, 0);
		peer_close(&p);
	}
}

static void test_errors_of_the_service(void **state)
{
	static const struct {
		const char *call, *error;
	} rows[] = {
		{ "{\"method\":\"x.y.Z\"}", "org.varlink.service.InterfaceNotFound" },
		{ "{\"method\":\"GetVersion\"}", "org.varlink.service.InvalidParameter" },
		{ "{\"method\":\"io.podman.Nope\"}", "org.varlink.service.MethodNotFound" },
		{ "{\"method\":\"io.podman.UntagImage\"}", "org.varlink.service.MethodNotFound" },
		{ "{\"method\":\"io.podman.AttachControl\"}", "org.varlink.service.MethodNotImplemented" },
		{ "{\"method\":\"io.podman.Ps\"}", "org.varlink.service.InvalidParameter" },
		{ "{\"method\":\"io.podman.Ps\",\"parameters\":{\"opts\":{\"all\":1}}}", "org.varlink.service.InvalidParameter" },
		{ "{\"method\":\"io.podman.Ps\",\"parameters\":{\"opts\":{\"filters\":[1]}}}",
		  "org.varlink.service.InvalidParameter" },
		{ "{\"method\":\"io.podman.Ps\",\"parameters\":{\"opts\":null,\"more\":[]}}", "" },
		{ "{\"method\":\"io.podman.Attach\",\"parameters\":{}}", "io.podman.ErrorOccurred" },
	};
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(js_put_p) struct json_object *reply = peer_call(&p, rows[i].call);

		if (strcmp(js_get_str(reply, "error", ""), rows[i].error) != 0)
			row_fail(rows[i].call, "%s", js_wire(reply));
	}
	peer_close(&p);
}

/* Go writes these three as escapes. */
static void test_texts_are_escaped_as_go_does(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	call_text(&p, "{\"method\":\"io.podman.GetImage\",\"parameters\":{\"id\":\"a<b>&/\xff\"}}");
	while (!p.in.n || p.in.p[p.in.n - 1])
		assert_true(peer_read(&p, clock_after_ms(ANSWER_MS)));
	assert_non_null(strstr(p.in.p, "\"a\\u003cb\\u003e\\u0026/\\ufffd\""));
	peer_close(&p);
}

static void test_interval_0_never_answers(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	free(create(&p, "{\"args\":[\"" IMAGE "\",\"true\"],\"name\":\"c1\"}"));
	call_text(&p, "{\"method\":\"io.podman.WaitContainer\",\"parameters\":{\"name\":\"c1\",\"interval\":0}}");
	assert_silent(&p);
	peer_close(&p);
}

static void test_top_of_an_unknown_name_ends_all_connections(void **state)
{
	struct peer bystander, p;

	(void)state;
	peer_open(&bystander, &the_host);
	json_object_put(call(&bystander, "GetVersion", "{}"));
	peer_open(&p, &the_host);
	call_text(&p, "{\"method\":\"io.podman.Top\",\"parameters\":{\"nameOrID\":\"nope\"}}");
	assert_closed(&p);
	assert_closed(&bystander);
	peer_close(&p);
	peer_close(&bystander);
	peer_open(&p, &the_host);
	json_object_put(call(&p, "GetVersion", "{}"));
	peer_close(&p);
}

static size_t count_lines(struct peer *p, int tail)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(1024);
	size_t n = 0;

	buf_addf(
		&text,
		"{\"method\":\"io.podman.GetContainersLogs\",\"parameters\":{\"names\":[\"c1\"],\"since\":\"0001-01-01T00:00:00Z\",\"tail\":%d},"
		"\"more\":true}",
		tail);
	call_text(p, buf_z(&text));
	for (;; n++) {
		CLEANUP(js_put_p) struct json_object *reply = peer_receive(p);

		assert_non_null(reply);
		/* The last entry is empty, and says that more will come. */
		assert_true(js_get_bool(reply, "continues", false));
		if (!*js_get_str(js_get(js_get(reply, "parameters"), "log"), "time", ""))
			return n;
	}
}

static void make_logs(struct peer *p)
{
	peer_open(p, &the_host);
	free(create(p, "{\"args\":[\"" IMAGE "\",\"sh\",\"-c\",\"echo a; echo b; echo c\"],\"name\":\"c1\"}"));
	json_object_put(call(p, "StartContainer", "{\"name\":\"c1\"}"));
	json_object_put(call(p, "WaitContainer", "{\"name\":\"c1\",\"interval\":1000000}"));
}

static void test_tail_of_1_6_2(void **state)
{
	struct peer p;

	(void)state;
	make_logs(&p);
	assert_int_equal(count_lines(&p, 0), 3);
	assert_int_equal(count_lines(&p, 2), 2);
	call_text(&p, "{\"method\":\"io.podman.GetContainersLogs\",\"parameters\":{\"names\":[\"c1\"],"
		      "\"since\":\"0001-01-01T00:00:00Z\",\"tail\":-1},\"more\":true}");
	assert_silent(&p);
	peer_close(&p);
}

static void test_tail_of_later_ones(void **state)
{
	struct peer p;

	(void)state;
	make_logs(&p);
	assert_int_equal(count_lines(&p, -1), 3);
	assert_int_equal(count_lines(&p, 2), 2);
	assert_int_equal(count_lines(&p, 0), 0);
	peer_close(&p);
}

static void test_a_file_there_and_back(void **state)
{
	struct peer p;
	CLEANUP(js_put_p) struct json_object *sent = NULL;
	CLEANUP(js_put_p) struct json_object *received = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
	const char *handle;

	(void)state;
	peer_open(&p, &the_host);
	sent = peer_call(&p, "{\"method\":\"io.podman.SendFile\",\"parameters\":{\"type\":\"\",\"length\":7},\"upgrade\":true}");
	handle = js_get_str(js_get(sent, "parameters"), "file_handle", "");
	/* The last bytes and the next call in one piece. */
	buf_addf(&text,
		 "content{\"method\":\"io.podman.ReceiveFile\",\"parameters\":{\"path\":\"%s\",\"delete\":true},\"upgrade\":true}",
		 handle);
	call_text(&p, buf_z(&text));
	while (p.in.n < strlen(handle) + 1)
		assert_true(peer_read(&p, clock_after_ms(ANSWER_MS)));
	assert_memory_equal(p.in.p, handle, strlen(handle));
	assert_int_equal(p.in.p[strlen(handle)], ':');
	buf_consume(&p.in, strlen(handle) + 1);
	received = peer_receive(&p);
	assert_int_equal(js_get_int(js_get(received, "parameters"), "len", 0), 7);
	while (p.in.n < 7)
		assert_true(peer_read(&p, clock_after_ms(ANSWER_MS)));
	assert_memory_equal(p.in.p, "content", 7);
	buf_consume(&p.in, 7);
	assert_int_not_equal(access(handle, F_OK), 0);
	json_object_put(call(&p, "GetVersion", "{}"));
	peer_close(&p);
}

/* ---- misbehaviour ------------------------------------------------------------------------------------------------------------ */

static void test_misbehaviour(void **state)
{
	/* What comes of GetVersion, and how it ends. */
	static const struct {
		const char *kind;
		bool closes, silent, whole;
		size_t at_least;
	} rows[] = {
		{ "close-mid-reply:GetVersion", .closes = true, .at_least = 20 },
		{ "close-now:GetVersion", .closes = true },
		{ "stall:GetVersion", .silent = true },
		{ "split-frames", .whole = true },
		{ "slow:GetVersion", .whole = true },
		{ "garbage:GetVersion", .at_least = 8 },
		{ "endless-line:GetVersion", .at_least = 200000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct peer p;
		CLEANUP(js_put_p) struct json_object *reply = NULL;

		host_start(&the_host, "1.9.3", rows[i].kind);
		peer_open(&p, &the_host);
		/* Other methods are answered well. */
		json_object_put(call(&p, "ContainerExists", "{\"name\":\"x\"}"));
		call_text(&p, "{\"method\":\"io.podman.GetVersion\"}");
		if (rows[i].silent)
			assert_silent(&p);
		while (rows[i].at_least > p.in.n)
			assert_true(peer_read(&p, clock_after_ms(ANSWER_MS)));
		if (rows[i].closes) {
			assert_closed(&p);
			assert_null(memchr(buf_z(&p.in), '\0', p.in.n));
		}
		if (rows[i].whole)
			assert_non_null(reply = peer_receive(&p));
		peer_close(&p);
		host_stop(&the_host);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_detach_keys_end_stdin, start_1_6_2, stop),
		cmocka_unit_test_setup_teardown(test_detach_keys_end_stdin, start_1_8_0, stop),
		cmocka_unit_test_setup_teardown(test_detach_keys_end_stdin, start_1_9_3, stop),
		cmocka_unit_test_setup_teardown(test_attach_to_a_running_container_hears_no_end, start_1_9_3, stop),
		cmocka_unit_test_setup_teardown(test_1_6_2_does_not_know_the_hangup, start_1_6_2, stop),
		cmocka_unit_test_setup_teardown(test_hangup_ends_the_session, start_1_8_0, stop),
		cmocka_unit_test_setup_teardown(test_hangup_ends_the_session, start_1_9_3, stop),
		cmocka_unit_test_setup_teardown(test_1_8_0_exec_after_detach, start_1_8_0, stop),
		cmocka_unit_test_setup_teardown(test_1_9_3_exec_after_detach, start_1_9_3, stop),
		cmocka_unit_test_setup_teardown(test_signals_and_exit_codes, start_1_9_3, stop),
		cmocka_unit_test_setup_teardown(test_calls_are_answered_in_their_order, start_1_9_3, stop),
		cmocka_unit_test_setup_teardown(test_what_is_no_call_ends_the_connection, start_1_9_3, stop),
		cmocka_unit_test_setup_teardown(test_errors_of_the_service, start_1_6_2, stop),
		cmocka_unit_test_setup_teardown(test_texts_are_escaped_as_go_does, start_1_9_3, stop),
		cmocka_unit_test_setup_teardown(test_interval_0_never_answers, start_1_9_3, stop),
		cmocka_unit_test_setup_teardown(test_top_of_an_unknown_name_ends_all_connections, start_1_8_0, stop),
		cmocka_unit_test_setup_teardown(test_tail_of_1_6_2, start_1_6_2, stop),
		cmocka_unit_test_setup_teardown(test_tail_of_later_ones, start_1_8_0, stop),
		cmocka_unit_test_setup_teardown(test_a_file_there_and_back, start_1_9_3, stop),
		cmocka_unit_test_teardown(test_misbehaviour, stop),
	};

	(void)argc;
	host_find(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
