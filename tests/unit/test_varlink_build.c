/* Options of build as BuildInfo, and the calls of a build against a scripted service. */
#include "varlink_stream.h"

#include "base/js.h"
#include "varlink/build.h"

static const struct engine_ops no_ops = { .protocol = "varlink" };

#define PLAIN_OPTIONS "\"buildOptions\":{\"shmSize\":\"65536k\"}"

/* option=value ... as typed; expect: a part of the object; NULL: refused with fail, whose text has why. */
static const struct {
	const char *version;
	const char *options[4];
	const char *expect;
	enum err_kind fail;
	const char *why;
} cases[] = {
	{ "1.9.3",
	  { NULL },
	  "{" PLAIN_OPTIONS ",\"buildArgs\":{},\"layers\":true,\"remoteIntermediateCtrs\":true,\"forceRmIntermediateCtrs\":true,",
	  0,
	  NULL },
	{ "1.9.3",
	  { NULL },
	  "\"outputFormat\":\"application/vnd.oci.image.manifest.v1+json\",\"pullPolicy\":\"PullIfMissing\"",
	  0,
	  NULL },
	{ "1.9.3", { "build-arg=A=1", "build-arg=B=x=y" }, "\"buildArgs\":{\"A\":\"1\",\"B\":\"x=y\"}", 0, NULL },
	{ "1.9.3", { "build-arg=FARPOD_SET" }, "\"buildArgs\":{\"FARPOD_SET\":\"here\"}", 0, NULL },
	{ "1.9.3", { "build-arg=FARPOD_NOT_SET" }, "\"buildArgs\":{}", 0, NULL },
	{ "1.9.3", { "label=a=b", "label=c" }, "\"label\":[\"a=b\",\"c\"]", 0, NULL },
	{ "1.9.3", { "format=docker" }, "\"outputFormat\":\"application/vnd.docker.distribution.manifest.v2+json\"", 0, NULL },
	{ "1.9.3", { "format=tgz" }, NULL, ERR_USAGE, "--format" },
	{ "1.9.3", { "pull=always" }, "\"pullPolicy\":\"PullAlways\"", 0, NULL },
	{ "1.9.3", { "pull=true" }, "\"pullPolicy\":\"PullAlways\"", 0, NULL },
	{ "1.9.3", { "pull=never" }, "\"pullPolicy\":\"PullNever\"", 0, NULL },
	{ "1.9.3", { "pull=newer" }, NULL, ERR_UNSUPPORTED, "build --pull=newer" },
	{ "1.9.3", { "pull-always=true" }, "\"pullPolicy\":\"PullAlways\"", 0, NULL },
	{ "1.9.3", { "pull-never=false" }, "\"pullPolicy\":\"PullIfMissing\"", 0, NULL },
	{ "1.9.3", { "target=one" }, "\"target\":\"one\"", 0, NULL },
	{ "1.8.0", { "target=one" }, NULL, ERR_UNSUPPORTED, "build --target is not supported by Podman 1.8.0" },
	{ "1.9.3", { "platform=linux/arm64" }, "\"os\":\"linux\",\"architecture\":\"arm64\"", 0, NULL },
	{ "1.9.3", { "platform=linux/arm/v7" }, NULL, ERR_UNSUPPORTED, "variant" },
	{ "1.9.3", { "platform=foo" }, NULL, ERR_USAGE, "invalid platform syntax for \"foo\"" },
	{ "1.9.3", { "platform=linux/arm,linux/amd64" }, NULL, ERR_UNSUPPORTED, "several platforms" },
	{ "1.9.3", { "platform=linux/arm", "platform=linux/amd64" }, NULL, ERR_UNSUPPORTED, NULL },
	{ "1.6.2", { "platform=linux/arm64" }, NULL, ERR_UNSUPPORTED, "--platform" },
	{ "1.9.3", { "memory=64m", "memory-swap=-1" }, "{\"shmSize\":\"65536k\",\"memory\":67108864,\"memorySwap\":-1}", 0, NULL },
	{ "1.9.3", { "cpuset-cpus=0", "cpuset-mems=1" }, "\"cpusetCpus\":\"0\",\"cpusetMems\":\"1\"", 0, NULL },
	{ "1.9.3", { "shm-size=1g", "ulimit=nofile=1:2" }, "{\"shmSize\":\"1g\",\"ulimit\":[\"nofile=1:2\"]}", 0, NULL },
	{ "1.9.3", { "memory=lots" }, NULL, ERR_USAGE, "lots" },
	{ "1.9.3", { "squash=true" }, "\"layers\":false", 0, NULL },
	{ "1.9.3", { "squash=true" }, "\"squash\":false", 0, NULL },
	{ "1.9.3", { "squash-all=true", "squash=true" }, "\"squash\":true", 0, NULL },
	{ "1.9.3", { "squash-all=false", "layers=true" }, "\"layers\":true", 0, NULL },
	{ "1.9.3", { "no-cache=true", "rm=false" }, "\"remoteIntermediateCtrs\":false", 0, NULL },
	{ "1.9.3", { "runtime-flag=log=x" }, "\"runtimeArgs\":[\"--log=x\"]", 0, NULL },
	{ "1.9.3", { "cap-add=NET_ADMIN", "device=/dev/fuse" }, "\"devices\":[\"/dev/fuse\"]", 0, NULL },
	{ "1.8.0", { "cap-add=NET_ADMIN" }, NULL, ERR_UNSUPPORTED, "--cap-add" },
	{ "1.9.3", { "jobs=1", "tls-verify=1", "ignorefile=x" }, PLAIN_OPTIONS, 0, NULL },
	{ "1.9.3", { "jobs=4" }, NULL, ERR_UNSUPPORTED, "build --jobs=4" },
	{ "1.9.3", { "tls-verify=false" }, NULL, ERR_UNSUPPORTED, "build --tls-verify=false" },
	{ "1.8.0", { "network=host" }, PLAIN_OPTIONS, 0, NULL },
	{ "1.8.0", { "network=none" }, NULL, ERR_UNSUPPORTED, "build --network=none" },
	{ "1.9.3", { "network=host" }, NULL, ERR_UNSUPPORTED, "build --network=host" },
	{ "1.9.3", { "secret=id=x,src=y" }, NULL, ERR_UNSUPPORTED, "build --secret is not supported by Podman 1.9.3" },
	{ "1.9.3", { "ssh=default" }, NULL, ERR_UNSUPPORTED, "build --ssh" },
	{ "1.9.3", { "from=alpine" }, NULL, ERR_UNSUPPORTED, "build --from" },
};

