/* host.h: the world of the stand-in host: what a podman service of one version has, kept in memory. */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "loop.h"
#include "misbehave.h"

/* Bits, so that a table row can name several. */
enum podman_version {
	V162 = 1,
	V180 = 2,
	V193 = 4,
	VALL = V162 | V180 | V193,
	VNEW = V180 | V193,
};

struct connection;
struct container;
struct event;
struct image;
struct layer;
struct process;
struct pushed;
struct volume;

struct host {
	enum podman_version version;
	const char *version_text;
	char *dir;    /* everything that the host writes lies below it */
	bool own_dir; /* made for this run; removed at its end */
	char *socket_path;
	uint64_t idle_ms; /* 0: serve for ever */
	uint64_t idle_since_ms;
	int listen_fd;
	bool stop;
	struct misbehave misbehave;
	struct loop loop;
	struct connection *connections;
	struct process *processes;
	/* In the order of their making. */
	struct container *containers;
	struct image *images;
	struct layer *layers; /* the first one is that of the base */
	struct pushed *pushed;
	char *scratch;        /* the files of an image without layers; NULL until needed */
	struct volume *volumes;
	struct event *events;
	uint64_t next_serial; /* of everything that is made; for "latest" and IDs */
	uint64_t next_event;
};

bool host_version_parse(const char *text, enum podman_version *ret, const char **ret_text);

/* Makes dir and what lies in it, listens on socket_path. */
int host_open(struct host *h, struct error *err);

/* Serves until h->stop, a signal or the idle time is over. */
int host_run(struct host *h, struct error *err);

/* Kills what runs and removes what was written. */
void host_close(struct host *h);

/* Something changed that may let a waiting call go on: the loop takes another turn at once. */
void host_wake(struct host *h);

/* 64 hex digits that this host has not given before. */
void host_new_id(struct host *h, char ret_id[65]);

/* "dir/a/b", owned by the caller; b may be NULL. */
char *host_path(const struct host *h, const char *a, const char *b);

#endif
