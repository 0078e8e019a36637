#include "base/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

static const struct algorithm {
	struct str name;
	size_t hex;
	const EVP_MD *(*md)(void);
} algorithms[] = {
	{ STR("sha256"), 64, EVP_sha256 },
	{ STR("sha512"), 128, EVP_sha512 },
};

struct digest {
	const struct algorithm *algorithm;
	EVP_MD_CTX *md;
	bool failed;
};

static const struct algorithm *algorithm_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
		if (str_eq(algorithms[i].name, name))
			return &algorithms[i];
	return NULL;
}

bool digest_valid(struct str s)
{
	struct str name, hex;
	const struct algorithm *a = str_cut(s, ':', &name, &hex) ? algorithm_of(name) : NULL;

	if (!a || hex.n != a->hex)
		return false;
	for (size_t i = 0; i < hex.n; i++)
		if (!hex.p[i] || !strchr("0123456789abcdef", hex.p[i]))
			return false;
	return true;
}

int digest_open(const char *algorithm, struct digest **ret, struct error *err)
{
	struct str name;
	struct digest *d;

	str_cut(str_from(algorithm ? algorithm : "sha256"), ':', &name, NULL);
	if (!algorithm_of(name))
		return error_set(err, ERR_UNSUPPORTED, "digests of the kind \"%.*s\" are not known here", STR_ARG(name));
	d = calloc(1, sizeof *d);
	if (d)
		d->md = EVP_MD_CTX_new();
	if (!d || !d->md || !EVP_DigestInit_ex(d->md, algorithm_of(name)->md(), NULL)) {
		digest_close_p(&d);
		return error_set(err, ERR_SYSTEM, "the crypto library has no %.*s", STR_ARG(name));
	}
	d->algorithm = algorithm_of(name);
	*ret = d;
	return 0;
}

void digest_add(struct digest *d, const void *p, size_t n)
{
	if (!EVP_DigestUpdate(d->md, p, n))
		d->failed = true;
}

/* A digest that failed equals none: the comparison with what is expected fails, nothing broken is taken. */
void digest_end(struct digest *d, char ret[DIGEST_MAX])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	char *out = ret;

	if (!EVP_DigestFinal_ex(d->md, raw, &n) || d->failed)
		n = 0;
	out += snprintf(ret, DIGEST_MAX, "%.*s:", STR_ARG(d->algorithm->name));
	for (unsigned i = 0; i < n; i++) {
		*out++ = hex[raw[i] >> 4];
		*out++ = hex[raw[i] & 15];
	}
	*out = '\0';
}

void digest_close_p(struct digest **d)
{
	if (*d)
		EVP_MD_CTX_free((*d)->md);
	free(ptr_take(d));
}

void digest_of(struct str s, char ret[DIGEST_MAX])
{
	CLEANUP(digest_close_p) struct digest *d = NULL;

	ret[0] = '\0';
	if (digest_open(NULL, &d, NULL) < 0)
		return;
	digest_add(d, s.p, s.n);
	digest_end(d, ret);
}
