#include "cmd/skopeo/retry.h"

#include <poll.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "cmd/skopeo/globals.h"

#define FIRST_DELAY_MS 1000
#define MAX_DOUBLINGS  6   /* about a minute */
#define LOOK_MS        100 /* at --command-timeout while waiting */

const struct opt retry_opts[] = {
	OPT_STR(0, "retry-delay", struct retry_args, delay, "duration", "Delay between retries; it doubles from 1s when not given"),
	OPT_INT(0, "retry-times", struct retry_args, times, "int", "The number of times to possibly retry"), OPT_END
};

int retry_init(struct retry *r, const struct retry_args *a, struct error *err)
{
	int64_t ns = 0;

	if (a->delay && (!duration_parse(str_from(a->delay), &ns) || ns < 0))
		return error_set(err, ERR_USAGE,
				 "invalid argument \"%s\" for \"--retry-delay\" flag: time: invalid duration \"%s\"", a->delay,
				 a->delay);
	*r = (struct retry){ .times = a->times, .delay_ms = (uint64_t)ns / 1000000 };
	return 0;
}

/* A registry's own words may change with the next try; what it says about names and rights has kinds of its own. */
static bool may_pass(const struct error *err)
{
	return err->kind == ERR_CONNECT || err->kind == ERR_REMOTE;
}

static void pause_ms(uint64_t ms)
{
	uint64_t end = clock_after_ms(ms);

	for (uint64_t now = clock_ms(); now < end && !skopeo_interrupted(NULL); now = clock_ms())
		poll(NULL, 0, end - now < LOOK_MS ? (int)(end - now) : LOOK_MS);
}

bool retry_again(struct retry *r, struct error *err)
{
	uint64_t delay_ms =
		r->delay_ms ? r->delay_ms : (uint64_t)FIRST_DELAY_MS << (r->done < MAX_DOUBLINGS ? r->done : MAX_DOUBLINGS);
	CLEANUP(buf_done) struct buf delay = BUF_INIT(64);

	if (r->done >= r->times || !may_pass(err) || skopeo_interrupted(NULL))
		return false;
	r->done++;
	duration_string((int64_t)delay_ms * 1000000, &delay);
	log_warn("Failed, retrying in %s ... (%lld/%lld). Error: %s", buf_z(&delay), (long long)r->done, (long long)r->times,
		 err->text);
	error_clear(err);
	pause_ms(delay_ms);
	return true;
}
