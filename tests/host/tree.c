#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/strv.h"

enum { LINK_FROM_BYTES = 64 * 1024, FILE_MAX = 64 * 1024 * 1024, LIST_MAX = 64 * 1024 };

static int strv_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void dir_close_p(DIR **d)
{
	if (*d)
		closedir(*d);
}

void tree_list(const char *path, struct strv *names)
{
	CLEANUP(dir_close_p) DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			strv_add(names, e->d_name);
	if (names->n)
		qsort(names->v, names->n, sizeof *names->v, strv_compare);
}

static int copy_link(const char *from, const char *to, struct error *err)
{
	char target[PATH_MAX];
	ssize_t n = readlink(from, target, sizeof target - 1);

	if (n < 0)
		return error_set_errno(err, "readlink %s", from);
	target[n] = '\0';
	return symlink(target, to) < 0 ? error_set_errno(err, "symlink %s", to) : 0;
}

/* No fsync: nothing here outlives the machine. */
static int write_file(const char *path, struct str content, mode_t mode, struct error *err)
{
	CLEANUP(fd_close_p) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0)
		return error_set_errno(err, "%s", path);
	return fd_write_all(fd, content.p, content.n, 0, err);
}

static struct timespec modified(const struct stat *st)
{
#ifdef __APPLE__
	return st->st_mtimespec;
#else
	return st->st_mtim;
#endif
}

/* Owner, time, permissions: in this order, because a new owner takes bits away. */
static void copy_attributes(const char *to, const struct stat *st)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, modified(st) };

	if (geteuid() == 0)
		(void)!lchown(to, st->st_uid, st->st_gid);
	if (!S_ISLNK(st->st_mode))
		(void)!chmod(to, st->st_mode & 07777);
	utimensat(AT_FDCWD, to, times, AT_SYMLINK_NOFOLLOW);
}

static int copy_content(const char *from, const char *to, struct error *err)
{
	CLEANUP(fd_close_p) int in = open(from, O_RDONLY | O_CLOEXEC);
	CLEANUP(fd_close_p) int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char block[64 * 1024];
	ssize_t n;

	if (in < 0 || out < 0)
		return error_set_errno(err, "copy %s to %s", from, to);
	while ((n = read(in, block, sizeof block)) > 0)
		if (fd_write_all(out, block, (size_t)n, 0, err) < 0)
			return -ERR_SYSTEM;
	return n < 0 ? error_set_errno(err, "read %s", from) : 0;
}

static int copy_file(const char *from, const char *to, const struct stat *st, struct error *err)
{
	bool program = st->st_mode & 0111;

	return program && st->st_size >= LINK_FROM_BYTES && link(from, to) == 0 ? 0 : copy_content(from, to, err);
}

static int copy_dir(const char *from, const char *to, struct error *err)
{
	CLEANUP(strv_done) struct strv names = { 0 };

	if (mkdir(to, 0700) < 0 && errno != EEXIST)
		return error_set_errno(err, "mkdir %s", to);
	tree_list(from, &names);
	for (size_t i = 0; i < names.n; i++) {
		CLEANUP(free_p) char *a = path_join(from, names.v[i]);
		CLEANUP(free_p) char *b = path_join(to, names.v[i]);
		int r = a && b ? tree_copy(a, b, err) : error_set(err, ERR_SYSTEM, "out of memory");

		if (r < 0)
			return r;
	}
	return 0;
}

int tree_copy(const char *from, const char *to, struct error *err)
{
	struct stat st, old;
	int r = 0;

	if (lstat(from, &st) < 0)
		return error_set_errno(err, "%s", from);
	if (lstat(to, &old) == 0 && !(S_ISDIR(st.st_mode) && S_ISDIR(old.st_mode)))
		tree_remove(to);
	if (S_ISDIR(st.st_mode))
		r = copy_dir(from, to, err);
	else if (S_ISLNK(st.st_mode))
		r = copy_link(from, to, err);
	else if (S_ISREG(st.st_mode))
		r = copy_file(from, to, &st, err);
	else if (S_ISFIFO(st.st_mode))
		r = mkfifo(to, 0600) < 0 ? error_set_errno(err, "mkfifo %s", to) : 0;
	else
		return 0;
	if (r == 0)
		copy_attributes(to, &st);
	return r;
}

