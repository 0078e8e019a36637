/* image/secretbox.h: NaCl's crypto_secretbox_xsalsa20poly1305 (Bernstein, "Cryptography in NaCl", 2009), with which cosign encrypts its keys. OpenSSL has the
 * Poly1305 of it, but no Salsa20. */
#ifndef IMAGE_SECRETBOX_H
#define IMAGE_SECRETBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECRETBOX_KEY   32
#define SECRETBOX_NONCE 24
#define SECRETBOX_TAG   16

/* box gets SECRETBOX_TAG + n bytes. False: OpenSSL failed. */
bool secretbox_seal(const uint8_t key[SECRETBOX_KEY], const uint8_t nonce[SECRETBOX_NONCE], const uint8_t *message, size_t n, uint8_t *box);
/* message gets n - SECRETBOX_TAG bytes. False: the box is not of this key and nonce; message is not touched then. */
bool secretbox_open(const uint8_t key[SECRETBOX_KEY], const uint8_t nonce[SECRETBOX_NONCE], const uint8_t *box, size_t n, uint8_t *message);

/* The parts, for their test vectors. */
void salsa20_block(const uint8_t key[32], const uint8_t nonce[8], uint64_t counter, uint8_t ret[64]);
void hsalsa20(const uint8_t key[32], const uint8_t nonce[16], uint8_t ret[32]);

#endif
