/* The stand-in host's builds: files and configuration of the images are real, the words those of each version. */
#include "host_images.h"

static void test_build(void **state)
{
	static const char dockerfile[] = FROM "COPY f /d/f\nWORKDIR /d\nRUN cat f; echo err >&2\n";
	static const struct {
		const char *version, *step, *end;
	} rows[] = {
		{ "1.6.2", "ID\n", "ID\n" },
		{ "1.8.0", "ID\n", "ID\nID\n" },
		{ "1.9.3", "--> ID\n", "--> ID\nID\n" },
	};
	struct peer p;

	peer_open(&p, &the_host);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf first = BUF_INIT(4096), again = BUF_INIT(4096);
		CLEANUP(answer_done) struct answer a = { 0 }, b = { 0 }, c = { 0 };

		if (!is_version(state, rows[i].version))
			continue;
		buf_addf(
			&first,
			"STEP 1: FROM localhost/busybox:latest\nSTEP 2: COPY f /d/f\n%sSTEP 3: WORKDIR /d\n%sSTEP 4: RUN cat f; echo err "
			">&2\ncontent of f\nerr\nSTEP 5: COMMIT localhost/built:1\n%s",
			rows[i].step, rows[i].step, rows[i].end);
		buf_addf(
			&again,
			"STEP 1: FROM localhost/busybox:latest\nSTEP 2: COPY f /d/f\n--> Using cache ID\nSTEP 3: WORKDIR /d\n"
			"--> Using cache ID\nSTEP 4: RUN cat f; echo err >&2\n--> Using cache ID\nSTEP 5: COMMIT localhost/built:1\n%s",
			rows[i].end);
		a = build(&p, dockerfile, "localhost/built:1", "");
		assert_logs(&a, buf_z(&first));
		assert_string_equal(a.reason, "");
		b = build(&p, dockerfile, "localhost/built:1", "");
		assert_logs(&b, buf_z(&again));
		assert_string_equal(a.id, b.id);
		c = build(&p, dockerfile, "localhost/built:1", ",\"nocache\":true");
		assert_logs(&c, buf_z(&first));
		assert_string_not_equal(a.id, c.id);
	}
	assert_runs(&p, "localhost/built:1", "\"cat\",\"f\"", "content of f\n");
	peer_close(&p);
}

static void test_build_failures(void **state)
{
	static const struct {
		const char *dockerfile, *reason, *logs; /* the reason begins so */
	} rows[] = {
		{ FROM "RUN echo out; exit 7\n",
		  "error building at STEP \"RUN echo out; exit 7\": error while running runtime: exit status 7",
		  "STEP 1: FROM localhost/busybox:latest\nSTEP 2: RUN echo out; exit 7\nout\n" },
		{ FROM "COPY nope /f\n", "error dry-running \"COPY nope /f\": no files found matching \"/",
		  "STEP 1: FROM localhost/busybox:latest\nSTEP 2: COPY nope /f\n" },
		{ FROM "COPY ../f /f\n", "", NULL },
		{ FROM "BOGUS x\n",
		  "error building at STEP \"BOGUS \": Build error: Unknown instruction: \"BOGUS\" &imagebuilder.Step{",
		  "STEP 1: FROM localhost/busybox:latest\nSTEP 2: BOGUS x\n" },
		{ "FROM localhost/nope:1\n",
		  "error creating build container: Error initializing source docker://localhost/nope:1: ",
		  "STEP 1: FROM localhost/nope:1\n" },
	};
	CLEANUP(js_put_p) struct json_object *alone = NULL;
	struct peer p;

	peer_open(&p, &the_host);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(answer_done) struct answer a = build(&p, rows[i].dockerfile, "localhost/failed:1", "");

		if (strncmp(a.reason, rows[i].reason, strlen(rows[i].reason)) != 0)
			fail_msg("reason \"%s\", not \"%s\"", a.reason, rows[i].reason);
		if (rows[i].logs)
			assert_logs(&a, rows[i].logs);
	}
	alone = call(&p, "BuildImage", "{\"build\":{\"contextDir\":\"/nope\"}}");
	assert_string_equal(js_get_str(js_get(alone, "parameters"), "reason", ""), "unable to open context dir tar file /nope");
	(void)state;
	peer_close(&p);
}

