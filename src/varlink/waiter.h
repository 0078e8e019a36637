/* varlink/waiter.h: learns on a connection of its own that a container has ended. Attach to a running container and logs -f go on
 * for ever when it does. */
#ifndef VARLINK_WAITER_H
#define VARLINK_WAITER_H

#include <poll.h>

#include "varlink/host.h"

/* How long output may stay silent after the container's end until it counts as all. */
#define WAITER_DRAIN_MS 300

struct waiter {
	struct host *host;
	struct varlink *v; /* NULL: not waiting, or done */
	bool done;
	int status;
	uint64_t silent_ms; /* clock_ms() from which on the output is silent; 0 while the container runs */
};

int waiter_open(struct waiter *w, struct host *h, const char *name, struct error *err);
void waiter_close(struct waiter *w);

struct pollfd waiter_poll(const struct waiter *w, int *timeout_ms);
/* After poll. ERR_CONNECT when the wait broke. */
int waiter_dispatch(struct waiter *w, const struct pollfd *p, struct error *err);
/* Output came. */
void waiter_heard(struct waiter *w);
/* The container ended and its output has been silent long enough. */
bool waiter_over(const struct waiter *w);

#endif
