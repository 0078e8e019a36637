/* The stand-in host against recorded exchanges with the real ones: what podman-remote sent is sent again, and every answer must have
 * the shape and the words of the recorded one. tests/data/recordings/VERSION/SCENARIO.jsonl has one line for each thing that went over
 * the wire: {"dir":"c2s"|"s2c","conn":N} and "json" (a message), "raw_b64" with "len" (bytes of an upgraded connection) or "ev". */
#include "host_scenarios.h"

#include "base/strv.h"

enum { QUIET_MS = 150, MAX_CONNECTIONS = 8 };

/* One scenario that is played. */
struct play {
	const struct scenario *scenario;
	const char *version;
	struct host *host;
	struct peer peers[MAX_CONNECTIONS];
	struct strv recorded_ids, ids; /* the same places: what stands for what; names of files too */
	size_t line;
	bool failed;
};

/* The scenario has failed and is not played on; the others are. */
static void PRINTF_LIKE(2, 3) play_fail(struct play *p, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(8 * 1024 * 1024);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	print_error("%s %s line %zu: %s\n", p->version, p->scenario->name, p->line, buf_z(&text));
	p->failed = true;
}

/* ---- comparing --------------------------------------------------------------------------------------------------------------- */

static bool is_id_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static size_t hex_length(const char *p)
{
	size_t n = 0;

	while (is_id_char(p[n]))
		n++;
	return n;
}

/* The name of a file or folder that the host makes up. */
static bool is_temporary(const char *p)
{
	return strncmp(p, "varlink_", 8) == 0 || strncmp(p, "buildTarball", 12) == 0;
}

/* The recorded text without what differs from run to run: IDs, times, and the folders of the two hosts. */
static char *normalized(const char *text, const struct host *h)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(MESSAGE_MAX);
	char own[256];

	snprintf(own, sizeof own, "%s", h->dir);
	for (const char *p = text; *p;) {
		size_t hex = hex_length(p);
		struct instant t;

		if (hex == 64 || hex == 12 || (hex == 11 && out.n && out.p[out.n - 1] == ' ')) {
			buf_add_z(&out, "ID");
			p += hex;
		} else if (strncmp(p, own, strlen(own)) == 0) {
			buf_add_z(&out, "/srv");
			p += strlen(own);
		} else if (strlen(p) >= 20 && p[10] == 'T' && instant_parse_rfc3339((struct str){ p, strcspn(p, "Z") + 1 }, &t)) {
			buf_add_z(&out, "TIME");
			p += strcspn(p, "Z") + 1;
		} else if (strncmp(p, "/srv/tmp", 8) == 0) {
			buf_add_z(&out, "/srv");
			p += 8;
		} else if (is_temporary(p)) {
			buf_add_z(&out, "TEMPORARY");
			p += strcspn(p, "/ \":");
		} else {
			buf_add_bytes(&out, p, hex ? hex : 1);
			p += hex ? hex : 1;
		}
	}
	return buf_take(&out);
}

