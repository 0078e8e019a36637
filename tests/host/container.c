#include "container.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "event.h"
#include "session.h"
#include "tree.h"

static const char *const state_words[] = {
	[CONTAINER_CONFIGURED] = "configured", [CONTAINER_CREATED] = "created", [CONTAINER_RUNNING] = "running",
	[CONTAINER_STOPPED] = "stopped",       [CONTAINER_PAUSED] = "paused",   [CONTAINER_EXITED] = "exited",
};

const char *container_state_word(enum container_state state)
{
	return state_words[state];
}

const char *container_shown_state(const struct container *c)
{
	return c->state == CONTAINER_CONFIGURED ? "created" : state_words[c->state];
}

bool container_is_active(const struct container *c)
{
	return c->state == CONTAINER_RUNNING || c->state == CONTAINER_PAUSED;
}

struct container *container_find(struct host *h, const char *key)
{
	struct container *match = NULL;
	size_t matches = 0, n = strlen(key);

	for (struct container *c = h->containers; c; c = c->next) {
		if (strcmp(c->name, key) == 0 || strcmp(c->id, key) == 0)
			return c;
		if (n && strncmp(c->id, key, n) == 0) {
			match = c;
			matches++;
		}
	}
	return matches == 1 ? match : NULL;
}

struct container *container_latest(struct host *h)
{
	struct container *latest = NULL;

	for (struct container *c = h->containers; c; c = c->next)
		if (!latest || c->serial > latest->serial)
			latest = c;
	return latest;
}

static void on_output(void *ctx, enum output_stream stream, struct str block)
{
	struct container *c = ctx;

	log_add(&c->log, stream, block);
	sessions_output(c, block);
	host_wake(c->host);
}

static bool on_ready(void *ctx)
{
	return sessions_ready(ctx);
}

/* The cleanup that a real host runs as a process of its own: the container may be gone or running again when it returns. */
static void on_ended(void *ctx, int exit_code)
{
	struct container *c = ctx;
	struct host *h = c->host;

	c->process = NULL;
	c->kill_at_ms = 0;
	if (c->state == CONTAINER_CREATED) {
		c->state = c->exited ? CONTAINER_EXITED : CONTAINER_CONFIGURED;
		return;
	}
	c->state = CONTAINER_EXITED;
	c->exited = true;
	c->exit_code = exit_code;
	c->finished = instant_now();
	event_add(c->host, "container", "died", c->id, c->name, c->image_name);
	event_add(c->host, "container", "cleanup", c->id, c->name, c->image_name);
	container_hold(c);
	if (c->auto_remove && !c->restart)
		container_remove(c);
	sessions_ended(c, exit_code);
	if (c->restart) {
		c->restart = false;
		container_start(c, NULL);
	}
	container_release(c);
	host_wake(h);
}

/* runc's failures in the words of the libpod that ran it. */
static int runtime_error(struct error *err)
{
	bool missing = err->kind == ERR_NOT_FOUND;
	bool denied = err->text && strstr(err->text, "permission denied");

	if (err->text && strncmp(err->text, "unable to find", strlen("unable to find")) == 0)
		return -err->kind;
	error_context(err, "runc create failed: unable to start container process");
	if (missing || denied) {
		struct error kept = ERROR_INIT;

		error_move(&kept, err);
		error_set(err, kept.kind, "%s: OCI runtime %s error", kept.text,
			  missing ? "command not found" : "permission denied");
		error_done(&kept);
	}
	return -err->kind;
}

int container_init(struct container *c, struct error *err)
{
	struct process_spec spec = { .root = c->rootfs,
				     .workdir = c->workdir,
				     .hostname = c->hostname,
				     .user = c->user,
				     .argv = c->argv.v,
				     .env = c->env.v,
				     .mounts = c->mounts,
				     .n_mounts = c->n_mounts,
				     .tty = c->tty,
				     .stdin_open = c->interactive };
	struct error own = ERROR_INIT;
	int r;

	c->was_initialized = true;
	if (process_create(c->host, &spec, &c->process, &own) < 0) {
		r = runtime_error(&own);
		if (err)
			error_move(err, &own);
		error_done(&own);
		return r;
	}
	process_set_owner(c->process,
			  (struct process_owner){ .output = on_output, .ready = on_ready, .ended = on_ended, .ctx = c });
	c->state = CONTAINER_CREATED;
	event_add(c->host, "container", "init", c->id, c->name, c->image_name);
	return 0;
}

