/* cmd/podman/archive_in.h: archives of this machine on their way to a host: a file, standard input, a folder, a URL. What hosts
 * don't take as it is is uncompressed on the way. */
#ifndef CMD_PODMAN_ARCHIVE_IN_H
#define CMD_PODMAN_ARCHIVE_IN_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/scratch.h"

#define ARCHIVE_IN_HEAD 6 /* bytes that tell a compression */

enum archive_use {
	ARCHIVE_OF_IMAGES, /* load: Podman 4.3.1 does not find the parts of a compressed docker-archive */
	ARCHIVE_OF_FILES,  /* import: every host takes gzip */
};

struct archive_in {
	enum archive_use use;
	const char *where; /* borrowed: path, folder or URL; "-": standard input */
	int fd;            /* -1: none */
	struct scratch scratch; /* where the file of a URL lies */
	bool folder_is_docker;
	int64_t length;    /* of the rest of a regular file; -1: not known */
	unsigned char head[ARCHIVE_IN_HEAD];
	size_t n_head, head_used;
	struct byte_producer producer; /* its ctx is this struct, which must not move */
};

#define ARCHIVE_IN_INIT ((struct archive_in){ .fd = -1, .scratch = SCRATCH_INIT })

bool archive_in_is_url(const char *where);

/* where: borrowed until archive_in_done. What a URL names is fetched to its end here, so that a broken download sends nothing. A
 * folder is one of save --format oci-dir or docker-dir, and is no ARCHIVE_OF_FILES. ERR_PROTOCOL: it is empty. */
int archive_in_open(const char *where, enum archive_use use, struct archive_in *ret, struct error *err);
void archive_in_done(struct archive_in *a);

#endif
