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

/* Returns false, so that a failing line reads: return call_fail(...). */
bool call_fail(struct call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Sets the result. give_list takes list. */
bool call_give_text(struct call *c, const struct buf *text);
bool call_give_list(struct call *c, struct json_object *list);

/* template_compare.c */
bool compare_eq(struct call *c);
bool compare_ne(struct call *c);
bool compare_lt(struct call *c);
bool compare_le(struct call *c);
bool compare_gt(struct call *c);
bool compare_ge(struct call *c);

/* template_strings.c */
bool function_html(struct call *c);
bool function_js(struct call *c);
bool function_urlquery(struct call *c);
bool function_json(struct call *c);
bool function_join(struct call *c);
bool function_split(struct call *c);
bool function_lower(struct call *c);
bool function_upper(struct call *c);
bool function_title(struct call *c);
bool function_pad(struct call *c);
bool function_truncate(struct call *c);

#endif
