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

/* A digest that stays the same for the same seed: 64 hex digits by FNV-1a, which is no hash to trust, and needs not be. */
static void fake_digest(const char *seed, const char *salt, char ret[65])
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (int block = 0; block < 4; block++) {
		for (const char *p = seed; *p; p++)
			h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
		for (const char *p = salt; *p; p++)
			h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
		snprintf(ret + 16 * block, 17, "%016llx", (unsigned long long)h);
	}
}

static void image_free(struct image *i)
{
	strv_done(&i->names);
	strv_done(&i->old_names);
	strv_done(&i->entrypoint);
	strv_done(&i->command);
	strv_done(&i->env);
	json_object_put(i->labels);
	free(i->workdir);
	free(i->user);
	free(i->created_by);
	free(i->comment);
	free(i);
}

struct image *image_new(struct host *h, const char *full_name, const char *id_seed)
{
	struct image *i = calloc(1, sizeof *i), **p = &h->images;

	if (!i)
		return NULL;
	fake_digest(id_seed, "id", i->id);
	fake_digest(id_seed, "digest", i->digest);
	fake_digest(id_seed, "layer", i->layer);
	i->created = (struct instant){ .s = 1586908800 };
	i->size_bytes = 2009073;
	i->workdir = z_dup("/");
	i->user = z_dup("");
	i->created_by = z_dup("/bin/sh -c #(nop) ADD file:dc1b2f17a732d77dd26bb2d2708b2b40678cb4993b48744c55908b75184b41db in / ");
	i->comment = z_dup("");
	strv_add(&i->command, "/bin/sh");
	strv_add(&i->names, full_name);
	while (*p)
		p = &(*p)->next;
	*p = i;
	return i;
}

int images_open(struct host *h, struct error *err)
{
	struct image *i = image_new(h, "localhost/busybox:latest", "busybox");

	if (!i)
		return error_set(err, ERR_SYSTEM, "out of memory");
	free(i->comment);
	i->comment = z_dup("imported from tarball");
	return 0;
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

void images_free(struct host *h)
{
	while (h->images) {
		struct image *i = h->images;

		h->images = i->next;
		image_free(i);
	}
}
