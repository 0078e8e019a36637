#include <stdarg.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/strv.h"
#include "output/template_funcs.h"
#include "output/template_node.h"

#define MESSAGE_MAX 4096

/* The parser took care of nesting, so recursion here is as deep as TEMPLATE_MAX_DEPTH allows. */

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
	size_t n_vars;
	size_t assignments; /* so far, with = */
	enum flow flow;
	struct error *err;
};

/* The value that a pipe hands to the command behind it. */
struct final {
	bool given;
	struct value v;
};

static const struct final no_final;

static int walk(struct run *r, struct value dot, const struct node *list);
static int pipeline(struct run *r, struct value dot, const struct node *pipe, struct value *ret);
static int argument(struct run *r, struct value dot, const struct node *n, char type, struct value *ret);

/* ---- errors ---- */

/* template: NAME:LINE:COLUMN: executing "NAME" at <NODE>: ... */
PRINTF_LIKE(2, 3)
static int fail(struct run *r, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(MESSAGE_MAX), node = BUF_INIT(MESSAGE_MAX);
	size_t line = 1, column = r->at->pos;
	va_list ap;

	for (size_t i = 0; i < r->at->pos; i++)
		if (r->t->text.p[i] == '\n') {
			line++;
			column = r->at->pos - i - 1;
		}
	node_describe(r->at, &node);
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	return error_set(r->err, ERR_USAGE, "template: %s:%zu:%zu: executing \"%s\" at <%s>: %s", r->t->name, line, column,
			 r->t->name, buf_z(&node), buf_z(&text));
}

static int out_of_memory(struct run *r)
{
	return error_set(r->err, ERR_SYSTEM, "template %s: the values take too much memory", r->t->name);
}

/* ---- variables ---- */

static int push(struct run *r, struct str name, struct value v)
{
	if (r->n_vars == ARRAY_LEN(r->vars))
		return fail(r, "more than %d variables", TEMPLATE_MAX_VARIABLES);
	r->vars[r->n_vars++] = (struct variable){ name, v };
	return 0;
}

static struct variable *find_variable(struct run *r, struct str name)
{
	for (size_t i = r->n_vars; i > 0; i--)
		if (str_eq(r->vars[i - 1].name, name))
			return &r->vars[i - 1];
	return NULL;
}

static int set(struct run *r, struct str name, struct value v)
{
	struct variable *var = find_variable(r, name);

	if (!var)
		return fail(r, "undefined variable: %.*s", STR_ARG(name));
	var->value = v;
	r->assignments++;
	return 0;
}

/* ---- operands ---- */

static int one_field(struct run *r, struct value *v, const char *name, bool has_args)
{
	const char *type = value_type(&r->w, *v);
	struct value found;

	if (v->kind == VALUE_NONE)
		return 0;
	if (v->kind == VALUE_NULL || (v->kind == VALUE_LIST && !v->json && v->key))
		return fail(r, "nil pointer evaluating %s.%s", v->kind == VALUE_NULL ? type : v->key, name);
	if (!value_is_object(*v) || !value_field(&r->w, *v, name, &found))
		return fail(r, "can't evaluate field %s in type %s", name, type);
	if (has_args && v->kind == VALUE_MAP)
		return fail(r, "%s is not a method but has arguments", name);
	if (has_args)
		return fail(r, "%s has arguments but cannot be invoked as function", name);
	*v = found;
	return 0;
}

static int fields(struct run *r, struct value *v, const struct name *names, bool has_args)
{
	for (const struct name *n = names; n; n = n->next) {
		int status = one_field(r, v, n->z, has_args && !n->next);

		if (status < 0)
			return status;
	}
	return 0;
}

static int no_arguments(struct run *r, const struct node *n, bool has_args)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(MESSAGE_MAX);

	if (!has_args)
		return 0;
	node_describe(n, &shown);
	return fail(r, "can't give argument to non-function %s", buf_z(&shown));
}

static int variable_operand(struct run *r, const struct node *n, bool has_args, struct value *ret)
{
	const struct variable *var = find_variable(r, n->text);

	r->at = n;
	if (!var)
		return fail(r, "undefined variable: %.*s", STR_ARG(n->text));
	*ret = var->value;
	return n->path.names ? fields(r, ret, n->path.names, has_args) : no_arguments(r, n, has_args);
}

