/* tunnel/connect.h: name lookup and TCP. */
#ifndef TUNNEL_CONNECT_H
#define TUNNEL_CONNECT_H

#include <netdb.h>

#include "base/buf.h"

static inline void addrinfo_p(struct addrinfo **a)
{
	if (*a)
		freeaddrinfo(*a);
}

int connect_lookup(const char *host, int port, int family, struct addrinfo **ret, struct error *err);

/* A non-blocking socket with TCP_NODELAY. Addresses are tried one after the other, the next one also when the one before has not answered
 * for a quarter of a second; the first that answers wins. The error is that of the address that failed last. */
int connect_tcp(const struct addrinfo *addresses, const char *host, int port, uint64_t deadline_ms, int *ret_fd, struct error *err);

/* "10.0.0.5 port 22" of the connected peer. */
void connect_peer(int fd, struct buf *out);

#endif
