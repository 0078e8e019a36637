/* tunnel/keeper.h: the process that owns the ssh session, and how others talk to it.
 *
 * The owner (a podman command) forks the keeper with one end of a socketpair, the control connection. The keeper logs in while it still
 * belongs to the terminal, so that it can ask there; then it leaves the terminal's session and serves streams on a unix socket in a folder
 * of its own (mode 0700, the peer's uid is checked too). It ends, and removes the folder, when the control connection is closed, which
 * the kernel does for an owner that was killed.
 *
 * All messages are lines of words (tunnel/lines.h: percent-encoded, one blank between). KIND is the word of an error kind, ERRNO a
 * number of this machine or 0, TEXT and HINT are for the user.
 *
 * Control connection, keeper to owner only:
 *
 *	hop NUMBER MICROSECONDS DETAIL      a step of the connection was passed (enum tunnel_hop)
 *	ready TRANSPORT SOCKET              logged in; SOCKET is where streams are served
 *	fail KIND ERRNO TEXT HINT           not logged in; nothing follows
 *	lost TEXT                           the session broke after "ready"; all streams see their end of file after this line
 *
 * Stream connection: the client connects to SOCKET and writes one line,
 *
 *	unix PATH                           a stream to a unix socket on the host
 *	tcp HOST PORT                       a stream to a port, as seen from the host
 *	exec COMMAND                        stdin and stdout of a command run by the user's login shell
 *	run COMMAND                         the same without stdin; the answer comes when it has ended
 *
 * and reads one line:
 *
 *	ok                                  raw bytes both ways follow; an end of file in one direction is passed on as such
 *	ok STATUS                           (run) the exit status; stdout, at most 64 KiB of it, follows until the end of file
 *	at PATH                             the stream is served there instead, by the system's ssh: connect to it, nothing more to say
 *	fail KIND ERRNO TEXT HINT           no stream; the connection is closed
 */
#ifndef TUNNEL_KEEPER_H
#define TUNNEL_KEEPER_H

#include <stdint.h>

#include "base/buf.h"
#include "tunnel/tunnel.h"

/* What a "run" collects of the command's stdout. */
#define RUN_OUTPUT_MAX ((size_t)64 * 1024)

/* The whole life of the keeper, in the forked child. */
void keeper_main(const struct tunnel_dest *to, int control) __attribute__((noreturn));

/* The keeper's own side, for the two transports. */
struct keeper {
	int control;
	int listen;
	char dir[80];    /* private; "" until it is made */
	uint64_t hop_us; /* when the current step began */
};

/* Tells the owner that a step was passed; its time runs from the end of the step before. */
void keeper_hop(struct keeper *k, enum tunnel_hop hop, const char *detail);
/* Tells the owner why the session broke. */
void keeper_lost(struct keeper *k, const char *text);
/* The owner is gone, or SIGTERM came: time to end. control_events: what poll said of k->control. */
bool keeper_ends(const struct keeper *k, short control_events);

/* Makes the folder, once, which k->dir names from then on. */
int keeper_make_dir(struct keeper *k, struct error *err);
/* "DIR/NAME" for a socket there. False when it does not fit in a socket address. */
bool keeper_path(const struct keeper *k, const char *name, struct buf *out);
/* A new client whose uid is ours, non-blocking; -1 when there is none. */
int keeper_accept(struct keeper *k);
/* The answers to a client that fit in the empty buffer of its socket. */
void keeper_answer(int client, const char *line);
void keeper_refuse(int client, const struct error *why);

#endif
