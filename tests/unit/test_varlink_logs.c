#include "varlink_stream.h"

#define INSPECT(status)                                                                                                                           \
	CALL("ContainerInspectData"),                                                                                                             \
		REPLY("{\"parameters\":{\"config\":\"{\\\"Id\\\":\\\"cc\\\",\\\"LogPath\\\":\\\"/l\\\",\\\"State\\\":{\\\"Status\\\":\\\"" status \
		      "\\\"}}\"}}")
#define LOG_LINE(time, device, msg)                                                                                                \
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
	static const char text[] =
		"2026-11-23T17:40:43.5+00:00 stdout F a\n2026-11-23T17:40:44+00:00 stderr P par\n"
		"2026-11-23T17:40:45+00:00 stderr F tial\n2026-11-23T17:40:46+00:00 stdout P no end\n2026-11-23T17:40:47";
	static const struct step calls[] = { GET_INFO("1.9.3"), INSPECT("running"), AT_EOF, END };
	static const struct step file[] = {
		CALL("\"io.podman.ReceiveFile\",\"parameters\":{\"path\":\"/l\",\"delete\":false},\"upgrade\":true"),
		REPLY("{\"parameters\":{\"len\":179}}"),
		{ STEP_BYTEWISE, text, sizeof text - 1 },
		AT_EOF,
		END
	};
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, file, NULL });
	struct logs_req q = {
		.name = "c", .tail = -1, .timestamps = true, .since = "2026-11-23T17:40:43Z", .until = "2026-11-23T17:40:46Z"
	};
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
	static const struct step lines[] = {
		CALL("{\"names\":[\"cc\"],\"follow\":false,\"latest\":false,\"since\":\"0001-01-01T00:00:00Z\",\"tail\":2,"),
		SEND(LOG_LINE("2026-11-23T17:40:43Z", "stdout", "a") LOG_LINE("2026-11-23T17:40:44Z", "stderr", "b") LOG_END),
		AT_EOF, END
	};
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

static void the_file_has_the_last_lines_when_the_service_gives_up(void **state)
{
	static const char text[] =
		"2026-11-23T17:40:43Z stdout F a\n2026-11-23T17:40:44Z stdout P b\n2026-11-23T17:40:45Z stdout F c\n"
		"2026-11-23T17:40:46Z stdout F d\n2026-11-23T17:40:47Z stdo";
	static const struct step calls[] = { GET_INFO("1.9.3"), INSPECT("running"), AT_EOF, END };
	static const struct step gives_up[] = { CALL("GetContainersLogs"), END };
	static const struct step file[] = {
		CALL("ReceiveFile"), REPLY("{\"parameters\":{\"len\":153}}"), { STEP_BYTEWISE, text, sizeof text - 1 }, AT_EOF, END
	};
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, gives_up, file, NULL });
	struct logs_req q = { .name = "c", .tail = 2 };
	struct seen seen;

	(void)state;
	assert_int_equal(sizeof text - 1, 153);
	assert_int_equal(logs(e, &q, &seen, NULL), 1);
	saw(&seen, "bc\nd\n", -1);
	engine_close(e);
	peer_finish(&peer);
}

static void following_goes_on_behind_the_file(void **state)
{
	static const char text[] = "2026-11-23T17:40:43Z stdout F a\n2026-11-23T17:40:43.5Z stdout F b\n";
	static const struct step calls[] = { GET_INFO("1.6.2"), INSPECT("running"), AT_EOF, END };
	static const struct step file[] = {
		CALL("ReceiveFile"), REPLY("{\"parameters\":{\"len\":66}}"), { STEP_SEND, text, sizeof text - 1 }, AT_EOF, END
	};
	/* b again, since more of its time could have come meanwhile; it did. */
	static const struct step follow[] = {
		CALL("\"follow\":true,\"latest\":false,\"since\":\"2026-11-23T17:40:43.499999999Z\",\"tail\":0"),
		SEND(LOG_LINE("2026-11-23T17:40:43.5Z", "stdout", "b") LOG_LINE("2026-11-23T17:40:43.5Z", "stdout", "c")),
		SEND(LOG_LINE("2026-11-23T17:40:44Z", "stdout", "d")), AT_EOF, END
	};
	static const struct step wait[] = { CALL("WaitContainer"), REPLY("{\"parameters\":{\"exitcode\":0}}"), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, file, follow, wait, NULL });
	struct logs_req q = { .name = "c", .tail = -1, .follow = true };
	struct seen seen;

	(void)state;
	assert_int_equal(sizeof text - 1, 66);
	assert_int_equal(logs(e, &q, &seen, NULL), 1);
	saw(&seen, "a\nb\nc\nd\n", -1);
	engine_close(e);
	peer_finish(&peer);
}

static void old_hosts_send_the_last_lines_backwards(void **state)
{
	static const struct step calls[] = { GET_INFO("1.8.0"), INSPECT("running"), AT_EOF, END };
	static const struct step tail[] = { CALL("\"follow\":false"),
					    SEND(LOG_LINE("2026-11-23T17:40:44Z", "stdout", "b")
							 LOG_LINE("2026-11-23T17:40:43Z", "stdout", "a") LOG_END),
					    AT_EOF, END };
	static const struct step follow[] = {
		CALL("\"follow\":true,\"latest\":false,\"since\":\"2026-11-23T17:40:44Z\",\"tail\":-1"),
		SEND(LOG_LINE("2026-11-23T17:40:45Z", "stdout", "c")), AT_EOF, END
	};
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_come_from_the_file),
		cmocka_unit_test(the_last_lines_come_by_messages),
		cmocka_unit_test(the_file_has_the_last_lines_when_the_service_gives_up),
		cmocka_unit_test(following_goes_on_behind_the_file),
		cmocka_unit_test(old_hosts_send_the_last_lines_backwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