/* Members whose text says something about the machine or the moment. */
static bool is_free(const char *key)
{
	static const char *const keys[] = {
		"go_version",   "git_commit",    "built",       "os_arch",      "uptime",        "hostname",   "kernel",
		"distribution", "version",       "graph_root",  "run_root",     "arch",          "created",    "status",
		"pidNum",       "cgroup",        "ipc",         "mnt",          "net",           "pidNs",      "user",
		"uts",          "pid",           "pidns",       "runningfor",   "createdat",     "Created",    "history",
		"top",          "createdBy",     "comment",     "nsPid",        "created_by",    "Comment",    "Hostname",
		"names",        "Gateway",       "IPAddress",   "MacAddress",   "SandboxKey",    "mountPoint", "repoDigests",
		"prunedNames",  "CreateCommand", "ExitCommand", "BoundingCaps", "EffectiveCaps", "config",     "sandbox",
		"mac",          "address",       "name",
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

/* An ID is what a whole text is, or the name of a container's folder in a path. */
static const char *find_id(const char *text)
{
	static const char folder[] = "/overlay-containers/";
	const char *p = strstr(text, folder);

	p = p ? p + strlen(folder) : text;
	return hex_length(p) == 64 ? p : NULL;
}

static void learn_id(struct play *p, const char *recorded, const char *actual)
{
	const char *r = find_id(recorded), *a = find_id(actual);
	CLEANUP(free_p) char *id = NULL;

	if (strncmp(recorded, "/srv/tmp/", 9) == 0) {
		strv_add(&p->recorded_ids, recorded);
		strv_add(&p->ids, actual);
		return;
	}
	if (!r || !a)
		return;
	id = str_dup((struct str){ r, 64 });
	if (strv_has(&p->recorded_ids, id))
		return;
	strv_add(&p->recorded_ids, id);
	strv_add_str(&p->ids, (struct str){ a, 64 });
}

/* Of a text that the recorder cut off only the keys can be looked for. */
static void compare_cut_text(struct play *p, const char *recorded, const char *actual)
{
	for (const char *q = recorded; (q = strchr(q, '"')); q++) {
		const char *end = strchr(q + 1, '"');
		CLEANUP(free_p) char *key = NULL;

		if (!end)
			return;
		if (end[1] == ':' && (q[-1] == '{' || q[-1] == ',')) {
			key = str_dup((struct str){ q, (size_t)(end - q + 2) });
			/* Folders and label names are keys too. */
			if (key[1] != '/' && !strstr(actual, key))
				play_fail(p, "no %s in %s", key, actual);
		}
		q = end;
	}
}

static void compare(struct play *p, const char *key, struct json_object *recorded, struct json_object *actual);

/* Lines from a buffer that is written again while it is read. */
static bool is_garbled(const struct play *p, const char *key)
{
	return strcmp(key, "logs") == 0 && (strncmp(p->scenario->name, "pull", 4) == 0 || strcmp(p->scenario->name, "commit") == 0);
}

static void compare_string(struct play *p, const char *key, struct json_object *recorded, struct json_object *actual)
{
	const char *r = json_object_get_string(recorded), *a = json_object_get_string(actual);
	CLEANUP(free_p) char *rn = normalized(r, p->host);
	CLEANUP(free_p) char *an = normalized(a, p->host);

	learn_id(p, r, a);
	if (*r == '{' && strstr(r, "...[truncated ")) {
		compare_cut_text(p, r, a);
	} else if (*r == '{') {
		CLEANUP(js_put_p) struct json_object *ro = json_tokener_parse(r);
		CLEANUP(js_put_p) struct json_object *ao = json_tokener_parse(a);

		compare(p, key, ro, ao);
	} else if (!(is_free(key) || is_garbled(p, key)) && strncmp(rn, "/srv", 4) != 0 && strcmp(rn, an) != 0) {
		play_fail(p, "%s is \"%s\", recorded \"%s\"", key, a, r);
	}
}

static void compare_object(struct play *p, const char *key, struct json_object *recorded, struct json_object *actual)
{
	bool same_size = json_object_object_length(recorded) == json_object_object_length(actual);

	/* An empty map is one that nothing was put in. */
	if (!json_object_object_length(recorded))
		return;
	json_object_object_foreach(recorded, k, v)
	{
		struct json_object *other;

		if (json_object_object_get_ex(actual, k, &other))
			compare(p, k, v, other);
		else
			play_fail(p, "%s has no %s: %s", key, k, js_wire(actual));
	}
	if (!same_size)
		play_fail(p, "%s has other members: %s, recorded %s", key, js_wire(actual), js_wire(recorded));
}

/* Numbers that are answers, and not sizes or process numbers. */
static bool is_telling_number(const char *key)
{
	static const char *const keys[] = { "exitcode", "exists", "state", "exitCode", "containers", "hostPort", "containerPort" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

static void compare(struct play *p, const char *key, struct json_object *recorded, struct json_object *actual)
{
	enum json_type type = json_object_get_type(recorded);

	/* Search registries are the host's configuration. */
	if (strcmp(key, "search") == 0 || strcmp(key, "registries") == 0)
		return;
	if (type != json_object_get_type(actual))
		play_fail(p, "%s is %s, recorded %s", key, actual ? js_wire(actual) : "null",
			  recorded ? js_wire(recorded) : "null");
	if (type == json_type_object)
		compare_object(p, key, recorded, actual);
	else if (type == json_type_string)
		compare_string(p, key, recorded, actual);
	else if (type == json_type_boolean && json_object_get_boolean(recorded) != json_object_get_boolean(actual))
		play_fail(p, "%s is %s", key, js_wire(actual));
	else if (type == json_type_int && is_telling_number(key) &&
		 json_object_get_int64(recorded) != json_object_get_int64(actual))
		play_fail(p, "%s is %s, recorded %s", key, js_wire(actual), js_wire(recorded));
	else if (type == json_type_array && js_len(recorded) && js_len(actual))
		compare(p, strcmp(key, "Env") == 0 ? "history" : key, js_at(recorded, 0), js_at(actual, 0));
}

/* ---- playing ----------------------------------------------------------------------------------------------------------------- */

/* The message with the IDs of this run. */
static struct json_object *translated(const struct play *p, struct json_object *message)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(MESSAGE_MAX);
	const char *q = js_wire(message);
	struct json_object *o;

	while (*q) {
		size_t known = 0;

		while (known < p->ids.n && strncmp(q, p->recorded_ids.v[known], strlen(p->recorded_ids.v[known])) != 0)
			known++;
		if (known < p->ids.n) {
			buf_add_z(&out, p->ids.v[known]);
			q += strlen(p->recorded_ids.v[known]);
		} else {
			buf_add_char(&out, *q++);
		}
	}
	o = json_tokener_parse(buf_z(&out));
	assert_non_null(o);
	return o;
}

static int base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *d = c ? strchr(digits, c) : NULL;

	return d ? (int)(d - digits) : -1;
}

static void base64_decode(const char *text, struct buf *out)
{
	unsigned bits = 0, n = 0;

	for (; base64_digit(*text) >= 0; text++) {
		bits = bits << 6 | (unsigned)base64_digit(*text);
		n += 6;
		if (n >= 8) {
			n -= 8;
			buf_add_char(out, (char)(bits >> n & 0xff));
		}
	}
}

/* "/srv/tmp/varlink_send123:", which says that a file has arrived: the host's own is as long as its path. */
static bool play_arrival(struct play *p, struct peer *peer, struct str recorded)
{
	uint64_t deadline_ms = clock_after_ms(ANSWER_MS);
	struct str actual;

	if (!str_starts(recorded, STR("/srv/tmp/varlink_send")))
		return false;
	while (!str_cut(buf_str(&peer->in), ':', &actual, NULL))
		if (!peer_read(peer, deadline_ms)) {
			play_fail(p, "no word that the file has arrived");
			return true;
		}
	if (!p->ids.n || !str_eq_z(actual, p->ids.v[p->ids.n - 1]))
		play_fail(p, "\"%.*s\" has arrived", STR_ARG(actual));
	buf_consume(&peer->in, actual.n + 1);
	return true;
}

/* What was recorded as raw bytes from the host since the last message, as a peer would have got it. */
static void recorded_raw(struct play *p, struct json_object *line, struct peer *peer, struct peer *recorded)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT(MESSAGE_MAX);

	if (js_get(line, "truncated"))
		return;
	base64_decode(js_get_str(line, "raw_b64", ""), &bytes);
	if (!play_arrival(p, peer, buf_str(&bytes)))
		buf_add(&recorded->in, buf_str(&bytes));
}

static void compare_words(struct play *p, struct peer *peer)
{
	uint64_t deadline_ms = clock_after_ms(ANSWER_MS);
	struct str rest = str_from(p->scenario->words), word;

	while (rest.n) {
		if (!str_cut(rest, ' ', &word, &rest))
			rest.n = 0;
		while (!memmem(buf_z(&peer->output), peer->output.n, word.p, word.n)) {
			if (peer->quit >= 0 || !peer_read(peer, deadline_ms)) {
				play_fail(p, "no \"%.*s\" in \"%s\"", STR_ARG(word), buf_z(&peer->output));
				return;
			}
			peer_take_frames(peer);
		}
	}
	if (p->scenario->bytes && peer->output.n != p->scenario->bytes)
		play_fail(p, "%zu bytes of output", peer->output.n);
}

/* False: it does not come. */
static bool await_output(struct play *p, struct peer *peer, struct peer *recorded)
{
	uint64_t deadline_ms = clock_after_ms(ANSWER_MS);

	peer_take_frames(recorded);
	peer_take_frames(peer);
	while (recorded->quit >= 0 ? peer->quit < 0 : peer->output.n < recorded->output.n) {
		if (!peer_read(peer, deadline_ms)) {
			play_fail(p, "output \"%s\" and no more, recorded \"%s\"", buf_z(&peer->output), buf_z(&recorded->output));
			return false;
		}
		peer_take_frames(peer);
	}
	return true;
}

static void compare_output(struct play *p, struct peer *peer, struct peer *recorded)
{
	if (!await_output(p, peer, recorded))
		return;
	if (peer->quit != recorded->quit)
		play_fail(p, "quit %d, recorded %d", peer->quit, recorded->quit);
	if (p->scenario->words)
		compare_words(p, peer);
	else if (!str_eq(buf_str(&peer->output), buf_str(&recorded->output)))
		play_fail(p, "output \"%s\", recorded \"%s\"", buf_z(&peer->output), buf_z(&recorded->output));
}

/* Typed input was sent when the prompt was there: wait until the host has been quiet for a moment. */
static void wait_for_quiet(struct peer *peer)
{
	while (peer_read(peer, clock_after_ms(QUIET_MS)))
		;
	peer_take_frames(peer);
}

/* What the recorder cut off the end of a build context are the zeros there. */
static void send_raw(const struct play *p, struct peer *peer, struct json_object *line)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT(MESSAGE_MAX);

	base64_decode(js_get_str(line, "raw_b64", ""), &bytes);
	for (int64_t i = js_get_int(line, "truncated", 0); i > 0 && strncmp(p->scenario->name, "build", 5) == 0; i--)
		buf_add_char(&bytes, '\0');
	fd_write_all(peer->fd, bytes.p, bytes.n, clock_after_ms(ANSWER_MS), NULL);
}

