#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "container.h"
#include "describe.h"
#include "image.h"
#include "methods.h"
#include "tree.h"
#include "words.h"

/* The columns of top that need no look into the process: what the host knows of a container's first process. */
static const struct column {
	const char *name, *title;
} columns[] = {
	{ "user", "USER" },   { "pid", "PID" },     { "ppid", "PPID" },    { "pcpu", "%CPU" },    { "etime", "ELAPSED" },
	{ "tty", "TTY" },     { "time", "TIME" },   { "args", "COMMAND" }, { "comm", "COMMAND" }, { "hpid", "HPID" },
	{ "group", "GROUP" }, { "state", "STATE" }, { "nice", "NI" },
};

static const struct column *column_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (str_eq_z(name, columns[i].name))
			return &columns[i];
	return NULL;
}

static void add_arguments(struct buf *out, const struct container *c)
{
	for (size_t i = 0; i < c->argv.n; i++)
		buf_addf(out, "%s ", c->argv.v[i]);
}

static void add_cell(struct buf *out, const struct container *c, const char *name)
{
	const char *slash = strrchr(c->argv.v[0], '/');

	if (strcmp(name, "user") == 0 || strcmp(name, "group") == 0)
		buf_add_z(out, *c->user ? c->user : "root");
	else if (strcmp(name, "pid") == 0)
		buf_add_z(out, "1");
	else if (strcmp(name, "hpid") == 0)
		buf_addf(out, "%ld", (long)c->process->pid);
	else if (strcmp(name, "ppid") == 0 || strcmp(name, "nice") == 0)
		buf_add_z(out, "0");
	else if (strcmp(name, "pcpu") == 0)
		buf_add_z(out, "0.000");
	else if (strcmp(name, "etime") == 0)
		words_duration_since(out, c->started);
	else if (strcmp(name, "tty") == 0)
		buf_add_z(out, c->tty ? "pts/0" : "?");
	else if (strcmp(name, "time") == 0)
		buf_add_z(out, "0s");
	else if (strcmp(name, "state") == 0)
		buf_add_z(out, "S");
	else if (strcmp(name, "comm") == 0)
		buf_add_z(out, slash ? slash + 1 : c->argv.v[0]);
	else
		add_arguments(out, c);
}

static struct json_object *top_lines(const struct container *c, const struct column *const *shown, size_t n)
{
	CLEANUP(buf_done) struct buf title = BUF_INIT(4096), line = BUF_INIT(1024 * 1024);
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		buf_addf(&title, "%s%s", i ? "\t" : "", shown[i]->title);
		if (i)
			buf_add_char(&line, '\t');
		add_cell(&line, c, shown[i]->name);
	}
	json_object_array_add(list, js_strn(buf_str(&title)));
	json_object_array_add(list, js_strn(buf_str(&line)));
	return list;
}

/* 1.8.0 and later take what they do not know for options of the container's own ps; this is busybox's answer. */
static void top_by_ps(struct call *c, const struct container *ctr, const char *unknown)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(1024 * 1024);
	struct json_object *list;

	if (c->host->version == V162) {
		reply_error_occurred(c, "'%s': unknown descriptor", unknown);
		return;
	}
	list = json_object_new_array();
	buf_add_z(&line, "    1 root     ");
	add_arguments(&line, ctr);
	json_object_array_add(list, js_str("PID   USER     COMMAND"));
	json_object_array_add(list, js_strn((struct str){ line.p, line.n - 1 }));
	reply_one(c, "top", list);
}

/* An unknown name is a nil pointer in the real service, which ends it and all its connections; systemd starts it again. */
void podman_top(struct call *c)
{
	enum { DEFAULT_COLUMNS = 8, MAX_COLUMNS = 32 };
	struct container *ctr = container_find(c->host, call_str(c, "nameOrID"));
	struct json_object *descriptors = js_get(c->params, "descriptors");
	const struct column *shown[MAX_COLUMNS];
	size_t n = js_len(descriptors) < MAX_COLUMNS ? js_len(descriptors) : MAX_COLUMNS;

	if (!ctr) {
		connections_drop(c->host);
		return;
	}
	if (ctr->state != CONTAINER_RUNNING) {
		reply_error_occurred(c, "top can only be used on running containers");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		shown[i] = column_find(js_text(js_at(descriptors, i)));
		if (!shown[i]) {
			top_by_ps(c, ctr, js_text(js_at(descriptors, i)).p);
			return;
		}
	}
	for (; n < DEFAULT_COLUMNS && !js_len(descriptors); n++)
		shown[n] = &columns[n];
	reply_one(c, "top", top_lines(ctr, shown, n));
}

/* The health check's command, as given: "CMD-SHELL true", or a shell command. */
struct health_check {
	struct call *call;
	int exit_code;
	bool over;
	bool call_gone;
};

static void health_ended(void *ctx, int exit_code)
{
	struct health_check *check = ctx;

	check->exit_code = exit_code;
	check->over = true;
	if (check->call_gone)
		free(check);
}

static void health_free(void *state)
{
	struct health_check *check = state;

	if (check->over)
		free(check);
	else
		check->call_gone = true;
}

static void resume_health(struct call *c)
{
	const struct health_check *check = c->state;

	if (check->over)
		reply_one(c, "healthCheckStatus", js_str(check->exit_code == 0 ? "healthy" : "unhealthy"));
}

