#include "image/sigstore_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/js.h"
#include "base/wipe.h"
#include "image/secretbox.h"

#define PEM_COSIGN   "ENCRYPTED COSIGN PRIVATE KEY"
#define PEM_SIGSTORE "ENCRYPTED SIGSTORE PRIVATE KEY"

#define SALT      32
#define SCRYPT_N  65536
#define SCRYPT_R  8
#define SCRYPT_P  1
#define SCRYPT_MEMORY (512 * 1024 * 1024)

int sigstore_openssl_failed(const char *what, struct error *err)
{
	unsigned long code = ERR_peek_last_error();
	char text[256] = "";

	if (code)
		ERR_error_string_n(code, text, sizeof text);
	ERR_clear_error();
	return error_set(err, ERR_SYSTEM, "%s failed%s%s", what, code ? ": " : "", text);
}

/* ---- the key of the box --------------------------------------------------------------------------------------------------- */

static void kdf_free_p(EVP_KDF **kdf)
{
	EVP_KDF_free(*kdf);
}

static void kdf_ctx_free_p(EVP_KDF_CTX **ctx)
{
	EVP_KDF_CTX_free(*ctx);
}

static int derive(const char *passphrase, struct str salt, uint64_t n, uint8_t ret[SECRETBOX_KEY], struct error *err)
{
	CLEANUP(kdf_free_p) EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
	CLEANUP(kdf_ctx_free_p) EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	uint32_t r = SCRYPT_R, p = SCRYPT_P;
	uint64_t memory = SCRYPT_MEMORY;
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)passphrase, strlen(passphrase)),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt.p, salt.n),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
		OSSL_PARAM_construct_end(),
	};

	return ctx && EVP_KDF_derive(ctx, ret, SECRETBOX_KEY, params) == 1 ? 0 : sigstore_openssl_failed("scrypt", err);
}

/* ---- writing -------------------------------------------------------------------------------------------------------------- */

static bool set_base64(struct json_object *o, const char *key, const void *p, size_t n)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(SIGSTORE_KEY_MAX);

	return base64_add(&text, (struct str){ p, n }) && js_set_str(o, key, buf_z(&text));
}

struct sealed {
	uint8_t salt[SALT], nonce[SECRETBOX_NONCE];
	struct buf box;
};

static void sealed_done(struct sealed *s)
{
	buf_done(&s->box);
}

static int seal(struct str pkcs8, const char *passphrase, struct sealed *s, struct error *err)
{
	uint8_t key[SECRETBOX_KEY];
	char *box = buf_reserve(&s->box, pkcs8.n + SECRETBOX_TAG);
	bool ok;
	int r;

	if (!box)
		return buf_check(&s->box, "private key", err);
	if (RAND_bytes(s->salt, sizeof s->salt) != 1 || RAND_bytes(s->nonce, sizeof s->nonce) != 1)
		return sigstore_openssl_failed("random bytes", err);
	r = derive(passphrase, (struct str){ (const char *)s->salt, sizeof s->salt }, SCRYPT_N, key, err);
	if (r < 0)
		return r;
	ok = secretbox_seal(key, s->nonce, (const uint8_t *)pkcs8.p, pkcs8.n, (uint8_t *)box);
	OPENSSL_cleanse(key, sizeof key);
	s->box.n = pkcs8.n + SECRETBOX_TAG;
	return ok ? 0 : sigstore_openssl_failed("Poly1305", err);
}

static struct json_object *sealed_json(const struct sealed *s)
{
	struct json_object *o = json_object_new_object(), *kdf = json_object_new_object(), *params = json_object_new_object();
	struct json_object *cipher = json_object_new_object();

	js_set_int(params, "N", SCRYPT_N);
	js_set_int(params, "r", SCRYPT_R);
	js_set_int(params, "p", SCRYPT_P);
	js_set_str(kdf, "name", "scrypt");
	js_set(kdf, "params", params);
	set_base64(kdf, "salt", s->salt, sizeof s->salt);
	js_set_str(cipher, "name", "nacl/secretbox");
	set_base64(cipher, "nonce", s->nonce, sizeof s->nonce);
	js_set(o, "kdf", kdf);
	js_set(o, "cipher", cipher);
	set_base64(o, "ciphertext", s->box.p, s->box.n);
	return o;
}

static void bio_free_p(BIO **bio)
{
	BIO_free(*bio);
}

static void pkcs8_free_p(PKCS8_PRIV_KEY_INFO **info)
{
	PKCS8_PRIV_KEY_INFO_free(*info);
}

/* *ret: owned, to be given to OPENSSL_clear_free. */
static int encode(EVP_PKEY *key, unsigned char **ret, size_t *ret_n, struct error *err)
{
	CLEANUP(pkcs8_free_p) PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	int n = info ? i2d_PKCS8_PRIV_KEY_INFO(info, ret) : -1;

	if (n <= 0)
		return sigstore_openssl_failed("encoding the private key", err);
	*ret_n = (size_t)n;
	return 0;
}

