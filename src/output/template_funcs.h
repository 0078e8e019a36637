/* output/template_funcs.h: the functions of templates. */
#ifndef OUTPUT_TEMPLATE_FUNCS_H
#define OUTPUT_TEMPLATE_FUNCS_H

#include "output/template_value.h"

/* A call on its way: the function reads the arguments and either sets the result or says what is wrong. */
struct call {
	const struct world *w;
	const struct value *v;
	size_t n;
	struct value result;
	struct buf problem;
};

enum function_kind {
	FUNCTION_PLAIN,
	FUNCTION_AND, /* these two do not evaluate arguments behind the one that decides; the runner does it */
	FUNCTION_OR,
};

struct function {
	const char *name;
	/* One letter a parameter: v anything, s string, i int, l []string. */
	const char *params;
	bool variadic; /* the last parameter comes any number of times, also never */
	enum function_kind kind;
	/* False: c->problem says why. */
	bool (*call)(struct call *c);
};

#endif
