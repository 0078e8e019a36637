/* tunnel/ssh_log.h: what the system's ssh tells on stderr at LogLevel DEBUG2: steps passed, channels opened, and why it gave up. */
#ifndef TUNNEL_SSH_LOG_H
#define TUNNEL_SSH_LOG_H

#include "tunnel/keeper.h"

/* A refused jump host takes three lines: its own, and two of the connection that waited for it. */
#define SSH_LOG_WORDS 3

struct ssh_log {
	int fd;                     /* non-blocking read end; -1 at its end */
	struct buf line;            /* the part of a line that is there */
	char *words[SSH_LOG_WORDS]; /* the last lines that are no debug output, oldest first */
	char *host_key;             /* "ssh-ed25519 SHA256:..." */
	char *login;                /* "... using "publickey"." */
	bool tcp_told, host_key_told;
	unsigned confirmed, refused; /* channels */
};

/* Takes what is there; tells the owner of steps. */
void ssh_log_read(struct ssh_log *l, struct keeper *k);

/* One line, as it came. For tests. */
void ssh_log_line(struct ssh_log *l, struct str line, struct keeper *k);

/* The error that the last words mean. host: for the hint. */
int ssh_log_error(const struct ssh_log *l, const char *host, struct error *err);

void ssh_log_done(struct ssh_log *l);

#endif
