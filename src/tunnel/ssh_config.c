#include "tunnel/ssh_config.h"

#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/units.h"

#define PORT              22
#define CONNECT_TIMEOUT_S 10

const char *ssh_config_file(void)
{
	const char *file = getenv("FARPOD_SSH_CONFIG");

	return file && *file ? file : NULL;
}

char *ssh_config_home(void)
{
	const struct passwd *pw = getpwuid(getuid());

	return z_dup(pw && pw->pw_dir && *pw->pw_dir ? pw->pw_dir : path_home());
}

enum row_type { ROW_TEXT, ROW_NUMBER, ROW_BOOL, ROW_LIST, ROW_FILES, ROW_POLICY, ROW_FAMILY, ROW_ONLY_SSH };

/* The words of the answer that matter. ROW_LIST: one value a line; ROW_FILES: several values in one line. */
static const struct row {
	const char *keyword; /* as ssh_config(5) spells it */
	enum row_type type;
	size_t offset;
} rows[] = {
	{ "HostName", ROW_TEXT, offsetof(struct ssh_config, host) },
	{ "User", ROW_TEXT, offsetof(struct ssh_config, user) },
	{ "Port", ROW_NUMBER, offsetof(struct ssh_config, port) },
	{ "ConnectTimeout", ROW_NUMBER, offsetof(struct ssh_config, connect_timeout_s) },
	{ "AddressFamily", ROW_FAMILY, offsetof(struct ssh_config, address_family) },
	{ "HostKeyAlias", ROW_TEXT, offsetof(struct ssh_config, host_key_alias) },
	{ "IdentityAgent", ROW_TEXT, offsetof(struct ssh_config, identity_agent) },
	{ "IdentityFile", ROW_LIST, offsetof(struct ssh_config, identity_files) },
	{ "IdentitiesOnly", ROW_BOOL, offsetof(struct ssh_config, identities_only) },
	{ "HashKnownHosts", ROW_BOOL, offsetof(struct ssh_config, hash_known_hosts) },
	{ "PubkeyAuthentication", ROW_BOOL, offsetof(struct ssh_config, key_auth) },
	{ "PasswordAuthentication", ROW_BOOL, offsetof(struct ssh_config, password_auth) },
	{ "KbdInteractiveAuthentication", ROW_BOOL, offsetof(struct ssh_config, interactive_auth) },
	{ "StrictHostKeyChecking", ROW_POLICY, offsetof(struct ssh_config, policy) },
	{ "UserKnownHostsFile", ROW_FILES, offsetof(struct ssh_config, user_known_hosts) },
	{ "GlobalKnownHostsFile", ROW_FILES, offsetof(struct ssh_config, global_known_hosts) },
	{ "ProxyJump", ROW_ONLY_SSH, 0 },
	{ "ProxyCommand", ROW_ONLY_SSH, 0 },
	{ "CertificateFile", ROW_ONLY_SSH, 0 },
	{ "BindAddress", ROW_ONLY_SSH, 0 },
	{ "BindInterface", ROW_ONLY_SSH, 0 },
	{ "PKCS11Provider", ROW_ONLY_SSH, 0 },
	{ "KnownHostsCommand", ROW_ONLY_SSH, 0 },
};

static const struct row *row_find(struct str keyword)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strlen(rows[i].keyword) == keyword.n && strncasecmp(rows[i].keyword, keyword.p, keyword.n) == 0)
			return &rows[i];
	return NULL;
}

static void *field(struct ssh_config *c, const struct row *row)
{
	return (char *)c + row->offset;
}

/* Words that ssh has used for on: "yes" and, since the multistate options, "true". */
static bool is_on(struct str s)
{
	return str_eq(s, STR("yes")) || str_eq(s, STR("true"));
}

static enum host_key_policy policy_of(struct str s)
{
	if (is_on(s))
		return HOST_KEY_STRICT;
	if (str_eq(s, STR("accept-new")))
		return HOST_KEY_ACCEPT_NEW;
	if (str_eq(s, STR("no")) || str_eq(s, STR("off")) || str_eq(s, STR("false")))
		return HOST_KEY_ACCEPT_ANY;
	return HOST_KEY_ASK;
}

static int family_of(struct str s)
{
	return str_eq(s, STR("inet")) ? AF_INET : str_eq(s, STR("inet6")) ? AF_INET6 : AF_UNSPEC;
}

static bool set_text(char **into, struct str s)
{
	free(*into);
	*into = str_dup(s);
	return *into;
}

/* Values stand unquoted in one line; a blank inside a name can be told only by the "/" or "~" that begins the next one. */
static bool add_files(struct strv *files, struct str s)
{
	while (s.n) {
		size_t end = 1;

		while (end < s.n && !(s.p[end - 1] == ' ' && (s.p[end] == '/' || s.p[end] == '~')))
			end++;
		if (!strv_add_str(files, str_trim((struct str){ s.p, end })))
			return false;
		s = (struct str){ s.p + end, s.n - end };
	}
	return true;
}

static bool note_only_ssh(struct ssh_config *c, const char *keyword, struct str value)
{
	char *note;

	if (c->only_ssh || str_eq(value, STR("none")) || !value.n)
		return true;
	if (asprintf(&note, "%s %.*s", keyword, STR_ARG(value)) < 0)
		return false;
	c->only_ssh = note;
	return true;
}

