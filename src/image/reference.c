#include "image/reference.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/digest.h"

#define REFERENCE_NAME_MAX ((size_t)255) /* host and path together */
#define TAG_MAX            ((size_t)128)
#define ID_HEX             ((size_t)64)

#define LOWER    "abcdefghijklmnopqrstuvwxyz"
#define UPPER    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT    "0123456789"
#define HEX      DIGIT "abcdef"
#define ANY_CASE LOWER UPPER

/* The text cut where the separators stand; nothing is checked yet. p NULL: not given, which is something else than empty. */
struct pieces {
	struct str host, path, tag, digest;
};

/* How many bytes at the start are of the set. */
static size_t run_of(struct str s, const char *set)
{
	size_t n = 0;

	while (n < s.n && s.p[n] && strchr(set, s.p[n]))
		n++;
	return n;
}

static bool all_of(struct str s, const char *set)
{
	return s.n && run_of(s, set) == s.n;
}

static bool skip(struct str *s, size_t n)
{
	s->p += n;
	s->n -= n;
	return n > 0;
}

/* ---- what each piece may be ---- */

/* Letters and digits with hyphens inside, joined by dots; or an IPv6 address in brackets. */
static bool is_domain(struct str s)
{
	struct str label;
	bool more = true;

	if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		return all_of((struct str){ s.p + 1, s.n - 2 }, HEX "ABCDEF:");
	while (more) {
		more = str_cut(s, '.', &label, &s);
		if (!all_of(label, ANY_CASE DIGIT "-") || label.p[0] == '-' || label.p[label.n - 1] == '-')
			return false;
	}
	return true;
}

static bool is_host(struct str s)
{
	size_t end = s.n;

	while (end > 0 && isdigit((unsigned char)s.p[end - 1]))
		end--;
	if (end > 0 && s.p[end - 1] == ':' && end < s.n)
		s.n = end - 1;
	return is_domain(s);
}

/* One separator between the words of a component: "_", ".", "__", or any number of hyphens. */
static bool skip_separator(struct str *s)
{
	size_t hyphens = run_of(*s, "-"), underscores = run_of(*s, "_");

	if (hyphens)
		return skip(s, hyphens);
	if (underscores)
		return underscores <= 2 && skip(s, underscores);
	return s->n && s->p[0] == '.' && skip(s, 1);
}

static bool is_component(struct str s, const char *letters)
{
	while (skip(&s, run_of(s, letters))) {
		if (s.n == 0)
			return true;
		if (!skip_separator(&s))
			return false;
	}
	return false;
}

static bool is_path(struct str s, const char *letters)
{
	struct str component;
	bool more = true;

	while (more) {
		more = str_cut(s, '/', &component, &s);
		if (!is_component(component, letters))
			return false;
	}
	return true;
}

static bool is_tag(struct str s)
{
	return s.n <= TAG_MAX && all_of(s, ANY_CASE DIGIT "_.-") && s.p[0] != '.' && s.p[0] != '-';
}

/* ---- cutting ---- */

static bool names_host(struct str first)
{
	return str_eq_z(first, "localhost") || memchr(first.p, '.', first.n) || memchr(first.p, ':', first.n);
}

static struct pieces cut(struct str text)
{
	struct pieces p = { 0 };
	struct str first, rest, name;

	if (!str_cut(text, '@', &name, &p.digest))
		p.digest = (struct str){ 0 };
	if (str_cut(name, '/', &first, &rest) && names_host(first)) {
		p.host = first;
		name = rest;
	}
	if (!str_cut(name, ':', &p.path, &p.tag))
		p.tag = (struct str){ 0 };
	return p;
}

static int wrong_digest(struct str digest, struct error *err)
{
	struct str algorithm, hex;

	if (!str_cut(digest, ':', &algorithm, &hex) || run_of(hex, HEX "ABCDEF") != hex.n || hex.n < 32)
		return error_set(err, ERR_USAGE, "invalid reference format");
	if (!str_eq_z(algorithm, "sha256") && !str_eq_z(algorithm, "sha512"))
		return error_set(err, ERR_USAGE, "unsupported digest algorithm");
	if (all_of(hex, HEX))
		return error_set(err, ERR_USAGE, "invalid checksum digest length");
	return error_set(err, ERR_USAGE, "invalid checksum digest format");
}

