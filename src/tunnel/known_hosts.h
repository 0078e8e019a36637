/* tunnel/known_hosts.h: the lines of known_hosts files that speak of one host. libssh2's own reader ignores @revoked, knows no wildcards
 * and drops everything after a line that it cannot parse. */
#ifndef TUNNEL_KNOWN_HOSTS_H
#define TUNNEL_KNOWN_HOSTS_H

#include <stdbool.h>

#include "base/strv.h"

enum known_marker { KNOWN_PLAIN, KNOWN_CA, KNOWN_REVOKED };

struct known_key {
	enum known_marker marker;
	bool portless;    /* named without the port, which counts for a match only */
	char *type;       /* "ssh-ed25519" */
	char *key;        /* base64 as it stands in the file */
	const char *file; /* borrowed from the caller of known_hosts_read */
	unsigned line;
};

struct known_hosts {
	struct known_key *v;
	size_t n, cap;
};

/* Does one host field ("a,*.b,!c", "|1|salt|hash", "[a]:2222") speak of the name? name: lower case. */
bool known_hosts_field_matches(struct str field, const char *name);

/* name for a host and port: "host", or "[host]:port" for a port other than 22; lower case. Owned by the caller. */
char *known_hosts_name(const char *host, int port);

/* Adds the lines of one file's text; lines that cannot be parsed are skipped. file is for messages. plain_host: the name without its port,
 * or NULL when host is that already. False without memory. */
bool known_hosts_add(struct known_hosts *k, struct str text, const char *file, const char *name, const char *plain_host);

/* All files; those that do not exist or cannot be read are passed over. */
int known_hosts_read(struct known_hosts *k, const struct strv *files, const char *name, const char *plain_host, struct error *err);

/* Is there an @cert-authority or @revoked line? */
bool known_hosts_marked(const struct known_hosts *k);

enum known_verdict { KNOWN_MATCH, KNOWN_UNKNOWN, KNOWN_OTHER_TYPE, KNOWN_CHANGED, KNOWN_IS_REVOKED };

/* What the lines say of a key. ret_key: the line that decides, borrowed; NULL for KNOWN_UNKNOWN. */
enum known_verdict known_hosts_check(const struct known_hosts *k, const char *type, const char *key,
				     const struct known_key **ret_key);

void known_hosts_done(struct known_hosts *k);

/* A host field that does not show the name: "|1|salt|hash". False when the crypto library fails. */
bool known_hosts_hash(const char *name, struct buf *out);

#endif
