/* varlink/copy.h: files of containers, by two ways that io.podman has for something else: commands in a running container, and the export
 * of one that does not run or has no shell. */
#ifndef VARLINK_COPY_H
#define VARLINK_COPY_H

#include "varlink/host.h"

/* Both return 1, or 0 when the container has no shell or no tools for it, so that the other way may do, or an error. path is absolute. */
int copy_stat_by_command(struct host *h, const char *container, const char *path, struct copy_stat *ret, struct error *err);
int copy_out_by_command(struct host *h, const char *container, const char *path, struct download **ret, struct error *err);

int copy_stat_by_export(struct host *h, const char *container, const char *path, struct copy_stat *ret, struct error *err);
/* path: without symbolic links on the way, as link_target has it. */
int copy_out_by_export(struct host *h, const char *container, const char *path, struct download **ret, struct error *err);

/* The path's last word, without slashes behind it; "" when it ends in "/." or is the root: the content is meant, not the folder. Owned by the caller. */
char *copy_base(const char *path);
/* Go's FileMode of "drwxr-sr-t". False when it is not that. */
bool copy_mode(struct str text, uint32_t *ret);

#define COPY_MODE_DIR     (1U << 31)
#define COPY_MODE_SYMLINK (1U << 27)

#endif