static int make(const char *version, const char *const *typed, struct json_object **ret, struct error *err)
{
	struct engine e = { .ops = &no_ops };
	struct flags flags = { 0 };
	struct build_req q = { .flags = &flags };
	char names[4][32];
	int r;

	snprintf(e.version, sizeof e.version, "%s", version);
	for (size_t i = 0; i < 4 && typed[i]; i++) {
		struct str name, value;

		str_cut(str_from(typed[i]), '=', &name, &value);
		snprintf(names[i], sizeof names[i], "%.*s", STR_ARG(name));
		flags_add(&flags, names[i], value);
	}
	r = build_object(&e, &q, "", ret, err);
	flags_done(&flags);
	return r;
}

static void options_become_fields(void **state)
{
	(void)state;
	setenv("FARPOD_SET", "here", 1);
	unsetenv("FARPOD_NOT_SET");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(js_put_p) struct json_object *o = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		const char *row = cases[i].options[0] ? cases[i].options[0] : "(none)";
		int r = make(cases[i].version, cases[i].options, &o, &err);

		if (r != -(int)cases[i].fail)
			row_fail(row, "%d %s", r, err.text ? err.text : "");
		if (cases[i].expect && !strstr(js_wire(o), cases[i].expect))
			row_fail(row, "%s is not in %s", cases[i].expect, js_wire(o));
		if (cases[i].why && !strstr(err.text, cases[i].why))
			row_fail(row, "%s", err.text);
	}
}

static void exit_status_of_a_step(void **state)
{
	static const struct {
		const char *text;
		int status;
	} rows[] = {
		{ "error building at STEP \"RUN exit 3\": error while running runtime: exit status 3", 3 },
		{ "error building at STEP \"RUN exit status 4\": error while running runtime: exit status 255\n", 255 },
		{ "exit status 0", -1 },
		{ "exit status 256", -1 },
		{ "exit status 3 or so", -1 },
		{ "exit status ", -1 },
		{ "no files found matching \"/x\": no such file or directory", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (build_exit_status(rows[i].text) != rows[i].status)
			row_fail(rows[i].text, "%d", build_exit_status(rows[i].text));
}

/* ---- calls ----------------------------------------------------------------------------------------------------------- */

static int produce(void *ctx, const struct byte_sink *to, struct error *err)
{
	const char *text = ctx;

	return sink_write(to, text, strlen(text), err);
}

static int add_text(void *ctx, struct str text, struct error *err)
{
	(void)err;
	buf_add(ctx, text);
	return 0;
}

#define SEND_FILE(n, bytes)                                                                                                        \
	CALL("\"io.podman.SendFile\",\"parameters\":{\"type\":\"\",\"length\":" n "},\"upgrade\":true"),                           \
		REPLY("{\"parameters\":{\"file_handle\":\"/t/up\"}}"), RAW(bytes), SEND("/t/up:")
#define LOG(text) REPLY("{\"parameters\":{\"image\":{\"logs\":[\"" text "\"],\"id\":\"\"}},\"continues\":true}")
#define BUILT(id) REPLY("{\"parameters\":{\"image\":{\"logs\":[],\"id\":\"" id "\"}}}")

static int build(struct engine *e, const struct byte_producer *context, const char *tag, struct buf *text, char **ret_id,
		 struct error *err)
{
	char *tags[] = { (char *)(uintptr_t)tag, (char *)(uintptr_t) "localhost/second:1", NULL },
	     *files[] = { (char *)(uintptr_t) "Dockerfile", NULL };
	struct strv names = { .v = tags, .n = tag ? 2 : 0 }, dockerfiles = { .v = files, .n = 1 };
	struct build_req q = { .context = context, .dockerfiles = &dockerfiles, .tags = &names };

	return engine_image_build(e, &q, add_text, text, ret_id, err);
}

static void a_build_sends_its_context_and_tells_what_it_does(void **state)
{
	static const struct step info[] = { GET_INFO("1.9.3"), AT_EOF, END };
	static const struct step calls[] = {
		SEND_FILE("3", "tar"),
		CALL("\"dockerfiles\":[\"Dockerfile\"],\"output\":\"localhost/b:1\",\"additionalTags\":[\"localhost/second:1\"],\"contextDir\":\"/t/up\""),
		LOG("STEP 1\\n"),
		LOG("hi\\n"),
		BUILT("abc"),
		AT_EOF,
		END
	};
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ info, calls, NULL });
	struct byte_producer context = { .produce = produce, .ctx = (void *)(uintptr_t) "tar", .length = 3 };
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
	CLEANUP(free_p) char *id = NULL;

	(void)state;
	assert_true(engine_can(e, ENGINE_UPLOAD_LENGTH));
	assert_int_equal(build(e, &context, "localhost/b:1", &text, &id, NULL), 0);
	assert_string_equal(buf_z(&text), "STEP 1\nhi\n");
	assert_string_equal(id, "abc");
	engine_close(e);
	peer_finish(&peer);
}

