/* config/known.h: the connections that the files name, gathered file by file from the strongest to the weakest. Private to the room. */
#ifndef CONFIG_KNOWN_H
#define CONFIG_KNOWN_H

#include <json-c/json.h>

#include "config/places.h"

struct known {
	struct connections list;
	char *dflt;                  /* name of the default connection; NULL: none */
	char *dflt_from;             /* what says so: "active_service of /etc/containers/containers.conf" */
	struct destination old_dflt; /* [engine] remote_uri, a default without a name; uri NULL: none */
	char *undecided;             /* a podman-remote.conf with several connections, none of them the default; NULL: none */
};

int known_read(const struct places *p, const struct config_flags *flags, struct known *ret, struct error *err);
void known_done(struct known *k);

/* Borrowed; NULL when there is none of that name. */
const struct destination *known_find(const struct known *k, const char *name);

/* ---- for the readers of the files ---- */

/* One of that name is there: nothing happens. d is taken when it returns 0. */
int known_add(struct known *k, struct destination *d, struct error *err);
/* A connection given as a URL. One that can't be used is kept with its problem. */
int known_add_uri(struct known *k, const struct destination *given, struct error *err);
/* The first default wins. */
int known_default(struct known *k, const char *name, const char *key, const char *file, struct error *err);

int known_read_json(const struct place *file, struct known *k, struct error *err);
int known_read_containers_conf(const struct places *p, struct known *k, struct error *err);
int known_read_remote_conf(const struct place *file, const struct config_flags *flags, struct known *k, struct error *err);

/* Reads a TOML file into *ret; NULL when it is not there and need not be. */
int known_read_toml(const struct place *file, struct known *k, struct json_object **ret, struct error *err);

/* Typed members of a table; absent: *ret stays. where is "FILE: table" for the error, ERR_USAGE. Borrowed. */
int table_str(struct json_object *table, const char *key, const char *where, const char **ret, struct error *err);
int table_bool(struct json_object *table, const char *key, const char *where, bool *ret, struct error *err);
int table_port(struct json_object *table, const char *key, const char *where, int *ret, struct error *err);
int table_table(struct json_object *table, const char *key, const char *where, struct json_object **ret, struct error *err);

#endif
