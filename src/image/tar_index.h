/* image/tar_index.h: where the members of an uncompressed tar lie (ustar, GNU and POSIX.1-2001 pax headers), found from header to header without reading what is
 * between them: an archive of many gigabytes costs a read per member. */
#ifndef IMAGE_TAR_INDEX_H
#define IMAGE_TAR_INDEX_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define TAR_INDEX_MAX      200000           /* members */
#define TAR_INDEX_NAME_MAX 4096             /* bytes of a name */
#define TAR_INDEX_TEXT_MAX (32 * 1024 * 1024) /* of all names */

struct tar_index;

/* An archive, read anywhere. read: as pread; fewer bytes than asked for only at the end. */
struct tar_input {
	ssize_t (*read)(void *ctx, void *p, size_t n, int64_t offset, struct error *err);
	void *ctx;
	int64_t size;
	const char *name; /* for messages */
};

/* ERR_PROTOCOL for what is no tar, is broken or is cut off. */
int tar_index_open(const struct tar_input *in, struct tar_index **ret, struct error *err);
void tar_index_close_p(struct tar_index **t);

/* Where the content of a file lies. name: without "./" in front; links of both kinds are followed, within the archive. ERR_NOT_FOUND "file NAME not found in tar";
 * ERR_PROTOCOL for what is no plain file. */
int tar_index_find(const struct tar_index *t, const char *name, int64_t *ret_offset, int64_t *ret_size, struct error *err);

#endif
