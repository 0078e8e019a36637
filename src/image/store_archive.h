/* image/store_archive.h: archives of images, read where they lie. One that is compressed, or comes from a pipe, is kept uncompressed in a file without a name while
 * it is open. Several threads may read. */
#ifndef IMAGE_STORE_ARCHIVE_H
#define IMAGE_STORE_ARCHIVE_H

#include "base/scratch.h"
#include "image/store.h"
#include "image/tar_out.h"

struct store_archive;

int store_archive_open(const char *path, struct store_archive **ret, struct error *err);
/* Of a stream; name is for messages. */
int store_archive_of(const char *name, const struct byte_source *stream, struct store_archive **ret, struct error *err);
void store_archive_close_p(struct store_archive **a);

/* The content of a file, at most limit bytes; ret is BUF_INITed here. */
int store_archive_read(const struct store_archive *a, const char *member, size_t limit, struct buf *ret, struct error *err);

/* A file's bytes. Opened: a is borrowed. */
struct archive_member {
	const struct store_archive *archive;
	int64_t at, left;
};
int store_archive_member(const struct store_archive *a, const char *member, struct archive_member *ret, struct error *err);
/* ctx is m, which must outlive it. */
struct byte_source archive_member_source(struct archive_member *m);

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

/* An archive under way, in a folder of its own beside its target: what is there now stays until the new one is whole. */
struct archive_target {
	char *path; /* NULL: no target, the file is handed on */
	struct scratch folder;
	int fd;
	struct tar_out tar;
};

#define ARCHIVE_TARGET_INIT ((struct archive_target){ .folder = SCRATCH_INIT, .fd = -1 })

int archive_target_open(const char *path, struct archive_target *t, struct error *err);
/* Ends the archive and puts it in place. */
int archive_target_commit(struct archive_target *t, struct error *err);
void archive_target_done(struct archive_target *t);

#endif
