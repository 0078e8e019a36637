#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/js.h"
#include "base/path.h"
#include "base/units.h"
#include "build.h"
#include "image_config.h"
#include "tree.h"
#include "unpack.h"

/* One COPY or ADD. */
struct copying {
	struct build *build;
	const struct instruction *in;
	bool add;
	const char *root;     /* where the sources lie */
	struct strv patterns; /* as written; the last one is the destination */
	struct strv sources;  /* paths of the machine */
	char *chown;
	bool into_folder;
};

static void copying_done(struct copying *c)
{
	strv_done(&c->patterns);
	strv_done(&c->sources);
	free(c->chown);
}

/* ---- the sources -------------------------------------------------------------------------------------------------------------- */

static int stage_root(struct build *b, const char *from, const char **ret, struct error *err)
{
	struct image *image;
	int64_t number;

	for (size_t i = 0; i + 1 < b->n_stages; i++) {
		const struct stage *s = &b->stages[i];

		if (strcmp(s->name, from) != 0 && !(int_parse(str_from(from), &number) && number == (int64_t)i))
			continue;
		*ret = s->files;
		return s->files ? 0 : layer_tree(b->host, s->top, ret, err);
	}
	image = image_find(b->host, from, NULL);
	if (!image && registry_pull(b->host, from, &image, err) < 0)
		return -err->kind;
	return layer_tree(b->host, image->top, ret, err);
}

static int set_root(struct copying *c, struct str *rest, struct error *err)
{
	CLEANUP(free_p) char *from = build_flag(str_from(c->in->args), "from", rest);

	c->chown = build_flag(str_from(c->in->args), "chown", rest);
	c->root = c->build->context;
	return from ? stage_root(c->build, from, &c->root, err) : 0;
}

static void set_patterns(struct copying *c, struct str rest)
{
	CLEANUP(js_put_p) struct json_object *list = NULL;

	if (!rest.n || rest.p[0] != '[' || js_parse(rest, c->in->word, &list, NULL) < 0) {
		build_words(c->build, rest, &c->patterns);
		return;
	}
	for (size_t i = 0; i < js_len(list); i++)
		strv_take(&c->patterns, build_expand(c->build, js_text(js_at(list, i))));
}

/* What the ignore file took away is quietly not copied. */
static int no_match(const struct copying *c, const char *pattern, struct error *err)
{
	if (c->root == c->build->context && build_is_ignored(c->build, pattern))
		return 0;
	return error_set(err, ERR_NOT_FOUND,
			 "error dry-running \"%s\": no files found matching \"%s/%s\": no such file or directory", c->in->original,
			 c->root, pattern);
}

