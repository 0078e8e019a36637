/* cmd/podman/login.c: credentials are checked by this machine against the registry itself, and then kept on this machine. No host takes part. */
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/wipe.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/login.h"
#include "cmd/session.h"
#include "config/auth.h"
#include "config/registries.h"
#include "registry/registry.h"
#include "term/term.h"

#define PASSWORD_MAX ((size_t)64 * 1024)

/* A file or folder of this machine. */
#define OPT_PATH(l, T, f, kind, h)                                                                                             \
	{                                                                                                                      \
		.type = OPT_T_STR, .long_name = l, .metavar = "string", .help = h, .offset = OPT_FIELD(T, f, const char *),    \
		.complete = kind                                                                                               \
	}

const struct opt login_opts[] = {
	OPT_PATH("authfile", struct login_args, authfile, "@file", "File to keep the credentials in; REGISTRY_AUTH_FILE names it too"),
	OPT_PATH("cert-dir", struct login_args, cert_dir, "@dir", "Folder with certificates for the registry"),
	OPT_PATH("compat-auth-file", struct login_args, compat_auth_file, "@file", "File of docker to keep the credentials in"),
	OPT_BOOL(0, "get-login", struct login_args, get_login, "Print the user name that is kept for the registry"),
	OPT_STR('p', "password", struct login_args, password, "string", "Password for the registry"),
	OPT_BOOL(0, "password-stdin", struct login_args, password_stdin, "Read the password from stdin"),
	{ .type = OPT_T_BOOL,
	  .flags = OPT_BAG,
	  .long_name = "tls-verify",
	  .dflt = "true",
	  .help = "Require HTTPS and a valid certificate of the registry",
	  .offset = offsetof(struct login_args, given) },
	OPT_STR('u', "username", struct login_args, username, "string", "User name for the registry"),
	OPT_BOOL('v', "verbose", struct login_args, verbose, "Say where the credentials are kept"),
	OPT_END
};

static const struct opt podman_login_opts[] = {
	{ .type = OPT_T_INCLUDE, .include = login_opts },
	OPT_STR(0, "secret", struct login_args, secret, "string", "Secret of the host that is the password"),
	OPT_END
};

const struct opt logout_opts[] = {
	OPT_BOOL('a', "all", struct logout_args, all, "Remove the credentials for all registries"),
	OPT_PATH("authfile", struct logout_args, authfile, "@file", "File that the credentials are in; REGISTRY_AUTH_FILE names it too"),
	OPT_PATH("compat-auth-file", struct logout_args, compat_auth_file, "@file", "File of docker that the credentials are in"),
	OPT_END
};

/* What one login works with. */
struct login {
	struct session *s;
	const struct login_args *a;
	const char *file; /* NULL: the usual one */
	char *key;        /* "quay.io" or "quay.io/namespace" */
	char *host;
	struct registries *conf;
};

static void login_done(struct login *l)
{
	free(l->key);
	free(l->host);
	registries_close_p(&l->conf);
}

/* ---- which registry, which file ---- */

static int choose_file(const char *authfile, const char *compat, const char **ret, struct error *err)
{
	if (authfile && compat)
		return error_set(
			err, ERR_USAGE,
			"options for paths to the credential file and to the Docker-compatible credential file can not be set simultaneously");
	*ret = compat ? compat : authfile;
	return 0;
}

/* The key of what was typed, else of the first registry that short names are searched in. */
static int choose_key(const struct strv *names, const struct registries *conf, char **ret, struct error *err)
{
	const struct strv *search = registries_search(conf);

	if (names->n)
		return auth_key(names->v[0], ret, err);
	if (search->n)
		return auth_key(search->v[0], ret, err);
	return error_set(err, ERR_USAGE, "no registries found in registries.conf, a registry must be provided");
}

