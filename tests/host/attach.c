#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "methods.h"
#include "session.h"

enum { QUIT_CANNOT_START = 126, QUIT_NOT_FOUND = 127 };

static bool start_attached(struct session *s)
{
	struct error err = ERROR_INIT;
	bool missing, started = container_start(s->container, &err) == 0;

	if (!started) {
		missing = strstr(err.text, "not found") || strstr(err.text, "no such file");
		session_quit(s, missing ? QUIT_NOT_FOUND : QUIT_CANNOT_START);
	}
	error_done(&err);
	return started;
}

void podman_attach(struct call *c)
{
	bool start = js_get_bool(c->params, "start", false);
	struct container *ctr = container_find(c->host, call_str(c, "name"));
	struct session *s;
	bool keys_good;

	if (!c->upgrade) {
		reply_error_occurred(c, "client must use upgraded connection to attach");
		return;
	}
	if (!ctr) {
		reply_no_container_plain(c, call_str(c, "name"));
		return;
	}
	if (!start && ctr->state != CONTAINER_RUNNING) {
		reply_error_occurred(c, "container must be running to attach");
		return;
	}
	s = calloc(1, sizeof *s);
	if (!s) {
		call_hang_up(c);
		return;
	}
	s->container = ctr;
	s->quits = ctr->state != CONTAINER_RUNNING;
	keys_good = session_parse_keys(s, call_str(c, "detachKeys"));
	session_open(c, s);
	if (!keys_good) {
		/* They are looked at when the container is ready to be attached to. */
		if (s->quits && !ctr->process)
			container_init(ctr, NULL);
		session_quit(s, QUIT_CANNOT_START);
	} else if (s->quits) {
		start_attached(s);
	}
}

static void exec_output(void *ctx, enum output_stream stream, struct str block)
{
	(void)stream;
	session_output(ctx, block);
}

static bool exec_ready(void *ctx)
{
	struct session *s = ctx;

	return s->over || s->detached || !connection_full(s->conn);
}

static void exec_ended(void *ctx, int exit_code)
{
	struct session *s = ctx;

	s->process = NULL;
	if (!s->over)
		session_quit(s, (uint32_t)exit_code);
}

/* The container's environment, but for the name that it got by default, then the exec's own; podman-remote 1.9.3 starts its list with
 * an empty string. */
static void exec_env(const struct container *ctr, struct json_object *more, bool tty, struct strv *env)
{
	bool named = js_get(ctr->create, "hostname") != NULL;

	for (size_t i = 0; i < ctr->env.n; i++)
		if (named || strncmp(ctr->env.v[i], "HOSTNAME=", 9) != 0)
			strv_add(env, ctr->env.v[i]);
	if (tty)
		strv_add(env, "TERM=xterm");
	for (size_t i = 0; i < js_len(more); i++)
		if (memchr(js_text(js_at(more, i)).p, '=', js_text(js_at(more, i)).n))
			strv_add_str(env, js_text(js_at(more, i)));
}

static int exec_create(struct session *s, struct json_object *opts, struct error *err)
{
	struct container *ctr = s->container;
	struct json_object *cmd = js_get(opts, "cmd");
	CLEANUP(strv_done) struct strv argv = { 0 }, env = { 0 };
	const char *workdir = js_get_str(opts, "workdir", ""), *user = js_get_str(opts, "user", "");
	bool tty = js_get_bool(opts, "tty", false);

	for (size_t i = 0; i < js_len(cmd); i++)
		strv_add_str(&argv, js_text(js_at(cmd, i)));
	if (!argv.n)
		return error_set(err, ERR_REMOTE, "must provide a non-empty command to start an exec session: invalid argument");
	exec_env(ctr, js_get(opts, "env"), tty, &env);
	return process_create(ctr->host,
			      &(struct process_spec){ .root = ctr->rootfs,
						      .workdir = *workdir ? workdir : ctr->workdir,
						      .hostname = ctr->hostname,
						      .user = *user ? user : ctr->user,
						      .argv = argv.v,
						      .env = env.v,
						      .join = ctr->process->pid,
						      .tty = tty,
						      /* runc's stdin is /dev/null there. */
						      .stdin_open = tty || ctr->host->version != V162 },
			      &s->process, err);
}

/* The codes of failures that are not the runtime's. */
static uint32_t exec_failure(const struct session *s, const struct error *err)
{
	if (err->kind == ERR_NOT_FOUND)
		return QUIT_NOT_FOUND;
	if (err->text && strstr(err->text, "permission denied"))
		return QUIT_CANNOT_START;
	return s->conn->host->version == V193 ? UINT32_MAX : 1;
}

static void exec_run(struct session *s, struct json_object *opts)
{
	struct error err = ERROR_INIT;

	if (!session_parse_keys(s, js_get_str(opts, "detachKeys", "")) || exec_create(s, opts, &err) < 0) {
		session_quit(s, exec_failure(s, &err));
	} else {
		process_set_owner(s->process, (struct process_owner){
						      .output = exec_output, .ready = exec_ready, .ended = exec_ended, .ctx = s });
		process_release(s->process);
	}
	error_done(&err);
}

void podman_exec_container(struct call *c)
{
	CLEANUP(js_put_p) struct json_object *opts = json_object_get(js_get(c->params, "opts"));
	struct container *ctr;
	struct session *s;

	if (!c->upgrade) {
		reply_error_occurred(c, "client must use upgraded connection to exec");
		return;
	}
	ctr = container_find(c->host, js_get_str(opts, "name", ""));
	if (!ctr) {
		reply_no_container(c, js_get_str(opts, "name", ""), js_get_str(opts, "name", ""));
		return;
	}
	if (ctr->state != CONTAINER_RUNNING) {
		reply_error_occurred(c, "exec requires a running container, %s is %s", ctr->id, container_state_word(ctr->state));
		return;
	}
	s = calloc(1, sizeof *s);
	if (!s) {
		call_hang_up(c);
		return;
	}
	s->container = ctr;
	s->is_exec = s->quits = true;
	session_open(c, s);
	exec_run(s, opts);
}
