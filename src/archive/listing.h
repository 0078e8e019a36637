/* archive/listing.h: the names in a folder, sorted by their bytes. */
#ifndef ARCHIVE_LISTING_H
#define ARCHIVE_LISTING_H

#include "base/buf.h"

#define LISTING_MAX_BYTES ((size_t)256 * 1024 * 1024) /* of all names of one folder */

struct listing {
	struct buf text;
	const char **names; /* in text */
	size_t n;
};

#define LISTING_INIT ((struct listing){ .text = BUF_INIT(LISTING_MAX_BYTES) })

/* fd stays open, and where it stands is lost. name: the folder's, for errors. */
int listing_read(struct listing *l, int fd, const char *name, struct error *err);
void listing_done(struct listing *l);

#endif
