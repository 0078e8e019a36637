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

static int load_trust(struct registry *r, const struct registry_options *o, struct error *err)
{
	r->shared = calloc(1, sizeof *r->shared);
	if (!r->shared)
		return error_set(err, ERR_SYSTEM, "registry: out of memory");
	atomic_init(&r->shared->users, 1);
	r->shared->trust = REG_TRUST_INIT;
	if (o->insecure)
		return reg_trust_load_client(&r->shared->trust, o->cert_dir, err);
	return reg_trust_load(&r->shared->trust, r->lib, o->cert_dir, err);
}

static int open_handles(struct registry *r, struct error *err)
{
	r->multi = r->lib->multi_init();
	r->easy = r->lib->easy_init();
	return r->multi && r->easy ? 0 : error_set(err, ERR_SYSTEM, "libcurl: out of memory");
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
		ret = load_trust(r, o, err);
	if (ret < 0)
		return ret;
	r->insecure = o->insecure;
	r->hasty = o->hasty;
	r->interrupted = o->interrupted;
	r->retrying = o->retrying;
	r->ctx = o->ctx;
	r->tries = o->tries > 0 ? o->tries : REGISTRY_TRIES;
	r->stall_ms = REGISTRY_STALL_MS;
	r->delay_ms = DELAY_MS;
	return open_handles(r, err);
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
	code = set_up(r, host, o, err);
	if (code < 0)
		return code;
	*ret = ptr_take(&r);
	return 0;
}

/* ---- a second one ------------------------------------------------------------------------------------------------------ */

static int copy_texts(struct registry *r, const struct registry *first, struct error *err)
{
	const struct {
		char **to;
		const char *from;
	} texts[] = {
		{ &r->host, first->host },
		{ &r->shown, first->shown },
		{ &r->base, first->base },
		{ &r->user_agent, first->user_agent },
		{ &r->secrets.username, first->secrets.username },
		{ &r->secrets.password, first->secrets.password },
		{ &r->secrets.identity_token, first->secrets.identity_token },
		{ &r->secrets.bearer, first->secrets.bearer },
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (copy(texts[i].to, texts[i].from, err) < 0)
			return -ERR_SYSTEM;
	reg_tokens_copy(&r->tokens, &first->tokens);
	return reg_challenge_copy(&r->challenge, &first->challenge) ? 0 : error_set(err, ERR_SYSTEM, "registry: out of memory");
}

int registry_open_beside(const struct registry *first, struct registry **ret, struct error *err)
{
	CLEANUP(registry_close_p) struct registry *r = calloc(1, sizeof *r);
	int code;

	if (!r)
		return error_set(err, ERR_SYSTEM, "registry: out of memory");
	r->lib = first->lib;
	r->shared = first->shared;
	atomic_fetch_add(&r->shared->users, 1);
	r->insecure = first->insecure;
	r->hasty = first->hasty;
	r->interrupted = first->interrupted;
	r->retrying = first->retrying;
	r->ctx = first->ctx;
	r->tries = first->tries;
	r->stall_ms = first->stall_ms;
	r->delay_ms = first->delay_ms;
	code = copy_texts(r, first, err);
	if (code == 0)
		code = open_handles(r, err);
	if (code < 0)
		return code;
	*ret = ptr_take(&r);
	return 0;
}

int registry_contact(struct registry *r, struct error *err)
{
	return reg_ping(r, err);
}

static void leave_shared(struct reg_shared *s)
{
	if (!s || atomic_fetch_sub(&s->users, 1) != 1)
		return;
	reg_trust_done(&s->trust);
	free(s);
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
	leave_shared(r->shared);
	if (r->whole)
		reg_trust_done(r->whole);
	free(r->whole);
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
