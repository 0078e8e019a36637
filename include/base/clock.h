/* base/clock.h: the monotonic clock for deadlines, and the texts of points in time and durations that Podman's protocols use. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"

/* Monotonic milliseconds; never 0. */
uint64_t clock_ms(void);

/* clock_ms() + ms, for deadlines. */
uint64_t clock_after_ms(uint64_t ms);

/* Seconds since 1970 of the zero time of Go (0001-01-01T00:00:00Z), which the hosts send for "never". */
#define CLOCK_GO_ZERO_S INT64_C(-62135596800)

/* A point in time: unix seconds and nanoseconds in 0..999999999, and the zone offset it was written with. */
struct instant {
	int64_t s;
	int32_t ns;
	int32_t zone_s;
};

/* RFC 3339 with optional fraction and zone ("2026-11-23T17:37:41.123456789Z", "...+02:00"). False when it is not that. */
bool instant_parse_rfc3339(struct str s, struct instant *ret);

/* "2026-11-23T17:37:41.123456789Z" as Go's RFC3339Nano (trailing zeros of the fraction dropped), in UTC. */
void instant_rfc3339(struct instant t, struct buf *out);

/* "2026-11-23 17:37:30.123456789 +0000 UTC" as Go's time.String() in UTC. */
void instant_go_string(struct instant t, struct buf *out);

struct instant instant_now(void);

/* Go's time.ParseDuration: "1h15m30.5s", "-1.5h", "250ms", "0". In nanoseconds. False when it is not that or overflows. */
bool duration_parse(struct str s, int64_t *ret_ns);

/* Go's Duration.String(): "1h15m30.5s", "250ms", "0s". */
void duration_string(int64_t ns, struct buf *out);

#endif
