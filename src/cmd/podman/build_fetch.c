/* cmd/podman/build_fetch.c: contexts from standard input, URLs and git repositories become a private folder that is gone after the build. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "archive/filter.h"
#include "base/cleanup.h"
#include "base/path.h"
#include "base/proc.h"
#include "cmd/podman/build_context.h"
#include "registry/download.h"

#define GIT_MAX_WORDS (64 * 1024)

static bool starts(const char *z, const char *with)
{
	return strncasecmp(z, with, strlen(with)) == 0;
}

bool build_is_url(const char *where)
{
	return starts(where, "http://") || starts(where, "https://");
}

/* ---- bytes of either kind -------------------------------------------------------------------------------------------- */

static int fetch_bytes(const char *where, const struct byte_sink *to, struct error *err)
{
	const int in = STDIN_FILENO;
	struct byte_source source;

	if (build_is_url(where))
		return download_url(where, to, err);
	source = bytes_from_fd(&in, -1);
	return bytes_copy(&source, to, NULL, err) < 0 ? error_context(err, "standard input") : 0;
}

int build_fetch_text(const char *where, struct buf *ret, struct error *err)
{
	struct byte_sink sink = bytes_to_buf(ret);
	int r = fetch_bytes(where, &sink, err);

	if (r < 0)
		return r;
	return ret->n ? 0 : error_set(err, ERR_USAGE, "the Containerfile from %s is empty", build_is_url(where) ? where : "standard input");
}

/* ---- an archive or a Containerfile ----------------------------------------------------------------------------------- */

/* The folder of the archive that comes in through one end of a pipe would need a thread; the file is on disk anyway when it is unpacked, so it is there
 * once in between. */
static int unpack_file(const char *path, const char *dir, struct error *err)
{
	CLEANUP(tar_reader_close_p) struct tar_reader *tar = NULL;
	struct unpack_req q = { .dir = dir };
	FILE *f = fopen(path, "re");
	int fd = f ? fileno(f) : -1, r;
	struct byte_source source = bytes_from_fd(&fd, -1);

	if (!f)
		return error_set_errno(err, "%s", path);
	r = tar_reader_open(&source, &tar, err);
	if (r >= 0)
		r = unpack_tree(tar, &q, NULL, err);
	fclose(f);
	return r < 0 ? error_context(err, "build context") : 0;
}

static int store(const char *where, const char *path, char head[ARCHIVE_HEAD], size_t *ret_n, struct error *err)
{
	FILE *f = fopen(path, "w+e");
	int fd = f ? fileno(f) : -1, r;
	struct byte_sink sink = bytes_to_fd(&fd);

	if (!f)
		return error_set_errno(err, "%s", path);
	r = fetch_bytes(where, &sink, err);
	if (r >= 0)
		rewind(f);
	*ret_n = r < 0 ? 0 : fread(head, 1, ARCHIVE_HEAD, f);
	fclose(f);
	return r;
}

static int use_text(struct build_context *c, const char *path, struct error *err)
{
	CLEANUP(free_p) char *name = path_join(c->scratch.path, "context/Dockerfile");

	if (!name)
		return error_set(err, ERR_SYSTEM, "out of memory");
	return rename(path, name) < 0 ? error_set_errno(err, "%s", name) : 0;
}

static int fetch_archive(const char *where, struct build_context *c, struct error *err)
{
	CLEANUP(free_p) char *path = path_join(c->scratch.path, "stream");
	char head[ARCHIVE_HEAD];
	size_t n = 0;
	int r = path ? store(where, path, head, &n, err) : error_set(err, ERR_SYSTEM, "out of memory");

	if (r < 0)
		return r;
	if (n == 0)
		return error_set(err, ERR_USAGE, "the build context from %s is empty", strcmp(where, "-") ? where : "standard input");
	if (!archive_detect(head, n))
		return use_text(c, path, err);
	r = unpack_file(path, c->dir, err);
	unlink(path);
	return r;
}

/* ---- git ------------------------------------------------------------------------------------------------------------- */

