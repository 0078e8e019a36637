#include "cli/rows.h"

#include <stdlib.h>

#include "base/cleanup.h"

static bool walk_from(const struct opt *opts, size_t base, row_fn *fn, void *ctx)
{
	for (const struct opt *o = opts; o && o->type != OPT_T_END; o++) {
		bool stop = o->type == OPT_T_INCLUDE ? walk_from(o->include, base + o->offset, fn, ctx)
						     : fn(ctx, (struct row_at){ o, base + o->offset });

		if (stop)
			return true;
	}
	return false;
}

bool rows_walk(const struct opt *opts, row_fn *fn, void *ctx)
{
	return walk_from(opts, 0, fn, ctx);
}

struct each_call {
	opt_row_fn *each;
	void *ctx;
};

static bool call_each(void *ctx, struct row_at at)
{
	const struct each_call *c = ctx;

	c->each(c->ctx, at.row);
	return false;
}

void opts_each(const struct opt *opts, opt_row_fn *each, void *ctx)
{
	struct each_call c = { each, ctx };

	rows_walk(opts, call_each, &c);
}

struct wanted {
	struct str name;
	char short_name;
	struct row_at found;
};

static bool is_wanted(void *ctx, struct row_at at)
{
	struct wanted *w = ctx;

	if (w->short_name ? at.row->short_name != w->short_name : !str_eq_z(w->name, at.row->long_name))
		return false;
	w->found = at;
	return true;
}

static bool find(const struct opt *opts, struct wanted *w, struct row_at *ret)
{
	if (!rows_walk(opts, is_wanted, w))
		return false;
	if (ret)
		*ret = w->found;
	return true;
}

bool rows_find_long(const struct opt *opts, struct str name, struct row_at *ret)
{
	return find(opts, &(struct wanted){ .name = name }, ret);
}

bool rows_find_short(const struct opt *opts, char c, struct row_at *ret)
{
	return c && find(opts, &(struct wanted){ .short_name = c }, ret);
}

struct shown {
	const struct opt **v;
	size_t n;
};

static bool take_shown(void *ctx, struct row_at at)
{
	struct shown *s = ctx;

	if (at.row->flags & OPT_HIDDEN)
		return false;
	if (s->v)
		s->v[s->n] = at.row;
	s->n++;
	return false;
}

static int by_name(const void *a, const void *b)
{
	const struct opt *const *x = a, *const *y = b;

	return strcmp((*x)->long_name, (*y)->long_name);
}

const struct opt **rows_shown(const struct opt *opts)
{
	struct shown s = { 0 };

	rows_walk(opts, take_shown, &s);
	s.v = calloc(s.n + 1, sizeof *s.v);
	if (!s.v)
		return NULL;
	s.n = 0;
	rows_walk(opts, take_shown, &s);
	qsort(s.v, s.n, sizeof *s.v, by_name);
	return s.v;
}

bool row_wants_word(const struct opt *row)
{
	return row->type != OPT_T_BOOL && !(row->flags & OPT_NO_VALUE_OK);
}

const char *row_value_word(const struct opt *row)
{
	static const char *const words[] = {
		[OPT_T_BOOL] = "",    [OPT_T_STR] = "string",       [OPT_T_INT] = "int",       [OPT_T_UINT] = "uint",
		[OPT_T_FLOAT] = "float", [OPT_T_STRV] = "stringArray", [OPT_T_SLICE] = "strings",
	};

	if (row->metavar)
		return row->metavar;
	return (size_t)row->type < ARRAY_LEN(words) && words[row->type] ? words[row->type] : "";
}

void row_add_default(const struct opt *row, struct buf *out)
{
	bool quote = row->type == OPT_T_STR && row->dflt && row->dflt[0] != '"';

	if (row->dflt)
		buf_addf(out, quote ? " (default \"%s\")" : " (default %s)", row->dflt);
}
