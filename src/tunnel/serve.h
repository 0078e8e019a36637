/* tunnel/serve.h: the keeper's loop over a libssh2 session. */
#ifndef TUNNEL_SERVE_H
#define TUNNEL_SERVE_H

#include "tunnel/keeper.h"
#include "tunnel/ssh_io.h"

/* Until the owner ends or the session breaks; the owner is told of the latter. host: for messages. */
void serve(struct keeper *k, struct ssh_io *io, const char *host);

#endif
