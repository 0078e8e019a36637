#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "output/template_lex.h"
#include "output/template_node.h"
#include "output/utf8.h"

#define MESSAGE_MAX 4096
#define TREE_MAX    ((size_t)256 * TEMPLATE_MAX_TEXT) /* a byte of template can become a node */

struct parser {
	struct lexer lexer;
	struct token ahead[3]; /* read but given back; the last one comes next */
	int n_ahead;
	size_t latest; /* where the last word read begins: its line stands in messages */
	size_t action; /* where the action begins that is being read, + 1 */
	struct template *t;
	struct str vars[TEMPLATE_MAX_VARIABLES + 1];
	size_t n_vars;
	int ranges, depth;
	struct error *err;
};

static struct node *pipeline(struct parser *p, const char *context, enum token_kind end);
static struct node *item_list(struct parser *p, struct node **ret_list);
static struct node *control(struct parser *p, size_t pos, enum node_kind kind, const char *context);

/* ---- words ---- */

static struct token next(struct parser *p)
{
	struct token t;

	if (p->n_ahead > 0)
		return p->ahead[--p->n_ahead];
	t = lexer_next(&p->lexer);
	p->latest = t.pos;
	return t;
}

static void give_back(struct parser *p, struct token t)
{
	p->ahead[p->n_ahead++] = t;
}

static struct token peek(struct parser *p)
{
	struct token t = next(p);

	give_back(p, t);
	return t;
}

static struct token next_word(struct parser *p)
{
	struct token t = next(p);

	while (t.kind == TOKEN_SPACE)
		t = next(p);
	return t;
}

static struct token peek_word(struct parser *p)
{
	struct token t = next_word(p);

	give_back(p, t);
	return t;
}

/* ---- errors ---- */

static int line_at(const struct parser *p, size_t pos)
{
	int line = 1;

	for (size_t i = 0; i < pos; i++)
		line += p->t->text.p[i] == '\n';
	return line;
}

/* All of these return NULL, so that a failing line reads: return refuse(...). */
PRINTF_LIKE(2, 3)
static struct node *refuse(struct parser *p, const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	error_set(p->err, ERR_USAGE, "template: %s:%d: %s", p->t->name, line_at(p, p->latest), text);
	return NULL;
}

static struct node *unexpected(struct parser *p, struct token t, const char *context)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(MESSAGE_MAX);
	char started[300] = "";

	if (t.kind == TOKEN_UNSUPPORTED)
		return refuse(p, "{{%.*s}} is not supported here", STR_ARG(t.text));
	token_describe(&t, &shown);
	if (t.kind != TOKEN_ERROR)
		return refuse(p, "unexpected %s in %s", buf_z(&shown), context);
	if (p->action && line_at(p, p->action - 1) != line_at(p, t.pos))
		snprintf(started, sizeof started, "%s started at %.200s:%d", str_ends(t.text, STR(" action")) ? "" : " in action",
			 p->t->name, line_at(p, p->action - 1));
	return refuse(p, "%s%s", buf_z(&shown), started);
}

static struct node *refuse_quoted(struct parser *p, const char *before, struct str s, const char *after)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(MESSAGE_MAX);

	utf8_quote(s, &shown);
	return refuse(p, "%s%s%s", before, buf_z(&shown), after);
}

static struct node *out_of_memory(struct parser *p)
{
	error_set(p->err, ERR_SYSTEM, "template %s: out of memory", p->t->name);
	return NULL;
}

static bool enter(struct parser *p)
{
	if (++p->depth <= TEMPLATE_MAX_DEPTH)
		return true;
	refuse(p, "nested more than %d deep", TEMPLATE_MAX_DEPTH);
	return false;
}

/* ---- the tree ---- */

static struct node *node_new(struct parser *p, enum node_kind kind, size_t pos, struct str text)
{
	struct node *n = pool_alloc(&p->t->pool, sizeof *n);

	if (!n)
		return out_of_memory(p);
	n->kind = kind;
	n->pos = pos;
	n->text = text;
	return n;
}

static bool variable_known(const struct parser *p, struct str name)
{
	for (size_t i = p->n_vars; i > 0; i--)
		if (str_eq(p->vars[i - 1], name))
			return true;
	return false;
}

