/* Expressions of templates: operands, commands, pipelines. */
#include <string.h>

#include "base/cleanup.h"
#include "output/template_parser.h"
#include "output/utf8.h"

static bool variable_known(const struct parser *p, struct str name)
{
	for (size_t i = p->n_vars; i > p->first_var; i--)
		if (str_eq(p->vars[i - 1], name))
			return true;
	return str_eq(name, STR("$"));
}

static bool declare(struct parser *p, struct node *pipe, struct token t)
{
	struct node **tail = &pipe->pipe.vars;
	struct node *n;

	if (p->n_vars > TEMPLATE_MAX_VARIABLES) {
		parser_refuse(p, "more than %d variables", TEMPLATE_MAX_VARIABLES);
		return false;
	}
	n = parser_node(p, NODE_VARIABLE, t.pos, t.text);
	if (!n)
		return false;
	while (*tail)
		tail = &(*tail)->next;
	*tail = n;
	p->vars[p->n_vars++] = t.text;
	return true;
}

/* text begins with the dot. */
static bool name_add(struct parser *p, struct node *n, struct str text)
{
	struct name **tail = &n->path.names, *name = pool_alloc(&p->t->pool, sizeof *name);

	if (name)
		name->z = pool_dup(&p->t->pool, (struct str){ text.p + 1, text.n - 1 });
	if (!name || !name->z) {
		parser_out_of_memory(p);
		return false;
	}
	while (*tail)
		tail = &(*tail)->next;
	*tail = name;
	return true;
}

static struct node *function(struct parser *p, struct token t)
{
	const struct function *f = function_find(t.text);
	struct node *n;

	if (!f)
		return parser_refuse_quoted(p, "function ", t.text, " not defined");
	n = parser_node(p, NODE_FUNCTION, t.pos, t.text);
	if (n)
		n->function = f;
	return n;
}

static struct node *variable(struct parser *p, struct token t)
{
	if (!variable_known(p, t.text))
		return parser_refuse_quoted(p, "undefined variable ", t.text, "");
	return parser_node(p, NODE_VARIABLE, t.pos, t.text);
}

static struct node *field(struct parser *p, struct token t)
{
	struct node *n = parser_node(p, NODE_FIELD, t.pos, STR(""));

	return n && name_add(p, n, t.text) ? n : NULL;
}

static struct node *string(struct parser *p, struct token t)
{
	struct node *n = parser_node(p, NODE_STRING, t.pos, t.text);

	if (n && !literal_string(t.text, &p->t->pool, &n->string))
		return parser_refuse(p, "invalid syntax");
	return n;
}

static struct node *number(struct parser *p, struct token t)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(MESSAGE_MAX);
	struct node *n = parser_node(p, NODE_NUMBER, t.pos, t.text);
	const char *problem;

	if (!n || literal_number(t.text, &n->number, &problem))
		return n;
	if (strcmp(problem, "invalid syntax") == 0)
		return parser_refuse(p, "%s", problem);
	if (t.kind == TOKEN_RUNE)
		return parser_refuse(p, "%s: %.*s", problem, STR_ARG(t.text));
	utf8_quote(t.text, &shown);
	return parser_refuse(p, "%s: %s", problem, buf_z(&shown));
}

static struct node *term(struct parser *p, struct token t)
{
	switch (t.kind) {
	case TOKEN_NAME:
		return function(p, t);
	case TOKEN_DOT:
		return parser_node(p, NODE_DOT, t.pos, t.text);
	case TOKEN_NIL:
		return parser_node(p, NODE_NIL, t.pos, t.text);
	case TOKEN_VARIABLE:
		return variable(p, t);
	case TOKEN_FIELD:
		return field(p, t);
	case TOKEN_BOOL:
		return parser_node(p, NODE_BOOL, t.pos, t.text);
	case TOKEN_RUNE:
	case TOKEN_NUMBER:
		return number(p, t);
	case TOKEN_STRING:
	case TOKEN_RAW_STRING:
		return string(p, t);
	default:
		return parser_pipeline(p, "parenthesized pipeline", TOKEN_CLOSE);
	}
}

static bool starts_operand(enum token_kind kind)
{
	switch (kind) {
	case TOKEN_NAME:
	case TOKEN_DOT:
	case TOKEN_NIL:
	case TOKEN_VARIABLE:
	case TOKEN_FIELD:
	case TOKEN_BOOL:
	case TOKEN_RUNE:
	case TOKEN_NUMBER:
	case TOKEN_STRING:
	case TOKEN_RAW_STRING:
	case TOKEN_OPEN:
		return true;
	default:
		return false;
	}
}

