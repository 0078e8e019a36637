/* output/human.h: sizes and times for people, by docker/go-units' rules. */
#ifndef OUTPUT_HUMAN_H
#define OUTPUT_HUMAN_H

#include <stdint.h>

#include "base/buf.h"

/* "Less than a second", "1 second", "About a minute", "3 hours", "2 weeks"... */
void human_duration(int64_t seconds, struct buf *out);

/* Steps of 1000, digits significant, e.g. 3: "2.01MB", 4: "2.007MB"; blank puts a space before the unit. */
void human_size(double bytes, int digits, bool blank, struct buf *out);

#endif