static bool declare(struct parser *p, struct node *pipe, struct token t)
{
	struct node **tail = &pipe->pipe.vars;
	struct node *n;

	if (p->n_vars > TEMPLATE_MAX_VARIABLES) {
		refuse(p, "more than %d variables", TEMPLATE_MAX_VARIABLES);
		return false;
	}
	n = node_new(p, NODE_VARIABLE, t.pos, t.text);
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
		out_of_memory(p);
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
		return refuse_quoted(p, "function ", t.text, " not defined");
	n = node_new(p, NODE_FUNCTION, t.pos, t.text);
	if (n)
		n->function = f;
	return n;
}

static struct node *variable(struct parser *p, struct token t)
{
	if (!variable_known(p, t.text))
		return refuse_quoted(p, "undefined variable ", t.text, "");
	return node_new(p, NODE_VARIABLE, t.pos, t.text);
}

static struct node *field(struct parser *p, struct token t)
{
	struct node *n = node_new(p, NODE_FIELD, t.pos, STR(""));

	return n && name_add(p, n, t.text) ? n : NULL;
}

static struct node *string(struct parser *p, struct token t)
{
	struct node *n = node_new(p, NODE_STRING, t.pos, t.text);

	if (n && !literal_string(t.text, &p->t->pool, &n->string))
		return refuse(p, "invalid syntax");
	return n;
}

static struct node *number(struct parser *p, struct token t)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(MESSAGE_MAX);
	struct node *n = node_new(p, NODE_NUMBER, t.pos, t.text);
	const char *problem;

	if (!n || literal_number(t.text, &n->number, &problem))
		return n;
	if (strcmp(problem, "invalid syntax") == 0)
		return refuse(p, "%s", problem);
	if (t.kind == TOKEN_RUNE)
		return refuse(p, "%s: %.*s", problem, STR_ARG(t.text));
	utf8_quote(t.text, &shown);
	return refuse(p, "%s: %s", problem, buf_z(&shown));
}

static struct node *term(struct parser *p, struct token t)
{
	switch (t.kind) {
	case TOKEN_NAME:
		return function(p, t);
	case TOKEN_DOT:
		return node_new(p, NODE_DOT, t.pos, t.text);
	case TOKEN_NIL:
		return node_new(p, NODE_NIL, t.pos, t.text);
	case TOKEN_VARIABLE:
		return variable(p, t);
	case TOKEN_FIELD:
		return field(p, t);
	case TOKEN_BOOL:
		return node_new(p, NODE_BOOL, t.pos, t.text);
	case TOKEN_RUNE:
	case TOKEN_NUMBER:
		return number(p, t);
	case TOKEN_STRING:
	case TOKEN_RAW_STRING:
		return string(p, t);
	default:
		return pipeline(p, "parenthesized pipeline", TOKEN_CLOSE);
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
	struct node *n = term(p, next(p)), *chain = n;
	struct token t = peek(p);

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
		return refuse_quoted(p, "unexpected . after term ", n->text, "");
	default:
		chain = node_new(p, NODE_CHAIN, t.pos, STR(""));
		if (chain)
			chain->path.of = n;
	}
	while (chain && peek(p).kind == TOKEN_FIELD)
		if (!name_add(p, chain, next(p).text))
			return NULL;
	return chain;
}

/* Operands up to a pipe sign, which is taken, or the end of the pipeline, which is not. */
static struct node *command(struct parser *p)
{
	struct node *n = node_new(p, NODE_COMMAND, peek_word(p).pos, STR(""));
	struct node **tail = n ? &n->args : NULL;

	while (n) {
		struct token t;

		if (starts_operand(peek_word(p).kind)) {
			*tail = operand(p);
			if (!*tail)
				return NULL;
			tail = &(*tail)->next;
		}
		t = next(p);
		if (t.kind == TOKEN_SPACE)
			continue;
		if (t.kind == TOKEN_RIGHT || t.kind == TOKEN_CLOSE)
			give_back(p, t);
		else if (t.kind != TOKEN_PIPE)
			return unexpected(p, t, "operand");
		break;
	}
	return n && !n->args ? refuse(p, "empty command") : n;
}

/* Only the first command may be a plain value. */
static struct node *pipeline_checked(struct parser *p, struct node *pipe, const char *context)
{
	int stage = 2;

