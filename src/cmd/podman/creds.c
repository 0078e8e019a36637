#include "cmd/podman/creds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/session.h"
#include "config/registries.h"
#include "image/reference.h"
#include "term/term.h"

const struct opt creds_opts[] = {
	{ .type = OPT_T_STR, .long_name = "authfile", .metavar = "path", .help = "File of this machine with the credentials for registries",
	  .offset = OPT_FIELD(struct creds_args, authfile, const char *), .complete = "@file" },
	{ .type = OPT_T_STR, .long_name = "cert-dir", .metavar = "path", .help = "Folder of this machine with certificates for the registry",
	  .offset = OPT_FIELD(struct creds_args, cert_dir, const char *), .complete = "@dir" },
	OPT_STR(0, "creds", struct creds_args, creds, "USERNAME:PASSWORD", "Credentials for the registry"),
	{ .type = OPT_T_BOOL, .flags = OPT_BAG, .long_name = "tls-verify", .dflt = "true", .help = "Require HTTPS and a valid certificate of the registry",
	  .offset = offsetof(struct creds_args, given) },
	OPT_END
};

void creds_from_flags(const struct flags *f, struct creds_args *ret)
{
	*ret = (struct creds_args){ .authfile = flags_get(f, "authfile"), .creds = flags_get(f, "creds"), .cert_dir = flags_get(f, "cert-dir") };
	if (flags_find(f, "tls-verify"))
		flags_add(&ret->given, "tls-verify", str_from(flags_get(f, "tls-verify")));
}

void creds_args_done(struct creds_args *a)
{
	flags_done(&a->given);
}

int creds_tls_verify(const struct creds_args *a)
{
	return flags_find(&a->given, "tls-verify") ? flags_bool(&a->given, "tls-verify", true) : -1;
}

bool creds_found(const struct credentials *c)
{
	return c->username || c->identity_token;
}

/* A file that was named and is not there must not look like one without credentials. */
static int check_authfile(const struct creds_args *a, struct error *err)
{
	if (a->authfile && access(a->authfile, R_OK) < 0)
		return error_set(err, ERR_USAGE, "checking authfile: stat %s: %s", a->authfile, errno == ENOENT ? "no such file or directory" : strerror(errno));
	return 0;
}

int creds_ask(struct creds_args *a, char **ret_kept, struct error *err)
{
	CLEANUP(free_p) char *password = NULL;
	CLEANUP(buf_done) struct buf both = BUF_INIT(AUTH_MAX_BYTES);

	if (!a->creds || !*a->creds || strchr(a->creds, ':') || term_ask("Password: ", false, &password, NULL) < 0)
		return 0;
	buf_addf(&both, "%s:%s", a->creds, password);
	*ret_kept = buf_take(&both);
	if (!*ret_kept)
		return error_set(err, ERR_SYSTEM, "--creds: out of memory");
	a->creds = *ret_kept;
	return 0;
}

static int typed(const struct creds_args *a, struct credentials *ret, struct error *err)
{
	int r = credentials_parse(a->creds, ret, err);

	if (r < 0)
		return error_context(err, "--creds");
	if (ret->password)
		return 0;
	credentials_done(ret);
	*ret = (struct credentials){ 0 };
	return error_set(err, ERR_USAGE, "--creds wants USERNAME:PASSWORD where no terminal can be asked for the password");
}

int creds_resolve_key(const struct creds_args *a, const char *key, struct credentials *ret, struct error *err)
{
	int r = check_authfile(a, err);

	if (r < 0)
		return r;
	return a->creds ? typed(a, ret, err) : auth_lookup(a->authfile, key, ret, err);
}

