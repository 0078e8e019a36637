/* cmd/podman/build.h: what the parts of build share. */
#ifndef CMD_PODMAN_BUILD_H
#define CMD_PODMAN_BUILD_H

#include "base/flags.h"
#include "cli/opt.h"

struct build_args {
	struct flags flags;
};

extern const struct opt build_opts[];

#endif
