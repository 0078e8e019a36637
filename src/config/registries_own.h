/* config/registries_own.h: what registries.conf says, entry by entry. Private to the room; tests read it from another folder than /. */
#ifndef CONFIG_REGISTRIES_OWN_H
#define CONFIG_REGISTRIES_OWN_H

#include <json-c/json.h>

#include "config/registries.h"

enum mirror_use { MIRROR_ALL, MIRROR_DIGEST_ONLY, MIRROR_TAG_ONLY };

struct registry_mirror {
	char *location;
	bool insecure;
	enum mirror_use use;
};

/* One [[registry]]. */
struct registry_entry {
	char *prefix;   /* "*.example.com" or what a repository begins with */
	char *location; /* in place of the prefix; NULL: as it is (only with "*.") */
	char *file;     /* that says so */
	bool insecure, blocked, mirror_by_digest_only;
	struct registry_mirror *mirrors;
	size_t n_mirrors;
};

struct registries {
	struct registry_entry *v; /* one for each prefix */
	size_t n;
	struct strv search;
	struct json_object *aliases; /* {short: full}; "" takes an alias away */
};

/* Puts a file's document over what is there: entries with the same prefix, the search list and single aliases are replaced. ERR_USAGE. */
int registries_add_document(struct registries *r, struct json_object *document, const char *file, struct error *err);

/* root: "" for this machine, another folder stands for its /. */
int registries_read_at(const char *root, const char *file, struct registries **ret, struct error *err);
int registries_cert_dir_at(const char *root, const char *host, char **ret, struct error *err);

#endif
