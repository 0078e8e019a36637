#include "image.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "container.h"
#include "event.h"

/* The parts of a reference, "host:5000/path/name:tag@digest". */
struct reference {
	struct str domain, path, tag, digest;
};

static bool is_domain(struct str s)
{
	return memchr(s.p, '.', s.n) || memchr(s.p, ':', s.n) || str_eq_z(s, "localhost");
}

static bool path_valid(struct str path, struct error *err)
{
	for (size_t i = 0; i < path.n; i++)
		if (isupper((unsigned char)path.p[i])) {
			error_set(err, ERR_USAGE, "repository name must be lowercase");
			return false;
		}
	for (size_t i = 0; i < path.n; i++)
		if (!isalnum((unsigned char)path.p[i]) && !strchr("_.-/", path.p[i])) {
			error_set(err, ERR_USAGE, "invalid reference format");
			return false;
		}
	if (path.n)
		return true;
	error_set(err, ERR_USAGE, "invalid reference format");
	return false;
}

static bool reference_parse(const char *text, struct reference *ret, struct error *err)
{
	struct str rest = str_from(text), first, after;

	*ret = (struct reference){ 0 };
	str_cut(rest, '@', &rest, &ret->digest);
	if (str_cut(rest, '/', &first, &after) && is_domain(first)) {
		ret->domain = first;
		rest = after;
	}
	str_cut(rest, ':', &ret->path, &ret->tag);
	return path_valid(ret->path, err);
}

static bool same_repository(const struct reference *wanted, const struct reference *have)
{
	if (wanted->domain.n)
		return str_eq(wanted->domain, have->domain) && str_eq(wanted->path, have->path);
	/* A short name is any that ends with it. */
	return str_eq(wanted->path, have->path) ||
	       (str_ends(have->path, wanted->path) && have->path.p[have->path.n - wanted->path.n - 1] == '/');
}

static bool name_answers(const char *name, const struct image *image, const struct reference *wanted)
{
	struct reference have;
	struct str tag = wanted->tag.n ? wanted->tag : STR("latest");

	if (!reference_parse(name, &have, NULL) || !same_repository(wanted, &have))
		return false;
	if (wanted->digest.n)
		return str_starts(wanted->digest, STR("sha256:")) &&
		       str_eq_z((struct str){ wanted->digest.p + 7, wanted->digest.n - 7 }, image->digest);
	return str_eq(tag, have.tag);
}

static struct image *find_by_id(struct host *h, const char *key)
{
	struct image *match = NULL;
	size_t matches = 0, n;

	if (strncmp(key, "sha256:", 7) == 0)
		key += 7;
	n = strlen(key);
	for (struct image *i = h->images; i; i = i->next)
		if (n >= 3 && strncmp(i->id, key, n) == 0) {
			match = i;
			matches++;
		}
	return matches == 1 ? match : NULL;
}

struct image *image_find(struct host *h, const char *name, struct error *err)
{
	struct image *by_id = find_by_id(h, name);
	struct reference wanted;

	if (by_id)
		return by_id;
	if (!reference_parse(name, &wanted, err))
		return NULL;
	for (struct image *i = h->images; i; i = i->next)
		for (size_t k = 0; k < i->names.n; k++)
			if (name_answers(i->names.v[k], i, &wanted))
				return i;
	if (wanted.domain.n)
		error_set(err, ERR_NOT_FOUND, "unable to find '%s' in local storage: no such image", name);
	else
		error_set(err, ERR_NOT_FOUND, "unable to find a name and tag match for %.*s in repotags: no such image",
			  STR_ARG(wanted.path));
	return NULL;
}

int image_full_name(const char *name, char **ret, struct error *err)
{
	struct reference r;
	struct str domain, tag;

	if (!reference_parse(name, &r, err))
		return -ERR_USAGE;
	domain = r.domain.n ? r.domain : STR("localhost");
	tag = r.tag.n ? r.tag : STR("latest");
	if (asprintf(ret, "%.*s/%.*s:%.*s", STR_ARG(domain), STR_ARG(r.path), STR_ARG(tag)) < 0)
		return error_set(err, ERR_SYSTEM, "out of memory");
	return 0;
}

bool image_drop_name(struct host *h, struct image *image, const char *full_name)
{
	struct strv kept = { 0 };
	bool had = strv_has(&image->names, full_name);

	if (!had)
		return false;
	for (size_t i = 0; i < image->names.n; i++)
		if (strcmp(image->names.v[i], full_name) != 0)
			strv_add(&kept, image->names.v[i]);
	strv_done(&image->names);
	image->names = kept;
	if (!strv_has(&image->old_names, full_name))
		strv_add(&image->old_names, full_name);
	event_add(h, "image", "untag", image->id, full_name, full_name);
	return true;
}

void image_add_name(struct host *h, struct image *image, const char *full_name)
{
	for (struct image *i = h->images; i; i = i->next)
		if (i != image)
			image_drop_name(h, i, full_name);
	if (!strv_has(&image->names, full_name))
		strv_add(&image->names, full_name);
}

size_t image_containers(const struct host *h, const struct image *image)
{
	size_t n = 0;

	for (const struct container *c = h->containers; c; c = c->next)
		n += strcmp(c->image_id, image->id) == 0;
	return n;
}

void image_remove(struct host *h, struct image *image)
{
	struct image **p = &h->images;

	while (*p && *p != image)
		p = &(*p)->next;
	if (*p)
		*p = image->next;
	event_add(h, "image", "remove", image->id, image->names.n ? image->names.v[0] : image->id, "");
	image_free(image);
}
