/* output/template_node.h: the tree of a parsed template. */
#ifndef OUTPUT_TEMPLATE_NODE_H
#define OUTPUT_TEMPLATE_NODE_H

#include <stdint.h>

#include "output/pool.h"
#include "output/template.h"

#define TEMPLATE_MAX_VARIABLES 256 /* in scope at once, besides $ */

enum node_kind {
	NODE_TEXT,
	NODE_ACTION, /* {{pipeline}} */
	NODE_IF,
	NODE_WITH,
	NODE_RANGE,
	NODE_TEMPLATE, /* {{template "name" pipeline}} */
	NODE_BREAK,
	NODE_CONTINUE,
	NODE_ELSE, /* ELSE, ELSE_IF and END only while parsing */
	NODE_ELSE_IF,
	NODE_END,
	NODE_PIPE,
	NODE_COMMAND,
	/* operands */
	NODE_DOT,
	NODE_NIL,
	NODE_BOOL,
	NODE_NUMBER,
	NODE_STRING,
	NODE_FIELD,    /* .A.B */
	NODE_VARIABLE, /* $x.A.B */
	NODE_FUNCTION,
	NODE_CHAIN, /* (pipeline).A.B */
};

struct name {
	struct name *next;
	char *z;
};

/* A constant has no type yet: 1e3 can be an int. */
struct number {
	bool is_int, is_float; /* can be taken as */
	bool prefers_float;    /* where nothing says what it should be */
	int64_t i;
	double f;
};

struct function;

struct node {
	enum node_kind kind;
	size_t pos;
	struct node *next; /* in the list that it stands in */
	struct str text;   /* as in the template: TEXT, BOOL, NUMBER, STRING (with quotes), VARIABLE (the name with $), FUNCTION */
	union {
		struct number number;
		struct str string; /* STRING: what it means */
		const struct function *function;
		struct node *args; /* COMMAND: its operands */
		struct {
			struct node *of; /* CHAIN */
			struct name *names;
		} path; /* FIELD, VARIABLE, CHAIN */
		struct {
			struct node *vars; /* of $i, $v :=; at most 2 */
			bool assigns;      /* = instead of := */
			struct node *commands;
		} pipe;
		struct {
			struct node *pipe, *body, *otherwise;
		} branch; /* IF, WITH, RANGE; of ACTION only pipe */
		struct {
			struct str name;
			struct node *pipe; /* may be NULL */
		} template;                /* TEMPLATE; text is the name with quotes */
	};
};

/* {{define "name"}}...{{end}}, and what {{block}} defines in passing. */
struct definition {
	struct definition *next;
	struct str name;
	struct node *body; /* list */
};

struct template
{
	char *name;
	struct str text;
	struct node *root; /* list */
	struct definition *definitions;
	struct pool pool;
};

/* The node in Go's canonical spelling, for messages. */
void node_describe(const struct node *n, struct buf *out);

/* The meaning of "..." or `...` with the quotes. False: no valid Go string. */
bool literal_string(struct str quoted, struct pool *pool, struct str *ret);

/* A number or 'c'. On failure ret_problem has Go's word for it. */
bool literal_number(struct str text, struct number *ret, const char **ret_problem);

/* NULL: no such function. */
const struct function *function_find(struct str name);

#endif
