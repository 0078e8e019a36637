/* base/scratch.h: a private temporary folder that is gone afterwards, however the program ends. */
#ifndef BASE_SCRATCH_H
#define BASE_SCRATCH_H

#include <sys/types.h>

#include "base/error.h"

struct scratch {
	char *path; /* mode 0700, below $TMPDIR or the given folder; owned */
	int alive;  /* its other end is with the process that removes the folder when this one closes */
	pid_t remover;
};

#define SCRATCH_INIT ((struct scratch){ .alive = -1 })

int scratch_open(const char *prefix, struct scratch *ret, struct error *err);
/* The same in dir, for what is to be renamed to a place there. */
int scratch_open_in(const char *dir, const char *prefix, struct scratch *ret, struct error *err);
/* Removes the folder with all that is in it. Safe on SCRATCH_INIT. */
void scratch_done(struct scratch *s);

#endif
