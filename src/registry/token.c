#include "registry/token.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/js.h"
#include "base/wipe.h"
#include "registry/errors.h"
#include "registry/request.h"
#include "registry/retry.h"
#include "registry/url.h"

#define LIFE_MIN_S 60 /* what a service that names no time or a shorter one means (the specification) */
#define LIFE_MAX_S (24 * 3600)
#define MARGIN_MS 5000 /* a token has to last through the request */
#define CLIENT_ID "farpod"

void reg_secrets_done(struct reg_secrets *s)
{
	wipe_free_p(&s->username);
	wipe_free_p(&s->password);
	wipe_free_p(&s->identity_token);
	wipe_free_p(&s->bearer);
}

static void drop(struct reg_tokens *t, size_t i)
{
	free(t->kept[i].scope);
	wipe_free_p(&t->kept[i].token);
	memmove(&t->kept[i], &t->kept[i + 1], (--t->n - i) * sizeof t->kept[0]);
}

void reg_tokens_done(struct reg_tokens *t)
{
	while (t->n)
		drop(t, t->n - 1);
}

void reg_tokens_copy(struct reg_tokens *t, const struct reg_tokens *from)
{
	for (size_t i = 0; i < from->n; i++) {
		struct reg_token one = { z_dup(from->kept[i].scope), z_dup(from->kept[i].token), from->kept[i].expires_ms };

		t->kept[t->n++] = one;
		if (!one.scope || !one.token)
			drop(t, t->n - 1);
	}
}

/* A token for "repository:x:pull,push repository:y:pull" is good for "repository:x:pull" too. */
static bool covers(const char *has, const char *wants)
{
	size_t n = strlen(wants);

	if (!n)
		return !*has;
	return strncmp(has, wants, n) == 0 && (!has[n] || has[n] == ',' || has[n] == ' ');
}

static const char *find(struct reg_tokens *t, const char *scope)
{
	uint64_t now = clock_ms();

	for (size_t i = t->n; i-- > 0;)
		if (t->kept[i].expires_ms <= now)
			drop(t, i);
	for (size_t i = 0; i < t->n; i++)
		if (covers(t->kept[i].scope, scope))
			return t->kept[i].token;
	return NULL;
}

void reg_token_forget(struct registry *r, const char *scope)
{
	for (size_t i = r->tokens.n; i-- > 0;)
		if (covers(r->tokens.kept[i].scope, scope))
			drop(&r->tokens, i);
}

/* The life counts from now and not from "issued_at": the service's clock may be wrong, and a token that is refused is asked for again. */
static int keep(struct reg_tokens *t, const char *scope, const char *token, int64_t life_s, struct error *err)
{
	struct reg_token fresh = { .scope = z_dup(scope), .token = z_dup(token) };

	if (life_s < LIFE_MIN_S)
		life_s = LIFE_MIN_S;
	if (life_s > LIFE_MAX_S)
		life_s = LIFE_MAX_S;
	fresh.expires_ms = clock_after_ms((uint64_t)life_s * 1000 - MARGIN_MS);
	if (t->n == REG_TOKENS_KEPT)
		drop(t, 0);
	t->kept[t->n++] = fresh;
	if (fresh.scope && fresh.token)
		return 0;
	drop(t, t->n - 1);
	return error_set(err, ERR_SYSTEM, "token: out of memory");
}

static int add_basic(const struct reg_secrets *s, struct buf *out, struct error *err)
{
	CLEANUP(wipe_buf_done) struct buf pair = BUF_INIT(REG_TOKEN_MAX / 2);

	buf_addf(&pair, "%s:%s", s->username ? s->username : "", s->password ? s->password : "");
	buf_add_z(out, "Basic ");
	base64_add(out, buf_str(&pair));
	return buf_check(pair.failed ? &pair : out, "credentials", err);
}

/* "&scope=A&scope=B" or, in a form, the same names. */
static void add_scopes(struct buf *out, const char *scope)
{
	struct str rest = str_from(scope), one;

	for (bool more = *scope != '\0'; more;) {
		CLEANUP(free_p) char *z = NULL;

		more = str_cut(rest, ' ', &one, &rest);
		z = str_dup(one);
		if (z && *z)
			reg_url_query(out, "scope", z);
	}
}

/* Who may hear our credentials: what the registry names, but never in clear where the registry itself is asked over TLS. */
static int check_realm(struct registry *r, const char *realm, struct error *err)
{
	CLEANUP(free_p) char *url = NULL;
	int ret = reg_url_resolve(r->lib, NULL, realm, &url, err);

	if (ret < 0)
		return error_context(err, "bearer auth challenge of %s", r->shown);
	if (!r->insecure && reg_url_is_downgrade(r->base, realm))
		return error_set(err, ERR_PROTOCOL, "the token service of %s, %s, is not asked: it is no https address", r->shown, realm);
	return 0;
}

