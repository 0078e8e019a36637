#include "tunnel/known_hosts.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"

#define FILE_MAX   ((size_t)16 * 1024 * 1024)
#define SHA1_BYTES 20
/* base64 of 20 bytes */
#define SHA1_TEXT  28

/* ssh's patterns: "*" any run, "?" any one character; nothing else is special. */
static bool glob_matches(struct str pattern, const char *name)
{
	size_t p = 0, back_p = pattern.n + 1;
	const char *back_name = NULL;

	while (*name) {
		if (p < pattern.n && pattern.p[p] == '*') {
			back_p = ++p;
			back_name = name;
		} else if (p < pattern.n && (pattern.p[p] == '?' || tolower((unsigned char)pattern.p[p]) == *name)) {
			p++;
			name++;
		} else if (back_name) {
			p = back_p;
			name = ++back_name;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

static bool hash_name(const unsigned char salt[SHA1_BYTES], const char *name, unsigned char ret[SHA1_BYTES])
{
	unsigned n = SHA1_BYTES;

	return HMAC(EVP_sha1(), salt, SHA1_BYTES, (const unsigned char *)name, strlen(name), ret, &n) && n == SHA1_BYTES;
}

/* "|1|salt|hash": both are base64 of 20 bytes. */
static bool hash_matches(struct str field, const char *name)
{
	unsigned char salt[SHA1_BYTES + 4], hash[SHA1_BYTES];
	char text[SHA1_TEXT + 4];
	struct str rest, salt_text, hash_text;

	if (!str_starts(field, STR("|1|")))
		return false;
	rest = (struct str){ field.p + 3, field.n - 3 };
	if (!str_cut(rest, '|', &salt_text, &hash_text) || salt_text.n != SHA1_TEXT || hash_text.n != SHA1_TEXT)
		return false;
	if (EVP_DecodeBlock(salt, (const unsigned char *)salt_text.p, SHA1_TEXT) != SHA1_BYTES + 1 || !hash_name(salt, name, hash))
		return false;
	EVP_EncodeBlock((unsigned char *)text, hash, SHA1_BYTES);
	return memcmp(text, hash_text.p, SHA1_TEXT) == 0;
}

bool known_hosts_field_matches(struct str field, const char *name)
{
	bool matched = false;
	struct str one;

	if (field.n && field.p[0] == '|')
		return hash_matches(field, name);
	while (field.n) {
		str_cut(field, ',', &one, &field);
		if (one.n && one.p[0] == '!') {
			if (glob_matches((struct str){ one.p + 1, one.n - 1 }, name))
				return false;
		} else if (one.n && glob_matches(one, name)) {
			matched = true;
		}
	}
	return matched;
}

char *known_hosts_name(const char *host, int port)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(4096);
	char *name;

	if (port == 22)
		buf_add_z(&b, host);
	else
		buf_addf(&b, "[%s]:%d", host, port);
	name = buf_take(&b);
	for (char *p = name; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return name;
}

static struct str next_field(struct str *line)
{
	struct str field = { line->p, 0 };

	while (field.n < line->n && line->p[field.n] != ' ' && line->p[field.n] != '\t')
		field.n++;
	*line = str_trim((struct str){ line->p + field.n, line->n - field.n });
	return field;
}

static bool key_add(struct known_hosts *k, struct known_key key, struct str type, struct str text)
{
	if (k->n == k->cap) {
		size_t cap = k->cap ? 2 * k->cap : 8;
		struct known_key *v = realloc(k->v, cap * sizeof *v);

		if (!v)
			return false;
		k->v = v;
		k->cap = cap;
	}
	key.type = str_dup(type);
	key.key = str_dup(text);
	if (!key.type || !key.key) {
		free(key.type);
		free(key.key);
		return false;
	}
	k->v[k->n++] = key;
	return true;
}

static bool is_base64(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '+' && s.p[i] != '/' && s.p[i] != '=')
			return false;
	return s.n >= 16;
}

static bool take_line(struct known_hosts *k, struct known_key key, struct str line, const char *name, const char *plain_host)
{
	struct str field, type, text;

	line = str_trim(line);
	if (!line.n || line.p[0] == '#')
		return true;
	field = next_field(&line);
	if (field.p[0] == '@') {
		if (str_eq(field, STR("@cert-authority")))
			key.marker = KNOWN_CA;
		else if (str_eq(field, STR("@revoked")))
			key.marker = KNOWN_REVOKED;
		else
			return true;
		field = next_field(&line);
	}
	type = next_field(&line);
	text = next_field(&line);
	/* The old protocol's lines ("host 1024 35 1234...") fall out here too. */
	if (!field.n || !type.n || !is_base64(text))
		return true;
	if (!known_hosts_field_matches(field, name)) {
		if (!plain_host || !known_hosts_field_matches(field, plain_host))
			return true;
		key.portless = true;
	}
	return key_add(k, key, type, text);
}

bool known_hosts_add(struct known_hosts *k, struct str text, const char *file, const char *name, const char *plain_host)
{
	struct known_key key = { .file = file };
	struct str line;
	bool ok = true;

	while (ok && text.n) {
		str_cut(text, '\n', &line, &text);
		key.line++;
		ok = take_line(k, key, line, name, plain_host);
	}
	return ok;
}

int known_hosts_read(struct known_hosts *k, const struct strv *files, const char *name, const char *plain_host, struct error *err)
{
	for (size_t i = 0; i < files->n; i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT(FILE_MAX);
		CLEANUP(error_done) struct error why = ERROR_INIT;
		int r = path_read(files->v[i], &text, &why);

		/* A file that can't be read knows no host. */
		if (r < 0 && r != -ERR_NOT_FOUND)
			log_debug("known hosts passed over: %s", why.text);
		if (r < 0)
			continue;
		if (!known_hosts_add(k, buf_str(&text), files->v[i], name, plain_host))
			return error_set(err, ERR_SYSTEM, "out of memory");
	}
	return 0;
}

bool known_hosts_marked(const struct known_hosts *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].marker != KNOWN_PLAIN)
			return true;
	return false;
}

