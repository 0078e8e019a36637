/* connection/probe.h: which socket on a host, and which protocol behind it. */
#ifndef CONNECTION_PROBE_H
#define CONNECTION_PROBE_H

#include <stdbool.h>

#include "base/strv.h"

enum protocol { PROTOCOL_UNKNOWN, PROTOCOL_REST, PROTOCOL_VARLINK };

const char *protocol_word(enum protocol p);

/* The protocol that a socket path suggests by its name: io.podman is varlink, anything else is asked as REST first. */
enum protocol protocol_guess(const char *path);

/* Adds the sockets that a user's service may have, best first. uid 0: the system's; else the user's own and then the system's. */
bool probe_candidates(long uid, struct strv *ret_paths);

/* What answered the last time, by host ("ssh://user@host:port"), in the cache folder. A missing or broken cache is no error: it is only asked
 * again. ret_path: owned by the caller, NULL when nothing is known. */
void memory_recall(const char *host, char **ret_path, enum protocol *ret_protocol);
void memory_keep(const char *host, const char *path, enum protocol protocol);

#endif
