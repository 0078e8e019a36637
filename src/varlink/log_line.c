#include "varlink/log_line.h"

#include "base/cleanup.h"
#include "base/units.h"

#define NS_PER_S 1000000000

int instant_cmp(struct instant a, struct instant b)
{
	if (a.s != b.s)
		return a.s < b.s ? -1 : 1;
	return a.ns < b.ns ? -1 : a.ns > b.ns;
}

bool log_line_parse(struct str line, struct log_line *ret)
{
	struct str time, device, tag;

	if (!str_cut(line, ' ', &time, &line) || !str_cut(line, ' ', &device, &line) || !str_cut(line, ' ', &tag, &line))
		return false;
	if (!instant_parse_rfc3339(time, &ret->time))
		return false;
	if (!str_eq(device, STR("stdout")) && !str_eq(device, STR("stderr")))
		return false;
	ret->channel = str_eq(device, STR("stderr")) ? STREAM_STDERR : STREAM_STDOUT;
	ret->partial = tag.n > 0 && tag.p[0] == 'P';
	ret->text = line;
	return true;
}

void log_time(struct instant t, struct buf *out)
{
	time_t s = (time_t)(t.s + t.zone_s);
	struct tm tm;
	char text[64];
	int zone_min = t.zone_s / 60;

	if (!gmtime_r(&s, &tm) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	buf_addf(out, "%s.%09d", text, (int)t.ns);
	if (zone_min == 0)
		buf_add_char(out, 'Z');
	else
		buf_addf(out, "%c%02d:%02d", zone_min < 0 ? '-' : '+', abs(zone_min) / 60, abs(zone_min) % 60);
}

/* The forms of RFC 3339 that podman lets through incomplete. */
static bool parse_written(struct str text, struct instant *ret)
{
	CLEANUP(buf_done) struct buf full = BUF_INIT(256);
	struct str date = text, zone = STR("Z");

	if (instant_parse_rfc3339(text, ret))
		return true;
	buf_addf(&full, "%.*sZ", STR_ARG(text));
	if (instant_parse_rfc3339(buf_str(&full), ret))
		return true;
	if (text.n > 10) {
		date.n = 10;
		zone = (struct str){ text.p + 10, text.n - 10 };
	}
	buf_clear(&full);
	buf_addf(&full, "%.*sT00:00:00%.*s", STR_ARG(date), STR_ARG(zone));
	return instant_parse_rfc3339(buf_str(&full), ret);
}

/* "1795453328" or "1795453328.25". */
static bool parse_unix(struct str text, struct instant *ret)
{
	struct str whole, fraction;
	int64_t s, ns = 0;
	int32_t unit = NS_PER_S;

	str_cut(text, '.', &whole, &fraction);
	if (!int_parse(whole, &s))
		return false;
	for (size_t i = 0; i < fraction.n && unit > 1; i++) {
		if (fraction.p[i] < '0' || fraction.p[i] > '9')
			return false;
		unit /= 10;
		ns += (int64_t)(fraction.p[i] - '0') * unit;
	}
	*ret = (struct instant){ .s = s, .ns = (int32_t)ns };
	return true;
}

static struct instant before(struct instant now, int64_t ns)
{
	struct instant t = { .s = now.s - ns / NS_PER_S, .ns = now.ns - (int32_t)(ns % NS_PER_S) };

	if (t.ns < 0) {
		t.ns += NS_PER_S;
		t.s--;
	} else if (t.ns >= NS_PER_S) {
		t.ns -= NS_PER_S;
		t.s++;
	}
	return t;
}

int log_when(const char *text, struct instant now, struct instant *ret, struct error *err)
{
	struct str s = str_from(text);
	int64_t ns;

	if (parse_written(s, ret) || parse_unix(s, ret))
		return 0;
	if (!duration_parse(s, &ns))
		return error_set(err, ERR_USAGE,
				 "%s is neither a time (2026-01-02T15:04:05Z), nor unix seconds, nor a duration (10m)", text);
	*ret = before(now, ns);
	return 0;
}
