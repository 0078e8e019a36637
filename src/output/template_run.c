#include "output/template_run.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"

#define CALLS_MAX 100000 /* of templates in one run: two calls of itself in a template would go on for ever at any depth */

static int walk(struct run *r, struct value dot, const struct node *list);

/* The memory of values that were made since, unless a variable may hold one of them: a long range must not collect them. */
struct made {
	struct pool_item *mark;
	size_t n_vars, assignments;
};

static struct made made_begin(const struct run *r)
{
	return (struct made){ pool_mark(&r->pool), r->n_vars, r->assignments };
}

static void made_end(struct run *r, struct made m)
{
	if (r->n_vars == m.n_vars && r->assignments == m.assignments)
		pool_release(&r->pool, m.mark);
}

static int action(struct run *r, struct value dot, const struct node *n)
{
	struct made made = made_begin(r);
	struct value v;
	int status = run_pipeline(r, dot, n->branch.pipe, &v);

	if (status < 0 || n->branch.pipe->pipe.vars)
		return status;
	if (v.kind == VALUE_NONE)
		buf_add_z(r->out, "<no value>");
	else
		value_print(&r->w, &v, 1, r->out);
	made_end(r, made);
	return 0;
}

static int branch(struct run *r, struct value dot, const struct node *n)
{
	size_t n_vars = r->n_vars;
	struct value v;
	int status = run_pipeline(r, dot, n->branch.pipe, &v);

	if (status == 0 && value_truth(v))
		status = walk(r, n->kind == NODE_WITH ? v : dot, n->branch.body);
	else if (status == 0)
		status = walk(r, dot, n->branch.otherwise);
	r->n_vars = n_vars;
	return status;
}

/* One turn of a range. With two variables the first one is the index. */
static int turn(struct run *r, const struct node *n, struct value index, struct value element)
{
	const struct node *vars = n->branch.pipe->pipe.vars;
	struct made made = made_begin(r);
	int status;

	if (vars)
		r->vars[made.n_vars - 1].value = element;
	if (vars && vars->next)
		r->vars[made.n_vars - 2].value = index;
	status = walk(r, element, n->branch.body);
	r->n_vars = made.n_vars;
	made_end(r, made);
	if (r->flow == FLOW_CONTINUE)
		r->flow = FLOW_ON;
	return status;
}

static int range_list(struct run *r, const struct node *n, struct value v)
{
	int status = 0;

	for (size_t i = 0; i < value_len(v) && status == 0 && r->flow == FLOW_ON && !r->out->failed; i++)
		status = turn(r, n, value_int((int64_t)i), value_element(&r->w, v, js_at(v.json, i)));
	return status;
}

static int range_object(struct run *r, const struct node *n, struct value v)
{
	int status = 0;
	size_t count;
	const struct member *m = value_members(&r->w, v, &count);

	if (!m)
		return run_out_of_memory(r);
	for (size_t i = 0; i < count && status == 0 && r->flow == FLOW_ON && !r->out->failed; i++)
		status = turn(r, n, value_string(str_from(m[i].key)), value_element(&r->w, v, m[i].o));
	return status;
}

static int no_range(struct run *r, struct value v)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(TEMPLATE_MAX_TEXT);

	value_print(&r->w, &v, 1, &shown);
	return run_fail(r, "range can't iterate over %s", buf_z(&shown));
}

static int range(struct run *r, struct value dot, const struct node *n)
{
	size_t n_vars = r->n_vars;
	struct value v;
	int status;

	r->at = n;
	status = run_pipeline(r, dot, n->branch.pipe, &v);
	if (status < 0)
		return status;
	if (v.kind > VALUE_NULL && v.kind != VALUE_LIST && !value_is_object(v))
		return no_range(r, v);
	if (value_len(v) == 0)
		status = walk(r, dot, n->branch.otherwise);
	else
		status = v.kind == VALUE_LIST ? range_list(r, n, v) : range_object(r, n, v);
	if (r->flow == FLOW_BREAK)
		r->flow = FLOW_ON;
	r->n_vars = n_vars;
	return status;
}

static const struct definition *find_definition(const struct run *r, struct str name)
{
	for (const struct definition *d = r->t->definitions; d; d = d->next)
		if (str_eq(d->name, name))
			return d;
	return NULL;
}

/* The template sees what the pipeline gives it as dot and $, and no variable of its caller. */
static int call(struct run *r, struct value dot, const struct node *n)
{
	const struct definition *d = find_definition(r, n->template.name);
	size_t first_var = r->first_var, n_vars;
	struct str name = r->name;
	struct value v = { .kind = VALUE_NONE };
	int status = 0;

	if (!d)
		return run_fail(r, "template %.*s not defined", STR_ARG(n->text));
	if (r->depth == TEMPLATE_MAX_DEPTH)
		return run_fail(r, "exceeded maximum template depth (%d)", TEMPLATE_MAX_DEPTH);
	if (r->calls == CALLS_MAX)
		return run_fail(r, "exceeded maximum number of template calls (%d)", CALLS_MAX);
	if (n->template.pipe)
		status = run_pipeline(r, dot, n->template.pipe, &v);
	n_vars = r->n_vars;
	if (status == 0)
		status = run_push(r, STR("$"), v);
	if (status < 0)
		return status;
	r->first_var = n_vars;
	r->name = d->name;
	r->depth++;
	r->calls++;
	status = walk(r, v, d->body);
	if (status < 0)
		return status;
	r->depth--;
	r->n_vars = n_vars;
	r->first_var = first_var;
	r->name = name;
	return 0;
}

static int step(struct run *r, struct value dot, const struct node *n)
{
	r->at = n;
	switch (n->kind) {
	case NODE_TEXT:
		buf_add(r->out, n->text);
		return 0;
	case NODE_ACTION:
		return action(r, dot, n);
	case NODE_RANGE:
		return range(r, dot, n);
	case NODE_TEMPLATE:
		return call(r, dot, n);
	case NODE_BREAK:
	case NODE_CONTINUE:
		r->flow = n->kind == NODE_BREAK ? FLOW_BREAK : FLOW_CONTINUE;
		return 0;
	default:
		return branch(r, dot, n);
	}
}

static int walk(struct run *r, struct value dot, const struct node *list)
{
	int status = 0;

	for (const struct node *n = list; n && status == 0 && r->flow == FLOW_ON && !r->out->failed; n = n->next)
		status = step(r, dot, n);
	return status;
}

int template_run(const struct template *t, struct json_object *dot, const struct template_shape *shape, struct buf *out,
		 struct error *err)
{
	CLEANUP(free_p) struct run *r = calloc(1, sizeof *r);
	struct value root;
	int status;

	if (!r)
		return error_set(err, ERR_SYSTEM, "template %s: out of memory", t->name);
	r->t = t;
	r->name = str_from(t->name);
	r->pool = POOL_INIT(TEMPLATE_MAX_OUTPUT);
	r->w = (struct world){ shape, &r->pool };
	r->out = out;
	r->err = err;
	root = value_root(&r->w, dot);
	run_push(r, STR("$"), root);
	status = walk(r, root, t->root);
	pool_done(&r->pool);
	return status < 0 ? status : buf_check(out, "the output of the template", err);
}
