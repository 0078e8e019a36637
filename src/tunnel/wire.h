/* tunnel/wire.h: the socket below libssh2.
 *
 * libssh2's send and receive calls are replaced by ours, for four reasons:
 * - libssh2 must get a packet out whole before the next one begins, and wants the same call repeated until then, which many channels in one
 *   loop can't promise. Ours takes every packet at once into a queue; who writes much asks ssh_wire_full first.
 * - libssh2 reads until the socket is empty, so a fast host would fill the whole window into memory. Ours hands out a budget a turn.
 * - TCP_QUICKACK: sshd leaves Nagle's algorithm on until a session runs a command, so a small packet of it waits for our ACK of the one
 *   before, and Linux delays that by 40 ms. The flag clears itself, hence it is set again after each read.
 * - the first bytes are kept, to show what answered when it was no ssh server. */
#ifndef TUNNEL_WIRE_H
#define TUNNEL_WIRE_H

#include <libssh2.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct wire {
	LIBSSH2_SESSION *session;
	int fd;
	struct buf out;       /* packets on their way to the host */
	size_t budget;        /* bytes that may be read in this turn */
	bool empty;           /* the socket had nothing more in this turn */
	bool closed;          /* the host closed it */
	uint64_t received_ms; /* when bytes came last */
	uint64_t received;    /* bytes altogether */
	char greeting[64];    /* what came first, as it came */
	int sys_errno;        /* of the send or receive that failed */
};

/* The session on a connected non-blocking socket, which is taken. */
int ssh_wire_open(struct wire *w, int fd, struct error *err);
void ssh_wire_close(struct wire *w);

/* Begins a turn: libssh2 may read again. */
void ssh_wire_turn(struct wire *w);
/* Sends what the socket takes. */
void ssh_wire_flush(struct wire *w);
bool ssh_wire_pending(const struct wire *w);
/* Enough is queued; ask libssh2 to write no more data for now. */
bool ssh_wire_full(const struct wire *w);

/* For one call that is repeated while it says LIBSSH2_ERROR_EAGAIN: waits until the socket has something new. False at the deadline. */
bool ssh_wire_wait(struct wire *w, uint64_t deadline_ms);

#define WIRE_UNTIL_DONE(w, deadline_ms, r, call)                                                                                   \
	do {                                                                                                                       \
		ssh_wire_turn(w);                                                                                                  \
		(r) = (call);                                                                                                      \
		ssh_wire_flush(w);                                                                                                 \
	} while ((r) == LIBSSH2_ERROR_EAGAIN && ssh_wire_wait(w, deadline_ms))

/* libssh2's words for its last failure. Borrowed. */
const char *ssh_wire_message(struct wire *w);

#endif
