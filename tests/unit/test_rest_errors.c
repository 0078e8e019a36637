#include "rest_peer.h"

#include "rest/rest.h"

static void refusals_have_kinds_and_texts(void **state)
{
	static const struct {
		int status;
		const char *type, *body;
		enum err_kind kind;
		const char *text;
	} cases[] = {
		{ 404, "application/json",
		  "{\"cause\":\"no such container\",\"message\":\"no container with name or ID \\\"x\\\" found: no such container\",\"response\":404}\n",
		  ERR_NOT_FOUND, "no container with name or ID \"x\" found: no such container" },
		{ 500, "application/json",
		  "{\"cause\":\"image not known\",\"message\":\"nosuch:1: image not known\",\"response\":500}", ERR_NOT_FOUND,
		  "nosuch:1: image not known" },
		{ 500, "application/json",
		  "{\"cause\":\"container state improper\",\"message\":\"can only kill running containers: container state improper\"}",
		  ERR_CONFLICT, "can only kill running containers: container state improper" },
		{ 500, "application/json",
		  "{\"cause\":\"that name is already in use\",\"message\":\"m: that name is already in use\"}", ERR_CONFLICT,
		  "m: that name is already in use" },
		{ 409, "application/json", "{\"cause\":\"OCI runtime error\",\"message\":\"runc failed: OCI runtime error\"}",
		  ERR_CONFLICT, "runc failed: OCI runtime error" },
		{ 409, "application/json", "{\"Errs\":[\"a: b\",\"c\"],\"Id\":\"x\"}", ERR_CONFLICT, "a: b; c" },
		{ 500, "application/json", "{\"cause\":\"broken pipe\",\"message\":\"write child: broken pipe\",\"response\":500}",
		  ERR_REMOTE, "write child: broken pipe" },
		{ 500, "application/json", "{\"message\":\"one\\ntwo\\u0007\"}", ERR_REMOTE, "one two " },
		{ 500, "application/json", "{\"cause\":\"only this\"}", ERR_REMOTE, "only this" },
		{ 500, "application/json", "{}", ERR_REMOTE, "the service answered with status 500 and no reason" },
		{ 404, "text/plain; charset=utf-8", "Not Found\n", ERR_UNSUPPORTED, "the service has no such route" },
		{ 405, "text/plain; charset=utf-8", "Method Not Allowed\n", ERR_UNSUPPORTED, "the service has no such route" },
		{ 404, "text/plain", "gone", ERR_NOT_FOUND, "gone" },
		{ 500, "", "{broken", ERR_REMOTE, "{broken" },
		{ 502, "text/html", "", ERR_REMOTE, "the service answered with status 502" },
		{ 404, "", "", ERR_NOT_FOUND, "the service answered with status 404" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int r = rest_error_of(cases[i].status, cases[i].type, str_from(cases[i].body), &err);

		if (r != -(int)cases[i].kind || strcmp(err.text, cases[i].text) != 0)
			row_fail(cases[i].body, "r %d \"%s\"", r, err.text);
	}
}

static void who_answers_is_found_out(void **state)
{
	static const struct {
		const char *reply, *why;
		enum err_kind kind;
		const char *text;
	} cases[] = {
		{ NULL, NULL, ERR_PROTOCOL, "closed the connection" },
		{ NULL, "ssh: channel refused", ERR_CONNECT, "ssh: channel refused" },
		{ "{\"error\":\"x\"}", NULL, ERR_PROTOCOL, "what answers is not an HTTP service" },
		{ "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\nContent-Length: 2\r\n\r\nOK", NULL,
		  ERR_PROTOCOL, "what answers is Docker 20.10.24 (linux), not Podman" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK", NULL, ERR_PROTOCOL,
		  "what answers is an HTTP service, but not Podman" },
		{ "HTTP/1.1 200 OK\r\nLibpod-Api-Version: x/../y\r\nContent-Length: 2\r\n\r\nOK", NULL, ERR_PROTOCOL,
		  "what answers is an HTTP service, but not Podman" },
		{ "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", NULL, ERR_PROTOCOL, "ping response was 404" },
		{ "HTTP/1.1 2", NULL, ERR_CONNECT, "test: the service closed the connection in the middle of its answer" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct connection c = { { { .expect = "GET /_ping", .reply = cases[i].reply, .then_close = true } } };
		struct peer p = peer_of(&c, 1);
		struct dialer d = peer_dialer(&p);
		struct engine *e = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int r;

		p.why = cases[i].why;
		r = rest_engine_open(&e, &d, &err);
		if (r != -(int)cases[i].kind || strcmp(err.text, cases[i].text) != 0)
			row_fail(cases[i].text, "r %d \"%s\"", r, err.text);
		peer_check(&p, cases[i].text);
	}
}

static struct engine *open_engine(struct peer *p, struct dialer *d)
{
	struct engine *e = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	*d = peer_dialer(p);
	if (rest_engine_open(&e, d, &err) < 0)
		fail_msg("%s", err.text);
	return e;
}

static void versions_are_learned(void **state)
{
	static const struct connection direct = { { PING("4.3.1") } }, dev = { { PING("5.0.0-dev") } };
	static const struct connection asked = { { PING("2.0.0"),
						   { .expect = "GET /v2.0.0/libpod/version HTTP/1.1",
						     .reply = JSON("200 OK", "{\"Version\":\"2.2.1\"}") } } };
	static const struct {
		const struct connection *c;
		const char *version, *api;
	} cases[] = { { &direct, "4.3.1", "4.3.1" }, { &dev, "5.0.0", "5.0.0" }, { &asked, "2.2.1", "2.0.0" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct peer p = peer_of(cases[i].c, 1);
		struct dialer d;
		struct engine *e = open_engine(&p, &d);

		assert_string_equal(e->version, cases[i].version);
		assert_string_equal(rest_of(e)->api, cases[i].api);
		e->ops->close(e);
		peer_check(&p, cases[i].version);
	}
}

/* A GET on a connection that the service has closed meanwhile is sent again; a POST is not, since it may have been done. */
static void only_harmless_requests_are_repeated(void **state)
{
	static const struct connection script[] = {
		{ { PING("4.3.1"), { .expect = "GET /v4.3.1/libpod/images/a%2Fb%3A1/exists HTTP/1.1" } } },
		{ { { .expect = "GET /v4.3.1/libpod/images/a%2Fb%3A1/exists", .reply = NO_CONTENT },
		    { .expect = "POST /v4.3.1/libpod/containers/c/kill?signal=TERM HTTP/1.1" } } },
	};
	struct peer p = peer_of(script, 2);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	bool exists = false;

	(void)state;
	assert_int_equal(e->ops->exists(e, OBJECT_IMAGE, "a/b:1", &exists, &err), 0);
	assert_true(exists);
	assert_int_equal(e->ops->container_kill(e, "c", "TERM", &err), -ERR_CONNECT);
	assert_string_equal(err.text, "test: the service closed the connection without an answer");
	e->ops->close(e);
	peer_check(&p, "repeat");
}

/* The service ends after an idle time: the next request, whatever it is, goes to a new connection. */
static void a_closed_idle_connection_is_not_used(void **state)
{
	static const struct connection script[] = {
		{ { { .expect = "GET /_ping",
		      .reply = "HTTP/1.1 200 OK\r\nLibpod-Api-Version: 4.3.1\r\nContent-Length: 2\r\n\r\nOK",
		      .then_close = true } } },
		{ { { .expect = "POST /v4.3.1/libpod/containers/c/kill?signal=KILL HTTP/1.1", .reply = NO_CONTENT } } },
	};
	struct peer p = peer_of(script, 2);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	peer_wait(&p, 0);
	assert_int_equal(e->ops->container_kill(e, "c", "KILL", &err), 0);
	e->ops->close(e);
	peer_check(&p, "idle");
}

static void a_missing_route_is_unsupported(void **state)
{
	static const struct connection script[] = {
		{ { PING("4.3.1"),
		    { .expect = "GET",
		      .reply =
			      "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 10\r\n\r\nNot Found\n" },
		    { .expect = "GET", .reply = JSON("404 Not Found", "{\"message\":\"no such pod\",\"cause\":\"\"}") } } },
	};
	struct peer p = peer_of(script, 1);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct json_object *o = NULL;
	bool exists = true;

	(void)state;
	assert_int_equal(e->ops->info(e, &o, &err), -ERR_UNSUPPORTED);
	assert_string_equal(err.text, "info is not supported by Podman 4.3.1 (rest)");
	assert_int_equal(e->ops->exists(e, OBJECT_POD, "p", &exists, &err), 0);
	assert_false(exists);
	e->ops->close(e);
	peer_check(&p, "route");
}

/* 200, and the refusal in the body. */
static void refusals_inside_replies_are_found(void **state)
{
	static const struct connection script[] = {
		{ { PING("4.3.1"),
		    { .expect = "DELETE /v4.3.1/libpod/containers/c?force=false&volumes=false&v=false HTTP/1.1",
		      .reply = JSON("200 OK", "[{\"Id\":\"c\",\"Err\":\"x: image not known\"}]   ") },
		    { .expect = "DELETE", .reply = JSON("200 OK", "[{\"Id\":\"c\",\"Err\":{\"message\":\"text\"}}]  ") },
		    { .expect = "DELETE", .reply = JSON("200 OK", "[{\"Id\":\"c\",\"Err\":null}] ") },
		    { .expect = "DELETE", .reply = NO_CONTENT },
		    { .expect = "DELETE", .holds = "&ignore=true", .reply = JSON("404 Not Found", "{}") },
		    { .expect = "POST /v4.3.1/libpod/images/pull?reference=img&policy=always&quiet=false HTTP/1.1",
		      .holds = "\r\nX-Registry-Auth: e30=\r\n",
		      .reply = JSON("200 OK", "{\"stream\":\"Trying...\\n\"}") },
		    { .expect = "DELETE /v4.3.1/libpod/images/remove?images=a&images=b&all=false&force=true HTTP/1.1",
		      .reply = JSON("200 OK",
				    "{\"Deleted\":null,\"Untagged\":[\"a:1\"],\"ExitCode\":1,\"Errors\":[\"b: no image\"]} ") } } },
	};
	static const struct remove_req rm = { .name = "c", .timeout_s = -1 },
				       rm_ignore = { .name = "c", .timeout_s = -1, .ignore = true };
	struct peer p = peer_of(script, 1);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(strv_done) struct strv names = { 0 };
	struct json_object *o = NULL;
	char *id = NULL;

	(void)state;
	assert_int_equal(e->ops->container_remove(e, &rm, &err), -ERR_NOT_FOUND);
	assert_string_equal(err.text, "x: image not known");
	assert_int_equal(e->ops->container_remove(e, &rm, &err), -ERR_REMOTE);
	assert_string_equal(err.text, "text");
	assert_int_equal(e->ops->container_remove(e, &rm, &err), 0);
	assert_int_equal(e->ops->container_remove(e, &rm, &err), 0);
	assert_int_equal(e->ops->container_remove(e, &rm_ignore, &err), 0);
	assert_int_equal(e->ops->image_pull(e, &(struct pull_req){ .reference = "img", .tls_verify = -1 }, NULL, NULL, &id, &err),
			 -ERR_PROTOCOL);
	assert_string_equal(err.text, "the service pulled img and told no ID");
	strv_add(&names, "a");
	strv_add(&names, "b");
	assert_int_equal(e->ops->image_remove(e, &(struct image_remove_req){ .names = &names, .force = true }, &o, &err), 0);
	assert_string_equal(js_wire(o), "{\"Deleted\":[],\"Untagged\":[\"a:1\"],\"ExitCode\":1,\"Errors\":[\"b: no image\"]}");
	json_object_put(o);
	e->ops->close(e);
	peer_check(&p, "inside");
}

/* All that progress told. */
static void note_line(void *ctx, const char *line)
{
	buf_addf(ctx, "%s|", line);
}

static void pulls_are_followed(void **state)
{
	static const struct {
		const char *body;
		enum err_kind kind;
		const char *id, *lines, *text;
	} cases[] = {
		{ "{\"stream\":\"Trying to pull x...\\n\"}\n{\"stream\":\"a\\nb\"}\n{\"images\":[\"aa\"],\"id\":\"aa\"}\n", 0, "aa",
		  "Trying to pull x...|a|b|", "" },
		{ "{\"images\":[\"aa\",\"sha256:bb\"]}", 0, "bb", "", "" },
		{ "[{\"ID\":\"cc\"}]", 0, "cc", "", "" },
		{ "{\"stream\":\"t\"}{\"error\":\"x: manifest unknown\"}", ERR_REMOTE, "", "t|", "x: manifest unknown" },
		{ "{\"error\":\"nosuch/img:1: image not known\"}", ERR_NOT_FOUND, "", "", "nosuch/img:1: image not known" },
		{ "", ERR_PROTOCOL, "", "", "the service pulled x and told no ID" },
		{ "{\"stream\":\"t\"", ERR_PROTOCOL, "", "", "the reply ends in the middle of a value" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char reply[1024];
		struct connection c = { { PING("4.3.1"), { .expect = "POST", .holds = "policy=newer", .reply = reply } } };
		struct peer p = peer_of(&c, 1);
		struct dialer d;
		struct engine *e = open_engine(&p, &d);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(buf_done) struct buf lines = BUF_INIT(4096);
		char *id = NULL;
		int r;

		snprintf(reply, sizeof reply, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(cases[i].body),
			 cases[i].body);
		r = e->ops->image_pull(e, &(struct pull_req){ .reference = "x", .policy = "newer", .tls_verify = -1 }, note_line,
				       &lines, &id, &err);
		if (r != -(int)cases[i].kind || strcmp(id ? id : "", cases[i].id) != 0 ||
		    strcmp(buf_z(&lines), cases[i].lines) != 0 || strcmp(err.text ? err.text : "", cases[i].text) != 0)
			row_fail(cases[i].body, "r %d id %s lines %s text %s", r, id, buf_z(&lines), err.text);
		free(id);
		e->ops->close(e);
		peer_check(&p, cases[i].body);
	}
}

static int note_item(void *ctx, struct json_object *item, struct error *err)
{
	(void)err;
	buf_addf(ctx, "%s|", js_wire(item));
	return 0;
}

static void lists_come_in_the_newer_spelling(void **state)
{
	static const struct connection script[] = {
		{ { PING("4.3.1"),
		    { .expect =
			      "GET /v4.3.1/libpod/containers/json?all=true&size=false&sync=false&namespace=false&last=2&limit=2&filters=%7B%22name%22%3A%5B%22a%22%2C%22b"
			      "%22%5D%2C%22label%22%3A%5B%22k%3Dv%22%5D%7D HTTP/1.1",
		      .reply = JSON(
			      "200 OK",
			      "[{\"Created\":0,\"State\":\"configured\",\"Ports\":[{\"hostPort\":1,\"containerPort\":2,\"protocol\":\"tcp\",\"hostIP\":\"\"}]},"
			      "{\"Created\":\"2026-11-23T17:02:08Z\",\"Ports\":null},{\"Id\":\"x\"}]  "),
		      .piecewise = true },
		    { .expect = "GET /v4.3.1/libpod/images/json?all=false HTTP/1.1", .reply = JSON("200 OK", "null") } } },
	};
	struct peer p = peer_of(script, 1);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(strv_done) struct strv filters = { 0 };
	CLEANUP(buf_done) struct buf seen = BUF_INIT(4096);
	struct container_list_req q = { .last = 2, .filters = &filters };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	strv_add(&filters, "name=a");
	strv_add(&filters, "name=b");
	strv_add(&filters, "label=k=v");
	if (e->ops->container_list(e, &q, note_item, &seen, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(
		buf_z(&seen),
		"{\"Created\":\"1970-01-01T00:00:00Z\",\"State\":\"created\",\"Ports\":[{\"protocol\":\"tcp\",\"host_ip\":\"\",\"container_port\":2,\"host_port\":1,"
		"\"range\":1}]}|{\"Created\":\"2026-11-23T17:02:08Z\",\"Ports\":null}|{\"Id\":\"x\"}|");
	assert_int_equal(e->ops->image_list(e, &(struct image_list_req){ 0 }, note_item, &seen, &err), 0);
	strv_clear(&filters);
	strv_add(&filters, "nokey");
	assert_int_equal(e->ops->container_list(e, &q, note_item, &seen, &err), -ERR_USAGE);
	e->ops->close(e);
	peer_check(&p, "lists");
}

/* What a list's callback asks of the host goes over a connection of its own. */
static int kill_each(void *ctx, struct json_object *item, struct error *err)
{
	struct engine *e = ctx;

	return e->ops->container_kill(e, js_get_str(item, "Id", ""), "KILL", err);
}

static void a_list_may_ask_while_it_goes_on(void **state)
{
	static const struct connection script[] = {
		{ { PING("4.3.1"), { .expect = "GET", .reply = JSON("200 OK", "[{\"Id\":\"a\"},{\"Id\":\"b\"}]") } } },
		{ { { .expect = "POST /v4.3.1/libpod/containers/a/kill", .reply = NO_CONTENT },
		    { .expect = "POST /v4.3.1/libpod/containers/b/kill", .reply = NO_CONTENT } } },
	};
	struct peer p = peer_of(script, 2);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	if (e->ops->container_list(e, &(struct container_list_req){ 0 }, kill_each, e, &err) < 0)
		fail_msg("%s", err.text);
	e->ops->close(e);
	peer_check(&p, "nested");
}

static void odd_replies_are_no_success(void **state)
{
	static const struct connection script[] = {
		{ { PING("4.3.1"),
		    { .expect = "POST", .holds = "/wait?condition=running&interval=250ms ", .reply = JSON("200 OK", "3\n") },
		    { .expect = "POST", .reply = JSON("200 OK", "{\"StatusCode\":7}") },
		    { .expect = "POST", .reply = JSON("200 OK", "\"x\"") },
		    { .expect = "GET", .reply = JSON("200 OK", "[]") },
		    { .expect = "GET", .holds = "/networks/n/json", .reply = JSON("200 OK", "[{\"name\":\"n\"}]") },
		    { .expect = "GET",
		      .holds = "/top?ps_args=pid%2Cuser&stream=false",
		      .reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
		    { .expect = "POST", .holds = "/stop?timeout=3&t=3 ", .reply = "HTTP/1.1 304 Not Modified\r\n\r\n" },
		    { .expect = "POST",
		      .holds = "/start ",
		      .reply = JSON("500 Internal Server Error", "{\"message\":\"stat /x: no such file ...\"}") },
		    { .expect = "POST",
		      .holds = "/start ",
		      .reply = JSON("404 Not Found", "{\"message\":\"c: no such container found\"}") } } },
	};
	struct peer p = peer_of(script, 1);
	struct dialer d;
	struct engine *e = open_engine(&p, &d);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(strv_done) struct strv words = { 0 }, running = { 0 };
	struct wait_req q = { .name = "c" };
	struct json_object *o = NULL;
	int64_t code;

	(void)state;
	strv_add(&running, "running");
	strv_add(&words, "pid");
	strv_add(&words, "user");
	assert_int_equal(e->ops->container_wait(e, &(struct wait_req){ .name = "c", .conditions = &running, .interval_ms = 250 },
						&code, &err),
			 0);
	assert_int_equal(code, 3);
	assert_int_equal(e->ops->container_wait(e, &q, &code, &err), 0);
	assert_int_equal(code, 7);
	assert_int_equal(e->ops->container_wait(e, &q, &code, &err), -ERR_PROTOCOL);
	assert_int_equal(e->ops->info(e, &o, &err), -ERR_PROTOCOL);
	assert_int_equal(e->ops->inspect(e, OBJECT_NETWORK, "n", false, &o, &err), 0);
	assert_string_equal(js_wire(o), "{\"name\":\"n\"}");
	json_object_put(o);
	assert_int_equal(e->ops->container_top(e, "c", &words, &o, &err), -ERR_CONFLICT);
	assert_int_equal(e->ops->container_stop(e, &(struct stop_req){ "c", 3 }, &err), 0);
	assert_int_equal(e->ops->container_start(e, "c", &err), -ERR_REMOTE);
	assert_int_equal(err.exit_status, 127);
	error_clear(&err);
	assert_int_equal(e->ops->container_start(e, "c", &err), -ERR_NOT_FOUND);
	assert_int_equal(err.exit_status, 0);
	e->ops->close(e);
	peer_check(&p, "odd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_have_kinds_and_texts),
		cmocka_unit_test(who_answers_is_found_out),
		cmocka_unit_test(versions_are_learned),
		cmocka_unit_test(only_harmless_requests_are_repeated),
		cmocka_unit_test(a_closed_idle_connection_is_not_used),
		cmocka_unit_test(a_missing_route_is_unsupported),
		cmocka_unit_test(refusals_inside_replies_are_found),
		cmocka_unit_test(pulls_are_followed),
		cmocka_unit_test(lists_come_in_the_newer_spelling),
		cmocka_unit_test(a_list_may_ask_while_it_goes_on),
		cmocka_unit_test(odd_replies_are_no_success),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
