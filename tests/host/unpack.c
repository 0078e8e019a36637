#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/strv.h"
#include "tree.h"

enum { BLOCK = 64 * 1024 };

static void reader_free_p(struct archive **a)
{
	if (*a)
		archive_read_free(*a);
}

static void writer_free_p(struct archive **a)
{
	if (*a)
		archive_write_free(*a);
}

static int failed(struct archive *a, const char *what, struct error *err)
{
	const char *why = archive_error_string(a);

	return error_set(err, ERR_PROTOCOL, "%s: %s", what, why ? why : "no archive");
}

static struct archive *reader_open(const char *path, bool raw)
{
	struct archive *a = archive_read_new();

	if (!a)
		return NULL;
	archive_read_support_filter_all(a);
	if (raw)
		archive_read_support_format_raw(a);
	else
		archive_read_support_format_tar(a);
	archive_read_support_format_empty(a);
	if (archive_read_open_filename(a, path, BLOCK) == ARCHIVE_OK)
		return a;
	archive_read_free(a);
	return NULL;
}

/* The name without slashes and dots in front; NULL for one that leads out of the folder, and for the folder itself. */
static const char *inner_name(const char *name)
{
	while (*name == '/' || (name[0] == '.' && name[1] == '/'))
		name++;
	if (!*name || strcmp(name, ".") == 0)
		return NULL;
	for (const char *p = name; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || !p[2]))
			return NULL;
	}
	return name;
}

/* Points the entry, and what it is a hard link to, into dir. */
static bool redirect(struct archive_entry *e, const char *dir)
{
	const char *name = archive_entry_pathname(e), *link = archive_entry_hardlink(e);
	char path[PATH_MAX];

	name = name ? inner_name(name) : NULL;
	if (!name)
		return false;
	snprintf(path, sizeof path, "%s/%s", dir, name);
	archive_entry_copy_pathname(e, path);
	if (!link)
		return true;
	link = inner_name(link);
	if (!link)
		return false;
	snprintf(path, sizeof path, "%s/%s", dir, link);
	archive_entry_copy_hardlink(e, path);
	return true;
}

static void remove_content(const char *dir)
{
	CLEANUP(strv_done) struct strv names = { 0 };

	tree_list(dir, &names);
	for (size_t i = 0; i < names.n; i++) {
		CLEANUP(free_p) char *path = path_join(dir, names.v[i]);

		if (path)
			tree_remove(path);
	}
}

/* True when the entry was one of a layer's marks for what is gone. */
static bool white_out(const char *name, const char *dir)
{
	const char *inner = inner_name(name), *slash, *last;
	char path[PATH_MAX];

	if (!inner)
		return false;
	slash = strrchr(inner, '/');
	last = slash ? slash + 1 : inner;
	if (strncmp(last, ".wh.", 4) != 0)
		return false;
	if (strcmp(last, ".wh..wh..opq") == 0) {
		snprintf(path, sizeof path, "%s/%.*s", dir, (int)(last - inner), inner);
		remove_content(path);
	} else if (strncmp(last, ".wh..wh.", 8) != 0) {
		snprintf(path, sizeof path, "%s/%.*s%s", dir, (int)(last - inner), inner, last + 4);
		tree_remove(path);
	}
	return true;
}

static int copy_data(struct archive *in, struct archive *out, const char *what, struct error *err)
{
	const void *block;
	la_int64_t offset;
	size_t n;
	int r;

	while ((r = archive_read_data_block(in, &block, &n, &offset)) == ARCHIVE_OK)
		if (archive_write_data_block(out, block, n, offset) < ARCHIVE_WARN)
			return failed(out, what, err);
	return r == ARCHIVE_EOF ? 0 : failed(in, what, err);
}

/* A folder that takes the place of a file and the other way round: libarchive keeps a full folder. */
static void make_room(struct archive_entry *e)
{
	struct stat st;

	if (lstat(archive_entry_pathname(e), &st) < 0)
		return;
	if (S_ISDIR(st.st_mode) != (archive_entry_filetype(e) == AE_IFDIR) || !S_ISDIR(st.st_mode))
		tree_remove(archive_entry_pathname(e));
}

/* Nodes that this user may not make are left out, as rootless podman leaves out their owners. */
static int extract_entry(struct archive *in, struct archive *out, struct archive_entry *e, struct error *err)
{
	bool special = archive_entry_filetype(e) == AE_IFCHR || archive_entry_filetype(e) == AE_IFBLK;
	int r;

	make_room(e);
	r = archive_write_header(out, e);
	if (r < ARCHIVE_WARN)
		return special ? 0 : failed(out, archive_entry_pathname(e), err);
	return archive_entry_size(e) > 0 ? copy_data(in, out, archive_entry_pathname(e), err) : 0;
}

static int extract(const char *tar, const char *dir, bool layer, struct error *err)
{
	enum { FLAGS = ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_SECURE_SYMLINKS };
	CLEANUP(reader_free_p) struct archive *in = reader_open(tar, false);
	CLEANUP(writer_free_p) struct archive *out = archive_write_disk_new();
	struct archive_entry *e;
	int status = 0, r = 0;

	if (!in || !out)
		return error_set(err, ERR_PROTOCOL, "%s: no archive", tar);
	archive_write_disk_set_options(out, FLAGS | (geteuid() == 0 ? ARCHIVE_EXTRACT_OWNER : 0));
	while (r == 0 && (status = archive_read_next_header(in, &e)) >= ARCHIVE_WARN && status != ARCHIVE_EOF) {
		if (layer && white_out(archive_entry_pathname(e), dir))
			continue;
		if (redirect(e, dir))
			r = extract_entry(in, out, e, err);
	}
	if (r == 0 && status != ARCHIVE_EOF)
		r = failed(in, tar, err);
	return r;
}

int unpack(const char *tar, const char *dir, struct error *err)
{
	return extract(tar, dir, false, err);
}

int unpack_layer(const char *tar, const char *dir, struct error *err)
{
	return extract(tar, dir, true, err);
}

bool unpack_is_archive(const char *path)
{
	CLEANUP(reader_free_p) struct archive *a = reader_open(path, false);
	struct archive_entry *e;
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size && a && archive_read_next_header(a, &e) == ARCHIVE_OK;
}

int unpack_plain(const char *from, const char *to, struct error *err)
{
	CLEANUP(reader_free_p) struct archive *in = reader_open(from, true);
	CLEANUP(fd_close_p) int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct archive_entry *e;
	char block[BLOCK];
	la_ssize_t n;

	if (fd < 0)
		return error_set_errno(err, "%s", to);
	if (!in || archive_read_next_header(in, &e) != ARCHIVE_OK)
		return error_set(err, ERR_PROTOCOL, "%s: can't be read", from);
	while ((n = archive_read_data(in, block, sizeof block)) > 0)
		if (fd_write_all(fd, block, (size_t)n, 0, err) < 0)
			return -ERR_SYSTEM;
	return n < 0 ? failed(in, from, err) : 0;
}
