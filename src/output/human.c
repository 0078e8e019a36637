#include "output/human.h"

#include <inttypes.h>

#include "base/cleanup.h"

#define MINUTE 60
#define HOUR   (60 * MINUTE)

void human_duration(int64_t seconds, struct buf *out)
{
	int64_t minutes = seconds / MINUTE, hours = (seconds + HOUR / 2) / HOUR;

	if (seconds < 1)
		buf_add_z(out, "Less than a second");
	else if (seconds == 1)
		buf_add_z(out, "1 second");
	else if (seconds < MINUTE)
		buf_addf(out, "%" PRId64 " seconds", seconds);
	else if (minutes == 1)
		buf_add_z(out, "About a minute");
	else if (minutes < 60)
		buf_addf(out, "%" PRId64 " minutes", minutes);
	else if (hours == 1)
		buf_add_z(out, "About an hour");
	else if (hours < 48)
		buf_addf(out, "%" PRId64 " hours", hours);
	else if (hours < 24 * 7 * 2)
		buf_addf(out, "%" PRId64 " days", hours / 24);
	else if (hours < 24 * 30 * 2)
		buf_addf(out, "%" PRId64 " weeks", hours / 24 / 7);
	else if (hours < 24 * 365 * 2)
		buf_addf(out, "%" PRId64 " months", hours / 24 / 30);
	else
		buf_addf(out, "%" PRId64 " years", seconds / HOUR / 24 / 365); /* go-units rounds everywhere but here */
}

void human_size(double bytes, int digits, bool blank, struct buf *out)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB" };
	size_t i = 0;

	while (bytes >= 1000 && i + 1 < ARRAY_LEN(units)) {
		bytes /= 1000;
		i++;
	}
	buf_addf(out, "%.*g%s%s", digits, bytes, blank ? " " : "", units[i]);
}
