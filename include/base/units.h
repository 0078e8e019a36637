/* base/units.h: sizes as users type them. */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* docker/go-units RAMInBytes: "512", "10k", "1.5GiB", "64m" with steps of 1024, any case, optional "b" or "ib". False when it is not
 * that. Negative numbers are allowed only as exactly "-1". */
bool size_parse(struct str s, int64_t *ret_bytes);

/* docker/go-units FromHumanSize: as above with steps of 1000. */
bool size_parse_decimal(struct str s, int64_t *ret_bytes);

/* A whole number with optional sign that fits; nothing else may follow. */
bool int_parse(struct str s, int64_t *ret);

/* A float as Go's strconv takes it (no hex, no inf or nan). */
bool float_parse(struct str s, double *ret);

/* The words of Go's strconv.ParseBool: 1 t T TRUE true True 0 f F FALSE false False. */
bool bool_parse(struct str s, bool *ret);

#endif
