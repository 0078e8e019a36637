/* tunnel/ssh_config.h: what the user's ssh_config says about a host, as "ssh -G" resolves it. We never read its syntax ourselves. */
#ifndef TUNNEL_SSH_CONFIG_H
#define TUNNEL_SSH_CONFIG_H

#include <stdbool.h>

#include "base/strv.h"
#include "tunnel/tunnel.h"

enum host_key_policy { HOST_KEY_ASK, HOST_KEY_STRICT, HOST_KEY_ACCEPT_NEW, HOST_KEY_ACCEPT_ANY };

struct ssh_config {
	char *host; /* HostName: what is connected to */
	char *user;
	int port;
	int connect_timeout_s;
	int address_family; /* AF_UNSPEC, AF_INET, AF_INET6 */
	char *host_key_alias;
	char *identity_agent; /* a path, or "none"; NULL: $SSH_AUTH_SOCK */
	bool identities_only, hash_known_hosts;
	bool key_auth, password_auth, interactive_auth;
	enum host_key_policy policy;
	struct strv identity_files, user_known_hosts, global_known_hosts;
	/* The first directive that only the system's ssh can follow ("ProxyJump bastion"); NULL when there is none. */
	char *only_ssh;
};

/* Longer answers of ssh are refused. */
#define SSH_CONFIG_MAX ((size_t)128 * 1024)

/* The answer of "ssh -G" for a host, or "" for the defaults alone. Paths come out with ~ and % tokens resolved. home: of the user. */
int ssh_config_parse(struct str answer, const struct tunnel_dest *to, const char *home, struct ssh_config *ret, struct error *err);

/* Asks ssh, or the answer that it gave before when no configuration file changed since. Nothing is asked where none exists. */
int ssh_config_load(const struct tunnel_dest *to, struct ssh_config *ret, struct error *err);

void ssh_config_done(struct ssh_config *c);

/* $FARPOD_SSH_CONFIG: used instead of the user's and the system's files, as ssh -F does; NULL when not set. */
const char *ssh_config_file(void);

/* The home folder as ssh sees it, from the password database. Owned by the caller. */
char *ssh_config_home(void);

#endif
