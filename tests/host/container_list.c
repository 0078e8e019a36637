#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "container.h"
#include "container_filter.h"
#include "describe.h"
#include "image.h"
#include "methods.h"
#include "tree.h"
#include "words.h"

enum { COMMAND_SHOWN = 20, ID_SHOWN = 12 };

static void add_namespaces(struct json_object *o, const struct container *c, bool ps)
{
	/* The key of the listing, the key of GetContainer, the name below /proc/PID/ns. */
	static const struct {
		const char *ps, *full, *file;
	} rows[] = {
		{ "cgroup", "cgroup", "cgroup" }, { "ipc", "ipc", "ipc" },    { "mnt", "mnt", "mnt" }, { "net", "net", "net" },
		{ "pidNs", "pidns", "pid" },      { "user", "user", "user" }, { "uts", "uts", "uts" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *file = rows[i].file;
		char path[64], target[64], *colon;
		ssize_t n = -1;

		/* The real ps shows the cgroup namespace for ipc. */
		if (ps && strcmp(file, "ipc") == 0)
			file = "cgroup";
		snprintf(path, sizeof path, "/proc/%ld/ns/%s", c->process ? (long)c->process->pid : 0L, file);
		if (c->process)
			n = readlink(path, target, sizeof target - 1);
		target[n > 0 ? n : 0] = '\0';
		/* "ipc:[4026531839]" */
		colon = strchr(target, '[');
		if (colon)
			colon[strcspn(colon, "]")] = '\0';
		js_set_str(o, ps ? rows[i].ps : rows[i].full, colon ? colon + 1 : "");
	}
}

static void add_command(struct json_object *o, const struct container *c, bool whole)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(1024 * 1024);

	for (size_t i = 0; i < c->command.n; i++)
		buf_addf(&text, "%s%s", i ? " " : "", c->command.v[i]);
	if (!whole && text.n > COMMAND_SHOWN) {
		text.n = COMMAND_SHOWN - 3;
		buf_add_z(&text, "...");
	}
	js_set(o, "command", js_strn(buf_str(&text)));
}

static void add_ports(struct json_object *o, const struct container *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);

	for (size_t i = 0; i < c->n_ports; i++)
		buf_addf(&text, "%s%s:%lld->%lld/%s", i ? ", " : "", *c->ports[i].host_ip ? c->ports[i].host_ip : "0.0.0.0",
			 (long long)c->ports[i].host, (long long)c->ports[i].container, c->ports[i].protocol);
	js_set(o, "ports", js_strn(buf_str(&text)));
}

static void add_status(struct json_object *o, const struct container *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(128);

	if (c->state == CONTAINER_RUNNING) {
		buf_add_z(&text, "Up ");
		words_since(&text, c->started);
		buf_add_z(&text, " ago");
	} else if (c->state == CONTAINER_PAUSED) {
		buf_add_z(&text, "Paused");
	} else if (c->state == CONTAINER_EXITED) {
		buf_addf(&text, "Exited (%d) ", c->exit_code);
		words_since(&text, c->finished);
		buf_add_z(&text, " ago");
	} else {
		buf_add_z(&text, "Created");
	}
	js_set(o, "status", js_strn(buf_str(&text)));
}

static void add_created(struct json_object *o, const struct container *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64);

	words_since(&text, c->created);
	buf_add_z(&text, " ago");
	js_set(o, "created", js_strn(buf_str(&text)));
}

static void add_mounts(struct json_object *o, const struct container *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);

	for (size_t i = 0; i < c->n_mounts; i++)
		buf_addf(&text, "%s%s", i ? "," : "", c->mounts[i].destination);
	js_set(o, "mounts", js_strn(buf_str(&text)));
}

static struct json_object *ps_entry(const struct container *c, bool whole, bool size)
{
	struct json_object *o = json_object_new_object();

