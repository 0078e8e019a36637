/* engine/image.c: the way of image and archive requests to the protocol room. */
#include <stdlib.h>

#include "engine/wrap.h"

WRAP(image_build, "build",
     (struct engine *e, const struct build_req *q, build_text_fn *text, void *ctx, char **ret_id, struct error *err),
     (e, q, text, ctx, ret_id, err))
WRAP(image_push, "push",
     (struct engine *e, const struct push_req *q, progress_fn *progress, void *ctx, char **ret_digest, struct error *err),
     (e, q, progress, ctx, ret_digest, err))
WRAP(image_save, "save", (struct engine *e, const struct save_req *q, struct download **ret, struct error *err), (e, q, ret, err))
WRAP(image_load, "load",
     (struct engine *e, const struct byte_producer *archive, struct strv *ret_names, struct error *err),
     (e, archive, ret_names, err))
WRAP(image_import, "import",
     (struct engine *e, const struct import_req *q, char **ret_id, struct error *err),
     (e, q, ret_id, err))
WRAP(container_export, "export",
     (struct engine *e, const char *name, struct download **ret, struct error *err),
     (e, name, ret, err))
WRAP(container_commit, "commit",
     (struct engine *e, const struct commit_req *q, progress_fn *progress, void *ctx, char **ret_id, struct error *err),
     (e, q, progress, ctx, ret_id, err))
WRAP(image_history, "history",
     (struct engine *e, const char *name, struct json_object **ret, struct error *err),
     (e, name, ret, err))
WRAP(image_tag, "tag", (struct engine *e, const char *name, const char *as, struct error *err), (e, name, as, err))
WRAP(image_untag, "untag", (struct engine *e, const char *name, const char *tag, struct error *err), (e, name, tag, err))
WRAP(image_search, "search",
     (struct engine *e, const struct search_req *q, struct json_object **ret, struct error *err),
     (e, q, ret, err))
WRAP(image_tree, "image tree",
     (struct engine *e, const char *name, bool what_requires, char **ret, struct error *err),
     (e, name, what_requires, ret, err))
WRAP(image_prune, "image prune",
     (struct engine *e, const struct image_prune_req *q, struct json_object **ret, struct error *err),
     (e, q, ret, err))
WRAP(diff, "diff",
     (struct engine *e, enum object_kind kind, const char *name, const char *other, struct json_object **ret, struct error *err),
     (e, kind, name, other, ret, err))
WRAP(copy_stat, "cp",
     (struct engine *e, const char *container, const char *path, struct copy_stat *ret, struct error *err),
     (e, container, path, ret, err))
WRAP(copy_out, "cp",
     (struct engine *e, const char *container, const char *path, struct download **ret, struct error *err),
     (e, container, path, ret, err))
WRAP(copy_in, "cp", (struct engine *e, const struct copy_in_req *q, struct error *err), (e, q, err))
WRAP(manifest_create, "manifest create",
     (struct engine *e, const struct manifest_create_req *q, char **ret_id, struct error *err),
     (e, q, ret_id, err))
WRAP(manifest_add, "manifest add",
     (struct engine *e, const struct manifest_change_req *q, char **ret_id, struct error *err),
     (e, q, ret_id, err))
WRAP(manifest_annotate, "manifest annotate",
     (struct engine *e, const struct manifest_change_req *q, char **ret_id, struct error *err),
     (e, q, ret_id, err))
WRAP(manifest_remove, "manifest remove",
     (struct engine *e, const struct manifest_change_req *q, char **ret_id, struct error *err),
     (e, q, ret_id, err))
WRAP(manifest_inspect, "manifest inspect",
     (struct engine *e, const char *name, struct json_object **ret, struct error *err),
     (e, name, ret, err))
WRAP(manifest_exists, "manifest exists", (struct engine *e, const char *name, bool *ret, struct error *err), (e, name, ret, err))
WRAP(manifest_push, "manifest push",
     (struct engine *e, const struct push_req *q, progress_fn *progress, void *ctx, char **ret_digest, struct error *err),
     (e, q, progress, ctx, ret_digest, err))
WRAP(manifest_delete, "manifest rm",
     (struct engine *e, const struct image_remove_req *q, struct json_object **ret, struct error *err),
     (e, q, ret, err))

void download_close_p(struct download **d)
{
	if (*d)
		(*d)->close(*d);
}

static ssize_t read_download(void *ctx, void *p, size_t n, struct error *err)
{
	struct download *d = ctx;

	return d->read(d, p, n, err);
}

struct byte_source download_source(struct download *d)
{
	return (struct byte_source){ .read = read_download, .ctx = d, .length = -1 };
}

void copy_stat_done(struct copy_stat *s)
{
	free(s->name);
	free(s->link_target);
	*s = (struct copy_stat){ 0 };
}
