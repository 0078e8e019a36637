/* Expressions of a running template. The parser took care of nesting, so recursion here is as deep as TEMPLATE_MAX_DEPTH allows. */
#include <stdarg.h>

#include "base/cleanup.h"
#include "output/template_run.h"

/* The value that a pipe hands to the command behind it. */
struct final {
	bool given;
	struct value v;
};

static const struct final no_final;

static int argument(struct run *r, struct value dot, const struct node *n, char type, struct value *ret);

int run_fail(struct run *r, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEMPLATE_MAX_OUTPUT), node = BUF_INIT(TEMPLATE_MAX_OUTPUT);
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
	return error_set(r->err, ERR_USAGE, "template: %s:%zu:%zu: executing \"%.*s\" at <%s>: %s", r->t->name, line, column,
			 STR_ARG(r->name), buf_z(&node), buf_z(&text));
}

int run_out_of_memory(struct run *r)
{
	return error_set(r->err, ERR_SYSTEM, "template %s: the values take too much memory", r->t->name);
}

/* ---- variables ---- */

int run_push(struct run *r, struct str name, struct value v)
{
	if (r->n_vars == ARRAY_LEN(r->vars))
		return run_fail(r, "more than %d variables", TEMPLATE_MAX_VARIABLES);
	r->vars[r->n_vars++] = (struct variable){ name, v };
	return 0;
}

static struct variable *find_variable(struct run *r, struct str name)
{
	for (size_t i = r->n_vars; i > r->first_var; i--)
		if (str_eq(r->vars[i - 1].name, name))
			return &r->vars[i - 1];
	return NULL;
}

static int set(struct run *r, struct str name, struct value v)
{
	struct variable *var = find_variable(r, name);

	if (!var)
		return run_fail(r, "undefined variable: %.*s", STR_ARG(name));
	var->value = v;
	r->assignments++;
	return 0;
}

/* ---- operands ---- */

/* The name of a type is looked for only here: it can take a walk over the whole value. */
static int no_field(struct run *r, struct value v, const char *name)
{
	bool nil_list = v.kind == VALUE_LIST && !v.json && v.key;

	if (v.kind == VALUE_NULL || nil_list)
		return run_fail(r, "nil pointer evaluating %s.%s", nil_list ? v.key : value_type(&r->w, v), name);
	return run_fail(r, "can't evaluate field %s in type %s", name, value_type(&r->w, v));
}

static int one_field(struct run *r, struct value *v, const char *name, bool has_args)
{
	struct value found;

	if (v->kind == VALUE_NONE)
		return 0;
	if (!value_is_object(*v) || !value_field(&r->w, *v, name, &found))
		return no_field(r, *v, name);
	if (has_args && v->kind == VALUE_MAP)
		return run_fail(r, "%s is not a method but has arguments", name);
	if (has_args)
		return run_fail(r, "%s has arguments but cannot be invoked as function", name);
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
	CLEANUP(buf_done) struct buf shown = BUF_INIT(TEMPLATE_MAX_TEXT);

	if (!has_args)
		return 0;
	node_describe(n, &shown);
	return run_fail(r, "can't give argument to non-function %s", buf_z(&shown));
}

static int variable_operand(struct run *r, const struct node *n, bool has_args, struct value *ret)
{
	const struct variable *var = find_variable(r, n->text);

	r->at = n;
	if (!var)
		return run_fail(r, "undefined variable: %.*s", STR_ARG(n->text));
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
	CLEANUP(buf_done) struct buf shown = BUF_INIT(TEMPLATE_MAX_TEXT);

	node_describe(n, &shown);
	return run_fail(r, "expected %s; found %s", what, buf_z(&shown));
}

static const char *type_name(char type)
{
	return type == 's' ? "string" : type == 'i' ? "int" : "[]string";
}

/* A literal for a parameter that wants a type of its own. */
static int literal(struct run *r, const struct node *n, char type, struct value *ret)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(TEMPLATE_MAX_TEXT);

	if (type == 's') {
		*ret = value_string(n->string);
		return n->kind == NODE_STRING ? 0 : want(r, n, "string");
	}
	if (type == 'i') {
		*ret = value_int(n->number.i);
		return n->kind == NODE_NUMBER && n->number.is_int ? 0 : want(r, n, "integer");
	}
	node_describe(n, &shown);
	return run_fail(r, "can't handle %s for arg of type %s", buf_z(&shown), type_name(type));
}

static int check_type(struct run *r, const struct value *v, char type)
{
	const char *wanted = type_name(type);

	if (type == 'v' || (type == 'l' && v->kind == VALUE_NONE))
		return 0;
	if (v->kind == VALUE_NONE)
		return run_fail(r, "invalid value; expected %s", wanted);
	/* A nil slice has no elements that could be of the wrong type. */
	if (strcmp(value_type(&r->w, *v), wanted) != 0)
		return run_fail(r, "wrong type for value; expected %s; got %s", wanted, value_type(&r->w, *v));
	return 0;
}

static int too_few(struct run *r, const struct function *f, size_t fixed, size_t given, bool has_final)
{
	if (f->variadic && given + has_final < fixed)
		return run_fail(r, "wrong number of args for %s: want at least %zu got %zu", f->name, fixed, given);
	if (!f->variadic && given + has_final != fixed)
		return run_fail(r, "wrong number of args for %s: want %zu got %zu", f->name, fixed, given + has_final);
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
	struct call c = { .w = &r->w, .v = v, .n = n, .problem = BUF_INIT(TEMPLATE_MAX_OUTPUT) };
	int status = 0;

	if (f->call(&c)) {
		*ret = c.result;
	} else {
		r->at = command;
		status = run_fail(r, "error calling %s: %s", f->name, buf_z(&c.problem));
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
		return run_out_of_memory(r);
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
		return type == 's' || type == 'i' ? run_fail(r, "cannot assign nil to %s", type_name(type)) : 0;
	case NODE_FIELD:
		*ret = dot;
		status = fields(r, ret, n->path.names, false);
		break;
	case NODE_VARIABLE:
		status = variable_operand(r, n, false, ret);
		break;
	case NODE_PIPE:
		status = run_pipeline(r, dot, n, ret);
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
		return status < 0 ? status : run_pipeline(r, dot, first, ret);
	default:
		r->at = first;
		status = no_arguments(r, first, has_args);
		if (status < 0)
			return status;
		return first->kind == NODE_NIL ? run_fail(r, "nil is not a command") : argument(r, dot, first, 'v', ret);
	}
}

int run_pipeline(struct run *r, struct value dot, const struct node *pipe, struct value *ret)
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
		status = pipe->pipe.assigns ? set(r, v->text, final.v) : run_push(r, v->text, final.v);
	*ret = final.v;
	return status;
}
