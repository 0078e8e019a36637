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
bool html_call(struct call *c);
bool js_call(struct call *c);
bool urlquery_call(struct call *c);
bool json_call(struct call *c);
bool join_call(struct call *c);
bool split_call(struct call *c);
bool lower_call(struct call *c);
bool upper_call(struct call *c);
bool title_call(struct call *c);
bool pad_call(struct call *c);
bool truncate_call(struct call *c);

#endif
