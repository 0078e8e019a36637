#include "base/log.h"

#include <ctype.h>
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
#define TEXT_COLUMNS 44 /* logrus's, of a message with fields behind it */

static const struct {
	const char *name;
	const char *tag; /* on a terminal */
	int priority;    /* for syslog */
	int colour;      /* logrus's, ECMA-48 SGR */
} levels[] = {
	[LOG_PANIC_] = { "panic", "PANI", LOG_CRIT, 31 },  [LOG_FATAL_] = { "fatal", "FATA", LOG_CRIT, 31 },
	[LOG_ERROR_] = { "error", "ERRO", LOG_ERR, 31 },   [LOG_WARN_] = { "warning", "WARN", LOG_WARNING, 33 },
	[LOG_INFO_] = { "info", "INFO", LOG_INFO, 36 },    [LOG_DEBUG_] = { "debug", "DEBU", LOG_DEBUG, 37 },
	[LOG_TRACE_] = { "trace", "TRAC", LOG_DEBUG, 37 },
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

/* For programs one line whatever the message has in it; for people no escape sequence of a hostile host reaches the terminal. */
static void add_escaped(struct buf *line, const char *text, bool quotes)
{
	for (const char *c = text; *c; c++) {
		if (!quotes && (*c == '\n' || *c == '\t'))
			buf_add_char(line, *c);
		else if (*c == '\n')
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

/* logrus leaves out the quotes where nothing in the text wants them. */
static bool is_plain(const char *text)
{
	for (const char *c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-._/@^+", *c))
			return false;
	return *text != '\0';
}

static void add_value(struct buf *line, const char *text)
{
	bool quotes = !is_plain(text);

	if (quotes)
		buf_add_char(line, '"');
	add_escaped(line, text, quotes);
	if (quotes)
		buf_add_char(line, '"');
}

/* NO_COLOR: no-color.org. */
static bool is_coloured(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

static void add_coloured(struct buf *line, enum log_level level, const char *word)
{
	if (is_coloured())
		buf_addf(line, "\033[%dm%s\033[0m", levels[level].colour, word);
	else
		buf_add_z(line, word);
}

static void add_for_people(struct buf *line, enum log_level level, const char *text, const struct log_field *fields, size_t n)
{
	unsigned long long s = begun_ms ? (clock_ms() - begun_ms) / 1000 : 0;
	size_t start;

	add_coloured(line, level, levels[level].tag);
	buf_addf(line, "[%04llu] ", s);
	start = line->n;
	add_escaped(line, text, false);
	/* The fields of several lines stand below each other. */
	while (n && line->n - start < TEXT_COLUMNS)
		if (!buf_add_char(line, ' '))
			return;
	for (size_t i = 0; i < n; i++) {
		buf_add_char(line, ' ');
		add_coloured(line, level, fields[i].key);
		buf_add_char(line, '=');
		add_value(line, fields[i].value);
	}
}

static void add_for_programs(struct buf *line, enum log_level level, const char *text, const struct log_field *fields, size_t n)
{
	buf_add(line, STR("time=\""));
	add_time(line);
	buf_addf(line, "\" level=%s msg=", levels[level].name);
	add_value(line, text);
	for (size_t i = 0; i < n; i++) {
		buf_addf(line, " %s=", fields[i].key);
		add_value(line, fields[i].value);
	}
}

void log_fields(enum log_level level, const char *text, const struct log_field *fields, size_t n)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LOG_LINE_MAX + 128);

	if (!log_enabled(level))
		return;
	if (isatty(STDERR_FILENO))
		add_for_people(&line, level, text, fields, n);
	else
		add_for_programs(&line, level, text, fields, n);
	buf_add_char(&line, '\n');
	/* One write, so that the lines of two processes on one terminal do not mix. */
	(void)!write(STDERR_FILENO, buf_z(&line), line.n);
	if (to_syslog)
		syslog(levels[level].priority, "%s", text);
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(LOG_LINE_MAX / 4); /* an escaped byte takes four */
	va_list ap;

	if (!log_enabled(level))
		return;
	va_start(ap, fmt);
	if (!buf_vaddf(&text, fmt, ap)) {
		buf_clear(&text);
		buf_add(&text, STR("(a message too long for the log)"));
	}
	va_end(ap);
	log_fields(level, buf_z(&text), NULL, 0);
}
