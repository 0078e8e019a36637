/* cmd/podman/attached.h: what run, start -a, attach and exec share: the user's terminal on one side, a container's stream on the other. */
#ifndef CMD_PODMAN_ATTACHED_H
#define CMD_PODMAN_ATTACHED_H

#include "cmd/session.h"

#define DETACH_KEYS_DEFAULT "ctrl-p,ctrl-q"

/* How the user's side takes part. */
struct attached {
	const char *container;   /* for signals and hints; borrowed */
	bool want_stdin, want_stdout, want_stderr;
	bool tty;                /* the container's side is a terminal */
	bool sig_proxy;          /* only without tty, as podman does */
	const char *detach_keys; /* NULL: the default; "": off */
};

/* True when the window size is known: the initial size for attach_req and exec_req. */
bool attached_size(const struct attached *a, unsigned *ret_width, unsigned *ret_height);

/* ERR_USAGE for bad detach keys, before anything was started; warns when -t meets a stdin that is no terminal. */
int attached_check(const struct attached *a, struct error *err);

/* Pumps until the stream ends; closes it. Returns the exit status of the container's process, 0 after detaching. */
int attached_pump(struct session *s, struct engine *e, const struct attached *a, struct stream *stream, struct error *err);

#endif
