#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"

#define LOG_LINE_MAX (64 * 1024)

static const struct {
	const char *name;
	const char *tag; /* on a terminal */
	int priority;    /* for syslog */
} levels[] = {
	[LOG_PANIC_] = { "panic", "PANI", LOG_CRIT },  [LOG_FATAL_] = { "fatal", "FATA", LOG_CRIT },
	[LOG_ERROR_] = { "error", "ERRO", LOG_ERR },   [LOG_WARN_] = { "warning", "WARN", LOG_WARNING },
	[LOG_INFO_] = { "info", "INFO", LOG_INFO },    [LOG_DEBUG_] = { "debug", "DEBU", LOG_DEBUG },
	[LOG_TRACE_] = { "trace", "TRAC", LOG_DEBUG },
};

static enum log_level current = LOG_WARN_;
static bool to_syslog;
static uint64_t begun_ms;

int log_level_parse(const char *name, enum log_level *ret, struct error *err)
{
	if (strcasecmp(name, "warn") == 0) {
		*ret = LOG_WARN_;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (strcasecmp(name, levels[i].name) == 0) {
			*ret = (enum log_level)i;
			return 0;
		}
	}
	return error_set(err, ERR_USAGE, "log level \"%s\" is not one of panic, fatal, error, warn, info, debug, trace", name);
}

void log_set_level(enum log_level level)
{
	current = level;
	if (!begun_ms)
		begun_ms = clock_ms();
}

bool log_enabled(enum log_level level)
{
	return level <= current;
}

void log_set_syslog(bool on)
{
	if (on && !to_syslog)
		openlog("podman", LOG_PID, LOG_USER);
	else if (!on && to_syslog)
		closelog();
	to_syslog = on;
}

/* In the user's zone, as logrus writes it: "2026-11-23T18:37:41+01:00". */
static void add_time(struct buf *line)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32];
	long zone_min;

	localtime_r(&now, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	buf_add_z(line, text);
	zone_min = tm.tm_gmtoff / 60;
	if (zone_min)
		buf_addf(line, "%c%02ld:%02ld", zone_min < 0 ? '-' : '+', labs(zone_min) / 60, labs(zone_min) % 60);
	else
		buf_add_char(line, 'Z');
}

/* One line whatever the message has in it, and no escape sequence of a hostile host reaches the terminal. */
static void add_escaped(struct buf *line, const char *text, bool quotes)
{
	for (const char *c = text; *c; c++) {
		if (*c == '\n')
			buf_add(line, STR("\\n"));
		else if (*c == '\t')
			buf_add(line, STR("\\t"));
		else if ((unsigned char)*c < 0x20 || *c == 0x7f)
			buf_addf(line, "\\x%02x", (unsigned)(unsigned char)*c);
		else if (quotes && (*c == '"' || *c == '\\'))
			buf_addf(line, "\\%c", *c);
		else
			buf_add_char(line, *c);
	}
}

static void add_line(struct buf *line, enum log_level level, const char *text)
{
	if (isatty(STDERR_FILENO)) {
		unsigned long long s = begun_ms ? (clock_ms() - begun_ms) / 1000 : 0;

		buf_addf(line, "%s[%04llu] ", levels[level].tag, s);
		add_escaped(line, text, false);
	} else {
		buf_add(line, STR("time=\""));
		add_time(line);
		buf_addf(line, "\" level=%s msg=\"", levels[level].name);
		add_escaped(line, text, true);
		buf_add_char(line, '"');
	}
	buf_add_char(line, '\n');
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(LOG_LINE_MAX / 4); /* an escaped byte takes four */
	CLEANUP(buf_done) struct buf line = BUF_INIT(LOG_LINE_MAX + 128);
	va_list ap;

	if (!log_enabled(level))
		return;
	va_start(ap, fmt);
	if (!buf_vaddf(&text, fmt, ap)) {
		buf_clear(&text);
		buf_add(&text, STR("(a message too long for the log)"));
	}
	va_end(ap);
	add_line(&line, level, buf_z(&text));
	/* One write, so that the lines of two processes on one terminal do not mix. */
	(void)!write(STDERR_FILENO, buf_z(&line), line.n);
	if (to_syslog)
		syslog(levels[level].priority, "%s", buf_z(&text));
}
