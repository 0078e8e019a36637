#include "image/store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "image/store_own.h"

const char *store_hex(const char *digest)
{
	return strchr(digest, ':') + 1;
}

int store_check_digest(const char *digest, struct error *err)
{
	if (!digest || !digest_valid(str_from(digest)))
		return error_set(err, ERR_PROTOCOL, "\"%.200s\" is no digest", digest ? digest : "");
	return 0;
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

/* libcurl hands out 16 KiB at a time; a file system has less to do for larger pieces. */
struct gather {
	struct byte_sink file;
	size_t n;
	char bytes[4 * BYTES_PIECE];
};

static int gather_end(struct gather *g, struct error *err)
{
	size_t n = g->n;

	g->n = 0;
	return n ? sink_write(&g->file, g->bytes, n, err) : 0;
}

static int gather_write(void *ctx, const void *p, size_t n, struct error *err)
{
	struct gather *g = ctx;
	int r = n > sizeof g->bytes - g->n ? gather_end(g, err) : 0;

	if (r < 0)
		return r;
	if (n >= sizeof g->bytes)
		return sink_write(&g->file, p, n, err);
	memcpy(g->bytes + g->n, p, n);
	g->n += n;
	return 0;
}

static int fill(int fd, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX], int64_t *ret_size, struct error *err)
{
	CLEANUP(free_p) struct gather *g = malloc(sizeof *g);
	struct byte_sink sink = { gather_write, g };
	int r;

	if (!g)
		return store_no_memory(err);
	g->file = bytes_to_fd(&fd);
	g->n = 0;
	r = store_run_checked(content, b, &sink, ret_digest, ret_size, err);
	if (r == 0)
		r = gather_end(g, err);

	if (r == 0 && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
		r = error_set_errno(err, "write a blob");
	return r;
}

static int keep(const char *temporary, const char *folder, const char *name, struct error *err)
{
	CLEANUP(free_p) char *path = path_join(folder, name);

	if (!path)
		return store_no_memory(err);
	return rename(temporary, path) == 0 ? 0 : error_set_errno(err, "rename %s to %s", temporary, path);
}

int store_file_put(const char *folder, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX], int64_t *ret_size,
		   struct error *err)
{
	CLEANUP(free_p) char *temporary = path_join(folder, ".blob-XXXXXX");
	CLEANUP(fd_close_p) int fd = -1;
	int r;

	if (!temporary)
		return store_no_memory(err);
	fd = mkstemp(temporary);
	if (fd < 0)
		return error_set_errno(err, "write into %s", folder);
	fd_set_cloexec(fd);
	r = fill(fd, b, content, ret_digest, ret_size, err);
	if (r == 0)
		r = keep(temporary, folder, store_hex(ret_digest), err);
	if (r < 0)
		unlink(temporary);
	return r;
}

int store_file_write(const char *folder, const char *name, struct str bytes, struct error *err)
{
	CLEANUP(free_p) char *path = path_join(folder, name);

	return path ? path_write_atomic(path, bytes, 0644, err) : store_no_memory(err);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

static int open_file(const char *path, int *ret_fd, struct error *err)
{
	CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 && errno == ENOENT) {
		error_set(err, ERR_NOT_FOUND, "open %s: no such file or directory", path);
		return -ERR_NOT_FOUND;
	}
	if (fd < 0)
		return error_set_errno(err, "open %s", path);
	/* A pipe in an image's folder would wait for ever. */
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return error_set(err, ERR_PROTOCOL, "%s is no regular file", path);
	*ret_fd = fd_take(&fd);
	return 0;
}

int store_file_get(const char *path, const struct store_blob *b, const struct byte_sink *sink, struct error *err)
{
	CLEANUP(fd_close_p) int fd = -1;
	struct byte_source file = bytes_from_fd(&fd, -1);
	int r = open_file(path, &fd, err);

	return r < 0 ? r : store_copy_checked(&file, b, sink, err);
}

int64_t store_file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (int64_t)st.st_size : -1;
}

int store_file_read(const char *path, struct buf *ret, struct error *err)
{
	CLEANUP(fd_close_p) int fd = -1;
	struct byte_source file = bytes_from_fd(&fd, -1);
	struct byte_sink text = bytes_to_buf(ret);
	int r;

	*ret = BUF_INIT(REGISTRY_MAX_MANIFEST);
	r = open_file(path, &fd, err);
	if (r == 0)
		r = bytes_copy(&file, &text, NULL, err);
	return r == 0 || r == -ERR_NOT_FOUND ? r : error_context(err, "read %s", path);
}
