#include "base/bridge.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct bridge {
	struct byte_producer producer;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* one for both sides: only one of them ever waits */
	bool running;           /* the thread has to be joined */

	/* Under the lock. */
	char *ring;
	size_t start, used;
	bool ended, dropped;
	struct error failure;
	bool failed;
};

/* ---- the producer's side ----------------------------------------------------------------------------------------------- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* As much as fits without waiting. */
static size_t fill(struct bridge *b, const char *p, size_t n)
{
	size_t end = (b->start + b->used) % BRIDGE_BYTES;
	size_t first;

	n = least(n, BRIDGE_BYTES - b->used);
	first = least(n, BRIDGE_BYTES - end);
	memcpy(b->ring + end, p, first);
	memcpy(b->ring, p + first, n - first);
	b->used += n;
	return n;
}

static int bridge_write(void *ctx, const void *data, size_t n, struct error *err)
{
	struct bridge *b = ctx;
	const char *p = data;
	bool dropped;

	pthread_mutex_lock(&b->lock);
	while (n && !b->dropped) {
		size_t done = fill(b, p, n);

		if (done)
			pthread_cond_signal(&b->changed);
		else
			pthread_cond_wait(&b->changed, &b->lock);
		p += done;
		n -= done;
	}
	dropped = b->dropped;
	pthread_mutex_unlock(&b->lock);
	return dropped ? error_set(err, ERR_INTERRUPTED, "nobody reads the stream any more") : 0;
}

static void *bridge_run(void *ctx)
{
	struct bridge *b = ctx;
	struct byte_sink sink = { bridge_write, b };
	struct error failure = ERROR_INIT;
	int r = producer_run(&b->producer, &sink, &failure);

	pthread_mutex_lock(&b->lock);
	b->ended = true;
	b->failed = r < 0 && !b->dropped;
	error_move(&b->failure, &failure);
	pthread_cond_signal(&b->changed);
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

/* ---- the reader's side ------------------------------------------------------------------------------------------------- */

static size_t take(struct bridge *b, char *p, size_t n)
{
	size_t first;

	n = least(n, b->used);
	first = least(n, BRIDGE_BYTES - b->start);
	memcpy(p, b->ring + b->start, first);
	memcpy(p + first, b->ring, n - first);
	b->start = (b->start + n) % BRIDGE_BYTES;
	b->used -= n;
	return n;
}

/* What was written before a failure is not worth reading: it would only be sent in vain. */
static ssize_t bridge_read(void *ctx, void *p, size_t n, struct error *err)
{
	struct bridge *b = ctx;
	ssize_t r;

	pthread_mutex_lock(&b->lock);
	while (!b->used && !b->ended)
		pthread_cond_wait(&b->changed, &b->lock);
	if (b->failed)
		r = b->failure.kind ? error_move(err, &b->failure) : error_set(err, ERR_SYSTEM, "the stream broke off");
	else
		r = (ssize_t)take(b, p, n);
	pthread_cond_signal(&b->changed);
	pthread_mutex_unlock(&b->lock);
	return r;
}

struct byte_source bridge_source(struct bridge *b)
{
	return (struct byte_source){ bridge_read, b, b->producer.length };
}

bool bridge_failed(struct bridge *b)
{
	bool failed;

	pthread_mutex_lock(&b->lock);
	failed = b->failed;
	pthread_mutex_unlock(&b->lock);
	return failed;
}

/* ---- the thread -------------------------------------------------------------------------------------------------------- */

/* Signals are for the thread that waits for them. */
static int start(struct bridge *b, struct error *err)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&b->thread, NULL, bridge_run, b);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	b->running = r == 0;
	return r == 0 ? 0 : error_set(err, ERR_SYSTEM, "start a thread: %s", strerror(r));
}

static void stop(struct bridge *b)
{
	if (!b->running)
		return;
	pthread_mutex_lock(&b->lock);
	b->dropped = true;
	pthread_cond_signal(&b->changed);
	pthread_mutex_unlock(&b->lock);
	pthread_join(b->thread, NULL);
	b->running = false;
}

int bridge_restart(void *ctx, struct error *err)
{
	struct bridge *b = ctx;

	if (!b->producer.again)
		return error_set(err, ERR_UNSUPPORTED, "the stream can't be had a second time");
	stop(b);
	error_done(&b->failure);
	b->failure = ERROR_INIT;
	b->start = b->used = 0;
	b->ended = b->dropped = b->failed = false;
	return start(b, err);
}

int bridge_open(const struct byte_producer *producer, struct bridge **ret, struct error *err)
{
	CLEANUP(bridge_close_p) struct bridge *b = calloc(1, sizeof *b);
	int r;

	if (!b)
		return error_set(err, ERR_SYSTEM, "stream: out of memory");
	b->producer = *producer;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->changed, NULL);
	b->ring = malloc(BRIDGE_BYTES);
	if (!b->ring)
		return error_set(err, ERR_SYSTEM, "stream: out of memory");
	r = start(b, err);
	if (r < 0)
		return r;
	*ret = ptr_take(&b);
	return 0;
}

void bridge_close_p(struct bridge **b)
{
	if (*b) {
		stop(*b);
		pthread_cond_destroy(&(*b)->changed);
		pthread_mutex_destroy(&(*b)->lock);
		error_done(&(*b)->failure);
		free((*b)->ring);
	}
	free(ptr_take(b));
}
