/* cmd/podman/manifest.h: what the commands about manifest lists share. */
#ifndef CMD_PODMAN_MANIFEST_H
#define CMD_PODMAN_MANIFEST_H

#include "cmd/podman/creds.h"

/* creds_header for an image or a destination that may have a transport in front; those that are no registry's need none. */
int manifest_auth(const struct creds_args *creds, const char *image, char **ret, struct error *err);

#endif
