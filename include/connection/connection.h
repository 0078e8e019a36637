/* connection/connection.h: from a destination to an open engine. The only room that knows both protocols. */
#ifndef CONNECTION_CONNECTION_H
#define CONNECTION_CONNECTION_H

#include "config/config.h"
#include "engine/engine.h"

struct connection;

/* Opens the carrier (ssh, unix socket, tcp, bridge command), finds the service's socket when the destination names none, and asks what
 * answers: REST first, then varlink. What answered is remembered per host (cache folder) and tried first the next time.
 * to is borrowed until connection_close. Errors name the connection, the hop and the next command to type. */
int connection_open(const struct destination *to, struct connection **ret, struct error *err);
struct engine *connection_engine(struct connection *c); /* borrowed */
void connection_close(struct connection *c);
void connection_close_p(struct connection **c);

/* One line of `system connection test`: took_us is 0 for a hop that failed; detail is borrowed. */
typedef void connection_hop_fn(void *ctx, const char *hop, bool passed, uint64_t took_us, const char *detail);

/* Walks every hop: configuration, name lookup, TCP, host key, authentication, socket, protocol, API version. Fails at the first that fails. */
int connection_test(const struct destination *to, connection_hop_fn *hop, void *ctx, struct error *err);

#endif
