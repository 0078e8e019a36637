/* varlink/signal.h: io.podman takes signals by number, the host's: Linux. */
#ifndef VARLINK_SIGNAL_H
#define VARLINK_SIGNAL_H

#include "base/error.h"

/* "KILL", "SIGKILL", "sigkill", "9", "RTMIN+3". ERR_USAGE. */
int signal_number(const char *name, int *ret, struct error *err);

#endif
