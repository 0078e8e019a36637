/* cmd/podman/full_name.h: names that an image gets from the user. */
#ifndef CMD_PODMAN_FULL_NAME_H
#define CMD_PODMAN_FULL_NAME_H

#include "base/error.h"

/* As podman names local images: "web" is "localhost/web:latest". ERR_USAGE for a name with a digest and for none at all. *ret is
 * owned by the caller. */
int full_name(const char *typed, char **ret, struct error *err);

#endif
