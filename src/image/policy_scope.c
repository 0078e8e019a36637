/* image/policy_scope.c: which part of a policy an image falls under (containers-policy.json(5), "Supported transports and their scopes"). */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "image/policy_own.h"

static bool is_path_transport(const char *transport)
{
	return strcmp(transport, "dir") == 0 || strcmp(transport, "oci") == 0 || strcmp(transport, "oci-archive") == 0;
}

/* Without "//", "." and ".." and no slash at its end. */
static bool is_clean(const char *path)
{
	struct str rest = str_from(path + 1), part;
	bool more = true;

	while (more) {
		more = str_cut(rest, '/', &part, &rest);
		if (!part.n || str_eq(part, STR(".")) || str_eq(part, STR("..")))
			return false;
	}
	return true;
}

bool policy_scope_valid(const char *transport, const char *name)
{
	if (!name[0])
		return true;
	if (strcmp(transport, "docker-archive") == 0 || strcmp(transport, "tarball") == 0)
		return false;
	return !is_path_transport(transport) || (name[0] == '/' && name[1] && is_clean(name));
}

static const struct policy_scope *find(const struct policy *p, const char *transport, struct str name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->scopes[i].transport, transport) == 0 && str_eq_z(name, p->scopes[i].name))
			return &p->scopes[i];
	return NULL;
}

/* *s without what is behind its last c; false: it has none. */
static bool cut_last(struct str *s, char c)
{
	for (size_t i = s->n; i > 0; i--)
		if (s->p[i - 1] == c) {
			s->n = i - 1;
			return true;
		}
	return false;
}

/* "*.example.com" for "a.example.com", "*.com" after it; host has no port. */
static const struct policy_scope *find_wildcard(const struct policy *p, const char *transport, struct str host)
{
	const struct policy_scope *s = NULL;
	struct str rest;

	while (!s && str_cut(host, '.', NULL, &rest)) {
		CLEANUP(buf_done) struct buf name = BUF_INIT(4096);

		buf_addf(&name, "*.%.*s", STR_ARG(rest));
		s = name.failed ? NULL : find(p, transport, buf_str(&name));
		host = rest;
	}
	return s;
}

/* Behind the last slash: a port is no tag. */
static struct str without_tag(struct str name)
{
	struct str cut = name;

	return cut_last(&cut, ':') && !memchr(name.p + cut.n, '/', name.n - cut.n) ? cut : name;
}

static const struct policy_scope *find_docker(const struct policy *p, const char *image)
{
	struct str full = str_from(image), name, digest = { 0 };
	const struct policy_scope *s = find(p, "docker", full);

	str_cut(full, '@', &name, &digest);
	if (!s && digest.p && without_tag(name).n < name.n) {
		/* Both a tag and a digest: the digest is what is taken. */
		CLEANUP(buf_done) struct buf by_digest = BUF_INIT(4096);

		buf_addf(&by_digest, "%.*s@%.*s", STR_ARG(without_tag(name)), STR_ARG(digest));
		s = find(p, "docker", buf_str(&by_digest));
		s = s ? s : find(p, "docker", name);
	}
	name = without_tag(name);
	while (!s) {
		s = find(p, "docker", name);
		if (!s && !cut_last(&name, '/'))
			break;
	}
	if (s)
		return s;
	str_cut(name, ':', &name, NULL);
	return find_wildcard(p, "docker", name);
}

/* "/" itself is no scope: "" says that. */
static const struct policy_scope *find_path(const struct policy *p, const char *transport, const char *path)
{
	struct str name = str_from(path);
	const struct policy_scope *s = find(p, transport, name);

	while (!s && cut_last(&name, '/') && name.n)
		s = find(p, transport, name);
	return s;
}

const struct policy_scope *policy_scope_find(const struct policy *p, const char *transport, const char *image)
{
	const struct policy_scope *s;

	if (strcmp(transport, "docker") == 0)
		s = find_docker(p, image);
	else if (is_path_transport(transport))
		s = find_path(p, transport, image);
	else
		s = find(p, transport, str_from(image));
	if (!s)
		s = find(p, transport, STR(""));
	return s ? s : &p->dflt;
}
