/* image/sigstore_key.h: the private key of cosign: PEM around JSON around a secretbox, whose key is scrypt of a passphrase, around PKCS #8
 * (go-securesystemslib, encrypted/encrypted.go). */
#ifndef IMAGE_SIGSTORE_KEY_H
#define IMAGE_SIGSTORE_KEY_H

#include <openssl/evp.h>

#include "base/error.h"
#include "base/buf.h"

#define SIGSTORE_KEY_MAX (64 * 1024)

static inline void sigstore_key_free_p(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

/* The text of a .private file. */
int sigstore_key_encrypt(EVP_PKEY *key, const char *passphrase, struct buf *ret, struct error *err);
/* ERR_AUTH when the passphrase is not that of the key. */
int sigstore_key_decrypt(struct str pem, const char *passphrase, EVP_PKEY **ret, struct error *err);

/* The failure of an OpenSSL call just now; its queue is empty afterwards. */
int sigstore_openssl_failed(const char *what, struct error *err);

#endif
