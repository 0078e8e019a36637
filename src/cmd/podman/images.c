/* cmd/podman/images.c: list images, one row for each name. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/js.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/image_row.h"
#include "cmd/session.h"
#include "output/list.h"

struct images_args {
	bool all, digests, history, no_trunc, noheading, quiet;
	struct strv filters;
	const char *format, *sort;
};

static const struct opt images_opts[] = {
	OPT_BOOL('a', "all", struct images_args, all, "Show intermediate images too"),
	OPT_BOOL(0, "digests", struct images_args, digests, "Show digests"),
	OPT_STRV('f', "filter", struct images_args, filters, "filter", "Show the images that match these conditions"),
	OPT_STR(0, "format", struct images_args, format, "string", "Print as JSON or with a Go template"),
	OPT_BOOL(0, "history", struct images_args, history, "Show the names that each image had"),
	OPT_BOOL(0, "no-trunc", struct images_args, no_trunc, "Show the whole of long values"),
	OPT_BOOL('n', "noheading", struct images_args, noheading, "Leave out the heading"),
	OPT_BOOL('q', "quiet", struct images_args, quiet, "Print the IDs only"),
	{ .type = OPT_T_STR, .long_name = "sort", .metavar = "string", .dflt = "\"created\"", .help = "Sort by created, id, repository, size or tag",
	  .offset = OPT_FIELD(struct images_args, sort, const char *), .complete = "created|id|repository|size|tag" },
	OPT_END
};

static const struct list_field image_fields[] = {
	{ "Containers", NULL }, { "Created", NULL }, { "CreatedAt", NULL }, { "CreatedSince", "CREATED" }, { "CreatedTime", NULL }, { "Dangling", NULL },
	{ "Digest", NULL }, { "History", NULL }, { "ID", "IMAGE ID" }, { "Id", NULL }, { "IsDangling", NULL }, { "IsReadOnly", NULL },
	{ "Labels", NULL }, { "Names", NULL }, { "ParentId", NULL }, { "ReadOnly", "R/O" }, { "RepoDigests", NULL }, { "RepoTags", NULL },
	{ "Repository", NULL }, { "SharedSize", NULL }, { "Size", NULL }, { "Tag", NULL }, { "VirtualSize", NULL }, { NULL, NULL }
};

/* One row to print: an image under one of its names. */
struct named {
	struct json_object *image; /* a reference of its own */
	struct image_name name;
	size_t seq; /* the host's order, for equal keys */
};

struct named_list {
	struct named *v;
	size_t n, cap;
};

static void named_done(struct named_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		json_object_put(l->v[i].image);
		image_name_done(&l->v[i].name);
	}
	free(l->v);
}

static int add_named(struct named_list *l, struct json_object *image, struct str full, struct error *err)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		struct named *more = realloc(l->v, cap * sizeof *more);

		if (!more)
			return error_set_errno(err, "list images");
		l->v = more;
		l->cap = cap;
	}
	l->v[l->n] = (struct named){ .image = json_object_get(image), .seq = l->n };
	return image_name_split(full, &l->v[l->n++].name) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int collect(void *ctx, struct json_object *item, struct error *err)
{
	struct named_list *l = ctx;
	struct json_object *names = js_get_any(item, "Names", "RepoTags", NULL);
	int r = 0;

	if (!json_object_is_type(item, json_type_object))
		return error_set(err, ERR_PROTOCOL, "the host's list of images holds something else than objects");
	for (size_t i = 0; i < js_len(names) && r == 0; i++)
		r = add_named(l, item, js_text(js_at(names, i)), err);
	if (js_len(names) == 0)
		r = add_named(l, item, STR(""), err);
	return r;
}

static int compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static const char *sort_by; /* qsort has no context argument in POSIX */