/* The strongest word wins, wherever it stands: a revoked key stays revoked when another line lists it, and one matching line is enough
 * beside outdated ones. */
enum known_verdict known_hosts_check(const struct known_hosts *k, const char *type, const char *key,
				     const struct known_key **ret_key)
{
	enum known_verdict verdict = KNOWN_UNKNOWN;

	*ret_key = NULL;
	for (size_t i = 0; i < k->n; i++) {
		const struct known_key *one = &k->v[i];
		bool same = strcmp(one->key, key) == 0;
		enum known_verdict says = KNOWN_UNKNOWN;

		if (one->marker == KNOWN_REVOKED && same) {
			*ret_key = one;
			return KNOWN_IS_REVOKED;
		}
		if (one->marker != KNOWN_PLAIN || verdict == KNOWN_MATCH)
			continue;
		if (same)
			says = KNOWN_MATCH;
		else if (!one->portless)
			says = strcmp(one->type, type) == 0 ? KNOWN_CHANGED : KNOWN_OTHER_TYPE;
		if (says == KNOWN_MATCH || says > verdict) {
			verdict = says;
			*ret_key = one;
		}
	}
	return verdict;
}

void known_hosts_done(struct known_hosts *k)
{
	for (size_t i = 0; i < k->n; i++) {
		free(k->v[i].type);
		free(k->v[i].key);
	}
	free(k->v);
	*k = (struct known_hosts){ 0 };
}

bool known_hosts_hash(const char *name, struct buf *out)
{
	unsigned char salt[SHA1_BYTES], hash[SHA1_BYTES];
	char salt_text[SHA1_TEXT + 4], hash_text[SHA1_TEXT + 4];

	if (RAND_bytes(salt, sizeof salt) != 1 || !hash_name(salt, name, hash))
		return false;
	EVP_EncodeBlock((unsigned char *)salt_text, salt, SHA1_BYTES);
	EVP_EncodeBlock((unsigned char *)hash_text, hash, SHA1_BYTES);
	return buf_addf(out, "|1|%s|%s", salt_text, hash_text);
}
