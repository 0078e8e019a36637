/* output/decimal.h: floating point numbers as Go's strconv prints them. */
#ifndef OUTPUT_DECIMAL_H
#define OUTPUT_DECIMAL_H

#include "base/buf.h"

/* %v and %g of fmt: the fewest digits that give v back; an exponent ("1e+06") below 1e-4 and from 1e6 on (Go's rule of 6 digits). */
void decimal_go(double v, struct buf *out);

/* As encoding/json: an exponent ("1e+21", "1e-7") only below 1e-6 and from 1e21 on. null for what JSON has no number for. */
void decimal_json(double v, struct buf *out);

#endif
