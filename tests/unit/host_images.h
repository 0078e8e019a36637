/* host_images.h: the words of a client of images, as tests of the stand-in host say them, and a test for each version. */
#ifndef HOST_IMAGES_H
#define HOST_IMAGES_H

#include "host_files.h"

static struct host the_host;

static char host_versions[][6] = { "1.6.2", "1.8.0", "1.9.3" };

static inline int start(void **state)
{
	host_start(&the_host, *state, NULL);
	return 0;
}

static inline int stop(void **state)
{
	(void)state;
	if (host_pid)
		host_stop(&the_host);
	return 0;
}

static inline bool is_version(void *const *state, const char *version)
{
	return strcmp(*state, version) == 0;
}

/* ---- words of the client ------------------------------------------------------------------------------------------------------ */

static inline struct json_object *call(struct peer *p, const char *method, const char *parameters)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);

	buf_addf(&text, "{\"method\":\"io.podman.%s\",\"parameters\":%s}", method, parameters);
	return peer_call(p, buf_z(&text));
}

/* What a stream of MoreResponse came to. */
struct answer {
	struct strv logs;
	size_t empty;
	char *id, *reason;
};

static inline void answer_done(struct answer *a)
{
	strv_done(&a->logs);
	free(a->id);
	free(a->reason);
}

/* The text with "ID" for whole IDs and the beginnings that 1.9.3 shows. */
static inline void add_plain(struct strv *logs, const char *line)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(64 * 1024);

	while (*line) {
		size_t hex = strspn(line, "0123456789abcdef");

		if (hex == 64 || hex == 11)
			buf_add_z(&out, "ID");
		else
			buf_add_bytes(&out, line, hex ? hex : 1);
		line += hex ? hex : 1;
	}
	strv_add_str(logs, buf_str(&out));
}

static inline bool take_reply(struct answer *a, struct json_object *reply)
{
	struct json_object *response = js_get_any(js_get(reply, "parameters"), "reply", "image", NULL),
			   *logs = js_get(response, "logs");

	for (size_t i = 0; i < js_len(logs); i++)
		add_plain(&a->logs, js_text(js_at(logs, i)).p);
	a->empty += !js_len(logs);
	if (js_get_bool(reply, "continues", false))
		return true;
	a->id = z_dup(js_get_str(response, "id", ""));
	a->reason = z_dup(js_get_str(js_get(reply, "parameters"), "reason", ""));
	return false;
}

static inline struct answer call_more(struct peer *p, const char *method, const char *parameters)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);
	struct json_object *reply;
	struct answer a = { 0 };
	bool more;

	buf_addf(&text, "{\"method\":\"io.podman.%s\",\"parameters\":%s,\"more\":true}", method, parameters);
	reply = peer_call(p, buf_z(&text));
	while ((more = take_reply(&a, reply))) {
		json_object_put(reply);
		reply = peer_receive(p);
		assert_non_null(reply);
	}
	json_object_put(reply);
	return a;
}

static inline void assert_logs(const struct answer *a, const char *expected)
{
	CLEANUP(buf_done) struct buf all = BUF_INIT(64 * 1024);

	for (size_t i = 0; i < a->logs.n; i++)
		buf_add_z(&all, a->logs.v[i]);
	if (strcmp(buf_z(&all), expected) != 0)
		fail_msg("logs\n%s%s\nand not\n%s", buf_z(&all), a->reason, expected);
}

/* more: further members of BuildInfo. */
static inline struct answer build_context(struct peer *p, struct str tar, const char *output, const char *more)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);
	CLEANUP(free_p) char *handle = peer_upload(p, tar);

	buf_addf(&text,
		 "{\"build\":{\"contextDir\":\"%s\",\"dockerfiles\":[\"/home/u/ctx/Dockerfile\"],\"output\":\"%s\",\"layers\":true,"
		 "\"outputFormat\":\"application/vnd.oci.image.manifest.v1+json\",\"pullPolicy\":\"PullIfMissing\"%s}}",
		 handle, output, more);
	return call_more(p, "BuildImage", buf_z(&text));
}

