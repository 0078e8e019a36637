#include "pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "tree.h"

struct pack {
	struct archive *archive;
};

static void entry_free_p(struct archive_entry **e)
{
	archive_entry_free(*e);
}

static int failed(struct pack *p, const char *what, struct error *err)
{
	const char *why = archive_error_string(p->archive);

	return error_set(err, ERR_SYSTEM, "%s: %s", what, why ? why : "can't be written");
}

int pack_open(const char *path, bool gzip, struct pack **ret, struct error *err)
{
	struct pack *p = calloc(1, sizeof *p);
	int r;

	if (!p || !(p->archive = archive_write_new())) {
		free(p);
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	archive_write_set_format_pax_restricted(p->archive);
	if (gzip)
		archive_write_add_filter_gzip(p->archive);
	/* Go's writers end with two blocks and nothing more. */
	archive_write_set_bytes_in_last_block(p->archive, 1);
	r = archive_write_open_filename(p->archive, path) == ARCHIVE_OK ? 0 : failed(p, path, err);
	if (r < 0)
		pack_close_p(&p);
	*ret = p;
	return r;
}

void pack_close_p(struct pack **p)
{
	if (!*p)
		return;
	archive_write_free((*p)->archive);
	free(*p);
	*p = NULL;
}

int pack_end(struct pack *p, struct error *err)
{
	return archive_write_close(p->archive) == ARCHIVE_OK ? 0 : failed(p, "end of the archive", err);
}

static int write_content(struct pack *p, const char *from, struct error *err)
{
	CLEANUP(fd_close_p) int fd = open(from, O_RDONLY | O_CLOEXEC);
	char block[64 * 1024];
	ssize_t n = 0;

	if (fd < 0)
		return error_set_errno(err, "%s", from);
	while ((n = read(fd, block, sizeof block)) > 0)
		if (archive_write_data(p->archive, block, (size_t)n) < 0)
			return failed(p, from, err);
	return n < 0 ? error_set_errno(err, "read %s", from) : 0;
}

/* Where only one user is mapped every file is his, which is to say root's. */
static void set_owner(struct archive_entry *e, const struct stat *st)
{
	bool root = geteuid() == 0;

	archive_entry_set_uid(e, root ? (la_int64_t)st->st_uid : 0);
	archive_entry_set_gid(e, root ? (la_int64_t)st->st_gid : 0);
}

int pack_add(struct pack *p, const char *root, const char *path, struct error *err)
{
	CLEANUP(entry_free_p) struct archive_entry *e = archive_entry_new();
	char from[PATH_MAX], target[PATH_MAX];
	struct stat st;
	ssize_t n;

	snprintf(from, sizeof from, "%s%s", root, path);
	if (!e || lstat(from, &st) < 0)
		return error_set_errno(err, "%s", from);
	if (S_ISSOCK(st.st_mode))
		return 0;
	archive_entry_copy_stat(e, &st);
	archive_entry_unset_atime(e);
	archive_entry_unset_ctime(e);
	archive_entry_unset_birthtime(e);
	archive_entry_set_nlink(e, 1);
	archive_entry_copy_pathname(e, path + 1);
	set_owner(e, &st);
	if (S_ISLNK(st.st_mode)) {
		n = readlink(from, target, sizeof target - 1);
		target[n > 0 ? n : 0] = '\0';
		archive_entry_copy_symlink(e, target);
		archive_entry_set_size(e, 0);
	}
	if (archive_write_header(p->archive, e) < ARCHIVE_WARN)
		return failed(p, from, err);
	return S_ISREG(st.st_mode) ? write_content(p, from, err) : 0;
}

static int write_plain_header(struct pack *p, const char *name, int64_t size, const char *target, struct error *err)
{
	CLEANUP(entry_free_p) struct archive_entry *e = archive_entry_new();

	if (!e)
		return error_set(err, ERR_SYSTEM, "out of memory");
	archive_entry_copy_pathname(e, name);
	archive_entry_set_mode(e, target ? AE_IFLNK | 0777 : AE_IFREG | 0444);
	archive_entry_set_size(e, size);
	archive_entry_set_mtime(e, 0, 0);
	if (target)
		archive_entry_copy_symlink(e, target);
	return archive_write_header(p->archive, e) < ARCHIVE_WARN ? failed(p, name, err) : 0;
}

int pack_add_text(struct pack *p, const char *name, struct str content, struct error *err)
{
	int r = write_plain_header(p, name, (int64_t)content.n, NULL, err);

	if (r == 0 && archive_write_data(p->archive, content.p, content.n) < 0)
		r = failed(p, name, err);
	return r;
}

int pack_add_file(struct pack *p, const char *name, const char *from, struct error *err)
{
	struct stat st;
	int r;

	if (stat(from, &st) < 0)
		return error_set_errno(err, "%s", from);
	r = write_plain_header(p, name, st.st_size, NULL, err);
	return r < 0 ? r : write_content(p, from, err);
}

int pack_add_link(struct pack *p, const char *name, const char *target, struct error *err)
{
	return write_plain_header(p, name, 0, target, err);
}

/* A walk over two trees, or over one and nothing. */
struct walk {
	struct pack *pack;
	const char *root;
	struct error *err;
	int r;
};

static void add_change(void *ctx, char kind, const char *path)
{
	struct walk *w = ctx;
	const char *slash = strrchr(path, '/');
	char name[PATH_MAX];

	if (w->r < 0)
		return;
	if (kind != 'D') {
		w->r = pack_add(w->pack, w->root, path, w->err);
		return;
	}
	snprintf(name, sizeof name, "%.*s.wh.%s", (int)(slash + 1 - (path + 1)), path + 1, slash + 1);
	w->r = pack_add_text(w->pack, name, STR(""), w->err);
}

int pack_changes(const char *before, const char *now, const char *tar, struct error *err)
{
	CLEANUP(pack_close_p) struct pack *p = NULL;
	struct walk w = { .root = now, .err = err };
	int r = pack_open(tar, false, &p, err);

	if (r < 0)
		return r;
	w.pack = p;
	tree_diff(before, now, add_change, &w);
	return w.r < 0 ? w.r : pack_end(p, err);
}

int pack_tree(const char *root, const char *tar, struct error *err)
{
	/* Everything is new compared to what is not there. */
	return pack_changes("/dev/null", root, tar, err);
}

int pack_gzip(const char *from, const char *to, struct error *err)
{
	CLEANUP(pack_close_p) struct pack *p = calloc(1, sizeof *p);
	CLEANUP(entry_free_p) struct archive_entry *e = archive_entry_new();

	if (!p || !e || !(p->archive = archive_write_new()))
		return error_set(err, ERR_SYSTEM, "out of memory");
	archive_write_set_format_raw(p->archive);
	archive_write_add_filter_gzip(p->archive);
	/* No time in the header: equal layers have equal blobs. */
	archive_write_set_filter_option(p->archive, "gzip", "timestamp", NULL);
	archive_entry_set_filetype(e, AE_IFREG);
	if (archive_write_open_filename(p->archive, to) != ARCHIVE_OK || archive_write_header(p->archive, e) != ARCHIVE_OK)
		return failed(p, to, err);
	if (write_content(p, from, err) < 0)
		return -ERR_SYSTEM;
	return pack_end(p, err);
}
