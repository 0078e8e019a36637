/* image/store_pool.h: clients of one registry for several threads: each call takes one and gives it back, so that connections and tokens are used again. */
#ifndef IMAGE_STORE_POOL_H
#define IMAGE_STORE_POOL_H

#include "image/store.h"

#define POOL_KEPT 16 /* clients that wait for another call */

struct store_pool;

struct pool_req {
	const char *repository; /* "host[:port]/path": whose credentials are looked up */
	const char *user_host;  /* --creds and tokens go to this host only */
	bool insecure;          /* as registries.conf has it; the command line counts more */
};

/* Reads credentials and certificates; speaks to nobody. o must outlive the pool. */
int store_pool_open(const struct pool_req *q, const struct store_options *o, struct store_pool **ret, struct error *err);
int store_pool_take(struct store_pool *p, struct registry **ret, struct error *err);
void store_pool_give(struct store_pool *p, struct registry *r);
/* Of the repository: what is asked for in /v2/PATH/... Borrowed. */
const char *store_pool_path(const struct store_pool *p);
void store_pool_close_p(struct store_pool **p);

#endif
