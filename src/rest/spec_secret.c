/* rest/spec_secret.c: --secret NAME[,type=mount|env][,target=...][,uid=N][,gid=N][,mode=OCTAL]. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "rest/spec.h"

struct secret {
	struct str source, type, target;
	int64_t uid, gid, mode;
	bool mount_only; /* an option was given that only files have */
};

/* Digits of the base only, at most 32 bits. */
static bool parse_id(struct str s, int base, int64_t *ret)
{
	int64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] >= '0' + base)
			return false;
		v = v * base + (s.p[i] - '0');
		if (v > UINT32_MAX)
			return false;
	}
	*ret = v;
	return s.n > 0;
}

static int secret_number(struct secret *x, struct str key, struct str value, struct error *err)
{
	bool ok;

	x->mount_only = true;
	if (str_eq(key, STR("mode"))) {
		if (!parse_id(value, 8, &x->mode))
			return error_set(err, ERR_USAGE, "mode %.*s invalid: parsing secret", STR_ARG(value));
		return 0;
	}
	ok = parse_id(value, 10, str_eq(key, STR("uid")) || str_eq(key, STR("UID")) ? &x->uid : &x->gid);
	if (!ok)
		return error_set(err, ERR_USAGE, "%cID %.*s invalid: parsing secret", toupper((unsigned char)key.p[0]),
				 STR_ARG(value));
	return 0;
}

static int secret_option(struct secret *x, struct str word, struct error *err)
{
	struct str key, value;

	if (!str_cut(word, '=', &key, &value))
		return error_set(err, ERR_USAGE, "option %.*s must be in form option=value: parsing secret", STR_ARG(word));
	if (str_eq(key, STR("source"))) {
		x->source = value;
	} else if (str_eq(key, STR("target"))) {
		x->target = value;
	} else if (str_eq(key, STR("type"))) {
		if (x->type.n)
			return error_set(err, ERR_USAGE, "cannot set more than one secret type: parsing secret");
		if (!str_eq(value, STR("mount")) && !str_eq(value, STR("env")))
			return error_set(err, ERR_USAGE, "type %.*s is invalid: parsing secret", STR_ARG(value));
		x->type = value;
	} else if (str_eq(key, STR("mode")) ||
		   (key.n == 3 && (strncasecmp(key.p, "uid", 3) == 0 || strncasecmp(key.p, "gid", 3) == 0))) {
		return secret_number(x, key, value, err);
	} else {
		return error_set(err, ERR_USAGE, "option %.*s invalid: parsing secret", STR_ARG(word));
	}
	return 0;
}

static int parse_secret(const char *text, struct secret *x, struct error *err)
{
	struct str rest = str_from(text), word;
	bool more = true;

	*x = (struct secret){ .mode = 0444 };
	for (bool first = true; more; first = false) {
		int r;

		more = str_cut(rest, ',', &word, &rest);
		if (first && !memchr(word.p, '=', word.n)) {
			x->source = word;
			continue;
		}
		r = secret_option(x, word, err);
		if (r < 0)
			return r;
	}
	if (!x->source.n)
		return error_set(err, ERR_USAGE, "no source found %s: parsing secret", text);
	if (str_eq(x->type, STR("env")) && x->mount_only)
		return error_set(err, ERR_USAGE, "UID, GID, Mode options cannot be set with secret type env: parsing secret");
	return 0;
}

static void put_secret(struct spec *s, const struct secret *x)
{
	struct json_object *o;

	if (str_eq(x->type, STR("env"))) {
		spec_set_in(spec_map(s, "secret_env"), x->target.n ? x->target : x->source, js_strn(x->source));
		return;
	}
	o = json_object_new_object();
	js_set(o, "Source", js_strn(x->source));
	js_set(o, "Target", js_strn(x->target));
	js_set_int(o, "UID", x->uid);
	js_set_int(o, "GID", x->gid);
	js_set_int(o, "Mode", x->mode);
	json_object_array_add(spec_list(s, "secrets"), o);
}

int spec_put_secrets(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	(void)row;
	for (size_t i = 0; i < values->n; i++) {
		struct secret x;
		int r = parse_secret(values->v[i], &x, err);

		if (r < 0)
			return r;
		put_secret(s, &x);
	}
	return 0;
}
