/* config/places.h: the files that say where the hosts are, and the facts of this machine that the choice depends on. Private to the
 * room; tests make their own. */
#ifndef CONFIG_PLACES_H
#define CONFIG_PLACES_H

#include "config/config.h"

#define CONFIG_FILE_MAX (1024 * 1024)

struct place {
	char *path;
	const char *named_by; /* "CONTAINERS_CONF", "--remote-config-path": then it must be there; NULL: a usual place */
};

struct places {
	struct place *containers_conf; /* in the order of reading: later ones win */
	size_t n_containers_conf;
	struct place remote_conf[2]; /* the user's, the machine's; path NULL: not this one */
	char *connections;           /* podman-connections.json */
	struct strv local_sockets;   /* of a service on this machine, the likeliest first; none on macOS */
};

/* root: "" for this machine; another folder stands for its /. The environment's overrides count in both cases. */
int places_find(const char *root, const struct config_flags *flags, struct places *ret, struct error *err);
void places_done(struct places *p);

/* The text of a configuration file. 1 read; 0 not there and need not be. */
int place_read(const struct place *p, struct buf *ret, struct error *err);

/* Appends the files of a folder whose names end in .conf, in the order of the names. A folder that is not there or closed to us has none. */
int drop_ins_list(const char *dir, struct strv *ret, struct error *err);

/* As the functions of config.h without places_. */
int places_connections(const struct places *p, const struct config_flags *flags, struct connections *ret, struct error *err);
int places_choose(const struct places *p, const struct config_flags *flags, struct destination *ret, struct error *err);
int places_connection_add(const struct places *p, const char *name, const struct destination *d, bool make_default,
			  struct error *err);
int places_connection_remove(const struct places *p, const char *name, bool all, struct error *err);
int places_connection_rename(const struct places *p, const char *from, const char *to, struct error *err);
int places_connection_default(const struct places *p, const char *name, struct error *err);

/* Value of an environment variable; NULL when it is not set or empty. Borrowed. */
const char *env_text(const char *name);

#endif
