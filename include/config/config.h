/* config/config.h: which host a command goes to, and why.
 *
 * Read for every command: podman-remote.conf (Podman 1.5-1.9), containers.conf and its drop-ins (2.0+), podman-connections.json (5.0+),
 * flags and environment. Order of choice, first match wins (docs/connections.md has the table for users):
 *   1. --connection NAME; --url; --remote-host (with --username, --port, --identity-file, --ignore-hosts)
 *   2. PODMAN_VARLINK_BRIDGE, PODMAN_VARLINK_ADDRESS
 *   3. CONTAINER_CONNECTION; CONTAINER_HOST (with CONTAINER_SSHKEY); PODMAN_HOST (with PODMAN_USER, PODMAN_PORT, PODMAN_IDENTITY_FILE,
 *      PODMAN_IGNORE_HOSTS)
 *   4. the default: podman-connections.json "Default", containers.conf active_service, podman-remote.conf "default = true" (or its only
 *      connection)
 *   5. on Linux, the local sockets: $XDG_RUNTIME_DIR/podman/podman.sock (root: /run/podman/podman.sock), then the io.podman twin.
 * --identity replaces the key of whatever was chosen. Podman 4.9 and later choose so too, where they know the rule. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "base/strv.h"

enum dest_scheme { DEST_SSH, DEST_UNIX, DEST_TCP, DEST_BRIDGE, DEST_LOCAL };

/* One host. All strings are owned; NULL where not given. */
struct destination {
	char *name; /* of the connection; NULL when it has none (--url ...) */
	char *uri;  /* as written, or built from podman-remote.conf's keys; no password in it */
	char *source; /* in a list: the file it is defined in. Of config_choose: the rule that won: "--url", "CONTAINER_HOST", "default of
			 * /home/u/.config/containers/podman-remote.conf", "--connection, defined in /etc/containers/containers.conf" */
	enum dest_scheme scheme;
	char *user, *host;
	int port;       /* 0: not given */
	char *path;     /* socket; NULL or "": the client looks for it */
	char *identity; /* private key file */
	char *command;  /* DEST_BRIDGE: run by sh -c */
	char *problem;  /* of a connection in a file that can't be used: what is wrong with it; config_choose never returns one */
	bool ignore_hosts;                       /* no host key check, as the user asked */
	bool bulk;                               /* no setting: the command at hand will move much */
	bool is_machine, is_default, read_write; /* read_write: lives in podman-connections.json */
};

void destination_done(struct destination *d);
int destination_copy(const struct destination *from, struct destination *to, struct error *err);

/* "ssh://[user@]host[:port][/path]", "unix:///path", "unix:/path", "tcp://host:port" or "tcp:host:port"; an IPv6 host in brackets;
 * percent-escapes decoded. ERR_USAGE names the value and what is wrong with it. */
int destination_parse(const char *uri, struct destination *ret, struct error *err);

/* Makes uri anew from scheme, user, host, port and path (DEST_SSH, DEST_UNIX, DEST_TCP). */
int destination_build_uri(struct destination *d, struct error *err);

/* What the command line says about the host; NULL, -1 (ignore_hosts) and 0 (port) where not given. Borrowed. */
struct config_flags {
	const char *connection, *url, *identity;
	const char *remote_host, *username, *identity_file, *remote_config_path;
	int port;
	int ignore_hosts;
};

/* All known connections in the order: podman-connections.json, containers.conf, podman-remote.conf; of two with the same name the
 * first counts, the others are left out. */
struct connections {
	struct destination *v;
	size_t n;
	struct strv files_read;
};

int config_connections(const struct config_flags *flags, struct connections *ret, struct error *err);
void connections_done(struct connections *c);

/* The host for this command line; all strings owned. ret->source says which rule won. ERR_USAGE, ERR_NOT_FOUND (unknown name). A broken file is an error even
 * when a flag decides. */
int config_choose(const struct config_flags *flags, struct destination *ret, struct error *err);

/* Changes podman-connections.json (PODMAN_CONNECTIONS_CONF or beside the user's containers.conf), under its lock file, atomically. A
 * connection from another file is refused by name with the file to edit. */
int config_connection_add(const char *name, const struct destination *d, bool make_default, struct error *err);
int config_connection_remove(const char *name, bool all, struct error *err);
int config_connection_rename(const char *from, const char *to, struct error *err);
int config_connection_default(const char *name, struct error *err);

#endif