	if (!pipe->pipe.commands)
		return refuse(p, "missing value for %s", context);
	for (const struct node *c = pipe->pipe.commands->next; c; c = c->next, stage++)
		switch (c->args->kind) {
		case NODE_BOOL:
		case NODE_DOT:
		case NODE_NIL:
		case NODE_NUMBER:
		case NODE_STRING:
			return refuse(p, "non executable command in pipeline stage %d", stage);
		default:
			break;
		}
	return pipe;
}

static bool range_comma(struct parser *p, struct node *pipe, const char *context)
{
	enum token_kind kind;

	if (strcmp(context, "range") != 0 || pipe->pipe.vars->next) {
		refuse(p, "too many declarations in %s", context);
		return false;
	}
	kind = peek_word(p).kind;
	if (kind != TOKEN_VARIABLE && kind != TOKEN_RIGHT && kind != TOKEN_CLOSE) {
		refuse(p, "range can only initialize variables");
		return false;
	}
	return true;
}

/* "$x :=", "$x =" or "$i, $x :=" at the front of a pipeline. */
static bool declarations(struct parser *p, struct node *pipe, const char *context)
{
	while (peek_word(p).kind == TOKEN_VARIABLE) {
		struct token v = next(p), after = peek(p), t = next_word(p);

		if (t.kind == TOKEN_ASSIGN || t.kind == TOKEN_DECLARE) {
			pipe->pipe.assigns = t.kind == TOKEN_ASSIGN;
			return declare(p, pipe, v);
		}
		if (t.kind != TOKEN_CHAR || !str_eq(t.text, STR(","))) {
			give_back(p, t);
			/* The blank tells $x .Field from $x.Field. */
			if (after.kind == TOKEN_SPACE)
				give_back(p, after);
			give_back(p, v);
			return true;
		}
		if (!declare(p, pipe, v) || !range_comma(p, pipe, context))
			return false;
	}
	return true;
}

static struct node *pipeline(struct parser *p, const char *context, enum token_kind end)
{
	struct node *pipe = node_new(p, NODE_PIPE, peek_word(p).pos, STR(""));
	struct node **tail = pipe ? &pipe->pipe.commands : NULL;

	if (!pipe || !enter(p) || !declarations(p, pipe, context))
		return NULL;
	for (;;) {
		struct token t = next_word(p);

		if (t.kind == end)
			break;
		if (!starts_operand(t.kind))
			return unexpected(p, t, context);
		give_back(p, t);
		*tail = command(p);
		if (!*tail)
			return NULL;
		tail = &(*tail)->next;
	}
	p->depth--;
	return pipeline_checked(p, pipe, context);
}

/* ---- actions ---- */

static struct node *expect_right(struct parser *p, struct node *n, const char *context)
{
	struct token t = next_word(p);

	return t.kind == TOKEN_RIGHT ? n : unexpected(p, t, context);
}

static struct node *loop_control(struct parser *p, struct token t, bool is_break)
{
	struct node *n = node_new(p, is_break ? NODE_BREAK : NODE_CONTINUE, t.pos, t.text);
	const char *shown = is_break ? "{{break}}" : "{{continue}}";

	if (!n || !expect_right(p, n, shown))
		return NULL;
	return p->ranges ? n : refuse(p, "%s outside {{range}}", shown);
}

static struct node *else_control(struct parser *p, struct token t)
{
	if (peek_word(p).kind == TOKEN_IF)
		return node_new(p, NODE_ELSE_IF, t.pos, t.text);
	return expect_right(p, node_new(p, NODE_ELSE, t.pos, t.text), "else");
}

static struct node *plain_action(struct parser *p, struct token t)
{
	struct node *n;

	give_back(p, t);
	n = node_new(p, NODE_ACTION, t.pos, STR(""));
	if (n)
		n->branch.pipe = pipeline(p, "command", TOKEN_RIGHT);
	return n && n->branch.pipe ? n : NULL;
}

static struct node *action(struct parser *p)
{
	struct token t = next_word(p);

	switch (t.kind) {
	case TOKEN_BREAK:
	case TOKEN_CONTINUE:
		return loop_control(p, t, t.kind == TOKEN_BREAK);
	case TOKEN_ELSE:
		return else_control(p, t);
	case TOKEN_END:
		return expect_right(p, node_new(p, NODE_END, t.pos, t.text), "end");
	case TOKEN_IF:
		return control(p, t.pos, NODE_IF, "if");
	case TOKEN_RANGE:
		return control(p, t.pos, NODE_RANGE, "range");
	case TOKEN_WITH:
		return control(p, t.pos, NODE_WITH, "with");
	default:
		return plain_action(p, t);
	}
}