void tree_remove(const char *path)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	struct stat st;

	if (lstat(path, &st) < 0)
		return;
	if (!S_ISDIR(st.st_mode)) {
		unlink(path);
		return;
	}
	/* A container may have taken its own permissions away. */
	if ((st.st_mode & 0700) != 0700)
		(void)!chmod(path, 0700);
	tree_list(path, &names);
	for (size_t i = 0; i < names.n; i++) {
		CLEANUP(free_p) char *p = path_join(path, names.v[i]);

		if (p)
			tree_remove(p);
	}
	rmdir(path);
}

/* Calls back for everything below path, folders after what is in them, then for path itself. */
static void each_entry(const char *path, void (*fn)(const char *path, const void *ctx), const void *ctx)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
		tree_list(path, &names);
	for (size_t i = 0; i < names.n; i++) {
		CLEANUP(free_p) char *p = path_join(path, names.v[i]);

		if (p)
			each_entry(p, fn, ctx);
	}
	fn(path, ctx);
}

static void chown_entry(const char *path, const void *ctx)
{
	const unsigned *ids = ctx;

	(void)!lchown(path, ids[0], ids[1]);
}

void tree_chown(const char *path, unsigned uid, unsigned gid)
{
	each_entry(path, chown_entry, (unsigned[]){ uid, gid });
}

int64_t tree_size(const char *path)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	struct stat st;
	int64_t sum = 0;

	if (lstat(path, &st) < 0)
		return 0;
	if (!S_ISDIR(st.st_mode))
		return S_ISREG(st.st_mode) ? st.st_size : 0;
	tree_list(path, &names);
	for (size_t i = 0; i < names.n; i++) {
		CLEANUP(free_p) char *p = path_join(path, names.v[i]);

		if (p)
			sum += tree_size(p);
	}
	return sum;
}

static const struct {
	const char *path, *content;
} base_files[] = {
	{ "etc/passwd", "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\n"
			"nobody:x:65534:65534:nobody:/home:/bin/false\n" },
	{ "etc/group", "root:x:0:\ndaemon:x:1:\nnogroup:x:65534:\n" },
	{ "etc/hosts", "127.0.0.1\tlocalhost\n" },
	{ "etc/resolv.conf", "" },
};

static int write_base_files(const char *path, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(base_files); i++) {
		CLEANUP(free_p) char *file = path_join(path, base_files[i].path);
		int r = file ? write_file(file, str_from(base_files[i].content), 0644, err)
			     : error_set(err, ERR_SYSTEM, "out of memory");

		if (r < 0)
			return r;
	}
	return 0;
}

static char *find_busybox(void)
{
	static const char *const places[] = { "/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox",
					      "/opt/homebrew/bin/busybox" };

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], X_OK) == 0)
			return z_dup(places[i]);
	return NULL;
}

/* The commands that an image has as files, as far as this busybox knows them. Not all of the some 270: every container gets its own
 * links, and a busybox shell finds the others without. */
static const char applets[] =
	" ash awk base64 basename cat chmod chown clear cp cut date dd df diff dirname du echo ed env expr false find free grep gunzip gzip "
	"head hexdump hostname httpd id kill killall less ln ls md5sum mkdir mkfifo mktemp more mount mv nc nohup nproc od paste patch ping "
	"printf ps pwd readlink realpath rm rmdir sed seq sh sha256sum sleep sort split stat stty sync tail tar tee test time timeout top "
	"touch tr true tty umount uname uniq unzip uptime usleep vi wc wget which whoami xargs yes ";

static bool is_wanted(struct str name)
{
	char word[64];

	snprintf(word, sizeof word, " %.*s ", STR_ARG(name));
	return strstr(applets, word) != NULL;
}

