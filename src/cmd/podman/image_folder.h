/* cmd/podman/image_folder.h: images that lie in a folder, as save --format oci-dir and docker-dir leave them, as a tar that hosts
 * load.
 *
 * An OCI layout (image-layout.md of the OCI image spec 1.1) and an unpacked docker-archive are archives as they are. The other kind,
 * containers/image's "dir:", is known to no host as a tar: its files are put in the places that an OCI layout has for them. */
#ifndef CMD_PODMAN_IMAGE_FOLDER_H
#define CMD_PODMAN_IMAGE_FOLDER_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"

#define IMAGE_FOLDER_MANIFEST_MAX (4 * 1024 * 1024)

/* Which of the two functions below makes an archive of it. ERR_USAGE when it is no image. */
int image_folder_kind(const char *dir, bool *ret_docker, struct error *err);

/* The folder as it is: an OCI layout, an unpacked docker-archive. */
int image_folder_plain(const char *dir, const struct byte_sink *to, struct error *err);
/* ERR_PROTOCOL for a manifest that is none, ERR_NOT_FOUND for a missing blob. */
int image_folder_docker(const char *dir, const struct byte_sink *to, struct error *err);

#endif
