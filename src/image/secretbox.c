#include "image/secretbox.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "base/cleanup.h"

/* ---- Salsa20 (Bernstein, "The Salsa20 family of stream ciphers", 2007) ---------------------------------------------------- */

static uint32_t load32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void store32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t rotated(uint32_t v, int n)
{
	return v << n | v >> (32 - n);
}

static void quarter_round(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	*b ^= rotated(*a + *d, 7);
	*c ^= rotated(*b + *a, 9);
	*d ^= rotated(*c + *b, 13);
	*a ^= rotated(*d + *c, 18);
}

static void twenty_rounds(uint32_t x[16])
{
	for (int i = 0; i < 10; i++) {
		for (int k = 0; k < 4; k++) /* columns, each from its diagonal element on */
			quarter_round(&x[5 * k], &x[(5 * k + 4) % 16], &x[(5 * k + 8) % 16], &x[(5 * k + 12) % 16]);
		for (int k = 0; k < 4; k++) /* rows */
			quarter_round(&x[5 * k], &x[4 * k + (k + 1) % 4], &x[4 * k + (k + 2) % 4], &x[4 * k + (k + 3) % 4]);
	}
}

/* "expand 32-byte k" on the diagonal, the key around it, in in the middle. */
static void set_up(uint32_t x[16], const uint8_t key[32], const uint8_t in[16])
{
	static const uint8_t sigma[] = "expand 32-byte k";

	for (int i = 0; i < 4; i++) {
		x[5 * i] = load32(sigma + 4 * i);
		x[1 + i] = load32(key + 4 * i);
		x[6 + i] = load32(in + 4 * i);
		x[11 + i] = load32(key + 16 + 4 * i);
	}
}

void salsa20_block(const uint8_t key[32], const uint8_t nonce[8], uint64_t counter, uint8_t ret[64])
{
	uint32_t first[16], x[16];
	uint8_t in[16];

	memcpy(in, nonce, 8);
	store32(in + 8, (uint32_t)counter);
	store32(in + 12, (uint32_t)(counter >> 32));
	set_up(first, key, in);
	memcpy(x, first, sizeof x);
	twenty_rounds(x);
	for (int i = 0; i < 16; i++)
		store32(ret + 4 * i, x[i] + first[i]);
	OPENSSL_cleanse(first, sizeof first);
	OPENSSL_cleanse(x, sizeof x);
}

void hsalsa20(const uint8_t key[32], const uint8_t nonce[16], uint8_t ret[32])
{
	uint32_t x[16];

	set_up(x, key, nonce);
	twenty_rounds(x);
	for (int i = 0; i < 4; i++) {
		store32(ret + 4 * i, x[5 * i]);
		store32(ret + 16 + 4 * i, x[6 + i]);
	}
	OPENSSL_cleanse(x, sizeof x);
}

/* ---- the box -------------------------------------------------------------------------------------------------------------- */

/* What encrypts one message: its first 32 bytes are the key of the tag, the message is covered by what follows. */
struct stream {
	uint8_t key[32], block[64];
	const uint8_t *nonce; /* the last 8 bytes of it */
	uint64_t counter;
	size_t used;
};

static void stream_done(struct stream *s)
{
	OPENSSL_cleanse(s, sizeof *s);
}

static void stream_open(struct stream *s, const uint8_t key[SECRETBOX_KEY], const uint8_t nonce[SECRETBOX_NONCE])
{
	hsalsa20(key, nonce, s->key);
	s->nonce = nonce + 16;
	s->counter = 0;
	salsa20_block(s->key, s->nonce, 0, s->block);
	s->used = 32;
}

static void stream_cover(struct stream *s, const uint8_t *from, size_t n, uint8_t *to)
{
	for (size_t i = 0; i < n; i++) {
		if (s->used == sizeof s->block) {
			salsa20_block(s->key, s->nonce, ++s->counter, s->block);
			s->used = 0;
		}
		to[i] = from[i] ^ s->block[s->used++];
	}
}

static void mac_free_p(EVP_MAC **mac)
{
	EVP_MAC_free(*mac);
}

static void mac_ctx_free_p(EVP_MAC_CTX **ctx)
{
	EVP_MAC_CTX_free(*ctx);
}

static bool poly1305(const uint8_t key[32], const uint8_t *p, size_t n, uint8_t ret[SECRETBOX_TAG])
{
	CLEANUP(mac_free_p) EVP_MAC *mac = EVP_MAC_fetch(NULL, "POLY1305", NULL);
	CLEANUP(mac_ctx_free_p) EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
	size_t got = 0;

	return ctx && EVP_MAC_init(ctx, key, 32, NULL) && EVP_MAC_update(ctx, p, n) && EVP_MAC_final(ctx, ret, &got, SECRETBOX_TAG) && got == SECRETBOX_TAG;
}

bool secretbox_seal(const uint8_t key[SECRETBOX_KEY], const uint8_t nonce[SECRETBOX_NONCE], const uint8_t *message, size_t n, uint8_t *box)
{
	CLEANUP(stream_done) struct stream s;
	uint8_t mac_key[32];
	bool ok;

	stream_open(&s, key, nonce);
	memcpy(mac_key, s.block, sizeof mac_key);
	stream_cover(&s, message, n, box + SECRETBOX_TAG);
	ok = poly1305(mac_key, box + SECRETBOX_TAG, n, box);
	OPENSSL_cleanse(mac_key, sizeof mac_key);
	return ok;
}

bool secretbox_open(const uint8_t key[SECRETBOX_KEY], const uint8_t nonce[SECRETBOX_NONCE], const uint8_t *box, size_t n, uint8_t *message)
{
	CLEANUP(stream_done) struct stream s;
	uint8_t tag[SECRETBOX_TAG];

	if (n < SECRETBOX_TAG)
		return false;
	stream_open(&s, key, nonce);
	if (!poly1305(s.block, box + SECRETBOX_TAG, n - SECRETBOX_TAG, tag) || CRYPTO_memcmp(tag, box, sizeof tag) != 0)
		return false;
	stream_cover(&s, box + SECRETBOX_TAG, n - SECRETBOX_TAG, message);
	return true;
}
