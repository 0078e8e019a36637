/* cmd/podman/loaded.h: what a host loaded: its names, or IDs of images without one. */
#ifndef CMD_PODMAN_LOADED_H
#define CMD_PODMAN_LOADED_H

#include "engine/engine.h"

struct session;

/* Gives the one image that was loaded the name that the user typed, which is all that loaded has then. */
int loaded_rename(struct engine *e, struct strv *loaded, const char *typed, struct error *err);

/* "Loaded image: NAME" for each. */
void loaded_print(struct session *s, const struct strv *loaded);

#endif
