/* cli/tree.h: the tree of commands that the names in a program's table spell: "container ls" is the child "ls" of "container". */
#ifndef CLI_TREE_H
#define CLI_TREE_H

#include "cli/cmd.h"

/* `help`, which every program understands without a row in its table. */
extern const struct cmd tree_help;

/* A place in the tree: the program itself (cmd NULL, path "") or a command by one of its names. */
struct node {
	const struct program *program;
	const struct cmd *cmd;
	const char *path;
};

#define TREE_ROOT(p) ((struct node){ (p), NULL, "" })

/* True for the program and for groups: the next word names a subcommand. */
bool node_has_children(const struct node *n);

/* The subcommand of that name. */
bool node_child(const struct node *n, const char *word, struct node *ret);

/* Each spelling of each subcommand: word is "ls". main: the first of that command's spellings in this group. Hidden commands are left out.
 * `help` comes as a child of the program. */
typedef void child_fn(void *ctx, const char *word, const struct cmd *cmd, bool main);
void node_children(const struct node *n, child_fn *fn, void *ctx);

/* "podman container ls", for messages. */
void node_add_command_line(const struct node *n, struct buf *out);

#endif
