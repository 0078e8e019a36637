/* output/template_print.h: one value with the flags of a Printf directive. */
#ifndef OUTPUT_TEMPLATE_PRINT_H
#define OUTPUT_TEMPLATE_PRINT_H

#include "output/template_value.h"

#define WIDTH_MAX 1000000 /* of one value; Go refuses more too */

struct format {
	const struct world *w;
	struct buf *out;
	bool plus, minus, sharp, space, zero;
	bool names;           /* %+v: structs with the names of their fields */
	int width, precision; /* -1: not given */
	bool nested;          /* inside a list or object */
};

/* As {{.X}} prints. */
struct format format_plain(const struct world *w, struct buf *out);

void print_formatted(struct format f, char verb, struct value v);

/* Filled up to the width. */
void print_padded(const struct format *f, struct str s);

#endif