int container_start(struct container *c, struct error *err)
{
	int r = c->state == CONTAINER_CREATED ? 0 : container_init(c, err);

	if (r < 0)
		return r;
	c->state = CONTAINER_RUNNING;
	c->started = instant_now();
	c->finished = (struct instant){ .s = CLOCK_GO_ZERO_S };
	c->exited = c->stopped_by_user = false;
	c->exit_code = 0;
	c->runs++;
	process_release(c->process);
	event_add(c->host, "container", "start", c->id, c->name, c->image_name);
	host_wake(c->host);
	return 0;
}

void container_stop(struct container *c, int64_t grace_s)
{
	c->stopped_by_user = true;
	if (!c->process)
		return;
	if (c->state == CONTAINER_CREATED || grace_s <= 0) {
		process_signal(c->process, SIGKILL);
		return;
	}
	process_signal(c->process, c->stop_signal);
	c->kill_at_ms = clock_after_ms((uint64_t)grace_s * 1000);
}

void container_pause(struct container *c, bool pause)
{
	kill(-c->process->pid, pause ? SIGSTOP : SIGCONT);
	c->state = pause ? CONTAINER_PAUSED : CONTAINER_RUNNING;
	event_add(c->host, "container", pause ? "pause" : "unpause", c->id, c->name, c->image_name);
}

static void strvs_done(struct container *c)
{
	strv_done(&c->command);
	strv_done(&c->argv);
	strv_done(&c->entrypoint);
	strv_done(&c->env);
}

static void container_free(struct container *c)
{
	for (size_t i = 0; i < c->n_ports; i++) {
		free(c->ports[i].host_ip);
		free(c->ports[i].protocol);
	}
	for (size_t i = 0; i < c->n_mounts; i++) {
		free(c->mounts[i].source);
		free(c->mounts[i].destination);
		free(c->mounts[i].volume);
	}
	free(c->ports);
	free(c->mounts);
	strvs_done(c);
	json_object_put(c->create);
	json_object_put(c->labels);
	log_done(&c->log);
	if (c->dir)
		tree_remove(c->dir);
	free(c->dir);
	free(c->rootfs);
	free(c->name);
	free(c->image_name);
	free(c->workdir);
	free(c->user);
	free(c->hostname);
	free(c);
}

void container_hold(struct container *c)
{
	c->users++;
}

void container_release(struct container *c)
{
	c->users--;
	if (c->removed && !c->users)
		container_free(c);
}

void container_remove(struct container *c)
{
	struct container **p = &c->host->containers;

	while (*p && *p != c)
		p = &(*p)->next;
	if (*p)
		*p = c->next;
	if (c->process) {
		process_set_owner(c->process, (struct process_owner){ 0 });
		process_signal(c->process, SIGKILL);
		c->process = NULL;
		sessions_ended(c, 128 + SIGKILL);
	}
	event_add(c->host, "container", "remove", c->id, c->name, c->image_name);
	container_hold(c);
	c->removed = true;
	host_wake(c->host);
	container_release(c);
}

void containers_turn(struct host *h)
{
	for (struct container *c = h->containers; c; c = c->next) {
		if (!c->kill_at_ms || !c->process)
			continue;
		if (clock_ms() < c->kill_at_ms) {
			loop_wake_at(&h->loop, c->kill_at_ms);
			continue;
		}
		process_signal(c->process, SIGKILL);
		c->kill_at_ms = 0;
	}
}

void containers_free(struct host *h)
{
	while (h->containers) {
		struct container *c = h->containers;

		h->containers = c->next;
		container_free(c);
	}
}
