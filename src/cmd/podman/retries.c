#include "cmd/podman/retries.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/units.h"
#include "cmd/session.h"

#define FIRST_DELAY_MS 1000
#define MAX_DELAY_MS   60000

int retries_parse(const char *retry, const char *delay, struct retries *ret, struct error *err)
{
	struct retries t = { .left = RETRIES_DEFAULT, .delay_ms = FIRST_DELAY_MS };
	int64_t ns;

	if (retry && (!int_parse(str_from(retry), &t.left) || t.left < 0))
		return error_set(err, ERR_USAGE, "invalid argument \"%s\" for \"--retry\"", retry);
	if (delay) {
		if (!duration_parse(str_from(delay), &ns) || ns < 0)
			return error_set(err, ERR_USAGE, "time: invalid duration \"%s\" for --retry-delay", delay);
		t.delay_ms = (uint64_t)ns / 1000000;
		t.fixed = true;
	}
	*ret = t;
	return 0;
}

static void pause_ms(uint64_t ms)
{
	struct timespec left = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&left, NULL);
}

bool retries_again(struct retries *t, struct session *s, bool quiet, struct error *err)
{
	if (err->kind != ERR_CONNECT || t->left <= 0)
		return false;
	if (!quiet)
		fprintf(session_err(s), "Trying again in %.1f s, %lld left: %s\n", (double)t->delay_ms / 1000, (long long)t->left, err->text);
	pause_ms(t->delay_ms);
	t->left--;
	if (!t->fixed)
		t->delay_ms = t->delay_ms * 2 > MAX_DELAY_MS ? MAX_DELAY_MS : t->delay_ms * 2;
	error_clear(err);
	return true;
}
