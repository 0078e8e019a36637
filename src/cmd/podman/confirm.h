/* cmd/podman/confirm.h: questions before something is removed for good. */
#ifndef CMD_PODMAN_CONFIRM_H
#define CMD_PODMAN_CONFIRM_H

#include <stdbool.h>

#include "base/error.h"

struct session;

/* Prints warning (with its line end) and podman's question to stdout and reads a line of standard input: *ret is true for y and yes,
 * ... in any case. ERR_USAGE "EOF" when there is nobody to answer, as podman. */
int confirm(struct session *s, const char *warning, bool *ret, struct error *err);

#endif
