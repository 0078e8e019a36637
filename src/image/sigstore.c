/* image/sigstore.c: ECDSA over a payload, and the files of its keys. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/path.h"
#include "base/wipe.h"
#include "image/policy.h"
#include "image/signature_payload.h"
#include "image/sigstore.h"
#include "image/sigstore_key.h"

#define PASSPHRASE_MAX 4096
#define SIGNATURE_MAX 4096 /* of the bytes alone: RSA with 16384 bits has 2048 */

static void md_ctx_free_p(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static void bio_free_p(BIO **bio)
{
	BIO_free(*bio);
}

/* Ed25519 hashes by itself. */
static const EVP_MD *hash_of(EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();
}

int sigstore_payload(const char *reference, const char *digest, struct buf *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf made = BUF_INIT(SIGNATURE_MAX_PAYLOAD);
	int r = signature_payload_make(SIGNATURE_TYPE_SIGSTORE, reference, digest, &made, err);

	if (r < 0)
		return r;
	*ret = made;
	made = (struct buf){ 0 };
	return 0;
}

int sigstore_tag(const char *digest, char ret[SIGSTORE_TAG_MAX], struct error *err)
{
	char *colon;

	snprintf(ret, SIGSTORE_TAG_MAX, "%s.sig", digest);
	colon = strchr(ret, ':');
	if (!colon)
		return error_set(err, ERR_PROTOCOL, "\"%s\" is no digest", digest);
	*colon = '-';
	return 0;
}

int signature_passphrase_read(const char *file, char **ret, struct error *err)
{
	CLEANUP(wipe_buf_done) struct buf text = BUF_INIT(PASSPHRASE_MAX);
	struct str line;
	int r;

	buf_reserve(&text, PASSPHRASE_MAX);
	r = path_read(file, &text, err);
	if (r < 0)
		return r;
	str_cut(buf_str(&text), '\n', &line, NULL);
	*ret = str_dup(line);
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- signing -------------------------------------------------------------------------------------------------------------- */

static int sign(EVP_PKEY *key, struct str payload, struct buf *ret, struct error *err)
{
	CLEANUP(md_ctx_free_p) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const unsigned char *p = (const unsigned char *)payload.p;
	unsigned char raw[SIGNATURE_MAX];
	size_t n = sizeof raw;

	if (!ctx || EVP_DigestSignInit(ctx, NULL, hash_of(key), NULL, key) != 1 || EVP_DigestSign(ctx, raw, &n, p, payload.n) != 1)
		return sigstore_openssl_failed("signing", err);
	buf_add_bytes(ret, raw, n);
	return buf_check(ret, "signature", err);
}

int sigstore_sign(const char *key_file, const char *passphrase, struct str payload, char **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf pem = BUF_INIT(SIGSTORE_KEY_MAX), raw = BUF_INIT(SIGNATURE_MAX), text = BUF_INIT(SIGNATURE_MAX * 2);
	CLEANUP(sigstore_key_free_p) EVP_PKEY *key = NULL;
	int r = path_read(key_file, &pem, err);

	if (r < 0)
		return r;
	r = sigstore_key_decrypt(buf_str(&pem), passphrase, &key, err);
	if (r < 0)
		return error_context(err, "%s", key_file);
	r = sign(key, payload, &raw, err);
	if (r < 0)
		return r;
	base64_add(&text, buf_str(&raw));
	*ret = buf_take(&text);
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- verifying ------------------------------------------------------------------------------------------------------------ */

/* Nobody is asked: a public key that is encrypted is none. */
static int no_passphrase(char *buf, int size, int writing, void *ctx)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

static int read_public_key(struct str pem, EVP_PKEY **ret, struct error *err)
{
	CLEANUP(bio_free_p) BIO *bio = pem.n <= SIGSTORE_KEY_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;

	*ret = bio ? PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL) : NULL;
	ERR_clear_error();
	return *ret ? 0 : error_set(err, ERR_AUTH, "parsing public key: it is no PEM of a public key");
}

int sigstore_verify(struct str public_key, struct str payload, const char *signature_base64, struct error *err)
{
	CLEANUP(buf_done) struct buf raw = BUF_INIT(SIGNATURE_MAX);
	CLEANUP(sigstore_key_free_p) EVP_PKEY *key = NULL;
	CLEANUP(md_ctx_free_p) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const unsigned char *p = (const unsigned char *)payload.p;
	bool fits;
	int r = read_public_key(public_key, &key, err);

	if (r < 0)
		return r;
	if (!base64_read(&raw, str_from(signature_base64)) || !raw.n)
		return error_set(err, ERR_AUTH, "base64 decoding: illegal signature");
	fits = ctx && EVP_DigestVerifyInit(ctx, NULL, hash_of(key), NULL, key) == 1 &&
	       EVP_DigestVerify(ctx, (const unsigned char *)raw.p, raw.n, p, payload.n) == 1;
	ERR_clear_error();
	return fits ? 0 : error_set(err, ERR_AUTH, "cryptographic signature verification failed: invalid signature when validating ASN.1 encoded signature");
}

/* ---- making a pair of keys ------------------------------------------------------------------------------------------------ */

static int refuse_existing(const char *path, struct error *err)
{
	if (access(path, F_OK) == 0)
		return error_set(err, ERR_CONFLICT, "Refusing to overwrite existing \"%s\"", path);
	return 0;
}

static int public_pem(EVP_PKEY *key, struct buf *ret, struct error *err)
{
	CLEANUP(bio_free_p) BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n;

	if (!bio || PEM_write_bio_PUBKEY(bio, key) != 1)
		return sigstore_openssl_failed("writing the public key", err);
	n = BIO_get_mem_data(bio, &text);
	buf_add_bytes(ret, text, (size_t)n);
	return buf_check(ret, "public key", err);
}

static int write_pair(EVP_PKEY *key, const char *passphrase, const char *private_path, const char *public_path, struct error *err)
{
	CLEANUP(buf_done) struct buf private_text = BUF_INIT(SIGSTORE_KEY_MAX), public_text = BUF_INIT(SIGSTORE_KEY_MAX);
	int r = sigstore_key_encrypt(key, passphrase, &private_text, err);

	if (r == 0)
		r = public_pem(key, &public_text, err);
	if (r == 0)
		r = path_write_atomic(private_path, buf_str(&private_text), 0600, err);
	if (r < 0)
		return r;
	r = path_write_atomic(public_path, buf_str(&public_text), 0644, err);
	/* Half a pair would stand in the way of the next try. */
	if (r < 0)
		unlink(private_path);
	return r;
}

int sigstore_key_make(const char *prefix, const char *passphrase, struct error *err)
{
	CLEANUP(buf_done) struct buf private_path = BUF_INIT(4096), public_path = BUF_INIT(4096);
	CLEANUP(sigstore_key_free_p) EVP_PKEY *key = NULL;
	int r;

	buf_addf(&private_path, "%s.private", prefix);
	buf_addf(&public_path, "%s.pub", prefix);
	r = buf_check(&private_path, "path", err);
	if (r < 0 || (r = refuse_existing(buf_z(&private_path), err)) < 0 || (r = refuse_existing(buf_z(&public_path), err)) < 0)
		return r;
	key = EVP_EC_gen("P-256");
	if (!key)
		return sigstore_openssl_failed("making a key", err);
	return write_pair(key, passphrase, buf_z(&private_path), buf_z(&public_path), err);
}
