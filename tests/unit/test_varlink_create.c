#include "unit.h"

#include "base/js.h"
#include "varlink/create.h"

static const struct engine_ops no_ops = { .protocol = "varlink" };

/* flag=value ... as typed; expect: the create object without args; NULL: refused with fail. */
static const struct {
	const char *version;
	const char *flags[6];
	const char *expect;
	enum err_kind fail;
} cases[] = {
	{ "1.9.3", { NULL }, "{}", 0 },
	{ "1.9.3", { "name=web" }, "{\"name\":\"web\"}", 0 },
	{ "1.9.3", { "env=A=b", "env=C=d,e" }, "{\"env\":[\"A=b\",\"C=d,e\"]}", 0 },
	{ "1.9.3",
	  { "publish=8080:80", "publish=127.0.0.1:53:53/udp" },
	  "{\"publish\":[\"8080:80\",\"127.0.0.1:53:53\\/udp\"]}",
	  0 },
	{ "1.9.3", { "tty=true", "interactive=1", "rm=false" }, "{\"tty\":true,\"interactive\":true,\"rm\":false}", 0 },
	{ "1.9.3", { "cpus=1.5", "cpu-shares=512", "memory=64m" }, "{\"cpus\":1.5,\"cpuShares\":512,\"memory\":\"64m\"}", 0 },
	{ "1.9.3", { "pids-limit=-1", "stop-timeout=3" }, "{\"pidsLimit\":-1,\"stopTimeout\":3}", 0 },
	{ "1.9.3", { "cpuset-cpus=0-1", "cpuset-mems=0" }, "{\"cpuSetCpus\":\"0-1\",\"cpuSetMems\":\"0\"}", 0 },
	{ "1.9.3", { "network=a", "network=b" }, "{\"network\":\"a,b\"}", 0 },
	{ "1.9.3", { "dns-option=x", "dns=1.1.1.1" }, "{\"dnsOpt\":[\"x\"],\"dns\":[\"1.1.1.1\"]}", 0 },
	{ "1.9.3", { "no-healthcheck=true" }, "{\"healthcheckCommand\":\"none\"}", 0 },
	{ "1.9.3", { "no-healthcheck=false" }, "{}", 0 },
	{ "1.9.3", { "health-cmd=curl x", "health-retries=2" }, "{\"healthcheckCommand\":\"curl x\",\"healthcheckRetries\":2}", 0 },
	{ "1.9.3", { "image-volume=anonymous" }, "{\"imageVolume\":\"bind\"}", 0 },
	{ "1.9.3", { "user=0", "user=1000:1000" }, "{\"user\":\"1000:1000\"}", 0 },
	{ "1.9.3", { "read-only=true", "read-only-tmpfs=false" }, "{\"readonly\":true,\"readonlytmpfs\":false}", 0 },
	{ "1.9.3",
	  { "group-add=g", "workdir=/w", "no-hosts=true" },
	  "{\"groupadd\":[\"g\"],\"workDir\":\"\\/w\",\"noHosts\":true}",
	  0 },
	{ "1.9.3", { "arch=arm64" }, "{\"overrideArch\":\"arm64\"}", 0 },
	{ "1.8.0", { "os=linux" }, "{\"overrideOS\":\"linux\"}", 0 },
	{ "1.6.2", { "arch=arm64" }, NULL, ERR_UNSUPPORTED },
	{ "1.6.2", { "volume=/src:/dst", "volume=name:/dst" }, "{\"volume\":[\"\\/src:\\/dst\",\"name:\\/dst\"]}", 0 },
	{ "1.6.2", { "volume=/data" }, NULL, ERR_UNSUPPORTED },
	{ "1.8.0", { "volume=/data" }, "{\"volume\":[\"\\/data\"]}", 0 },
	{ "1.9.3", { "secret=s" }, NULL, ERR_UNSUPPORTED },
	{ "1.9.3", { "name=web", "umask=0077" }, NULL, ERR_UNSUPPORTED },
	{ "1.9.3", { "cpus=many" }, NULL, ERR_USAGE },
	{ "1.9.3", { "cpu-shares=1.5" }, NULL, ERR_USAGE },
	{ "1.9.3", { "tty=perhaps" }, NULL, ERR_USAGE },
};

static int make(const char *version, const char *const *typed, struct json_object **ret, struct error *err)
{
	struct engine e = { .ops = &no_ops };
	struct flags flags = { 0 };
	struct strv command = { 0 };
	struct create_req q = { .flags = &flags, .image = "img", .command = &command };
	char names[6][32];
	int r;

	snprintf(e.version, sizeof e.version, "%s", version);
	for (size_t i = 0; typed[i]; i++) {
		size_t n = strcspn(typed[i], "=");

		snprintf(names[i], sizeof names[i], "%.*s", (int)n, typed[i]);
		/* A name is one flag however often it is given. */
		for (size_t k = 0; k < flags.n; k++)
			if (strcmp(flags.v[k].name, names[i]) == 0)
				snprintf(names[i], sizeof names[i], "%s", flags.v[k].name);
		assert_true(flags_add(&flags, names[i], str_from(typed[i] + n + 1)));
	}
	assert_true(strv_add(&command, "sh"));
	r = create_object(&e, &q, ret, err);
	flags_done(&flags);
	strv_done(&command);
	return r;
}

static void flags_become_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(js_put_p) struct json_object *got = NULL, *want = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		const char *row = cases[i].flags[0] ? cases[i].flags[0] : "no flags";
		int r = make(cases[i].version, cases[i].flags, &got, &err);

		if (!cases[i].expect) {
			if (r != -(int)cases[i].fail)
				row_fail(row, "%d %s", r, err.text ? err.text : js_wire(got));
			continue;
		}
		if (r < 0)
			row_fail(row, "%s", err.text);
		assert_string_equal(js_wire(js_get(got, "args")), "[\"img\",\"sh\"]");
		json_object_object_del(got, "args");
		assert_int_equal(js_parse(str_from(cases[i].expect), "row", &want, &err), 0);
		if (!json_object_equal(got, want))
			row_fail(row, "%s", js_wire(got));
	}
}

static void a_refused_flag_is_named(void **state)
{
	CLEANUP(js_put_p) struct json_object *got = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(make("1.9.3", (const char *[]){ "name=web", "umask=0077", NULL }, &got, &err), -ERR_UNSUPPORTED);
	assert_string_equal(err.text, "--umask is not supported by Podman 1.9.3 (varlink)");
}

static void a_root_file_system_is_the_first_argument(void **state)
{
	struct engine e = { .ops = &no_ops, .version = "1.9.3" };
	struct strv command = { 0 };
	struct create_req q = { .image = "", .command = &command };
	CLEANUP(js_put_p) struct json_object *got = NULL;

	(void)state;
	strv_add(&command, "/rootfs");
	strv_add(&command, "sh");
	assert_int_equal(create_object(&e, &q, &got, NULL), 0);
	assert_string_equal(json_object_to_json_string_ext(got, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
			    "{\"args\":[\"/rootfs\",\"sh\"]}");
	strv_done(&command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_become_fields),
		cmocka_unit_test(a_refused_flag_is_named),
		cmocka_unit_test(a_root_file_system_is_the_first_argument),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
