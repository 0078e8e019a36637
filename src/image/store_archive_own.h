/* image/store_archive_own.h: what the two kinds of archives offer to an archive that somebody else opened. */
#ifndef IMAGE_STORE_ARCHIVE_OWN_H
#define IMAGE_STORE_ARCHIVE_OWN_H

#include "image/docker_archive.h"
#include "image/store_archive.h"

/* a is taken, also on failure. image: a reference, "@N" or "". */
int store_oci_archive_source(struct store_archive *a, const char *name, const char *scope, const char *image, struct image_source **ret, struct error *err);
/* wanted is taken. */
int store_docker_archive_source(struct store_archive *a, const char *name, struct docker_archive_name *wanted, struct image_source **ret, struct error *err);

#endif
