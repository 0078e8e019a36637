/* output/tabular.h: aligned columns with the rules of Go's text/tabwriter (elastic tabstops, tab-terminated cells, flags 0): a column's width is
 * that of its widest cell plus padding, at least min_width, over consecutive lines that have the column; the last cell of a line is not padded. */
#ifndef OUTPUT_TABULAR_H
#define OUTPUT_TABULAR_H

#include <stdio.h>

#include "base/buf.h"

/* Aligns text, whole lines with cells separated by tabs, and appends the result to out. Widths count characters of UTF-8, not bytes. */
bool tabular_align(struct str text, int min_width, int padding, struct buf *out);

#endif
