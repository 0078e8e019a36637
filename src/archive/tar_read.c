#include <stdlib.h>
#include <string.h>

#include "archive/lib.h"
#include "archive/tar.h"
#include "base/buf.h"
#include "base/cleanup.h"

struct tar_reader {
	const struct libarchive *l;
	struct archive *a;
	struct libarchive_input in;
	char *dir_name; /* of the current entry, without the slash behind it */
	bool failed;
};

/* Programs for filters that a small libarchive lacks are not what we want to start; such a filter fails when it is met. */
static bool configure(struct tar_reader *t)
{
	const struct libarchive *l = t->l;

	/* On macOS "._x" would be taken for the attributes of x, and vanish. */
	l->archive_read_set_format_option(t->a, "tar", "mac-ext", NULL);
	return LIBARCHIVE_OK(l->archive_read_support_filter_gzip(t->a)) && LIBARCHIVE_OK(l->archive_read_support_filter_bzip2(t->a)) &&
	       LIBARCHIVE_OK(l->archive_read_support_filter_xz(t->a)) && LIBARCHIVE_OK(l->archive_read_support_filter_zstd(t->a)) &&
	       LIBARCHIVE_OK(l->archive_read_open(t->a, &t->in, NULL, libarchive_input_read, NULL));
}

int tar_reader_open(const struct byte_source *source, struct tar_reader **ret, struct error *err)
{
	CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
	const struct libarchive *l;
	int r = libarchive_get(&l, err);

	if (r < 0)
		return r;
	t = calloc(1, sizeof *t);
	if (!t)
		return error_set(err, ERR_SYSTEM, "out of memory");
	t->l = l;
	t->in.source = *source;
	t->a = l->archive_read_new();
	if (!t->a || !LIBARCHIVE_OK(l->archive_read_support_format_tar(t->a)) || !configure(t))
		return libarchive_input_error(&t->in, t->a, "open the archive", err);
	*ret = ptr_take(&t);
	return 0;
}

static enum tar_type type_of(unsigned file_type)
{
	switch (file_type) {
	case AE_IFDIR:
		return TAR_DIR;
	case AE_IFLNK:
		return TAR_SYMLINK;
	case AE_IFCHR:
		return TAR_CHAR;
	case AE_IFBLK:
		return TAR_BLOCK;
	case AE_IFIFO:
		return TAR_FIFO;
	default:
		return TAR_FILE;
	}
}

static int cut_slashes(struct tar_reader *t, const char **name, struct error *err)
{
	size_t n = strlen(*name);

	while (n > 1 && (*name)[n - 1] == '/')
		n--;
	free(t->dir_name);
	t->dir_name = str_dup((struct str){ *name, n });
	*name = t->dir_name;
	return t->dir_name ? 1 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* 1, as tar_read_entry. */
static int read_entry(struct tar_reader *t, struct archive_entry *from, struct tar_entry *ret, struct error *err)
{
	const struct libarchive *l = t->l;
	const char *hardlink = l->archive_entry_hardlink(from);

	*ret = (struct tar_entry){
		.name = l->archive_entry_pathname(from),
		.link = hardlink ? hardlink : l->archive_entry_symlink(from),
		.uname = l->archive_entry_uname(from),
		.gname = l->archive_entry_gname(from),
		.type = hardlink ? TAR_HARDLINK : type_of(l->archive_entry_filetype(from)),
		.mode = l->archive_entry_perm(from),
		.uid = l->archive_entry_uid(from),
		.gid = l->archive_entry_gid(from),
		.mtime_s = l->archive_entry_mtime(from),
		.mtime_ns = l->archive_entry_mtime_nsec(from),
		.device_major = (unsigned)l->archive_entry_rdevmajor(from),
		.device_minor = (unsigned)l->archive_entry_rdevminor(from),
	};
	if (ret->type == TAR_FILE)
		ret->size = l->archive_entry_size(from);
	if (!ret->name || !*ret->name)
		return error_set(err, ERR_PROTOCOL, "the archive has an entry without a name");
	if (ret->type == TAR_SYMLINK && !ret->link)
		return error_set(err, ERR_PROTOCOL, "%s: the archive has a symbolic link without a target", ret->name);
	return ret->type == TAR_DIR ? cut_slashes(t, &ret->name, err) : 1;
}

/* A tar archive ends with zero blocks. libarchive takes them away and is content without. What is behind them (programs fill up their
 * last record) is read, too: who sends it should not find the line cut, and a stream that broke there is broken. */
static int read_end(struct tar_reader *t, struct error *err)
{
	if (t->in.failure.kind)
		return libarchive_input_error(&t->in, t->a, "", err);
	if (t->l->archive_filter_bytes(t->a, 0) <= t->l->archive_read_header_position(t->a))
		return error_set(err, ERR_PROTOCOL, "the archive is cut off: its end is missing");
	return libarchive_input_drain(&t->in, err);
}

int tar_read_entry(struct tar_reader *t, struct tar_entry *ret, struct error *err)
{
	struct archive_entry *entry = NULL;
	locale_t before;
	int r;

	if (t->failed)
		return error_set(err, ERR_PROTOCOL, "the archive is broken");
	before = libarchive_bytes_begin();
	r = t->l->archive_read_next_header(t->a, &entry);
	if (r == ARCHIVE_EOF)
		r = read_end(t, err);
	else if (LIBARCHIVE_OK(r))
		r = read_entry(t, entry, ret, err);
	else
		r = libarchive_input_error(&t->in, t->a, "the archive is broken", err);
	libarchive_bytes_end(before);
	t->failed = r < 0;
	return r;
}

ssize_t tar_read_data(struct tar_reader *t, void *p, size_t n, struct error *err)
{
	la_ssize_t done = t->l->archive_read_data(t->a, p, n);

	if (done >= 0)
		return done;
	t->failed = true;
	return libarchive_input_error(&t->in, t->a, "the archive is broken", err);
}

void tar_reader_close_p(struct tar_reader **tp)
{
	struct tar_reader *t = ptr_take(tp);

	if (!t)
		return;
	if (t->a)
		t->l->archive_read_free(t->a);
	error_done(&t->in.failure);
	free(t->dir_name);
	free(t);
}
