#include "unit.h"

#include "base/js.h"
#include "engine/engine.h"
#include "varlink/host.h"
#include "varlink/log_line.h"
#include "varlink/progress.h"
#include "varlink/signal.h"
#include "varlink/translate.h"

static struct json_object *parse(const char *text)
{
	struct json_object *o = NULL;

	assert_int_equal(js_parse(str_from(text), "test", &o, NULL), 0);
	return o;
}

static void same_json(const char *row, struct json_object *got, const char *want_text)
{
	CLEANUP(js_put_p) struct json_object *want = parse(want_text);

	if (!json_object_equal(got, want))
		row_fail(row, "%s", js_wire(got));
}

static void ports_are_taken_from_their_text(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "[]" },
		{ "0.0.0.0:8080->80/tcp",
		  "[{\"host_ip\":\"\",\"container_port\":80,\"host_port\":8080,\"range\":1,\"protocol\":\"tcp\"}]" },
		{ "127.0.0.1:1000-1002->1000-1002/udp",
		  "[{\"host_ip\":\"127.0.0.1\",\"container_port\":1000,\"host_port\":1000,\"range\":3,\"protocol\":\"udp\"}]" },
		{ "::1:53->53/udp",
		  "[{\"host_ip\":\"::1\",\"container_port\":53,\"host_port\":53,\"range\":1,\"protocol\":\"udp\"}]" },
		{ "0.0.0.0:1->2/tcp, 0.0.0.0:3->4/tcp",
		  "[{\"host_ip\":\"\",\"container_port\":2,\"host_port\":1,\"range\":1,\"protocol\":\"tcp\"},"
		  "{\"host_ip\":\"\",\"container_port\":4,\"host_port\":3,\"range\":1,\"protocol\":\"tcp\"}]" },
		{ "80/tcp", "[{\"host_ip\":\"\",\"container_port\":80,\"host_port\":0,\"range\":1,\"protocol\":\"tcp\"}]" },
		{ "x", "[]" },
		{ "->", "[]" },
		{ "0.0.0.0:99999->80/tcp", "[]" },
		{ ",,", "[]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(js_put_p) struct json_object *got = translate_ports(str_from(cases[i].in));

		same_json(cases[i].in, got, cases[i].out);
	}
}

