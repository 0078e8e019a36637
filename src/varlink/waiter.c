#include "varlink/waiter.h"

#include "base/cleanup.h"
#include "base/clock.h"

/* Nanoseconds between two looks of the service at the container; 0 would wait for ever, even for one that has ended. */
#define INTERVAL_NS 250000000

int waiter_open(struct waiter *w, struct host *h, const char *name, struct error *err)
{
	struct json_object *in;
	int r;

	*w = (struct waiter){ .host = h };
	r = host_dial(h, &w->v, err);
	if (r < 0)
		return r;
	in = host_name(name);
	js_set_int(in, "interval", INTERVAL_NS);
	r = host_begin(h, w->v, "WaitContainer", in, err);
	if (r < 0)
		waiter_close(w);
	return r;
}

void waiter_close(struct waiter *w)
{
	varlink_close(w->v);
	w->v = NULL;
}

struct pollfd waiter_poll(const struct waiter *w, int *timeout_ms)
{
	uint64_t now = clock_ms(), due = w->silent_ms + WAITER_DRAIN_MS;

	if (w->silent_ms) {
		int left = due > now ? (int)(due - now) : 0;

		if (*timeout_ms < 0 || left < *timeout_ms)
			*timeout_ms = left;
	}
	return (struct pollfd){ .fd = w->v ? varlink_fd(w->v) : -1, .events = POLLIN };
}

int waiter_dispatch(struct waiter *w, const struct pollfd *p, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	bool continues;
	int r;

	if (!w->v || !p->revents)
		return 0;
	r = varlink_try_next(w->v, &reply, &continues, err);
	if (r == 0)
		return 0;
	r = host_failed(w->host, w->v, r, err);
	/* It was removed in the same moment (--rm): over too, only its code is lost. */
	if (r == -ERR_NOT_FOUND || r == -ERR_REMOTE) {
		error_clear(err);
		w->status = -1;
	} else if (r < 0) {
		return r;
	} else {
		w->status = (int)js_get_int(reply, "exitcode", -1);
	}
	w->done = true;
	w->silent_ms = clock_ms();
	waiter_close(w);
	return 0;
}

void waiter_heard(struct waiter *w)
{
	if (w->silent_ms)
		w->silent_ms = clock_ms();
}

bool waiter_over(const struct waiter *w)
{
	return w->silent_ms && clock_ms() >= w->silent_ms + WAITER_DRAIN_MS;
}
