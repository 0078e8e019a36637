/* connection/carrier.h: what carries the streams to a destination: the ssh tunnel, a unix or tcp socket, or a bridge command. */
#ifndef CONNECTION_CARRIER_H
#define CONNECTION_CARRIER_H

#include <sys/types.h>

#include "base/dialer.h"
#include "config/config.h"
#include "tunnel/tunnel.h"

struct carrier {
	const struct destination *to; /* borrowed */
	struct tunnel *tunnel;        /* DEST_SSH only */
	char *path;                   /* the socket in use; owned */
	char *where;                  /* for messages; owned */
	char *failure;                /* why the last dial or stream broke; owned */
	pid_t *bridges;               /* processes to reap; owned */
	size_t n_bridges;
};

/* Opens the tunnel where there is one; dials nothing yet. to is borrowed until carrier_done. */
int carrier_open(struct carrier *c, const struct destination *to, tunnel_hop_fn *hop, void *ctx, struct error *err);

/* Uses this socket path from now on. */
int carrier_use(struct carrier *c, const char *path, struct error *err);

/* The dialer of the protocol rooms; c is borrowed by it. */
struct dialer carrier_dialer(struct carrier *c);

/* The numeric user ID that the service's socket belongs to: asked on the host over ssh. */
int carrier_uid(struct carrier *c, long *ret_uid, struct error *err);

void carrier_done(struct carrier *c);

#endif
