/* image/copy_plan.c: in which format an image is written (containers/image, copy/manifest.go): its own where that is taken, else the one that most readers know. */
#include "base/cleanup.h"
#include "image/copy_image.h"

static bool takes(const char *const *types, enum manifest_kind kind)
{
	for (; types && *types; types++)
		if (strcmp(*types, manifest_type(kind)) == 0)
			return true;
	return false;
}

static void add(struct copy_plan *p, enum manifest_kind kind)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i] == kind)
			return;
	if (p->n < COPY_PLAN_MAX)
		p->v[p->n++] = kind;
}

static const struct {
	const char *format;
	enum manifest_kind image, list;
} formats[] = {
	{ "oci", MANIFEST_OCI, MANIFEST_OCI_INDEX },
	{ "v2s1", MANIFEST_SCHEMA1_SIGNED, MANIFEST_DOCKER_LIST },
	{ "v2s2", MANIFEST_DOCKER, MANIFEST_DOCKER_LIST },
};

static int forced(enum manifest_kind source, const char *format, const char *fixed, struct copy_plan *ret, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		enum manifest_kind kind = manifest_is_list(source) ? formats[i].list : formats[i].image;

		if (strcmp(format, formats[i].format) != 0)
			continue;
		if (kind != source && fixed)
			return error_set(err, ERR_USAGE, "Manifest%s must be converted to type \"%s\" to be written to destination, but we cannot modify it: \"%s\"",
					 manifest_is_list(source) ? " list" : "", manifest_type(kind), fixed);
		*ret = (struct copy_plan){ .v = { kind }, .n = 1 };
		return 0;
	}
	return error_set(err, ERR_USAGE, "unknown format \"%s\". Choose one of the supported formats: 'oci', 'v2s1', or 'v2s2'", format);
}

/* Lists have two formats and no third way. */
static int plan_list(enum manifest_kind source, const char *const *types, const char *fixed, struct copy_plan *ret, struct error *err)
{
	enum manifest_kind other = source == MANIFEST_OCI_INDEX ? MANIFEST_DOCKER_LIST : MANIFEST_OCI_INDEX;

	if (takes(types, source))
		add(ret, source);
	else if (fixed)
		return error_set(err, ERR_USAGE,
				 "Manifest list must be converted to type \"%s\" to be written to destination, but we cannot modify it: \"%s\"",
				 manifest_type(other), fixed);
	if (takes(types, other) && !fixed)
		add(ret, other);
	return ret->n ? 0 : error_set(err, ERR_UNSUPPORTED, "the destination takes no lists of images");
}

int copy_plan(enum manifest_kind source, const char *const *types, const char *format, const char *fixed, struct copy_plan *ret, struct error *err)
{
	static const enum manifest_kind preferred[] = { MANIFEST_DOCKER, MANIFEST_SCHEMA1_SIGNED, MANIFEST_OCI, MANIFEST_SCHEMA1 };

	*ret = (struct copy_plan){ 0 };
	if (format)
		return forced(source, format, fixed, ret, err);
	if (!types) {
		add(ret, source);
		return 0;
	}
	if (manifest_is_list(source))
		return plan_list(source, types, fixed, ret, err);
	/* A manifest that may not change is tried as it is: who does not take it says so. */
	if (fixed || takes(types, source))
		add(ret, source);
	for (size_t i = 0; !fixed && i < ARRAY_LEN(preferred); i++)
		if (takes(types, preferred[i]))
			add(ret, preferred[i]);
	return ret->n ? 0 : error_set(err, ERR_UNSUPPORTED, "the destination takes no manifest that is known here");
}
