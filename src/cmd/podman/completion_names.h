/* cmd/podman/completion_names.h: names that only a host or the configuration knows, for completion. */
#ifndef CMD_PODMAN_COMPLETION_NAMES_H
#define CMD_PODMAN_COMPLETION_NAMES_H

#include <stdio.h>

#include "config/config.h"

/* A completion_names_fn; ctx is the struct config_flags of the command line being typed. Prints nothing when the host can't be asked. */
void completion_names(void *ctx, const char *what, const char *prefix, FILE *out);

#endif
