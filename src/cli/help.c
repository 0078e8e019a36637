/* cli/help.c: --help as cobra lays it out with podman's templates: columns line up, nothing is wrapped. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/rows.h"
#include "cli/tree.h"

/* The least width of the column of subcommands (cobra's minNamePadding). */
#define COMMAND_WIDTH 11

/* A row of a flag is far shorter. */
#define ROW_MAX_BYTES 1024

struct listed {
	const char *word, *brief;
};

struct listing {
	struct listed *v;
	size_t n;
};

static void count_child(void *ctx, const char *word, const struct cmd *cmd, bool main)
{
	struct listing *l = ctx;

	if (!main)
		return;
	if (l->v)
		l->v[l->n] = (struct listed){ word, cmd->brief };
	l->n++;
}

static int by_word(const void *a, const void *b)
{
	return strcmp(((const struct listed *)a)->word, ((const struct listed *)b)->word);
}

static void print_commands(const struct node *n, FILE *out)
{
	struct listing l = { 0 };
	CLEANUP(free_p) struct listed *all = NULL;
	int width = COMMAND_WIDTH;

	node_children(n, count_child, &l);
	all = l.v = calloc(l.n + 1, sizeof *l.v);
	if (!all)
		return;
	l.n = 0;
	node_children(n, count_child, &l);
	qsort(l.v, l.n, sizeof *l.v, by_word);
	for (size_t i = 0; i < l.n; i++)
		if ((int)strlen(l.v[i].word) > width)
			width = (int)strlen(l.v[i].word);
	fputs("\nAvailable Commands:\n", out);
	for (size_t i = 0; i < l.n; i++)
		fprintf(out, "  %-*s %s\n", width, l.v[i].word, l.v[i].brief ? l.v[i].brief : "");
}

/* "  -t, --time int" */
static void flag_column(const struct opt *row, struct buf *out)
{
	const char *word = row_value_word(row);

	if (row->short_name)
		buf_addf(out, "  -%c, --%s", row->short_name, row->long_name);
	else
		buf_addf(out, "      --%s", row->long_name);
	if (*word)
		buf_addf(out, " %s", word);
	if (row->flags & OPT_NO_VALUE_OK && row->type != OPT_T_BOOL)
		buf_add_z(out, row->type == OPT_T_STR ? "[=\"true\"]" : "[=true]");
}

static size_t widest(const struct opt *const *rows)
{
	size_t width = 0;

	for (; *rows; rows++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT(ROW_MAX_BYTES);

		flag_column(*rows, &b);
		if (b.n > width)
			width = b.n;
	}
	return width;
}

static void print_flags(const struct opt *const *rows, FILE *out)
{
	int width = (int)widest(rows);

	for (; *rows; rows++) {
		CLEANUP(buf_done) struct buf flag = BUF_INIT(ROW_MAX_BYTES), dflt = BUF_INIT(ROW_MAX_BYTES);

		flag_column(*rows, &flag);
		row_add_default(*rows, &dflt);
		fprintf(out, "%-*s   %s%s\n", width, buf_z(&flag), (*rows)->help ? (*rows)->help : "", buf_z(&dflt));
	}
}

/* Each line of text behind two blanks; empty lines stay empty. */
static void print_indented(const char *text, FILE *out)
{
	struct str line, rest = str_from(text);
	bool more = true;

	while (more) {
		more = str_cut(rest, '\n', &line, &rest);
		if (line.n || more)
			fprintf(out, "%s%.*s\n", line.n ? "  " : "", STR_ARG(line));
	}
}

static void print_aliases(const struct program *p, const struct cmd *c, FILE *out)
{
	if (!c->names[0] || !c->names[1])
		return;
	fputs("\nAliases:\n  ", out);
	for (const char *const *name = c->names; *name; name++)
		fprintf(out, "%s%s %s", name == c->names ? "" : ", ", p->name, *name);
	fputc('\n', out);
}

static void print_options(const struct opt *opts, FILE *out)
{
	CLEANUP(free_p) const struct opt **rows = rows_shown(opts);

	if (!rows || !rows[0])
		return;
	fputs("\nOptions:\n", out);
	print_flags(rows, out);
}

/* The program's own two flags are in no table: they are understood only in front of the command. */
static void program_help(const struct program *p, FILE *out)
{
	CLEANUP(buf_done) struct buf help = BUF_INIT(ROW_MAX_BYTES), version = BUF_INIT(ROW_MAX_BYTES);
	struct node root = TREE_ROOT(p);

	buf_addf(&help, "Help for %s", p->name);
	buf_addf(&version, "Version of %s", p->name);

	const struct opt rows[] = {
		{ .type = OPT_T_INCLUDE, .include = p->globals.opts },
		{ .type = OPT_T_BOOL, .long_name = "help", .help = buf_z(&help) },
		{ .type = OPT_T_BOOL, .short_name = 'v', .long_name = "version", .help = buf_z(&version) },
		OPT_END,
	};

	fprintf(out, "%s\n\nUsage:\n  %s [options] [command]\n", p->about, p->name);
	print_commands(&root, out);
	print_options(rows, out);
}

void cmd_help(const struct program *p, const struct cmd *c, const char *spelled, FILE *out)
{
	struct node n = { p, c, spelled ? spelled : c ? c->names[0] : "" };
	const char *synopsis;

	if (!c) {
		program_help(p, out);
		return;
	}
	synopsis = c->synopsis ? c->synopsis : node_has_children(&n) ? "[command]" : "";
	fprintf(out, "%s\n", c->brief);
	if (c->about) {
		fputs("\nDescription:\n", out);
		print_indented(c->about, out);
	}
	fprintf(out, "\nUsage:\n  %s %s%s%s\n", p->name, n.path, *synopsis ? " " : "", synopsis);
	print_aliases(p, c, out);
	if (c->examples) {
		fputs("\nExamples:\n", out);
		print_indented(c->examples, out);
	}
	if (node_has_children(&n))
		print_commands(&n, out);
	print_options(c->opts, out);
	fputc('\n', out);
}
