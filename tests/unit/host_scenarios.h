/* host_scenarios.h: the recorded scenarios that the stand-in host is compared with, and what must be there before each. */
#ifndef HOST_SCENARIOS_H
#define HOST_SCENARIOS_H

#include "host_peer.h"

enum prepare {
	NOTHING,
	TAGGED,  /* a second name for the image */
	CREATED, /* c1 */
	RUNNING,
	RAN,     /* and has ended */
	REFUSED, /* the start has failed */
	RAN_TWO, /* the commands of the row: c1 echoes one, c2 echoes two */
	VOLUME,  /* v1 */
};

static const struct scenario {
	const char *name;
	enum prepare prepare;
	const char *command; /* elements of a JSON array */
	const char *more;    /* members of Create */
	/* Output with a terminal, or that depends on time, is only searched for these words, parted by blanks; "" does not look. NULL: it
	 * must be the recorded output. */
	const char *words;
	bool sandbox;       /* needs a container with its own root */
	size_t bytes;       /* of output, where the recorder kept only the beginnings of the reads */
	const char *not_in; /* a version whose recording is of something else */
} scenarios[] = {
	{ "version" },
	{ "info" },
	{ "images" },
	{ "images-json" },
	{ "images-filter" },
	{ "image-inspect" },
	{ "inspect-type-image-missing" },
	{ "inspect-missing" },
	{ "image-exists" },
	{ "image-exists-missing" },
	{ "history" },
	{ "tag" },
	{ "untag", TAGGED },
	{ "rmi", TAGGED },
	{ "rmi-missing" },
	{ "rmi-in-use", CREATED, "\"true\"" },
	{ "pull" },
	{ "pull-creds" },
	{ "pull-missing" },
	{ "create" },
	{ "create-name-in-use", CREATED, "\"true\"" },
	{ "create-image-missing" },
	{ "run-d" },
	{ "run-attached" },
	{ "run-rm" },
	{ "run-i-stdin" },
	{ "run-it", .words = "33 101 42" },
	{ "run-it-detach", .words = "" },
	{ "run-it-detach-keys", .words = "" },
	{ "run-stdin-none-it-exit" },
	{ "run-image-missing" },
	{ "run-cmd-missing" },
	{ "run-cmd-noexec" },
	{ "run-bad-volume" },
	{ "run-big-output", .words = "", .bytes = 300000 },
	{ "run-sigint" },
	{ "attach", RUNNING, "\"sh\",\"-c\",\"for i in 1 2 3 4 5 6; do sleep 0.1; echo l$i; done; sleep 9\"", .words = "l5 l6" },
	{ "attach-stopped", CREATED, "\"true\"" },
	{ "attach-missing" },
	{ "exec", RUNNING, "\"sleep\",\"300\"", .sandbox = true },
	{ "exec-i", RUNNING, "\"sleep\",\"300\"" },
	{ "exec-it", RUNNING, "\"sleep\",\"300\"", .words = "" },
	{ "exec-stopped", CREATED, "\"true\"" },
	{ "exec-missing" },
	{ "exec-cmd-missing", RUNNING, "\"sleep\",\"300\"" },
	{ "start", CREATED, "\"sleep\",\"30\"" },
	{ "start-a", CREATED, "\"sh\",\"-c\",\"echo s; exit 2\"" },
	{ "start-running", RUNNING, "\"sleep\",\"300\"" },
	{ "start-missing" },
	{ "stop", RUNNING, "\"sleep\",\"300\"" },
	{ "stop-missing" },
	{ "stop-stopped", RAN, "\"true\"" },
	{ "restart", RUNNING, "\"sleep\",\"300\"" },
	{ "kill", RUNNING, "\"sleep\",\"300\"" },
	{ "kill-stopped", RAN, "\"true\"" },
	{ "pause-unpause", RUNNING, "\"sleep\",\"300\"" },
	{ "pause-stopped", RAN, "\"true\"" },
	{ "init", CREATED, "\"true\"" },
	{ "wait", RUNNING, "\"sh\",\"-c\",\"sleep 0.3; exit 5\"" },
	{ "rm", RAN, "\"true\"" },
	{ "rm-running", RUNNING, "\"sleep\",\"300\"" },
	{ "rm-force", RUNNING, "\"sleep\",\"300\"" },
	{ "rm-missing" },
	{ "rm-force-missing" },
	{ "container-exists", RUNNING, "\"sleep\",\"300\"" },
	{ "container-exists-missing" },
	{ "ps", RUNNING, "\"sleep\",\"300\"" },
	{ "ps-a-filter", RUNNING, "\"sleep\",\"300\"" },
	{ "ps-size-ns", RUNNING, "\"sleep\",\"300\"" },
	{ "container-inspect", RUNNING, "\"sleep\",\"300\"" },
	{ "inspect-size", RUNNING, "\"sleep\",\"300\"" },
	{ "top", RUNNING, "\"sleep\",\"300\"" },
	{ "top-desc", RUNNING, "\"sleep\",\"300\"" },
	{ "top-missing" },
	{ "logs", RAN, "\"sh\",\"-c\",\"printf 'a\\\\nnonl'; sleep 0.2; echo b >&2\"" },
	{ "logs-tail", RAN, "\"sh\",\"-c\",\"echo a; echo b; echo c\"" },
	{ "logs-two", RAN_TWO },
	{ "logs-follow", RUNNING, "\"sh\",\"-c\",\"for i in 1 2 3 4; do echo l$i; sleep 0.1; done\"" },
	{ "logs-missing" },
	{ "diff", RAN, "\"sh\",\"-c\",\">/new; rm /etc/passwd\"", .sandbox = true, .not_in = "1.8.0" },
	{ "port", REFUSED, "\"/nope\"", ",\"publish\":[\"18080:80\"]" },
	{ "container-prune", RAN, "\"true\"" },
	{ "healthcheck-run", RUNNING, "\"sleep\",\"30\"", ",\"healthcheckCommand\":\"exit 1\"" },
	{ "events" },
	{ "volume-create" },
	{ "volume-create-dup", VOLUME },
	{ "volume-ls", VOLUME },
	{ "volume-inspect", VOLUME },
	{ "volume-inspect-missing" },
	{ "volume-rm", VOLUME },
	{ "volume-rm-missing" },
	{ "volume-prune", VOLUME },
	{ "build" },
	{ "build-copy-only" },
	{ "build-fail" },
	{ "build-no-tag" },
	{ "build-file-elsewhere" },
	{ "commit", RAN, "\"sh\",\"-c\",\":\"" },
	{ "export", CREATED, "\"true\"" },
	{ "push", TAGGED },
	{ "push-denied", TAGGED },
	{ "save-docker-archive" },
	{ "save-docker-dir" },
	{ "save-oci-archive" },
	{ "save-oci-dir" },
};

