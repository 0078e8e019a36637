/* cli/complete.c: candidates for the word being typed, in cobra's form: "candidate\tdescription" lines, then ":N". */
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/rows.h"
#include "cli/tree.h"

/* cobra's ShellCompDirective bits. */
enum directive { DIRECTIVE_FILES = 0, DIRECTIVE_NO_SPACE = 2, DIRECTIVE_NO_FILES = 4, DIRECTIVE_DIRS = 16 };

/* The command line up to the word being typed. */
struct typing {
	struct node node;
	const struct opt *waiting; /* the flag whose value comes next; NULL: none */
	bool flags_ended;
	bool help;                 /* `help` was typed: only commands make sense */
	bool lost;                 /* no such command: nothing can be said */
	size_t names;
};

struct answer {
	const struct program *program;
	completion_names_fn *names_of;
	void *ctx;
	const char *prefix;
	FILE *out;
	enum directive directive;
};

static bool find_row(const struct node *n, struct str name, char short_name, struct row_at *ret)
{
	const struct opt *tables[] = { n->cmd ? n->cmd->opts : NULL, n->program->globals.opts };

	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		if (short_name ? rows_find_short(tables[i], short_name, ret) : rows_find_long(tables[i], name, ret))
			return true;
	return false;
}

/* Whether the flag word leaves a flag without its value. */
static const struct opt *waiting_flag(const struct node *n, const char *word)
{
	struct row_at at;

	if (word[1] == '-') {
		struct str name = str_from(word + 2);

		return !strchr(word, '=') && find_row(n, name, 0, &at) && row_wants_word(at.row) ? at.row : NULL;
	}
	for (const char *c = word + 1; *c; c++) {
		if (!find_row(n, STR(""), *c, &at))
			return NULL;
		if (row_wants_word(at.row))
			return c[1] ? NULL : at.row;
	}
	return NULL;
}

static void read_name(struct typing *t, const char *word)
{
	if (!node_has_children(&t->node)) {
		t->names++;
		t->flags_ended |= t->node.cmd->stop_at_first;
	} else if (!node_child(&t->node, word, &t->node)) {
		t->lost = true;
	} else if (t->node.cmd == &tree_help) {
		t->help = true;
		t->node = TREE_ROOT(t->node.program);
	}
}

static void read_word(struct typing *t, const char *word)
{
	if (t->waiting)
		t->waiting = NULL;
	else if (t->flags_ended || word[0] != '-' || !word[1])
		read_name(t, word);
	else if (strcmp(word, "--") == 0)
		t->flags_ended = true;
	else
		t->waiting = waiting_flag(&t->node, word);
}

static void offer(struct answer *a, struct str word, const char *about)
{
	if (!str_starts(word, str_from(a->prefix)))
		return;
	fprintf(a->out, "%.*s", STR_ARG(word));
	if (about && *about)
		fprintf(a->out, "\t%s", about);
	fputc('\n', a->out);
}

/* A word that needs something behind it ("name=", "container:") gets no blank. */
static void offer_value(struct answer *a, struct str word)
{
	if (str_starts(word, str_from(a->prefix)) && (str_ends(word, STR("=")) || str_ends(word, STR(":"))))
		a->directive |= DIRECTIVE_NO_SPACE;
	offer(a, word, NULL);
}

static void offer_kind(struct answer *a, struct str kind)
{
	CLEANUP(free_p) char *what = NULL;

	if (str_eq_z(kind, "@file")) {
		a->directive = DIRECTIVE_FILES;
	} else if (str_eq_z(kind, "@dir")) {
		a->directive = DIRECTIVE_DIRS;
	} else if (a->names_of) {
		what = str_dup(kind);
		if (what)
			a->names_of(a->ctx, what, a->prefix, a->out);
	}
}

