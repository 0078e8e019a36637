#include "varlink_peer.h"

#include "base/clock.h"
#include "base/js.h"
#include "varlink/varlink.h"

#define SOON clock_after_ms(5000)

static struct varlink *client(struct peer *p, const struct step *const *scripts)
{
	struct varlink *v;
	int fd = -1;

	peer_init(p, scripts);
	assert_int_equal(peer_dial(p, &fd, NULL), 0);
	assert_int_equal(varlink_open(fd, &v, NULL), 0);
	return v;
}

static void a_call_is_one_object_and_a_nul(void **state)
{
	static const struct step script[] = { CALL("{\"method\":\"a.b.C\",\"parameters\":{\"name\":\"x\"}}"),
					      REPLY("{\"parameters\":{\"n\":7}}"), AT_EOF, END };
	struct peer peer;
	struct varlink *v = client(&peer, (const struct step *const[]){ script, NULL });
	CLEANUP(js_put_p) struct json_object *in = json_object_new_object(), *out = NULL;

	(void)state;
	js_set_str(in, "name", "x");
	assert_int_equal(varlink_call(v, "a.b.C", in, SOON, &out, NULL), 0);
	assert_int_equal(js_get_int(out, "n", 0), 7);
	assert_true(varlink_idle(v));
	varlink_close(v);
	peer_finish(&peer);
}

static void replies_come_in_any_pieces(void **state)
{
	static const struct step bytewise[] = { CALL("a.b.C"), BYTEWISE("{\"parameters\":{\"n\":7}}\0"),
						CALL("a.b.D"), REPLY("{}"),
						AT_EOF,        END };
	struct peer peer;
	struct varlink *v = client(&peer, (const struct step *const[]){ bytewise, NULL });
	struct json_object *out = NULL;

	(void)state;
	assert_int_equal(varlink_call(v, "a.b.C", NULL, SOON, &out, NULL), 0);
	assert_int_equal(js_get_int(out, "n", 0), 7);
	json_object_put(out);
	/* No parameters are empty ones. */
	assert_int_equal(varlink_call(v, "a.b.D", NULL, SOON, &out, NULL), 0);
	assert_true(json_object_is_type(out, json_type_object));
	json_object_put(out);
	varlink_close(v);
	peer_finish(&peer);
}

static void a_stream_comes_in_one_piece(void **state)
{
	static const struct step script[] = {
		CALL("\"more\":true"),
		SEND("{\"parameters\":{\"n\":1},\"continues\":true}\0{\"parameters\":{\"n\":2},\"continues\":true}\0"
		     "{\"parameters\":null}\0"),
		AT_EOF, END
	};
	struct peer peer;
	struct varlink *v = client(&peer, (const struct step *const[]){ script, NULL });
	bool continues = true;
	int n = 0;

	(void)state;
	assert_int_equal(varlink_more(v, "a.b.C", NULL, NULL), 0);
	while (continues) {
		CLEANUP(js_put_p) struct json_object *out = NULL;

		assert_int_equal(varlink_next(v, SOON, &out, &continues, NULL), 1);
		n++;
		assert_int_equal(js_get_int(out, "n", 3), n);
	}
	assert_int_equal(n, 3);
	assert_int_equal(varlink_next(v, SOON, NULL, &continues, NULL), -ERR_PROTOCOL);
	varlink_close(v);
	peer_finish(&peer);
}

static void try_next_does_not_wait(void **state)
{
	static const struct step script[] = { CALL("a.b.C"), SEND("{\"parameters\":{}"), RAW("go"), SEND("}\0"), AT_EOF, END };
	struct peer peer;
	struct varlink *v = client(&peer, (const struct step *const[]){ script, NULL });
	CLEANUP(js_put_p) struct json_object *out = NULL;
	bool continues;
	int r = 0;

	(void)state;
	assert_int_equal(varlink_begin(v, "a.b.C", NULL, NULL), 0);
	assert_int_equal(varlink_try_next(v, &out, &continues, NULL), 0);
	fd_wait(varlink_fd(v), POLLIN, SOON, NULL);
	assert_int_equal(varlink_try_next(v, &out, &continues, NULL), 0);
	assert_int_equal(write(varlink_fd(v), "go", 2), 2);
	while (r == 0) {
		fd_wait(varlink_fd(v), POLLIN, SOON, NULL);
		r = varlink_try_next(v, &out, &continues, NULL);
	}
	assert_int_equal(r, 1);
	varlink_close(v);
	peer_finish(&peer);
}

static void refusals_keep_name_and_parameters(void **state)
{
	static const struct step script[] = {
		CALL("a.b.C"), REPLY("{\"error\":\"io.podman.ErrorOccurred\",\"parameters\":{\"reason\":\"no\"}}"),
		CALL("a.b.D"), REPLY("{\"parameters\":{}}"),
		AT_EOF,        END
	};
	struct peer peer;
	struct varlink *v = client(&peer, (const struct step *const[]){ script, NULL });

	(void)state;
	assert_int_equal(varlink_call(v, "a.b.C", NULL, SOON, NULL, NULL), -ERR_REMOTE);
	assert_string_equal(varlink_error_name(v), "io.podman.ErrorOccurred");
	assert_string_equal(js_get_str(varlink_error_params(v), "reason", ""), "no");
	/* The connection is good for the next call, which forgets the refusal. */
	assert_int_equal(varlink_call(v, "a.b.D", NULL, SOON, NULL, NULL), 0);
	assert_string_equal(varlink_error_name(v), "");
	varlink_close(v);
	peer_finish(&peer);
}