static struct node *text_or_action(struct parser *p)
{
	struct token t = next_word(p);
	struct node *n;

	if (t.kind == TOKEN_TEXT)
		return node_new(p, NODE_TEXT, t.pos, t.text);
	if (t.kind != TOKEN_LEFT)
		return unexpected(p, t, "input");
	p->action = t.pos + 1;
	n = action(p);
	p->action = 0;
	return n;
}

/* Items up to {{end}} or {{else}}, which is returned. */
static struct node *item_list(struct parser *p, struct node **ret_list)
{
	while (peek_word(p).kind != TOKEN_EOF) {
		struct node *n = text_or_action(p);

		if (!n || n->kind == NODE_END || n->kind == NODE_ELSE || n->kind == NODE_ELSE_IF)
			return n;
		*ret_list = n;
		ret_list = &n->next;
	}
	return refuse(p, "unexpected EOF");
}

/* Behind the body: what {{else}} has. "else if" is an if of its own that needs no second {{end}}. */
static bool otherwise(struct parser *p, struct node *n, const struct node *stop)
{
	struct token t;

	if (stop->kind == NODE_ELSE_IF && n->kind == NODE_IF) {
		t = next_word(p);
		n->branch.otherwise = control(p, t.pos, NODE_IF, "if");
		return n->branch.otherwise != NULL;
	}
	stop = item_list(p, &n->branch.otherwise);
	if (stop && stop->kind != NODE_END)
		refuse(p, "expected end; found {{else}}");
	return stop && stop->kind == NODE_END;
}

static struct node *control(struct parser *p, size_t pos, enum node_kind kind, const char *context)
{
	size_t n_vars = p->n_vars;
	struct node *n = node_new(p, kind, pos, STR("")), *stop;

	if (!n || !enter(p))
		return NULL;
	n->branch.pipe = pipeline(p, context, TOKEN_RIGHT);
	if (!n->branch.pipe)
		return NULL;
	p->ranges += kind == NODE_RANGE;
	stop = item_list(p, &n->branch.body);
	p->ranges -= kind == NODE_RANGE;
	if (!stop || (stop->kind != NODE_END && !otherwise(p, n, stop)))
		return NULL;
	p->n_vars = n_vars;
	p->depth--;
	return n;
}

static bool parse_all(struct parser *p)
{
	struct node **tail = &p->t->root;

	while (peek(p).kind != TOKEN_EOF) {
		struct node *n = text_or_action(p);

		if (n && (n->kind == NODE_END || n->kind == NODE_ELSE || n->kind == NODE_ELSE_IF))
			n = refuse(p, "unexpected %s", n->kind == NODE_END ? "{{end}}" : "{{else}}");
		if (!n)
			return false;
		*tail = n;
		tail = &n->next;
	}
	return true;
}

static struct template *template_new(struct str text, const char *name)
{
	struct template *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->pool = POOL_INIT(TREE_MAX);
	t->name = pool_dup(&t->pool, str_from(name));
	t->text = (struct str){ pool_dup(&t->pool, text), text.n };
	if (t->name && t->text.p)
		return t;
	template_free(t);
	return NULL;
}

int template_parse(struct str text, const char *name, struct template **ret, struct error *err)
{
	CLEANUP(template_free_p) struct template *t = NULL;
	CLEANUP(free_p) struct parser *p = NULL;

	if (text.n > TEMPLATE_MAX_TEXT)
		return error_set(err, ERR_USAGE, "template %s: longer than %d bytes", name, TEMPLATE_MAX_TEXT);
	t = template_new(text, name);
	p = calloc(1, sizeof *p);
	if (!t || !p)
		return error_set(err, ERR_SYSTEM, "template %s: out of memory", name);
	p->t = t;
	p->err = err;
	p->lexer.in = t->text;
	p->vars[p->n_vars++] = STR("$");
	if (!parse_all(p))
		return err ? -(int)err->kind : -ERR_USAGE;
	*ret = ptr_take(&t);
	return 0;
}

void template_free(struct template *t)
{
	if (!t)
		return;
	pool_done(&t->pool);
	free(t);
}

void template_free_p(struct template **t)
{
	template_free(*t);
}
