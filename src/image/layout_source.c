/* image/layout_source.c: an image of an OCI layout, wherever its files lie. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "image/store_files.h"
#include "image/store_oci.h"
#include "image/store_own.h"

struct layout_source {
	struct image_source base;
	struct layout_files files;
	char *image;
};

static struct layout_source *layout_of(struct image_source *s)
{
	return (struct layout_source *)s;
}

static int find_first(const struct layout_source *s, struct json_object **ret_index, struct manifest_blob *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(0);
	CLEANUP(js_put_p) struct json_object *index = NULL;
	int r = s->files.read(s->files.ctx, "index.json", &text, err);

	if (r == 0)
		r = layout_index_read(buf_str(&text), &index, err);
	if (r == 0)
		r = layout_index_find(index, s->image, ret, err);
	if (r == 0)
		*ret_index = ptr_take(&index);
	return r;
}

static int layout_manifest(struct image_source *base, const char *instance, struct registry_manifest *ret, struct error *err)
{
	const struct layout_source *s = layout_of(base);
	CLEANUP(js_put_p) struct json_object *index = NULL;
	CLEANUP(buf_done) struct buf bytes = BUF_INIT(0);
	CLEANUP(free_p) char *name = NULL;
	struct manifest_blob first = { .digest = instance };
	int r = instance ? store_check_digest(instance, err) : find_first(s, &index, &first, err);

	if (r < 0)
		return r;
	name = layout_blob_name(first.digest);
	r = name ? s->files.read(s->files.ctx, name, &bytes, err) : store_no_memory(err);
	return r < 0 ? r : registry_manifest_of(&bytes, first.type, first.digest, ret, err);
}

static int layout_blob(struct image_source *base, const struct store_blob *b, const struct byte_sink *sink, struct error *err)
{
	const struct layout_source *s = layout_of(base);
	CLEANUP(free_p) char *name = NULL;
	int r = store_check_digest(b->digest, err);

	if (r < 0)
		return r;
	name = layout_blob_name(b->digest);
	return name ? s->files.blob(s->files.ctx, name, b, sink, err) : store_no_memory(err);
}

static void layout_close(struct image_source *base)
{
	struct layout_source *s = layout_of(base);

	s->files.close(s->files.ctx);
	free(s->image);
	store_source_done(base);
	free(s);
}

static const struct image_source_ops ops = {
	.manifest = layout_manifest,
	.blob = layout_blob,
	.close = layout_close,
};

int layout_source_open(const struct layout_files *files, const char *name, const char *transport, const char *scope, const char *image, struct image_source **ret,
		       struct error *err)
{
	struct layout_source *s = calloc(1, sizeof *s);
	CLEANUP(image_source_close_p) struct image_source *base = s ? &s->base : NULL;

	if (!s) {
		files->close(files->ctx);
		return store_no_memory(err);
	}
	s->base = (struct image_source){ .ops = &ops, .parallel = true, .name = z_dup(name), .policy_transport = z_dup(transport),
					 .policy_scope = z_dup(scope), .reference = z_dup("") };
	s->files = *files;
	s->image = z_dup(image);
	if (!s->base.name || !s->base.policy_transport || !s->base.policy_scope || !s->base.reference || !s->image)
		return store_no_memory(err);
	*ret = ptr_take(&base);
	return 0;
}
