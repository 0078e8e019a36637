/* varlink/copy_export.c: files of a container out of its export, which is all of it: slow, but there is no other way to one that does not
 * run or has no shell. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "varlink/copy.h"
#include "varlink/repack.h"

#define MAX_LINKS   40
#define MAX_ENTRIES 4000000

/* ---- the list of entries --------------------------------------------------------------------------------------------- */

struct node {
	char *name, *link; /* link: of a symbolic link */
	int64_t size;
	uint32_t mode;
};

struct listing {
	struct node *v;
	size_t n, cap;
};

static void listing_done(struct listing *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].link);
	}
	free(l->v);
}

static uint32_t go_mode(const struct tar_entry *e)
{
	static const uint32_t types[] = { [TAR_DIR] = COPY_MODE_DIR,
					  [TAR_SYMLINK] = COPY_MODE_SYMLINK,
					  [TAR_CHAR] = 1U << 26 | 1U << 21,
					  [TAR_BLOCK] = 1U << 26,
					  [TAR_FIFO] = 1U << 25 };
	uint32_t special = (e->mode & 04000 ? 1U << 23 : 0) | (e->mode & 02000 ? 1U << 22 : 0) | (e->mode & 01000 ? 1U << 20 : 0);

	return types[e->type] | special | (e->mode & 0777);
}

static const struct node *find_node(const struct listing *l, struct str name)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq_z(name, l->v[i].name))
			return &l->v[i];
	return NULL;
}

static int add_node(struct listing *l, const struct tar_entry *e, struct error *err)
{
	struct node *node;
	const struct node *same = NULL;

	if (l->n == MAX_ENTRIES)
		return error_set(err, ERR_PROTOCOL, "the container has over %d files", MAX_ENTRIES);
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 1024;
		struct node *v = realloc(l->v, cap * sizeof *v);

		if (!v)
			return error_set(err, ERR_SYSTEM, "out of memory");
		l->v = v;
		l->cap = cap;
	}
	if (e->type == TAR_HARDLINK)
		same = find_node(l, repack_clean(e->link));
	node = &l->v[l->n++];
	*node = (struct node){ .name = str_dup(repack_clean(e->name)),
			       .link = e->type == TAR_SYMLINK ? z_dup(e->link) : NULL,
			       .size = same ? same->size : e->size,
			       .mode = go_mode(e) };
	return node->name && (node->link || e->type != TAR_SYMLINK) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int read_listing(struct host *h, const char *container, struct listing *l, struct error *err)
{
	CLEANUP(download_close_p) struct download *d = NULL;
	CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
	struct tar_entry e;
	struct byte_source source;
	int r = host_container_export(&h->engine, container, &d, err);

	if (r < 0)
		return r;
	source = download_source(d);
	r = tar_reader_open(&source, &t, err);
	while (r >= 0 && (r = tar_read_entry(t, &e, err)) > 0)
		r = add_node(l, &e, err);
	return r;
}

/* ---- symbolic links -------------------------------------------------------------------------------------------------- */

static void parent(struct buf *path)
{
	while (path->n && path->p[path->n - 1] != '/')
		path->p[--path->n] = 0;
	if (path->n)
		path->p[--path->n] = 0;
}

/* Follows path from the root, links included. at: where it leads, without slash in front. *ret: NULL for the root. */
static int resolve(const struct listing *l, const char *path, struct buf *at, const struct node **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf rest = BUF_INIT(256 * 1024);
	int links = 0;

	buf_add_z(&rest, path);
	*ret = NULL;
	while (rest.n && !rest.failed) {
		CLEANUP(free_p) char *one = NULL;
		struct str head, tail = { 0 };

		if (!str_cut(buf_str(&rest), '/', &head, &tail))
			tail = STR("");
		one = str_dup(head);
		buf_consume(&rest, rest.n - tail.n);
		if (!one)
			return error_set(err, ERR_SYSTEM, "out of memory");
		if (strcmp(one, "..") == 0)
			parent(at);
		if (!*one || strcmp(one, ".") == 0 || strcmp(one, "..") == 0)
			continue;
		buf_addf(at, "%s%s", at->n ? "/" : "", one);
		*ret = find_node(l, buf_str(at));
		if (!*ret)
			return error_set(err, ERR_NOT_FOUND, "no such file or directory: %s", path);
		if (!(*ret)->link)
			continue;
		if (++links > MAX_LINKS)
			return error_set(err, ERR_NOT_FOUND, "too many symbolic links: %s", path);
		parent(at);
		if ((*ret)->link[0] == '/')
			buf_clear(at);
		CLEANUP(buf_done) struct buf more = BUF_INIT(256 * 1024);
		buf_addf(&more, "%s/%s", (*ret)->link, buf_z(&rest));
		buf_clear(&rest);
		buf_add(&rest, buf_str(&more));
	}
	*ret = at->n ? find_node(l, buf_str(at)) : NULL;
	return buf_check(at, "path", err) < 0 || buf_check(&rest, "path", err) < 0 ? -ERR_SYSTEM : 0;
}

