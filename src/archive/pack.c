#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#endif

#include "archive/ignore.h"
#include "archive/links.h"
#include "archive/listing.h"
#include "archive/tar.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/strv.h"

#define NAME_MAX_BYTES ((size_t)64 * 1024)
#define PROGRESS_FILES 128
#define PROGRESS_BYTES ((uint64_t)1024 * 1024)

struct walk {
	struct tar_writer *w;
	const struct pack_req *q;
	struct pack_stats stats;
	struct links links;
	struct buf name; /* of the current entry, in the archive */
	size_t below;    /* where in name the path below q->dir begins */
	uint64_t told_files, told_bytes;
	char piece[2 * BYTES_PIECE];
};

static int walk_dir(struct walk *k, int fd, struct error *err);

static const char *path_below(const struct walk *k)
{
	return k->name.n > k->below ? k->name.p + k->below : "";
}

/* ---- stats ----------------------------------------------------------------------------------------------------------- */

static void tell(struct walk *k, bool now)
{
	if (!k->q->progress)
		return;
	if (!now && k->stats.files - k->told_files < PROGRESS_FILES && k->stats.bytes - k->told_bytes < PROGRESS_BYTES)
		return;
	k->told_files = k->stats.files;
	k->told_bytes = k->stats.bytes;
	k->q->progress(k->q->ctx, &k->stats);
}

/* Puts a top-level entry in its place among the largest. */
static void rank(struct pack_stats *s, const char *name, uint64_t bytes)
{
	size_t i = PACK_LARGEST;

	while (i > 0 && bytes > s->largest[i - 1].bytes)
		i--;
	if (i == PACK_LARGEST)
		return;
	memmove(&s->largest[i + 1], &s->largest[i], (PACK_LARGEST - 1 - i) * sizeof s->largest[0]);
	s->largest[i].bytes = bytes;
	snprintf(s->largest[i].name, sizeof s->largest[i].name, "%s", name);
}

/* ---- entries --------------------------------------------------------------------------------------------------------- */

static bool kept(const struct pack_req *q, const char *path)
{
	return q->keep && strv_has(q->keep, path);
}

static bool keeps_below(const struct pack_req *q, const char *dir)
{
	size_t n = strlen(dir);

	for (size_t i = 0; q->keep && i < q->keep->n; i++)
		if (strncmp(q->keep->v[i], dir, n) == 0 && q->keep->v[i][n] == '/')
			return true;
	return false;
}

static struct tar_entry entry_of(const struct walk *k, const struct stat *st, enum tar_type type)
{
	return (struct tar_entry){
		.name = buf_z(&k->name),
		.type = type,
		.mode = st->st_mode & 07777,
		.uid = k->q->own_ids ? st->st_uid : 0,
		.gid = k->q->own_ids ? st->st_gid : 0,
		.mtime_s = st->st_mtime,
	};
}

static int pack_symlink(struct walk *k, int dir, const char *name, const struct stat *st, struct error *err)
{
	struct tar_entry e = entry_of(k, st, TAR_SYMLINK);
	char target[PATH_MAX + 1];
	ssize_t n = readlinkat(dir, name, target, sizeof target);

	if (n < 0)
		return error_set_errno(err, "read the symbolic link %s", e.name);
	if ((size_t)n == sizeof target)
		return error_set(err, ERR_SYSTEM, "the target of the symbolic link %s is longer than %d bytes", e.name, PATH_MAX);
	target[n] = '\0';
	e.link = target;
	return tar_write_entry(k->w, &e, err);
}

static int write_zeros(struct walk *k, int64_t left, struct error *err)
{
	memset(k->piece, 0, sizeof k->piece);
	while (left > 0) {
		size_t n = left < (int64_t)sizeof k->piece ? (size_t)left : sizeof k->piece;
		int r = tar_write_data(k->w, k->piece, n, err);

		if (r < 0)
			return r;
		left -= (int64_t)n;
		k->stats.bytes += n;
		tell(k, false);
	}
	return 0;
}

/* size bytes of fd, whatever the file has become in the meantime. */
static int write_content(struct walk *k, int fd, int64_t left, struct error *err)
{
	while (left > 0) {
		ssize_t n = read(fd, k->piece, left < (int64_t)sizeof k->piece ? (size_t)left : sizeof k->piece);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, "read %s", buf_z(&k->name));
		if (n == 0)
			return write_zeros(k, left, err);
		r = tar_write_data(k->w, k->piece, (size_t)n, err);
		if (r < 0)
			return r;
		left -= n;
		k->stats.bytes += (uint64_t)n;
		tell(k, false);
	}
	return 0;
}

/* The second name of a file goes in as a hard link to the first. 1: it did. */
static int pack_hardlink(struct walk *k, const struct stat *st, struct error *err)
{
	struct tar_entry e = entry_of(k, st, TAR_HARDLINK);
	int r = links_remember(&k->links, st->st_dev, st->st_ino, e.name, &e.link, err);

	if (r <= 0)
		return r;
	r = tar_write_entry(k->w, &e, err);
	return r < 0 ? r : 1;
}

/* Opens a regular file that lstat saw; O_NONBLOCK: what it has become by now may be a fifo. */
static int open_file(const struct walk *k, int dir, const char *name, struct stat *st, int *ret, struct error *err)
{
	CLEANUP(fd_close_p) int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, st) < 0)
		return error_set_errno(err, "open %s", buf_z(&k->name));
	if (!S_ISREG(st->st_mode))
		return error_set(err, ERR_SYSTEM, "%s was a file and is none any more", buf_z(&k->name));
	*ret = fd_take(&fd);
	return 0;
}

