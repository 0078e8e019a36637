#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "container.h"
#include "create.h"
#include "event.h"
#include "methods.h"
#include "volume.h"

/* NULL: the call is answered. */
static struct container *named(struct call *c)
{
	const char *name = call_str(c, "name");
	struct container *ctr = container_find(c->host, name);

	if (!ctr)
		reply_no_container(c, name, name);
	return ctr;
}

static void reply_done(struct call *c, const struct container *ctr)
{
	reply_one(c, "container", js_str(ctr->id));
}

static void release_container(void *state)
{
	container_release(state);
}

/* Answers when resume finds the container where it should be. The container may be removed meanwhile: it is held. */
static void wait_for(struct call *c, struct container *ctr, void (*resume)(struct call *c))
{
	container_hold(ctr);
	call_wait(c, resume, ctr, release_container);
	resume(c);
}

void podman_create_container(struct call *c)
{
	struct container *ctr;
	struct error err = ERROR_INIT;

	if (container_create(c->host, js_get(c->params, "create"), &ctr, &err) < 0)
		reply_error_occurred(c, "%s", err.text);
	else
		reply_done(c, ctr);
	error_done(&err);
}

void podman_init_container(struct call *c)
{
	struct container *ctr = named(c);
	struct error err = ERROR_INIT;

	if (!ctr)
		return;
	if (ctr->process)
		reply_invalid_state(c, ctr->id, "container %s has already been created in runtime: container state improper",
				    ctr->id);
	else if (container_init(ctr, &err) < 0)
		reply_error_occurred(c, "%s", err.text);
	else
		reply_done(c, ctr);
	error_done(&err);
}

void podman_start_container(struct call *c)
{
	struct container *ctr = named(c);
	struct error err = ERROR_INIT;

	if (!ctr)
		return;
	if (container_is_active(ctr))
		reply_error_occurred(c, "container is already running or paused");
	else if (container_start(ctr, &err) < 0)
		reply_error_occurred(c, "%s", err.text);
	else
		reply_done(c, ctr);
	error_done(&err);
}

static void resume_ended(struct call *c)
{
	struct container *ctr = c->state;

	if (!ctr->process)
		reply_done(c, ctr);
}

void podman_stop_container(struct call *c)
{
	struct container *ctr = named(c);

	if (!ctr)
		return;
	if (ctr->state == CONTAINER_EXITED || ctr->state == CONTAINER_STOPPED) {
		struct json_object *o = json_object_new_object();

		js_set_str(o, "id", ctr->id);
		reply_error(c, "io.podman.ErrCtrStopped", o);
		return;
	}
	if (ctr->state != CONTAINER_CREATED && ctr->state != CONTAINER_RUNNING) {
		reply_invalid_state(c, ctr->id, "can only stop %s containers. %s is in state %s: container state improper",
				    c->host->version == V162 ? "created, running, or stopped" : "created or running", ctr->id,
				    container_state_word(ctr->state));
		return;
	}
	event_add(c->host, "container", "stop", ctr->id, ctr->name, ctr->image_name);
	container_stop(ctr, js_get_int(c->params, "timeout", 0));
	wait_for(c, ctr, resume_ended);
}

static void resume_restarted(struct call *c)
{
	struct container *ctr = c->state;

	if (!ctr->restart)
		reply_done(c, ctr);
}

void podman_restart_container(struct call *c)
{
	struct container *ctr = named(c);
	struct error err = ERROR_INIT;

	if (!ctr)
		return;
	if (ctr->state == CONTAINER_PAUSED) {
		reply_error_occurred(c, "unable to restart a container in a paused or unknown state: container state improper");
	} else if (ctr->state == CONTAINER_RUNNING) {
		ctr->restart = true;
		container_stop(ctr, js_get_int(c->params, "timeout", 0));
		wait_for(c, ctr, resume_restarted);
	} else if (container_start(ctr, &err) < 0) {
		reply_error_occurred(c, "%s", err.text);
	} else {
		reply_done(c, ctr);
	}
	error_done(&err);
}

