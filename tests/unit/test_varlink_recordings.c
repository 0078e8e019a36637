/* What real hosts answered (tests/data/recordings) through the whole engine: a service that answers each method with what was recorded for
 * it. Calls that podman-remote did not make, but this client does, are answered by a few rows here. */
#include "varlink_peer.h"

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/js.h"
#include "base/path.h"
#include "engine/engine.h"
#include "varlink/engine.h"
#include "varlink/host.h"

static const char *const versions[] = { "1.6.2", "1.8.0", "1.9.3" };

struct answer {
	char method[64];
	struct buf bytes;
};

static struct {
	const char *version;
	struct answer answers[16];
	size_t n;
} tape;

static const struct {
	const char *method, *answer;
} other_answers[] = {
	{ "io.podman.GetVersion", "{\"parameters\":{\"version\":\"x\",\"built\":\"1970-01-01T00:00:07Z\"}}" },
	{ "io.podman.ContainerExists", "{\"parameters\":{\"exists\":0}}" },
	{ "io.podman.ImageExists", "{\"parameters\":{\"exists\":1}}" },
	{ "io.podman.InitContainer", "{\"parameters\":{\"container\":\"c\"}}" },
	{ "io.podman.ContainerInspectData",
	  "{\"parameters\":{\"config\":\"{\\\"Id\\\":\\\"c\\\",\\\"State\\\":{\\\"Status\\\":\\\"running\\\"}}\"}}" },
};

/* ---- the tape -------------------------------------------------------------------------------------------------------- */

static void tape_clear(void)
{
	for (size_t i = 0; i < tape.n; i++)
		buf_done(&tape.answers[i].bytes);
	tape.n = 0;
}

static struct answer *find_answer(const char *method)
{
	for (size_t i = 0; i < tape.n; i++)
		if (strcmp(tape.answers[i].method, method) == 0)
			return &tape.answers[i];
	return NULL;
}

static void add_raw(struct buf *to, const char *b64)
{
	unsigned char out[65536];
	int n = EVP_DecodeBlock(out, (const unsigned char *)b64, (int)strlen(b64));

	assert_true(n >= 0 && (size_t)n < sizeof out);
	for (const char *p = b64 + strlen(b64); p > b64 && p[-1] == '='; p--)
		n--;
	buf_add_bytes(to, out, (size_t)n);
}

/* The first answer of each method, with all its continuations and raw bytes. */
static void tape_load(const char *version, const char *scenario)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(4 << 20), path = BUF_INIT(4096);
	struct answer *at = NULL;
	struct str rest, line;

	tape_clear();
	tape.version = version;
	buf_addf(&path, "%s/recordings/%s/%s.jsonl", TEST_DATA, version, scenario);
	assert_int_equal(path_read(buf_z(&path), &text, NULL), 0);
	for (rest = buf_str(&text); str_cut(rest, '\n', &line, &rest);) {
		CLEANUP(js_put_p) struct json_object *o = NULL;
		struct json_object *json;

		assert_int_equal(js_parse(line, scenario, &o, NULL), 0);
		json = js_get(o, "json");
		if (json && strcmp(js_get_str(o, "dir", ""), "c2s") == 0) {
			at = NULL;
			if (find_answer(js_get_str(json, "method", "")))
				continue;
			assert_true(tape.n < ARRAY_LEN(tape.answers));
			at = &tape.answers[tape.n++];
			at->bytes = BUF_INIT(4 << 20);
			snprintf(at->method, sizeof at->method, "%s", js_get_str(json, "method", ""));
		} else if (at && strcmp(js_get_str(o, "dir", ""), "s2c") == 0) {
			if (json)
				buf_add_bytes(&at->bytes, js_wire(json), strlen(js_wire(json)) + 1);
			else if (js_get(o, "raw_b64"))
				add_raw(&at->bytes, js_get_str(o, "raw_b64", ""));
		}
	}
}

/* ---- the service ----------------------------------------------------------------------------------------------------- */

