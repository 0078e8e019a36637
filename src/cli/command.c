/* cli/command.c: from the words of a command line to a command with its args and names. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/nearest.h"
#include "cli/rows.h"
#include "cli/tree.h"

#define LINE_MAX_BYTES 4096
#define SUGGESTIONS_MAX 64

/* What only the program itself takes, before any command. */
struct root_args {
	bool version;
};

static const struct opt root_opts[] = { OPT_BOOL('v', "version", struct root_args, version, "Print the version"), OPT_END };

/* One command line on its way down the tree. */
struct descent {
	struct node node;
	int argc; /* what is left of the words */
	char *const *argv;
	struct root_args root;
	bool help;
	struct invocation *ret;
	struct error *err;
};

struct suggestion {
	const char *word;
	unsigned rank;
};

struct suggestions {
	struct str typed;
	struct suggestion v[SUGGESTIONS_MAX];
	size_t n;
};

/* Kept sorted by rank, those of one rank in the order of the table. */
static void suggest(void *ctx, const char *word, const struct cmd *cmd, bool main)
{
	struct suggestions *s = ctx;
	unsigned rank = nearest_rank(s->typed, str_from(word));
	size_t i = s->n;

	(void)cmd;
	(void)main;
	if (rank > NEAREST_MAX || s->n == SUGGESTIONS_MAX)
		return;
	for (; i && s->v[i - 1].rank > rank; i--)
		s->v[i] = s->v[i - 1];
	s->v[i] = (struct suggestion){ word, rank };
	s->n++;
}

static int unknown_command(const struct descent *d, const char *word)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES), m = BUF_INIT(2 * LINE_MAX_BYTES + strlen(word));
	struct suggestions s = { .typed = str_from(word) };

	node_children(&d->node, suggest, &s);
	node_add_command_line(&d->node, &line);
	buf_addf(&m, "unrecognized command `%s %s`", buf_z(&line), word);
	if (s.n)
		buf_add_z(&m, "\n\nDid you mean this?\n");
	for (size_t i = 0; i < s.n; i++)
		buf_addf(&m, "\t%s\n", s.v[i].word);
	error_set(d->err, ERR_USAGE, "%s", buf_z(&m));
	return error_hint(d->err, "Try '%s --help' for more information", buf_z(&line));
}

/* A group, or the program, without the word that says what to do: its help and an error. */
static int missing_command(const struct descent *d)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);

	node_add_command_line(&d->node, &line);
	d->ret->action = CMD_HELP;
	d->ret->cmd = d->node.cmd;
	d->ret->spelled = d->node.cmd ? d->node.path : NULL;
	return error_set(d->err, ERR_USAGE, "missing command '%s COMMAND'", buf_z(&line));
}

/* "See 'podman stop --help'", and what opts_parse had to say below it. */
static int see_help(const struct descent *d, int r)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	CLEANUP(free_p) char *more = d->err ? z_dup(d->err->hint) : NULL;

	if (r != -ERR_USAGE)
		return r;
	node_add_command_line(&d->node, &line);
	if (more)
		return error_hint(d->err, "See '%s --help'\nHint: %s", buf_z(&line), more);
	return error_hint(d->err, "See '%s --help'", buf_z(&line));
}

/* podman's and cobra's words for each kind of limit. */
static int check_names(const struct descent *d, size_t given)
{
	const struct cmd *c = d->node.cmd;
	size_t min = (size_t)c->min_names, max = c->max_names == CMD_ANY ? SIZE_MAX : (size_t)c->max_names;
	int r;

	if (given >= min && given <= max)
		return 0;
	if (!max)
		r = error_set(d->err, ERR_USAGE, "`%s %s` takes no arguments", d->node.program->name, d->node.path);
	else if (min == max)
		r = error_set(d->err, ERR_USAGE, "accepts %zu arg(s), received %zu", min, given);
	else if (max == SIZE_MAX)
		r = error_set(d->err, ERR_USAGE, "requires at least %zu arg(s), only received %zu", min, given);
	else if (!min)
		r = error_set(d->err, ERR_USAGE, "accepts at most %zu arg(s), received %zu", max, given);
	else
		r = error_set(d->err, ERR_USAGE, "accepts between %zu and %zu arg(s), received %zu", min, max, given);
	return see_help(d, r);
}