/* One of the replies without a line that the hosts send as fast as they can. */
static bool is_empty_reply(struct json_object *reply)
{
	struct json_object *response = js_get_any(js_get(reply, "parameters"), "reply", "image", NULL);

	return response && js_get_bool(reply, "continues", false) && !js_len(js_get(response, "logs"));
}

static void play_message(struct play *p, struct peer *peer, struct json_object *recorded)
{
	CLEANUP(js_put_p) struct json_object *actual = peer_receive(peer);

	while (is_empty_reply(actual) && !is_empty_reply(recorded)) {
		json_object_put(actual);
		actual = peer_receive(peer);
	}
	if (actual)
		compare(p, "reply", recorded, actual);
	else
		play_fail(p, "no answer, recorded %s", js_wire(recorded));
}

static void play_line(struct play *p, struct json_object *line, struct peer *recorded)
{
	int64_t conn = js_get_int(line, "conn", 0);
	bool to_host = strcmp(js_get_str(line, "dir", ""), "c2s") == 0;
	const char *event = js_get_str(line, "ev", "");
	struct peer *peer = &p->peers[conn];

	if (conn < 1 || conn >= MAX_CONNECTIONS)
		return;
	if (strcmp(event, "open") == 0) {
		peer_open(peer, p->host);
	} else if (strcmp(event, "close") == 0 && to_host && peer->fd >= 0) {
		/* The host answers even this in an attach: the recorder went on listening. */
		if (!recorded->in.n || await_output(p, peer, recorded)) {
			if (p->scenario->words)
				compare_words(p, peer);
			shutdown(peer->fd, SHUT_WR);
		}
	} else if (js_get(line, "raw_b64") && to_host) {
		if (p->scenario->words)
			wait_for_quiet(peer);
		send_raw(p, peer, line);
	} else if (js_get(line, "raw_b64")) {
		recorded_raw(p, line, peer, recorded);
	} else if (js_get(line, "json") && to_host) {
		CLEANUP(js_put_p) struct json_object *message = translated(p, js_get(line, "json"));

		peer_send(peer, message);
	} else if (js_get(line, "json")) {
		play_message(p, peer, js_get(line, "json"));
	}
}