/* GET realm?account=&service=&scope=, with the name and password of the user if there are any. */
static int ask_with_password(struct registry *r, const char *scope, struct reg_reply *reply, struct error *err)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT(REG_URL_MAX);
	CLEANUP(wipe_buf_done) struct buf basic = BUF_INIT(REG_TOKEN_MAX);
	const struct reg_secrets *s = &r->secrets;
	bool known = s->username && *s->username && s->password && *s->password;
	int ret = known ? add_basic(s, &basic, err) : 0;

	buf_add_z(&url, r->challenge.realm);
	if (s->username && *s->username)
		reg_url_query(&url, "account", s->username);
	if (r->challenge.service)
		reg_url_query(&url, "service", r->challenge.service);
	add_scopes(&url, scope);
	if (ret == 0)
		ret = buf_check(&url, "address of the token service", err);
	return ret < 0 ? ret : reg_retried(r, &(struct reg_request){ .method = "GET", .url = buf_z(&url), .authorization = known ? buf_z(&basic) : NULL }, reply, err);
}

/* POST realm with grant_type=refresh_token. */
static int ask_with_identity(struct registry *r, const char *scope, struct reg_reply *reply, struct error *err)
{
	CLEANUP(wipe_buf_done) struct buf form = BUF_INIT(REG_TOKEN_MAX);
	static const char *const headers[] = { "Content-Type: application/x-www-form-urlencoded", NULL };
	struct byte_source body;
	struct str left;

	buf_add_char(&form, '?'); /* reg_url_query then puts "&" between the fields */
	buf_add_z(&form, "client_id=" CLIENT_ID);
	reg_url_query(&form, "grant_type", "refresh_token");
	reg_url_query(&form, "refresh_token", r->secrets.identity_token);
	if (r->challenge.service)
		reg_url_query(&form, "service", r->challenge.service);
	add_scopes(&form, scope);
	if (form.failed)
		return buf_check(&form, "token request", err);
	left = (struct str){ form.p + 1, form.n - 1 };
	body = reg_text_source(&left);
	return reg_follow(r, &(struct reg_request){ .method = "POST", .url = r->challenge.realm, .headers = headers, .body = &body }, reply, err);
}

static int take_token(struct registry *r, const char *scope, const struct reg_reply *reply, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	const char *token;
	int ret;

	if (reply->status < 200 || reply->status > 299) {
		ret = reg_reply_refusal(reply, err);
		return ret == -ERR_AUTH ? error_context(err, "unable to retrieve auth token: invalid username/password")
					: error_context(err, "unable to retrieve auth token");
	}
	ret = js_parse(buf_str(&reply->body), "the token service's answer", &o, err);
	if (ret < 0)
		return ret;
	token = js_get_str(o, "token", "");
	if (!*token)
		token = js_get_str(o, "access_token", "");
	if (!*token || strlen(token) > REG_TOKEN_MAX || strpbrk(token, "\r\n"))
		return error_set(err, ERR_PROTOCOL, "the token service of %s gave no token", r->shown);
	return keep(&r->tokens, scope, token, js_get_int(o, "expires_in", 0), err);
}

static int fetch(struct registry *r, const char *scope, struct error *err)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(1024 * 1024);
	int ret;

	if (!r->challenge.realm)
		return error_set(err, ERR_PROTOCOL, "%s: missing realm in bearer auth challenge", r->shown);
	ret = check_realm(r, r->challenge.realm, err);
	if (ret < 0)
		return ret;
	ret = r->secrets.identity_token ? ask_with_identity(r, scope, &reply, err) : ask_with_password(r, scope, &reply, err);
	if (ret == 0)
		ret = take_token(r, scope, &reply, err);
	wipe_buf_done(&reply.body);
	return ret;
}

static int add_bearer(struct registry *r, const char *scope, struct buf *ret, struct error *err)
{
	const char *token = find(&r->tokens, scope);
	int code = token ? 0 : fetch(r, scope, err);

	if (code < 0)
		return code;
	if (!token)
		token = r->tokens.kept[r->tokens.n - 1].token;
	buf_addf(ret, "Bearer %s", token);
	return buf_check(ret, "token", err);
}

int reg_authorization(struct registry *r, const char *scope, struct buf *ret, struct error *err)
{
	buf_clear(ret);
	if (r->secrets.bearer) {
		buf_addf(ret, "Bearer %s", r->secrets.bearer);
		return buf_check(ret, "token", err);
	}
	if (r->challenge.scheme == REG_AUTH_BASIC)
		return add_basic(&r->secrets, ret, err);
	return r->challenge.scheme == REG_AUTH_BEARER ? add_bearer(r, scope, ret, err) : 0;
}
