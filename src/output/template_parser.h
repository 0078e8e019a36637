/* output/template_parser.h: the state of parsing one template, shared by actions (template_parse.c) and expressions (template_expr.c). */
#ifndef OUTPUT_TEMPLATE_PARSER_H
#define OUTPUT_TEMPLATE_PARSER_H

#include "output/template_lex.h"
#include "output/template_node.h"

#define MESSAGE_MAX 4096

struct parser {
	struct lexer lexer;
	struct token ahead[3]; /* read but given back; the last one comes next */
	int n_ahead;
	size_t latest; /* where the last word read begins: its line stands in messages */
	size_t action; /* where the action begins that is being read, + 1 */
	struct template *t;
	struct str vars[TEMPLATE_MAX_VARIABLES + 1];
	size_t n_vars, first_var; /* those below first_var are outside of the definition that is being read */
	int ranges, depth;
	struct error *err;
};

struct token parser_next(struct parser *p);
struct token parser_peek(struct parser *p);
void parser_give_back(struct parser *p, struct token t);
/* The same behind blanks, which vanish. */
struct token parser_next_word(struct parser *p);
struct token parser_peek_word(struct parser *p);

/* Set the error, with the line of the last word, and return NULL, so that a failing line reads: return parser_refuse(...). */
struct node *parser_refuse(struct parser *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* before "s" after */
struct node *parser_refuse_quoted(struct parser *p, const char *before, struct str s, const char *after);
struct node *parser_unexpected(struct parser *p, struct token t, const char *context);
struct node *parser_out_of_memory(struct parser *p);

/* One level deeper; the caller takes it back from p->depth. False: too deep. */
bool parser_enter(struct parser *p);

struct node *parser_node(struct parser *p, enum node_kind kind, size_t pos, struct str text);

/* A pipeline up to the word end, which is taken. context names it in messages. */
struct node *parser_pipeline(struct parser *p, const char *context, enum token_kind end);

#endif