/* The words of moby's and podman's git contexts: git://..., git@..., any URL that ends in .git, github.com/NAME. */
static bool is_git(const char *typed)
{
	size_t n = strcspn(typed, "#");

	if (starts(typed, "git://") || starts(typed, "git@") || starts(typed, "github.com/") || starts(typed, "ssh://"))
		return true;
	return build_is_url(typed) && n > 4 && strncmp(typed + n - 4, ".git", 4) == 0;
}

static int run_git(const char *const argv[], struct error *err)
{
	CLEANUP(buf_done) struct buf errs = BUF_INIT(GIT_MAX_WORDS);
	int status, r = proc_capture((char *const *)argv, 0, NULL, &errs, &status, err);

	if (r < 0 && err && err->sys_errno)
		return error_set(err, ERR_USAGE, "a git context needs the program git on this machine");
	if (r < 0)
		return r;
	return status ? error_set(err, ERR_REMOTE, "git %s: %.*s", argv[1], STR_ARG(str_trim(buf_str(&errs)))) : 0;
}

/* URL#REF:FOLDER */
static int fetch_git(const char *typed, struct build_context *c, struct error *err)
{
	CLEANUP(free_p) char *url = NULL, *ref = NULL, *folder = NULL, *dir = NULL;
	struct str address, fragment, ref_part, folder_part;
	int r;

	str_cut(str_from(typed), '#', &address, &fragment);
	str_cut(fragment, ':', &ref_part, &folder_part);
	url = str_dup(address);
	if (url && starts(url, "github.com/")) {
		CLEANUP(buf_done) struct buf https = BUF_INIT(4096);

		buf_addf(&https, "https://%s", url);
		free(url);
		url = buf_take(&https);
	}
	ref = str_dup(ref_part);
	folder = str_dup(folder_part);
	if (!url || !ref || !folder)
		return error_set(err, ERR_SYSTEM, "out of memory");
	/* What looks like an option stays a name. A ref may be a branch, a tag or a commit: fetch takes all of them. */
	r = run_git((const char *const[]){ "git", "-c", "init.defaultBranch=main", "init", "--quiet", "--", c->dir, NULL }, err);
	if (r >= 0)
		r = run_git((const char *const[]){ "git", "-C", c->dir, "fetch", "--quiet", "--depth=1", "--", url, *ref ? ref : "HEAD", NULL }, err);
	if (r >= 0)
		r = run_git((const char *const[]){ "git", "-C", c->dir, "checkout", "--quiet", "--recurse-submodules", "FETCH_HEAD", NULL }, err);
	if (r < 0 || !*folder)
		return r;
	dir = path_join(c->dir, folder[0] == '/' ? folder + 1 : folder);
	free(c->dir);
	c->dir = dir ? realpath(dir, NULL) : NULL;
	if (!c->dir || strncmp(c->dir, c->scratch.path, strlen(c->scratch.path)) != 0)
		return error_set(err, ERR_USAGE, "%s: the repository has no folder %s", typed, folder);
	return 0;
}

int build_context_fetch(const char *typed, struct build_context *c, struct error *err)
{
	CLEANUP(free_p) char *root = NULL, *dir = NULL;
	bool git = is_git(typed);
	int r;

	if (strcmp(typed, "-") != 0 && !git && !build_is_url(typed))
		return 0;
	r = scratch_open("podman-build", &c->scratch, err);
	if (r < 0)
		return r;
	/* Without symlinks on the way, so that what is below it can be told by its name. */
	root = realpath(c->scratch.path, NULL);
	dir = root ? path_join(root, "context") : NULL;
	if (!dir || (r = path_make_dirs(dir, 0700, err)) < 0)
		return r < 0 ? r : error_set(err, ERR_SYSTEM, "out of memory");
	free(c->scratch.path);
	c->scratch.path = ptr_take(&root);
	c->dir = ptr_take(&dir);
	r = git ? fetch_git(typed, c, err) : fetch_archive(typed, c, err);
	return r < 0 ? r : 1;
}
