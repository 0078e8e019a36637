/* image/copy_list.c: a list of images with all of them, or alone. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "image/copy_own.h"

struct list_copy {
	struct copy *c;
	struct registry_manifest raw;
	struct json_object *doc;
	struct json_object *entries; /* borrowed */
	enum manifest_kind kind;
	struct copy_child *children;
	const char *fixed;
};

static void list_done(struct list_copy *l)
{
	registry_manifest_done(&l->raw);
	json_object_put(l->doc);
	free(l->children);
}

#define MAX_CHILDREN 1024

static int set_child(struct copy_child *child, const struct manifest_blob *b, struct error *err)
{
	if (strlen(b->digest) >= DIGEST_MAX)
		return error_set(err, ERR_PROTOCOL, "manifest: \"%.200s\" is no digest", b->digest);
	memcpy(child->digest, b->digest, strlen(b->digest) + 1);
	child->size = b->size;
	child->type = b->type;
	return 0;
}

static int read_list(struct list_copy *l, struct error *err)
{
	int r = manifest_read(buf_str(&l->raw.bytes), l->raw.type, &l->doc, &l->kind, err);
	size_t n;

	if (r < 0)
		return r;
	l->entries = js_get(l->doc, "manifests");
	n = js_len(l->entries);
	if (n > MAX_CHILDREN)
		return error_set(err, ERR_PROTOCOL, "manifest: a list of %zu images is longer than %d", n, MAX_CHILDREN);
	l->children = calloc(n ? n : 1, sizeof *l->children);
	if (!l->children)
		return copy_no_memory(err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct manifest_blob b;

		r = manifest_blob_read(js_at(l->entries, i), &b, err);
		if (r == 0)
			r = set_child(&l->children[i], &b, err);
	}
	return r;
}

/* ---- the images -------------------------------------------------------------------------------------------------------- */

static int copy_child(struct list_copy *l, size_t i, struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest raw = { 0 }, written = { 0 };
	struct image_source *from = l->c->q->from;
	struct copy_child *child = &l->children[i];
	char digest[DIGEST_MAX];
	int r;

	memcpy(digest, child->digest, sizeof digest);
	r = from->ops->manifest(from, digest, &raw, err);
	if (r == 0)
		r = copy_one(l->c, &(struct copy_one){ .instance = digest, .child = true, .fixed = l->fixed }, &raw, &written, err);
	if (r < 0)
		return r;
	memcpy(child->digest, written.digest, DIGEST_MAX);
	child->size = (int64_t)written.bytes.n;
	/* What it was stays borrowed from the list; anything else is one of ours. */
	if (strcmp(child->type, written.type) != 0)
		child->type = manifest_type(manifest_kind_of(written.type));
	return 0;
}

static int copy_children(struct list_copy *l, struct error *err)
{
	size_t n = js_len(l->entries), wanted = l->c->q->lists == COPY_ALL ? n : 0;

	copy_line(l->c, "Copying %zu of %zu images in list", wanted, n);
	for (size_t i = 0; i < wanted; i++) {
		int r;

		copy_line(l->c, "Copying image %s (%zu/%zu)", l->children[i].digest, i + 1, wanted);
		r = copy_child(l, i, err);
		if (r < 0)
			return error_context(err, "copying image %zu/%zu from manifest list", i + 1, wanted);
	}
	return 0;
}

/* ---- the list ---------------------------------------------------------------------------------------------------------- */

static int write_as(struct list_copy *l, enum manifest_kind kind, struct registry_manifest *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT(REGISTRY_MAX_MANIFEST);
	struct image_destination *to = l->c->q->to;
	int r = copy_list_write(l->doc, &l->raw, l->kind, kind, l->children, &bytes, err);

	if (r == 0 && l->fixed && !str_eq(buf_str(&bytes), buf_str(&l->raw.bytes)))
		r = error_set(err, ERR_USAGE, "Manifest list must be changed to be written to destination, but we cannot modify it: \"%s\"", l->fixed);
	if (r < 0)
		return r;
	registry_manifest_done(ret);
	r = registry_manifest_of(&bytes, manifest_type(kind), NULL, ret, err);
	return r < 0 ? r : to->ops->manifest(to, NULL, manifest_type(kind), buf_str(&ret->bytes), err);
}

static int write_list(struct list_copy *l, const struct copy_plan *plan, struct registry_manifest *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf tried = BUF_INIT(16 * 1024);

	copy_line(l->c, "Writing manifest list to image destination");
	for (size_t i = 0; i < plan->n; i++) {
		CLEANUP(error_done) struct error why = ERROR_INIT;
		int r = write_as(l, plan->v[i], ret, &why);

		if (r == 0)
			return 0;
		if (r != -ERR_UNSUPPORTED)
			return error_move(err, &why);
		buf_addf(&tried, "%s%s(%s)", i ? ", " : "", manifest_type(plan->v[i]), why.text ? why.text : "");
	}
	return error_set(err, ERR_UNSUPPORTED, "Uploading manifest list failed, attempted the following formats: %s", buf_z(&tried));
}

static int check_destination(const struct copy *c, struct error *err)
{
	struct str transport;

	if (c->q->to->takes_lists)
		return 0;
	str_cut(str_from(c->q->to->name), ':', &transport, NULL);
	return error_set(err, ERR_UNSUPPORTED, "copying multiple images: destination transport \"%.*s\" does not support copying multiple images as a group",
			 STR_ARG(transport));
}

/* Each image answers to the policy by itself; a list that is copied alone has none to do so. */
static int check_policy(const struct list_copy *l, struct error *err)
{
	const struct copy_req *q = l->c->q;

	return q->policy && q->lists == COPY_INDEX_ONLY ? policy_check(q->policy, q->from, NULL, &l->raw, err) : 0;
}

static int run(struct list_copy *l, struct registry_manifest *ret_manifest, struct error *err)
{
	CLEANUP(strv_done) struct strv signatures = { 0 };
	struct copy_plan plan;
	int r = read_list(l, err);

	if (r == 0)
		r = check_policy(l, err);
	if (r == 0)
		r = copy_signatures_read(l->c, NULL, "image list", &signatures, err);
	if (r < 0)
		return r;
	l->fixed = copy_fixed(l->c, &signatures);
	if ((r = copy_plan(l->kind, l->c->q->to->types, l->c->q->format, l->fixed, &plan, err)) < 0 || (r = copy_children(l, err)) < 0 ||
	    (r = write_list(l, &plan, ret_manifest, err)) < 0)
		return r;
	return copy_signatures_write(l->c, NULL, "image list", ret_manifest, &signatures, err);
}

int copy_list(struct copy *c, struct registry_manifest *raw, struct registry_manifest *ret_manifest, struct error *err)
{
	CLEANUP(list_done) struct list_copy l = { .c = c };
	int r = check_destination(c, err);

	if (r < 0)
		return r;
	l.raw = *raw;
	*raw = (struct registry_manifest){ 0 };
	return run(&l, ret_manifest, err);
}
