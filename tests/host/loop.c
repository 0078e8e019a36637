#include "loop.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"

/* A connection or a process too many is left out of this turn when there is no memory; it gets its chance in the next. */
static bool loop_grow(struct loop *l)
{
	size_t cap = l->cap ? l->cap * 2 : 32;
	struct pollfd *fds = realloc(l->fds, cap * sizeof *fds);
	struct loop_want *wants;

	if (!fds)
		return false;
	l->fds = fds;
	wants = realloc(l->wants, cap * sizeof *wants);
	if (!wants)
		return false;
	l->wants = wants;
	l->cap = cap;
	return true;
}

void loop_want(struct loop *l, int fd, short events, loop_fn *fn, void *ctx)
{
	if (l->n == l->cap && !loop_grow(l))
		return;
	l->fds[l->n] = (struct pollfd){ .fd = fd, .events = events };
	l->wants[l->n] = (struct loop_want){ .fn = fn, .ctx = ctx };
	l->n++;
}

void loop_wake_at(struct loop *l, uint64_t at_ms)
{
	if (!l->wake_ms || at_ms < l->wake_ms)
		l->wake_ms = at_ms;
}

static int loop_timeout_ms(const struct loop *l)
{
	uint64_t now = clock_ms();

	if (!l->wake_ms)
		return -1;
	if (l->wake_ms <= now)
		return 0;
	return l->wake_ms - now > 60000 ? 60000 : (int)(l->wake_ms - now);
}

int loop_turn(struct loop *l, struct error *err)
{
	int ready = poll(l->fds, (nfds_t)l->n, loop_timeout_ms(l));
	size_t n = l->n;

	l->n = 0;
	l->wake_ms = 0;
	if (ready < 0 && errno != EINTR)
		return error_set_errno(err, "poll");
	for (size_t i = 0; i < n && ready > 0; i++) {
		if (!l->fds[i].revents)
			continue;
		ready--;
		l->wants[i].fn(l->wants[i].ctx, l->fds[i].revents);
	}
	return 0;
}

void loop_done(struct loop *l)
{
	free(l->fds);
	free(l->wants);
	*l = (struct loop){ 0 };
}
