/* base/path.h: folders of the user, and files that are written whole or not at all. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <sys/types.h>

#include "base/buf.h"

/* $HOME, else the password database. Borrowed for the process's life; "" when neither knows. */
const char *path_home(void);

/* $XDG_CONFIG_HOME when it is absolute, else ~/.config (on macOS too). Owned by the caller. */
char *path_config_home(void);
/* $XDG_CACHE_HOME when it is absolute, else ~/.cache. Owned by the caller. */
char *path_cache_home(void);
/* $TMPDIR when it is absolute, else /tmp. Borrowed. */
const char *path_tmp(void);

/* "~" and "~/x" replaced by the home folder; anything else copied. Owned by the caller. */
char *path_expand_home(const char *path);

/* dir + "/" + name; name alone when it is absolute. Owned by the caller. */
char *path_join(const char *dir, const char *name);

/* mkdir -p; folders that it makes get mode. */
int path_make_dirs(const char *path, mode_t mode, struct error *err);

/* The whole file, at most b->max bytes. ERR_NOT_FOUND when there is none, ERR_SYSTEM else. */
int path_read(const char *path, struct buf *b, struct error *err);

/* Writes by a temporary file beside it, fsync and rename; an existing file keeps its content when anything fails. A device or a pipe is written to. */
int path_write_atomic(const char *path, struct str content, mode_t mode, struct error *err);

#endif
