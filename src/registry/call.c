#include "registry/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/wipe.h"
#include "registry/errors.h"
#include "registry/retry.h"
#include "registry/token.h"
#include "registry/url.h"

bool reg_good(const struct reg_reply *reply)
{
	return reply->status >= 200 && reply->status < 300;
}

/* ---- first contact ----------------------------------------------------------------------------------------------------- */

/* The header may come several times; the first scheme that we know wins. */
static bool take_challenge(struct registry *r, const struct reg_reply *reply)
{
	struct str value;

	for (size_t i = 0; reg_reply_header(reply, "WWW-Authenticate", i, &value); i++)
		if (reg_challenge_parse(value, &r->challenge))
			return true;
	return false;
}

static int ping_as(struct registry *r, const char *scheme, struct error *err)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(REG_ERROR_BODY_MAX);
	CLEANUP(buf_done) struct buf base = BUF_INIT(1024), url = BUF_INIT(1024), status = BUF_INIT(64);
	int ret;

	buf_addf(&base, "%s://%s", scheme, r->host);
	buf_addf(&url, "%s/v2/", buf_z(&base));
	ret = buf_check(&url, "name of the registry", err);
	if (ret == 0)
		ret = reg_retried(r, &(struct reg_request){ .method = "GET", .url = buf_z(&url) }, &reply, err);
	if (ret < 0)
		return ret;
	if (reply.status != 200 && reply.status != 401) {
		reg_status_text(reply.status, &status);
		return error_set(err, ERR_PROTOCOL, "invalid status code from registry %s", buf_z(&status));
	}
	take_challenge(r, &reply);
	r->base = buf_take(&base);
	return 0;
}

int reg_ping(struct registry *r, struct error *err)
{
	int ret;

	if (r->base)
		return 0;
	ret = ping_as(r, "https", err);
	if (ret < 0 && ret != -ERR_INTERRUPTED && r->insecure) {
		error_clear(err);
		ret = ping_as(r, "http", err);
	}
	return ret < 0 && ret != -ERR_INTERRUPTED ? error_context(err, "pinging container registry %s", r->host) : ret;
}

/* ---- first contact by the call itself ---------------------------------------------------------------------------------- */

/* Nothing may come out of it before it is known to be right; and who has credentials wants them used, whatever is open to all. */
static bool may_be_first(const struct registry *r, const struct reg_call *c)
{
	const struct reg_secrets *s = &r->secrets;

	return r->hasty && !r->base && !s->username && !s->identity_token && !s->bearer && !c->sink && !c->body && !c->text.n && c->target[0] == '/' &&
	       strcmp(c->method, "GET") == 0;
}

/* 1: that was the reply; 0: the registry has to be asked how it is spoken to, unless base is set now. */
static int first_as(struct registry *r, const char *scheme, const struct reg_call *c, struct reg_reply *reply, struct error *err)
{
	CLEANUP(buf_done) struct buf base = BUF_INIT(1024), url = BUF_INIT(REG_URL_MAX);
	int ret;

	buf_addf(&base, "%s://%s", scheme, r->host);
	buf_addf(&url, "%s%s", buf_z(&base), c->target);
	ret = buf_check(&url, "name of the registry", err);
	if (ret == 0)
		ret = reg_follow(r, &(struct reg_request){ .method = c->method, .url = buf_z(&url), .headers = c->headers }, reply, err);
	if (ret < 0)
		return ret;
	if (reg_good(reply) || (reply->status == 401 && take_challenge(r, reply)))
		r->base = buf_take(&base);
	return r->base && reg_good(reply);
}

static bool is_here(const struct registry *r)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT(1024);

	buf_addf(&url, "http://%s/", r->host);
	return reg_url_is_loopback(buf_z(&url));
}

/* Where http is allowed, a registry on this machine is asked by it first: nobody listens in between, nothing secret is said, and it seldom has a certificate. One that does
 * not answer is asked once; what else fails, fails again when it is asked properly, and in the right words. */