static void answer_call(int fd, const char *call)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf made = BUF_INIT(4096);
	const char *method;
	struct answer *a;

	if (js_parse(str_from(call), "call", &o, NULL) < 0)
		return;
	method = js_get_str(o, "method", "");
	a = find_answer(method);
	if (a) {
		(void)!write(fd, a->bytes.p, a->bytes.n);
		return;
	}
	if (strcmp(method, "org.varlink.service.GetInfo") == 0)
		buf_addf(&made, "{\"parameters\":{\"version\":\"%s\",\"interfaces\":[\"io.podman\"]}}", tape.version);
	for (size_t i = 0; i < ARRAY_LEN(other_answers); i++)
		if (strcmp(method, other_answers[i].method) == 0)
			buf_add_z(&made, other_answers[i].answer);
	if (made.n == 0)
		buf_addf(&made, "{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":{\"method\":\"%s\"}}", method);
	(void)!write(fd, made.p, made.n + 1);
}

static void *serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char call[65536];
	size_t n = 0;

	while (n < sizeof call && read(fd, call + n, 1) == 1) {
		if (call[n++] != 0)
			continue;
		answer_call(fd, call);
		n = 0;
	}
	close(fd);
	return NULL;
}

static pthread_t threads[16];
static size_t n_threads;

static int dial(void *ctx, int *ret_fd, struct error *err)
{
	int fds[2];

	(void)ctx;
	signal(SIGPIPE, SIG_IGN);
	assert_true(n_threads < ARRAY_LEN(threads));
	assert_int_equal(fd_socketpair(fds, err), 0);
	assert_int_equal(pthread_create(&threads[n_threads++], NULL, serve, (void *)(intptr_t)fds[1]), 0);
	*ret_fd = fds[0];
	return 0;
}

static const struct dialer dialer = { .dial = dial, .where = "the tape" };

static struct engine *play(const char *version, const char *scenario)
{
	struct engine *e;

	tape_load(version, scenario);
	assert_int_equal(varlink_engine_open(&e, &dialer, NULL), 0);
	assert_string_equal(e->version, version);
	return e;
}

static void done(struct engine *e)
{
	engine_close(e);
	for (size_t i = 0; i < n_threads; i++)
		pthread_join(threads[i], NULL);
	n_threads = 0;
	tape_clear();
}

/* ---- what comes out -------------------------------------------------------------------------------------------------- */

static void the_host_describes_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		CLEANUP(js_put_p) struct json_object *version = NULL, *info = NULL;
		struct engine *e = play(versions[i], "version");

		assert_int_equal(engine_version(e, &version, NULL), 0);
		done(e);
		assert_string_equal(js_get_str(version, "Version", ""), versions[i]);
		assert_string_equal(js_get_str(version, "Os", ""), "linux");
		assert_string_equal(js_get_str(version, "OsArch", ""), "linux/amd64");

		e = play(versions[i], "info");
		assert_int_equal(engine_info(e, &info, NULL), 0);
		done(e);
		assert_string_equal(js_wire(js_get(js_get(info, "host"), "distribution")),
				    "{\"distribution\":\"debian\",\"version\":\"12\"}");
		assert_int_equal(js_get_int(js_get(js_get(info, "store"), "imageStore"), "number", 0), 1);
		assert_string_equal(js_get_str(js_get(js_get(info, "store"), "graphStatus"), "Backing Filesystem", ""), "extfs");
		assert_string_equal(js_wire(js_get(info, "registries")), "{}");
		assert_int_equal(js_get_int(js_get(info, "version"), "Built", 0), 7);
	}
}

static int keep_last(void *ctx, struct json_object *item, struct error *err)
{
	struct json_object **last = ctx;

	(void)err;
	json_object_put(*last);
	*last = json_object_get(item);
	return 0;
}

static void containers_are_listed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		CLEANUP(js_put_p) struct json_object *c = NULL;
		struct engine *e = play(versions[i], "ps");

		assert_int_equal(engine_container_list(e, &(struct container_list_req){ .namespaces = true }, keep_last, &c, NULL),
				 0);
		done(e);
		assert_string_equal(js_wire(js_get(c, "Names")), "[\"c1\"]");
		assert_string_equal(js_wire(js_get(c, "Command")), "[\"sleep 300\"]");
		assert_string_equal(js_get_str(c, "State", ""), "running");
		assert_string_equal(js_get_str(c, "Image", ""), "localhost/busybox:latest");
		assert_true(js_get_int(c, "StartedAt", 0) > 1795000000);
		assert_true(js_get_int(c, "Pid", 0) > 0);
		assert_int_equal(js_get_int(c, "ExitedAt", 0), CLOCK_GO_ZERO_S);
		assert_non_null(js_get(js_get(c, "Namespaces"), "Mnt"));
	}
}

