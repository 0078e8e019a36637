/* tunnel/agent.h: the keys of the ssh agent. */
#ifndef TUNNEL_AGENT_H
#define TUNNEL_AGENT_H

#include "tunnel/keys.h"
#include "tunnel/ssh_io.h"

#define AGENT_KEYS_MAX 64

struct agent {
	LIBSSH2_AGENT *agent; /* NULL: none, or it does not answer */
	struct libssh2_agent_publickey *keys[AGENT_KEYS_MAX];
	size_t n;
	bool tried[AGENT_KEYS_MAX];
};

/* Is one to be asked, by ssh_config or $SSH_AUTH_SOCK? Its socket's path, or NULL. */
const char *agent_path(const struct ssh_config *c);

void agent_open(struct agent *a, struct ssh_io *io, const struct ssh_config *c);
void agent_close(struct agent *a);

struct str agent_blob(const struct agent *a, size_t i);
/* The place of a key file's key among the agent's; a->n when it is not there. */
size_t agent_find(const struct agent *a, const struct key_file *file);

#endif