static bool is_docker_hub(struct str host)
{
	return str_eq_z(host, "docker.io") || str_eq_z(host, "index.docker.io");
}

/* Docker Hub has its own images under library/. */
static bool is_official(const struct pieces *p)
{
	return is_docker_hub(p->host) && !memchr(p->path.p, '/', p->path.n);
}

static int check(const struct pieces *p, struct error *err)
{
	size_t n = p->host.n + 1 + p->path.n + (is_official(p) ? strlen("library/") : 0);

	if ((p->host.p && !is_host(p->host)) || (p->tag.p && !is_tag(p->tag)))
		return error_set(err, ERR_USAGE, "invalid reference format");
	if (!is_path(p->path, LOWER DIGIT))
		return error_set(err, ERR_USAGE, "invalid reference format%s",
				 is_path(p->path, ANY_CASE DIGIT) ? ": repository name must be lowercase" : "");
	if (n > REFERENCE_NAME_MAX)
		return error_set(err, ERR_USAGE, "repository name must not be more than %zu characters", REFERENCE_NAME_MAX);
	return p->digest.p && !digest_valid(p->digest) ? wrong_digest(p->digest, err) : 0;
}

/* ---- building ---- */

static char *full_path(const struct pieces *p)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(REFERENCE_NAME_MAX + sizeof "library/");

	if (is_official(p))
		buf_add_z(&path, "library/");
	buf_add(&path, p->path);
	return buf_take(&path);
}

static int build(const struct pieces *p, struct reference *ret, struct error *err)
{
	CLEANUP(reference_done) struct reference r = { 0 };

	r.host = p->host.p ? str_dup(is_docker_hub(p->host) ? STR("docker.io") : p->host) : NULL;
	r.path = full_path(p);
	r.tag = p->tag.p ? str_dup(p->tag) : NULL;
	r.digest = p->digest.p ? str_dup(p->digest) : NULL;
	if (!r.path || (p->host.p && !r.host) || (p->tag.p && !r.tag) || (p->digest.p && !r.digest))
		return error_set(err, ERR_SYSTEM, "out of memory");
	*ret = r;
	r = (struct reference){ 0 };
	return 0;
}

static int parse(const char *text, bool guess_host, struct reference *ret, struct error *err)
{
	struct str s = str_from(text);
	struct pieces p = cut(s);
	int r;

	if (s.n == 0)
		return error_set(err, ERR_USAGE, "repository name must have at least one component");
	/* It would be taken for the ID of an image everywhere else. */
	if (s.n == ID_HEX && all_of(s, HEX))
		return error_set(err, ERR_USAGE, "invalid repository name (%s), cannot specify 64-byte hexadecimal strings", text);
	if (guess_host && !p.host.p)
		p.host = STR("docker.io");
	r = check(&p, err);
	return r < 0 ? r : build(&p, ret, err);
}

int reference_parse(const char *text, struct reference *ret, struct error *err)
{
	return parse(text, true, ret, err);
}

int reference_parse_short(const char *text, struct reference *ret, struct error *err)
{
	return parse(text, false, ret, err);
}

void reference_done(struct reference *r)
{
	free(r->host);
	free(r->path);
	free(r->tag);
	free(r->digest);
	*r = (struct reference){ 0 };
}

static void add_repository(const struct reference *r, struct buf *out)
{
	if (r->host)
		buf_addf(out, "%s/", r->host);
	buf_add_z(out, r->path);
}

char *reference_repository(const struct reference *r)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(1024);

	add_repository(r, &out);
	return buf_take(&out);
}

char *reference_string(const struct reference *r)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(1024);

	add_repository(r, &out);
	if (r->tag)
		buf_addf(&out, ":%s", r->tag);
	if (r->digest)
		buf_addf(&out, "@%s", r->digest);
	return buf_take(&out);
}

const char *reference_version(const struct reference *r)
{
	return r->digest ? r->digest : r->tag ? r->tag : "latest";
}

const char *reference_api_host(const char *host)
{
	return strcmp(host, "docker.io") == 0 ? "registry-1.docker.io" : host;
}
