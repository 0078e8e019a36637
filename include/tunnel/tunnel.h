/* tunnel/tunnel.h: one ssh session, many streams. Neither libssh2's types nor the system ssh leave this room.
 *
 * tunnel_open forks the keeper: a process that connects, checks the host key, authenticates (asking on /dev/tty where needed) and then
 * serves streams of its one ssh session on a unix socket in a private folder (0700, peer uid checked). The caller's process never
 * touches the ssh library's state. The keeper ends when the tunnel's owner does. src/tunnel/keeper.h has its socket protocol.
 *
 * Environment: FARPOD_SSH=auto|libssh2|ssh forces a transport; FARPOD_SSH_CONFIG=FILE stands in for the user's and the system's
 * ssh_config, as ssh -F does; CONTAINER_PASSPHRASE unlocks key files; SSH_AUTH_SOCK. */
#ifndef TUNNEL_TUNNEL_H
#define TUNNEL_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct tunnel;

/* Where to; borrowed during tunnel_open. NULL and 0: as ssh_config says, else the local user, port 22. */
struct tunnel_dest {
	const char *host; /* a name of ssh_config or DNS, or an address */
	const char *user;
	int port;
	const char *identity;   /* private key file that is tried first */
	bool ignore_hosts;      /* no host key check */
	bool interactive;       /* may ask on /dev/tty: unknown host key, passphrase, password */
	bool bulk;              /* much will move: a fast cipher is worth a longer login. libssh2 before 1.11 has none, so the system's ssh is
				 * tried first, as far as it can log in without a question */
};

/* Hops of a connection, for `system connection test`. */
enum tunnel_hop { HOP_SSH_CONFIG, HOP_RESOLVE, HOP_TCP, HOP_HOST_KEY, HOP_AUTH, HOP_COUNT_ };

/* Called in the caller's process for each hop that was passed, with its time in microseconds and a detail such as the address, the key
 * type or the user and key; borrowed. */
typedef void tunnel_hop_fn(void *ctx, enum tunnel_hop hop, uint64_t took_us, const char *detail);

/* Errors: ERR_CONNECT name lookup, refused, unreachable, time-out (ConnectTimeout of ssh_config, else 10 s); ERR_AUTH host key unknown,
 * changed or revoked, no key accepted (names every key that was tried); ERR_SYSTEM. Each has a hint with the next command to type. */
int tunnel_open(struct tunnel **ret, const struct tunnel_dest *to, tunnel_hop_fn *hop, void *ctx, struct error *err);

enum tunnel_kind { TUNNEL_UNIX, TUNNEL_TCP, TUNNEL_EXEC };

struct tunnel_target {
	enum tunnel_kind kind;
	const char *path; /* UNIX: socket path on the host; TCP: host name seen from there; EXEC: command line for the login shell */
	int port;         /* TCP */
};

/* A new stream: a connected, blocking, close-on-exec socket that the caller owns. Closing it ends only this stream; half-close with
 * shutdown(fd, SHUT_WR) reaches the far side. A missing or forbidden target is ERR_CONNECT; sys_errno tells ENOENT (no such socket),
 * EACCES (not permitted), ECONNREFUSED (nobody listens), EPERM (sshd does not forward streams) apart where it could be found out. */
int tunnel_dial(struct tunnel *t, const struct tunnel_target *target, int *ret_fd, struct error *err);

/* Runs a command on the host and collects its stdout (at most 64 KiB) and exit status; for questions such as `id -u`. */
struct buf;
int tunnel_run(struct tunnel *t, const char *command, struct buf *out, int *ret_status, struct error *err);

/* Why the session broke: an end of file alone has no reason. "" while it stands. Borrowed until the next call. */
const char *tunnel_last_failure(struct tunnel *t);

/* "libssh2" or "ssh" */
const char *tunnel_transport(const struct tunnel *t);

void tunnel_close(struct tunnel *t);

#endif
