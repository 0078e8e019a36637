#include "varlink_stream.h"

static int count(void *ctx, struct json_object *item, struct error *err)
{
	(void)item, (void)err;
	++*(int *)ctx;
	return 0;
}

static void questions_are_asked_again_when_the_service_went_away(void **state)
{
	static const struct step dies[] = { GET_INFO("1.9.3"), CALL("Ps"), END };
	static const struct step lives[] = { CALL("\"io.podman.Ps\""),
					     REPLY("{\"parameters\":{\"containers\":[{\"id\":\"a\"},{\"id\":\"b\"}]}}"), AT_EOF,
					     END };
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
	static const struct step calls[] = {
		GET_INFO("1.9.3"),
		CALL("ContainerConfig"),
		REPLY("{\"parameters\":{\"config\":\"{\\\"stopTimeout\\\":7}\"}}"),
		CALL("\"name\":\"c\",\"timeout\":7"),
		REPLY("{\"error\":\"io.podman.ErrCtrStopped\",\"parameters\":{\"id\":\"c\"}}"),
		CALL("StartContainer"),
		REPLY("{\"error\":\"io.podman.ErrorOccurred\",\"parameters\":{\"reason\":\"container is already running or paused\"}}"),
		CALL("ContainerExists"),
		REPLY("{\"parameters\":{\"exists\":1}}"),
		AT_EOF,
		END
	};
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
	static const struct step other[] = { CALL("GetInfo"),
					     REPLY("{\"parameters\":{\"version\":\"1\",\"interfaces\":[\"org.varlink.service\"]}}"),
					     AT_EOF, END };
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
		cmocka_unit_test(questions_are_asked_again_when_the_service_went_away),
		cmocka_unit_test(orders_are_given_once),
		cmocka_unit_test(a_stopped_container_is_stopped),
		cmocka_unit_test(what_is_no_podman_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