/* False without memory; a value that makes no sense leaves the default. */
static bool take_value(struct ssh_config *c, const struct row *row, struct str value)
{
	int64_t number;

	switch (row->type) {
	case ROW_TEXT:
		return set_text(field(c, row), value);
	case ROW_NUMBER:
		if (int_parse(value, &number) && number > 0 && number < 65536)
			*(int *)field(c, row) = (int)number;
		return true;
	case ROW_BOOL:
		*(bool *)field(c, row) = is_on(value);
		return true;
	case ROW_LIST:
		return strv_add_str(field(c, row), value);
	case ROW_FILES:
		return add_files(field(c, row), value);
	case ROW_POLICY:
		*(enum host_key_policy *)field(c, row) = policy_of(value);
		return true;
	case ROW_FAMILY:
		*(int *)field(c, row) = family_of(value);
		return true;
	case ROW_ONLY_SSH:
		return note_only_ssh(c, row->keyword, value);
	}
	return true;
}

static bool take_line(struct ssh_config *c, struct str line)
{
	struct str keyword, value;
	const struct row *row;

	if (!str_cut(str_trim(line), ' ', &keyword, &value))
		return true;
	row = row_find(keyword);
	return !row || take_value(c, row, str_trim(value));
}

/* What ssh itself would take where nothing is configured. */
static bool set_defaults(struct ssh_config *c, const struct tunnel_dest *to)
{
	static const char *const keys[] = { "~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ecdsa_sk", "~/.ssh/id_ed25519",
					    "~/.ssh/id_ed25519_sk" };
	const struct passwd *pw = to->user ? NULL : getpwuid(getuid());
	bool ok = true, no_keys = !c->identity_files.n;

	if (!c->host)
		ok &= (c->host = z_dup(to->host)) != NULL;
	if (!c->user)
		ok &= (c->user = z_dup(to->user ? to->user : pw ? pw->pw_name : "root")) != NULL;
	for (size_t i = 0; no_keys && i < ARRAY_LEN(keys); i++)
		ok &= strv_add(&c->identity_files, keys[i]);
	return ok;
}

/* The value of a % token, NULL for one that is not known here. */
static const char *token(const struct ssh_config *c, const struct tunnel_dest *to, const char *home, char letter, char number[16])
{
	const struct passwd *pw;

	switch (letter) {
	case '%':
		return "%";
	case 'd':
		return home;
	case 'h':
		return c->host;
	case 'n':
		return to->host;
	case 'r':
		return c->user;
	case 'k':
		return c->host_key_alias ? c->host_key_alias : to->host;
	case 'p':
		snprintf(number, 16, "%d", c->port);
		return number;
	case 'i':
		snprintf(number, 16, "%ld", (long)getuid());
		return number;
	case 'u':
		pw = getpwuid(getuid());
		return pw ? pw->pw_name : NULL;
	default:
		return NULL;
	}
}

/* "~/x" and %-tokens. Unknown tokens stay as they are: the file will be missing, and the message shows the name. */
static bool expand(char **path, const struct ssh_config *c, const struct tunnel_dest *to, const char *home)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(4096);
	const char *p = *path;
	char number[16], *expanded;

	if (p[0] == '~' && (p[1] == '/' || !p[1])) {
		buf_add_z(&b, home);
		p++;
	}
	for (; *p; p++) {
		const char *value = *p == '%' && p[1] ? token(c, to, home, p[1], number) : NULL;

		if (value)
			buf_add_z(&b, value);
		else
			buf_add_char(&b, *p);
		p += value != NULL;
	}
	expanded = buf_take(&b);
	if (!expanded)
		return false;
	free(*path);
	*path = expanded;
	return true;
}

static bool expand_all(struct strv *paths, const struct ssh_config *c, const struct tunnel_dest *to, const char *home)
{
	for (size_t i = 0; i < paths->n; i++)
		if (!expand(&paths->v[i], c, to, home))
			return false;
	return true;
}

static bool finish(struct ssh_config *c, const struct tunnel_dest *to, const char *home)
{
	bool ok = set_defaults(c, to);

	if (ok && !c->user_known_hosts.n)
		ok = add_files(&c->user_known_hosts, STR("~/.ssh/known_hosts ~/.ssh/known_hosts2"));
	if (ok && !c->global_known_hosts.n)
		ok = add_files(&c->global_known_hosts, STR("/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"));
	if (ok && c->identity_agent)
		ok = expand(&c->identity_agent, c, to, home);
	return ok && expand_all(&c->identity_files, c, to, home) && expand_all(&c->user_known_hosts, c, to, home) &&
	       expand_all(&c->global_known_hosts, c, to, home);
}

int ssh_config_parse(struct str answer, const struct tunnel_dest *to, const char *home, struct ssh_config *ret, struct error *err)
{
	CLEANUP(ssh_config_done)
	struct ssh_config c = { .port = to->port ? to->port : PORT,
				.connect_timeout_s = CONNECT_TIMEOUT_S,
				.key_auth = true,
				.password_auth = true,
				.interactive_auth = true };
	struct str line;
	bool ok = true;

	while (ok && answer.n) {
		str_cut(answer, '\n', &line, &answer);
		ok = take_line(&c, line);
	}
	if (!ok || !finish(&c, to, home))
		return error_set(err, ERR_SYSTEM, "out of memory");
	*ret = c;
	c = (struct ssh_config){ 0 };
	return 0;
}

void ssh_config_done(struct ssh_config *c)
{
	free(c->host);
	free(c->user);
	free(c->host_key_alias);
	free(c->identity_agent);
	free(c->only_ssh);
	strv_done(&c->identity_files);
	strv_done(&c->user_known_hosts);
	strv_done(&c->global_known_hosts);
	*c = (struct ssh_config){ 0 };
}
