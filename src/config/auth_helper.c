#include "config/auth_helper.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/js.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/wipe.h"
#include "config/auth_json.h"
#include "config/auth_key.h"

/* The one answer whose words are part of the protocol (credentials/error.go of docker-credential-helpers). */
#define NOT_FOUND  "credentials not found in native keychain"
/* In place of a user name: the secret is an identity token. */
#define TOKEN_USER "<token>"

#define USUAL_BYTES ((size_t)16 * 1024)
#define REASON_MAX  ((size_t)300)

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

/* The helper's own words, on one line; some say them on stdout, some on stderr. */
static int failed(const char *program, const char *action, struct str out, struct str errs, int status, struct error *err)
{
	struct str said = str_trim(out).n ? str_trim(out) : str_trim(errs), line;

	str_cut(said, '\n', &line, NULL);
	if (line.n > REASON_MAX)
		line.n = REASON_MAX;
	if (line.n == 0)
		return error_set(err, ERR_AUTH, "%s %s: exit status %d", program, action, status);
	return error_set(err, ERR_AUTH, "%s %s: %.*s", program, action, STR_ARG(line));
}

static int not_started(const char *program, struct error *err)
{
	int r;

	if (!err || err->sys_errno != ENOENT)
		return error_context(err, "credential helper");
	r = error_set(err, ERR_AUTH, "credential helper %s is not installed", program);
	err->sys_errno = ENOENT;
	return r;
}

/* 1: done; 0: it does not know the host. */
static int call(const char *name, const char *action, struct str input, struct buf *out, struct error *err)
{
	CLEANUP(buf_done) struct buf errs = BUF_INIT(AUTH_MAX_BYTES);
	CLEANUP(free_p) char *program = NULL;
	char word[16];
	int status, r;

	/* A word of a file that others may write must not become a path. */
	if (!name[0] || strchr(name, '/'))
		return error_set(err, ERR_AUTH, "\"%s\" is no name of a credential helper", name);
	if (asprintf(&program, "docker-credential-%s", name) < 0) {
		program = NULL;
		return no_memory(err);
	}
	snprintf(word, sizeof word, "%s", action);
	log_debug("credential helper: %s %s", program, action);
	r = proc_exchange((char *const[]){ program, word, NULL }, input, clock_after_ms(AUTH_HELPER_MS), out, &errs, &status, err);
	if (r < 0)
		return not_started(program, err);
	if (status == 0)
		return 1;
	if (str_starts(str_trim(buf_str(out)), STR(NOT_FOUND)))
		return 0;
	return failed(program, action, buf_str(out), buf_str(&errs), status, err);
}

static int read_answer(const char *name, struct str text, struct credentials *ret, struct error *err)
{
	CLEANUP(auth_json_free_p) struct json_object *o = NULL;
	const char *user, *secret;

	/* What the parser says about the text could quote the secret. */
	if (js_parse(text, name, &o, NULL) < 0)
		return error_set(err, ERR_AUTH, "docker-credential-%s get: its answer is not JSON", name);
	user = js_get_str(o, "Username", "");
	secret = js_get_str(o, "Secret", "");
	if (!user[0])
		return 0;
	if (strcmp(user, TOKEN_USER) == 0) {
		ret->identity_token = z_dup(secret);
		return ret->identity_token ? 1 : no_memory(err);
	}
	ret->username = z_dup(user);
	ret->password = z_dup(secret);
	return ret->username && ret->password ? 1 : no_memory(err);
}

int auth_helper_get(const char *name, const char *host, struct credentials *ret, struct error *err)
{
	CLEANUP(wipe_buf_done) struct buf out = BUF_INIT(AUTH_MAX_BYTES);
	int r;

	buf_reserve(&out, USUAL_BYTES);
	r = call(name, "get", str_from(auth_key_docker(host)), &out, err);
	return r <= 0 ? r : read_answer(name, buf_str(&out), ret, err);
}

int auth_helper_store(const char *name, const char *host, const struct credentials *c, struct error *err)
{
	CLEANUP(auth_json_free_p) struct json_object *o = json_object_new_object();
	CLEANUP(wipe_buf_done) struct buf in = BUF_INIT(AUTH_MAX_BYTES);
	CLEANUP(buf_done) struct buf out = BUF_INIT(AUTH_MAX_BYTES);
	int r;

	buf_reserve(&in, USUAL_BYTES);
	if (!o || !js_set_str(o, "ServerURL", auth_key_docker(host)) ||
	    !js_set_str(o, "Username",
			c->identity_token ? TOKEN_USER
			: c->username     ? c->username
					  : "") ||
	    !js_set_str(o, "Secret",
			c->identity_token ? c->identity_token
			: c->password     ? c->password
					  : ""))
		return no_memory(err);
	auth_json_add_wire(&in, o);
	if ((r = buf_check(&in, "credentials", err)) < 0)
		return r;
	r = call(name, "store", buf_str(&in), &out, err);
	return r == 0 ? error_set(err, ERR_AUTH, "docker-credential-%s store: %s", name, NOT_FOUND) : r < 0 ? r : 0;
}

int auth_helper_erase(const char *name, const char *host, struct error *err)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(AUTH_MAX_BYTES);

	return call(name, "erase", str_from(auth_key_docker(host)), &out, err);
}
