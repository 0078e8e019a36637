#include "cmd/podman/ps_row.h"

#include <ctype.h>
#include <inttypes.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/js.h"
#include "output/human.h"

#define TEXT_MAX (1024 * 1024)
#define COMMAND_SHOWN 17
#define ID_SHOWN 12
#define PORT_MAX 65535

int64_t ps_time(struct json_object *field)
{
	struct instant t;

	if (json_object_is_type(field, json_type_int))
		return json_object_get_int64(field);
	return instant_parse_rfc3339(js_text(field), &t) ? t.s : 0;
}

static void add_ago(int64_t then_s, const struct ps_show *show, struct buf *out)
{
	int64_t age_s = 0;

	if (show->now_s > then_s && __builtin_sub_overflow(show->now_s, then_s, &age_s))
		age_s = INT64_MAX;
	human_duration(age_s, out);
	buf_add(out, STR(" ago"));
}

/* "Up 6 seconds ago", "Exited (3) 2 minutes ago", "Created"; a health status stands behind. */
static void add_status(struct json_object *item, const struct ps_show *show, struct buf *out)
{
	const char *state = js_get_str(item, "State", ""), *health = js_get_str(item, "Status", "");

	if (strcmp(state, "running") == 0) {
		buf_add(out, STR("Up "));
		add_ago(js_get_int(item, "StartedAt", 0), show, out);
	} else if (strcmp(state, "exited") == 0 || strcmp(state, "stopped") == 0) {
		buf_addf(out, "Exited (%" PRId64 ") ", js_get_int(item, "ExitCode", 0));
		add_ago(js_get_int(item, "ExitedAt", 0), show, out);
	} else if (strcmp(state, "configured") == 0) {
		buf_add(out, STR("Created"));
	} else if (*state) {
		buf_add_char(out, (char)toupper((unsigned char)*state));
		buf_add_z(out, state + 1);
	}
	if (*health && strcmp(state, "running") == 0)
		buf_addf(out, " (%s)", health);
}

static void add_port(struct json_object *p, struct buf *out)
{
	const char *ip = js_get_str(p, "host_ip", "");
	int64_t range = js_get_int(p, "range", 1), host = js_get_int(p, "host_port", 0), inside = js_get_int(p, "container_port", 0);

	if (range < 1 || range > PORT_MAX)
		range = 1;
	if (host < 0 || host > PORT_MAX)
		host = 0;
	if (inside < 0 || inside > PORT_MAX)
		inside = 0;
	buf_add_z(out, *ip ? ip : "0.0.0.0");
	if (range == 1)
		buf_addf(out, ":%" PRId64 "->%" PRId64, host, inside);
	else
		buf_addf(out, ":%" PRId64 "-%" PRId64 "->%" PRId64 "-%" PRId64, host, host + range - 1, inside, inside + range - 1);
	buf_addf(out, "/%s", js_get_str(p, "protocol", "tcp"));
}

void ps_ports(struct json_object *ports, struct buf *out)
{
	for (size_t i = 0; i < js_len(ports); i++) {
		if (i)
			buf_add(out, STR(", "));
		add_port(js_at(ports, i), out);
	}
}

static void add_joined(struct json_object *list, const char *between, struct buf *out)
{
	for (size_t i = 0; i < js_len(list); i++) {
		if (i)
			buf_add_z(out, between);
		buf_add(out, js_text(js_at(list, i)));
	}
}

static void add_size(struct json_object *size, struct buf *out)
{
	if (!size)
		return;
	human_size((double)js_get_int(size, "rwSize", 0), 3, false, out);
	buf_add(out, STR(" (virtual "));
	human_size((double)js_get_int(size, "rootFsSize", 0), 3, false, out);
	buf_add_char(out, ')');
}

/* The text in b as a member; b is empty afterwards. */
static void put(struct json_object *row, const char *key, struct buf *b)
{
	js_set(row, key, js_strn(buf_str(b)));
	buf_clear(b);
}

static void put_id(struct json_object *row, const char *key, const char *id, const struct ps_show *show)
{
	size_t n = strlen(id);

	js_set(row, key, js_strn((struct str){ id, show->no_trunc || n < ID_SHOWN ? n : ID_SHOWN }));
}

static void put_command(struct json_object *row, struct json_object *item, const struct ps_show *show, struct buf *b)
{
	add_joined(js_get(item, "Command"), " ", b);
	if (!show->no_trunc && b->n > COMMAND_SHOWN + 3) {
		struct str head = { buf_str(b).p, COMMAND_SHOWN };
		CLEANUP(free_p) char *cut = str_dup(head);

		buf_clear(b);
		buf_addf(b, "%s...", cut ? cut : "");
	}
	put(row, "Command", b);
}

