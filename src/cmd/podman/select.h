/* cmd/podman/select.h: which containers a command means: names, or --all, --latest, --filter, --cidfile. */
#ifndef CMD_PODMAN_SELECT_H
#define CMD_PODMAN_SELECT_H

#include "engine/engine.h"

struct selection {
	const struct strv *names;    /* as typed */
	const struct strv *cidfiles; /* files that hold an ID each; may be NULL */
	bool all, latest;
	bool ignore;                 /* a missing cidfile is skipped */
	const struct strv *filters;  /* may be NULL */
	const char *only_state;      /* with all: containers in this state ("running"); NULL: every state */
};

/* ret: names as typed where there were names, full IDs otherwise. ERR_USAGE when nothing or too much was chosen, in podman's words. */
int select_containers(struct engine *e, const struct selection *sel, struct strv *ret, struct error *err);

#endif
