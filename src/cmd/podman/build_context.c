/* cmd/podman/build_context.c: where the Containerfile is, as podman looks for it, and the one walk that writes the archive. */
#include "cmd/podman/build_context.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/fd.h"
#include "base/path.h"

#define MAX_EXTRAS 128
#define FILE_MODE 0644
#define IGNORE_NAME ".dockerignore"

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* ---- extras ---------------------------------------------------------------------------------------------------------- */

int build_context_add(struct build_context *c, const char *name, struct str text, unsigned mode, struct error *err)
{
	struct build_extra *more = c->n_extras < MAX_EXTRAS ? realloc(c->extras, (c->n_extras + 1) * sizeof *more) : NULL;

	if (c->n_extras >= MAX_EXTRAS)
		return error_set(err, ERR_USAGE, "more than %d Containerfiles and secrets", MAX_EXTRAS);
	if (!more)
		return error_set(err, ERR_SYSTEM, "out of memory");
	c->extras = more;
	more[c->n_extras] = (struct build_extra){ .name = z_dup(name), .text = str_dup(text), .n = text.n, .mode = mode };
	if (!more[c->n_extras].name || !more[c->n_extras].text || !strv_add(&c->hidden, name))
		return error_set(err, ERR_SYSTEM, "out of memory");
	c->n_extras++;
	return 0;
}

/* The name follows from the content, so that a second build finds its cache. */
static int add_containerfile(struct build_context *c, struct str text, struct error *err)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(256);
	char digest[DIGEST_MAX];
	int r;

	digest_of(text, digest);
	buf_addf(&name, ".podman-build-%.16s.containerfile", strchr(digest, ':') + 1);
	r = build_context_add(c, buf_z(&name), text, FILE_MODE, err);
	if (r == 0 && !strv_add(&c->dockerfiles, buf_z(&name)))
		r = error_set(err, ERR_SYSTEM, "out of memory");
	return r;
}

static int add_containerfile_at(struct build_context *c, const char *path, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(BUILD_MAX_TEXT);
	int r = path_read(path, &text, err);

	return r < 0 ? r : add_containerfile(c, buf_str(&text), err);
}

/* ---- Containerfiles -------------------------------------------------------------------------------------------------- */

/* The part of path below dir; NULL when it is not there. */
static const char *below(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	if (n > 1 && dir[n - 1] == '/')
		n--;
	return strncmp(dir, path, n) == 0 && path[n] == '/' && path[n + 1] ? path + n + 1 : NULL;
}

/* The folder's symlinks are resolved, the file's own name is kept. Owned by the caller; NULL when the folder is not there. */
static char *resolve_folder(const char *path)
{
	CLEANUP(free_p) char *copy = z_dup(path), *dir = NULL;
	char *slash = copy ? strrchr(copy, '/') : NULL;

	if (!copy)
		return NULL;
	if (slash)
		*slash = '\0';
	dir = realpath(!slash ? "." : slash == copy ? "/" : copy, NULL);
	return dir ? path_join(dir, slash ? slash + 1 : copy) : NULL;
}

/* A Containerfile of the folder by its name there. */
static int use_inner(struct build_context *c, const char *name, bool base_names, struct error *err)
{
	CLEANUP(free_p) char *path = NULL;

	if (!strchr(name, '/') || !base_names)
		return strv_add(&c->keep, name) && strv_add(&c->dockerfiles, name) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
	path = path_join(c->dir, name);
	return path ? add_containerfile_at(c, path, err) : error_set(err, ERR_SYSTEM, "out of memory");
}

/* A name is looked for here first and then in the folder, as podman does. */
static int use_file(struct build_context *c, const char *typed, bool base_names, struct error *err)
{
	CLEANUP(free_p) char *inner = path_join(c->dir, typed), *path = NULL;
	struct stat st;

	if (!inner)
		return error_set(err, ERR_SYSTEM, "out of memory");
	if (lstat(typed, &st) == 0)
		path = resolve_folder(typed);
	else if (typed[0] != '/' && lstat(inner, &st) == 0)
		path = resolve_folder(inner);
	if (!path || !is_file(path))
		return error_set(err, ERR_NOT_FOUND, "the specified Containerfile or Dockerfile does not exist, %s: %s", typed,
				 path && stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? "it is a directory" : "no such file or directory");
	if (below(c->dir, path))
		return use_inner(c, below(c->dir, path), base_names, err);
	return add_containerfile_at(c, path, err);
}

static int use_one(struct build_context *c, const char *typed, bool base_names, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(BUILD_MAX_TEXT);
	int r;

	if (strcmp(typed, "-") != 0 && strcmp(typed, "/dev/stdin") != 0 && !build_is_url(typed))
		return use_file(c, typed, base_names, err);
	r = build_fetch_text(typed, &text, err);
	return r < 0 ? r : add_containerfile(c, buf_str(&text), err);
}

