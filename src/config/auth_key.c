#include "config/auth_key.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "config/auth.h"

#define PATH_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789._-"
#define UPPER        "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool strip_scheme(struct str *key)
{
	static const struct str schemes[] = { { "https://", 8 }, { "http://", 7 } };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		if (str_starts(*key, schemes[i])) {
			key->p += schemes[i].n;
			key->n -= schemes[i].n;
			return true;
		}
	}
	return false;
}

static bool is_docker_hub(struct str host)
{
	return str_eq_z(host, "docker.io") || str_eq_z(host, "index.docker.io") || str_eq_z(host, "registry-1.docker.io");
}

char *auth_key_normal(struct str key, bool whole_host)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(AUTH_KEY_MAX);
	struct str host, path;

	whole_host = strip_scheme(&key) || whole_host;
	while (str_ends(key, STR("/")))
		key.n--;
	str_cut(key, '/', &host, &path);
	buf_add(&out, is_docker_hub(host) ? STR("docker.io") : host);
	if (path.n && !whole_host) {
		buf_add_char(&out, '/');
		buf_add(&out, path);
	}
	return buf_take(&out);
}

struct str auth_key_host(const char *key)
{
	return (struct str){ key, strcspn(key, "/") };
}

bool auth_key_parent(char *key)
{
	char *slash = strrchr(key, '/');

	if (!slash)
		return false;
	*slash = 0;
	return true;
}

const char *auth_key_docker(const char *host)
{
	return strcmp(host, "docker.io") == 0 ? "https://index.docker.io/v1/" : host;
}

static bool only(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(set, s.p[i]))
			return false;
	return s.n > 0;
}

static int bad_key(const char *typed, const char *why, struct error *err)
{
	return error_set(err, ERR_USAGE, "parse reference from \"%s\": %s", typed, why);
}

/* "host/namespace/repository": what a name of an image could begin with, and no more. */
static int check_repository(const char *typed, struct str key, struct error *err)
{
	struct str host, rest, component;
	bool more = str_cut(key, '/', &host, &rest);

	if (!str_eq_z(host, "localhost") && !memchr(host.p, '.', host.n) && !memchr(host.p, ':', host.n))
		return bad_key(typed, "repository name must be canonical", err);
	if (memchr(rest.p, ':', rest.n) || memchr(rest.p, '@', rest.n))
		return error_set(err, ERR_USAGE, "reference \"%s\" contains tag or digest", typed);
	while (more) {
		more = str_cut(rest, '/', &component, &rest);
		if (only(component, PATH_LETTERS UPPER) && !only(component, PATH_LETTERS))
			return bad_key(typed, "invalid reference format: repository name must be lowercase", err);
		if (!only(component, PATH_LETTERS))
			return bad_key(typed, "invalid reference format", err);
	}
	return 0;
}

int auth_key(const char *typed, char **ret, struct error *err)
{
	struct str key = str_from(typed), host, rest;
	bool had_scheme = strip_scheme(&key), repository;
	int r;

	if (str_ends(key, STR("/")))
		key.n--;
	repository = str_cut(key, '/', &host, &rest) && !had_scheme;
	if (!only(host, PATH_LETTERS UPPER ":[]"))
		return error_set(err, ERR_USAGE, "\"%s\" is no name of a registry", typed);
	if (key.n > AUTH_KEY_MAX)
		return error_set(err, ERR_USAGE, "the name of the registry is too long");
	r = repository ? check_repository(typed, key, err) : 0;
	if (r < 0)
		return r;
	*ret = str_dup(repository ? key : host);
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}
