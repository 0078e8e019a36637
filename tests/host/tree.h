/* tree.h: folders with the files of images and containers. */
#ifndef HOST_TREE_H
#define HOST_TREE_H

#include <stdint.h>

#include "base/error.h"
#include "base/strv.h"

/* A small root file system around busybox, at path. Without busybox on the machine it has no commands, and containers of a host that
 * does not run as root use the machine's. */
int tree_make_base(const char *path, struct error *err);

/* Of every file of the base. */
#define TREE_BASE_TIME_S 1586908800

/* Copies from to to with times, permissions and, as root, owners. Folders that are there already are filled up, anything else gives way.
 * Large programs are linked, since nobody edits a busybox in place. */
int tree_copy(const char *from, const char *to, struct error *err);

/* Where path leads to, with the links in it followed as a process with the root folder root would; its end need not be there. Owned by the
 * caller; NULL when links go round in circles. */
char *tree_resolve(const char *root, const char *path);

/* Sorted names; a folder that can't be read has none. */
void tree_list(const char *path, struct strv *names);

void tree_remove(const char *path);

/* All of it. */
void tree_chown(const char *path, unsigned uid, unsigned gid);

int64_t tree_size(const char *path);

/* Calls back for what differs, sorted by path: 'A' added, 'C' changed, 'D' deleted in now. path starts with a slash. */
typedef void tree_change_fn(void *ctx, char kind, const char *path);
void tree_diff(const char *before, const char *now, tree_change_fn *fn, void *ctx);

#endif