/* Links in the path are followed inside the root; what the pattern matched is known by its path. */
static int add_source(struct copying *c, const char *inner, const char *pattern, struct error *err)
{
	CLEANUP(free_p) char *path = tree_resolve(c->root, inner);
	struct stat st;

	if (!path || lstat(path, &st) < 0)
		return no_match(c, pattern, err);
	return strv_take(&c->sources, ptr_take(&path)) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int match(struct copying *c, const char *pattern, struct error *err)
{
	char whole[PATH_MAX];
	glob_t found;
	int r = 0;

	while (*pattern == '/')
		pattern++;
	if (c->add && (strncmp(pattern, "http://", 7) == 0 || strncmp(pattern, "https://", 8) == 0))
		return error_set(err, ERR_REMOTE, "error building at STEP \"%s\": error downloading \"%s\": no network",
				 c->in->original, pattern);
	if (!strpbrk(pattern, "*?["))
		return add_source(c, pattern, pattern, err);
	snprintf(whole, sizeof whole, "%s/%s", c->root, pattern);
	if (strstr(pattern, "..") || glob(whole, 0, NULL, &found) != 0)
		return no_match(c, pattern, err);
	for (size_t i = 0; i < found.gl_pathc && r == 0; i++)
		r = add_source(c, found.gl_pathv[i] + strlen(c->root) + 1, pattern, err);
	globfree(&found);
	return r;
}

/* ---- what the history says: a digest of all that is copied --------------------------------------------------------------------- */

static void add_to_digest(void *ctx, char kind, const char *path)
{
	digest_add(ctx, path, strlen(path) + 1);
	(void)kind;
}

struct content {
	struct digest *digest;
	const char *root;
};

static void add_content(void *ctx, char kind, const char *path)
{
	struct content *c = ctx;
	char whole[PATH_MAX], hex[65];
	struct stat st;

	add_to_digest(c->digest, kind, path);
	snprintf(whole, sizeof whole, "%s%s", c->root, path);
	if (lstat(whole, &st) < 0)
		return;
	digest_add(c->digest, &st.st_mode, sizeof st.st_mode);
	if (S_ISREG(st.st_mode) && layer_file_digest(whole, hex, NULL) == 0)
		digest_add(c->digest, hex, sizeof hex);
}

static int describe(const struct copying *c, struct buf *ret, struct error *err)
{
	const char *dest = c->patterns.v[c->patterns.n - 1], *kind = "multi";
	CLEANUP(digest_close_p) struct digest *d = NULL;
	char text[DIGEST_MAX];
	struct stat st;

	if (digest_open(NULL, &d, err) < 0)
		return -err->kind;
	for (size_t i = 0; i < c->sources.n; i++) {
		struct content content = { .digest = d, .root = c->sources.v[i] };

		add_content(&content, 'A', "");
		tree_diff("/dev/null", c->sources.v[i], add_content, &content);
	}
	if (c->chown)
		digest_add(d, c->chown, strlen(c->chown));
	if (c->sources.n == 1 && lstat(c->sources.v[0], &st) == 0)
		kind = S_ISDIR(st.st_mode) ? "dir" : "file";
	digest_end(d, text);
	buf_addf(ret, "/bin/sh -c #(nop) %s %s:%s in %s ", c->in->word, kind, strchr(text, ':') + 1, dest);
	return 0;
}

/* ---- copying ------------------------------------------------------------------------------------------------------------------ */

/* Numbers only: names are the image's own, and nobody here knows them. */
static void set_owner(const struct copying *c, const char *path)
{
	struct str user, group;
	int64_t uid = 0, gid = 0;

	if (!c->chown || geteuid() != 0)
		return;
	if (!str_cut(str_from(c->chown), ':', &user, &group))
		group = user;
	if (int_parse(user, &uid) && int_parse(group, &gid))
		tree_chown(path, (unsigned)uid, (unsigned)gid);
}

/* Through a folder of its own, so that the new owner is only what is copied. */
static int place(const struct copying *c, const char *from, const char *to, struct error *err)
{
	CLEANUP(free_p) char *staged = NULL;
	struct stat st;
	int r;

	if (!c->chown)
		return tree_copy(from, to, err);
	if (lstat(from, &st) < 0 || asprintf(&staged, "%s.chown", c->build->context) < 0)
		return error_set_errno(err, "%s", from);
	r = tree_copy(from, staged, err);
	set_owner(c, staged);
	if (r == 0)
		r = tree_copy(staged, to, err);
	tree_remove(staged);
	return r;
}

static int copy_one(const struct copying *c, const char *from, const char *to, struct error *err)
{
	CLEANUP(free_p) char *inside = NULL;
	const char *name = strrchr(from, '/') + 1, *slash = strrchr(to, '/');
	char parent[PATH_MAX];
	struct stat st;
	int r;

	if (stat(from, &st) < 0)
		return error_set_errno(err, "%s", from);
	snprintf(parent, sizeof parent, "%.*s", (int)(slash - to), to);
	r = path_make_dirs(c->into_folder || S_ISDIR(st.st_mode) ? to : parent, 0755, err);
	if (r < 0)
		return r;
	if (S_ISDIR(st.st_mode))
		return place(c, from, to, err);
	if (c->add && unpack_is_archive(from))
		return unpack(from, to, err);
	if (!c->into_folder)
		return place(c, from, to, err);
	inside = path_join(to, name);
	return inside ? place(c, from, inside, err) : error_set(err, ERR_SYSTEM, "out of memory");
}

static char *destination(struct copying *c, const char *work)
{
	const char *dest = c->patterns.v[c->patterns.n - 1];
	const char *workdir = js_get_str(image_config_run(c->build->config), "WorkingDir", "/");
	CLEANUP(buf_done) struct buf inner = BUF_INIT(PATH_MAX);
	struct stat st;
	char *path;

	if (*dest != '/')
		buf_addf(&inner, "%s/", workdir);
	buf_add_z(&inner, dest);
	path = tree_resolve(work, buf_z(&inner));
	c->into_folder = c->sources.n > 1 || c->patterns.n > 2 || !*dest || dest[strlen(dest) - 1] == '/' ||
			 strcmp(dest, ".") == 0 || (path && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) ||
			 (c->add && c->sources.n && unpack_is_archive(c->sources.v[0]));
	return path;
}

int build_copy(struct build *b, const struct instruction *in, struct error *err)
{
	CLEANUP(copying_done) struct copying c = { .build = b, .in = in, .add = strcmp(in->word, "ADD") == 0 };
	CLEANUP(buf_done) struct buf created_by = BUF_INIT(64 * 1024);
	CLEANUP(free_p) char *to = NULL;
	const char *work;
	struct str rest;
	int r = set_root(&c, &rest, err);

	if (r < 0)
		return r;
	set_patterns(&c, rest);
	if (c.patterns.n < 2)
		return error_set(err, ERR_USAGE, "%s requires at least two arguments", in->word);
	for (size_t i = 0; i + 1 < c.patterns.n && r == 0; i++)
		r = match(&c, c.patterns.v[i], err);
	if (r == 0)
		r = describe(&c, &created_by, err);
	if (r < 0 || build_use_cache(b, buf_z(&created_by)))
		return r;
	r = build_work(b, &work, err);
	to = r == 0 ? destination(&c, work) : NULL;
	if (r == 0 && !to)
		r = error_set(err, ERR_REMOTE, "error building at STEP \"%s\": too many links", in->original);
	for (size_t i = 0; i < c.sources.n && r == 0; i++)
		r = copy_one(&c, c.sources.v[i], to, err);
	if (r == 0 && !c.sources.n && c.into_folder)
		r = path_make_dirs(to, 0755, err);
	return r < 0 ? r : build_commit_step(b, buf_z(&created_by), false, err);
}