int sigstore_key_encrypt(EVP_PKEY *key, const char *passphrase, struct buf *ret, struct error *err)
{
	CLEANUP(sealed_done) struct sealed s = { .box = BUF_INIT(SIGSTORE_KEY_MAX) };
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(bio_free_p) BIO *bio = BIO_new(BIO_s_mem());
	unsigned char *pkcs8 = NULL;
	size_t n = 0;
	char *pem;
	long pem_n;
	int r = encode(key, &pkcs8, &n, err);

	if (r == 0)
		r = seal((struct str){ (const char *)pkcs8, n }, passphrase, &s, err);
	OPENSSL_clear_free(pkcs8, n);
	if (r < 0)
		return r;
	o = sealed_json(&s);
	if (!bio || PEM_write_bio(bio, PEM_COSIGN, "", (const unsigned char *)js_wire(o), (long)strlen(js_wire(o))) <= 0)
		return sigstore_openssl_failed("writing the private key", err);
	pem_n = BIO_get_mem_data(bio, &pem);
	buf_add_bytes(ret, pem, (size_t)pem_n);
	return buf_check(ret, "private key", err);
}

/* ---- reading -------------------------------------------------------------------------------------------------------------- */

static int read_base64(struct json_object *o, const char *key, struct buf *ret, struct error *err)
{
	if (!base64_read(ret, js_text(js_get(o, key))) || !ret->n)
		return error_set(err, ERR_USAGE, "the private key has no \"%s\" in base64", key);
	return 0;
}

/* Only the three strengths that are in use: a file must not say how much memory we take. */
static int read_strength(struct json_object *kdf, uint64_t *ret, struct error *err)
{
	struct json_object *params = js_get(kdf, "params");
	int64_t n = js_get_int(params, "N", 0);

	if (strcmp(js_get_str(kdf, "name", ""), "scrypt") != 0 || (n != 32768 && n != 65536 && n != 131072) || js_get_int(params, "r", 0) != SCRYPT_R ||
	    js_get_int(params, "p", 0) != SCRYPT_P)
		return error_set(err, ERR_USAGE, "unsupported scrypt parameters");
	*ret = (uint64_t)n;
	return 0;
}

/* The PKCS #8 of the key, into a buffer that wipe_buf_done frees. */
static int unseal(struct json_object *o, const char *passphrase, struct buf *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf salt = BUF_INIT(1024), nonce = BUF_INIT(1024), box = BUF_INIT(SIGSTORE_KEY_MAX);
	struct json_object *kdf = js_get(o, "kdf"), *cipher = js_get(o, "cipher");
	uint8_t key[SECRETBOX_KEY];
	uint64_t strength = 0;
	char *room;
	int r = read_strength(kdf, &strength, err);

	if (r < 0 || (r = read_base64(kdf, "salt", &salt, err)) < 0 || (r = read_base64(cipher, "nonce", &nonce, err)) < 0 ||
	    (r = read_base64(o, "ciphertext", &box, err)) < 0)
		return r;
	if (strcmp(js_get_str(cipher, "name", ""), "nacl/secretbox") != 0 || nonce.n != SECRETBOX_NONCE || box.n <= SECRETBOX_TAG)
		return error_set(err, ERR_USAGE, "the private key is not in a nacl/secretbox");
	room = buf_reserve(ret, box.n);
	if (!room)
		return buf_check(ret, "private key", err);
	r = derive(passphrase, buf_str(&salt), strength, key, err);
	if (r == 0 && !secretbox_open(key, (const uint8_t *)nonce.p, (const uint8_t *)box.p, box.n, (uint8_t *)room))
		r = error_set(err, ERR_AUTH, "the private key can't be decrypted: the passphrase is wrong, or the file is damaged");
	OPENSSL_cleanse(key, sizeof key);
	if (r == 0)
		ret->n = box.n - SECRETBOX_TAG;
	return r;
}

/* The JSON in the PEM, into ret. */
static int read_pem(struct str pem, struct buf *ret, struct error *err)
{
	CLEANUP(bio_free_p) BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	char *name = NULL, *header = NULL;
	unsigned char *data = NULL;
	long n = 0;
	bool known = false;

	if (!bio || PEM_read_bio(bio, &name, &header, &data, &n) != 1) {
		ERR_clear_error();
		return error_set(err, ERR_USAGE, "invalid pem block");
	}
	known = strcmp(name, PEM_COSIGN) == 0 || strcmp(name, PEM_SIGSTORE) == 0;
	if (known)
		buf_add_bytes(ret, data, (size_t)n);
	else
		error_set(err, ERR_USAGE, "unsupported pem type: %s", name);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(data);
	return known ? buf_check(ret, "private key", err) : -ERR_USAGE;
}

static int decode(struct str pkcs8, EVP_PKEY **ret, struct error *err)
{
	const unsigned char *p = (const unsigned char *)pkcs8.p;
	CLEANUP(pkcs8_free_p) PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)pkcs8.n);

	*ret = info ? EVP_PKCS82PKEY(info) : NULL;
	return *ret ? 0 : sigstore_openssl_failed("reading the private key", err);
}

int sigstore_key_decrypt(struct str pem, const char *passphrase, EVP_PKEY **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(SIGSTORE_KEY_MAX);
	CLEANUP(wipe_buf_done) struct buf pkcs8 = BUF_INIT(SIGSTORE_KEY_MAX);
	CLEANUP(js_put_p) struct json_object *o = NULL;
	int r = read_pem(pem, &text, err);

	if (r == 0)
		r = js_parse(buf_str(&text), "private key", &o, err);
	if (r == 0)
		r = unseal(o, passphrase, &pkcs8, err);
	return r < 0 ? r : decode(buf_str(&pkcs8), ret, err);
}