static void images_are_listed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		CLEANUP(js_put_p) struct json_object *image = NULL, *none = NULL;
		/* podman-remote 1.8.0 asks by ListImagesWithFilters, which is on its tape. */
		struct engine *e = play(versions[i], "images");
		struct strv filters = { 0 };

		if (strcmp(versions[i], "1.8.0") == 0)
			snprintf(tape.answers[0].method, sizeof tape.answers[0].method, "io.podman.ListImages");
		assert_int_equal(engine_image_list(e, &(struct image_list_req){ 0 }, keep_last, &image, NULL), 0);
		assert_string_equal(js_wire(js_get(image, "Names")), "[\"localhost/busybox:latest\"]");
		assert_int_equal(strlen(js_get_str(image, "Id", "")), 64);
		assert_true(js_get_int(image, "Created", 0) > 1795000000);
		assert_true(js_get_int(image, "Size", 0) > 2000000);
		assert_int_equal(js_get_int(image, "Size", 0), js_get_int(image, "VirtualSize", 1));
		assert_true(strncmp(js_get_str(image, "Digest", ""), "sha256:", 7) == 0);

		strv_add(&filters, "reference=alpine");
		assert_int_equal(engine_image_list(e, &(struct image_list_req){ .filters = &filters }, keep_last, &none, NULL), 0);
		assert_null(none);
		strv_done(&filters);
		done(e);
	}
}

static void containers_and_images_are_inspected(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		CLEANUP(js_put_p) struct json_object *c = NULL, *image = NULL;
		struct engine *e = play(versions[i], "container-inspect");

		assert_int_equal(engine_inspect(e, OBJECT_CONTAINER, "c1", false, &c, NULL), 0);
		done(e);
		assert_string_equal(js_get_str(c, "Name", ""), "c1");
		assert_string_equal(js_get_str(js_get(c, "State"), "Status", ""), "running");
		assert_non_null(js_get(js_get(c, "State"), "Health"));
		assert_true(json_object_is_type(js_get(js_get(c, "NetworkSettings"), "Ports"), json_type_object));

		e = play(versions[i], "image-inspect");
		assert_int_equal(engine_inspect(e, OBJECT_IMAGE, "busybox", false, &image, NULL), 0);
		done(e);
		assert_string_equal(js_get_str(image, "Architecture", ""), "amd64");
	}
}

static void processes_are_listed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		CLEANUP(js_put_p) struct json_object *top = NULL;
		struct engine *e = play(versions[i], "top");
		struct json_object *process;

		assert_int_equal(engine_container_top(e, "c1", NULL, &top, NULL), 0);
		done(e);
		process = js_at(js_get(top, "Processes"), 0);
		assert_string_equal(js_wire(js_at(js_get(top, "Titles"), 0)), "\"USER\"");
		assert_int_equal(js_len(process), js_len(js_get(top, "Titles")));
		assert_true(str_eq_z(js_text(js_at(process, 7)), "sleep 300"));
	}
}

static int collect(void *ctx, enum stream_channel channel, const char *p, size_t n, struct error *err)
{
	(void)channel, (void)err;
	buf_add_bytes(ctx, p, n);
	return 0;
}

static int run(struct stream *s, struct buf *out, int *ret_status)
{
	struct stream_sink sink = { .write = collect, .ctx = out };
	int r = 0;

	while (r == 0) {
		struct pollfd fds[STREAM_MAX_FDS];
		int timeout_ms = 5000;
		size_t n = s->ops->poll_fds(s, true, fds, &timeout_ms);

		poll(fds, (nfds_t)n, timeout_ms);
		r = s->ops->dispatch(s, fds, n, &sink, NULL);
	}
	*ret_status = s->ops->exit_status(s);
	s->ops->close(s);
	return r;
}

