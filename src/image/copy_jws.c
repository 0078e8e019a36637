/* image/copy_jws.c: the signature that is part of a schema 1 manifest: a JSON Web Signature (RFC 7515) as docker/libtrust writes it, ES256. It vouches for nothing:
 * the key is made for it, put beside it and forgotten; but readers want one that fits. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/js.h"
#include "image/copy_image.h"

#define COORDINATE 32 /* bytes of a number of P-256 */

static int failed(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "sign the manifest: the crypto library refused");
}

static void key_free_p(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void md_free_p(EVP_MD_CTX **md)
{
	EVP_MD_CTX_free(*md);
}

static void signature_free_p(ECDSA_SIG **s)
{
	ECDSA_SIG_free(*s);
}

/* base64url without padding. */
static void add_base64(struct buf *out, const void *p, size_t n)
{
	base64_add_url(out, (struct str){ p, n });
	while (out->n && out->p[out->n - 1] == '=')
		out->p[--out->n] = '\0';
}

static void set_base64(struct json_object *o, const char *key, const void *p, size_t n)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(n * 2 + 8);

	add_base64(&text, p, n);
	js_set_str(o, key, buf_z(&text));
}

/* libtrust's name of a key: 240 bits of the hash of its public half in base32, four letters at a time. */
static bool add_key_name(struct json_object *jwk, EVP_PKEY *key)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	CLEANUP(buf_done) struct buf name = BUF_INIT(128);
	unsigned char *der = NULL, hash[EVP_MAX_MD_SIZE];
	int n = i2d_PUBKEY(key, &der);
	bool ok = n > 0 && EVP_Digest(der, (size_t)n, hash, NULL, EVP_sha256(), NULL);

	OPENSSL_free(der);
	for (size_t bit = 0; ok && bit < 240; bit += 5) {
		unsigned pair = (unsigned)hash[bit / 8] << 8 | hash[bit / 8 + 1];

		if (bit && bit % 20 == 0)
			buf_add_char(&name, ':');
		buf_add_char(&name, letters[pair >> (11 - bit % 8) & 31]);
	}
	js_set_str(jwk, "kid", buf_z(&name));
	return ok;
}

static bool add_key(struct json_object *header, EVP_PKEY *key)
{
	struct json_object *jwk = json_object_new_object();
	unsigned char point[1 + 2 * COORDINATE];
	size_t n = 0;
	bool ok;

	js_set_str(jwk, "crv", "P-256");
	ok = add_key_name(jwk, key) && EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &n) && n == sizeof point;
	js_set_str(jwk, "kty", "EC");
	if (ok) {
		set_base64(jwk, "x", point + 1, COORDINATE);
		set_base64(jwk, "y", point + 1 + COORDINATE, COORDINATE);
	}
	js_set(header, "jwk", jwk);
	js_set_str(header, "alg", "ES256");
	return ok;
}

static bool sign(EVP_PKEY *key, struct str text, unsigned char ret[2 * COORDINATE])
{
	CLEANUP(md_free_p) EVP_MD_CTX *md = EVP_MD_CTX_new();
	CLEANUP(signature_free_p) ECDSA_SIG *s = NULL;
	unsigned char der[128];
	const unsigned char *p = der;
	size_t n = sizeof der;

	if (!md || !EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key) || !EVP_DigestSign(md, der, &n, (const unsigned char *)text.p, text.n))
		return false;
	s = d2i_ECDSA_SIG(NULL, &p, (long)n);
	return s && BN_bn2binpad(ECDSA_SIG_get0_r(s), ret, COORDINATE) == COORDINATE &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(s), ret + COORDINATE, COORDINATE) == COORDINATE;
}

/* What is signed beside the document: where its last bracket goes. */
static void add_protected(struct buf *out, size_t length)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(256), now = BUF_INIT(64);

	instant_rfc3339((struct instant){ .s = instant_now().s }, &now);
	buf_addf(&text, "{\"formatLength\":%zu,\"formatTail\":\"fQ\",\"time\":\"%s\"}", length, buf_z(&now));
	add_base64(out, text.p, text.n);
}

static int add_signature(EVP_PKEY *key, const struct buf *manifest, struct json_object *entry, struct error *err)
{
	CLEANUP(buf_done) struct buf signed_text = BUF_INIT(2 * REGISTRY_MAX_MANIFEST);
	struct json_object *header = json_object_new_object();
	unsigned char raw[2 * COORDINATE];
	size_t head;
	bool ok = add_key(header, key);

	js_set(entry, "header", header);
	add_protected(&signed_text, manifest->n - 1);
	head = signed_text.n;
	buf_add_char(&signed_text, '.');
	add_base64(&signed_text, manifest->p, manifest->n);
	if (!ok || signed_text.failed || !sign(key, buf_str(&signed_text), raw))
		return failed(err);
	set_base64(entry, "signature", raw, sizeof raw);
	js_set(entry, "protected", js_strn((struct str){ signed_text.p, head }));
	return 0;
}

int copy_schema1_sign(struct buf *manifest, struct error *err)
{
	CLEANUP(key_free_p) EVP_PKEY *key = EVP_EC_gen("P-256");
	CLEANUP(js_put_p) struct json_object *entry = json_object_new_object();
	int r;

	if (!key || manifest->n < 2 || manifest->p[manifest->n - 1] != '}')
		return failed(err);
	r = add_signature(key, manifest, entry, err);
	if (r < 0)
		return r;
	manifest->p[--manifest->n] = '\0';
	buf_addf(manifest, ",\"signatures\":[%s]}", js_wire(entry));
	return buf_check(manifest, "manifest", err);
}
