/* archive/place.h: places below one folder, found name by name with openat and O_NOFOLLOW: no symbolic link on the way is ever followed,
 * and ".." is never asked for, so that nothing outside the folder can be reached. */
#ifndef ARCHIVE_PLACE_H
#define ARCHIVE_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/buf.h"

#define PLACE_MAX_BYTES ((size_t)64 * 1024) /* of a path */

/* An archive's name as a path below the folder: without ".", empty parts and slashes at the end; "" for the folder itself. ERR_PROTOCOL for
 * an absolute one and for "..". */
int place_clean(const char *name, struct buf *out, struct error *err);

/* Cuts the last part off path (cleaned). */
void place_split(struct str path, struct str *ret_dir, struct str *ret_name);

struct place_rules {
	bool make;      /* folders on the way that are missing */
	bool keep_kind; /* something else on the way is ERR_CONFLICT; else a folder takes its place */
};

/* Opens the folder path ("": root itself). ERR_NOT_FOUND when it is missing; ERR_PROTOCOL for a symbolic link on the way. */
int place_open_dir(int root, struct str path, struct place_rules rules, int *ret_fd, struct error *err);

/* Removes name in the folder dir, with all that is below it. */
int place_remove(int dir, const char *name, struct error *err);

#endif