static void commands_are_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		CLEANUP(buf_done) struct buf attached = BUF_INIT(4096), executed = BUF_INIT(4096);
		struct engine *e = play(versions[i], "run-attached");
		struct strv command = { 0 };
		struct stream *s;
		int status;

		assert_int_equal(engine_container_attach(
					 e, &(struct attach_req){ .name = "c1", .start = true, .want_stdout = true }, &s, NULL),
				 0);
		assert_int_equal(run(s, &attached, &status), 1);
		assert_string_equal(buf_z(&attached), "out\nerr\n");
		assert_int_equal(status, 3);
		done(e);

		e = play(versions[i], "exec");
		strv_add(&command, "sh");
		assert_int_equal(engine_container_exec(e, &(struct exec_req){ .name = "c1", .command = &command }, &s, NULL, NULL),
				 0);
		assert_int_equal(run(s, &executed, &status), 1);
		assert_string_equal(buf_z(&executed), "/tmp\n1\ne\n");
		assert_int_equal(status, 6);
		strv_done(&command);
		done(e);
	}
}

static void the_last_line_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(4096);
		struct engine *e = play(versions[i], "logs-tail");
		struct stream *s;
		int status;

		assert_int_equal(engine_container_logs(e, &(struct logs_req){ .name = "c1", .tail = 1 }, &s, NULL), 0);
		assert_int_equal(run(s, &out, &status), 1);
		assert_string_equal(buf_z(&out), "c\n");
		assert_int_equal(status, -1);
		done(e);
	}
}

static void note(void *ctx, const char *line)
{
	buf_addf(ctx, "%s\n", line);
}

static void images_are_pulled(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		CLEANUP(buf_done) struct buf lines = BUF_INIT(65536);
		CLEANUP(free_p) char *id = NULL;
		struct engine *e = play(versions[i], "pull");
		struct pull_req q = { .reference = "localhost:5077/bb2:v1", .tls_verify = -1 };

		assert_int_equal(engine_image_pull(e, &q, note, &lines, &id, NULL), 0);
		done(e);
		assert_int_equal(strlen(id), 64);
		assert_true(strncmp(buf_z(&lines), "Trying to pull localhost:5077/bb2:v1...\n", 40) == 0);
		for (struct str rest = buf_str(&lines), line; str_cut(rest, '\n', &line, &rest);)
			if (!str_starts(line, STR("Trying ")) && !str_starts(line, STR("Copying ")) &&
			    !str_starts(line, STR("Writing ")) && !str_starts(line, STR("Getting ")) &&
			    !str_starts(line, STR("Storing signatures")))
				row_fail(versions[i], "%.*s", STR_ARG(line));
	}
}

static void refusals_have_a_kind(void **state)
{
	static const struct {
		const char *scenario;
		enum err_kind kind;
	} cases[] = {
		{ "rm-running", ERR_CONFLICT },    { "rmi-in-use", ERR_CONFLICT },   { "rmi-missing", ERR_NOT_FOUND },
		{ "exec-missing", ERR_NOT_FOUND }, { "exec-stopped", ERR_CONFLICT }, { "create-name-in-use", ERR_CONFLICT },
		{ "kill-stopped", ERR_CONFLICT },  { "stop-stopped", ERR_CONFLICT }, { "start-running", ERR_CONFLICT },
		{ "pause-stopped", ERR_CONFLICT },
	};
	static const struct engine_ops ops = { .protocol = "varlink" };
	struct host h = { .engine.ops = &ops };

	(void)state;
	for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
		for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
			size_t n = 0;

			tape_load(versions[v], cases[i].scenario);
			for (size_t a = 0; a < tape.n; a++) {
				CLEANUP(js_put_p) struct json_object *reply = NULL;
				CLEANUP(error_done) struct error err = ERROR_INIT;

				if (js_parse(str_from(buf_z(&tape.answers[a].bytes)), "reply", &reply, NULL) < 0 ||
				    !js_get(reply, "error"))
					continue;
				n++;
				host_refusal(&h, js_get_str(reply, "error", ""), js_get(reply, "parameters"), &err);
				if (err.kind != cases[i].kind)
					row_fail(cases[i].scenario, "%s: %d %s", versions[v], err.kind, err.text);
			}
			if (n == 0)
				row_fail(cases[i].scenario, "%s: no refusal on the tape", versions[v]);
		}
	}
	tape_clear();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_host_describes_itself), cmocka_unit_test(containers_are_listed),
		cmocka_unit_test(images_are_listed),         cmocka_unit_test(containers_and_images_are_inspected),
		cmocka_unit_test(processes_are_listed),      cmocka_unit_test(commands_are_run),
		cmocka_unit_test(the_last_line_is_read),     cmocka_unit_test(images_are_pulled),
		cmocka_unit_test(refusals_have_a_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