/* The older ones build it and then look for it by its name. */
static void test_build_without_a_name(void **state)
{
	struct peer p;

	peer_open(&p, &the_host);
	{
		CLEANUP(answer_done) struct answer a = build(&p, FROM "ENV A=b\n", "", "");

		assert_string_equal(a.reason, is_version(state, "1.9.3") ? "" : "input name is blank");
		assert_int_equal(strlen(a.id), is_version(state, "1.9.3") ? 64 : 0);
	}
	assert_int_equal(count_images(&p), 2);
	peer_close(&p);
}

static void test_build_configuration(void **state)
{
	static const char dockerfile[] =
		"ARG TAG=latest\nFROM localhost/busybox:$TAG\nARG W=1\nARG X\nENV A=b C=\"d e\" E=${A:-x}$W\n"
		"# a comment\nENV OLD  two words\nLABEL l=\"v w\" \\\n  m=$X\nWORKDIR /w\nWORKDIR in\nUSER 7\nEXPOSE 80 53/udp\nVOLUME /v\n"
		"CMD [\"a\",\"b\"]\nENTRYPOINT run it\n";
	static const struct {
		const char *key, *json;
	} rows[] = {
		{ "Env", "[\"A=b\",\"C=d e\",\"E=x5\",\"OLD=two words\"]" },
		{ "Labels", "{\"l\":\"v w\",\"m\":\"y\",\"more\":\"z\"}" },
		{ "WorkingDir", "/w/in" },
		{ "User", "7" },
		{ "ExposedPorts", "{\"80/tcp\":{},\"53/udp\":{}}" },
		{ "Volumes", "{\"/v\":{}}" },
		{ "Cmd", "[\"a\",\"b\"]" },
		{ "Entrypoint", "[\"/bin/sh\",\"-c\",\"run it\"]" },
	};
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	{
		CLEANUP(answer_done)
		struct answer a = build(&p, dockerfile, "configured",
					",\"buildArgs\":{\"W\":\"5\",\"X\":\"y\"},\"label\":[\"more=z\"],"
					"\"additionalTags\":[\"second:2\"]");
		assert_string_equal(a.reason, "");
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(free_p) char *actual = config_member(&p, "localhost/second:2", rows[i].key);
		CLEANUP(buf_done) struct buf plain = BUF_INIT(4096);

		/* Texts without their quotes. */
		buf_addf(&plain, rows[i].json[0] == '[' || rows[i].json[0] == '{' ? "%s" : "\"%s\"", rows[i].json);
		assert_string_equal(actual, buf_z(&plain));
	}
	peer_close(&p);
}

/* The answer to a build with the instruction as its last, from a folder /t. Another stage has made /t/from0. */
static struct answer build_copy(struct peer *p, const char *instruction)
{
	CLEANUP(buf_done) struct buf tar = BUF_INIT(ARCHIVE_MAX), inner = BUF_INIT(64 * 1024), dockerfile = BUF_INIT(4096);

	buf_addf(&dockerfile, "FROM " IMAGE " AS named\nWORKDIR /t\nRUN touch from0\nFROM " IMAGE "\nWORKDIR /t\n%s\n",
		 instruction);
	tar_file(&inner, "inside", "x");
	tar_end(&inner, 0);
	tar_file(&tar, "Dockerfile", buf_z(&dockerfile));
	tar_file(&tar, "f", "content of f\n");
	tar_file(&tar, "dir/g", "content of g\n");
	tar_add(&tar, "link", '2', 0777, "f", STR(""));
	tar_add(&tar, "program", '0', 0755, "", STR("#!/bin/sh\n"));
	if (strstr(instruction, "inner"))
		tar_add(&tar, "inner.tar", '0', 0644, "", buf_str(&inner));
	tar_end(&tar, 0);
	return build_context(p, buf_str(&tar), "localhost/copied:1", "");
}