/* The flags before the next word, which are global ones; ret_more: there is such a word and d stands at it. */
static int skip_flags(struct descent *d, bool *ret_more)
{
	const struct opt_set sets[] = { d->node.program->globals, { root_opts, &d->root } };
	CLEANUP(strv_done) struct strv rest = { 0 };
	int skipped, r = opts_parse(sets, d->node.cmd ? 1 : 2, true, d->argc, d->argv, &rest, &d->help, d->err);

	if (r < 0)
		return see_help(d, r);
	*ret_more = rest.n > 0;
	skipped = d->argc - (int)rest.n;
	if (*ret_more)
		d->argv += skipped;
	d->argc -= skipped;
	return 0;
}

/* Down to a command that runs, or to the last word. */
static int descend(struct descent *d)
{
	while (node_has_children(&d->node)) {
		bool more = false;
		struct node child;
		int r = skip_flags(d, &more);

		if (r < 0)
			return r;
		if (d->root.version || !more)
			return 0;
		if (!node_child(&d->node, d->argv[0], &child))
			return unknown_command(d, d->argv[0]);
		d->node = child;
		d->argv++;
		d->argc--;
	}
	return 0;
}

/* `help container ls`: the words name the command; what follows a command that runs is ignored, as cobra does. */
static int help_topic(struct descent *d)
{
	struct node child;

	d->node = TREE_ROOT(d->node.program);
	d->help = true;
	for (; d->argc && node_has_children(&d->node); d->argc--, d->argv++) {
		if (d->argv[0][0] == '-')
			continue;
		if (!node_child(&d->node, d->argv[0], &child))
			return unknown_command(d, d->argv[0]);
		d->node = child;
	}
	d->argc = 0;
	return 0;
}

static int take_raw_words(struct descent *d)
{
	for (int i = 0; i < d->argc; i++)
		if (!strv_add(&d->ret->names, d->argv[i]))
			return error_set(d->err, ERR_SYSTEM, "out of memory");
	return 0;
}

static int parse_args(struct descent *d)
{
	const struct cmd *c = d->node.cmd;
	struct invocation *inv = d->ret;
	int r;

	inv->args = calloc(1, c->args_size ? c->args_size : 1);
	if (!inv->args)
		return error_set(d->err, ERR_SYSTEM, "out of memory");
	if (c->args_default)
		memcpy(inv->args, c->args_default, c->args_size);
	if (c->raw)
		return take_raw_words(d);

	const struct opt_set sets[] = { { c->opts, inv->args }, d->node.program->globals };

	r = opts_parse(sets, ARRAY_LEN(sets), c->stop_at_first, d->argc, d->argv, &inv->names, &d->help, d->err);
	if (r < 0)
		return see_help(d, r);
	return d->help ? 0 : check_names(d, inv->names.n);
}

static int parse(struct descent *d)
{
	int r = descend(d);

	if (r == 0 && d->node.cmd == &tree_help && !d->help)
		r = help_topic(d);
	if (r < 0)
		return r;
	if (d->root.version) {
		d->ret->action = CMD_VERSION;
		return 0;
	}
	if (node_has_children(&d->node) && !d->help)
		return missing_command(d);
	d->ret->cmd = d->node.cmd;
	d->ret->spelled = d->node.cmd ? d->node.path : NULL;
	if (!node_has_children(&d->node) && d->node.cmd != &tree_help)
		r = parse_args(d);
	d->ret->action = d->help ? CMD_HELP : CMD_RUN;
	return r;
}

int cmd_parse(const struct program *p, int argc, char *const *argv, struct invocation *ret, struct error *err)
{
	struct descent d = { .node = TREE_ROOT(p), .argc = argc, .argv = argv, .ret = ret, .err = err };
	int r;

	*ret = (struct invocation){ 0 };
	r = parse(&d);
	/* The help of a group without its subcommand goes before the error; no other failure has anything to show. */
	if (r < 0 && !(ret->action == CMD_HELP && !ret->args)) {
		invocation_done(ret);
		*ret = (struct invocation){ 0 };
	}
	return r;
}

void invocation_done(struct invocation *inv)
{
	if (inv->cmd && inv->args)
		opts_done(inv->cmd->opts, inv->args);
	free(inv->args);
	strv_done(&inv->names);
	*inv = (struct invocation){ 0 };
}
