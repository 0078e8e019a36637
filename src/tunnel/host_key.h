/* tunnel/host_key.h: is this the host that we mean? */
#ifndef TUNNEL_HOST_KEY_H
#define TUNNEL_HOST_KEY_H

#include "tunnel/known_hosts.h"
#include "tunnel/ssh_config.h"
#include "tunnel/ssh_io.h"

/* What is known of the host, read before connecting. */
struct host_identity {
	char *name;  /* as it stands in known_hosts: "box", "[box]:2222", or the HostKeyAlias */
	char *plain; /* the name without its port, NULL when that is the same */
	struct known_hosts known;
};

int host_identity_read(struct host_identity *id, const struct ssh_config *c, struct error *err);
void host_identity_done(struct host_identity *id);

/* Only RSA keys are known of it. */
bool host_identity_only_rsa(const struct host_identity *id);

/* Asks the host for a key of a type that is known of it before any other, as ssh does: a host with three keys must not look changed
 * because another one of them is on record. Before the handshake. */
void host_key_prefer(struct ssh_io *io, const struct host_identity *id);

/* After the handshake. May ask on the terminal, and may write to the user's known_hosts. detail: "ssh-ed25519 SHA256:..." for the report.
 * ERR_AUTH. */
int host_key_check(struct ssh_io *io, const struct host_identity *id, const struct ssh_config *c, const struct tunnel_dest *to,
		   struct buf *detail, struct error *err);

#endif
