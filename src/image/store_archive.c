#include "image/store_archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/filter.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "image/store_files.h"
#include "image/store_own.h"
#include "image/tar_index.h"

struct store_archive {
	char *name;
	int fd;
	int64_t size;
	struct tar_index *index;
};

/* ---- opening ----------------------------------------------------------------------------------------------------------- */

/* A file without a name: it is gone with the program. */
static int open_nameless(const char *folder, int *ret, struct error *err)
{
	CLEANUP(free_p) char *path = path_join(folder, "image-XXXXXX");
	int fd = path ? mkstemp(path) : -1;

	if (fd < 0)
		return error_set_errno(err, "make a temporary file in %s", folder);
	unlink(path);
	fd_set_cloexec(fd);
	*ret = fd;
	return 0;
}

static int spool(struct store_archive *a, const struct byte_source *stream, struct error *err)
{
	CLEANUP(decompressor_close_p) struct decompressor *d = NULL;
	CLEANUP(fd_close_p) int fd = -1;
	struct byte_source plain;
	struct byte_sink file = bytes_to_fd(&fd);
	int r = open_nameless(path_tmp(), &fd, err);

	if (r == 0)
		r = decompressor_open(stream, &d, err);
	if (r < 0)
		return r;
	plain = decompressor_source(d);
	r = bytes_copy(&plain, &file, &a->size, err);
	if (r < 0)
		return r;
	fd_close_p(&a->fd);
	a->fd = fd_take(&fd);
	return 0;
}

static ssize_t read_at(const struct store_archive *a, void *p, size_t n, int64_t offset, struct error *err)
{
	size_t sum = 0;

	while (sum < n) {
		ssize_t got = pread(a->fd, (char *)p + sum, n - sum, (off_t)(offset + (int64_t)sum));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(err, "read %s", a->name);
		if (got == 0)
			break;
		sum += (size_t)got;
	}
	return (ssize_t)sum;
}

static ssize_t index_read(void *ctx, void *p, size_t n, int64_t offset, struct error *err)
{
	return read_at(ctx, p, n, offset, err);
}

static int build_index(struct store_archive *a, struct error *err)
{
	struct tar_input in = { index_read, a, a->size, a->name };

	return tar_index_open(&in, &a->index, err);
}

/* Whether it can be read where it lies. */
static int look(struct store_archive *a, bool *ret_plain, struct error *err)
{
	struct stat st;
	char start[8];
	ssize_t n;

	if (fstat(a->fd, &st) < 0)
		return error_set_errno(err, "open %s", a->name);
	if (S_ISDIR(st.st_mode))
		return error_set(err, ERR_USAGE, "%s is a folder, no archive", a->name);
	*ret_plain = false;
	if (!S_ISREG(st.st_mode))
		return 0;
	a->size = st.st_size;
	n = read_at(a, start, sizeof start, 0, err);
	*ret_plain = n >= 0 && compression_detect(start, (size_t)n) == COMPRESSION_NONE;
	return n < 0 ? (int)n : 0;
}

static int open_path(struct store_archive *a, const char *path, struct error *err)
{
	struct byte_source file = bytes_from_fd(&a->fd, -1);
	bool plain = false;
	int r;

	a->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (a->fd < 0 && errno == ENOENT)
		return error_set(err, ERR_NOT_FOUND, "open %s: no such file or directory", path);
	if (a->fd < 0)
		return error_set_errno(err, "open %s", path);
	r = look(a, &plain, err);
	if (r == 0 && !plain && (r = spool(a, &file, err)) < 0)
		return error_context(err, "read %s", path);
	return r;
}

static struct store_archive *new_archive(const char *name, struct error *err)
{
	struct store_archive *a = calloc(1, sizeof *a);

	if (a) {
		a->fd = -1;
		a->name = z_dup(name);
	}
	if (!a || !a->name) {
		store_archive_close_p(&a);
		store_no_memory(err);
	}
	return a;
}

int store_archive_open(const char *path, struct store_archive **ret, struct error *err)
{
	CLEANUP(store_archive_close_p) struct store_archive *a = new_archive(path, err);
	int r = a ? open_path(a, path, err) : -ERR_SYSTEM;

	if (r == 0)
		r = build_index(a, err);
	if (r == 0)
		*ret = ptr_take(&a);
	return r;
}

int store_archive_of(const char *name, const struct byte_source *stream, struct store_archive **ret, struct error *err)
{
	CLEANUP(store_archive_close_p) struct store_archive *a = new_archive(name, err);
	int r = a ? spool(a, stream, err) : -ERR_SYSTEM;

	if (r == 0)
		r = build_index(a, err);
	if (r == 0)
		*ret = ptr_take(&a);
	return r;
}