static int install_busybox(const char *bin, const char *busybox, struct error *err)
{
	CLEANUP(buf_done) struct buf list = BUF_INIT(LIST_MAX), content = BUF_INIT(FILE_MAX);
	CLEANUP(free_p) char *copy = path_join(bin, "busybox");
	char *argv[] = { (char *)(uintptr_t)busybox, (char *)(uintptr_t) "--list", NULL };
	struct str rest, name;
	int status, r = proc_capture(argv, clock_after_ms(10000), &list, NULL, &status, err);

	if (r < 0 || (r = path_read(busybox, &content, err)) < 0)
		return r;
	r = write_file(copy, buf_str(&content), 0755, err);
	for (rest = buf_str(&list); r == 0 && str_cut(rest, '\n', &name, &rest);) {
		CLEANUP(free_p) char *path = NULL;

		if (is_wanted(name) && asprintf(&path, "%s/%.*s", bin, STR_ARG(name)) > 0)
			(void)!symlink("busybox", path);
	}
	return r;
}

/* What is made from the base is the same every time. */
static void set_base_time(const char *path, const void *ctx)
{
	const struct timespec times[2] = { { .tv_sec = TREE_BASE_TIME_S }, { .tv_sec = TREE_BASE_TIME_S } };

	(void)ctx;
	utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

int tree_make_base(const char *path, struct error *err)
{
	static const char *const dirs[] = { "bin", "dev", "etc", "proc", "root", "sys", "tmp", "var/tmp", "home", "run" };
	CLEANUP(free_p) char *busybox = find_busybox();
	CLEANUP(free_p) char *bin = path_join(path, "bin");
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(dirs) && r == 0; i++) {
		CLEANUP(free_p) char *dir = path_join(path, dirs[i]);

		r = path_make_dirs(dir, 0755, err);
		if (r == 0 && strcmp(dirs[i], "tmp") == 0)
			(void)!chmod(dir, 01777);
	}
	if (r == 0)
		r = write_base_files(path, err);
	if (r == 0 && busybox)
		r = install_busybox(bin, busybox, err);
	if (r == 0)
		each_entry(path, set_base_time, NULL);
	return r;
}

struct diff {
	const char *before, *now;
	struct strv found; /* the path, a NUL's worth of separator, the kind: so that sorting is by path */
};

enum { KIND_SEPARATOR = '\1' };

static void diff_found(struct diff *d, char kind, const char *path)
{
	strv_addf(&d->found, "%s%c%c", path, KIND_SEPARATOR, kind);
}

static char *below(const char *path, const char *name)
{
	char *p = NULL;

	return asprintf(&p, "%s/%s", path, name) < 0 ? NULL : p;
}

/* Links to one file are the same; copies have its time. */
static bool same_entry(const struct stat *a, const struct stat *b)
{
	struct timespec at = modified(a), bt = modified(b);

	if (a->st_ino == b->st_ino && a->st_dev == b->st_dev)
		return true;
	return a->st_mode == b->st_mode && a->st_uid == b->st_uid && a->st_gid == b->st_gid && a->st_size == b->st_size &&
	       at.tv_sec == bt.tv_sec && at.tv_nsec == bt.tv_nsec;
}

static void diff_added(struct diff *d, const char *path)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	CLEANUP(free_p) char *now = NULL;

	diff_found(d, 'A', path);
	if (asprintf(&now, "%s%s", d->now, path) < 0)
		return;
	tree_list(now, &names);
	for (size_t i = 0; i < names.n; i++) {
		CLEANUP(free_p) char *p = below(path, names.v[i]);

		if (p)
			diff_added(d, p);
	}
}

static void diff_dir(struct diff *d, const char *path, bool differs);

