/* registry/retry.h: what can be repeated without harm is repeated, with growing delays. */
#ifndef REGISTRY_RETRY_H
#define REGISTRY_RETRY_H

#include "registry/request.h"

#define REG_DELAY_MAX_MS 60000

struct reg_retry {
	int done;          /* tries that have failed */
	unsigned delay_ms; /* the next one's; 0: the first's */
};

/* After a request that gave ret (and *err then) or a status: 1 when it should be repeated, after the wait; then *err is empty. Else ret,
 * or ERR_INTERRUPTED. */
int reg_retry(struct registry *r, struct reg_retry *state, const struct reg_reply *reply, int ret, struct error *err);

/* Milliseconds that a Retry-After header means, seconds or a date; 0 when it means nothing. */
unsigned reg_retry_after_ms(const struct reg_lib *lib, struct str value, int64_t now_s);

/* reg_follow of a request without a body, repeated. */
int reg_retried(struct registry *r, const struct reg_request *q, struct reg_reply *reply, struct error *err);

#endif
