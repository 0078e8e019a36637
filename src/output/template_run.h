/* output/template_run.h: the state of a template that runs, shared by actions (template_run.c) and expressions (template_eval.c). */
#ifndef OUTPUT_TEMPLATE_RUN_H
#define OUTPUT_TEMPLATE_RUN_H

#include "output/template_funcs.h"
#include "output/template_node.h"

struct variable {
	struct str name;
	struct value value;
};

enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE };

struct run {
	const struct template *t;
	struct world w;
	struct pool pool;
	struct buf *out;
	const struct node *at; /* what stands in messages */
	struct variable vars[TEMPLATE_MAX_VARIABLES + 1];
	size_t n_vars, first_var; /* those below first_var are outside of the template that was called */
	size_t assignments;       /* so far, with = */
	enum flow flow;
	struct str name;  /* of the template that is running */
	int depth, calls; /* of templates: now, so far */
	struct error *err;
};

/* ERR_USAGE: template: NAME:LINE:COLUMN: executing "NAME" at <NODE>: ... */
int run_fail(struct run *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
int run_out_of_memory(struct run *r);

/* A new variable, the last one of r->vars. */
int run_push(struct run *r, struct str name, struct value v);

/* The value of a pipeline; its declarations and assignments take place. */
int run_pipeline(struct run *r, struct value dot, const struct node *pipe, struct value *ret);

#endif
