#include "registry/retry.h"

#include <poll.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/units.h"
#include "registry/errors.h"
#include "registry/explain.h"

#define SLICE_MS 100

unsigned reg_retry_after_ms(const struct reg_lib *lib, struct str value, int64_t now_s)
{
	CLEANUP(free_p) char *z = NULL;
	int64_t s;

	if (!int_parse(value, &s)) {
		z = str_dup(value);
		s = z ? (int64_t)lib->getdate(z, NULL) : -1;
		s = s < 0 ? 0 : s - now_s;
	}
	if (s <= 0)
		return 0;
	return s > REG_DELAY_MAX_MS / 1000 ? REG_DELAY_MAX_MS : (unsigned)s * 1000;
}

static int sleep_ms(struct registry *r, unsigned ms, struct error *err)
{
	uint64_t end = clock_after_ms(ms), now;

	while ((now = clock_ms()) < end) {
		if (r->interrupted && r->interrupted(r->ctx))
			return error_set(err, ERR_INTERRUPTED, "interrupted");
		poll(NULL, 0, end - now < SLICE_MS ? (int)(end - now) : SLICE_MS);
	}
	return 0;
}

static unsigned delay_of(struct registry *r, struct reg_retry *state, const struct reg_reply *reply)
{
	struct str after;
	unsigned named = 0;

	if (!state->delay_ms)
		state->delay_ms = reply->status == 429 ? 2 * r->delay_ms : r->delay_ms;
	else
		state->delay_ms = state->delay_ms > REG_DELAY_MAX_MS / 2 ? REG_DELAY_MAX_MS : 2 * state->delay_ms;
	if (reply->status && reg_reply_header(reply, "Retry-After", 0, &after))
		named = reg_retry_after_ms(r->lib, after, instant_now().s);
	return named ? named : state->delay_ms;
}

int reg_retry(struct registry *r, struct reg_retry *state, const struct reg_reply *reply, int ret, struct error *err)
{
	CLEANUP(error_done) struct error why = ERROR_INIT;
	unsigned delay;

	if (!(ret == -ERR_CONNECT && reg_code_passes(reply->code)) && !(ret == 0 && (reply->status == 429 || reply->status == 503)))
		return ret;
	if (++state->done >= r->tries)
		return ret;
	if (ret < 0)
		error_move(&why, err);
	else
		reg_reply_refusal(reply, &why);
	delay = delay_of(r, state, reply);
	if (r->retrying)
		r->retrying(r->ctx, why.text, delay);
	ret = sleep_ms(r, delay, err);
	return ret < 0 ? ret : 1;
}

int reg_retried(struct registry *r, const struct reg_request *q, struct reg_reply *reply, struct error *err)
{
	struct reg_retry state = { 0 };
	int ret;

	do
		ret = reg_retry(r, &state, reply, reg_follow(r, q, reply, err), err);
	while (ret > 0);
	return ret;
}
