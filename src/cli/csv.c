#include "cli/csv.h"

#include "base/cleanup.h"

/* Lines are handed out one at a time because a quoted field may run over several of them; columns count bytes from 1. */
struct reader {
	struct str rest; /* behind line */
	struct str line; /* what is left of the current one, with its \n; \r\n was made \n by leaving out the \r */
	bool newline;    /* line ends with a \n that is not in line.n */
	size_t number, column, first;
	struct buf *why;
};

static bool next_line(struct reader *r)
{
	if (!r->rest.n) {
		r->line = (struct str){ r->rest.p, 0 };
		r->newline = false;
		return false;
	}
	r->newline = str_cut(r->rest, '\n', &r->line, &r->rest);
	if (!r->newline)
		r->rest = (struct str){ r->line.p + r->line.n, 0 };
	if (r->line.n && r->line.p[r->line.n - 1] == '\r')
		r->line.n--;
	r->number++;
	return true;
}

static bool fail(struct reader *r, size_t line, size_t column, const char *what)
{
	if (line != r->first)
		buf_addf(r->why, "record on line %zu; ", r->first);
	buf_addf(r->why, "parse error on line %zu, column %zu: %s", line, column, what);
	return false;
}

static const char stray_quote[] = "extraneous or missing \" in quoted-field";

/* Behind the opening quote. True: the field is in out, and ret_more says whether a comma follows. */
static bool quoted_field(struct reader *r, struct buf *out, bool *ret_more)
{
	size_t at_line = r->number;

	for (;;) {
		struct str head, tail;

		if (str_cut(r->line, '"', &head, &tail)) {
			buf_add(out, head);
			r->line = tail;
			r->column += head.n + 1;
			*ret_more = tail.n && tail.p[0] == ',';
			if (!tail.n)
				return true;
			if (tail.p[0] != '"' && tail.p[0] != ',')
				return fail(r, r->number, r->column - 1, stray_quote);
			r->line = (struct str){ tail.p + 1, tail.n - 1 };
			r->column++;
			if (*ret_more)
				return true;
			buf_add_char(out, '"');
		} else {
			bool newline = r->newline;

			buf_add(out, r->line);
			if (newline)
				buf_add_char(out, '\n');
			r->column += r->line.n + newline;
			/* A last line of a lone \r is none, but it is read: Go still reports the place before it. */
			if (!next_line(r) || (!r->line.n && !r->newline))
				return fail(r, at_line, r->column, stray_quote);
			at_line = r->number;
			r->column = 1;
		}
	}
}

static bool plain_field(struct reader *r, struct buf *out, bool *ret_more)
{
	struct str field, tail, before;

	*ret_more = str_cut(r->line, ',', &field, &tail);
	if (str_cut(field, '"', &before, NULL))
		return fail(r, r->number, r->column + before.n, "bare \" in non-quoted-field");
	buf_add(out, field);
	r->line = tail;
	r->column += field.n + 1;
	return true;
}

bool csv_split(struct str text, struct strv *ret, struct buf *why)
{
	struct reader r = { .rest = text, .column = 1, .why = why };
	bool more = true;

	if (!text.n)
		return true;
	do {
		if (!next_line(&r)) {
			buf_add_z(why, "EOF");
			return false;
		}
	} while (!r.line.n);
	r.first = r.number;
	while (more) {
		CLEANUP(buf_done) struct buf field = BUF_INIT(text.n + 1);
		bool ok;

		if (r.line.n && r.line.p[0] == '"') {
			r.line = (struct str){ r.line.p + 1, r.line.n - 1 };
			r.column++;
			ok = quoted_field(&r, &field, &more);
		} else {
			ok = plain_field(&r, &field, &more);
		}
		if (!ok || !strv_take(ret, buf_take(&field)))
			return false;
	}
	return true;
}