int copy_stat_by_export(struct host *h, const char *container, const char *path, struct copy_stat *ret, struct error *err)
{
	CLEANUP(listing_done) struct listing l = { 0 };
	CLEANUP(buf_done) struct buf at = BUF_INIT(64 * 1024), target = BUF_INIT(64 * 1024);
	const struct node *node;
	struct copy_stat found;
	bool slash = str_ends(str_from(path), STR("/")) || str_ends(str_from(path), STR("/."));
	int r = read_listing(h, container, &l, err);

	if (r == 0)
		r = resolve(&l, path, &at, &node, err);
	if (r < 0)
		return r;
	buf_addf(&target, "/%s", buf_z(&at));
	found = (struct copy_stat){ .name = copy_base(path),
				    .link_target = str_dup(buf_str(&target)),
				    .mode = node ? node->mode : COPY_MODE_DIR | 0755,
				    .size = node ? node->size : 0 };
	found.is_dir = (found.mode & COPY_MODE_DIR) != 0;
	if (slash && !found.is_dir)
		r = error_set(err, ERR_NOT_FOUND, "not a directory: %s", path);
	else if (!found.name || !found.link_target)
		r = error_set(err, ERR_SYSTEM, "out of memory");
	if (r < 0)
		copy_stat_done(&found);
	else
		*ret = found;
	return r;
}

/* ---- the archive ----------------------------------------------------------------------------------------------------- */

/* A second export, for the content of files that have another name in the first one and outside of what is copied. */
struct other_names {
	struct host *host;
	char *container;
	struct download *download;
	struct tar_reader *reader;
};

static void other_names_free(void *ctx)
{
	struct other_names *o = ctx;

	tar_reader_close_p(&o->reader);
	download_close_p(&o->download);
	free(o->container);
	free(o);
}

static int open_other(struct other_names *o, struct error *err)
{
	struct byte_source source;
	int r;

	tar_reader_close_p(&o->reader);
	download_close_p(&o->download);
	o->download = NULL;
	r = host_container_export(&o->host->engine, o->container, &o->download, err);
	if (r < 0)
		return r;
	source = download_source(o->download);
	return tar_reader_open(&source, &o->reader, err);
}

static int find_other(void *ctx, const char *target, struct tar_reader **ret, int64_t *ret_size, struct error *err)
{
	struct other_names *o = ctx;
	struct tar_entry e;
	int r = open_other(o, err);

	while (r >= 0 && (r = tar_read_entry(o->reader, &e, err)) > 0) {
		if (e.type != TAR_FILE || !str_eq_z(repack_clean(e.name), target))
			continue;
		*ret = o->reader;
		*ret_size = e.size;
		return 0;
	}
	return r < 0 ? r : error_set(err, ERR_PROTOCOL, "the export of container %s has no file %s", o->container, target);
}

int copy_out_by_export(struct host *h, const char *container, const char *path, struct download **ret, struct error *err)
{
	CLEANUP(free_p) char *name = copy_base(path), *root = NULL;
	struct other_names *o = calloc(1, sizeof *o);
	struct str clean = repack_clean(path);
	struct download *d;
	int r;

	if (o)
		*o = (struct other_names){ .host = h, .container = z_dup(container) };
	if (str_ends(clean, STR("/.")))
		clean.n -= 2;
	root = str_dup(clean);
	if (!o || !o->container || !name || !root)
		r = error_set(err, ERR_SYSTEM, "out of memory");
	else
		r = host_container_export(&h->engine, container, &d, err);
	if (r < 0) {
		if (o)
			other_names_free(o);
		return r;
	}
	return repack_open(
		d,
		&(struct repack_req){ .root = root, .name = name, .outside = find_other, .ctx = o, .ctx_free = other_names_free },
		ret, err);
}