static void health_run(struct call *c, const struct container *ctr, const char *command)
{
	struct health_check *check = calloc(1, sizeof *check);
	char *argv[] = { z_dup("/bin/sh"), z_dup("-c"), z_dup(command), NULL };
	struct process *p;
	int r = process_create(c->host,
			       &(struct process_spec){ .root = ctr->rootfs,
						       .workdir = ctr->workdir,
						       .hostname = ctr->hostname,
						       .user = ctr->user,
						       .argv = argv,
						       .env = ctr->env.v,
						       .join = ctr->process->pid },
			       &p, NULL);

	for (size_t i = 0; i < ARRAY_LEN(argv); i++)
		free(argv[i]);
	if (!check || r < 0) {
		free(check);
		reply_one(c, "healthCheckStatus", js_str("unhealthy"));
		return;
	}
	process_set_owner(p, (struct process_owner){ .ended = health_ended, .ctx = check });
	process_release(p);
	call_wait(c, resume_health, check, health_free);
}

void podman_health_check_run(struct call *c)
{
	const char *name = call_str(c, "nameOrID"), *command;
	struct container *ctr = container_find(c->host, name);

	if (!ctr) {
		reply_error_occurred(
			c,
			"unable to lookup %s to perform a health check: no container with name or ID %s found: no such container",
			name, name);
		return;
	}
	if (ctr->state != CONTAINER_RUNNING) {
		reply_error_occurred(c, "container %s is not running", ctr->id);
		return;
	}
	command = js_get_str(ctr->create, "healthcheckCommand", "");
	if (!*command)
		reply_error_occurred(c, "container %s has no defined healthcheck", ctr->id);
	else
		health_run(c, ctr, command);
}

/* The container is made ready for the one who will attach. */
void podman_get_attach_sockets(struct call *c)
{
	struct container *ctr = container_find(c->host, call_str(c, "name"));
	struct json_object *o;
	struct error err = ERROR_INIT;

	if (!ctr) {
		reply_no_container(c, call_str(c, "name"), call_str(c, "name"));
		return;
	}
	if (!ctr->process && container_init(ctr, &err) < 0) {
		reply_error_occurred(c, "%s", err.text);
		error_done(&err);
		return;
	}
	o = json_object_new_object();
	js_set_str(o, "container_id", ctr->id);
	words_setf(o, "io_socket", "%s/tmp/socket/%s/attach", c->host->dir, ctr->id);
	words_setf(o, "control_socket", "%s/root/overlay-containers/%s/userdata/ctl", c->host->dir, ctr->id);
	reply_one(c, "sockets", o);
}

void podman_container_artifacts(struct call *c)
{
	if (container_find(c->host, call_str(c, "name")))
		reply_error_occurred(c, "unable to get container artifacts");
	else
		reply_no_container(c, call_str(c, "name"), call_str(c, "name"));
}

/* What a container gets is no change of its own. */
static bool is_given(const char *path)
{
	static const char *const given[] = { "/dev",  "/etc/hostname", "/etc/hosts",         "/etc/resolv.conf",
					     "/proc", "/run",          "/run/.containerenv", "/run/secrets",
					     "/sys" };

	for (size_t i = 0; i < ARRAY_LEN(given); i++)
		if (strcmp(path, given[i]) == 0)
			return true;
	return false;
}

static void add_diff(void *ctx, char kind, const char *path)
{
	struct json_object *list = ctx, *o;

	if (is_given(path))
		return;
	o = json_object_new_object();
	js_set_str(o, "path", path);
	js_set(o, "changeType", js_strn((struct str){ &kind, 1 }));
	json_object_array_add(list, o);
}

static void container_diff(const struct container *ctr, tree_change_fn *fn, void *ctx)
{
	const char *tree;

	if (layer_tree(ctr->host, ctr->top, &tree, NULL) == 0)
		tree_diff(tree, ctr->rootfs, fn, ctx);
}

/* What its last layer changed. */
static void image_diff(struct host *h, const struct image *i, tree_change_fn *fn, void *ctx)
{
	const char *before, *now;

	if (layer_tree(h, i->top ? i->top->parent : NULL, &before, NULL) == 0 && layer_tree(h, i->top, &now, NULL) == 0)
		tree_diff(before, now, fn, ctx);
}

void podman_diff(struct call *c)
{
	struct container *ctr = container_find(c->host, call_str(c, "name"));
	struct image *image = ctr ? NULL : image_find(c->host, call_str(c, "name"), NULL);
	struct json_object *list;

	if (!ctr && !image) {
		reply_error_occurred(c, "layer, image, or container %s does not exist", call_str(c, "name"));
		return;
	}
	list = json_object_new_array();
	if (ctr)
		container_diff(ctr, add_diff, list);
	else
		image_diff(c->host, image, add_diff, list);
	reply_one(c, "diffs", list);
}

static void add_change(void *ctx, char kind, const char *path)
{
	struct json_object *o = ctx;

	if (is_given(path))
		return;
	json_object_array_add(js_get(o, kind == 'A' ? "added" : kind == 'C' ? "changed" : "deleted"), js_str(path));
}

void podman_list_container_changes(struct call *c)
{
	struct container *ctr = container_find(c->host, call_str(c, "name"));
	struct json_object *o;

	if (!ctr) {
		reply_no_container(c, call_str(c, "name"), call_str(c, "name"));
		return;
	}
	o = words_parse("{\"changed\":[],\"added\":[],\"deleted\":[]}");
	container_diff(ctr, add_change, o);
	reply_one(c, "container", o);
}
