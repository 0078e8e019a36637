/* What the parser of templates stands on: words, refusals, nodes. */
#include "output/template_parser.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "output/utf8.h"

struct token parser_next(struct parser *p)
{
	struct token t;

	if (p->n_ahead > 0)
		return p->ahead[--p->n_ahead];
	t = lexer_next(&p->lexer);
	p->latest = t.pos;
	return t;
}

void parser_give_back(struct parser *p, struct token t)
{
	p->ahead[p->n_ahead++] = t;
}

struct token parser_peek(struct parser *p)
{
	struct token t = parser_next(p);

	parser_give_back(p, t);
	return t;
}

struct token parser_next_word(struct parser *p)
{
	struct token t = parser_next(p);

	while (t.kind == TOKEN_SPACE)
		t = parser_next(p);
	return t;
}

struct token parser_peek_word(struct parser *p)
{
	struct token t = parser_next_word(p);

	parser_give_back(p, t);
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

/* All of these return NULL, so that a failing line reads: return parser_refuse(...). */
struct node *parser_refuse(struct parser *p, const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	error_set(p->err, ERR_USAGE, "template: %s:%d: %s", p->t->name, line_at(p, p->latest), text);
	return NULL;
}

struct node *parser_unexpected(struct parser *p, struct token t, const char *context)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(MESSAGE_MAX);
	char started[300] = "";

	token_describe(&t, &shown);
	if (t.kind != TOKEN_ERROR)
		return parser_refuse(p, "unexpected %s in %s", buf_z(&shown), context);
	if (p->action && line_at(p, p->action - 1) != line_at(p, t.pos))
		snprintf(started, sizeof started, "%s started at %.200s:%d", str_ends(t.text, STR(" action")) ? "" : " in action",
			 p->t->name, line_at(p, p->action - 1));
	return parser_refuse(p, "%s%s", buf_z(&shown), started);
}

struct node *parser_refuse_quoted(struct parser *p, const char *before, struct str s, const char *after)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(MESSAGE_MAX);

	utf8_quote(s, &shown);
	return parser_refuse(p, "%s%s%s", before, buf_z(&shown), after);
}

struct node *parser_out_of_memory(struct parser *p)
{
	error_set(p->err, ERR_SYSTEM, "template %s: out of memory", p->t->name);
	return NULL;
}

bool parser_enter(struct parser *p)
{
	if (++p->depth <= TEMPLATE_MAX_DEPTH)
		return true;
	parser_refuse(p, "nested more than %d deep", TEMPLATE_MAX_DEPTH);
	return false;
}

struct node *parser_node(struct parser *p, enum node_kind kind, size_t pos, struct str text)
{
	struct node *n = pool_alloc(&p->t->pool, sizeof *n);

	if (!n)
		return parser_out_of_memory(p);
	n->kind = kind;
	n->pos = pos;
	n->text = text;
	return n;
}
