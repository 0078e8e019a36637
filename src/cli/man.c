/* cli/man.c: a page of section 1 in man(7), from the same rows as --help. */
#include <ctype.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/rows.h"
#include "cli/tree.h"

/* Text as roff shows it unchanged: its escape character doubled, hyphens that can be copied, no line that reads as a request. */
static void put_text(struct str s, FILE *out)
{
	if (s.n && (s.p[0] == '.' || s.p[0] == '\''))
		fputs("\\&", out);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			fputs("\\e", out);
		else if (s.p[i] == '-')
			fputs("\\-", out);
		else if (s.p[i] == '\n' && i + 1 < s.n && (s.p[i + 1] == '.' || s.p[i + 1] == '\''))
			fputs("\n\\&", out);
		else
			fputc(s.p[i], out);
	}
}

static void put_z(const char *z, FILE *out)
{
	put_text(str_from(z), out);
}

/* "podman-container-ls" */
static void page_name(const struct program *p, const char *path, struct buf *out)
{
	buf_addf(out, "%s%s%s", p->name, *path ? "-" : "", path);
	for (size_t i = 0; i < out->n; i++)
		if (out->p[i] == ' ')
			out->p[i] = '-';
}

static void put_page_name(const struct program *p, const char *path, FILE *out)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(1024);

	page_name(p, path, &name);
	put_text(buf_str(&name), out);
}

/* No date, so that the same sources give the same page. */
static void put_title(const struct program *p, const char *path, FILE *out)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(1024);

	page_name(p, path, &name);
	for (size_t i = 0; i < name.n; i++)
		name.p[i] = (char)toupper((unsigned char)name.p[i]);
	fputs(".TH \"", out);
	put_text(buf_str(&name), out);
	fprintf(out, "\" \"1\" \"\" \"%s %s\" \"User Commands\"\n", p->name, p->version);
}

/* Paragraphs stay paragraphs, lines stay lines; lines that begin with a blank keep their columns. */
static void put_paragraphs(const char *text, FILE *out)
{
	struct str line, rest = str_from(text);
	bool more = true, at_start = true, columns = false;

	while (more) {
		bool indented;

		more = str_cut(rest, '\n', &line, &rest);
		indented = line.n && line.p[0] == ' ';
		if (indented != columns)
			fputs(indented ? ".nf\n" : ".fi\n", out);
		else if (line.n && !at_start && !indented)
			fputs(".br\n", out);
		put_text(line, out);
		fputs(line.n ? "\n" : more ? ".PP\n" : "", out);
		columns = indented;
		at_start = !line.n;
	}
	if (columns)
		fputs(".fi\n", out);
}

static void put_synopsis(const struct program *p, const struct node *n, FILE *out)
{
	const char *synopsis = !n->cmd ? "[options] [command]" : n->cmd->synopsis;

	fputs(".SH SYNOPSIS\n", out);
	for (const char *const *name = n->cmd ? n->cmd->names : (const char *const[]){ "", NULL }; *name; name++) {
		fprintf(out, "\\fB");
		put_z(p->name, out);
		fprintf(out, "%s", **name ? " " : "");
		put_z(*name, out);
		fprintf(out, "\\fR ");
		put_z(synopsis ? synopsis : node_has_children(n) ? "command" : "", out);
		fprintf(out, "%s", name[1] ? "\n.br\n" : "\n");
	}
}

static void put_flag(const struct opt *row, FILE *out)
{
	CLEANUP(buf_done) struct buf dflt = BUF_INIT(1024);
	const char *word = row_value_word(row);

	fputs(".TP\n", out);
	if (row->short_name)
		fprintf(out, "\\fB\\-%c\\fR, ", row->short_name);
	fputs("\\fB\\-\\-", out);
	put_z(row->long_name, out);
	fputs("\\fR", out);
	if (*word) {
		fputs("=\\fI", out);
		put_z(word, out);
		fputs("\\fR", out);
	}
	fputc('\n', out);
	row_add_default(row, &dflt);
	put_z(row->help, out);
	put_text(buf_str(&dflt), out);
	fputc('\n', out);
}

static void put_options(const struct opt *opts, const char *title, FILE *out)
{
	CLEANUP(free_p) const struct opt **rows = rows_shown(opts);

	if (!rows || !rows[0])
		return;
	fprintf(out, ".SH %s\n", title);
	for (const struct opt **o = rows; *o; o++)
		put_flag(*o, out);
}

struct page {
	const struct program *program;
	FILE *out;
};

static void put_command(void *ctx, const char *word, const struct cmd *cmd, bool main)
{
	const struct page *page = ctx;

	if (!main)
		return;
	fputs(".TP\n\\fB", page->out);
	put_z(word, page->out);
	if (cmd == &tree_help) {
		fputs("\\fR", page->out);
	} else {
		fputs("\\fR (see \\fB", page->out);
		put_page_name(page->program, cmd->names[0], page->out);
		fputs("\\fR(1))", page->out);
	}
	fputc('\n', page->out);
	put_z(cmd->brief, page->out);
	fputc('\n', page->out);
}

static void put_examples(const char *examples, FILE *out)
{
	fputs(".SH EXAMPLES\n.nf\n", out);
	put_z(examples, out);
	fputs("\n.fi\n", out);
}

/* The page of the group it belongs to, else the program's. */
static void put_see_also(const struct program *p, const struct cmd *c, FILE *out)
{
	const char *space = strrchr(c->names[0], ' ');
	CLEANUP(free_p) char *group = space ? str_dup((struct str){ c->names[0], (size_t)(space - c->names[0]) }) : NULL;

	fputs(".SH SEE ALSO\n\\fB", out);
	put_page_name(p, "", out);
	fputs("\\fR(1)", out);
	if (group) {
		fputs(", \\fB", out);
		put_page_name(p, group, out);
		fputs("\\fR(1)", out);
	}
	fputc('\n', out);
}

void cmd_man(const struct program *p, const struct cmd *c, const char *extra, FILE *out)
{
	struct node n = { p, c, c ? c->names[0] : "" };
	struct page page = { p, out };

	put_title(p, n.path, out);
	fputs(".SH NAME\n", out);
	put_page_name(p, n.path, out);
	fputs(" \\- ", out);
	put_z(c ? c->brief : p->about, out);
	fputc('\n', out);
	put_synopsis(p, &n, out);
	fputs(".SH DESCRIPTION\n", out);
	put_paragraphs(c && c->about ? c->about : c ? c->brief : p->about, out);
	put_options(c ? c->opts : p->globals.opts, c ? "OPTIONS" : "GLOBAL OPTIONS", out);
	if (node_has_children(&n)) {
		fputs(".SH COMMANDS\n", out);
		node_children(&n, put_command, &page);
	}
	if (c && c->examples)
		put_examples(c->examples, out);
	if (extra)
		fputs(extra, out);
	if (c)
		put_see_also(p, c, out);
}
