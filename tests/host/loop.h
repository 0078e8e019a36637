/* loop.h: the one poll loop. Who waits for a descriptor says so before every turn, so nothing has to be unregistered. */
#ifndef HOST_LOOP_H
#define HOST_LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef void loop_fn(void *ctx, short revents);

struct loop {
	struct pollfd *fds;
	struct loop_want {
		loop_fn *fn;
		void *ctx;
	} * wants;
	size_t n, cap;
	uint64_t wake_ms; /* 0: nothing is due */
};

/* In the next turn only: calls fn when one of events, or a hang-up, is there. */
void loop_want(struct loop *l, int fd, short events, loop_fn *fn, void *ctx);

/* The next turn ends at clock_ms() == at_ms or before. */
void loop_wake_at(struct loop *l, uint64_t at_ms);

/* Waits for what was wanted, calls back, forgets all wants. */
int loop_turn(struct loop *l, struct error *err);

void loop_done(struct loop *l);

#endif
