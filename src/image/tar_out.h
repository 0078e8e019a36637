/* image/tar_out.h: a tar in a file of ours, whose members may begin before their size and name are known: their header is written when they end. Headers are ustar as
 * Go's archive/tar writes them, so that archives equal those of other tools byte for byte. */
#ifndef IMAGE_TAR_OUT_H
#define IMAGE_TAR_OUT_H

#include "base/buf.h"
#include "base/bytes.h"

struct tar_out {
	int fd;       /* of a regular file; borrowed */
	int64_t at;   /* where the next header goes */
	int64_t data; /* written of the member that is open */
};

struct tar_out_entry {
	const char *name, *link; /* link: of a symbolic link */
	const char *owner;       /* name of user and group 0; NULL: none */
	char type;               /* '0' file, '2' symbolic link, '5' folder */
	unsigned mode;
	int64_t mtime_s;
};

/* Begins a member; the sink's ctx is t. */
struct byte_sink tar_out_begin(struct tar_out *t);
/* Ends it under a name, or takes back what was written of it. */
int tar_out_end(struct tar_out *t, const struct tar_out_entry *e, struct error *err);
int tar_out_drop(struct tar_out *t, struct error *err);

/* A member whose content is there. */
int tar_out_add(struct tar_out *t, const struct tar_out_entry *e, struct str content, struct error *err);
/* The end of the archive, on the disk. */
int tar_out_finish(struct tar_out *t, struct error *err);

#endif
