#include "tunnel/keys.h"

#include <errno.h>
#include <libssh2.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"

#define FILE_MAX      ((size_t)64 * 1024)
#define TYPE_MAX      64
#define OPENSSH_BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----"
#define OPENSSH_MAGIC "openssh-key-v1"

/* Standard base64 with line breaks. */
static bool base64_decode(struct str text, struct buf *out)
{
	CLEANUP(free_p) char *compact = malloc(text.n + 1);
	size_t n = 0, padding = 0;
	char *room;
	int done;

	if (!compact)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\n' && text.p[i] != '\r')
			compact[n++] = text.p[i];
	while (padding < 2 && padding < n && compact[n - 1 - padding] == '=')
		padding++;
	room = buf_reserve(out, n);
	if (!room || !n || n % 4)
		return false;
	done = EVP_DecodeBlock((unsigned char *)room, (unsigned char *)compact, (int)n);
	if (done < (int)padding)
		return false;
	out->n += (size_t)done - padding;
	return true;
}

/* A string of the ssh protocol: four bytes of length in front. */
static bool ssh_string(struct str *rest, struct str *ret)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	size_t n;

	if (rest->n < 4)
		return false;
	n = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (n > rest->n - 4)
		return false;
	*ret = (struct str){ rest->p + 4, n };
	*rest = (struct str){ rest->p + 4 + n, rest->n - 4 - n };
	return true;
}

bool key_blob_type(struct str blob, struct str *ret)
{
	return ssh_string(&blob, ret) && ret->n && ret->n < TYPE_MAX && !memchr(ret->p, '\0', ret->n);
}

void key_fingerprint(struct str blob, struct buf *out)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char text[SHA256_DIGEST_LENGTH * 4 / 3 + 8] = "";

	if (EVP_Digest(blob.p, blob.n, digest, NULL, EVP_sha256(), NULL))
		EVP_EncodeBlock((unsigned char *)text, digest, sizeof digest);
	text[strcspn(text, "=")] = '\0';
	buf_addf(out, "SHA256:%s", text);
}

static bool take_blob(struct key_file *k, struct str blob)
{
	struct str type;

	if (!key_blob_type(blob, &type))
		return false;
	free(k->type);
	k->type = str_dup(type);
	buf_clear(&k->blob);
	return k->type && buf_add(&k->blob, blob);
}

/* OpenSSH's own format: the public half stands in front, in clear, also in an encrypted file. */
static bool parse_openssh(struct str body, struct key_file *k)
{
	CLEANUP(buf_done) struct buf raw = BUF_INIT(FILE_MAX);
	struct str rest, cipher, kdf, options, blob;

	if (!base64_decode(body, &raw))
		return false;
	rest = buf_str(&raw);
	if (!str_starts(rest, (struct str){ OPENSSH_MAGIC, sizeof OPENSSH_MAGIC }))
		return false;
	rest = (struct str){ rest.p + sizeof OPENSSH_MAGIC, rest.n - sizeof OPENSSH_MAGIC };
	if (!ssh_string(&rest, &cipher) || !ssh_string(&rest, &kdf) || !ssh_string(&rest, &options) || rest.n < 4)
		return false;
	rest = (struct str){ rest.p + 4, rest.n - 4 }; /* the number of keys: always 1 */
	k->encrypted = !str_eq(cipher, STR("none"));
	return ssh_string(&rest, &blob) && take_blob(k, blob);
}