static int repository_of(const char *image, char **ret, char **ret_host, struct error *err)
{
	CLEANUP(reference_done) struct reference name = { 0 };
	int r = reference_parse(image, &name, err);

	if (r < 0)
		return r;
	*ret = reference_repository(&name);
	if (ret_host)
		*ret_host = ptr_take(&name.host);
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

int creds_resolve(const struct creds_args *a, const char *image, struct credentials *ret, struct error *err)
{
	CLEANUP(free_p) char *repository = NULL;
	int r = repository_of(image, &repository, NULL, err);

	return r < 0 ? r : creds_resolve_key(a, repository, ret, err);
}

/* ---- headers --------------------------------------------------------------------------------------------------------- */

/* One entry: whatever other registries the host asks for this image, they get nothing. */
static int header_for(const char *host, const struct credentials *c, char **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *map = json_object_new_object();
	struct json_object *one = json_object_new_object();

	if (c->identity_token) {
		js_set_str(one, "identitytoken", c->identity_token);
	} else {
		js_set_str(one, "username", c->username);
		js_set_str(one, "password", c->password ? c->password : "");
	}
	js_set(map, host, one);
	return auth_header_map(map, ret, err);
}

int creds_header(const struct creds_args *a, const char *image, char **ret, struct error *err)
{
	CLEANUP(credentials_done) struct credentials c = { 0 };
	CLEANUP(free_p) char *repository = NULL;
	CLEANUP(free_p) char *host = NULL;
	int r;

	*ret = NULL;
	if ((r = repository_of(image, &repository, &host, err)) < 0 || (r = creds_resolve_key(a, repository, &c, err)) < 0 || !creds_found(&c))
		return r;
	return a->creds ? auth_header(&c, ret, err) : header_for(host, &c, ret, err);
}

int creds_header_all(const struct creds_args *a, const struct strv *hosts, char **ret, struct error *err)
{
	static const struct strv none = { 0 };
	CLEANUP(credentials_done) struct credentials c = { 0 };
	CLEANUP(js_put_p) struct json_object *map = NULL;
	int r = check_authfile(a, err);

	*ret = NULL;
	if (r < 0)
		return r;
	if (a->creds) {
		/* The key that stands for every registry. */
		r = typed(a, &c, err);
		return r < 0 ? r : header_for("", &c, ret, err);
	}
	r = auth_all(a->authfile, hosts ? hosts : &none, &map, err);
	if (r < 0 || json_object_object_length(map) == 0)
		return r;
	return auth_header_map(map, ret, err);
}

int creds_count(const struct creds_args *a, const char *image, bool *ret, struct error *err)
{
	CLEANUP(credentials_done) struct credentials c = { 0 };
	int r = creds_resolve(a, image, &c, err);

	if (r >= 0)
		*ret = creds_found(&c) || a->cert_dir || creds_tls_verify(a) >= 0;
	return r;
}

/* ---- a registry of one's own ----------------------------------------------------------------------------------------- */

static void tell_retry(void *session, const char *why, unsigned delay_ms)
{
	fprintf(session_err(session), "Trying again in %u ms: %s\n", delay_ms, why);
}

int creds_registry(struct session *s, const struct creds_args *a, const char *repository, bool insecure, struct registry **ret, struct error *err)
{
	CLEANUP(credentials_done) struct credentials c = { 0 };
	CLEANUP(free_p) char *certs = a->cert_dir ? z_dup(a->cert_dir) : NULL;
	int verify = creds_tls_verify(a), r = creds_resolve_key(a, repository, &c, err);
	struct registry_options o = { .insecure = verify < 0 ? insecure : verify == 0, .retrying = s ? tell_retry : NULL, .ctx = s };
	CLEANUP(free_p) char *host = NULL;
	struct str name;

	if (r < 0)
		return r;
	str_cut(str_from(repository), '/', &name, NULL);
	host = str_dup(name);
	if (!host)
		return error_set(err, ERR_SYSTEM, "out of memory");
	if (!certs && (r = registries_cert_dir(host, &certs, err)) < 0)
		return r;
	o.credentials = creds_found(&c) ? &c : NULL;
	o.cert_dir = certs;
	return registry_open(reference_api_host(host), &o, ret, err);
}
