/* container.h: containers: what they are, and what happens to them. */
#ifndef HOST_CONTAINER_H
#define HOST_CONTAINER_H

#include <json-c/json.h>
#include <stdbool.h>

#include "base/clock.h"
#include "host.h"
#include "log.h"
#include "process.h"

/* The numbers are libpod's own; ContainerStateData shows them. */
enum container_state {
	CONTAINER_CONFIGURED = 1,
	CONTAINER_CREATED = 2,
	CONTAINER_RUNNING = 3,
	CONTAINER_STOPPED = 4,
	CONTAINER_PAUSED = 5,
	CONTAINER_EXITED = 6,
};

struct port {
	int64_t host, container;
	char *host_ip;
	char *protocol;
};

struct container {
	struct container *next;
	struct host *host;
	uint64_t serial;
	char id[65];
	char *name;
	char *image_name;
	char image_id[65];
	struct layer *top; /* of its image, which may go away before it does */
	char *dir; /* what the container has on the host; dir/rootfs are its files */
	char *rootfs;
	struct json_object *create; /* the Create that made it, for what only inspect shows */

	struct strv
		command;  /* what follows the image's name, else the image's own, even when an entrypoint keeps it from running */
	struct strv argv; /* entrypoint and command: what runs */
	struct strv entrypoint;
	struct strv env;
	struct json_object *labels;
	char *workdir, *user, *hostname;
	struct port *ports;
	size_t n_ports;
	struct mount *mounts;
	size_t n_mounts;
	bool tty, interactive, auto_remove;
	int64_t memory_bytes;
	int stop_signal;

	enum container_state state;
	struct process *process;
	struct instant created, started, finished;
	int exit_code;
	bool exited, stopped_by_user, was_initialized;
	uint64_t kill_at_ms; /* a stop is under way: the end of its grace time */
	bool restart;        /* start again once it has ended */
	unsigned runs;       /* how often it was started */
	unsigned mounts_wanted; /* by MountContainer */
	unsigned users;      /* sessions that still look at it after it was removed */
	bool removed;
	struct log log;
	struct session *sessions; /* who is attached */
};

const char *container_state_word(enum container_state state);
/* "configured" is an internal word: ps says "created". */
const char *container_shown_state(const struct container *c);
bool container_is_active(const struct container *c);

/* By name, ID or the start of an ID that only one has. */
struct container *container_find(struct host *h, const char *name_or_id);
struct container *container_latest(struct host *h);

/* The states' steps. Texts of errors are the real service's reasons. */
int container_init(struct container *c, struct error *err);
/* Initializes too when needed. Output goes to the log, and to the sessions that are there before the call. */
int container_start(struct container *c, struct error *err);
/* The stop signal now, SIGKILL after grace_s. The end comes later. */
void container_stop(struct container *c, int64_t grace_s);
void container_pause(struct container *c, bool pause);
/* Out of the list; the memory goes when the last session has let go. */
void container_remove(struct container *c);

void container_hold(struct container *c);
void container_release(struct container *c);

/* Stops whose time is over. */
void containers_turn(struct host *h);
void containers_free(struct host *h);

#endif
