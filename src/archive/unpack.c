/* Everything is made under a name of its own beside its place and moved there when it is complete: what was there before stays until
 * then, and no file is ever opened that the archive, or somebody before it, could have turned into a link. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#endif

#include "archive/place.h"
#include "archive/tar.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"

#define DIRS_MAX ((size_t)1024 * 1024) /* folders in an archive */

/* A folder's mode and time are set at the end: a read-only one could not be filled, and filling it changes its time. */
struct late_dir {
	char *path;
	size_t number; /* in the archive: of two, the later one counts */
	unsigned mode;
	int64_t uid, gid;
	struct timespec mtime;
};

struct unpack {
	struct tar_reader *r;
	const struct unpack_req *q;
	int root;
	int dir;             /* the folder of the current entry, kept open for those that follow; -1: none is */
	struct buf dir_path; /* where that is */
	struct buf path;     /* the current entry's, cleaned */
	char temporary[48];
	struct late_dir *late;
	size_t n_late, cap_late;
	uint64_t bytes;
	char piece[2 * BYTES_PIECE];
};

static bool sets_ids(const struct unpack *u)
{
	return u->q->own_ids && geteuid() == 0;
}

/* Bits that give a program its owner's rights go only with the owner. */
static mode_t mode_of(const struct unpack *u, unsigned mode)
{
	return (mode_t)(mode & (sets_ids(u) ? 07777 : 0777));
}

static struct timespec mtime_of(const struct tar_entry *e)
{
	return (struct timespec){ .tv_sec = (time_t)e->mtime_s, .tv_nsec = e->mtime_ns };
}

/* ---- names ----------------------------------------------------------------------------------------------------------- */

/* name as a path below the folder, the first part taken away or replaced as asked for. */
static int resolve(const struct unpack *u, const char *name, struct buf *out, struct error *err)
{
	CLEANUP(buf_done) struct buf cleaned = BUF_INIT(PLACE_MAX_BYTES);
	struct str first, rest;
	int r = place_clean(name, &cleaned, err);

	buf_clear(out);
	if (r < 0)
		return r;
	if (!u->q->strip) {
		buf_add(out, buf_str(&cleaned));
		return buf_check(out, "a name in the archive", err);
	}
	str_cut(buf_str(&cleaned), '/', &first, &rest);
	if (!str_eq_z(first, u->q->strip))
		return error_set(err, ERR_PROTOCOL, "the archive holds \"%s\", which is not below \"%s\"", name, u->q->strip);
	if (u->q->rename_to)
		buf_add_z(out, u->q->rename_to);
	if (rest.n && out->n)
		buf_add_char(out, '/');
	buf_add(out, rest);
	return buf_check(out, "a name in the archive", err);
}

static void forget_dir(struct unpack *u)
{
	fd_close_p(&u->dir);
	u->dir = -1;
}

/* Opens the folder that u->path lies in as u->dir; *ret is what is left of the path. */
static int enter_dir(struct unpack *u, const char **ret, struct error *err)
{
	struct place_rules rules = { .make = true, .keep_kind = u->q->keep_existing_kind };
	struct str dir, name;
	int r;

	place_split(buf_str(&u->path), &dir, &name);
	*ret = name.p;
	if (u->dir >= 0 && str_eq(buf_str(&u->dir_path), dir))
		return 0;
	forget_dir(u);
	buf_clear(&u->dir_path);
	buf_add(&u->dir_path, dir);
	r = buf_check(&u->dir_path, "a name in the archive", err);
	return r < 0 ? r : place_open_dir(u->root, dir, rules, &u->dir, err);
}

/* Moves what was made as u->temporary to name. A folder that is there goes away for it, or is in conflict. */
static int move_in(struct unpack *u, const char *name, struct error *err)
{
	struct stat st;
	bool folder = fstatat(u->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
	int r = 0;

	if (folder && u->q->keep_existing_kind)
		return error_set(err, ERR_CONFLICT, "a folder is there already");
	if (folder)
		r = place_remove(u->dir, name, err);
	if (r < 0)
		return r;
	if (renameat(u->dir, u->temporary, u->dir, name) < 0)
		return error_set_errno(err, "move it into its place");
	return 0;
}

/* ---- kinds of entries ------------------------------------------------------------------------------------------------ */

static int write_file(struct unpack *u, int fd, struct error *err)
{
	struct byte_sink sink = bytes_to_fd(&fd);

	for (;;) {
		ssize_t n = tar_read_data(u->r, u->piece, sizeof u->piece, err);
		int r;

		if (n <= 0)
			return (int)n;
		r = sink_write(&sink, u->piece, (size_t)n, err);
		if (r < 0)
			return r;
		u->bytes += (uint64_t)n;
	}
}

static int finish_file(const struct unpack *u, int fd, const struct tar_entry *e, struct error *err)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, mtime_of(e) };

	if (sets_ids(u) && fchown(fd, (uid_t)e->uid, (gid_t)e->gid) < 0)
		return error_set_errno(err, "set its owner");
	if (fchmod(fd, mode_of(u, e->mode)) < 0)
		return error_set_errno(err, "set its mode");
	/* Some file systems take no time outside their range; the content is what counts. */
	(void)futimens(fd, times);
	return 0;
}