static void a_failing_step_has_its_exit_status(void **state)
{
	static const struct step info[] = { GET_INFO("1.6.2"), AT_EOF, END };
	static const struct step calls[] = {
		SEND_FILE("3", "tar"),
		CALL("BuildImage"),
		LOG("STEP 1\\n"),
		REPLY("{\"parameters\":{\"reason\":\"error building at STEP \\\"RUN x\\\": error while running runtime: exit status 7\"},"
		      "\"error\":\"io.podman.ErrorOccurred\"}"),
		AT_EOF,
		END
	};
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ info, calls, NULL });
	struct byte_producer context = { .produce = produce, .ctx = (void *)(uintptr_t) "tar", .length = -1, .again = true };
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char *id;

	(void)state;
	/* The length is not known: it goes through a file first. */
	assert_int_equal(build(e, &context, "localhost/b:1", &text, &id, &err), -ERR_REMOTE);
	assert_int_equal(err.exit_status, 7);
	engine_close(e);
	peer_finish(&peer);
}

/* "build losing its context": another instance of the service answered, or another temporary folder. */
static void a_lost_context_is_sent_again(void **state)
{
	static const struct step calls[] = {
		GET_INFO("1.8.0"),
		CALL("io.podman.UntagImage\",\"parameters\":{\"name\":\"abc\",\"tag\":\"localhost/podman-build-"),
		REPLY("{\"parameters\":{\"image\":\"abc\"}}"), AT_EOF, END
	};
	static const struct step lost[] = {
		SEND_FILE("3", "tar"), CALL("BuildImage"),
		REPLY("{\"parameters\":{\"reason\":\"unable to open context dir tar file /t/up\"},\"error\":\"io.podman.ErrorOccurred\"}"),
		AT_EOF, END
	};
	static const struct step found[] = { SEND_FILE("3", "tar"), CALL("\"output\":\"localhost/podman-build-"), BUILT("abc"),
					     AT_EOF, END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, lost, found, NULL });
	struct byte_producer context = { .produce = produce, .ctx = (void *)(uintptr_t) "tar", .length = 3, .again = true };
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
	CLEANUP(free_p) char *id = NULL;

	(void)state;
	assert_int_equal(build(e, &context, NULL, &text, &id, NULL), 0);
	assert_string_equal(id, "abc");
	engine_close(e);
	peer_finish(&peer);
}

static void a_context_that_comes_once_is_not_sent_again(void **state)
{
	static const struct step info[] = { GET_INFO("1.9.3"), AT_EOF, END };
	static const struct step dies[] = { SEND_FILE("3", "tar"), CALL("BuildImage"), END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ info, dies, NULL });
	struct byte_producer context = { .produce = produce, .ctx = (void *)(uintptr_t) "tar", .length = 3 };
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
	char *id;

	(void)state;
	assert_int_equal(build(e, &context, "localhost/b:1", &text, &id, NULL), -ERR_CONNECT);
	engine_close(e);
	peer_finish(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_become_fields),
		cmocka_unit_test(exit_status_of_a_step),
		cmocka_unit_test(a_build_sends_its_context_and_tells_what_it_does),
		cmocka_unit_test(a_failing_step_has_its_exit_status),
		cmocka_unit_test(a_lost_context_is_sent_again),
		cmocka_unit_test(a_context_that_comes_once_is_not_sent_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
