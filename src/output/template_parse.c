#include <stdlib.h>

#include "base/cleanup.h"
#include "output/template_parser.h"

#define TREE_MAX ((size_t)256 * TEMPLATE_MAX_TEXT) /* a byte of template can become a node */

static struct node *control(struct parser *p, size_t pos, enum node_kind kind, const char *context);
static struct node *item_list(struct parser *p, struct node **ret_list);

static struct node *expect_right(struct parser *p, struct node *n, const char *context)
{
	struct token t = parser_next_word(p);

	return t.kind == TOKEN_RIGHT ? n : parser_unexpected(p, t, context);
}

static struct node *loop_control(struct parser *p, struct token t, bool is_break)
{
	struct node *n = parser_node(p, is_break ? NODE_BREAK : NODE_CONTINUE, t.pos, t.text);
	const char *shown = is_break ? "{{break}}" : "{{continue}}";

	if (!n || !expect_right(p, n, shown))
		return NULL;
	return p->ranges ? n : parser_refuse(p, "%s outside {{range}}", shown);
}

static struct node *else_control(struct parser *p, struct token t)
{
	if (parser_peek_word(p).kind == TOKEN_IF)
		return parser_node(p, NODE_ELSE_IF, t.pos, t.text);
	return expect_right(p, parser_node(p, NODE_ELSE, t.pos, t.text), "else");
}

/* ---- define, block, template ---- */

static bool is_blank(const struct node *list)
{
	for (; list; list = list->next)
		if (list->kind != NODE_TEXT || str_trim(list->text).n)
			return false;
	return true;
}

/* Blank definitions give way to others, in either order. */
static bool add_definition(struct parser *p, struct str name, struct node *body)
{
	struct definition *d = p->t->definitions;

	while (d && !str_eq(d->name, name))
		d = d->next;
	if (d && !is_blank(d->body) && !is_blank(body)) {
		parser_refuse_quoted(p, "template: multiple definition of template ", name, "");
		return false;
	}
	if (d) {
		d->body = is_blank(d->body) ? body : d->body;
		return true;
	}
	d = pool_alloc(&p->t->pool, sizeof *d);
	if (!d) {
		parser_out_of_memory(p);
		return false;
	}
	*d = (struct definition){ p->t->definitions, name, body };
	p->t->definitions = d;
	return true;
}

/* Up to {{end}}. Neither variables nor loops around it reach inside. */
static bool definition_body(struct parser *p, struct str name, const char *context)
{
	size_t first_var = p->first_var, n_vars = p->n_vars;
	int ranges = p->ranges;
	struct node *body = NULL, *stop;

	p->first_var = n_vars;
	p->ranges = 0;
	stop = item_list(p, &body);
	p->first_var = first_var;
	p->n_vars = n_vars;
	p->ranges = ranges;
	if (stop && stop->kind != NODE_END)
		parser_refuse(p, "unexpected {{else}} in %s", context);
	return stop && stop->kind == NODE_END && add_definition(p, name, body);
}

/* The action's name; the rest is not read yet. */
static struct node *template_node(struct parser *p, const char *context)
{
	struct token t = parser_next_word(p);
	struct node *n;

	if (t.kind != TOKEN_STRING && t.kind != TOKEN_RAW_STRING)
		return parser_unexpected(p, t, context);
	n = parser_node(p, NODE_TEMPLATE, t.pos, t.text);
	if (n && !literal_string(t.text, &p->t->pool, &n->template.name))
		return parser_refuse(p, "invalid syntax");
	return n;
}

/* Behind "define"; nothing of it stays where it stands. */
static bool define(struct parser *p)
{
	static const char context[] = "define clause";
	const struct node *n = template_node(p, context);
	struct token t;

	if (!n)
		return false;
	t = parser_next_word(p);
	if (t.kind != TOKEN_RIGHT) {
		parser_unexpected(p, t, context);
		return false;
	}
	return definition_body(p, n->template.name, context);
}

static struct node *block(struct parser *p)
{
	static const char context[] = "block clause";
	struct node *n = template_node(p, context);

	if (!n || !parser_enter(p))
		return NULL;
	n->template.pipe = parser_pipeline(p, context, TOKEN_RIGHT);
	if (!n->template.pipe || !definition_body(p, n->template.name, context))
		return NULL;
	p->depth--;
	return n;
}

