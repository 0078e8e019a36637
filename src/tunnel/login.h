/* tunnel/login.h: from a host's name to a logged-in session of libssh2. */
#ifndef TUNNEL_LOGIN_H
#define TUNNEL_LOGIN_H

#include "tunnel/auth.h"
#include "tunnel/host_key.h"
#include "tunnel/keeper.h"

/* Everything that is known before the first packet. */
struct login_plan {
	const struct tunnel_dest *to;
	struct ssh_config config;
	struct host_identity host;
	struct key_files keys;
};

int login_plan_make(struct login_plan *p, const struct tunnel_dest *to, struct error *err);
void login_plan_done(struct login_plan *p);

/* Why only the system's ssh can do this, for the log; NULL when libssh2 can. Points into p or to a constant. */
const char *login_only_ssh(const struct login_plan *p);

/* Connects, checks the host, logs in. ret_only_ssh: written on failure; the system's ssh may succeed where this failed. */
int login_run(struct keeper *k, const struct login_plan *p, struct ssh_io *ret, bool *ret_only_ssh, struct error *err);

#endif