static int by_sort(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int c = 0;

	if (strcmp(sort_by, "size") == 0)
		c = compare(js_get_int(x->image, "Size", 0), js_get_int(y->image, "Size", 0));
	else if (strcmp(sort_by, "id") == 0)
		c = strcmp(js_get_str(x->image, "Id", ""), js_get_str(y->image, "Id", ""));
	else if (strcmp(sort_by, "repository") == 0)
		c = strcmp(x->name.repository, y->name.repository);
	else if (strcmp(sort_by, "tag") == 0)
		c = strcmp(x->name.tag, y->name.tag);
	else
		c = compare(js_get_int(y->image, "Created", 0), js_get_int(x->image, "Created", 0));
	return c ? c : x->seq < y->seq ? -1 : 1;
}

/* -q: each ID once, though it has several names. */
static bool shown_before(const struct named_list *l, size_t i)
{
	const char *id = js_get_str(l->v[i].image, "Id", "");

	for (size_t k = 0; k < i; k++)
		if (strcmp(id, js_get_str(l->v[k].image, "Id", "")) == 0)
			return true;
	return false;
}

static int print_named(const struct images_args *a, const struct named_list *l, struct list *out, struct error *err)
{
	struct image_show show = { .no_trunc = a->no_trunc, .now_s = (int64_t)time(NULL) };

	for (size_t i = 0; i < l->n; i++) {
		CLEANUP(js_put_p) struct json_object *row = NULL;
		int r;

		if (a->quiet && shown_before(l, i))
			continue;
		row = list_mode(out) == LIST_JSON ? image_json(l->v[i].image) : image_row(l->v[i].image, &l->v[i].name, &show);
		r = list_row(out, row, err);
		if (r < 0)
			return r;
	}
	return list_close(out, err);
}

static const char *default_table(const struct images_args *a)
{
	if (a->quiet)
		return "{{.ID}}";
	if (a->digests)
		return a->history ? "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.History}}"
				  : "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
	return a->history ? "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.History}}"
			  : "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
}

static int check(struct images_args *a, const struct strv *names, struct error *err)
{
	static const char *const sorts[] = { "created", "id", "repository", "size", "tag" };
	bool known = false;

	for (size_t i = 0; !known && i < ARRAY_LEN(sorts); i++)
		known = strcmp(a->sort, sorts[i]) == 0;
	if (!known)
		return error_set(err, ERR_USAGE, "\"%s\" is not a valid field for sorting. Choose from: created, id, repository, size, tag", a->sort);
	if (names->n && a->all && a->filters.n)
		return error_set(err, ERR_USAGE, "cannot specify an image and a filter(s)");
	if (names->n && !strv_addf(&a->filters, "reference=%s", names->v[0]))
		return error_set(err, ERR_SYSTEM, "out of memory");
	return 0;
}

static int images_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct images_args *a = args;
	struct image_list_req q = { .all = a->all, .filters = &a->filters };
	struct list_spec spec = { .name = "images", .go_type = "images.imageReporter", .fields = image_fields, .table = default_table(a), .json_indent = 4 };
	CLEANUP(named_done) struct named_list found = { 0 };
	CLEANUP(list_free_p) struct list *out = NULL;
	struct engine *e;
	int r = check(a, names, err);

	if (r < 0 || (r = list_open(&out, &spec, a->format, a->noheading || a->quiet, session_out(s), err)) < 0 ||
	    (r = session_engine(s, &e, err)) < 0 || (r = engine_image_list(e, &q, collect, &found, err)) < 0)
		return r;
	sort_by = a->sort;
	if (found.n)
		qsort(found.v, found.n, sizeof *found.v, by_sort);
	return print_named(a, &found, out, err);
}

const struct cmd cmd_images = {
	.names = (const char *const[]){ "images", "image list", "image ls", NULL },
	.synopsis = "[options] [IMAGE]",
	.brief = "List images in local storage",
	.about = "Lists the images that are stored on the host.",
	.examples = "podman images --format json\npodman images --sort repository --format \"table {{.ID}} {{.Repository}} {{.Tag}}\"\npodman images "
		    "--filter dangling=true",
	.opts = images_opts,
	.args_size = sizeof(struct images_args),
	.args_default = &(struct images_args){ .sort = "created" },
	.max_names = 1,
	.complete = "@image",
	.run = images_run,
};
