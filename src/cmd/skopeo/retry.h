/* cmd/skopeo/retry.h: --retry-times and --retry-delay: the whole operation once more when a connection or a registry failed. */
#ifndef CMD_SKOPEO_RETRY_H
#define CMD_SKOPEO_RETRY_H

#include "cli/opt.h"

struct retry_args {
	int64_t times;
	const char *delay; /* NULL: 1 s, doubled each time */
};

/* Rows for a struct retry_args. */
extern const struct opt retry_opts[];

struct retry {
	int64_t times, done;
	uint64_t delay_ms; /* 0: doubled */
};

int retry_init(struct retry *r, const struct retry_args *a, struct error *err);
/* True when what failed may go another time and there is one left: says so, waits and clears err. */
bool retry_again(struct retry *r, struct error *err);

#endif
