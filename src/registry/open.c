/* registry/open.c: opening and closing, and the check of a login. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/auth.h"
#include "registry/call.h"
#include "registry/errors.h"

#define DELAY_MS 1000

static bool is_docker_hub(const char *host)
{
	return strcmp(host, "docker.io") == 0 || strcmp(host, "index.docker.io") == 0 || strcmp(host, "registry-1.docker.io") == 0;
}

/* It goes into addresses, unescaped. */
static bool is_host(const char *host)
{
	return *host && strlen(host) < 512 &&
	       !host[strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._[]:")];
}

static int copy(char **ret, const char *z, struct error *err)
{
	*ret = z_dup(z);
	return z && !*ret ? error_set(err, ERR_SYSTEM, "registry: out of memory") : 0;
}

static int copy_secrets(struct reg_secrets *s, const struct registry_options *o, struct error *err)
{
	const struct credentials *c = o->credentials;
	int r = copy(&s->bearer, o->bearer_token, err);

	if (r == 0 && c)
		r = copy(&s->username, c->username, err);
	if (r == 0 && c)
		r = copy(&s->password, c->password, err);
	if (r == 0 && c && c->identity_token && *c->identity_token)
		r = copy(&s->identity_token, c->identity_token, err);
	if (r == 0 && s->bearer && strpbrk(s->bearer, "\r\n"))
		return error_set(err, ERR_USAGE, "the registry token has a line break in it");
	return r;
}

static int set_up(struct registry *r, const char *host, const struct registry_options *o, struct error *err)
{
	int ret = reg_lib_get(&r->lib, err);

	if (ret == 0)
		ret = copy(&r->host, is_docker_hub(host) ? "registry-1.docker.io" : host, err);
	if (ret == 0)
		ret = copy(&r->shown, is_docker_hub(host) ? "docker.io" : host, err);
	if (ret == 0)
		ret = copy(&r->user_agent, o->user_agent ? o->user_agent : "farpod/" FARPOD_VERSION, err);
	if (ret == 0)
		ret = copy_secrets(&r->secrets, o, err);
	if (ret == 0)
		ret = reg_trust_load(&r->trust, r->lib, o->cert_dir, err);
	if (ret < 0)
		return ret;
	r->insecure = o->insecure;
	r->interrupted = o->interrupted;
	r->retrying = o->retrying;
	r->ctx = o->ctx;
	r->tries = o->tries > 0 ? o->tries : REGISTRY_TRIES;
	r->stall_ms = REGISTRY_STALL_MS;
	r->delay_ms = DELAY_MS;
	r->multi = r->lib->multi_init();
	r->easy = r->lib->easy_init();
	return r->multi && r->easy ? 0 : error_set(err, ERR_SYSTEM, "libcurl: out of memory");
}

int registry_open(const char *host, const struct registry_options *o, struct registry **ret, struct error *err)
{
	CLEANUP(registry_close_p) struct registry *r = NULL;
	int code;

	if (!is_host(host))
		return error_set(err, ERR_USAGE, "invalid registry name \"%s\"", host);
	r = calloc(1, sizeof *r);
	if (!r)
		return error_set(err, ERR_SYSTEM, "registry: out of memory");
	r->trust = REG_TRUST_INIT;
	code = set_up(r, host, o, err);
	if (code < 0)
		return code;
	*ret = ptr_take(&r);
	return 0;
}

void registry_close_p(struct registry **pr)
{
	struct registry *r = *pr;

	if (!r)
		return;
	if (r->easy)
		r->lib->easy_cleanup(r->easy);
	if (r->multi)
		r->lib->multi_cleanup(r->multi);
	free(r->host);
	free(r->shown);
	free(r->base);
	free(r->user_agent);
	reg_trust_done(&r->trust);
	reg_secrets_done(&r->secrets);
	reg_challenge_done(&r->challenge);
	reg_tokens_done(&r->tokens);
	free(r);
	*pr = NULL;
}

int registry_login(struct registry *r, struct error *err)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(REG_ERROR_BODY_MAX);
	CLEANUP(error_done) struct error why = ERROR_INIT;
	int ret = reg_call(r, &(struct reg_call){ .method = "GET", .target = "/v2/" }, &reply, &why);

	if (ret == 0 && !reg_good(&reply))
		ret = reg_reply_refusal(&reply, &why);
	if (ret == -ERR_AUTH)
		return error_set(err, ERR_AUTH, "invalid username/password");
	if (ret < 0 && err)
		error_move(err, &why);
	return ret;
}