static void exit_codes_are_taken_from_the_status(void **state)
{
	static const struct {
		const char *in;
		int out;
	} cases[] = {
		{ "Exited (3) 2 minutes ago", 3 },
		{ "Exited (0) About an hour ago", 0 },
		{ "Exited (-1) now", -1 },
		{ "Up 2 seconds ago", 0 },
		{ "Exited (", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (translate_exit_code(str_from(cases[i].in)) != cases[i].out)
			row_fail(cases[i].in, "not %d", cases[i].out);
}

static void a_container_has_the_shape_of_4_3(void **state)
{
	CLEANUP(js_put_p)
	struct json_object *in = parse(
		"{\"id\":\"ab\",\"image\":\"i:1\",\"command\":\"sleep 3\",\"ports\":\"\",\"names\":\"c1\",\"status\":\"Exited (3) 1 second ago\","
		"\"state\":\"exited\",\"pidNum\":0,\"rootFsSize\":5,\"rwSize\":6,\"pod\":\"\",\"createdAt\":\"2026-11-23T17:40:22.438911645Z\","
		"\"exitedAt\":\"2026-11-23T17:40:24Z\",\"startedAt\":\"0001-01-01T00:00:00Z\",\"labels\":null,\"mounts\":\"/a /b\",\"mnt\":\"42\",\"pidNs\":\"43\",\"ipc\":\"44\"}");
	CLEANUP(js_put_p) struct json_object *got = translate_container(in, true, true);

	(void)state;
	same_json(
		"container", got,
		"{\"AutoRemove\":false,\"Command\":[\"sleep 3\"],\"Created\":\"2026-11-23T17:40:22.438911645Z\",\"CreatedAt\":\"\",\"Exited\":true,"
		"\"ExitedAt\":1795455624,\"ExitCode\":3,\"Id\":\"ab\",\"Image\":\"i:1\",\"ImageID\":\"\",\"IsInfra\":false,\"Labels\":{},"
		"\"Mounts\":[\"/a\",\"/b\"],\"Names\":[\"c1\"],\"Namespaces\":{\"Mnt\":\"42\",\"Pidns\":\"43\"},\"Networks\":[],\"Pid\":0,\"Pod\":\"\",\"PodName\":\"\","
		"\"Ports\":[],\"Size\":{\"rootFsSize\":5,\"rwSize\":6},\"StartedAt\":-62135596800,\"State\":\"exited\",\"Status\":\"\"}");
}

static void nothing_becomes_nothing(void **state)
{
	/* What a broken service may send in place of an object. */
	static const char *const texts[] = { "{}", "[]", "7", "{\"labels\":[],\"repoTags\":{},\"ports\":3,\"createdAt\":{}}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(js_put_p)
		struct json_object *in = parse(texts[i]),
				   *a = translate_container(in, true, true), *b = translate_image(in), *c = translate_top(in),
				   *d = translate_info(in, NULL), *e = translate_version(in);

		assert_int_equal(js_get_int(a, "Pid", -1), 0);
		assert_int_equal(js_len(js_get(b, "RepoTags")), 0);
		assert_int_equal(js_len(js_get(c, "Processes")), 0);
		assert_non_null(js_get(d, "host"));
		assert_int_equal(js_get_int(e, "Built", -1), 0);
		translate_inspected_container(in);
	}
}

static void top_lines_become_fields(void **state)
{
	CLEANUP(js_put_p)
	struct json_object *in = parse("[\"USER\\tPID\\tCOMMAND\",\"root\\t1\\tsh -c a\\tb \",\"x\"]"),
			   *got = translate_top(in);

	(void)state;
	same_json("top", got,
		  "{\"Processes\":[[\"root\",\"1\",\"sh -c a\\tb\"],[\"x\"]],\"Titles\":[\"USER\",\"PID\",\"COMMAND\"]}");
}

static void inspect_gets_the_members_of_4_x(void **state)
{
	CLEANUP(js_put_p)
	struct json_object *o = parse("{\"State\":{\"Healthcheck\":{\"Status\":\"healthy\"}},\"NetworkSettings\":{\"Ports\":["
				      "{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\",\"hostIP\":\"\"},"
				      "{\"hostPort\":8081,\"containerPort\":80,\"protocol\":\"tcp\",\"hostIP\":\"127.0.0.1\"}]}}");

	(void)state;
	translate_inspected_container(o);
	same_json(
		"inspect", o,
		"{\"State\":{\"Healthcheck\":{\"Status\":\"healthy\"},\"Health\":{\"Status\":\"healthy\"}},\"NetworkSettings\":{\"Ports\":"
		"{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8080\"},{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"8081\"}]}}}");
}

static void signals_have_linux_numbers(void **state)
{
	static const struct {
		const char *in;
		int out; /* 0: refused */
	} cases[] = {
		{ "KILL", 9 },        { "SIGKILL", 9 },  { "sigterm", 15 }, { "9", 9 },        { "USR1", 10 },  { "RTMIN", 34 },
		{ "SIGRTMIN+3", 37 }, { "RTMAX-1", 63 }, { "64", 64 },      { "65", 0 },       { "0", 0 },      { "", 0 },
		{ "SIG", 0 },         { "FOO", 0 },      { "TERM+1", 0 },   { "RTMIN+40", 0 }, { "RTMIN+", 0 }, { "KILLX", 0 },
		{ "-9", 0 },          { "CHLD", 17 },    { "WINCH", 28 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int n = 0, r = signal_number(cases[i].in, &n, NULL);

		if (cases[i].out ? (r != 0 || n != cases[i].out) : r != -ERR_USAGE)
			row_fail(cases[i].in, "%d, %d", r, n);
	}
}

static void refusals_get_their_kind(void **state)
{
	static const struct engine_ops ops = { .protocol = "varlink" };
	static const struct {
		const char *name, *params;
		enum err_kind kind;
		const char *text;
	} cases[] = {
		{ "io.podman.ContainerNotFound",
		  "{\"id\":\"x\",\"reason\":\"no container with name or ID x found: no such container\"}", ERR_NOT_FOUND,
		  "no container with name or ID x found: no such container" },
		{ "io.podman.ContainerNotFound", "{\"id\":\"x\"}", ERR_NOT_FOUND,
		  "no container with name or ID x found: no such container" },
		{ "io.podman.ErrorOccurred", "{\"reason\":\"no container with name or ID x found: no such container\"}",
		  ERR_NOT_FOUND, "no container with name or ID x found: no such container" },
		{ "io.podman.ImageNotFound", "{\"id\":\"x\",\"reason\":\"unable to find x: no such image\"}", ERR_NOT_FOUND,
		  "unable to find x: no such image" },
		{ "io.podman.ErrCtrStopped", "{\"id\":\"%s\"}", ERR_CONFLICT, "container %s is already stopped" },
		{ "io.podman.InvalidState", "{\"reason\":\"cannot remove\"}", ERR_CONFLICT, "cannot remove" },
		{ "io.podman.ErrorOccurred", "{\"reason\":\"that name is already in use\"}", ERR_CONFLICT,
		  "that name is already in use" },
		{ "io.podman.ErrorOccurred", "{\"reason\":\"could not remove image as it is being used by 1 containers\"}",
		  ERR_CONFLICT, "could not remove image as it is being used by 1 containers" },
		{ "io.podman.ErrorOccurred", "{\"reason\":\"two\\nlines\\n\"}", ERR_REMOTE, "two lines" },
		{ "io.podman.ErrorOccurred", "{}", ERR_REMOTE, "io.podman.ErrorOccurred" },
		{ "io.podman.NoContainersInPod", "{\"name\":\"p\"}", ERR_CONFLICT, "pod p has no containers" },
		{ "org.varlink.service.MethodNotFound", "{\"method\":\"UntagImage\"}", ERR_UNSUPPORTED,
		  "UntagImage is not supported by Podman 1.6.2 (varlink)" },
		{ "org.varlink.service.InvalidParameter", "{\"parameter\":\"parameters\"}", ERR_REMOTE,
		  "the service does not accept the parameter \"parameters\"" },
	};
	struct host h = { .engine = { .ops = &ops, .version = "1.6.2" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(js_put_p) struct json_object *params = parse(cases[i].params);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int r = host_refusal(&h, cases[i].name, params, &err);

		if (r != -(int)cases[i].kind || strcmp(err.text, cases[i].text) != 0)
			row_fail(cases[i].name, "%d %s", r, err.text);
	}
}

static void log_lines_are_taken_apart(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		enum stream_channel channel;
		bool partial;
		const char *text;
	} cases[] = {
		{ "2026-11-23T17:40:43.824797412+00:00 stdout F a b", true, STREAM_STDOUT, false, "a b" },
		{ "2026-11-23T17:40:43.824797412Z stderr P x", true, STREAM_STDERR, true, "x" },
		{ "2026-11-23T17:40:43Z stdout F ", true, STREAM_STDOUT, false, "" },
		{ "2026-11-23T17:40:43Z stdout F", false },
		{ "2026-11-23 stdout F x", false },
		{ "2026-11-23T17:40:43Z stdin F x", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct log_line l;
		bool ok = log_line_parse(str_from(cases[i].in), &l);

		if (ok != cases[i].ok ||
		    (ok && (l.channel != cases[i].channel || l.partial != cases[i].partial || !str_eq_z(l.text, cases[i].text))))
			row_fail(cases[i].in, "%d", ok);
	}
}

static void points_in_time_are_read_as_podman_does(void **state)
{
	static const struct instant now = { .s = 1000000, .ns = 250000000 };
	static const struct {
		const char *in, *out; /* NULL: refused */
	} cases[] = {
		{ "2026-11-23T17:40:43.5Z", "2026-11-23T17:40:43.500000000Z" },
		{ "2026-11-23T17:40:43+02:00", "2026-11-23T17:40:43.000000000+02:00" },
		{ "2026-11-23T17:40:43", "2026-11-23T17:40:43.000000000Z" },
		{ "2026-11-23", "2026-11-23T00:00:00.000000000Z" },
		{ "2026-11-23+01:00", "2026-11-23T00:00:00.000000000+01:00" },
		{ "0", "1970-01-01T00:00:00.000000000Z" },
		{ "1795455643.824797412", "2026-11-23T17:40:43.824797412Z" },
		{ "10m", "1970-01-12T13:36:40.250000000Z" },
		{ "500ms", "1970-01-12T13:46:39.750000000Z" },
		{ "-1s", "1970-01-12T13:46:41.250000000Z" },
		{ "yesterday", NULL },
		{ "", NULL },
		{ "1.x", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf got = BUF_INIT(64);
		struct instant t;
		int r = log_when(cases[i].in, now, &t, NULL);

		if (r == 0)
			log_time(t, &got);
		if (cases[i].out ? (r != 0 || strcmp(buf_z(&got), cases[i].out) != 0) : r != -ERR_USAGE)
			row_fail(cases[i].in, "%d %s", r, buf_z(&got));
	}
}

static void note(void *ctx, const char *line)
{
	buf_addf(ctx, "%s|", line);
}

static void overwritten_progress_is_left_out(void **state)
{
	/* As recorded from 1.9.3. */
	static const char logs[] = "[\"Trying to pull localhost:5077/bb2:v1...\\n\",\"Copying blob ab7da91d42ab8adf7b9\","
				   "\"Copying blob sha256:ab7d\\n\",\"Copying blob sha256:ab7d\\n\",\"409.0b / 409.0bc152efe\\n\","
				   "\"Storing signatures\\nef96213769f9c8f6183\",\"Storing signatures\\n\",\"[mpb] bar#01\\n\","
				   "\"2opying config sha256:1\\n\",\"  manifest unknown: manifest unknown\\n\"]";
	CLEANUP(js_put_p) struct json_object *o = parse(logs);
	CLEANUP(buf_done) struct buf got = BUF_INIT(4096), last = BUF_INIT(PROGRESS_MAX);

	(void)state;
	progress_lines(o, &last, note, &got);
	assert_string_equal(buf_z(&got), "Trying to pull localhost:5077/bb2:v1...|Copying blob sha256:ab7d|Storing signatures|"
					 "  manifest unknown: manifest unknown|");
	progress_lines(o, &last, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_are_taken_from_their_text),  cmocka_unit_test(exit_codes_are_taken_from_the_status),
		cmocka_unit_test(a_container_has_the_shape_of_4_3), cmocka_unit_test(nothing_becomes_nothing),
		cmocka_unit_test(top_lines_become_fields),          cmocka_unit_test(inspect_gets_the_members_of_4_x),
		cmocka_unit_test(signals_have_linux_numbers),       cmocka_unit_test(refusals_get_their_kind),
		cmocka_unit_test(log_lines_are_taken_apart),        cmocka_unit_test(points_in_time_are_read_as_podman_does),
		cmocka_unit_test(overwritten_progress_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