static struct node *template_action(struct parser *p)
{
	static const char context[] = "template clause";
	struct node *n = template_node(p, context);
	struct token t;

	if (!n)
		return NULL;
	t = parser_next_word(p);
	if (t.kind == TOKEN_RIGHT)
		return n;
	parser_give_back(p, t);
	n->template.pipe = parser_pipeline(p, context, TOKEN_RIGHT);
	return n->template.pipe ? n : NULL;
}

/* ---- actions ---- */

static struct node *plain_action(struct parser *p, struct token t)
{
	struct node *n;

	parser_give_back(p, t);
	n = parser_node(p, NODE_ACTION, t.pos, STR(""));
	if (n)
		n->branch.pipe = parser_pipeline(p, "command", TOKEN_RIGHT);
	return n && n->branch.pipe ? n : NULL;
}

static struct node *action(struct parser *p)
{
	struct token t = parser_next_word(p);

	switch (t.kind) {
	case TOKEN_BLOCK:
		return block(p);
	case TOKEN_TEMPLATE:
		return template_action(p);
	case TOKEN_BREAK:
	case TOKEN_CONTINUE:
		return loop_control(p, t, t.kind == TOKEN_BREAK);
	case TOKEN_ELSE:
		return else_control(p, t);
	case TOKEN_END:
		return expect_right(p, parser_node(p, NODE_END, t.pos, t.text), "end");
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
	struct token t = parser_next_word(p);
	struct node *n;

	if (t.kind == TOKEN_TEXT)
		return parser_node(p, NODE_TEXT, t.pos, t.text);
	if (t.kind != TOKEN_LEFT)
		return parser_unexpected(p, t, "input");
	p->action = t.pos + 1;
	n = action(p);
	p->action = 0;
	return n;
}

/* Items up to {{end}} or {{else}}, which is returned. */
static struct node *item_list(struct parser *p, struct node **ret_list)
{
	while (parser_peek_word(p).kind != TOKEN_EOF) {
		struct node *n = text_or_action(p);

		if (!n || n->kind == NODE_END || n->kind == NODE_ELSE || n->kind == NODE_ELSE_IF)
			return n;
		*ret_list = n;
		ret_list = &n->next;
	}
	return parser_refuse(p, "unexpected EOF");
}

/* Behind the body: what {{else}} has. "else if" is an if of its own that needs no second {{end}}. */
static bool otherwise(struct parser *p, struct node *n, const struct node *stop)
{
	struct token t;

	if (stop->kind == NODE_ELSE_IF && n->kind == NODE_IF) {
		t = parser_next_word(p);
		n->branch.otherwise = control(p, t.pos, NODE_IF, "if");
		return n->branch.otherwise != NULL;
	}
	stop = item_list(p, &n->branch.otherwise);
	if (stop && stop->kind != NODE_END)
		parser_refuse(p, "expected end; found {{else}}");
	return stop && stop->kind == NODE_END;
}

static struct node *control(struct parser *p, size_t pos, enum node_kind kind, const char *context)
{
	size_t n_vars = p->n_vars;
	struct node *n = parser_node(p, kind, pos, STR("")), *stop;

	if (!n || !parser_enter(p))
		return NULL;
	n->branch.pipe = parser_pipeline(p, context, TOKEN_RIGHT);
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

/* Takes "{{define" when it is there, which is allowed outside of everything only. */
static bool at_define(struct parser *p)
{
	struct token left = parser_next(p), word;

	if (left.kind != TOKEN_LEFT) {
		parser_give_back(p, left);
		return false;
	}
	word = parser_next_word(p);
	if (word.kind == TOKEN_DEFINE)
		return true;
	parser_give_back(p, word);
	parser_give_back(p, left);
	return false;
}

static bool parse_all(struct parser *p)
{
	struct node **tail = &p->t->root;

	while (parser_peek(p).kind != TOKEN_EOF) {
		struct node *n;

		if (at_define(p)) {
			if (!define(p))
				return false;
			continue;
		}
		n = text_or_action(p);
		if (n && (n->kind == NODE_END || n->kind == NODE_ELSE || n->kind == NODE_ELSE_IF))
			n = parser_refuse(p, "unexpected %s", n->kind == NODE_END ? "{{end}}" : "{{else}}");
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
