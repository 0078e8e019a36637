#include "cmd/podman/archive_in.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/filter.h"
#include "archive/tar.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "cmd/podman/image_folder.h"
#include "registry/download.h"

bool archive_in_is_url(const char *where)
{
	return str_starts(str_from(where), STR("http://")) || str_starts(str_from(where), STR("https://"));
}

void archive_in_done(struct archive_in *a)
{
	if (a->fd > STDERR_FILENO)
		close(a->fd);
	scratch_done(&a->scratch);
	*a = ARCHIVE_IN_INIT;
}

/* ---- files and standard input ---- */

/* The first bytes, which were read to see what it is, then the rest. */
static ssize_t read_with_head(void *ctx, void *p, size_t n, struct error *err)
{
	struct archive_in *a = ctx;
	size_t left = a->n_head - a->head_used;

	if (left == 0)
		return fd_read_some(a->fd, p, n, 0, err);
	n = n < left ? n : left;
	memcpy(p, a->head + a->head_used, n);
	a->head_used += n;
	return (ssize_t)n;
}

static int unpacked_to(const struct byte_source *source, const struct byte_sink *to, struct error *err)
{
	CLEANUP(decompressor_close_p) struct decompressor *d = NULL;
	struct byte_source plain;
	int64_t bytes = 0;
	int r = decompressor_open(source, &d, err);

	if (r < 0)
		return r;
	plain = decompressor_source(d);
	r = bytes_copy(&plain, to, &bytes, err);
	/* One that breaks off before its first whole block, too. */
	return r == 0 && bytes == 0 ? error_set(err, ERR_PROTOCOL, "the compressed archive is empty or broken") : r;
}

static const char *for_people(const struct archive_in *a)
{
	return strcmp(a->where, "-") == 0 ? "standard input" : a->where;
}

static bool hosts_take(const struct archive_in *a)
{
	enum compression kind = compression_detect(a->head, a->n_head);

	return kind == COMPRESSION_NONE || (kind == COMPRESSION_GZIP && a->use == ARCHIVE_OF_FILES);
}

static int produce_file(void *ctx, const struct byte_sink *to, struct error *err)
{
	struct archive_in *a = ctx;
	struct byte_source source = { .read = read_with_head, .ctx = a, .length = a->length };
	int r;

	/* The second run of a regular file. */
	if (a->head_used && a->producer.again) {
		if (lseek(a->fd, (off_t)a->n_head - (off_t)a->length, SEEK_END) < 0)
			return error_set_errno(err, "rewind %s", a->where);
		a->head_used = 0;
	}
	r = hosts_take(a) ? bytes_copy(&source, to, NULL, err) : unpacked_to(&source, to, err);
	return r == -ERR_PROTOCOL ? error_context(err, "read %s", for_people(a)) : r;
}

static int read_head(struct archive_in *a, struct error *err)
{
	while (a->n_head < sizeof a->head) {
		ssize_t n = fd_read_some(a->fd, a->head + a->n_head, sizeof a->head - a->n_head, 0, err);

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		a->n_head += (size_t)n;
	}
	return 0;
}

static int open_stream(struct archive_in *a, const struct stat *st, struct error *err)
{
	off_t at = S_ISREG(st->st_mode) ? lseek(a->fd, 0, SEEK_CUR) : -1;
	int r;

	a->length = at >= 0 && at <= st->st_size ? (int64_t)(st->st_size - at) : -1;
	r = read_head(a, err);
	if (r == 0 && a->n_head == 0)
		r = error_set(err, ERR_PROTOCOL, "the archive is empty");
	if (r < 0)
		return error_context(err, "read %s", for_people(a));
	a->producer = (struct byte_producer){ .produce = produce_file, .ctx = a, .length = hosts_take(a) ? a->length : -1,
					      .again = a->length >= 0 };
	return 0;
}

/* ---- folders ---- */

static int produce_folder(void *ctx, const struct byte_sink *to, struct error *err)
{
	const struct archive_in *a = ctx;

	return a->folder_is_docker ? image_folder_docker(a->where, to, err) : image_folder_plain(a->where, to, err);
}

static int open_folder(struct archive_in *a, struct error *err)
{
	int r;

	if (a->use == ARCHIVE_OF_FILES)
		return error_set(err, ERR_USAGE, "%s is a directory, not an archive (tar -C %s -c . makes one)", a->where, a->where);
	r = image_folder_kind(a->where, &a->folder_is_docker, err);
	if (r == 0)
		a->producer = (struct byte_producer){ .produce = produce_folder, .ctx = a, .length = -1, .again = true };
	return r;
}

/* ---- URLs ---- */

static int fetch(struct archive_in *a, struct error *err)
{
	CLEANUP(free_p) char *path = NULL;
	struct byte_sink sink = bytes_to_fd(&a->fd);
	int r = scratch_open("podman-load", &a->scratch, err);

	if (r < 0)
		return r;
	path = path_join(a->scratch.path, "archive");
	if (!path)
		return error_set(err, ERR_SYSTEM, "out of memory");
	a->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (a->fd < 0)
		return error_set_errno(err, "open %s", path);
	if ((r = download_url(a->where, &sink, err)) < 0)
		return r;
	return lseek(a->fd, 0, SEEK_SET) < 0 ? error_set_errno(err, "rewind %s", path) : 0;
}

static int open_local(struct archive_in *a, struct error *err)
{
	a->fd = strcmp(a->where, "-") == 0 ? STDIN_FILENO : open(a->where, O_RDONLY | O_CLOEXEC);
	return a->fd < 0 ? error_set_errno(err, "open %s", a->where) : 0;
}

int archive_in_open(const char *where, enum archive_use use, struct archive_in *ret, struct error *err)
{
	struct stat st;
	int r;

	*ret = ARCHIVE_IN_INIT;
	ret->where = where;
	ret->use = use;
	r = archive_in_is_url(where) ? fetch(ret, err) : open_local(ret, err);
	if (r < 0)
		return r;
	if (fstat(ret->fd, &st) < 0)
		return error_set_errno(err, "stat %s", where);
	return S_ISDIR(st.st_mode) ? open_folder(ret, err) : open_stream(ret, &st, err);
}