void podman_kill_container(struct call *c)
{
	int64_t signal = js_get_int(c->params, "signal", -1);
	struct container *ctr = named(c);

	if (!ctr)
		return;
	if (ctr->state != CONTAINER_RUNNING) {
		reply_error_occurred(c, "can only kill running containers. %s is in state %s: container state improper", ctr->id,
				     container_state_word(ctr->state));
		return;
	}
	ctr->stopped_by_user = true;
	process_signal(ctr->process, signal < 0 ? SIGTERM : (int)signal);
	event_add(c->host, "container", "kill", ctr->id, ctr->name, ctr->image_name);
	reply_done(c, ctr);
}

void podman_pause_container(struct call *c)
{
	struct container *ctr = named(c);

	if (!ctr)
		return;
	if (ctr->state == CONTAINER_PAUSED) {
		reply_error_occurred(c, "\"%s\" is already paused: container state improper", ctr->id);
	} else if (ctr->state != CONTAINER_RUNNING) {
		reply_error_occurred(c, "\"%s\" is not running, can't pause: container state improper",
				     container_state_word(ctr->state));
	} else {
		container_pause(ctr, true);
		reply_done(c, ctr);
	}
}

void podman_unpause_container(struct call *c)
{
	struct container *ctr = named(c);

	if (!ctr)
		return;
	if (ctr->state != CONTAINER_PAUSED) {
		reply_error_occurred(c, "\"%s\" is not paused, can't unpause: container state improper", ctr->id);
		return;
	}
	container_pause(ctr, false);
	reply_done(c, ctr);
}

static void resume_wait(struct call *c)
{
	struct container *ctr = c->state;

	if (ctr->removed)
		reply_no_container(c, call_str(c, "name"), call_str(c, "name"));
	else if (!container_is_active(ctr) && ctr->state != CONTAINER_CREATED)
		reply_one(c, "exitcode", json_object_new_int(ctr->exit_code));
}

static void resume_never(struct call *c)
{
	(void)c;
}

/* The interval is the time between two looks of the service; with 0 its timer never fires. */
void podman_wait_container(struct call *c)
{
	struct container *ctr = named(c);

	if (ctr)
		wait_for(c, ctr, js_get_int(c->params, "interval", 0) > 0 ? resume_wait : resume_never);
}

/* Volumes that nobody gave a name; 1.6.2 takes the named ones too. */
static void remove_volumes(struct host *h, const struct container *ctr)
{
	for (size_t i = 0; i < ctr->n_mounts; i++) {
		const struct mount *m = &ctr->mounts[i];
		struct volume *v = m->volume && (m->anonymous || h->version == V162) ? volume_find(h, m->volume) : NULL;

		if (v && !volume_in_use(h, v))
			volume_remove(h, v);
	}
}

static void resume_removed(struct call *c)
{
	struct container *ctr = c->state;

	if (ctr->process)
		return;
	if (!ctr->removed)
		container_remove(ctr);
	if (js_get_bool(c->params, "removeVolumes", false))
		remove_volumes(c->host, ctr);
	reply_done(c, ctr);
}

void podman_remove_container(struct call *c)
{
	struct container *ctr = named(c);
	bool force = js_get_bool(c->params, "force", false);

	if (!ctr)
		return;
	if (container_is_active(ctr) && !force) {
		reply_invalid_state(
			c, ctr->id,
			"cannot remove container %s as it is %s - running or paused containers cannot be removed%s: container "
			"state improper",
			ctr->id, container_state_word(ctr->state), c->host->version == V162 ? "" : " without force");
		return;
	}
	if (ctr->state == CONTAINER_PAUSED)
		container_pause(ctr, false);
	container_stop(ctr, 0);
	wait_for(c, ctr, resume_removed);
}

void podman_evict_container(struct call *c)
{
	const char *name = call_str(c, "name");
	struct container *ctr = container_find(c->host, name);

	if (!ctr) {
		reply_error_occurred(
			c, "Failed to find container \"%s\" in state: no container with name or ID %s found: no such container",
			name, name);
		return;
	}
	container_stop(ctr, 0);
	wait_for(c, ctr, resume_removed);
}

void podman_delete_stopped_containers(struct call *c)
{
	struct json_object *deleted = NULL;

	for (struct container *ctr = c->host->containers, *next; ctr; ctr = next) {
		next = ctr->next;
		if (ctr->process)
			continue;
		if (!deleted)
			deleted = json_object_new_array();
		json_object_array_add(deleted, js_str(ctr->id));
		container_remove(ctr);
	}
	reply_one(c, "containers", deleted);
}