/* "previous line repeated 2 more times" */
static void play_again(struct play *p, struct json_object *marker, struct json_object *line, struct peer *recorded)
{
	static const char words[] = "previous line repeated ";
	const char *text = json_object_get_string(marker);
	long times = strncmp(text, words, strlen(words)) == 0 ? strtol(text + strlen(words), NULL, 10) : 0;

	/* How many of these there are depends on the host's speed. */
	if (is_empty_reply(js_get(line, "json")))
		return;
	while (times-- > 0 && !p->failed)
		play_line(p, line, recorded);
}

static void play_recording(struct play *p, struct str text)
{
	struct peer recorded = { .in = BUF_INIT(MESSAGE_MAX), .output = BUF_INIT(MESSAGE_MAX), .quit = -1 };
	CLEANUP(js_put_p) struct json_object *previous = NULL;
	struct str one;

	while (!p->failed && str_cut(text, '\n', &one, &text)) {
		CLEANUP(js_put_p) struct json_object *line = NULL;

		p->line++;
		assert_int_equal(js_parse(one, "recording", &line, NULL), 0);
		if (js_get(line, "marker"))
			play_again(p, js_get(line, "marker"), previous, &recorded);
		else
			play_line(p, line, &recorded);
		json_object_put(previous);
		previous = ptr_take(&line);
	}
	if ((recorded.in.n || recorded.output.n) && !p->failed)
		compare_output(p, &p->peers[1], &recorded);
	buf_done(&recorded.in);
	buf_done(&recorded.output);
}