static bool find(struct str text, struct str what, size_t *ret)
{
	for (size_t i = 0; i + what.n <= text.n; i++)
		if (memcmp(text.p + i, what.p, what.n) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

/* PEM: the type stands in the first line, or not at all (PKCS#8). */
static bool parse_pem(struct str text, struct key_file *k)
{
	struct str first = text;
	const char *type = "";
	size_t at;

	str_cut(text, '\n', &first, NULL);
	if (find(first, STR("RSA PRIVATE"), &at))
		type = "ssh-rsa";
	else if (find(first, STR("DSA PRIVATE"), &at))
		type = "ssh-dss";
	k->encrypted = find(text, STR("ENCRYPTED"), &at);
	free(k->type);
	k->type = z_dup(type);
	return k->type;
}

/* "ssh-ed25519 AAAA... comment" */
static bool parse_public(struct str text, struct key_file *k)
{
	CLEANUP(buf_done) struct buf raw = BUF_INIT(FILE_MAX);
	struct str line = text, rest, base64;

	str_cut(text, '\n', &line, NULL);
	if (!str_cut(str_trim(line), ' ', NULL, &rest))
		return false;
	str_cut(rest, ' ', &base64, NULL);
	k->no_private = true;
	return base64_decode(base64, &raw) && take_blob(k, buf_str(&raw));
}

bool key_file_parse(struct str text, struct key_file *k)
{
	size_t begin, end;

	k->blob.max = k->blob.max ? k->blob.max : FILE_MAX;
	if (find(text, STR(OPENSSH_BEGIN), &begin)) {
		text = (struct str){ text.p + begin + strlen(OPENSSH_BEGIN), text.n - begin - strlen(OPENSSH_BEGIN) };
		return find(text, STR("-----END"), &end) && parse_openssh((struct str){ text.p, end }, k);
	}
	if (find(text, STR("-----BEGIN "), &begin))
		return parse_pem((struct str){ text.p + begin, text.n - begin }, k);
	return parse_public(text, k);
}

/* A PEM file does not show its public half; the .pub file beside it does. */
static void read_public(struct key_file *k)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(4096), text = BUF_INIT(FILE_MAX);
	struct key_file beside = { 0 };

	buf_addf(&path, "%s-cert.pub", k->path);
	k->certificate = access(buf_z(&path), R_OK) == 0;
	if (k->blob.n)
		return;
	buf_clear(&path);
	buf_addf(&path, "%s.pub", k->path);
	if (path_read(buf_z(&path), &text, NULL) == 0 && key_file_parse(buf_str(&text), &beside) && beside.no_private)
		take_blob(k, buf_str(&beside.blob));
	key_file_done(&beside);
}

static int key_file_read(const char *path, struct key_file *k, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(FILE_MAX);
	int r = path_read(path, &text, err);

	if (r < 0)
		return r;
	k->path = z_dup(path);
	if (!k->path || !key_file_parse(buf_str(&text), k))
		return error_set(err, ERR_AUTH, "%s is no ssh key", path);
	read_public(k);
	return 0;
}

static bool is_listed(const struct key_files *k, const char *path)
{
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->v[i].path, path) == 0)
			return true;
	return false;
}

static int add(struct key_files *k, const char *path, struct error *err)
{
	struct key_file one = { 0 };
	int r;

	if (is_listed(k, path))
		return 0;
	r = key_file_read(path, &one, err);
	if (r == 0 && k->n == k->cap) {
		size_t cap = k->cap ? 2 * k->cap : 8;
		struct key_file *v = realloc(k->v, cap * sizeof *v);

		if (v) {
			k->v = v;
			k->cap = cap;
		} else {
			r = error_set(err, ERR_SYSTEM, "out of memory");
		}
	}
	if (r == 0)
		k->v[k->n++] = one;
	else
		key_file_done(&one);
	return r;
}

static int read_identity(struct key_files *k, const char *identity, struct error *err)
{
	CLEANUP(free_p) char *path = path_expand_home(identity);
	int r = path ? add(k, path, err) : error_set(err, ERR_SYSTEM, "out of memory");

	if (r == 0 || r == -ERR_AUTH)
		return r;
	error_set(err, ERR_AUTH, "identity %s can't be read: %s", path ? path : identity,
		  strerror(err && err->sys_errno ? err->sys_errno : ENOENT));
	return error_hint(err, "give the file of a private key (--identity), or none to use those of ~/.ssh and the ssh agent");
}

int key_files_read(struct key_files *k, const struct ssh_config *c, const struct tunnel_dest *to, struct error *err)
{
	int r = to->identity && *to->identity ? read_identity(k, to->identity, err) : 0;

	for (size_t i = 0; r == 0 && i < c->identity_files.n; i++) {
		CLEANUP(error_done) struct error why = ERROR_INIT;
		const char *path = c->identity_files.v[i];

		if (strcmp(path, "none") == 0 || add(k, path, &why) == 0)
			continue;
		if (why.kind != ERR_NOT_FOUND)
			log_debug("key file passed over: %s", why.text);
	}
	return r;
}

bool key_type_usable(struct str type)
{
	static const char *const usable[] = {
		"",
		"ssh-ed25519",
		"ecdsa-sha2-nistp256",
		"ecdsa-sha2-nistp384",
		"ecdsa-sha2-nistp521",
#if LIBSSH2_VERSION_NUM >= 0x010b00
		/* Before 1.11 libssh2 signs with RSA and SHA-1 only, which current servers refuse. */
		"ssh-rsa",
#endif
	};

	for (size_t i = 0; i < ARRAY_LEN(usable); i++)
		if (str_eq_z(type, usable[i]))
			return true;
	return false;
}

void key_file_done(struct key_file *k)
{
	free(k->path);
	free(k->type);
	buf_done(&k->blob);
	*k = (struct key_file){ 0 };
}

void key_files_done(struct key_files *k)
{
	for (size_t i = 0; i < k->n; i++)
		key_file_done(&k->v[i]);
	free(k->v);
	*k = (struct key_files){ 0 };
}
