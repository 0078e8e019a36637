/* unpack.h: folders from tar files, compressed or not, by libarchive. Nothing is written outside the folder. */
#ifndef HOST_UNPACK_H
#define HOST_UNPACK_H

#include <stdbool.h>

#include "base/error.h"

/* Into dir, which must be there. ERR_PROTOCOL: it is no archive. */
int unpack(const char *tar, const char *dir, struct error *err);
/* The same for the layer of an image: what its ".wh." files name goes away. */
int unpack_layer(const char *tar, const char *dir, struct error *err);

bool unpack_is_archive(const char *path);

/* What is left when the compression is taken away, if there is any. */
int unpack_plain(const char *from, const char *to, struct error *err);

#endif
