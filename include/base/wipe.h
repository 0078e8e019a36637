/* base/wipe.h: memory that held a secret is overwritten before it goes back to the heap. */
#ifndef BASE_WIPE_H
#define BASE_WIPE_H

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* Overwrites a text and frees it; NULL is fine. */
static inline void wipe_free(char *secret)
{
	if (secret)
		OPENSSL_cleanse(secret, strlen(secret));
	free(secret);
}

/* For CLEANUP. */
static inline void wipe_free_p(char **secret)
{
	wipe_free(*secret);
}

/* buf_done of a buffer with a secret in it. One that grows leaves copies behind: reserve what it needs first. */
static inline void wipe_buf_done(struct buf *b)
{
	if (b->p)
		OPENSSL_cleanse(b->p, b->cap);
	buf_done(b);
}

#endif
