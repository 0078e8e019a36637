#include "cli/tree.h"

const struct cmd tree_help = {
	.names = (const char *const[]){ "help", NULL },
	.synopsis = "[command]",
	.brief = "Help about any command",
	.about = "Shows the help of the program, or of the command that is named.",
	.max_names = CMD_ANY,
};

bool node_has_children(const struct node *n)
{
	return !n->cmd || (!n->cmd->run && n->cmd != &tree_help);
}

/* The last word of name when name is a direct child of path; else NULL. */
static const char *child_word(const char *path, const char *name)
{
	size_t n = strlen(path);
	const char *word = name;

	if (n) {
		if (strncmp(name, path, n) != 0 || name[n] != ' ')
			return NULL;
		word = name + n + 1;
	}
	return strchr(word, ' ') ? NULL : word;
}

bool node_child(const struct node *n, const char *word, struct node *ret)
{
	for (const struct cmd *const *c = n->program->table; *c; c++)
		for (const char *const *name = (*c)->names; *name; name++) {
			const char *w = child_word(n->path, *name);

			if (w && strcmp(w, word) == 0) {
				*ret = (struct node){ n->program, *c, *name };
				return true;
			}
		}
	if (n->cmd || strcmp(word, tree_help.names[0]) != 0)
		return false;
	*ret = (struct node){ n->program, &tree_help, tree_help.names[0] };
	return true;
}

static void children_of(const struct node *n, const struct cmd *c, child_fn *fn, void *ctx)
{
	bool main = true;

	for (const char *const *name = c->names; *name; name++) {
		const char *word = child_word(n->path, *name);

		if (!word)
			continue;
		fn(ctx, word, c, main);
		main = false;
	}
}

void node_children(const struct node *n, child_fn *fn, void *ctx)
{
	for (const struct cmd *const *c = n->program->table; *c; c++)
		if (!(*c)->hidden)
			children_of(n, *c, fn, ctx);
	if (!n->cmd)
		children_of(n, &tree_help, fn, ctx);
}

void node_add_command_line(const struct node *n, struct buf *out)
{
	buf_addf(out, "%s%s%s", n->program->name, *n->path ? " " : "", n->path);
}
