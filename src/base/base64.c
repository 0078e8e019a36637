#include "base/base64.h"

#include <limits.h>
#include <openssl/evp.h>

/* OpenSSL counts in int and writes a NUL behind. */
#define TEXT_MAX ((size_t)INT_MAX / 2)

bool base64_add(struct buf *out, struct str s)
{
	char *room = s.n < TEXT_MAX ? buf_reserve(out, (s.n + 2) / 3 * 4) : NULL;

	if (!room) {
		out->failed = true;
		return false;
	}
	out->n += (size_t)EVP_EncodeBlock((unsigned char *)room, (const unsigned char *)s.p, (int)s.n);
	return true;
}

bool base64_add_url(struct buf *out, struct str s)
{
	size_t begin = out->n;

	if (!base64_add(out, s))
		return false;
	for (char *c = out->p + begin; c < out->p + out->n; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	return true;
}

/* EVP_DecodeBlock forgives blanks and says nothing about padding. */
static bool is_base64(struct str text, size_t *ret_padding)
{
	size_t padding = 0;

	if (text.n % 4 || text.n >= TEXT_MAX)
		return false;
	while (padding < 2 && padding < text.n && text.p[text.n - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < text.n - padding; i++)
		if (!text.p[i] || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", text.p[i]))
			return false;
	*ret_padding = padding;
	return true;
}

bool base64_read(struct buf *out, struct str text)
{
	size_t padding;
	char *room;
	int n;

	if (!is_base64(text, &padding))
		return false;
	if (text.n == 0)
		return true;
	room = buf_reserve(out, text.n / 4 * 3);
	n = room ? EVP_DecodeBlock((unsigned char *)room, (const unsigned char *)text.p, (int)text.n) : -1;
	if (n < (int)padding)
		return false;
	out->n += (size_t)n - padding;
	out->p[out->n] = 0;
	return true;
}