static void diff_entry(struct diff *d, const char *path)
{
	CLEANUP(free_p) char *before = NULL;
	CLEANUP(free_p) char *now = NULL;
	struct stat a, b;

	if (asprintf(&before, "%s%s", d->before, path) < 0 || asprintf(&now, "%s%s", d->now, path) < 0)
		return;
	if (lstat(before, &a) < 0)
		diff_added(d, path);
	else if (lstat(now, &b) < 0)
		diff_found(d, 'D', path);
	else if (S_ISDIR(a.st_mode) && S_ISDIR(b.st_mode))
		diff_dir(d, path, a.st_mode != b.st_mode || a.st_uid != b.st_uid || a.st_gid != b.st_gid);
	else if (!same_entry(&a, &b))
		diff_found(d, 'C', path);
}

/* A folder with a difference in it has changed itself, but for the root, which podman leaves out. */
static void diff_dir(struct diff *d, const char *path, bool differs)
{
	CLEANUP(strv_done) struct strv names = { 0 }, now_names = { 0 };
	CLEANUP(free_p) char *before = NULL;
	CLEANUP(free_p) char *now = NULL;
	size_t found = d->found.n;

	if (asprintf(&before, "%s%s", d->before, path) < 0 || asprintf(&now, "%s%s", d->now, path) < 0)
		return;
	tree_list(before, &names);
	tree_list(now, &now_names);
	for (size_t i = 0; i < now_names.n; i++)
		if (!strv_has(&names, now_names.v[i]))
			strv_add(&names, now_names.v[i]);
	for (size_t i = 0; i < names.n; i++) {
		CLEANUP(free_p) char *p = below(path, names.v[i]);

		if (p)
			diff_entry(d, p);
	}
	if ((differs || d->found.n > found) && *path)
		diff_found(d, 'C', path);
}

void tree_diff(const char *before, const char *now, tree_change_fn *fn, void *ctx)
{
	struct diff d = { .before = before, .now = now };

	diff_dir(&d, "", false);
	if (d.found.n)
		qsort(d.found.v, d.found.n, sizeof *d.found.v, strv_compare);
	for (size_t i = 0; i < d.found.n; i++) {
		char *separator = strrchr(d.found.v[i], KIND_SEPARATOR);

		*separator = '\0';
		fn(ctx, separator[1], d.found.v[i]);
	}
	strv_done(&d.found);
}

/* One more part of the path; what a link says is put before the rest. */
static int resolve_part(struct buf *done, struct buf *rest, struct str part, const char *root, unsigned *links)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	if (!part.n || str_eq(part, STR(".")))
		return 0;
	if (str_eq(part, STR(".."))) {
		while (done->n && done->p[done->n - 1] != '/')
			done->n--;
		if (done->n)
			done->n--;
		return 0;
	}
	snprintf(path, sizeof path, "%s%.*s/%.*s", root, STR_ARG(buf_str(done)), STR_ARG(part));
	n = readlink(path, target, sizeof target);
	if (n < 0) {
		buf_addf(done, "/%.*s", STR_ARG(part));
	} else {
		CLEANUP(buf_done) struct buf longer = BUF_INIT(PATH_MAX);

		if (++*links > 40)
			return -1;
		if (target[0] == '/')
			done->n = 0;
		buf_addf(&longer, "%.*s/%s", (int)n, target, buf_z(rest));
		buf_clear(rest);
		buf_add(rest, buf_str(&longer));
	}
	return 0;
}

char *tree_resolve(const char *root, const char *path)
{
	CLEANUP(buf_done) struct buf done = BUF_INIT(PATH_MAX), rest = BUF_INIT(PATH_MAX);
	unsigned links = 0;
	char *whole = NULL;

	buf_add_z(&rest, path);
	while (rest.n) {
		struct str part;
		CLEANUP(free_p) char *copy = NULL;

		str_cut(buf_str(&rest), '/', &part, NULL);
		copy = str_dup(part);
		buf_consume(&rest, part.n < rest.n ? part.n + 1 : part.n);
		if (!copy || resolve_part(&done, &rest, str_from(copy), root, &links) < 0)
			return NULL;
	}
	if (asprintf(&whole, "%s%.*s", root, STR_ARG(buf_str(&done))) < 0)
		return NULL;
	return whole;
}