static int chain_operand(struct run *r, struct value dot, const struct node *n, bool has_args, struct value *ret)
{
	int status;

	r->at = n;
	status = argument(r, dot, n->path.of, 'v', ret);
	return status < 0 ? status : fields(r, ret, n->path.names, has_args);
}

static struct value constant(const struct number *n)
{
	if (n->prefers_float)
		return (struct value){ .kind = VALUE_FLOAT, .f = n->f };
	return value_int(n->i);
}

/* ---- functions ---- */

static int want(struct run *r, const struct node *n, const char *what)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(MESSAGE_MAX);

	node_describe(n, &shown);
	return fail(r, "expected %s; found %s", what, buf_z(&shown));
}

static const char *type_name(char type)
{
	return type == 's' ? "string" : type == 'i' ? "int" : "[]string";
}

/* A literal for a parameter that wants a type of its own. */
static int literal(struct run *r, const struct node *n, char type, struct value *ret)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(MESSAGE_MAX);

	if (type == 's') {
		*ret = value_string(n->string);
		return n->kind == NODE_STRING ? 0 : want(r, n, "string");
	}
	if (type == 'i') {
		*ret = value_int(n->number.i);
		return n->kind == NODE_NUMBER && n->number.is_int ? 0 : want(r, n, "integer");
	}
	node_describe(n, &shown);
	return fail(r, "can't handle %s for arg of type %s", buf_z(&shown), type_name(type));
}

static int check_type(struct run *r, const struct value *v, char type)
{
	const char *wanted = type_name(type);

	if (type == 'v' || (type == 'l' && v->kind == VALUE_NONE))
		return 0;
	if (v->kind == VALUE_NONE)
		return fail(r, "invalid value; expected %s", wanted);
	/* A nil slice has no elements that could be of the wrong type. */
	if (strcmp(value_type(&r->w, *v), wanted) != 0)
		return fail(r, "wrong type for value; expected %s; got %s", wanted, value_type(&r->w, *v));
	return 0;
}

static int too_few(struct run *r, const struct function *f, size_t fixed, size_t given, bool has_final)
{
	if (f->variadic && given + has_final < fixed)
		return fail(r, "wrong number of args for %s: want at least %zu got %zu", f->name, fixed, given);
	if (!f->variadic && given + has_final != fixed)
		return fail(r, "wrong number of args for %s: want %zu got %zu", f->name, fixed, given + has_final);
	return 0;
}

/* and, or: the first argument that decides, else the last one. */
static int and_or(struct run *r, struct value dot, const struct function *f, const struct node *args, struct final final,
		  struct value *ret)
{
	for (const struct node *a = args; a; a = a->next) {
		int status = argument(r, dot, a, 'v', ret);

		if (status < 0 || value_truth(*ret) == (f->kind == FUNCTION_OR))
			return status;
	}
	if (final.given)
		*ret = final.v;
	return 0;
}

static int invoke(struct run *r, const struct function *f, const struct node *command, const struct value *v, size_t n,
		  struct value *ret)
{
	struct call c = { .w = &r->w, .v = v, .n = n, .problem = BUF_INIT(MESSAGE_MAX) };
	int status = 0;

	if (f->call(&c)) {
		*ret = c.result;
	} else {
		r->at = command;
		status = fail(r, "error calling %s: %s", f->name, buf_z(&c.problem));
	}
	buf_done(&c.problem);
	return status;
}

/* n is the function's name; args what stands behind it, command what it stands in. */
static int function(struct run *r, struct value dot, const struct node *n, const struct node *command, const struct node *args,
		    struct final final, struct value *ret)
{
	const struct function *f = n->function;
	size_t fixed = strlen(f->params) - f->variadic, last = strlen(f->params) - 1, given = 0, i = 0;
	struct value *v;
	int status;

	r->at = n;
	for (const struct node *a = args; a; a = a->next)
		given++;
	status = too_few(r, f, fixed, given, final.given);
	if (status < 0)
		return status;
	if (f->kind != FUNCTION_PLAIN)
		return and_or(r, dot, f, args, final, ret);
	v = pool_alloc(&r->pool, (given + 1) * sizeof *v);
	if (!v)
		return out_of_memory(r);
	for (const struct node *a = args; a; a = a->next, i++) {
		status = argument(r, dot, a, f->params[i < last ? i : last], &v[i]);
		if (status < 0)
			return status;
	}
	if (final.given) {
		v[i] = final.v;
		status = check_type(r, &v[i], f->params[i < last ? i : last]);
		i++;
	}
	return status < 0 ? status : invoke(r, f, command, v, i, ret);
}

