/* cmd/podman/create_opts.h: every flag that create and run have in Podman 1.6 to 5 and in docker, as one table. */
#ifndef CMD_PODMAN_CREATE_OPTS_H
#define CMD_PODMAN_CREATE_OPTS_H

#include "cli/opt.h"

struct run_args {
	struct flags flags;
};

/* Both fill a struct run_args. */
extern const struct opt create_opts[], run_opts[];

#endif
