/* cmd/skopeo/sync_pattern.h: the regular expressions of sync's file, written for Go (regexp/syntax), run by POSIX's (regcomp). */
#ifndef CMD_SKOPEO_SYNC_PATTERN_H
#define CMD_SKOPEO_SYNC_PATTERN_H

#include <regex.h>

#include "base/error.h"

/* Classes (\d \w \s), (?:...) and escapes mean the same; what POSIX has no way to say (lazy repetition, flags, \b, \p) is ERR_USAGE. ret is for regfree. */
int sync_pattern(const char *go, regex_t *ret, struct error *err);

#endif
