/* cmd/podman/retries.h: --retry and --retry-delay of what this machine repeats itself. */
#ifndef CMD_PODMAN_RETRIES_H
#define CMD_PODMAN_RETRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define RETRIES_DEFAULT 3 /* podman's */

struct session;

struct retries {
	int64_t left;
	uint64_t delay_ms; /* before the next */
	bool fixed;        /* the delay was typed; else it doubles */
};

/* As typed; NULL: the default. ERR_USAGE in podman's words. */
int retries_parse(const char *retry, const char *delay, struct retries *ret, struct error *err);

/* True when a connection broke and there is a try left: says so on stderr (quiet: not), waits, clears err. */
bool retries_again(struct retries *t, struct session *s, bool quiet, struct error *err);

#endif
