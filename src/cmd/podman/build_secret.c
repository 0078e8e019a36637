/* cmd/podman/build_secret.c: --secret: files and variables of this machine that one build gets and no image keeps. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "cmd/podman/build_context.h"

#define SECRET_MODE 0600

struct secret {
	struct str id, src, env, type;
};

/* id=ID[,src=FILE|VARIABLE][,env=VARIABLE][,type=file|env] */
static int parse_secret(const char *typed, struct secret *ret, struct error *err)
{
	struct str rest = str_from(typed), part;
	bool more = true;

	*ret = (struct secret){ 0 };
	while (more) {
		struct str key, value;

		more = str_cut(rest, ',', &part, &rest);
		if (!str_cut(part, '=', &key, &value))
			return error_set(err, ERR_USAGE, "--secret %s: %.*s is not key=value", typed, STR_ARG(part));
		if (str_eq_z(key, "id"))
			ret->id = value;
		else if (str_eq_z(key, "src") || str_eq_z(key, "source"))
			ret->src = value;
		else if (str_eq_z(key, "env"))
			ret->env = value;
		else if (str_eq_z(key, "type") && (str_eq_z(value, "file") || str_eq_z(value, "env")))
			ret->type = value;
		else
			return error_set(err, ERR_USAGE, "--secret %s: %.*s is not id=, src=, env= or type=file or env", typed,
					 STR_ARG(part));
	}
	if (ret->id.n == 0)
		return error_set(err, ERR_USAGE, "--secret %s: it has no id=", typed);
	if (str_eq_z(ret->type, "env") && ret->env.n == 0) {
		ret->env = ret->src.n ? ret->src : ret->id;
		ret->src = (struct str){ 0 };
	}
	return 0;
}

static int secret_text(const struct secret *secret, struct buf *ret, struct error *err)
{
	CLEANUP(free_p) char *name = NULL, *path = NULL;
	const char *value;

	if (secret->env.n || (secret->src.n == 0 && secret->type.n == 0)) {
		name = str_dup(secret->env.n ? secret->env : secret->id);
		value = name ? getenv(name) : NULL;
		/* docker and podman take the ID for a variable, else for a file. */
		if (value) {
			buf_add_z(ret, value);
			return buf_check(ret, "secret", err);
		}
		if (secret->env.n)
			return error_set(err, ERR_USAGE, "--secret id=%.*s: the environment variable %s is not set", STR_ARG(secret->id), name);
	}
	path = str_dup(secret->src.n ? secret->src : secret->id);
	if (!path || path_read(path, ret, err) < 0)
		return error_context(err, "--secret id=%.*s", STR_ARG(secret->id));
	return 0;
}

static int add_secret(struct build_context *c, const char *typed, struct strv *ret_rows, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(BUILD_MAX_TEXT), name = BUF_INIT(256);
	struct secret secret;
	int r = parse_secret(typed, &secret, err);

	if (r < 0 || (r = secret_text(&secret, &text, err)) < 0)
		return r;
	buf_addf(&name, "podman-build-secret-%zu-%ld", c->n_extras, (long)getpid());
	r = build_context_add(c, buf_z(&name), buf_str(&text), SECRET_MODE, err);
	OPENSSL_cleanse(text.p, text.n);
	if (r == 0 && !strv_addf(ret_rows, "id=%.*s,src=%s", STR_ARG(secret.id), buf_z(&name)))
		r = error_set(err, ERR_SYSTEM, "out of memory");
	return r;
}

int build_context_secrets(struct build_context *c, struct flags *flags, struct error *err)
{
	const struct flag *typed = flags_find(flags, "secret");
	CLEANUP(strv_done) struct strv rows = { 0 };
	int r = 0;

	for (size_t i = 0; r >= 0 && typed && i < typed->values.n; i++)
		r = add_secret(c, typed->values.v[i], &rows, err);
	if (r < 0 || !typed)
		return r;
	flags_drop(flags, "secret");
	for (size_t i = 0; i < rows.n; i++)
		if (!flags_add(flags, "secret", str_from(rows.v[i])))
			return error_set(err, ERR_SYSTEM, "out of memory");
	return 0;
}
