/* config/auth_file.h: one file with credentials: where it is, what is in it, how it is written. Private to the room. */
#ifndef CONFIG_AUTH_FILE_H
#define CONFIG_AUTH_FILE_H

#include <json-c/json.h>
#include <stdbool.h>

#include "config/auth.h"

struct auth_file {
	char *path;
	bool docker; /* docker's own: config.json, whose spelling of keys is kept */
	bool old;    /* ~/.dockercfg: the entries themselves are the document */
	bool ours;   /* login and logout change it */
};

/* In the order in which they are asked; the first is the one that a login writes. */
struct auth_files {
	struct auth_file v[4];
	size_t n;
};

int auth_files_find(const char *authfile, struct auth_files *ret, struct error *err);
void auth_files_done(struct auth_files *f);

/* *ret is an object, an empty one when the file is not there or empty. Freed by auth_json_free_p. */
int auth_file_read(const struct auth_file *f, struct json_object **ret, struct error *err);
/* 0600, folders that it makes 0700; written whole or not at all. */
int auth_file_write(const struct auth_file *f, struct json_object *document, struct error *err);

/* Whoever changes the file holds this from reading to writing. It ends with the descriptor. Makes the folder. */
int auth_file_lock(const struct auth_file *f, int *ret_fd, struct error *err);

/* The object {key: entry}; NULL when there is none. Borrowed. */
struct json_object *auth_file_entries(const struct auth_file *f, struct json_object *document);

/* The member of an object of keys that means the normal key; the same spelling is preferred. *ret_name (may be NULL): its own spelling.
 * Borrowed; NULL: none. */
struct json_object *auth_find(const struct auth_file *f, struct json_object *entries, const char *key, const char **ret_name);

/* The helper that a document puts in charge of a normal key's host: by credHelpers (the word may be empty: none), else NULL. */
const char *auth_helper_of(const struct auth_file *f, struct json_object *document, const char *key);
/* credsStore; NULL: none. */
const char *auth_store_of(struct json_object *document);

#endif
