#include "output/template_node.h"

static void names(const struct name *n, struct buf *out)
{
	for (; n; n = n->next)
		buf_addf(out, ".%s", n->z);
}

static void pipe_describe(const struct node *n, struct buf *out)
{
	for (const struct node *v = n->pipe.vars; v; v = v->next) {
		buf_add(out, v->text);
		buf_add_z(out, v->next ? ", " : " := ");
	}
	for (const struct node *c = n->pipe.commands; c; c = c->next) {
		node_describe(c, out);
		if (c->next)
			buf_add_z(out, " | ");
	}
}

static void operand_describe(const struct node *n, struct buf *out)
{
	if (n->kind == NODE_PIPE)
		buf_add_char(out, '(');
	node_describe(n, out);
	if (n->kind == NODE_PIPE)
		buf_add_char(out, ')');
}

static void command_describe(const struct node *n, struct buf *out)
{
	for (const struct node *a = n->args; a; a = a->next) {
		operand_describe(a, out);
		if (a->next)
			buf_add_char(out, ' ');
	}
}

void node_describe(const struct node *n, struct buf *out)
{
	switch (n->kind) {
	case NODE_ACTION:
		buf_add_z(out, "{{");
		pipe_describe(n->branch.pipe, out);
		buf_add_z(out, "}}");
		break;
	case NODE_TEMPLATE:
		buf_add_z(out, "{{template ");
		buf_add(out, n->text);
		if (n->template.pipe) {
			buf_add_char(out, ' ');
			pipe_describe(n->template.pipe, out);
		}
		buf_add_z(out, "}}");
		break;
	case NODE_PIPE:
		pipe_describe(n, out);
		break;
	case NODE_COMMAND:
		command_describe(n, out);
		break;
	case NODE_DOT:
		buf_add_z(out, ".");
		break;
	case NODE_NIL:
		buf_add_z(out, "nil");
		break;
	case NODE_FIELD:
	case NODE_VARIABLE:
		buf_add(out, n->text);
		names(n->path.names, out);
		break;
	case NODE_CHAIN:
		operand_describe(n->path.of, out);
		names(n->path.names, out);
		break;
	case NODE_ELSE:
	case NODE_ELSE_IF:
		buf_add_z(out, "{{else}}");
		break;
	case NODE_END:
		buf_add_z(out, "{{end}}");
		break;
	default:
		buf_add(out, n->text);
		break;
	}
}
