/* cmd/podman/tar_end.h: whether a tar stream that went by was whole. Hosts send archives whose length nobody knows beforehand; only
 * the two blocks of zeros at the end (POSIX.1-2001 pax, "ustar Interchange Format") tell a complete one from one whose sender died. */
#ifndef CMD_PODMAN_TAR_END_H
#define CMD_PODMAN_TAR_END_H

#include <stdint.h>

#include "base/error.h"

#define TAR_UNIT 512
#define TAR_END (2 * TAR_UNIT)
#define TAR_END_HEAD 6 /* bytes that tell a compression */

/* Starts as zeros. */
struct tar_end {
	uint64_t bytes;
	unsigned zeros;   /* at the end of what was seen so far; counted up to TAR_END */
	unsigned char head[TAR_END_HEAD];
};

void tar_end_add(struct tar_end *t, const void *p, size_t n);

/* ERR_PROTOCOL: the stream was empty or its end is missing. A compressed one is not judged. */
int tar_end_check(const struct tar_end *t, struct error *err);

#endif