void store_archive_close_p(struct store_archive **a)
{
	if (*a) {
		fd_close_p(&(*a)->fd);
		tar_index_close_p(&(*a)->index);
		free((*a)->name);
	}
	free(ptr_take(a));
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

int store_archive_member(const struct store_archive *a, const char *member, struct archive_member *ret, struct error *err)
{
	*ret = (struct archive_member){ .archive = a };
	return tar_index_find(a->index, member, &ret->at, &ret->left, err);
}

static ssize_t member_read(void *ctx, void *p, size_t n, struct error *err)
{
	struct archive_member *m = ctx;
	ssize_t got;

	if ((int64_t)n > m->left)
		n = (size_t)m->left;
	got = read_at(m->archive, p, n, m->at, err);
	if (got < 0)
		return got;
	if (got == 0 && n)
		return error_set(err, ERR_PROTOCOL, "%s became shorter while it was read", m->archive->name);
	m->at += got;
	m->left -= got;
	return got;
}

struct byte_source archive_member_source(struct archive_member *m)
{
	return (struct byte_source){ member_read, m, m->left };
}

int store_archive_read(const struct store_archive *a, const char *member, size_t limit, struct buf *ret, struct error *err)
{
	struct archive_member m;
	struct byte_source source;
	struct byte_sink sink = bytes_to_buf(ret);
	int r = store_archive_member(a, member, &m, err);

	*ret = BUF_INIT(limit);
	if (r < 0)
		return r;
	if (m.left > (int64_t)limit)
		return error_set(err, ERR_PROTOCOL, "%s in %s is larger than %zu bytes", member, a->name, limit);
	source = archive_member_source(&m);
	return bytes_copy(&source, &sink, NULL, err);
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int open_beside(struct archive_target *t, struct error *err)
{
	const char *slash = strrchr(t->path, '/');
	CLEANUP(free_p) char *folder = slash ? str_dup((struct str){ t->path, slash == t->path ? 1 : (size_t)(slash - t->path) }) : z_dup(".");
	CLEANUP(free_p) char *file = NULL;
	int r;

	if (!folder)
		return store_no_memory(err);
	r = scratch_open_in(folder, ".archive", &t->folder, err);
	if (r < 0)
		return r;
	file = path_join(t->folder.path, "archive");
	t->fd = file ? open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644) : -1;
	return t->fd < 0 ? error_set_errno(err, "write %s", t->path) : 0;
}

int archive_target_open(const char *path, struct archive_target *t, struct error *err)
{
	int r = 0;

	/* A link stays one: what it leads to is replaced. */
	if (path && !(t->path = realpath(path, NULL)) && !(t->path = z_dup(path)))
		return store_no_memory(err);
	r = !path || is_special(path) ? open_nameless(path_tmp(), &t->fd, err) : open_beside(t, err);
	t->tar.fd = t->fd;
	return r;
}

static int put_at_tail(struct archive_target *t, const struct store_blob *b, const struct byte_producer *content, archive_end_fn *end, void *ctx,
		       char ret_digest[DIGEST_MAX], int64_t *ret_size, struct error *err)
{
	struct byte_sink out = tar_out_begin(&t->tar);
	int64_t size = 0;
	int r = store_run_checked(content, b, &out, ret_digest, &size, err);

	if (r < 0) {
		tar_out_drop(&t->tar, NULL);
		return r;
	}
	*ret_size = size;
	return end(ctx, ret_digest, size, err);
}

static int copy_to_tail(struct archive_target *t, const int *fd, int64_t size, struct error *err)
{
	struct byte_source from = bytes_from_fd(fd, size);
	struct byte_sink out = tar_out_begin(&t->tar);
	int r = bytes_copy(&from, &out, NULL, err);

	if (r < 0)
		tar_out_drop(&t->tar, NULL);
	return r;
}

static int put_by_file(struct archive_target *t, const struct store_blob *b, const struct byte_producer *content, archive_end_fn *end, void *ctx,
		       char ret_digest[DIGEST_MAX], int64_t *ret_size, struct error *err)
{
	CLEANUP(fd_close_p) int fd = -1;
	struct byte_sink file = bytes_to_fd(&fd);
	int64_t size = 0;
	int r = open_nameless(t->folder.path ? t->folder.path : path_tmp(), &fd, err);

	if (r == 0)
		r = store_run_checked(content, b, &file, ret_digest, &size, err);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = error_set_errno(err, "write the archive");
	if (r < 0)
		return r;
	pthread_mutex_lock(&t->tail);
	r = copy_to_tail(t, &fd, size, err);
	if (r == 0)
		r = end(ctx, ret_digest, size, err);
	pthread_mutex_unlock(&t->tail);
	*ret_size = size;
	return r;
}

int archive_target_put(struct archive_target *t, const struct store_blob *b, const struct byte_producer *content, archive_end_fn *end, void *ctx,
		       char ret_digest[DIGEST_MAX], int64_t *ret_size, struct error *err)
{
	int r;

	if (pthread_mutex_trylock(&t->tail) != 0)
		return put_by_file(t, b, content, end, ctx, ret_digest, ret_size, err);
	r = put_at_tail(t, b, content, end, ctx, ret_digest, ret_size, err);
	pthread_mutex_unlock(&t->tail);
	return r;
}

/* A pipe or a device gets it now that it is whole. */
static int pour(const struct archive_target *t, struct error *err)
{
	CLEANUP(fd_close_p) int out = open(t->path, O_WRONLY | O_CLOEXEC);
	struct byte_source from = bytes_from_fd(&t->fd, t->tar.at);
	struct byte_sink to = bytes_to_fd(&out);

	if (out < 0 || lseek(t->fd, 0, SEEK_SET) < 0)
		return error_set_errno(err, "write %s", t->path);
	return bytes_copy(&from, &to, NULL, err);
}

int archive_target_commit(struct archive_target *t, struct error *err)
{
	CLEANUP(free_p) char *file = t->folder.path ? path_join(t->folder.path, "archive") : NULL;
	int r = tar_out_finish(&t->tar, err);

	if (r < 0 || !t->path)
		return r;
	if (!file)
		return pour(t, err);
	return rename(file, t->path) == 0 ? 0 : error_set_errno(err, "rename %s to %s", file, t->path);
}

void archive_target_done(struct archive_target *t)
{
	fd_close_p(&t->fd);
	t->fd = -1;
	scratch_done(&t->folder);
	free(t->path);
	t->path = NULL;
}
