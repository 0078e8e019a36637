/* tunnel/auth.h: the user's login on a session whose host key was checked. */
#ifndef TUNNEL_AUTH_H
#define TUNNEL_AUTH_H

#include "tunnel/keys.h"
#include "tunnel/ssh_io.h"

/* The identity given, the agent's keys, the files of ssh_config; then, on a terminal, questions and passwords. Never asks the server for
 * its list of methods while there is a key to try: that would be a round trip. detail: "root by ssh-ed25519 /home/u/.ssh/id_ed25519".
 * ret_only_ssh: written on failure; there was something that only the system's ssh can log in with. ERR_AUTH names what was tried. */
int auth_login(struct ssh_io *io, const struct ssh_config *c, const struct tunnel_dest *to, const struct key_files *files,
	       struct buf *detail, bool *ret_only_ssh, struct error *err);

#endif
