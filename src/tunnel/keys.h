/* tunnel/keys.h: the user's private key files, as far as one can see without unlocking them. */
#ifndef TUNNEL_KEYS_H
#define TUNNEL_KEYS_H

#include <stdbool.h>

#include "base/buf.h"
#include "tunnel/ssh_config.h"

struct key_file {
	char *path;
	char *type;      /* "ssh-ed25519"; "" when the file does not tell */
	struct buf blob; /* the public key as the protocol carries it; empty when the file does not tell */
	bool no_private; /* only the public half is here: the agent has the other */
	bool encrypted;
	bool certificate; /* path-cert.pub is there */
};

struct key_files {
	struct key_file *v;
	size_t n, cap;
};

/* The text of a private or a public key file. False when it is neither. */
bool key_file_parse(struct str text, struct key_file *k);

/* The identity given first, then those of ssh_config; missing files are left out. A missing identity that was given is ERR_AUTH. */
int key_files_read(struct key_files *k, const struct ssh_config *c, const struct tunnel_dest *to, struct error *err);

/* The key's type is the first string in its public blob. Points into the blob. */
bool key_blob_type(struct str blob, struct str *ret);

/* "SHA256:..." as ssh prints it. */
void key_fingerprint(struct str blob, struct buf *out);

/* Can libssh2 log in with a key of this type? "" is worth a try. */
bool key_type_usable(struct str type);
static inline bool key_file_usable(const struct key_file *k)
{
	return !k->certificate && !k->no_private && key_type_usable(str_from(k->type));
}

void key_file_done(struct key_file *k);
void key_files_done(struct key_files *k);

#endif
