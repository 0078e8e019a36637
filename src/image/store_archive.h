/* image/store_archive.h: archives of images, read where they lie. One that is compressed, or comes from a pipe, is kept uncompressed in a file without a name while
 * it is open. Several threads may read. */
#ifndef IMAGE_STORE_ARCHIVE_H
#define IMAGE_STORE_ARCHIVE_H

#include <pthread.h>

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
	pthread_mutex_t tail; /* held by who writes at the end of the archive */
	pthread_mutex_t lock; /* around what is known of its members; never held while a blob moves */
};

#define ARCHIVE_TARGET_INIT                                                                                                                                 \
	((struct archive_target){ .folder = SCRATCH_INIT, .fd = -1, .tail = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER })

int archive_target_open(const char *path, struct archive_target *t, struct error *err);

/* A blob, checked, at the end of the archive. While another one is under way there it waits in a file without a name: what comes over a network need not stand
 * still. end is called with the tail: it gives the member its name (tar_out_end), or takes it back (tar_out_drop). */
typedef int archive_end_fn(void *ctx, const char *digest, int64_t size, struct error *err);
int archive_target_put(struct archive_target *t, const struct store_blob *b, const struct byte_producer *content, archive_end_fn *end, void *ctx,
		       char ret_digest[DIGEST_MAX], int64_t *ret_size, struct error *err);
/* Ends the archive and puts it in place. */
int archive_target_commit(struct archive_target *t, struct error *err);
void archive_target_done(struct archive_target *t);

#endif