/* Without -f: Containerfile before Dockerfile. */
static int use_default(struct build_context *c, struct error *err)
{
	static const char *const names[] = { "Containerfile", "Dockerfile" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(free_p) char *path = path_join(c->dir, names[i]);

		if (path && is_file(path))
			return use_inner(c, names[i], false, err);
	}
	error_set(err, ERR_NOT_FOUND, "no Containerfile or Dockerfile specified or found in context directory, %s", c->dir);
	return error_hint(err, "name it: podman build -f FILE %s", c->dir);
}

/* ---- the folder ------------------------------------------------------------------------------------------------------ */

static int use_folder(struct build_context *c, const char *path, struct error *err)
{
	struct stat st;

	c->dir = realpath(path, NULL);
	if (!c->dir)
		return error_set_errno(err, "build context %s", path);
	if (stat(c->dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return error_set(err, ERR_USAGE, "context must be a directory: \"%s\"", path);
	return 0;
}

/* Without a folder: that of the first Containerfile on this machine. */
static int folder_of_file(struct build_context *c, const struct strv *files, struct error *err)
{
	for (size_t i = 0; i < files->n; i++) {
		CLEANUP(free_p) char *path = NULL;
		char *slash;

		if (build_is_url(files->v[i]) || strcmp(files->v[i], "-") == 0)
			continue;
		path = resolve_folder(files->v[i]);
		slash = path ? strrchr(path, '/') : NULL;
		if (!slash)
			return error_set(err, ERR_NOT_FOUND, "the specified Containerfile or Dockerfile does not exist, %s: no such file or directory",
					 files->v[i]);
		slash[slash == path] = '\0';
		return use_folder(c, path, err);
	}
	return files->n ? use_folder(c, ".", err)
			: error_set(err, ERR_USAGE, "no context directory and no Containerfile specified");
}

static int find_folder(struct build_context *c, const struct build_context_req *q, struct error *err)
{
	int r;

	if (!q->typed)
		return folder_of_file(c, q->files, err);
	r = build_context_fetch(q->typed, c, err);
	return r ? r : use_folder(c, q->typed, err);
}

/* The host looks for .containerignore (Podman 1.x: not) and .dockerignore in the archive, and nowhere else. */
static bool host_finds(const struct build_context *c, bool only_docker)
{
	const char *name = c->ignore_path ? below(c->dir, c->ignore_path) : NULL;

	return name && (strcmp(name, IGNORE_NAME) == 0 || (!only_docker && strcmp(name, ".containerignore") == 0));
}

static int read_ignore(struct build_context *c, const char *ignorefile, bool only_docker, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(IGNORE_MAX_BYTES);
	CLEANUP(free_p) char *first = NULL;
	int r;

	if (!ignorefile) {
		if (c->dockerfiles.n)
			first = path_join(c->dir, c->dockerfiles.v[0]);
		r = ignore_read(c->dir, first, &c->ignore, &c->ignore_path, err);
		c->ignore_elsewhere = r >= 0 && c->ignore && !host_finds(c, only_docker);
		return r;
	}
	c->ignore_elsewhere = true;
	c->ignore_path = z_dup(ignorefile);
	r = path_read(ignorefile, &text, err);
	return r < 0 ? error_context(err, "--ignorefile") : ignore_parse(buf_str(&text), ignorefile, &c->ignore, err);
}

int build_context_excludes(const struct build_context *c, struct strv *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(IGNORE_MAX_BYTES);
	struct str line, rest;
	bool more = true;
	int r;

	if (!c->ignore_elsewhere && c->hidden.n == 0)
		return 0;
	if (c->ignore_path && (r = path_read(c->ignore_path, &text, err)) < 0)
		return r;
	for (rest = buf_str(&text); more;) {
		more = str_cut(rest, '\n', &line, &rest);
		line = str_trim(line);
		if (line.n && line.p[0] != '#' && !strv_add_str(ret, line))
			return error_set(err, ERR_SYSTEM, "out of memory");
	}
	return strv_add_all(ret, &c->hidden) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* Hosts that are told nothing read .dockerignore: the one that goes up has the rules that count. */
static int replace_dockerignore(struct build_context *c, struct error *err)
{
	CLEANUP(strv_done) struct strv lines = { 0 };
	CLEANUP(buf_done) struct buf text = BUF_INIT(IGNORE_MAX_BYTES);
	int r = build_context_excludes(c, &lines, err);

	if (r < 0 || lines.n == 0)
		return r;
	for (size_t i = 0; i < lines.n; i++)
		buf_addf(&text, "%s\n", lines.v[i]);
	r = buf_check(&text, "ignore file", err);
	if (r >= 0 && !c->ignore)
		r = ignore_parse(STR(""), IGNORE_NAME, &c->ignore, err);
	if (r >= 0)
		r = ignore_add(c->ignore, IGNORE_NAME, err);
	return r < 0 ? r : build_context_add(c, IGNORE_NAME, buf_str(&text), FILE_MODE, err);
}

int build_context_open(const struct build_context_req *q, struct build_context *ret, struct error *err)
{
	static const char *const always[] = { "Dockerfile", "Containerfile", ".containerignore", IGNORE_NAME };
	int r;

	*ret = (struct build_context){ .scratch = SCRATCH_INIT, .length = -1 };
	r = find_folder(ret, q, err);
	if (r < 0)
		return r;
	/* What was fetched may have brought its Containerfile along. */
	if (q->files->n == 0 && ret->dockerfiles.n == 0)
		r = use_default(ret, err);
	for (size_t i = 0; r >= 0 && i < q->files->n; i++)
		r = use_one(ret, q->files->v[i], q->base_names, err);
	if (r < 0)
		return r;
	r = read_ignore(ret, q->ignorefile, q->dockerignore, err);
	if (r >= 0 && q->dockerignore)
		r = replace_dockerignore(ret, err);
	for (size_t i = 0; r >= 0 && i < ARRAY_LEN(always); i++)
		if (!strv_has(&ret->hidden, always[i]) && !strv_has(&ret->keep, always[i]) && !strv_add(&ret->keep, always[i]))
			r = error_set(err, ERR_SYSTEM, "out of memory");
	return r;
}

void build_context_done(struct build_context *c)
{
	for (size_t i = 0; i < c->n_extras; i++) {
		OPENSSL_cleanse(c->extras[i].text, c->extras[i].n);
		free(c->extras[i].text);
		free(c->extras[i].name);
	}
	free(c->extras);
	ignore_free(c->ignore);
	free(c->ignore_path);
	strv_done(&c->keep);
	strv_done(&c->hidden);
	strv_done(&c->dockerfiles);
	free(c->dir);
	scratch_done(&c->scratch);
}

/* ---- FROM ------------------------------------------------------------------------------------------------------------- */

/* "FROM [--platform=...] registry.example.com/name": the first component when it can only be a host. */
static bool from_registry(struct str line, struct str *ret)
{
	struct str word, rest;

	line = str_trim(line);
	if (line.n < 5 || strncasecmp(line.p, "FROM", 4) != 0 || (line.p[4] != ' ' && line.p[4] != '\t'))
		return false;
	rest = str_trim((struct str){ line.p + 4, line.n - 4 });
	do {
		str_cut(rest, ' ', &word, &rest);
		rest = str_trim(rest);
	} while (str_starts(word, STR("--")) && rest.n);
	return str_cut(word, '/', ret, NULL) && (memchr(ret->p, '.', ret->n) || memchr(ret->p, ':', ret->n) || str_eq_z(*ret, "localhost"));
}

static int registries_in(struct str text, struct strv *ret, struct error *err)
{
	struct str line, rest = text, host;
	bool more = true;

	while (more) {
		CLEANUP(free_p) char *name = NULL;

		more = str_cut(rest, '\n', &line, &rest);
		if (!from_registry(line, &host))
			continue;
		name = str_dup(host);
		if (!name || (!strv_has(ret, name) && !strv_add(ret, name)))
			return error_set(err, ERR_SYSTEM, "out of memory");
	}
	return 0;
}

/* Each Containerfile's text, one after the other. */
static int each_containerfile(const struct build_context *c, int (*each)(void *ctx, struct str text, struct error *err), void *ctx, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < c->n_extras; i++)
		if (strv_has(&c->dockerfiles, c->extras[i].name))
			r = each(ctx, (struct str){ c->extras[i].text, c->extras[i].n }, err);
	for (size_t i = 0; r >= 0 && i < c->dockerfiles.n; i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT(BUILD_MAX_TEXT);
		CLEANUP(free_p) char *path = strv_has(&c->hidden, c->dockerfiles.v[i]) ? NULL : path_join(c->dir, c->dockerfiles.v[i]);

		if (path && (r = path_read(path, &text, err)) >= 0)
			r = each(ctx, buf_str(&text), err);
	}
	return r;
}

static int each_registry(void *ctx, struct str text, struct error *err)
{
	return registries_in(text, ctx, err);
}

int build_context_registries(const struct build_context *c, struct strv *ret, struct error *err)
{
	return each_containerfile(c, each_registry, ret, err);
}

/* ---- what is needed -------------------------------------------------------------------------------------------------- */

static int each_need(void *ctx, struct str text, struct error *err)
{
	return build_need_read(text, ctx, err);
}

int build_context_need(const struct build_context *c, struct build_need *ret, struct error *err)
{
	/* A preprocessor on the host has the last word about these. */
	for (size_t i = 0; i < c->dockerfiles.n; i++)
		if (str_ends(str_from(c->dockerfiles.v[i]), STR(".in")))
			ret->all = true;
	return ret->all ? 0 : each_containerfile(c, each_need, ret, err);
}

static bool has_symlink(const char *dir, const char *path)
{
	CLEANUP(free_p) char *whole = path_join(dir, path);
	size_t n = strlen(dir);
	struct stat st;

	if (!whole)
		return true;
	for (char *slash = strchr(whole + n + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (lstat(whole, &st) == 0 && S_ISLNK(st.st_mode))
			return true;
		*slash = '/';
	}
	return lstat(whole, &st) == 0 && S_ISLNK(st.st_mode);
}

int build_context_narrow(struct build_context *c, const struct strv *paths, struct error *err)
{
	CLEANUP(buf_done) struct buf rules = BUF_INIT(2 * IGNORE_MAX_BYTES), user = BUF_INIT(IGNORE_MAX_BYTES);
	struct ignore *narrow = NULL;
	int r;

	for (size_t i = 0; i < paths->n; i++)
		if (has_symlink(c->dir, paths->v[i]))
			return 0;
	if (c->ignore_path && (r = path_read(c->ignore_path, &user, err)) < 0)
		return r;
	buf_add_z(&rules, "**\n");
	for (size_t i = 0; i < paths->n; i++)
		buf_addf(&rules, "!%s\n", paths->v[i]);
	/* The last line that matches wins, so the user's come behind. */
	buf_add(&rules, buf_str(&user));
	r = buf_check(&rules, "ignore file", err);
	if (r >= 0)
		r = ignore_parse(buf_str(&rules), c->ignore_path ? c->ignore_path : "ignore file", &narrow, err);
	if (r >= 0 && strv_has(&c->hidden, IGNORE_NAME))
		r = ignore_add(narrow, IGNORE_NAME, err);
	if (r < 0) {
		ignore_free(narrow);
		return r;
	}
	ignore_free(c->ignore);
	c->ignore = narrow;
	return 0;
}

/* ---- the archive ----------------------------------------------------------------------------------------------------- */

static int write_extra(struct tar_writer *w, const struct build_extra *x, struct error *err)
{
	struct tar_entry e = { .name = x->name, .type = TAR_FILE, .mode = x->mode, .size = (int64_t)x->n };
	int r = tar_write_entry(w, &e, err);

	return r < 0 || x->n == 0 ? r : tar_write_data(w, x->text, x->n, err);
}

static int write_archive(struct build_context *c, const struct byte_sink *to, bool sizes_only, struct error *err)
{
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	struct pack_req q = { .dir = c->dir, .ignore = c->ignore, .keep = &c->keep, .name_as = "", .sizes_only = sizes_only,
			      .progress = sizes_only ? NULL : c->progress, .ctx = c->ctx };
	int r = tar_writer_open(to, &w, err);

	if (r >= 0)
		r = pack_tree(w, &q, &c->stats, err);
	for (size_t i = 0; r >= 0 && i < c->n_extras; i++)
		r = write_extra(w, &c->extras[i], err);
	return r < 0 ? r : tar_writer_end(w, err);
}

struct counted {
	const struct byte_sink *to; /* NULL: only counted */
	int64_t n;
};

static int count(void *ctx, const void *p, size_t n, struct error *err)
{
	struct counted *c = ctx;

	c->n += (int64_t)n;
	return c->to ? sink_write(c->to, p, n, err) : 0;
}

int build_context_length(struct build_context *c, int64_t *ret, struct error *err)
{
	struct counted counted = { 0 };
	struct byte_sink sink = { count, &counted };
	int r = write_archive(c, &sink, true, err);

	*ret = counted.n;
	return r;
}

/* Zeros behind the end of a tar archive mean nothing. */
static int fill_up(const struct byte_sink *to, int64_t n, struct error *err)
{
	static const char zeros[BYTES_PIECE];
	int r = 0;

	for (; r >= 0 && n > 0; n -= BYTES_PIECE)
		r = sink_write(to, zeros, n < BYTES_PIECE ? (size_t)n : sizeof zeros, err);
	return r;
}

static int produce(void *ctx, const struct byte_sink *to, struct error *err)
{
	struct build_context *c = ctx;
	struct counted counted = { .to = to };
	struct byte_sink sink = { count, &counted };
	int r = write_archive(c, &sink, false, err);

	if (r < 0)
		return error_context(err, "build context %s", c->dir);
	return c->length < 0 ? 0 : fill_up(to, c->length - counted.n, err);
}

struct byte_producer build_context_producer(struct build_context *c, int64_t length)
{
	c->length = length;
	return (struct byte_producer){ .produce = produce, .ctx = c, .length = length, .again = true };
}
