#include <stdlib.h>
#include <sys/stat.h>

#include "archive/lib.h"
#include "archive/tar.h"
#include "base/cleanup.h"

struct tar_writer {
	const struct libarchive *l;
	struct archive *a;
	struct archive_entry *entry;
	struct libarchive_output out;
};

static const unsigned file_types[] = {
	[TAR_FILE] = AE_IFREG, [TAR_DIR] = AE_IFDIR,   [TAR_SYMLINK] = AE_IFLNK, [TAR_HARDLINK] = AE_IFREG,
	[TAR_CHAR] = AE_IFCHR, [TAR_BLOCK] = AE_IFBLK, [TAR_FIFO] = AE_IFIFO,
};

/* GNU's form and not pax: names there are bytes, whatever they are, while pax wants UTF-8 and libarchive a header of 1 KiB more on every entry
 * to say that they may be anything. Long names and large sizes fit in both, and everything that reads tar reads it. */
static bool configure(struct tar_writer *w)
{
	const struct libarchive *l = w->l;

	return l->archive_write_set_format_gnutar(w->a) == ARCHIVE_OK &&
	       l->archive_write_set_bytes_per_block(w->a, BYTES_PIECE) == ARCHIVE_OK &&
	       l->archive_write_set_bytes_in_last_block(w->a, 1) == ARCHIVE_OK &&
	       l->archive_write_open(w->a, &w->out, NULL, libarchive_output_write, NULL) == ARCHIVE_OK;
}

int tar_writer_open(const struct byte_sink *sink, struct tar_writer **ret, struct error *err)
{
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	const struct libarchive *l;
	int r = libarchive_get(&l, err);

	if (r < 0)
		return r;
	w = calloc(1, sizeof *w);
	if (!w)
		return error_set(err, ERR_SYSTEM, "out of memory");
	w->l = l;
	w->out.sink = *sink;
	w->a = l->archive_write_new();
	w->entry = l->archive_entry_new();
	if (!w->a || !w->entry || !configure(w))
		return libarchive_output_error(&w->out, w->a, "begin a tar archive", err);
	*ret = ptr_take(&w);
	return 0;
}

static void fill_entry(const struct libarchive *l, struct archive_entry *to, const struct tar_entry *e)
{
	l->archive_entry_clear(to);
	l->archive_entry_copy_pathname(to, e->name);
	l->archive_entry_set_filetype(to, file_types[e->type]);
	l->archive_entry_set_perm(to, (mode_t)(e->mode & 07777));
	l->archive_entry_set_uid(to, e->uid);
	l->archive_entry_set_gid(to, e->gid);
	l->archive_entry_set_mtime(to, (time_t)e->mtime_s, 0);
	if (e->uname)
		l->archive_entry_copy_uname(to, e->uname);
	if (e->gname)
		l->archive_entry_copy_gname(to, e->gname);
	if (e->type == TAR_SYMLINK)
		l->archive_entry_copy_symlink(to, e->link);
	if (e->type == TAR_HARDLINK)
		l->archive_entry_copy_hardlink(to, e->link);
	if (e->type == TAR_CHAR || e->type == TAR_BLOCK) {
		l->archive_entry_set_rdevmajor(to, (dev_t)e->device_major);
		l->archive_entry_set_rdevminor(to, (dev_t)e->device_minor);
	}
	l->archive_entry_set_size(to, e->type == TAR_FILE ? e->size : 0);
}

int tar_write_entry(struct tar_writer *w, const struct tar_entry *e, struct error *err)
{
	int r;

	fill_entry(w->l, w->entry, e);
	r = w->l->archive_write_header(w->a, w->entry);
	return LIBARCHIVE_OK(r) ? 0 : libarchive_output_error(&w->out, w->a, e->name, err);
}

int tar_write_data(struct tar_writer *w, const void *data, size_t n, struct error *err)
{
	const char *p = data;

	while (n) {
		la_ssize_t done = w->l->archive_write_data(w->a, p, n);

		if (done < 0)
			return libarchive_output_error(&w->out, w->a, "tar", err);
		if (done == 0)
			return error_set(err, ERR_SYSTEM, "tar: more data than the entry's size");
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int tar_writer_end(struct tar_writer *w, struct error *err)
{
	if (!LIBARCHIVE_OK(w->l->archive_write_close(w->a)))
		return libarchive_output_error(&w->out, w->a, "end a tar archive", err);
	return 0;
}

void tar_writer_close_p(struct tar_writer **wp)
{
	struct tar_writer *w = ptr_take(wp);

	if (!w)
		return;
	/* archive_write_free writes the end, wanted or not. (archive_write_fail stops it, but leaves its buffer behind.) */
	w->out.closed = true;
	if (w->a)
		w->l->archive_write_free(w->a);
	if (w->entry)
		w->l->archive_entry_free(w->entry);
	error_done(&w->out.failure);
	free(w);
}
