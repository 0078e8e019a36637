#include "tunnel/host_key.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "tunnel/keys.h"
#include "tunnel/prompt.h"

/* A host key of 16384 bits of RSA has 2 KiB. */
#define KEY_MAX ((size_t)8 * 1024)

int host_identity_read(struct host_identity *id, const struct ssh_config *c, struct error *err)
{
	int r;

	if (c->host_key_alias) {
		id->name = known_hosts_name(c->host_key_alias, 22);
	} else {
		id->name = known_hosts_name(c->host, c->port);
		id->plain = c->port == 22 ? NULL : known_hosts_name(c->host, 22);
	}
	if (!id->name)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = known_hosts_read(&id->known, &c->user_known_hosts, id->name, id->plain, err);
	return r < 0 ? r : known_hosts_read(&id->known, &c->global_known_hosts, id->name, id->plain, err);
}

void host_identity_done(struct host_identity *id)
{
	free(id->name);
	free(id->plain);
	known_hosts_done(&id->known);
	*id = (struct host_identity){ 0 };
}

bool host_identity_only_rsa(const struct host_identity *id)
{
	for (size_t i = 0; i < id->known.n; i++)
		if (strcmp(id->known.v[i].type, "ssh-rsa") != 0)
			return false;
	return id->known.n > 0;
}