static inline void make_container(struct peer *p, const char *name, const char *command, const char *more)
{
	CLEANUP(buf_done) struct buf call = BUF_INIT(64 * 1024);
	CLEANUP(js_put_p) struct json_object *reply = NULL;

	buf_addf(&call,
		 "{\"method\":\"io.podman.CreateContainer\",\"parameters\":{\"create\":{\"args\":[\"" IMAGE
		 "\",%s],\"name\":\"%s\"%s,"
		 "\"ulimit\":[\"nofile=1024:1024\",\"nproc=1024:1024\"]}}}",
		 command, name, more ? more : "");
	reply = peer_call(p, buf_z(&call));
	if (js_get(reply, "error"))
		fail_msg("create: %s", js_wire(reply));
}

static inline void start_container(struct peer *p, const char *name, enum prepare prepare)
{
	CLEANUP(buf_done) struct buf call = BUF_INIT(1024);
	struct json_object *reply;

	buf_addf(&call, "{\"method\":\"io.podman.StartContainer\",\"parameters\":{\"name\":\"%s\"}}", name);
	reply = peer_call(p, buf_z(&call));
	if ((js_get(reply, "error") != NULL) != (prepare == REFUSED))
		fail_msg("start: %s", js_wire(reply));
	json_object_put(reply);
	if (prepare != RAN)
		return;
	buf_clear(&call);
	buf_addf(&call, "{\"method\":\"io.podman.WaitContainer\",\"parameters\":{\"name\":\"%s\",\"interval\":1000000}}", name);
	json_object_put(peer_call(p, buf_z(&call)));
}

static inline void prepare(const struct scenario *s, const struct host *h)
{
	struct peer p;

	peer_open(&p, h);
	if (s->prepare == TAGGED)
		json_object_put(peer_call(&p, "{\"method\":\"io.podman.TagImage\",\"parameters\":{\"name\":\"" IMAGE
					      "\",\"tagged\":\"localhost/bb2:v1\"}}"));
	if (s->prepare == VOLUME)
		json_object_put(peer_call(
			&p, "{\"method\":\"io.podman.VolumeCreate\",\"parameters\":{\"options\":{\"volumeName\":\"v1\"}}}"));
	if (s->command)
		make_container(&p, "c1", s->command, s->more);
	if (s->prepare == RUNNING || s->prepare == RAN || s->prepare == REFUSED)
		start_container(&p, "c1", s->prepare);
	if (s->prepare == RAN_TWO) {
		make_container(&p, "c1", "\"echo\",\"one\"", NULL);
		start_container(&p, "c1", RAN);
		make_container(&p, "c2", "\"echo\",\"two\"", NULL);
		start_container(&p, "c2", RAN);
	}
	peer_close(&p);
}

/* As the host was at its start. */
static inline void clean_up(const struct host *h)
{
	static const char *const images[] = { "localhost/bb2:v1", "localhost:5077/bb2:v1", "localhost/built:1", "localhost/built:2",
					      "localhost/com:1" };
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *containers;
	struct peer p;

	peer_open(&p, h);
	reply = peer_call(&p, "{\"method\":\"io.podman.Ps\",\"parameters\":{\"opts\":{\"all\":true,\"noTrunc\":true}}}");
	containers = js_get(js_get(reply, "parameters"), "containers");
	for (size_t i = 0; i < js_len(containers); i++) {
		CLEANUP(buf_done) struct buf call = BUF_INIT(1024);

		buf_addf(&call, "{\"method\":\"io.podman.RemoveContainer\",\"parameters\":{\"name\":\"%s\",\"force\":true}}",
			 js_get_str(js_at(containers, i), "id", ""));
		json_object_put(peer_call(&p, buf_z(&call)));
	}
	json_object_put(peer_call(&p, "{\"method\":\"io.podman.VolumeRemove\",\"parameters\":{\"options\":{\"all\":true}}}"));
	for (size_t i = 0; i < ARRAY_LEN(images); i++) {
		CLEANUP(buf_done) struct buf call = BUF_INIT(1024);

		buf_addf(&call, "{\"method\":\"io.podman.RemoveImage\",\"parameters\":{\"name\":\"%s\"}}", images[i]);
		json_object_put(peer_call(&p, buf_z(&call)));
	}
	json_object_put(peer_call(&p, "{\"method\":\"io.podman.ImagesPrune\",\"parameters\":{\"all\":false}}"));
	peer_close(&p);
}

#endif