static void put_times(struct json_object *row, struct json_object *item, const struct ps_show *show, struct buf *b)
{
	struct json_object *created = js_get(item, "Created");
	struct instant t;

	if (!instant_parse_rfc3339(js_text(created), &t))
		t = (struct instant){ .s = ps_time(created) };
	instant_go_string(t, b);
	js_set(row, "Created", js_strn(buf_str(b)));
	put(row, "CreatedAt", b);
	add_ago(t.s, show, b);
	js_set(row, "CreatedHuman", js_strn(buf_str(b)));
	put(row, "RunningFor", b);
	js_set_int(row, "StartedAt", js_get_int(item, "StartedAt", 0));
	js_set_int(row, "ExitedAt", js_get_int(item, "ExitedAt", CLOCK_GO_ZERO_S));
}

static void put_namespaces(struct json_object *row, struct json_object *item)
{
	static const struct {
		const char *field, *key;
	} names[] = { { "CGROUPNS", "Cgroup" }, { "Cgroup", "Cgroup" }, { "IPC", "Ipc" },	{ "MNT", "Mnt" },
		      { "NET", "Net" },		{ "PIDNS", "Pidns" },	{ "USERNS", "User" }, { "User", "User" }, { "UTS", "Uts" } };
	struct json_object *ns = js_get(item, "Namespaces");

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(free_p) char *lower = z_dup(names[i].key);

		/* The key's case differs between host versions. */
		for (char *c = lower; c && *c; c++)
			*c = (char)tolower((unsigned char)*c);
		js_set_str(row, names[i].field, js_get_str(ns, names[i].key, lower ? js_get_str(ns, lower, "") : ""));
	}
	js_set(row, "Namespaces", json_object_get(ns));
}

/* Members that pass as they are; absent lists and maps become empty ones. */
static void put_plain(struct json_object *row, struct json_object *item)
{
	static const char *const bools[] = { "AutoRemove", "Exited", "IsInfra" };
	static const char *const texts[] = { "Image", "PodName", "CIDFile" };
	static const char *const ints[] = { "Pid", "ExitCode", "Restarts" };
	struct json_object *labels = js_get(item, "Labels"), *mounts = js_get(item, "Mounts");

	for (size_t i = 0; i < ARRAY_LEN(bools); i++)
		js_set_bool(row, bools[i], js_get_bool(item, bools[i], false));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		js_set_str(row, texts[i], js_get_str(item, texts[i], ""));
	for (size_t i = 0; i < ARRAY_LEN(ints); i++)
		js_set_int(row, ints[i], js_get_int(item, ints[i], 0));
	js_set(row, "Labels", json_object_get(labels)); /* null prints as the empty map that it is to podman */
	js_set(row, "Mounts", mounts ? json_object_get(mounts) : json_object_new_array());
}

struct json_object *ps_row(struct json_object *item, const struct ps_show *show)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(TEXT_MAX);
	struct json_object *row = json_object_new_object();

	put_id(row, "ID", js_get_str(item, "Id", ""), show);
	put_id(row, "ImageID", js_get_str(item, "ImageID", ""), show);
	put_id(row, "Pod", js_get_str(item, "Pod", ""), show);
	put_plain(row, item);
	put_command(row, item, show, &b);
	put_times(row, item, show, &b);
	add_status(item, show, &b);
	js_set(row, "Status", js_strn(buf_str(&b)));
	put(row, "State", &b); /* podman's templates have the same words in both */
	add_joined(js_get(item, "Names"), ",", &b);
	put(row, "Names", &b);
	add_joined(js_get(item, "Networks"), ",", &b);
	put(row, "Networks", &b);
	ps_ports(js_get(item, "Ports"), &b);
	put(row, "Ports", &b);
	add_size(js_get(item, "Size"), &b);
	put(row, "Size", &b);
	put_namespaces(row, item);
	return row;
}

void ps_json(struct json_object *item, const struct ps_show *show)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(TEXT_MAX);
	int64_t created_s = ps_time(js_get(item, "Created"));

	add_ago(created_s, show, &b);
	put(item, "CreatedAt", &b);
	add_status(item, show, &b);
	put(item, "Status", &b);
	json_object_object_del(item, "Created");
	js_set_int(item, "Created", created_s);
}