/* What then lies in /t. */
static void test_build_copy(void **state)
{
	static const struct {
		const char *instruction, *found;
	} rows[] = {
		{ "COPY f /t/new", "./new" },
		{ "COPY f /t/", "./f" },
		{ "COPY f .", "./f" },
		{ "COPY dir /t/", "./g" },
		{ "COPY dir /t/sub", "./sub ./sub/g" },
		{ "COPY f dir /t/both/", "./both ./both/f ./both/g" },
		{ "COPY [\"f\", \"/t/a b\"]", "./a b" },
		{ "COPY *og* /t/", "./program" },
		{ "COPY link /t/l", "./l" },
		{ "COPY . /t/all/", "./all ./all/Dockerfile ./all/dir ./all/dir/g ./all/f ./all/link ./all/program" },
		{ "ADD inner.tar /t/out", "./out ./out/inside" },
		{ "COPY inner.tar /t/", "./inner.tar" },
		{ "RUN touch a b && rm a", "./b" },
		{ "COPY --from=0 /t/from0 ./got", "./got" },
		{ "COPY --from=named /t/from0 ./got", "./got" },
		{ "COPY --from=" IMAGE " /etc/group /t/", "./group" },
	};
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(answer_done) struct answer a = build_copy(&p, rows[i].instruction);
		CLEANUP(free_p) char *log = NULL;
		int exit_code;

		if (*a.reason)
			fail_msg("%s: %s", rows[i].instruction, a.reason);
		log = run(&p, "localhost/copied:1", "\"sh\",\"-c\",\"echo $(find . -mindepth 1 | sort)\"", &exit_code);
		if (strlen(log) != strlen(rows[i].found) + 1 || strncmp(log, rows[i].found, strlen(rows[i].found)) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", rows[i].instruction, log, rows[i].found);
	}
	peer_close(&p);
}

/* The hosts read .dockerignore again, 1.6.2 only when something is taken back in it. */
static void test_build_ignores(void **state)
{
	static const struct {
		const char *ignore, *instruction, *found, *in_1_6_2;
	} rows[] = {
		{ "f\n", "COPY . /t/", "./.dockerignore ./Dockerfile ./dir ./dir/g",
		  "./.dockerignore ./Dockerfile ./dir ./dir/g ./f" },
		{ "*\n!dir/g\n", "COPY . /t/", "./dir ./dir/g", "./dir ./dir/g" },
		{ "*\n", "COPY . /t/", "", "./.dockerignore ./Dockerfile ./dir ./dir/g ./f" },
		{ "f\n", "COPY f dir /t/", "./g", "./f ./g" },
		{ "f\n", "COPY [f]* /t/", "", "./f" },
		{ "g\n", "COPY dir /t/", "./g", "./g" },
		{ "dir\n", "COPY dir /t/", "", "./g" },
	};
	struct peer p;

	peer_open(&p, &the_host);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf tar = BUF_INIT(64 * 1024), dockerfile = BUF_INIT(4096), expected = BUF_INIT(4096);
		CLEANUP(answer_done) struct answer a = { 0 };
		CLEANUP(free_p) char *log = NULL;
		int exit_code;

		buf_addf(&dockerfile, FROM "WORKDIR /t\n%s\n", rows[i].instruction);
		tar_file(&tar, "Dockerfile", buf_z(&dockerfile));
		tar_file(&tar, ".dockerignore", rows[i].ignore);
		tar_file(&tar, "f", "content of f\n");
		tar_file(&tar, "dir/g", "content of g\n");
		tar_end(&tar, 0);
		a = build_context(&p, buf_str(&tar), "localhost/ignored:1", "");
		assert_string_equal(a.reason, "");
		log = run(&p, "localhost/ignored:1", "\"sh\",\"-c\",\"echo $(find . -mindepth 1 | sort)\"", &exit_code);
		buf_addf(&expected, "%s\n", is_version(state, "1.6.2") ? rows[i].in_1_6_2 : rows[i].found);
		if (strcmp(log, buf_z(&expected)) != 0)
			fail_msg("%s with \"%s\": \"%s\", not \"%s\"", rows[i].instruction, rows[i].ignore, log, buf_z(&expected));
	}
	peer_close(&p);
}

static void test_build_target(void **state)
{
	struct peer p;

	peer_open(&p, &the_host);
	{
		CLEANUP(answer_done)
		struct answer a = build(&p, FROM "ENV A=1\nFROM " IMAGE " AS mid\nENV A=2\nFROM " IMAGE "\nENV A=3\n",
					"localhost/stage:1", ",\"target\":\"mid\"");
		CLEANUP(free_p) char *env = config_member(&p, "localhost/stage:1", "Env");

		/* Before 1.9.3 nobody could ask for it. */
		assert_string_equal(env, is_version(state, "1.9.3") ? "[\"A=2\"]" : "[\"A=3\"]");
	}
	peer_close(&p);
}

