/* config/auth.h: registry credentials of this machine: containers-auth.json(5), docker's config.json, and credential helper programs
 * (github.com/docker/docker-credential-helpers, README "Development").
 *
 * Looked up, first that has an answer: the file that was named (--authfile, REGISTRY_AUTH_FILE, $DOCKER_CONFIG/config.json; then no other is read), else
 * $XDG_RUNTIME_DIR/containers/auth.json (root on Linux: /run/containers/0/auth.json), ~/.config/containers/auth.json, ~/.docker/config.json,
 * ~/.dockercfg. In each file: credHelpers of the host, then "auths" from the longest key that fits
 * (host/namespace/repository ... host), then credsStore. Only the helper that is in charge of the host that is asked for is ever run.
 *
 * Keys: "host[:port]" or "host[:port]/namespace[/...]"; "https://host/v1/" forms of docker are understood; docker.io, index.docker.io and
 * registry-1.docker.io are one. */
#ifndef CONFIG_AUTH_H
#define CONFIG_AUTH_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"

#define AUTH_MAX_BYTES (1024 * 1024) /* of a file, and of a helper's answer */
#define AUTH_HELPER_MS 60000         /* a helper may ask its user */

struct credentials {
	char *username, *password;
	char *identity_token; /* in their place, from docker's OAuth logins */
	char *source;         /* file or helper that had them, for messages */
};

/* NULL strings: none. Wipes the secrets. */
void credentials_done(struct credentials *c);

/* "USER" or "USER:PASSWORD" of --creds; a missing password stays NULL. ERR_USAGE: "credentials can't be empty", "username can't be empty". */
int credentials_parse(const char *creds, struct credentials *ret, struct error *err);

/* A login key from what the user typed: "https://HOST/..." loses scheme and path; "host/ns/repo" is kept; a tag or digest is ERR_USAGE.
 * ret is owned by the caller. */
int auth_key(const char *typed, char **ret, struct error *err);

/* authfile: --authfile, may be NULL. key: a login key or a repository ("quay.io/ns/name"). Nothing found is no error: ret stays empty. A helper
 * that fails for a reason other than "not found" is ERR_AUTH and names the helper. */
int auth_lookup(const char *authfile, const char *key, struct credentials *ret, struct error *err);

/* All credentials of the files as {KEY: {"username", "password"} or {"identitytoken"}}, for a host that picks by itself; helpers are asked for
 * the registries of hosts only. *ret is owned by the caller. */
struct json_object;
int auth_all(const char *authfile, const struct strv *hosts, struct json_object **ret, struct error *err);

/* Stores in the file that a login writes (named one, else the first of the order above; on macOS ~/.config/containers/auth.json), or in the
 * helper that this file puts in charge of the key's host. 0600, atomically, other content kept. ret_where (owned by the caller, may be NULL): what was
 * written. */
int auth_store(const char *authfile, const char *key, const struct credentials *c, char **ret_where, struct error *err);

/* ERR_NOT_FOUND: "not logged into KEY"; *ret_elsewhere: they are only in docker's own file, which is left alone. */
int auth_erase(const char *authfile, const char *key, bool *ret_elsewhere, struct error *err);
int auth_erase_all(const char *authfile, struct error *err);

/* For commands that only read: the file that was named by the flag or REGISTRY_AUTH_FILE must be there. "checking authfile: stat FILE: ...". */
int auth_file_check(const char *authfile, struct error *err);

/* The value of X-Registry-Auth: one pair, or a map of auth_all; base64url with padding (libpod API, registry authentication). Owned by the caller. */
int auth_header(const struct credentials *c, char **ret, struct error *err);
int auth_header_map(struct json_object *map, char **ret, struct error *err);

#endif
