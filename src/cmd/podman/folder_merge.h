/* cmd/podman/folder_merge.h: the files of one folder become those of another on the same file system, by renaming. */
#ifndef CMD_PODMAN_FOLDER_MERGE_H
#define CMD_PODMAN_FOLDER_MERGE_H

#include "base/error.h"

#define FOLDER_MERGE_DEPTH 16

/* to need not exist. Where it does, files of the same name are replaced and others stay; index.json and manifest.json at the top,
 * which name all others, come last, so that a reader finds the old image or the new one. */
int folder_merge(const char *from, const char *to, struct error *err);

#endif
