/* term/keys.h: the detach keys: "ctrl-p,ctrl-q", "a,b", "ctrl-]"; "" is off. Pure: fed byte by byte or in any pieces, the result is the same. */
#ifndef TERM_KEYS_H
#define TERM_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define KEYS_MAX 16

struct keys {
	unsigned char seq[KEYS_MAX];
	size_t n, matched;
};

/* Grammar of docker and podman: comma list of single characters or ctrl-X, X in a-z @ [ \ ] ^ _. ERR_USAGE. */
int keys_parse(const char *text, struct keys *ret, struct error *err);

/* Takes input and writes what the container is to get to out (n + KEYS_MAX bytes of room): bytes that may belong to the sequence are held back
 * until it is decided. True when the sequence was complete: what follows it in the input is dropped. */
bool keys_filter(struct keys *k, const unsigned char *in, size_t n, unsigned char *out, size_t *ret_n);

#endif
