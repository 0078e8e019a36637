/* config/auth_key.h: the names under which credentials are kept. Private to the room. */
#ifndef CONFIG_AUTH_KEY_H
#define CONFIG_AUTH_KEY_H

#include <stdbool.h>

#include "base/buf.h"

#define AUTH_KEY_MAX 4096

/* The one spelling of a key: no scheme and then no path either, docker.io for all its names. whole_host: the path goes in any case, as in
 * ~/.dockercfg. Owned by the caller; NULL without memory or over AUTH_KEY_MAX. */
char *auth_key_normal(struct str key, bool whole_host);

/* "host[:port]" of a normal key. */
struct str auth_key_host(const char *key);

/* Shortens a normal key by its last component; false when it was the host alone. */
bool auth_key_parent(char *key);

/* How docker and the helpers spell a host. Borrowed. */
const char *auth_key_docker(const char *host);

#endif
