#include "cmd/skopeo/side.h"

#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cmd/skopeo/globals.h"
#include "term/term.h"

#define A struct side_args
#define TEXT(f) OPT_FIELD(struct side_args, f, const char *)

/* tls-verify has three states: without it registries.conf decides. */
#define REGISTRY_ROWS(prefix)                                                                                                                      \
	{ .type = OPT_T_STR, .long_name = prefix "authfile", .metavar = "string", .help = "Path of the authentication file", .offset = TEXT(authfile), \
	  .complete = "@file" },                                                                                                                   \
	{ .type = OPT_T_STR, .long_name = prefix "cert-dir", .metavar = "PATH", .help = "Use certificates at PATH (*.crt, *.cert, *.key) for the registry", \
	  .offset = TEXT(cert_dir), .complete = "@dir" },                                                                                          \
	OPT_STR(0, prefix "creds", A, creds, "USERNAME[:PASSWORD]", "Use USERNAME[:PASSWORD] for the registry"),                                   \
	OPT_BOOL(0, prefix "no-creds", A, no_creds, "Access the registry anonymously"),                                                            \
	OPT_STR(0, prefix "password", A, password, "string", "Password for the registry"),                                                         \
	OPT_STR(0, prefix "registry-token", A, registry_token, "string", "Bearer token for the registry"),                                         \
	{ .type = OPT_T_BOOL, .flags = OPT_BAG, .long_name = prefix "tls-verify", .alias_of = "tls-verify",                                         \
	  .help = "Require HTTPS and verify certificates of the registry", .offset = offsetof(struct side_args, given) },                          \
	OPT_STR(0, prefix "username", A, username, "string", "Username for the registry")

#define STORE_ROWS(prefix)                                                                                                                         \
	OPT_STR(0, prefix "daemon-host", A, daemon_host, "HOST", "URL of the host of docker-daemon: and containers-storage: (default: the connection)"), \
	{ .type = OPT_T_STR, .long_name = prefix "shared-blob-dir", .metavar = "DIRECTORY", .help = "Directory of blobs that OCI layouts share",     \
	  .offset = TEXT(shared_blob_dir), .complete = "@dir" }

/* The short forms of --src-creds and --dest-creds are skopeo's. */
#define SHORT_CREDS(name) { .type = OPT_T_STR, .flags = OPT_HIDDEN, .long_name = name, .metavar = "USERNAME[:PASSWORD]", .offset = TEXT(creds) }

const struct opt side_opts[] = { REGISTRY_ROWS(""), OPT_END };
const struct opt side_src_opts[] = { REGISTRY_ROWS("src-"), SHORT_CREDS("screds"), OPT_END };
const struct opt side_dest_opts[] = { REGISTRY_ROWS("dest-"), SHORT_CREDS("dcreds"), OPT_END };
const struct opt side_store_opts[] = { STORE_ROWS(""), OPT_END };
const struct opt side_src_store_opts[] = { STORE_ROWS("src-"), OPT_END };
const struct opt side_dest_store_opts[] = { STORE_ROWS("dest-"), OPT_END };

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

/* --username and --password. */
static int pair(const struct side_args *a, struct credentials *ret, struct error *err)
{
	if (!a->username || !*a->username)
		return error_set(err, ERR_USAGE, "username must be specified when password is specified");
	if (!a->password)
		return error_set(err, ERR_USAGE, "password must be specified when username is specified");
	ret->username = z_dup(a->username);
	ret->password = z_dup(a->password);
	return ret->username && ret->password ? 0 : no_memory(err);
}

/* --creds; a password that is not there is asked for. Without somebody who could answer it is empty, as it is for skopeo. */
static int one(const char *creds, struct credentials *ret, struct error *err)
{
	int r = credentials_parse(creds, ret, err);

	if (r < 0 || ret->password)
		return r;
	if (isatty(STDIN_FILENO))
		return term_ask("Password: ", false, &ret->password, err) < 0 ? error_context(err, "reading password") : 0;
	ret->password = z_dup("");
	return ret->password ? 0 : no_memory(err);
}

static int typed(const struct side_args *a, struct credentials *ret, struct error *err)
{
	bool split = a->username || a->password;

	if (a->creds && a->no_creds)
		return error_set(err, ERR_USAGE, "creds and no-creds cannot be specified at the same time");
	if (split && a->no_creds)
		return error_set(err, ERR_USAGE, "username and no-creds cannot be specified at the same time");
	if (split && a->creds)
		return error_set(err, ERR_USAGE, "creds and username cannot be specified at the same time");
	if (a->creds)
		return one(a->creds, ret, err);
	return split ? pair(a, ret, err) : 0;
}

static void tell_retry(void *ctx, const char *why, unsigned delay_ms)
{
	(void)ctx;
	log_warn("Trying again in %u ms: %s", delay_ms, why);
}

int side_open(struct session *s, const struct side_args *a, const char *authfile, int tls_verify, struct side *ret, struct error *err)
{
	const struct skopeo_globals *g = skopeo_globals_of(s);
	bool own_verify = flags_find(&a->given, "tls-verify") != NULL;
	int r;

	*ret = (struct side){ .o = {
				      .authfile = a->authfile ? a->authfile : authfile,
				      .cert_dir = a->cert_dir,
				      .registry_token = a->registry_token,
				      .daemon_host = a->daemon_host,
				      .shared_blob_dir = a->shared_blob_dir,
				      .registries_conf = g->registries_conf,
				      .registries_d = g->registries_d,
				      .user_agent = *g->user_agent ? g->user_agent : NULL,
				      .no_creds = a->no_creds,
				      .tls_verify = own_verify ? flags_bool(&a->given, "tls-verify", true) : tls_verify,
				      .os = g->os,
				      .arch = g->arch,
				      .variant = g->variant,
				      .interrupted = skopeo_interrupted,
				      .retrying = tell_retry,
			      } };
	/* The whole authfile is not looked at where it does not count; a wrong name must not pass for one without credentials. */
	r = ret->o.authfile ? auth_file_check(ret->o.authfile, err) : 0;
	if (r == 0)
		r = typed(a, &ret->creds, err);
	if (ret->creds.username)
		ret->o.credentials = &ret->creds;
	return r;
}

void side_done(struct side *side)
{
	credentials_done(&side->creds);
}