/* Key types of known_hosts and the signature algorithms that such a key is asked for by. */
static const struct {
	const char *type, *algorithm;
} preferences[] = {
	{ "ssh-ed25519", "ssh-ed25519" },
	{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256" },
	{ "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384" },
	{ "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521" },
	{ "ssh-rsa", "rsa-sha2-512" },
	{ "ssh-rsa", "rsa-sha2-256" },
	{ "ssh-rsa", "ssh-rsa" },
};

/* libssh2 1.10 drops a name that it does not have by copying the rest over itself with memcpy, so it is asked before. */
static bool algorithm_supported(LIBSSH2_SESSION *session, const char *algorithm)
{
	const char **names = NULL;
	int n = libssh2_session_supported_algs(session, LIBSSH2_METHOD_HOSTKEY, &names);
	bool found = false;

	for (int i = 0; i < n && !found; i++)
		found = strcmp(names[i], algorithm) == 0;
	if (n > 0)
		libssh2_free(session, names);
	return found;
}

static bool type_is_known(const struct host_identity *id, const char *type)
{
	for (size_t i = 0; i < id->known.n; i++)
		if (strcmp(id->known.v[i].type, type) == 0)
			return true;
	return false;
}

void host_key_prefer(struct ssh_io *io, const struct host_identity *id)
{
	CLEANUP(buf_done) struct buf order = BUF_INIT(1024);

	for (int known = 1; known >= 0; known--)
		for (size_t i = 0; i < ARRAY_LEN(preferences); i++)
			if (type_is_known(id, preferences[i].type) == known &&
			    algorithm_supported(io->session, preferences[i].algorithm))
				buf_addf(&order, "%s%s", order.n ? "," : "", preferences[i].algorithm);
	libssh2_session_method_pref(io->session, LIBSSH2_METHOD_HOSTKEY, buf_z(&order));
}

/* The key that the host proved to have. */
struct host_key {
	char *type;
	char *text; /* base64 */
	char *fingerprint;
};

static void host_key_done(struct host_key *key)
{
	free(key->type);
	free(key->text);
	free(key->fingerprint);
}

static bool describe(struct ssh_io *io, struct host_key *ret)
{
	CLEANUP(buf_done) struct buf fingerprint = BUF_INIT(100);
	struct str blob = { 0 }, type;
	int kind;

	blob.p = libssh2_session_hostkey(io->session, &blob.n, &kind);
	if (!blob.p || blob.n > KEY_MAX || !key_blob_type(blob, &type))
		return false;
	key_fingerprint(blob, &fingerprint);
	ret->type = str_dup(type);
	ret->text = malloc(KEY_MAX * 4 / 3 + 8);
	ret->fingerprint = buf_take(&fingerprint);
	if (!ret->type || !ret->text || !ret->fingerprint)
		return false;
	EVP_EncodeBlock((unsigned char *)ret->text, (const unsigned char *)blob.p, (int)blob.n);
	return true;
}

/* The folder of known_hosts, when it is the user's first ssh connection. */
static void make_folder(const char *file)
{
	CLEANUP(free_p) char *dir = z_dup(file);
	char *slash = dir ? strrchr(dir, '/') : NULL;

	if (!slash)
		return;
	*slash = '\0';
	path_make_dirs(dir, 0700, NULL);
}

static bool ends_in_newline(int fd)
{
	char last = '\n';
	off_t end = lseek(fd, 0, SEEK_END);

	return end <= 0 || (pread(fd, &last, 1, end - 1) == 1 && last == '\n');
}

static int append_line(const char *file, struct buf *line, struct error *err)
{
	CLEANUP(fd_close_p) int fd = -1;

	make_folder(file);
	fd = open(file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set_errno(err, "open %s", file);
	if (!ends_in_newline(fd) && fd_write_all(fd, "\n", 1, 0, err) < 0)
		return -ERR_SYSTEM;
	return fd_write_all(fd, line->p, line->n, 0, err);
}

/* Not being able to write it down is no reason to refuse a key that the user accepted. */
static void remember(const struct host_identity *id, const struct ssh_config *c, const struct host_key *key)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(2 * KEY_MAX);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	const char *file = c->user_known_hosts.n ? c->user_known_hosts.v[0] : "none";

	if (strcmp(file, "none") == 0 || strcmp(file, "/dev/null") == 0)
		return;
	if (!c->hash_known_hosts || !known_hosts_hash(id->name, &line))
		buf_add_z(&line, id->name);
	buf_addf(&line, " %s %s\n", key->type, key->text);
	if (append_line(file, &line, &err) < 0)
		log_warn("the host key of %s is not remembered: %s", id->name, err.text);
}

static int refuse_unknown(const struct ssh_config *c, const struct tunnel_dest *to, const struct host_identity *id,
			  const struct host_key *key, struct error *err)
{
	const char *file = c->user_known_hosts.n ? c->user_known_hosts.v[0] : "~/.ssh/known_hosts";

	error_set(err, ERR_AUTH, "the host key of %s is not known: it sent %s %s", id->name, key->type, key->fingerprint);
	return error_hint(
		err,
		"compare the fingerprint with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub there), then type: "
		"ssh -p %d %s@%s true, or: ssh-keyscan -p %d %s >> %s",
		c->port, c->user, to->host, c->port, c->host, file);
}

static int refuse_changed(const struct host_identity *id, const struct host_key *key, const struct known_key *known,
			  struct error *err)
{
	error_set(err, ERR_AUTH, "the host key of %s has changed: it sent %s %s, but %s line %u has another", id->name, key->type,
		  key->fingerprint, known->file, known->line);
	return error_hint(err, "somebody may be in between; if the host was set up anew, type: ssh-keygen -f %s -R '%s'",
			  known->file, id->name);
}

static int refuse_revoked(const struct host_identity *id, const struct host_key *key, const struct known_key *known,
			  struct error *err)
{
	error_set(err, ERR_AUTH, "the host key of %s is marked as revoked: %s %s, %s line %u", id->name, key->type,
		  key->fingerprint, known->file, known->line);
	return error_hint(err, "give the host a new key on the host: ssh-keygen -A after removing the old one");
}

/* As ssh asks: "yes", "no", or the fingerprint copied from elsewhere. 1 yes, 0 no. */
static int ask(const struct ssh_config *c, const struct host_key *key, const struct known_key *other, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(8192);

	buf_addf(&text, "The authenticity of host '%s' (port %d) can't be established.\n%s key fingerprint is %s.\n", c->host,
		 c->port, key->type, key->fingerprint);
	if (other)
		buf_addf(&text, "It is known by a key of another type, %s: %s line %u.\n", other->type, other->file, other->line);
	buf_addf(&text, "Are you sure you want to continue connecting (yes/no/[fingerprint])? ");
	for (;;) {
		CLEANUP(free_p) char *answer = NULL;
		int r = prompt_line(buf_z(&text), true, &answer, err);

		if (r < 0)
			return r;
		if (strcasecmp(answer, "yes") == 0 || strcmp(answer, key->fingerprint) == 0)
			return 1;
		if (strcasecmp(answer, "no") == 0)
			return 0;
		buf_clear(&text);
		buf_add_z(&text, "Please type 'yes', 'no' or the fingerprint: ");
	}
}

static int new_key(const struct host_identity *id, const struct ssh_config *c, const struct tunnel_dest *to,
		   const struct host_key *key, const struct known_key *other, struct error *err)
{
	int r = c->policy == HOST_KEY_ACCEPT_NEW || c->policy == HOST_KEY_ACCEPT_ANY;

	if (c->policy == HOST_KEY_ASK && to->interactive)
		r = ask(c, key, other, err);
	if (r == 0)
		return refuse_unknown(c, to, id, key, err);
	if (r < 0)
		return r;
	remember(id, c, key);
	return 0;
}

int host_key_check(struct ssh_io *io, const struct host_identity *id, const struct ssh_config *c, const struct tunnel_dest *to,
		   struct buf *detail, struct error *err)
{
	CLEANUP(host_key_done) struct host_key key = { 0 };
	const struct known_key *known;

	if (!describe(io, &key))
		return error_set(err, ERR_PROTOCOL, "%s sent a host key that makes no sense", c->host);
	buf_addf(detail, "%s %s", key.type, key.fingerprint);
	if (to->ignore_hosts)
		return 0;
	switch (known_hosts_check(&id->known, key.type, key.text, &known)) {
	case KNOWN_MATCH:
		return 0;
	case KNOWN_IS_REVOKED:
		return refuse_revoked(id, &key, known, err);
	case KNOWN_CHANGED:
		if (c->policy != HOST_KEY_ACCEPT_ANY)
			return refuse_changed(id, &key, known, err);
		log_warn("the host key of %s has changed; accepted because StrictHostKeyChecking is off", id->name);
		return 0;
	case KNOWN_UNKNOWN:
	case KNOWN_OTHER_TYPE:
		break;
	}
	return new_key(id, c, to, &key, known, err);
}
