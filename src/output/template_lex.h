/* output/template_lex.h: the words of a template. */
#ifndef OUTPUT_TEMPLATE_LEX_H
#define OUTPUT_TEMPLATE_LEX_H

#include "base/buf.h"

enum token_kind {
	TOKEN_ERROR, /* text is the message */
	TOKEN_EOF,
	TOKEN_TEXT,
	TOKEN_LEFT,  /* {{ */
	TOKEN_RIGHT, /* }} */
	TOKEN_SPACE,
	TOKEN_ASSIGN,  /* = */
	TOKEN_DECLARE, /* := */
	TOKEN_PIPE,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_CHAR, /* any other ASCII character: the comma */
	TOKEN_BOOL,
	TOKEN_NUMBER,
	TOKEN_RUNE,       /* 'c' */
	TOKEN_STRING,     /* "..." with its quotes */
	TOKEN_RAW_STRING, /* `...` */
	TOKEN_FIELD,      /* .name */
	TOKEN_VARIABLE,   /* $ or $name */
	TOKEN_NAME,
	TOKEN_KEYWORD, /* from here on keywords, the others' texts show as <end> in messages */
	TOKEN_DOT,
	TOKEN_NIL,
	TOKEN_IF,
	TOKEN_ELSE,
	TOKEN_END,
	TOKEN_RANGE,
	TOKEN_WITH,
	TOKEN_BREAK,
	TOKEN_CONTINUE,
	TOKEN_DEFINE,
	TOKEN_TEMPLATE,
	TOKEN_BLOCK,
};

struct token {
	enum token_kind kind;
	struct str text;
	size_t pos;
};

struct lexer {
	struct str in;
	size_t pos, start;
	bool inside; /* between {{ and }} */
	int parens;
	char message[128];
};

/* After an error or the end the same token comes again. Texts are borrowed from in, an error's text from the lexer. */
struct token lexer_next(struct lexer *l);

/* The token as Go's messages show it: EOF, <end>, "word", "a long wor"... */
void token_describe(const struct token *t, struct buf *out);

#endif