static int go_first(struct registry *r, const struct reg_call *c, struct reg_reply *reply, struct error *err)
{
	bool plain = r->insecure && is_here(r);
	int ret = first_as(r, plain ? "http" : "https", c, reply, err);

	if (r->insecure && !r->base && ret != -ERR_INTERRUPTED && (ret == 0 || reply->code != CURLE_OPERATION_TIMEDOUT)) {
		error_clear(err);
		ret = first_as(r, plain ? "https" : "http", c, reply, err);
	}
	if (ret == -ERR_INTERRUPTED)
		return ret;
	if (ret < 0 && reply->code == CURLE_OPERATION_TIMEDOUT)
		return error_context(err, "pinging container registry %s", r->host);
	return ret < 0 ? error_clear(err) : ret;
}

/* ---- one call ---------------------------------------------------------------------------------------------------------- */

/* With what we know now. *ret_sent: with credentials, if the registry wants any. */
static int attempt(struct registry *r, const struct reg_call *c, const char *url, const char *scope, struct reg_reply *reply, bool *ret_sent,
		   struct error *err)
{
	CLEANUP(wipe_buf_done) struct buf authorization = BUF_INIT(2 * REG_TOKEN_MAX);
	struct str left = c->text;
	struct byte_source text = reg_text_source(&left);
	struct reg_request q = { .method = c->method, .url = url, .headers = c->headers, .body = c->body, .sink = c->sink };
	int ret = 0;

	/* What is said of a reply is about this one, also when there will be none. */
	reply->status = 0;
	reply->code = CURLE_OK;
	if (c->text.n)
		q.body = &text;
	*ret_sent = reg_url_same_origin(r->lib, url, r->base);
	if (*ret_sent)
		ret = reg_authorization(r, scope, &authorization, err);
	if (ret < 0)
		return ret;
	q.authorization = authorization.n ? buf_z(&authorization) : NULL;
	return reg_follow(r, &q, reply, err);
}

/* A refused token may have expired early, or the registry wants another scope or service than it said first. */
static bool can_ask_anew(struct registry *r, const struct reg_call *c, const struct reg_reply *reply, const char *scope)
{
	enum reg_scheme before = r->challenge.scheme;

	if (reply->status != 401 || r->secrets.bearer || c->body || !take_challenge(r, reply))
		return false;
	if (r->challenge.scheme == before && before == REG_AUTH_BASIC)
		return false;
	reg_token_forget(r, scope);
	return true;
}

static int authorized(struct registry *r, const struct reg_call *c, const char *url, struct reg_reply *reply, struct error *err)
{
	const char *scope = c->scope ? c->scope : "";
	bool sent;
	int ret = attempt(r, c, url, scope, reply, &sent, err);

	if (ret < 0 || !sent || !can_ask_anew(r, c, reply, scope))
		return ret;
	/* It knows best which scope it wants. */
	if (r->challenge.scope && *r->challenge.scope)
		scope = r->challenge.scope;
	return attempt(r, c, url, scope, reply, &sent, err);
}

int reg_call(struct registry *r, const struct reg_call *c, struct reg_reply *reply, struct error *err)
{
	CLEANUP(free_p) char *url = NULL;
	struct reg_retry state = { 0 };
	int ret = may_be_first(r, c) ? go_first(r, c, reply, err) : 0;

	if (ret != 0)
		return ret < 0 ? ret : 0;
	ret = reg_ping(r, err);
	if (ret == 0)
		ret = reg_url_resolve(r->lib, r->base, c->target, &url, err);
	if (ret < 0)
		return ret;
	if (!r->insecure && reg_url_is_downgrade(r->base, url))
		return error_set(err, ERR_PROTOCOL, "%s, asked by https, names an address by http: %.*s", r->shown, (int)strcspn(url, "?"), url);
	do {
		ret = authorized(r, c, url, reply, err);
		if (!c->once && !c->body)
			ret = reg_retry(r, &state, reply, ret, err);
	} while (ret > 0);
	return ret;
}

int reg_target(struct buf *out, const char *path, const char *kind, const char *last, struct error *err)
{
	if (!*path || strstr(path, "..") || strchr(path, '?') || strchr(path, '#'))
		return error_set(err, ERR_USAGE, "invalid repository name \"%s\"", path);
	buf_add_z(out, "/v2/");
	reg_url_path(out, path);
	buf_addf(out, "/%s/", kind);
	reg_url_path(out, last);
	return buf_check(out, "repository name", err);
}

int reg_scope(struct buf *out, const char *path, const char *actions, struct error *err)
{
	buf_addf(out, "%srepository:%s:%s", out->n ? " " : "", path, actions);
	return buf_check(out, "repository name", err);
}