/* A term with the fields that directly follow it. */
static struct node *operand(struct parser *p)
{
	struct node *n = term(p, parser_next(p)), *chain = n;
	struct token t = parser_peek(p);

	if (!n || t.kind != TOKEN_FIELD)
		return n;
	switch (n->kind) {
	case NODE_FIELD:
	case NODE_VARIABLE:
		n->pos = t.pos; /* where Go has it */
		break;
	case NODE_BOOL:
	case NODE_STRING:
	case NODE_NUMBER:
	case NODE_NIL:
	case NODE_DOT:
		return parser_refuse_quoted(p, "unexpected . after term ", n->text, "");
	default:
		chain = parser_node(p, NODE_CHAIN, t.pos, STR(""));
		if (chain)
			chain->path.of = n;
	}
	while (chain && parser_peek(p).kind == TOKEN_FIELD)
		if (!name_add(p, chain, parser_next(p).text))
			return NULL;
	return chain;
}

/* Operands up to a pipe sign, which is taken, or the end of the pipeline, which is not. */
static struct node *command(struct parser *p)
{
	struct node *n = parser_node(p, NODE_COMMAND, parser_peek_word(p).pos, STR(""));
	struct node **tail = n ? &n->args : NULL;

	while (n) {
		struct token t;

		if (starts_operand(parser_peek_word(p).kind)) {
			*tail = operand(p);
			if (!*tail)
				return NULL;
			tail = &(*tail)->next;
		}
		t = parser_next(p);
		if (t.kind == TOKEN_SPACE)
			continue;
		if (t.kind == TOKEN_RIGHT || t.kind == TOKEN_CLOSE)
			parser_give_back(p, t);
		else if (t.kind != TOKEN_PIPE)
			return parser_unexpected(p, t, "operand");
		break;
	}
	return n && !n->args ? parser_refuse(p, "empty command") : n;
}

/* Only the first command may be a plain value. */
static struct node *pipeline_checked(struct parser *p, struct node *pipe, const char *context)
{
	int stage = 2;

	if (!pipe->pipe.commands)
		return parser_refuse(p, "missing value for %s", context);
	for (const struct node *c = pipe->pipe.commands->next; c; c = c->next, stage++)
		switch (c->args->kind) {
		case NODE_BOOL:
		case NODE_DOT:
		case NODE_NIL:
		case NODE_NUMBER:
		case NODE_STRING:
			return parser_refuse(p, "non executable command in pipeline stage %d", stage);
		default:
			break;
		}
	return pipe;
}

static bool range_comma(struct parser *p, struct node *pipe, const char *context)
{
	enum token_kind kind;

	if (strcmp(context, "range") != 0 || pipe->pipe.vars->next) {
		parser_refuse(p, "too many declarations in %s", context);
		return false;
	}
	kind = parser_peek_word(p).kind;
	if (kind != TOKEN_VARIABLE && kind != TOKEN_RIGHT && kind != TOKEN_CLOSE) {
		parser_refuse(p, "range can only initialize variables");
		return false;
	}
	return true;
}

/* "$x :=", "$x =" or "$i, $x :=" at the front of a pipeline. */
static bool declarations(struct parser *p, struct node *pipe, const char *context)
{
	while (parser_peek_word(p).kind == TOKEN_VARIABLE) {
		struct token v = parser_next(p), after = parser_peek(p), t = parser_next_word(p);

		if (t.kind == TOKEN_ASSIGN || t.kind == TOKEN_DECLARE) {
			pipe->pipe.assigns = t.kind == TOKEN_ASSIGN;
			return declare(p, pipe, v);
		}
		if (t.kind != TOKEN_CHAR || !str_eq(t.text, STR(","))) {
			parser_give_back(p, t);
			/* The blank tells $x .Field from $x.Field. */
			if (after.kind == TOKEN_SPACE)
				parser_give_back(p, after);
			parser_give_back(p, v);
			return true;
		}
		if (!declare(p, pipe, v) || !range_comma(p, pipe, context))
			return false;
	}
	return true;
}

struct node *parser_pipeline(struct parser *p, const char *context, enum token_kind end)
{
	struct node *pipe = parser_node(p, NODE_PIPE, parser_peek_word(p).pos, STR(""));
	struct node **tail = pipe ? &pipe->pipe.commands : NULL;

	if (!pipe || !parser_enter(p) || !declarations(p, pipe, context))
		return NULL;
	for (;;) {
		struct token t = parser_next_word(p);

		if (t.kind == end)
			break;
		if (!starts_operand(t.kind))
			return parser_unexpected(p, t, context);
		parser_give_back(p, t);
		*tail = command(p);
		if (!*tail)
			return NULL;
		tail = &(*tail)->next;
	}
	p->depth--;
	return pipeline_checked(p, pipe, context);
}
