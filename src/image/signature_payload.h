/* image/signature_payload.h: what a signature says: this digest may be called by this name (containers-signature(5), "JSON Data Format"). */
#ifndef IMAGE_SIGNATURE_PAYLOAD_H
#define IMAGE_SIGNATURE_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define SIGNATURE_TYPE_SIMPLE   "atomic container signature"
#define SIGNATURE_TYPE_SIGSTORE "cosign container image signature"

/* Of a signature, and of what it says. */
#define SIGNATURE_MAX_BYTES (4 * 1024 * 1024)
#define SIGNATURE_MAX_PAYLOAD (1024 * 1024)

/* All owned; creator is NULL when it is not said. */
struct signature_payload {
	char *reference, *digest, *creator;
	int64_t timestamp;
	bool has_timestamp;
};

int signature_payload_make(const char *type, const char *reference, const char *digest, struct buf *ret, struct error *err);
/* Strict: no unknown or second key. ERR_AUTH. */
int signature_payload_parse(struct str text, const char *type, struct signature_payload *ret, struct error *err);
void signature_payload_done(struct signature_payload *p);

#endif
