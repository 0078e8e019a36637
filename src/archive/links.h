/* archive/links.h: files of several names that were packed already: (device, inode) to the first name. Only files that have more than one
 * name come in here, so that memory stays small. */
#ifndef ARCHIVE_LINKS_H
#define ARCHIVE_LINKS_H

#include <sys/types.h>

#include "base/buf.h"

#define LINKS_MAX_BYTES ((size_t)256 * 1024 * 1024) /* of all their names */

struct link_slot {
	dev_t dev;
	ino_t ino;
	size_t name; /* in names, plus 1; 0: free */
};

struct links {
	struct link_slot *slots;
	size_t n, cap;
	struct buf names; /* each with its NUL */
};

#define LINKS_INIT ((struct links){ .names = BUF_INIT(LINKS_MAX_BYTES) })

/* 1: *ret is the name under which the file is known, borrowed until the next call; 0: it wasn't, and is now known as name. */
int links_remember(struct links *l, dev_t dev, ino_t ino, const char *name, const char **ret, struct error *err);
void links_done(struct links *l);

#endif
