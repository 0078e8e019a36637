#include "term/keys.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"

/* One key: a single character, or ctrl-X. False when it is neither. */
static bool key_parse(struct str word, unsigned char *ret)
{
	if (word.n == 1) {
		*ret = (unsigned char)word.p[0];
		return true;
	}
	if (word.n != 6 || !str_starts(word, STR("ctrl-")))
		return false;

	unsigned char c = (unsigned char)word.p[5];

	if (c >= 'a' && c <= 'z')
		*ret = (unsigned char)(c - 'a' + 1);
	else if (c >= '@' && c <= '_' && !isalpha(c))
		*ret = c & 0x1f;
	else
		return false;
	return true;
}

int keys_parse(const char *text, struct keys *ret, struct error *err)
{
	struct keys k = { .n = 0 };
	struct str rest = str_from(text), word;
	bool more = rest.n > 0;

	while (more) {
		/* A comma key can't be named: the list is cut at every comma, as docker does. */
		more = str_cut(rest, ',', &word, &rest);
		if (k.n == KEYS_MAX)
			return error_set(err, ERR_USAGE, "invalid detach keys \"%s\": more than %d keys", text, KEYS_MAX);
		if (!key_parse(word, &k.seq[k.n++]))
			return error_set(err, ERR_USAGE, "invalid detach keys \"%s\": unknown key \"%.*s\" (a character or ctrl-X)", text,
					 STR_ARG(word));
	}
	*ret = k;
	return 0;
}

/* The longest prefix of the sequence that ends the bytes typed so far: matched of the sequence, then c. */
static size_t keys_fall_back(const struct keys *k, unsigned char c)
{
	unsigned char typed[KEYS_MAX + 1];
	size_t n = k->matched + 1;

	memcpy(typed, k->seq, k->matched);
	typed[k->matched] = c;
	for (size_t len = k->matched; len > 0; len--)
		if (memcmp(k->seq, typed + n - len, len) == 0)
			return len;
	return 0;
}

bool keys_filter(struct keys *k, const unsigned char *in, size_t n, unsigned char *out, size_t *ret_n)
{
	size_t o = 0;

	for (size_t i = 0; i < n; i++) {
		if (k->n && in[i] == k->seq[k->matched]) {
			if (++k->matched == k->n) {
				*ret_n = o;
				return true;
			}
			continue;
		}

		size_t keep = k->n ? keys_fall_back(k, in[i]) : 0;
		size_t give = k->matched + 1 - keep;

		/* What is given are the oldest of the held bytes, and the new one when nothing is kept of it. */
		if (give <= k->matched) {
			memcpy(out + o, k->seq, give);
		} else {
			memcpy(out + o, k->seq, k->matched);
			out[o + k->matched] = in[i];
		}
		o += give;
		k->matched = keep;
	}
	*ret_n = o;
	return false;
}
