/* process.h: the real processes behind run and exec. What conmon and runc do for podman is done here in small: pipes or a pty, the
 * container's own root, output in blocks, an exit code. */
#ifndef HOST_PROCESS_H
#define HOST_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/strv.h"
#include "host.h"

enum output_stream { STREAM_STDOUT, STREAM_STDERR };

struct process_owner {
	/* A block of output, at most FRAME_MAX_OUT bytes. */
	void (*output)(void *ctx, enum output_stream stream, struct str block);
	/* False: do not read on yet, a client does not keep up. */
	bool (*ready)(void *ctx);
	/* All output was handed over and the exit code is known. The process is freed after it. */
	void (*ended)(void *ctx, int exit_code);
	void *ctx;
};

struct mount {
	char *source, *destination;
	char *volume; /* the named volume that source belongs to; NULL: a path of the host */
	bool anonymous, read_only;
};

struct process_spec {
	const char *root;    /* the container's files */
	const char *workdir; /* in it */
	const char *hostname;
	const char *user; /* "", name, uid, uid:gid */
	char *const *argv, *const *env;
	const struct mount *mounts;
	size_t n_mounts;
	pid_t join; /* a process of the container that is running already; 0: a new container */
	bool tty, stdin_open;
};

struct process {
	struct process *next;
	struct host *host;
	pid_t pid;
	bool tty;
	bool first;                /* the container's process 1 */
	int in_fd, out_fd, err_fd; /* with a tty all three are the pty's one descriptor */
	int release_fd;            /* -1 once it may run */
	struct buf input;
	bool input_ends; /* close in_fd when input is written */
	bool reaped, freed;
	int exit_code;
	struct process_owner owner;
};

/* Makes the process, stopped right before its exec. ERR_NOT_FOUND: no such command; ERR_REMOTE: it can't be run, in runc's words. */
int process_create(struct host *h, const struct process_spec *spec, struct process **ret, struct error *err);
/* Lets it run. */
void process_release(struct process *p);

void process_set_owner(struct process *p, struct process_owner owner);

/* Bytes that process_write would take now. */
size_t process_room(const struct process *p);
/* Takes what there is room for; the number of bytes taken. All of it when the process has no stdin: nobody will read it. */
size_t process_write(struct process *p, struct str bytes);
/* End of file for the process once all input is written. Nothing happens to a terminal: it has no end. */
void process_end_input(struct process *p);
void process_resize(struct process *p, int width, int height);
void process_signal(struct process *p, int signal);

void processes_want(struct host *h);
/* Reaps, reads, reports to the owners. */
void processes_turn(struct host *h);
void processes_kill_all(struct host *h);

#endif