static void broken_answers_are_told_apart(void **state)
{
	static const struct step closes[] = { CALL("a.b.C"), END };
	static const struct step closes_within[] = { CALL("a.b.C"), SEND("{\"param"), END };
	static const struct step garbage[] = { CALL("a.b.C"), SEND("HTTP/1.1 400 Bad Request\r\n\0"), AT_EOF, END };
	static const struct step no_object[] = { CALL("a.b.C"), SEND("[1]\0"), AT_EOF, END };
	static const struct step no_params[] = { CALL("a.b.C"), SEND("{\"parameters\":[1]}\0"), AT_EOF, END };
	static const struct step empty[] = { CALL("a.b.C"), SEND("\0"), AT_EOF, END };
	static const struct step silent[] = { CALL("a.b.C"), AT_EOF, END };
	static const struct {
		const char *what;
		const struct step *script;
		enum err_kind kind;
		bool ended;
	} cases[] = {
		{ "closes", closes, ERR_CONNECT, true },
		{ "closes within a reply", closes_within, ERR_CONNECT, false },
		{ "garbage", garbage, ERR_PROTOCOL, false },
		{ "no object", no_object, ERR_PROTOCOL, false },
		{ "parameters are no object", no_params, ERR_PROTOCOL, false },
		{ "empty message", empty, ERR_PROTOCOL, false },
		{ "silent", silent, ERR_CONNECT, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct peer peer;
		struct varlink *v = client(&peer, (const struct step *const[]){ cases[i].script, NULL });
		uint64_t deadline = cases[i].script == silent ? clock_after_ms(50) : SOON;
		int r = varlink_call(v, "a.b.C", NULL, deadline, NULL, NULL);

		if (r != -(int)cases[i].kind || varlink_ended(v) != cases[i].ended)
			row_fail(cases[i].what, "%d, ended %d", r, varlink_ended(v));
		/* A late answer must not be taken for that of the next call. */
		if (varlink_idle(v) || varlink_call(v, "a.b.D", NULL, SOON, NULL, NULL) != -ERR_PROTOCOL)
			row_fail(cases[i].what, "is used again");
		varlink_close(v);
		peer_finish(&peer);
	}
}

static void *pour(void *arg)
{
	static char block[1 << 16];
	int fd = *(int *)arg;

	memset(block, 'x', sizeof block);
	while (write(fd, block, sizeof block) > 0)
		;
	close(fd);
	return NULL;
}

static void an_endless_line_is_refused(void **state)
{
	struct varlink *v;
	pthread_t thread;
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(fd_socketpair(fds, NULL), 0);
	assert_int_equal(varlink_open(fds[0], &v, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, pour, &fds[1]), 0);
	assert_int_equal(varlink_call(v, "a.b.C", NULL, SOON, NULL, NULL), -ERR_PROTOCOL);
	varlink_close(v);
	pthread_join(thread, NULL);
}

static void upgraded_bytes_behind_the_reply_are_kept(void **state)
{
	static const struct step script[] = { CALL("\"upgrade\":true"), SEND("{\"parameters\":{\"len\":9}}\0abc\0def"), RAW("up"),
					      SEND("gh"), END };
	struct peer peer;
	struct varlink *v = client(&peer, (const struct step *const[]){ script, NULL });
	CLEANUP(js_put_p) struct json_object *out = NULL;
	char got[16] = "";
	size_t n = 0;

	(void)state;
	assert_int_equal(varlink_read_raw(v, got, 1, NULL), -ERR_PROTOCOL);
	assert_int_equal(varlink_upgrade(v, "a.b.C", NULL, SOON, &out, NULL), 0);
	assert_int_equal(js_get_int(out, "len", 0), 9);
	assert_int_equal(write(varlink_fd(v), "up", 2), 2);
	while (n < 9) {
		ssize_t r = varlink_read_raw(v, got + n, n == 0 ? 2 : sizeof got - n, NULL);

		assert_true(r > 0);
		n += (size_t)r;
	}
	assert_memory_equal(got, "abc\0defgh", 9);
	assert_int_equal(varlink_read_raw(v, got, 1, NULL), 0);
	assert_int_equal(varlink_call(v, "a.b.D", NULL, SOON, NULL, NULL), -ERR_PROTOCOL);
	varlink_close(v);
	peer_finish(&peer);
}

static void a_refused_upgrade_leaves_messages(void **state)
{
	static const struct step script[] = {
		CALL("upgrade"), REPLY("{\"error\":\"x.y.Z\"}"), CALL("a.b.D"), REPLY("{}"), CALL("oneway"), AT_EOF, END
	};
	struct peer peer;
	struct varlink *v = client(&peer, (const struct step *const[]){ script, NULL });

	(void)state;
	assert_int_equal(varlink_upgrade(v, "a.b.C", NULL, SOON, NULL, NULL), -ERR_REMOTE);
	assert_int_equal(varlink_call(v, "a.b.D", NULL, SOON, NULL, NULL), 0);
	assert_int_equal(varlink_oneway(v, "a.b.E", NULL, NULL), 0);
	varlink_close(v);
	peer_finish(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_one_object_and_a_nul),    cmocka_unit_test(replies_come_in_any_pieces),
		cmocka_unit_test(a_stream_comes_in_one_piece),       cmocka_unit_test(try_next_does_not_wait),
		cmocka_unit_test(refusals_keep_name_and_parameters), cmocka_unit_test(broken_answers_are_told_apart),
		cmocka_unit_test(an_endless_line_is_refused),        cmocka_unit_test(upgraded_bytes_behind_the_reply_are_kept),
		cmocka_unit_test(a_refused_upgrade_leaves_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
