/* config/registries.h: containers-registries.conf(5): where a registry name really leads. Version 2 of the format, and version 1 for reading.
 *
 * Files: the named one or CONTAINERS_REGISTRIES_CONF, else ~/.config/containers/registries.conf, else /etc/containers/registries.conf; then, unless one
 * was named, the *.conf drop-ins of /etc/containers/registries.conf.d and ~/.config/containers/registries.conf.d in lexical order. */
#ifndef CONFIG_REGISTRIES_H
#define CONFIG_REGISTRIES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strv.h"

struct registries;

/* file: NULL for the order above. No file at all is an empty configuration. ERR_USAGE names file and line of what is wrong. */
int registries_read(const char *file, struct registries **ret, struct error *err);
void registries_close_p(struct registries **r);

/* One place to ask for a repository. */
struct registry_place {
	char *repository; /* "host[:port]/path" */
	bool insecure;    /* certificates are not checked and plain HTTP is allowed */
	bool mirror;
};

struct registry_places {
	struct registry_place *v;
	size_t n;
};

/* Places to read "host[:port]/path" from, mirrors first in order, itself last. by_digest: the reference has a digest (mirror-by-digest-only,
 * pull-from-mirror). ERR_USAGE "registry PREFIX is blocked in FILE". */
int registries_resolve(const struct registries *r, const char *repository, bool by_digest, struct registry_places *ret, struct error *err);
void registry_places_done(struct registry_places *p);

/* Whether the registry of "host[:port][/path]" is marked insecure: for writes and logins, which never use mirrors. ERR_USAGE when blocked. */
int registries_insecure(const struct registries *r, const char *repository, bool *ret, struct error *err);

/* unqualified-search-registries, borrowed. */
const struct strv *registries_search(const struct registries *r);
/* The full name behind a short one of [aliases]; NULL when there is none. Borrowed. */
const char *registries_alias(const struct registries *r, const char *short_name);

/* certs.d of a registry "host[:port]": the first that exists of ~/.config/containers/certs.d/HOST, /etc/containers/certs.d/HOST,
 * /etc/docker/certs.d/HOST. *ret NULL when there is none; owned by the caller. */
int registries_cert_dir(const char *host, char **ret, struct error *err);

#endif
