/* cli/parse.c: the flag grammar of pflag (flag.go: parseArgs, parseLongArg, parseSingleShortArg), with its texts. */
#include "base/cleanup.h"
#include "cli/nearest.h"
#include "cli/quote.h"
#include "cli/value.h"

struct parser {
	const struct opt_set *sets;
	size_t n_sets;
	int argc, at; /* at: the next word */
	char *const *argv;
	struct strv *names;
	bool *help;
	struct error *err;
};

/* A row and the args of its set. */
struct target {
	struct row_at at;
	void *args;
};

/* Every command has it without a row; its field is the caller's bool. */
static const struct opt help_row = { .type = OPT_T_BOOL, .long_name = "help" };

static bool find_long(const struct parser *p, struct str name, struct target *ret)
{
	for (size_t i = 0; i < p->n_sets; i++)
		if (rows_find_long(p->sets[i].opts, name, &ret->at)) {
			ret->args = p->sets[i].args;
			return true;
		}
	*ret = (struct target){ { &help_row, 0 }, p->help };
	return str_eq_z(name, help_row.long_name);
}

static bool find_short(const struct parser *p, char c, struct target *ret)
{
	for (size_t i = 0; i < p->n_sets; i++)
		if (rows_find_short(p->sets[i].opts, c, &ret->at)) {
			ret->args = p->sets[i].args;
			return true;
		}
	return false;
}

struct near {
	struct str typed;
	const char *name;
	unsigned rank;
};

static bool keep_nearer(void *ctx, struct row_at at)
{
	struct near *n = ctx;
	unsigned rank = nearest_rank(n->typed, str_from(at.row->long_name));

	if (rank < n->rank && !(at.row->flags & OPT_HIDDEN)) {
		n->rank = rank;
		n->name = at.row->long_name;
	}
	return false;
}

static int unknown_long(struct parser *p, struct str name)
{
	struct near n = { .typed = name, .rank = NEAREST_MAX + 1 };
	int r = error_set(p->err, ERR_USAGE, "unknown flag: --%.*s", STR_ARG(name));

	for (size_t i = 0; i < p->n_sets; i++)
		rows_walk(p->sets[i].opts, keep_nearer, &n);
	return n.name && name.n > 1 ? error_hint(p->err, "did you mean --%s?", n.name) : r;
}

static int parse_long(struct parser *p, const char *word)
{
	struct str name, rest = str_from(word + 2);
	bool attached = str_cut(rest, '=', &name, NULL);
	struct target t;

	if (!rest.n || rest.p[0] == '-' || rest.p[0] == '=')
		return error_set(p->err, ERR_USAGE, "bad flag syntax: %s", word);
	if (!find_long(p, name, &t))
		return unknown_long(p, name);
	if (attached)
		return value_set(t.at, t.args, name.p + name.n + 1, p->err);
	if (!row_wants_word(t.at.row))
		return value_set(t.at, t.args, "true", p->err);
	if (p->at == p->argc)
		return error_set(p->err, ERR_USAGE, "flag needs an argument: %s", word);
	return value_set(t.at, t.args, p->argv[p->at++], p->err);
}

static int bad_short(struct parser *p, const char *what, const char *shorts)
{
	CLEANUP(buf_done) struct buf m = BUF_INIT(strlen(shorts) + 128);

	buf_addf(&m, "%s: ", what);
	quote_add_byte(&m, (unsigned char)shorts[0]);
	buf_addf(&m, " in -%s", shorts);
	return error_set(p->err, ERR_USAGE, "%s", buf_z(&m));
}

/* shorts: the letters from the one at hand on. ret_used: 1, or all of them when the rest was the value. */
static int parse_short(struct parser *p, const char *shorts, size_t *ret_used)
{
	size_t n = strlen(shorts);
	struct target t;

	*ret_used = 1;
	if (!find_short(p, shorts[0], &t)) {
		if (shorts[0] != 'h')
			return bad_short(p, "unknown shorthand flag", shorts);
		*p->help = true;
		return 0;
	}
	if (n > 2 && shorts[1] == '=') {
		*ret_used = n;
		return value_set(t.at, t.args, shorts + 2, p->err);
	}
	if (!row_wants_word(t.at.row))
		return value_set(t.at, t.args, "true", p->err);
	if (n > 1) {
		*ret_used = n;
		return value_set(t.at, t.args, shorts + 1, p->err);
	}
	if (p->at == p->argc)
		return bad_short(p, "flag needs an argument", shorts);
	return value_set(t.at, t.args, p->argv[p->at++], p->err);
}

static int parse_shorts(struct parser *p, const char *shorts)
{
	size_t used;
	int r = 0;

	while (r == 0 && *shorts) {
		r = parse_short(p, shorts, &used);
		shorts += used;
	}
	return r;
}

static int add_name(struct parser *p, const char *word)
{
	return strv_add(p->names, word) ? 0 : error_set(p->err, ERR_SYSTEM, "out of memory");
}

int opts_parse(const struct opt_set *sets, size_t n_sets, bool stop_at_first, int argc, char *const *argv, struct strv *ret_names,
	       bool *ret_help, struct error *err)
{
	struct parser p = { sets, n_sets, argc, 0, argv, ret_names, ret_help, err };
	bool flags_ended = false;
	int r = 0;

	while (r >= 0 && p.at < argc) {
		const char *word = argv[p.at++];

		if (flags_ended || word[0] != '-' || !word[1]) {
			r = add_name(&p, word);
			flags_ended |= stop_at_first;
		} else if (strcmp(word, "--") == 0) {
			flags_ended = true;
		} else {
			r = word[1] == '-' ? parse_long(&p, word) : parse_shorts(&p, word + 1);
		}
	}
	return r;
}

static bool free_value(void *ctx, struct row_at at)
{
	value_done(at, ctx);
	return false;
}

void opts_done(const struct opt *opts, void *args)
{
	if (args)
		rows_walk(opts, free_value, args);
}