/* With f, dir/g, a link to f and a program in the context. */
static inline struct answer build(struct peer *p, const char *dockerfile, const char *output, const char *more)
{
	CLEANUP(buf_done) struct buf tar = BUF_INIT(ARCHIVE_MAX);

	tar_file(&tar, "Dockerfile", dockerfile);
	tar_file(&tar, "f", "content of f\n");
	tar_add(&tar, "dir/", '5', 0755, "", STR(""));
	tar_file(&tar, "dir/g", "content of g\n");
	tar_add(&tar, "link", '2', 0777, "f", STR(""));
	tar_add(&tar, "program", '0', 0755, "", STR("#!/bin/sh\necho runs\n"));
	tar_end(&tar, 0);
	return build_context(p, buf_str(&tar), output, more);
}

/* The log of a container of the image; its exit code in *ret_exit, -1: it was not made. */
static inline char *run(struct peer *p, const char *image, const char *command, int *ret_exit)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024), log = BUF_INIT(64 * 1024);
	struct json_object *reply, *lines;
	static const char *const methods[] = { "StartContainer", "WaitContainer" };

	*ret_exit = -1;
	buf_addf(&text, "{\"create\":{\"name\":\"one\",\"args\":[\"%s\"%s%s]}}", image, *command ? "," : "", command);
	reply = call(p, "CreateContainer", buf_z(&text));
	if (js_get(reply, "error"))
		buf_add_z(&log, js_wire(reply));
	json_object_put(reply);
	if (log.n)
		return buf_take(&log);
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		reply = call(p, methods[i], "{\"name\":\"one\",\"interval\":1000000}");
		*ret_exit = (int)js_get_int(js_get(reply, "parameters"), "exitcode", -1);
		json_object_put(reply);
	}
	reply = call(p, "GetContainerLogs", "{\"name\":\"one\"}");
	lines = js_get(js_get(reply, "parameters"), "container");
	for (size_t i = 0; i < js_len(lines); i++) {
		const char *line = strstr(js_text(js_at(lines, i)).p, " F ");

		buf_add_z(&log, line ? line + 3 : "");
	}
	json_object_put(reply);
	json_object_put(call(p, "RemoveContainer", "{\"name\":\"one\",\"force\":true}"));
	return buf_take(&log);
}

static inline void assert_runs(struct peer *p, const char *image, const char *command, const char *output)
{
	int exit_code;
	CLEANUP(free_p) char *log = run(p, image, command, &exit_code);

	assert_string_equal(log, output);
	assert_int_equal(exit_code, 0);
}

/* A member of an image's Config, as JSON; owned by the caller. */
static inline char *config_member(struct peer *p, const char *image, const char *key)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(1024);
	CLEANUP(js_put_p) struct json_object *reply = NULL, *inspect = NULL;
	const char *json;

	buf_addf(&text, "{\"name\":\"%s\"}", image);
	reply = call(p, "InspectImage", buf_z(&text));
	json = js_get_str(js_get(reply, "parameters"), "image", "{}");
	assert_int_equal(js_parse(str_from(json), "inspect", &inspect, NULL), 0);
	return z_dup(js_get(js_get(inspect, "Config"), key) ? js_wire(js_get(js_get(inspect, "Config"), key)) : "");
}

static inline size_t count_images(struct peer *p)
{
	CLEANUP(js_put_p) struct json_object *reply = call(p, "ListImages", "{}");

	return js_len(js_get(js_get(reply, "parameters"), "images"));
}

/* A container's own root is where its files are; an ordinary user of some machines can't have one. */
static inline bool no_sandbox(struct peer *p)
{
	int exit_code;
	CLEANUP(free_p) char *log = run(p, IMAGE, "\"sh\",\"-c\",\"test -e /etc/passwd && test ! -e /usr\"", &exit_code);

	return exit_code != 0;
}

#define FROM "FROM " IMAGE "\n"

#define EACH(test, version, initial)                                                                                               \
	{                                                                                                                          \
#test " " version, test, start, stop, initial                                                                      \
	}
#define ON_ALL(test)                                                                                                               \
	EACH(test, "1.6.2", host_versions[0]), EACH(test, "1.8.0", host_versions[1]), EACH(test, "1.9.3", host_versions[2])

#endif