static void offer_each(struct answer *a, const char *choices, bool kinds)
{
	struct str word, rest = str_from(choices);
	bool more = choices != NULL;

	while (more) {
		more = str_cut(rest, '|', &word, &rest);
		if (str_starts(word, STR("@")) != kinds)
			continue;
		if (kinds)
			offer_kind(a, word);
		else
			offer_value(a, word);
	}
}

/* "always|no|@container": the words first, since names may take longer than anybody waits. */
static void offer_choices(struct answer *a, const char *choices)
{
	offer_each(a, choices, false);
	offer_each(a, choices, true);
}

/* prefix: where the value begins within the word being typed. */
static void offer_flag_values(struct answer *a, const struct opt *row, const char *prefix)
{
	a->prefix = prefix;
	if (row->type == OPT_T_BOOL)
		offer_choices(a, "true|false");
	else
		offer_choices(a, row->complete);
}

static void offer_rows(struct answer *a, const struct opt *opts, const struct opt *shadow)
{
	CLEANUP(free_p) const struct opt **rows = rows_shown(opts);

	for (const struct opt **o = rows; o && *o; o++) {
		CLEANUP(buf_done) struct buf name = BUF_INIT(256);

		if (rows_find_long(shadow, str_from((*o)->long_name), NULL))
			continue;
		buf_addf(&name, "--%s", (*o)->long_name);
		offer(a, buf_str(&name), (*o)->help);
		if ((*o)->short_name && !rows_find_short(shadow, (*o)->short_name, NULL)) {
			char letter[] = { '-', (*o)->short_name, 0 };

			offer(a, str_from(letter), (*o)->help);
		}
	}
}

static void offer_flags(struct answer *a, const struct typing *t)
{
	const struct opt *own = t->node.cmd ? t->node.cmd->opts : NULL;

	offer_rows(a, own, NULL);
	offer_rows(a, a->program->globals.opts, own);
	offer(a, STR("--help"), "Show help");
	if (!t->node.cmd) {
		offer(a, STR("--version"), "Print the version");
		offer(a, STR("-v"), "Print the version");
	}
}

/* Other spellings of a command only once something was typed: the list for an empty word stays short. */
static void offer_child(void *ctx, const char *word, const struct cmd *cmd, bool main)
{
	struct answer *a = ctx;

	if (main || *a->prefix)
		offer(a, str_from(word), cmd->brief);
}

static void answer_word(struct answer *a, const struct typing *t, const char *word)
{
	const char *equals = strchr(word, '=');
	struct row_at at;

	if (t->lost)
		return;
	if (t->waiting) {
		offer_flag_values(a, t->waiting, word);
	} else if (!t->flags_ended && word[0] == '-' && word[1] == '-' && equals) {
		if (find_row(&t->node, (struct str){ word + 2, (size_t)(equals - word - 2) }, 0, &at))
			offer_flag_values(a, at.row, equals + 1);
	} else if (!t->flags_ended && word[0] == '-' && !t->help) {
		offer_flags(a, t);
	} else if (node_has_children(&t->node)) {
		node_children(&t->node, offer_child, a);
	} else if (t->node.cmd->stop_at_first && t->names > 0) {
		a->directive = DIRECTIVE_FILES; /* the command line of the container: anything */
	} else if (t->node.cmd->max_names == CMD_ANY || t->names < (size_t)t->node.cmd->max_names) {
		offer_choices(a, t->node.cmd->complete);
	}
}

void completion_candidates(const struct program *p, int argc, char *const *argv, completion_names_fn *names_of, void *ctx, FILE *out)
{
	const char *word = argc > 0 ? argv[argc - 1] : "";
	struct typing t = { .node = TREE_ROOT(p) };
	struct answer a = { p, names_of, ctx, word, out, DIRECTIVE_NO_FILES };

	for (int i = 0; i + 1 < argc && !t.lost; i++)
		read_word(&t, argv[i]);
	answer_word(&a, &t, word);
	fprintf(out, ":%d\n", (int)a.directive);
}