/* 1 played and good, 0 not recorded for this version, -1 failed. */
static int play_scenario(const struct scenario *s, const char *version, struct host *h)
{
	struct play p = { .scenario = s, .version = version, .host = h };
	CLEANUP(buf_done) struct buf text = BUF_INIT(MESSAGE_MAX);
	char path[512];

	snprintf(path, sizeof path, TEST_DATA "/recordings/%s/%s.jsonl", version, s->name);
	if (path_read(path, &text, NULL) < 0)
		return 0;
	for (size_t i = 0; i < MAX_CONNECTIONS; i++)
		p.peers[i].fd = -1;
	prepare(s, h);
	play_recording(&p, buf_str(&text));
	for (size_t i = 0; i < MAX_CONNECTIONS; i++)
		peer_close(&p.peers[i]);
	strv_done(&p.recorded_ids);
	strv_done(&p.ids);
	clean_up(h);
	return p.failed ? -1 : 1;
}

/* Without a chroot a container's "rm /etc/passwd" is about the machine's. */
static bool has_sandbox(const struct host *h)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct peer p;

	peer_open(&p, h);
	make_container(&p, "probe", "\"sh\",\"-c\",\"test -e /etc/passwd && test ! -e /usr\"", NULL);
	start_container(&p, "probe", RAN);
	reply = peer_call(&p, "{\"method\":\"io.podman.WaitContainer\",\"parameters\":{\"name\":\"probe\",\"interval\":1000000}}");
	peer_close(&p);
	clean_up(h);
	return js_get_int(js_get(reply, "parameters"), "exitcode", 1) == 0;
}

static void play_version(const char *version)
{
	const char *only = getenv("SCENARIO");
	struct host h = { 0 };
	size_t played = 0, failed = 0;
	bool sandbox;

	host_start(&h, version, NULL);
	sandbox = has_sandbox(&h);
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
		int r;

		if (only ? strcmp(only, scenarios[i].name) != 0 : scenarios[i].not_in && strcmp(scenarios[i].not_in, version) == 0)
			continue;
		if (scenarios[i].sandbox && !sandbox) {
			print_message("%s %s left out: no chroot here\n", version, scenarios[i].name);
			continue;
		}
		r = play_scenario(&scenarios[i], version, &h);
		played += r != 0;
		failed += r < 0;
	}
	host_stop(&h);
	print_message("%s: %zu of %zu scenarios played\n", version, played, ARRAY_LEN(scenarios));
	assert_int_equal(failed, 0);
	if (!only)
		assert_true(played > 80);
}

static void test_version(void **state)
{
	play_version(*state);
}

/* Much of the time is waiting, which the versions can do side by side. */
static pid_t run_version(char *version)
{
	const struct CMUnitTest test = { version, test_version, NULL, host_kill, version };
	pid_t pid = fork();

	if (pid == 0)
		_exit(_cmocka_run_group_tests(version, &test, 1, NULL, NULL));
	return pid;
}

int main(int argc, char **argv)
{
	static char versions[][6] = { "1.6.2", "1.8.0", "1.9.3" };
	pid_t pids[ARRAY_LEN(versions)];
	int failed = 0;

	(void)argc;
	host_find(argv[0]);
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		pids[i] = run_version(versions[i]);
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		int status = 1;

		failed |= waitpid(pids[i], &status, 0) < 0 || status != 0;
	}
	free(host_program);
	return failed;
}