	js_set(o, "id", js_strn((struct str){ c->id, whole ? strlen(c->id) : ID_SHOWN }));
	js_set_str(o, "image", c->image_name);
	add_command(o, c, whole);
	add_created(o, c);
	add_ports(o, c);
	js_set_str(o, "names", c->name);
	js_set_bool(o, "isInfra", false);
	add_status(o, c);
	js_set_str(o, "state", container_shown_state(c));
	js_set_int(o, "pidNum", c->process ? c->process->pid : 0);
	js_set_int(o, "rootFsSize", size ? container_root_bytes(c) : 0);
	js_set_int(o, "rwSize", size ? container_rw_bytes(c) : 0);
	js_set_str(o, "pod", "");
	js_set(o, "createdAt", words_time(c->created));
	js_set(o, "exitedAt", words_time(c->finished));
	js_set(o, "startedAt", words_time(c->started));
	js_set(o, "labels", json_object_get(c->labels));
	js_set_str(o, "nsPid", "");
	add_namespaces(o, c, true);
	add_mounts(o, c);
	return o;
}

static int compare_ids(const void *a, const void *b)
{
	const struct container *x = *(struct container *const *)a, *y = *(struct container *const *)b;

	return strcmp(x->id, y->id);
}

static size_t count_younger(const struct host *h, const struct container *than)
{
	size_t n = 0;

	for (const struct container *c = h->containers; c; c = c->next)
		n += c->serial > than->serial;
	return n;
}

/* latest wants the last created in any state; last, of the last few, those that are shown anyway. */
static bool is_selected(const struct host *h, const struct container *c, struct json_object *opts)
{
	int64_t last = js_get_int(opts, "last", 0);

	if (js_get_bool(opts, "latest", false))
		return count_younger(h, c) == 0;
	if (!js_get_bool(opts, "all", false) && c->state != CONTAINER_RUNNING)
		return false;
	return last <= 0 || count_younger(h, c) < (size_t)last;
}

/* In no order that means something: sorting is the client's. NULL with *ret_n 0 when there are none. */
static struct container **select_containers(struct call *c, struct json_object *opts, size_t *ret_n)
{
	struct container **v = NULL;
	size_t n = 0;

	for (struct container *ctr = c->host->containers; ctr; ctr = ctr->next) {
		struct container **more;

		if (!is_selected(c->host, ctr, opts) || !container_filters_match(ctr, js_get(opts, "filters")))
			continue;
		more = realloc(v, (n + 1) * sizeof *v);
		if (!more)
			break;
		v = more;
		v[n++] = ctr;
	}
	if (n)
		qsort(v, n, sizeof *v, compare_ids);
	*ret_n = n;
	return v;
}

void podman_ps(struct call *c)
{
	struct json_object *opts = js_get(c->params, "opts"), *list = NULL;
	struct error err = ERROR_INIT;
	struct container **v;
	size_t n;

	if (container_filters_check(js_get(opts, "filters"), &err) < 0) {
		reply_error_occurred(c, "%s", err.text);
		error_done(&err);
		return;
	}
	v = select_containers(c, opts, &n);
	if (n)
		list = json_object_new_array();
	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, ps_entry(v[i], js_get_bool(opts, "noTrunc", false), js_get_bool(opts, "size", false)));
	free(v);
	reply_one(c, "containers", list);
}

static struct json_object *full_ports(const struct container *c)
{
	struct json_object *list = c->n_ports ? json_object_new_array() : NULL;

