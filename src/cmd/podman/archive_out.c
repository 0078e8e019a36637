#include "cmd/podman/archive_out.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/tar.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/scratch.h"
#include "cmd/podman/folder_merge.h"
#include "cmd/podman/tar_end.h"
#include "cmd/session.h"

int archive_out_name(const char *path, struct error *err)
{
	if (path && strchr(path, ':'))
		return error_set(err, ERR_USAGE, "invalid filename (should not contain ':') \"%s\"", path);
	return 0;
}

/* ---- a stream that is looked at while it passes ---- */

struct watched {
	struct byte_source from;
	struct tar_end end;
};

static ssize_t read_watched(void *ctx, void *p, size_t n, struct error *err)
{
	struct watched *w = ctx;
	ssize_t got = source_read(&w->from, p, n, err);

	if (got > 0)
		tar_end_add(&w->end, p, (size_t)got);
	return got;
}

static struct byte_source watch(struct watched *w)
{
	return (struct byte_source){ .read = read_watched, .ctx = w, .length = w->from.length };
}

static int copy_whole(struct download *d, const int *fd, struct error *err)
{
	struct watched w = { .from = download_source(d) };
	struct byte_source source = watch(&w);
	struct byte_sink sink = bytes_to_fd(fd);
	int r = bytes_copy(&source, &sink, NULL, err);

	return r < 0 ? r : tar_end_check(&w.end, err);
}

/* ---- into a file ---- */

/* A folder beside target, so that a rename suffices. Hidden, because people look into their folders while a long save runs. */
static int open_beside(const char *target, struct scratch *ret, struct error *err)
{
	CLEANUP(free_p) char *copy = z_dup(target);
	const char *dir;

	if (!copy)
		return error_set(err, ERR_SYSTEM, "out of memory");
	dir = dirname(copy);
	if (access(dir, W_OK | X_OK) < 0)
		return error_set_errno(err, "write into the folder %s", dir);
	return scratch_open_in(dir, ".podman", ret, err);
}

/* old: what was there; its permissions stay. */
static int write_beside(struct download *d, const char *temporary, const struct stat *old, struct error *err)
{
	CLEANUP(fd_close_p) int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int r;

	if (fd < 0)
		return error_set_errno(err, "open");
	if (old && fchmod(fd, old->st_mode & 07777) < 0)
		return error_set_errno(err, "set the permissions");
	if (old && geteuid() == 0 && fchown(fd, old->st_uid, old->st_gid) < 0)
		return error_set_errno(err, "set the owner");
	r = copy_whole(d, &fd, err);
	/* Some file systems find out here that the disk is full. */
	if (r == 0 && close(fd_take(&fd)) < 0)
		r = error_set_errno(err, "close");
	return r;
}

/* A symlink stays, and what it points to is replaced. */
static int replace_file(struct download *d, const char *path, const struct stat *old, struct error *err)
{
	CLEANUP(free_p) char *linked = old ? realpath(path, NULL) : NULL;
	CLEANUP(scratch_done) struct scratch beside = SCRATCH_INIT;
	CLEANUP(free_p) char *temporary = NULL;
	const char *target = linked ? linked : path;
	int r = open_beside(target, &beside, err);

	if (r < 0)
		return r;
	temporary = path_join(beside.path, "archive");
	if (!temporary)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = write_beside(d, temporary, old, err);
	if (r == 0 && rename(temporary, target) < 0)
		r = error_set_errno(err, "rename");
	return r;
}

static int write_device(struct download *d, const char *path, struct error *err)
{
	CLEANUP(fd_close_p) int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? error_set_errno(err, "open") : copy_whole(d, &fd, err);
}

int archive_to_file(struct session *s, struct download *d, const char *path, struct error *err)
{
	struct stat st;
	bool there;
	int r;

	if (!path || !*path) {
		int out = fileno(session_out(s));

		return copy_whole(d, &out, err);
	}
	there = stat(path, &st) == 0;
	if (there && S_ISDIR(st.st_mode))
		return error_set(err, ERR_USAGE, "%s is a directory", path);
	r = there && !S_ISREG(st.st_mode) ? write_device(d, path, err) : replace_file(d, path, there ? &st : NULL, err);
	return r < 0 ? error_context(err, "%s", path) : 0;
}

/* ---- into a folder ---- */

int archive_folder_check(const char *path, struct error *err)
{
	struct stat st;

	if (!path || !*path) {
		error_set(err, ERR_USAGE, "a directory can't be written to standard output");
		return error_hint(err, "add -o DIRECTORY");
	}
	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return error_set(err, ERR_USAGE, "\"%s\" already exists as a regular file", path);
	return 0;
}

/* What the reader left: padding, and the host's last word about the transfer. */
static int drain(const struct byte_source *source, struct error *err)
{
	char piece[BYTES_PIECE];
	ssize_t n;

	while ((n = source_read(source, piece, sizeof piece, err)) > 0)
		;
	return (int)n;
}

static int unpack_whole(struct download *d, const char *dir, struct error *err)
{
	struct watched w = { .from = download_source(d) };
	struct byte_source source = watch(&w);
	CLEANUP(tar_reader_close_p) struct tar_reader *reader = NULL;
	int r = tar_reader_open(&source, &reader, err);

	if (r < 0 || (r = unpack_tree(reader, &(struct unpack_req){ .dir = dir }, NULL, err)) < 0 || (r = drain(&source, err)) < 0)
		return r;
	return tar_end_check(&w.end, err);
}

int archive_to_folder(struct download *d, const char *path, struct error *err)
{
	CLEANUP(scratch_done) struct scratch beside = SCRATCH_INIT;
	CLEANUP(free_p) char *content = NULL;
	int r = archive_folder_check(path, err);

	if (r < 0 || (r = open_beside(path, &beside, err)) < 0)
		return r;
	content = path_join(beside.path, "content");
	if (!content)
		return error_set(err, ERR_SYSTEM, "out of memory");
	if (mkdir(content, 0777) < 0)
		return error_set_errno(err, "make %s", content);
	r = unpack_whole(d, content, err);
	if (r == 0)
		r = folder_merge(content, path, err);
	return r < 0 ? error_context(err, "%s", path) : 0;
}