static int argument(struct run *r, struct value dot, const struct node *n, char type, struct value *ret)
{
	int status = 0;

	r->at = n;
	*ret = (struct value){ .kind = VALUE_NONE };
	switch (n->kind) {
	case NODE_DOT:
		*ret = dot;
		break;
	case NODE_NIL:
		return type == 's' || type == 'i' ? fail(r, "cannot assign nil to %s", type_name(type)) : 0;
	case NODE_FIELD:
		*ret = dot;
		status = fields(r, ret, n->path.names, false);
		break;
	case NODE_VARIABLE:
		status = variable_operand(r, n, false, ret);
		break;
	case NODE_PIPE:
		status = pipeline(r, dot, n, ret);
		break;
	case NODE_FUNCTION:
		status = function(r, dot, n, n, NULL, no_final, ret);
		break;
	case NODE_CHAIN:
		status = chain_operand(r, dot, n, false, ret);
		break;
	default:
		if (type != 'v')
			return literal(r, n, type, ret);
		*ret = n->kind == NODE_NUMBER   ? constant(&n->number)
		       : n->kind == NODE_STRING ? value_string(n->string)
						: value_bool(str_eq_z(n->text, "true"));
		return 0;
	}
	return status < 0 ? status : check_type(r, ret, type);
}

/* ---- pipelines ---- */

static int command(struct run *r, struct value dot, const struct node *n, struct final final, struct value *ret)
{
	const struct node *first = n->args;
	bool has_args = first->next || final.given;
	int status;

	switch (first->kind) {
	case NODE_FIELD:
		r->at = first;
		*ret = dot;
		return fields(r, ret, first->path.names, has_args);
	case NODE_CHAIN:
		return chain_operand(r, dot, first, has_args, ret);
	case NODE_VARIABLE:
		return variable_operand(r, first, has_args, ret);
	case NODE_FUNCTION:
		return function(r, dot, first, n, first->next, final, ret);
	case NODE_PIPE:
		status = no_arguments(r, first, has_args);
		return status < 0 ? status : pipeline(r, dot, first, ret);
	default:
		r->at = first;
		status = no_arguments(r, first, has_args);
		if (status < 0)
			return status;
		return first->kind == NODE_NIL ? fail(r, "nil is not a command") : argument(r, dot, first, 'v', ret);
	}
}

static int pipeline(struct run *r, struct value dot, const struct node *pipe, struct value *ret)
{
	struct final final = no_final;
	int status = 0;

	r->at = pipe;
	for (const struct node *c = pipe->pipe.commands; c; c = c->next) {
		status = command(r, dot, c, final, &final.v);
		if (status < 0)
			return status;
		final.given = true;
		/* Go unwraps interfaces here: a nil one is no value from now on. Podman's types have pointers, which stay. */
		if (final.v.kind == VALUE_NULL && !r->w.shape)
			final.v.kind = VALUE_NONE;
	}
	for (const struct node *v = pipe->pipe.vars; v && status == 0; v = v->next)
		status = pipe->pipe.assigns ? set(r, v->text, final.v) : push(r, v->text, final.v);
	*ret = final.v;
	return status;
}

/* ---- actions ---- */

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
	int status = pipeline(r, dot, n->branch.pipe, &v);

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
	int status = pipeline(r, dot, n->branch.pipe, &v);

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
		return out_of_memory(r);
	for (size_t i = 0; i < count && status == 0 && r->flow == FLOW_ON && !r->out->failed; i++)
		status = turn(r, n, value_string(str_from(m[i].key)), value_element(&r->w, v, m[i].o));
	return status;
}

static int no_range(struct run *r, struct value v)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(MESSAGE_MAX);

	value_print(&r->w, &v, 1, &shown);
	return fail(r, "range can't iterate over %s", buf_z(&shown));
}

static int range(struct run *r, struct value dot, const struct node *n)
{
	size_t n_vars = r->n_vars;
	struct value v;
	int status;

	r->at = n;
	status = pipeline(r, dot, n->branch.pipe, &v);
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
	r->pool = POOL_INIT(TEMPLATE_MAX_OUTPUT);
	r->w = (struct world){ shape, &r->pool };
	r->out = out;
	r->err = err;
	root = value_root(&r->w, dot);
	push(r, STR("$"), root);
	status = walk(r, root, t->root);
	pool_done(&r->pool);
	return status < 0 ? status : buf_check(out, "the output of the template", err);
}