static int make_file(struct unpack *u, const struct tar_entry *e, struct error *err)
{
	CLEANUP(fd_close_p) int fd = openat(u->dir, u->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return error_set_errno(err, "make the file");
	r = write_file(u, fd, err);
	if (r == 0)
		r = finish_file(u, fd, e, err);
	/* What close says (a full disk on NFS) belongs to this file. */
	if (r == 0 && close(fd_take(&fd)) < 0)
		return error_set_errno(err, "write");
	return r;
}

static int make_symlink(struct unpack *u, const struct tar_entry *e, struct error *err)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, mtime_of(e) };

	if (symlinkat(e->link, u->dir, u->temporary) < 0)
		return error_set_errno(err, "make the symbolic link");
	if (sets_ids(u) && fchownat(u->dir, u->temporary, (uid_t)e->uid, (gid_t)e->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set_errno(err, "set its owner");
	(void)utimensat(u->dir, u->temporary, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

/* A second name of a symbolic link is a second link: not every system can give one two names. */
static int copy_symlink(struct unpack *u, int dir, const char *name, struct error *err)
{
	char target[PATH_MAX + 1];
	ssize_t n = readlinkat(dir, name, target, sizeof target - 1);

	if (n < 0)
		return error_set_errno(err, "read the symbolic link");
	target[n] = '\0';
	return symlinkat(target, u->dir, u->temporary) < 0 ? error_set_errno(err, "make the symbolic link") : 0;
}

static int make_hardlink(struct unpack *u, const struct tar_entry *e, struct error *err)
{
	CLEANUP(buf_done) struct buf target = BUF_INIT(PLACE_MAX_BYTES);
	CLEANUP(fd_close_p) int dir = -1;
	struct str dir_path, name;
	struct stat st;
	int r = resolve(u, e->link, &target, err);

	if (r < 0)
		return r;
	place_split(buf_str(&target), &dir_path, &name);
	r = place_open_dir(u->root, dir_path, (struct place_rules){ .make = false }, &dir, err);
	if (r == 0 && (!name.n || fstatat(dir, name.p, &st, AT_SYMLINK_NOFOLLOW) < 0))
		r = -(int)ERR_NOT_FOUND;
	if (r < 0 || S_ISDIR(st.st_mode))
		return error_set(err, ERR_PROTOCOL, "it is a hard link to \"%s\", which is not a file of the archive", e->link);
	if (S_ISLNK(st.st_mode))
		return copy_symlink(u, dir, name.p, err);
	return linkat(dir, name.p, u->dir, u->temporary, 0) < 0 ? error_set_errno(err, "make the hard link") : 0;
}

static int make_special(struct unpack *u, const struct tar_entry *e, struct error *err)
{
#ifdef __APPLE__
	(void)u;
	(void)e;
	return error_set(err, ERR_UNSUPPORTED, "fifos and devices are not made on macOS");
#else
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, mtime_of(e) };
	mode_t kind = e->type == TAR_FIFO ? S_IFIFO : e->type == TAR_CHAR ? S_IFCHR : S_IFBLK;
	dev_t device = e->type == TAR_FIFO ? 0 : makedev(e->device_major, e->device_minor);

	/* fchmodat follows links, but nothing has ever stood at this name but what was made here. */
	if (mknodat(u->dir, u->temporary, kind | 0600, device) < 0 || fchmodat(u->dir, u->temporary, mode_of(u, e->mode), 0) < 0)
		return error_set_errno(err, "make the special file");
	if (sets_ids(u) && fchownat(u->dir, u->temporary, (uid_t)e->uid, (gid_t)e->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set_errno(err, "set its owner");
	(void)utimensat(u->dir, u->temporary, times, AT_SYMLINK_NOFOLLOW);
	return 0;
#endif
}

static int remember_dir(struct unpack *u, const struct tar_entry *e, struct error *err)
{
	struct late_dir late = { .number = u->n_late, .mode = e->mode, .uid = e->uid, .gid = e->gid, .mtime = mtime_of(e) };

	if (u->n_late == DIRS_MAX)
		return error_set(err, ERR_PROTOCOL, "the archive has more than %zu folders", DIRS_MAX);
	if (u->n_late == u->cap_late) {
		size_t cap = u->cap_late ? u->cap_late * 2 : 64;
		struct late_dir *more = realloc(u->late, cap * sizeof *more);

		if (!more)
			return error_set(err, ERR_SYSTEM, "out of memory");
		u->late = more;
		u->cap_late = cap;
	}
	late.path = z_dup(buf_z(&u->path));
	if (!late.path)
		return error_set(err, ERR_SYSTEM, "out of memory");
	u->late[u->n_late++] = late;
	return 0;
}

static int make_dir(struct unpack *u, const char *name, const struct tar_entry *e, struct error *err)
{
	struct stat st;
	bool there = fstatat(u->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	int r = 0;

	if (there && !S_ISDIR(st.st_mode)) {
		if (u->q->keep_existing_kind)
			return error_set(err, ERR_CONFLICT, "something that is no folder is there already");
		r = place_remove(u->dir, name, err);
		there = false;
	}
	if (r < 0)
		return r;
	if (!there && mkdirat(u->dir, name, 0700) < 0)
		return error_set_errno(err, "make the folder");
	return remember_dir(u, e, err);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------- */

static int make_other(struct unpack *u, const char *name, const struct tar_entry *e, struct error *err)
{
	int r;

	switch (e->type) {
	case TAR_FILE:
		r = make_file(u, e, err);
		break;
	case TAR_SYMLINK:
		r = make_symlink(u, e, err);
		break;
	case TAR_HARDLINK:
		r = make_hardlink(u, e, err);
		break;
	default:
		r = make_special(u, e, err);
	}
	if (r == 0)
		r = move_in(u, name, err);
	/* A rename does nothing when both are names of one file. */
	if (r < 0 || e->type == TAR_HARDLINK)
		unlinkat(u->dir, u->temporary, 0);
	return r;
}

static int unpack_entry(struct unpack *u, const struct tar_entry *e, struct error *err)
{
	bool special = e->type == TAR_FIFO || e->type == TAR_CHAR || e->type == TAR_BLOCK;
	const char *name;
	int r = resolve(u, e->name, &u->path, err);

	if (r < 0)
		return r;
	if (special && !u->q->special)
		return 0;
	/* The folder itself is the caller's. */
	if (!u->path.n && e->type == TAR_DIR)
		return 0;
	if (!u->path.n)
		return error_set(err, ERR_PROTOCOL, "the archive holds \"%s\", which would take the place of the folder", e->name);
	r = enter_dir(u, &name, err);
	if (r == 0)
		r = e->type == TAR_DIR ? make_dir(u, name, e, err) : make_other(u, name, e, err);
	if (r < 0)
		error_context(err, "%s", e->name);
	return r;
}

/* Below comes before above: a folder that its owner may not enter is closed last. */
static int deepest_first(const void *a, const void *b)
{
	const struct late_dir *x = a, *y = b;
	int order = strcmp(y->path, x->path);

	return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* What has taken the folder's place since, or can't be opened, keeps what it has. */
static void finish_dir(const struct unpack *u, const struct late_dir *late)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, late->mtime };
	CLEANUP(fd_close_p) int fd = -1;

	if (place_open_dir(u->root, str_from(late->path), (struct place_rules){ .make = false }, &fd, NULL) < 0)
		return;
	if (sets_ids(u))
		(void)!fchown(fd, (uid_t)late->uid, (gid_t)late->gid);
	(void)fchmod(fd, mode_of(u, late->mode));
	(void)futimens(fd, times);
}

static void finish_dirs(struct unpack *u)
{
	if (u->n_late)
		qsort(u->late, u->n_late, sizeof *u->late, deepest_first);
	for (size_t i = 0; i < u->n_late; i++) {
		finish_dir(u, &u->late[i]);
		free(u->late[i].path);
	}
	free(u->late);
}

static int unpack_all(struct unpack *u, struct error *err)
{
	struct tar_entry e;
	int r;

	while ((r = tar_read_entry(u->r, &e, err)) > 0) {
		r = unpack_entry(u, &e, err);
		if (r < 0)
			break;
	}
	return r;
}

int unpack_tree(struct tar_reader *r, const struct unpack_req *q, uint64_t *ret_bytes, struct error *err)
{
	CLEANUP(free_p) struct unpack *u = calloc(1, sizeof *u);
	int result;

	if (!u)
		return error_set(err, ERR_SYSTEM, "out of memory");
	u->r = r;
	u->q = q;
	u->dir = -1;
	u->path = u->dir_path = BUF_INIT(PLACE_MAX_BYTES);
	snprintf(u->temporary, sizeof u->temporary, ".unpack-%lx-%llx", (unsigned long)getpid(), (unsigned long long)clock_ms());
	/* The way to it is the user's and may go through links. */
	u->root = open(q->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (u->root < 0)
		return error_set_errno(err, "open the folder %s", q->dir);
	result = unpack_all(u, err);
	forget_dir(u);
	finish_dirs(u);
	close(u->root);
	buf_done(&u->path);
	buf_done(&u->dir_path);
	if (result == 0 && ret_bytes)
		*ret_bytes = u->bytes;
	return result;
}
