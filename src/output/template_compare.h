/* output/template_compare.h: eq and lt of templates, from which the other comparisons follow. */
#ifndef OUTPUT_TEMPLATE_COMPARE_H
#define OUTPUT_TEMPLATE_COMPARE_H

#include "output/template_funcs.h"

/* Whether the first argument equals one of the others. False: c->problem says why they can't be compared. */
bool compare_eq(struct call *c, bool *ret);
bool compare_lt(struct call *c, bool *ret);

#endif