static int pack_file(struct walk *k, int dir, const char *name, struct stat *st, struct error *err)
{
	CLEANUP(fd_close_p) int fd = -1;
	struct tar_entry e;
	int r = 0;

	if (!k->q->sizes_only)
		r = open_file(k, dir, name, st, &fd, err);
	if (r == 0 && st->st_nlink > 1)
		r = pack_hardlink(k, st, err);
	if (r != 0)
		return r < 0 ? r : 0;
	e = entry_of(k, st, TAR_FILE);
	e.size = st->st_size;
	r = tar_write_entry(k->w, &e, err);
	if (r < 0)
		return r;
	return k->q->sizes_only ? write_zeros(k, e.size, err) : write_content(k, fd, e.size, err);
}

static int pack_special(struct walk *k, const struct stat *st, struct error *err)
{
	struct tar_entry e = entry_of(k, st, S_ISFIFO(st->st_mode) ? TAR_FIFO : S_ISCHR(st->st_mode) ? TAR_CHAR : TAR_BLOCK);

	e.device_major = major(st->st_rdev);
	e.device_minor = minor(st->st_rdev);
	return tar_write_entry(k->w, &e, err);
}

/* out: what lies in it may come back, so a folder is walked even when it does not go in itself. */
static int pack_dir(struct walk *k, int dir, const char *name, const struct stat *st, bool out, struct error *err)
{
	CLEANUP(fd_close_p) int fd = -1;
	struct tar_entry e = entry_of(k, st, TAR_DIR);
	int r;

	if (out && ignore_prunes(k->q->ignore, path_below(k)) && !keeps_below(k->q, path_below(k)))
		return 0;
	r = out ? 0 : tar_write_entry(k->w, &e, err);
	if (r < 0)
		return r;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_set_errno(err, "open the folder %s", e.name);
	return walk_dir(k, fd, err);
}

static int pack_other(struct walk *k, int dir, const char *name, struct stat *st, struct error *err)
{
	bool special = S_ISFIFO(st->st_mode) || S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);

	if (special && !k->q->fifos_and_devices)
		return 0;
	k->stats.files++;
	tell(k, false);
	if (S_ISREG(st->st_mode))
		return pack_file(k, dir, name, st, err);
	return S_ISLNK(st->st_mode) ? pack_symlink(k, dir, name, st, err) : pack_special(k, st, err);
}

/* name in the folder dir, as k->name in the archive. */
static int pack_entry(struct walk *k, int dir, const char *name, struct error *err)
{
	const char *path = path_below(k);
	struct stat st;
	bool out;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set_errno(err, "look at %s", buf_z(&k->name));
	if (S_ISSOCK(st.st_mode))
		return 0;
	out = k->q->ignore && *path && ignore_match(k->q->ignore, path) && !kept(k->q, path);
	if (S_ISDIR(st.st_mode))
		return pack_dir(k, dir, name, &st, out, err);
	return out ? 0 : pack_other(k, dir, name, &st, err);
}

/* ---- folders --------------------------------------------------------------------------------------------------------- */

static int walk_dir(struct walk *k, int fd, struct error *err)
{
	CLEANUP(listing_done) struct listing in = LISTING_INIT;
	size_t n = k->name.n;
	bool top = n == k->below;
	int r = listing_read(&in, fd, buf_z(&k->name), err);

	for (size_t i = 0; i < in.n && r == 0; i++) {
		uint64_t before = k->stats.bytes;

		if (n && k->name.p[n - 1] != '/')
			buf_add_char(&k->name, '/');
		if (top)
			k->below = k->name.n;
		buf_add_z(&k->name, in.names[i]);
		r = buf_check(&k->name, "the name of an entry", err);
		if (r == 0)
			r = pack_entry(k, fd, in.names[i], err);
		if (r == 0 && top)
			rank(&k->stats, in.names[i], k->stats.bytes - before);
		if (k->name.p)
			k->name.p[n] = '\0';
		k->name.n = n;
	}
	return r;
}

static int pack_named(struct walk *k, struct error *err)
{
	struct stat st;

	buf_add_z(&k->name, k->q->name_as);
	k->below = k->name.n;
	if (fstatat(AT_FDCWD, k->q->dir, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set_errno(err, "%s", k->q->dir);
	return pack_entry(k, AT_FDCWD, k->q->dir, err);
}

static int pack_content(struct walk *k, struct error *err)
{
	CLEANUP(fd_close_p) int fd = open(k->q->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_set_errno(err, "open the folder %s", k->q->dir);
	return walk_dir(k, fd, err);
}

int pack_tree(struct tar_writer *w, const struct pack_req *q, struct pack_stats *ret_stats, struct error *err)
{
	CLEANUP(free_p) struct walk *k = calloc(1, sizeof *k);
	int r;

	if (!k)
		return error_set(err, ERR_SYSTEM, "out of memory");
	k->w = w;
	k->q = q;
	k->links = LINKS_INIT;
	k->name = BUF_INIT(NAME_MAX_BYTES);
	r = q->name_as && *q->name_as ? pack_named(k, err) : pack_content(k, err);
	if (r == 0) {
		tell(k, true);
		if (ret_stats)
			*ret_stats = k->stats;
	}
	links_done(&k->links);
	buf_done(&k->name);
	return r;
}
