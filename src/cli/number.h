/* cli/number.h: numbers as Go's strconv reads them with base 0, which is what pflag's int and uint flags take: 10, 0x1f, 0b1, 0o17, 017, 1_000. */
#ifndef CLI_NUMBER_H
#define CLI_NUMBER_H

#include <stdint.h>

#include "base/buf.h"

enum number { NUMBER_OK, NUMBER_SYNTAX, NUMBER_RANGE };

enum number number_int(struct str s, int64_t *ret);
enum number number_uint(struct str s, uint64_t *ret);
enum number number_float(struct str s, double *ret);

#endif
