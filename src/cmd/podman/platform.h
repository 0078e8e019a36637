/* cmd/podman/platform.h: --platform OS/ARCH[/VARIANT]. */
#ifndef CMD_PODMAN_PLATFORM_H
#define CMD_PODMAN_PLATFORM_H

#include <stdbool.h>

#include "base/error.h"

/* The pieces; NULL where not given. Owned. */
struct platform {
	char *os, *arch, *variant;
};

void platform_done(struct platform *p);

/* typed NULL: nothing happens. apart: --os, --arch or --variant was given too, which is ERR_USAGE. */
int platform_split(const char *typed, bool apart, struct platform *ret, struct error *err);

#endif