static void test_build_without_layers(void **state)
{
	struct peer p;
	size_t before;

	(void)state;
	peer_open(&p, &the_host);
	before = count_images(&p);
	{
		CLEANUP(answer_done)
		struct answer a = build(&p, FROM "WORKDIR /w\nRUN touch a\nRUN touch b\n", "localhost/flat:1", ",\"squash\":true");
		size_t copies = 0;

		assert_string_equal(a.reason, "");
		for (size_t i = 0; i < a.logs.n; i++)
			copies += strcmp(a.logs.v[i], "Copying blob sha256:ID\n") == 0;
		assert_int_equal(copies, 2);
	}
	assert_int_equal(count_images(&p), before + 1);
	assert_runs(&p, "localhost/flat:1", "\"ls\"", "a\nb\n");
	peer_close(&p);
}

/* Nothing but what is copied: a program that needs no other file runs, and has its /dev and /proc. */
static void test_build_from_scratch(void **state)
{
	CLEANUP(answer_done) struct answer a = { 0 };
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	if (no_sandbox(&p)) {
		peer_close(&p);
		skip();
	}
	a = build(&p, "FROM scratch\nCOPY --from=" IMAGE " /bin/busybox /bin/\nCOPY f /f\n", "localhost/scratch:1", "");
	assert_string_equal(a.reason, "");
	assert_runs(&p, "localhost/scratch:1", "\"/bin/busybox\",\"sh\",\"-c\",\"cat /f; echo x >/dev/null; echo /*\"",
		    "content of f\n/bin /dev /f /proc\n");
	json_object_put(
		call(&p, "CreateContainer", "{\"create\":{\"name\":\"c1\",\"args\":[\"localhost/scratch:1\",\"/bin/busybox\"]}}"));
	json_object_put(call(&p, "StartContainer", "{\"name\":\"c1\"}"));
	json_object_put(call(&p, "WaitContainer", "{\"name\":\"c1\",\"interval\":1000000}"));
	reply = call(&p, "Diff", "{\"name\":\"c1\"}");
	assert_int_equal(js_len(js_get(js_get(reply, "parameters"), "diffs")), 0);
	peer_close(&p);
}

/* A client that goes away takes its RUN along: the host serves the next at once, and ends. */
static void test_build_abandoned(void **state)
{
	struct peer p, other;
	CLEANUP(buf_done) struct buf tar = BUF_INIT(64 * 1024), text = BUF_INIT(4096);
	CLEANUP(free_p) char *handle = NULL;
	struct json_object *o;

	(void)state;
	peer_open(&p, &the_host);
	tar_file(&tar, "Dockerfile", FROM "RUN sleep 300\n");
	tar_end(&tar, 0);
	handle = peer_upload(&p, buf_str(&tar));
	buf_addf(
		&text,
		"{\"method\":\"io.podman.BuildImage\",\"parameters\":{\"build\":{\"contextDir\":\"%s\",\"layers\":true}},\"more\":true}",
		handle);
	o = json_tokener_parse(buf_z(&text));
	peer_send(&p, o);
	json_object_put(o);
	/* STEP 1 and STEP 2. */
	json_object_put(peer_receive(&p));
	json_object_put(peer_receive(&p));
	peer_close(&p);
	peer_open(&other, &the_host);
	assert_int_equal(count_images(&other), 1);
	peer_close(&other);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(test_build),
		ON_ALL(test_build_failures),
		ON_ALL(test_build_without_a_name),
		ON_ALL(test_build_configuration),
		ON_ALL(test_build_copy),
		ON_ALL(test_build_ignores),
		ON_ALL(test_build_target),
		ON_ALL(test_build_without_layers),
		ON_ALL(test_build_from_scratch),
		ON_ALL(test_build_abandoned),
	};
	int failed;

	(void)argc;
	host_find(argv[0]);
	failed = cmocka_run_group_tests(tests, NULL, host_kill);
	free(host_program);
	return failed;
}
