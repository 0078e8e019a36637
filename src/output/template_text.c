/* What can be told of a template without running it, and the escapes of the command line. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "output/template_node.h"

static bool list_fields(const struct node *list, bool root, struct strv *ret);
static bool pipe_fields(const struct node *pipe, bool root, struct strv *ret);

static bool add_once(struct strv *ret, const char *name)
{
	return strv_has(ret, name) || strv_add(ret, name);
}

/* root: dot is the row. "$.ID" is the row's field anywhere. */
static bool operand_fields(const struct node *n, bool root, struct strv *ret)
{
	switch (n->kind) {
	case NODE_FIELD:
		return !root || add_once(ret, n->path.names->z);
	case NODE_VARIABLE:
		return !str_eq(n->text, STR("$")) || !n->path.names || add_once(ret, n->path.names->z);
	case NODE_PIPE:
		return pipe_fields(n, root, ret);
	case NODE_CHAIN:
		return operand_fields(n->path.of, root, ret);
	default:
		return true;
	}
}

static bool pipe_fields(const struct node *pipe, bool root, struct strv *ret)
{
	for (const struct node *c = pipe->pipe.commands; c; c = c->next)
		for (const struct node *a = c->args; a; a = a->next)
			if (!operand_fields(a, root, ret))
				return false;
	return true;
}

static bool branch_fields(const struct node *n, bool root, struct strv *ret)
{
	return pipe_fields(n->branch.pipe, root, ret) && list_fields(n->branch.body, root && n->kind == NODE_IF, ret) &&
	       list_fields(n->branch.otherwise, root, ret);
}

static bool list_fields(const struct node *list, bool root, struct strv *ret)
{
	for (const struct node *n = list; n; n = n->next) {
		bool fine = true;

		if (n->kind == NODE_ACTION)
			fine = pipe_fields(n->branch.pipe, root, ret);
		else if (n->kind == NODE_TEMPLATE && n->template.pipe)
			fine = pipe_fields(n->template.pipe, root, ret);
		else if (n->kind == NODE_IF || n->kind == NODE_WITH || n->kind == NODE_RANGE)
			fine = branch_fields(n, root, ret);
		if (!fine)
			return false;
	}
	return true;
}

int template_fields(const struct template *t, struct strv *ret, struct error *err)
{
	bool fine = list_fields(t->root, true, ret);

	/* As if each were called with the row. */
	for (const struct definition *d = t->definitions; fine && d; d = d->next)
		fine = list_fields(d->body, true, ret);
	return fine ? 0 : error_set(err, ERR_SYSTEM, "template %s: out of memory", t->name);
}

/* Length of the action that begins with "{{" at z, with its braces; strings may hold braces. */
static size_t action_length(const char *z)
{
	const char *p = z + 2 + (z[2] == '-' && z[3] ? 2 : 0);
	const char *comment = strncmp(p, "/*", 2) == 0 ? strstr(p, "*/") : NULL;

	p = comment ? comment : z + 2;
	while (*p && strncmp(p, "}}", 2) != 0) {
		char quote = *p == '"' || *p == '`' || *p == '\'' ? *p : 0;

		p++;
		while (quote && *p && *p != quote)
			p += *p == '\\' && quote != '`' && p[1] ? 2 : 1;
		p += quote && *p;
	}
	return (size_t)(p - z) + (*p ? 2 : 0);
}

char *template_unescape(const char *text)
{
	size_t n = strlen(text), length;
	char *copy = malloc(n + 1), *to = copy;

	if (!copy)
		return NULL;
	for (const char *p = text; *p; p += length) {
		bool escape = p[0] == '\\' && (p[1] == 't' || p[1] == 'n');

		length = strncmp(p, "{{", 2) == 0 ? action_length(p) : 1;
		if (escape) {
			*to++ = p[1] == 't' ? '\t' : '\n';
			length = 2;
		} else {
			memcpy(to, p, length);
			to += length;
		}
	}
	*to = 0;
	return copy;
}
