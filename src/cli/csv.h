/* cli/csv.h: one record of Go's encoding/csv (RFC 4180 with LF lines), by which pflag splits the value of a list flag. */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include "base/strv.h"

/* Adds the fields of the first record of text to ret; "" has none. False: why says it in Go's words (empty: no memory); ret may
 * have got fields then. */
bool csv_split(struct str text, struct strv *ret, struct buf *why);

#endif
