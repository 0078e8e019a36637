/* config/auth_helper.h: credential helpers, programs that keep credentials in the user's keychain (docker/docker-credential-helpers,
 * README). Private to the room.
 *
 * name: "osxkeychain" for docker-credential-osxkeychain, searched on PATH. key: a normal key's host. Secrets go through pipes. */
#ifndef CONFIG_AUTH_HELPER_H
#define CONFIG_AUTH_HELPER_H

#include "config/auth.h"

/* 1: found; 0: the helper does not know the host. ERR_AUTH names the helper and what it said; sys_errno ENOENT: it is not installed. */
int auth_helper_get(const char *name, const char *host, struct credentials *ret, struct error *err);
int auth_helper_store(const char *name, const char *host, const struct credentials *c, struct error *err);
/* 1: erased; 0: the helper did not know the host. */
int auth_helper_erase(const char *name, const char *host, struct error *err);

#endif
