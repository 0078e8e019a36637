/* tunnel/explain.h: why a socket on the host can't be reached. sshd answers "connect failed" for a missing socket, for one that it may not
 * open and for forwarding that is switched off. One command on the host tells them apart, and only after the failure. */
#ifndef TUNNEL_EXPLAIN_H
#define TUNNEL_EXPLAIN_H

#include "base/buf.h"
#include "base/error.h"

/* The command for any login shell. */
void explain_command(const char *path, struct buf *out);

/* The error from what the command printed; output without an answer in it (no shell, forced command) gives an error without sys_errno. */
int explain_socket(const char *host, const char *path, struct str output, struct error *err);

#endif
