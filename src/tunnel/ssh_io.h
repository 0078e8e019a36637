/* tunnel/ssh_io.h: the socket below libssh2.
 *
 * libssh2's send and receive calls are replaced by ours, for four reasons:
 * - libssh2 must get a packet out whole before the next one begins, and wants the same call repeated until then, which many channels in one
 *   loop can't promise. Ours takes every packet at once into a queue; who writes much asks ssh_io_full first.
 * - libssh2 reads until the socket is empty, so a fast host would fill the whole window into memory. Ours hands out a budget a turn.
 * - TCP_QUICKACK: sshd leaves Nagle's algorithm on until a session runs a command, so a small packet of it waits for our ACK of the one
 *   before, and Linux delays that by 40 ms. The flag clears itself, hence it is set again after each read.
 * - the first bytes are kept, to show what answered when it was no ssh server. */
#ifndef TUNNEL_SSH_IO_H
#define TUNNEL_SSH_IO_H

#include <libssh2.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct ssh_io {
	LIBSSH2_SESSION *session;
	int fd;
	struct buf out;         /* packets on their way to the host */
	size_t budget;          /* bytes that may be read in this turn */
	bool empty;             /* the socket had nothing more in this turn */
	bool closed;            /* the host closed it */
	uint64_t round_trip_ms; /* to the host, about */
	uint64_t received_ms;   /* when bytes came last */
	uint64_t received;      /* bytes altogether */
	char greeting[64];      /* what came first, as it came */
	int sys_errno;          /* of the send or receive that failed */
};

/* The session on a connected non-blocking socket, which is taken. */
int ssh_io_open(struct ssh_io *io, int fd, struct error *err);
void ssh_io_close(struct ssh_io *io);

/* Begins a turn: libssh2 may read again. */
void ssh_io_turn(struct ssh_io *io);
/* Sends what the socket takes. */
void ssh_io_flush(struct ssh_io *io);
bool ssh_io_pending(const struct ssh_io *io);
/* Enough is queued; ask libssh2 to write no more data for now. */
bool ssh_io_full(const struct ssh_io *io);

/* For one call that is repeated while it says LIBSSH2_ERROR_EAGAIN: waits until the socket has something new. False at the deadline. */
bool ssh_io_wait(struct ssh_io *io, uint64_t deadline_ms);

#define UNTIL_DONE(io, deadline_ms, r, call)                                                                                       \
	do {                                                                                                                       \
		ssh_io_turn(io);                                                                                                   \
		(r) = (call);                                                                                                      \
		ssh_io_flush(io);                                                                                                  \
	} while ((r) == LIBSSH2_ERROR_EAGAIN && ssh_io_wait(io, deadline_ms))

/* libssh2's words for its last failure. Borrowed. */
const char *ssh_io_message(struct ssh_io *io);

#endif
