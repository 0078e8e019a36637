/* base/digest.h: "sha256:HEX" digests of content, by OpenSSL. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

#define DIGEST_MAX (sizeof("sha512:") + 128) /* with the NUL */

/* "sha256:" and 64 lower-case hex digits, or "sha512:" and 128 (OCI image spec 1.1, descriptor.md). */
bool digest_valid(struct str s);

struct digest;

/* algorithm: "sha256" or "sha512", or a whole digest, whose algorithm is taken; NULL: sha256. */
int digest_open(const char *algorithm, struct digest **ret, struct error *err);
void digest_add(struct digest *d, const void *p, size_t n);
/* Ends it; "sha256:HEX". */
void digest_end(struct digest *d, char ret[DIGEST_MAX]);
void digest_close_p(struct digest **d);

/* sha256 of one piece of memory. */
void digest_of(struct str s, char ret[DIGEST_MAX]);

#endif
