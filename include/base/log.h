/* base/log.h: the debug log on stderr, in logrus form: "DEBU[0000] text" with a coloured level on a terminal, else time="..." level=debug msg="...".
 * Secrets never go through here. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum log_level { LOG_PANIC_, LOG_FATAL_, LOG_ERROR_, LOG_WARN_, LOG_INFO_, LOG_DEBUG_, LOG_TRACE_ };

/* Names as logrus takes them: panic fatal error warn (warning) info debug trace, any case. ERR_USAGE names the words. */
int log_level_parse(const char *name, enum log_level *ret, struct error *err);
void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);

/* Also to syslog from now on (--syslog). */
void log_set_syslog(bool on);

void log_msg(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A message with values of its own (logrus fields), which are printed sorted as given: msg="Getting tags" image=quay.io/ns/name. */
struct log_field {
	const char *key, *value;
};
void log_fields(enum log_level level, const char *text, const struct log_field *fields, size_t n);

#define log_debug(...) log_msg(LOG_DEBUG_, __VA_ARGS__)
#define log_info(...) log_msg(LOG_INFO_, __VA_ARGS__)
#define log_warn(...) log_msg(LOG_WARN_, __VA_ARGS__)

#endif
