/* varlink/names.h: names of images that only this room needs. */
#ifndef VARLINK_NAMES_H
#define VARLINK_NAMES_H

#include "varlink/host.h"

/* "localhost/podman-build-3f..:latest": a name for an image that is to have none, where the service makes none without. */
int names_make(struct buf *ret, struct error *err);

/* Takes that name away again, as well as that can be done; id: the image's. */
void names_drop(struct host *h, const char *id, const char *name);

#endif