	for (size_t i = 0; i < c->n_ports; i++) {
		struct json_object *o = json_object_new_object();

		words_setf(o, "host_port", "%lld", (long long)c->ports[i].host);
		js_set_str(o, "host_ip", c->ports[i].host_ip);
		js_set_str(o, "protocol", c->ports[i].protocol);
		words_setf(o, "container_port", "%lld", (long long)c->ports[i].container);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *full_entry(const struct container *c)
{
	struct json_object *o = json_object_new_object(), *ns = json_object_new_object();
	CLEANUP(buf_done) struct buf running = BUF_INIT(64);

	words_duration_since(&running, c->created);
	js_set_str(o, "id", c->id);
	js_set_str(o, "image", c->image_name);
	js_set_str(o, "imageid", c->image_id);
	js_set(o, "command", words_array(&c->command));
	js_set(o, "createdat", words_time_s(c->created));
	js_set_str(o, "runningfor", buf_z(&running));
	js_set_str(o, "status", container_state_word(c->state));
	js_set(o, "ports", full_ports(c));
	js_set_int(o, "rootfssize", container_root_bytes(c));
	js_set_int(o, "rwsize", container_rw_bytes(c));
	js_set_str(o, "names", c->name);
	js_set(o, "labels", json_object_object_length(c->labels) ? json_object_get(c->labels) : NULL);
	js_set(o, "mounts", describe_mounts(c));
	js_set_bool(o, "containerrunning", c->state == CONTAINER_RUNNING);
	words_setf(ns, "pid", "%ld", c->process ? (long)c->process->pid : 0L);
	add_namespaces(ns, c, false);
	js_set(o, "namespaces", ns);
	return o;
}

void podman_list_containers(struct call *c)
{
	struct json_object *list = NULL;

	for (struct container *ctr = c->host->containers; ctr; ctr = ctr->next) {
		if (!list)
			list = json_object_new_array();
		json_object_array_add(list, full_entry(ctr));
	}
	reply_one(c, "containers", list);
}

void podman_get_container(struct call *c)
{
	struct container *ctr = container_find(c->host, call_str(c, "id"));

	if (ctr)
		reply_one(c, "container", full_entry(ctr));
	else
		reply_no_container(c, call_str(c, "id"), call_str(c, "id"));
}

/* Several words are all wanted at once, which no container can satisfy. */
void podman_get_containers_by_status(struct call *c)
{
	static const char *const states[] = { "unknown", "configured", "created",  "running", "stopped",
					      "paused",  "exited",     "removing", NULL };
	struct json_object *status = js_get(c->params, "status"), *list = NULL;

	for (size_t i = 0; i < js_len(status); i++)
		if (!words_has(js_text(js_at(status, i)), states)) {
			reply_error_occurred(c, "unknown container state: %s: invalid argument", js_text(js_at(status, i)).p);
			return;
		}
	for (struct container *ctr = c->host->containers; ctr; ctr = ctr->next) {
		bool wanted = true;

		for (size_t i = 0; i < js_len(status); i++)
			wanted = wanted && str_eq_z(js_text(js_at(status, i)), container_state_word(ctr->state));
		if (!wanted)
			continue;
		if (!list)
			list = json_object_new_array();
		json_object_array_add(list, full_entry(ctr));
	}
	reply_one(c, "containerS", list);
}

static void add_id(struct json_object **list, const struct container *c)
{
	if (!*list)
		*list = json_object_new_array();
	json_object_array_add(*list, js_str(c->id));
}

static void reply_no_latest(struct call *c)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "id", "");
	js_set_str(o, "reason", "no such container");
	reply_error(c, "io.podman.ContainerNotFound", o);
}

void podman_get_containers_by_context(struct call *c)
{
	struct json_object *args = js_get(c->params, "args"), *list = NULL;
	struct container *latest = container_latest(c->host);

	if (js_get_bool(c->params, "all", false)) {
		for (struct container *ctr = c->host->containers; ctr; ctr = ctr->next)
			add_id(&list, ctr);
	} else if (js_get_bool(c->params, "latest", false)) {
		if (!latest) {
			reply_no_latest(c);
			return;
		}
		add_id(&list, latest);
	} else {
		for (size_t i = 0; i < js_len(args); i++) {
			struct container *ctr = container_find(c->host, js_text(js_at(args, i)).p);

			if (!ctr) {
				json_object_put(list);
				reply_no_container(c, "", js_text(js_at(args, i)).p);
				return;
			}
			add_id(&list, ctr);
		}
	}
	reply_one(c, "containers", list);
}

void podman_container_exists(struct call *c)
{
	if (!*call_str(c, "name"))
		reply_error_occurred(c, "name or ID cannot be empty");
	else
		reply_one(c, "exists", json_object_new_int(container_find(c->host, call_str(c, "name")) ? 0 : 1));
}