static int prepare(struct login *l, const struct strv *names, struct error *err)
{
	int r = choose_file(l->a->authfile, l->a->compat_auth_file, &l->file, err);

	if (r == 0)
		r = registries_read(l->a->registries_conf, &l->conf, err);
	if (r == 0)
		r = choose_key(names, l->conf, &l->key, err);
	if (r < 0)
		return r;
	if (l->a->compat_auth_file && strchr(l->key, '/'))
		return error_set(err, ERR_USAGE,
				 "credentials cannot be recorded in Docker-compatible format with namespaced key \"%s\"", l->key);
	l->host = strndup(l->key, strcspn(l->key, "/"));
	return l->host ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- is the registry content with them? ---- */

static int ask_registry(const struct login *l, const struct credentials *c, struct error *err)
{
	CLEANUP(registry_close_p) struct registry *registry = NULL;
	CLEANUP(free_p) char *certs = l->a->cert_dir ? z_dup(l->a->cert_dir) : NULL;
	struct registry_options o = { .credentials = c, .tries = 1 };
	int r = registries_insecure(l->conf, l->key, &o.insecure, err);

	if (flags_find(&l->a->given, "tls-verify"))
		o.insecure = !flags_bool(&l->a->given, "tls-verify", true);
	if (r == 0 && !certs)
		r = registries_cert_dir(l->host, &certs, err);
	o.cert_dir = certs;
	if (r == 0)
		r = registry_open(l->host, &o, &registry, err);
	return r < 0 ? r : registry_login(registry, err);
}

static int check(const struct login *l, const struct credentials *c, struct error *err)
{
	int r = ask_registry(l, c, err);

	if (r == -ERR_AUTH)
		return error_set(err, ERR_AUTH, "logging into \"%s\": invalid username/password", l->key);
	return r < 0 ? error_context(err, "authenticating creds for \"%s\"", l->key) : 0;
}

/* ---- where they come from ---- */

/* Lines are put together without their ends, as podman does. */
static int read_password(struct buf *password, struct error *err)
{
	char *room;
	ssize_t n;

	do {
		room = buf_reserve(password, 1);
		if (!room)
			return error_set(err, ERR_USAGE, "the password on stdin is longer than %zu bytes", PASSWORD_MAX);
		n = fd_read_some(STDIN_FILENO, room, 1, 0, err);
		if (n < 0)
			return error_context(err, "reading password");
		if (n > 0 && !room[0])
			return error_set(err, ERR_USAGE, "the password on stdin has a NUL byte in it");
		if (n > 0 && room[0] != '\n')
			password->n++;
		else if (password->n && password->p[password->n - 1] == '\r')
			password->n--;
	} while (n > 0);
	return 0;
}

static int password_from_stdin(struct credentials *c, struct error *err)
{
	CLEANUP(wipe_buf_done) struct buf password = BUF_INIT(PASSWORD_MAX);
	int r = buf_reserve(&password, PASSWORD_MAX) ? read_password(&password, err) : buf_check(&password, "password", err);

	if (r < 0)
		return r;
	c->password = str_dup(buf_str(&password));
	return c->password ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int check_flags(const struct login_args *a, struct error *err)
{
	if (a->secret) {
		error_set(err, ERR_UNSUPPORTED, "--secret: the secrets of a host can't be read");
		return error_hint(err, "login --username USER --password-stdin REGISTRY <FILE");
	}
	if (a->password_stdin && a->password)
		return error_set(err, ERR_USAGE, "Can't specify both --password-stdin and --password");
	if (a->password_stdin && !a->username)
		return error_set(err, ERR_USAGE, "Must provide --username with --password-stdin");
	return 0;
}

static int from_flags(const struct login_args *a, struct credentials *ret, struct error *err)
{
	int r = check_flags(a, err);

	if (r < 0)
		return r;
	ret->username = a->username && a->username[0] ? z_dup(a->username) : NULL;
	ret->password = a->password && a->password[0] ? z_dup(a->password) : NULL;
	return a->password_stdin ? password_from_stdin(ret, err) : 0;
}

static int no_answer(const char *what, struct error *err)
{
	int r = error_context(err, "getting username and password: reading %s", what);

	return isatty(STDIN_FILENO) ? r : error_hint(err, "login --username USER --password-stdin REGISTRY <FILE");
}

/* Without a terminal there is nobody who could be asked for a name, and stdin is no answer. */
static int ask_username(const char *kept, char **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf prompt = BUF_INIT(8192);
	struct str typed;
	char *answer;

	if (!isatty(STDIN_FILENO)) {
		error_set(err, ERR_SYSTEM, "EOF");
		return no_answer("username", err);
	}
	buf_add_z(&prompt, "Username");
	if (kept)
		buf_addf(&prompt, " (%s)", kept);
	buf_add_z(&prompt, ": ");
	if (term_ask(buf_z(&prompt), true, &answer, err) < 0)
		return no_answer("username", err);
	typed = str_trim(str_from(answer));
	*ret = typed.n || !kept ? str_dup(typed) : z_dup(kept);
	free(answer);
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* What the flags did not say. */
static int ask_rest(struct session *s, const char *kept, struct credentials *c, struct error *err)
{
	int r = session_flush(s, err);

	if (r == 0 && !c->username)
		r = ask_username(kept, &c->username, err);
	if (r == 0 && (!c->password || !c->password[0])) {
		wipe_free(c->password);
		c->password = NULL;
		r = term_ask("Password: ", false, &c->password, err) < 0 ? no_answer("password", err) : 0;
	}
	return r;
}

/* ---- login ---- */

/* 1: those that are kept are good. */
static int try_kept(const struct login *l, const struct credentials *kept, struct error *err)
{
	CLEANUP(error_done) struct error why = ERROR_INIT;
	FILE *out = session_out(l->s);
	int r;

	fprintf(out, "Authenticating with existing credentials for %s\n", l->key);
	if ((r = session_flush(l->s, err)) < 0)
		return r;
	if (check(l, kept, &why) == 0) {
		fprintf(out, "Existing credentials are valid. Already logged in to %s\n", l->host);
		return 1;
	}
	/* Only the registry's own no says something about them. */
	if (why.kind != ERR_AUTH)
		return error_move(err, &why);
	fprintf(out, "Existing credentials are invalid, please enter valid username and password\n");
	return 0;
}

static int keep(const struct login *l, const struct credentials *c, struct error *err)
{
	CLEANUP(free_p) char *where = NULL;
	int r = check(l, c, err);

	if (r == 0)
		r = auth_store(l->file, l->key, c, &where, err);
	if (r < 0)
		return r;
	if (l->a->verbose)
		fprintf(session_out(l->s), "Used:  %s\n", where);
	fprintf(session_out(l->s), "Login Succeeded!\n");
	return 0;
}

static int get_login(const struct login *l, const struct credentials *kept, struct error *err)
{
	if (!kept->username || !kept->username[0])
		return error_set(err, ERR_NOT_FOUND, "not logged into %s", l->key);
	fprintf(session_out(l->s), "%s\n", kept->username);
	return 0;
}

static int log_in(const struct login *l, const struct credentials *kept, struct error *err)
{
	CLEANUP(credentials_done) struct credentials c = { 0 };
	int r = from_flags(l->a, &c, err);

	if (r < 0)
		return r;
	if (kept->identity_token && !c.username)
		return error_set(err, ERR_USAGE, "currently logged in, auth file contains an Identity token");
	if (!c.username && !c.password && kept->username && kept->password && kept->password[0]) {
		r = try_kept(l, kept, err);
		if (r)
			return r < 0 ? r : 0;
	}
	r = ask_rest(l->s, kept->username, &c, err);
	return r < 0 ? r : keep(l, &c, err);
}

int cmd_login_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	CLEANUP(login_done) struct login l = { .s = s, .a = args };
	CLEANUP(credentials_done) struct credentials kept = { 0 };
	int r = prepare(&l, names, err);

	if (r < 0)
		return r;
	if (auth_lookup(l.file, l.key, &kept, err) < 0)
		return error_context(err, "get credentials");
	return l.a->get_login ? get_login(&l, &kept, err) : log_in(&l, &kept, err);
}

/* ---- logout ---- */

static int log_out_of_all(struct session *s, const char *file, const struct strv *names, struct error *err)
{
	int r;

	if (names->n)
		return error_set(err, ERR_USAGE, "--all takes no arguments");
	r = auth_erase_all(file, err);
	if (r == 0)
		fprintf(session_out(s), "Removed login credentials for all registries\n");
	return r;
}

static int log_out(struct session *s, const char *file, const char *key, struct error *err)
{
	bool elsewhere = false;
	int r = auth_erase(file, key, &elsewhere, err);

	if (r == 0) {
		fprintf(session_out(s), "Removed login credentials for %s\n", key);
		return 0;
	}
	if (r != -ERR_NOT_FOUND)
		return error_context(err, "logging out of \"%s\"", key);
	if (!elsewhere)
		return r;
	fprintf(session_out(s),
		"Not logged into %s with current tool. Existing credentials were established via docker login. Please use docker logout instead.\n",
		key);
	return error_clear(err);
}

int cmd_logout_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct logout_args *a = args;
	CLEANUP(registries_close_p) struct registries *conf = NULL;
	CLEANUP(free_p) char *key = NULL;
	const char *file = NULL;
	int r = choose_file(a->authfile, a->compat_auth_file, &file, err);

	if (r == 0)
		r = auth_file_check(file, err);
	if (r < 0)
		return r;
	if (a->all)
		return log_out_of_all(s, file, names, err);
	r = registries_read(a->registries_conf, &conf, err);
	if (r == 0)
		r = choose_key(names, conf, &key, err);
	return r < 0 ? r : log_out(s, file, key, err);
}

const struct cmd cmd_login = {
	.names = (const char *const[]){ "login", NULL },
	.synopsis = "[options] [REGISTRY]",
	.brief = "Log in to a container registry",
	.about =
		"Checks a user name and a password against a registry and keeps them on this machine. No host takes part and none gets to see them,\n"
		"but for the request that needs them. Without REGISTRY it is the first of unqualified-search-registries in registries.conf.",
	.examples =
		"podman login quay.io\npodman login -u alice --password-stdin registry.example.com <token\npodman login --get-login quay.io",
	.opts = podman_login_opts,
	.args_size = sizeof(struct login_args),
	.max_names = 1,
	.run = cmd_login_run,
};

const struct cmd cmd_logout = {
	.names = (const char *const[]){ "logout", NULL },
	.synopsis = "[options] [REGISTRY]",
	.brief = "Log out of a container registry",
	.about = "Forgets the credentials for a registry that this machine keeps.",
	.examples = "podman logout quay.io\npodman logout --authfile dir/auth.json quay.io\npodman logout --all",
	.opts = logout_opts,
	.args_size = sizeof(struct logout_args),
	.max_names = 1,
	.run = cmd_logout_run,
};
