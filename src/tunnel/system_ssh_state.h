/* tunnel/system_ssh_state.h: what system_ssh.c (the session) and system_ssh_serve.c (its streams) share. */
#ifndef TUNNEL_SYSTEM_SSH_STATE_H
#define TUNNEL_SYSTEM_SSH_STATE_H

#include "tunnel/ssh_log.h"
#include "tunnel/system_ssh.h"

#define SSH_FORWARDS_MAX   64
#define SSH_EXIT_NOT_FOUND 127

struct forward {
	char *target; /* the right half of -L: path, or host:port */
	bool works;   /* a connection through it was opened once */
};

struct system_ssh {
	struct keeper *k;
	const struct login_plan *p;
	pid_t pid;
	struct ssh_log log;
	char control[128]; /* the path of ssh's own control socket */
	struct forward forwards[SSH_FORWARDS_MAX];
	size_t n_forwards;
};

/* Appends words up to NULL. */
bool ssh_argv_add(struct strv *argv, const char *const *words);

#endif
