/* Go's fmt.Sprintf: the directives of a format. */
#include "output/template_print.h"
#include "output/utf8.h"

struct directives {
	struct str format;
	size_t at;
	const struct value *v;
	size_t n, next; /* next: the argument that comes next */
	bool reordered; /* an explicit [n] was there: arguments left over are no mistake */
	bool bad_index;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char here(const struct directives *d)
{
	return d->at < d->format.n ? d->format.p[d->at] : 0;
}

/* -1: no number here, or one above the limit. */
static int number(struct directives *d)
{
	int v = 0;
	bool any = false;

	while (is_digit(here(d))) {
		any = true;
		v = v > WIDTH_MAX ? v : v * 10 + (here(d) - '0');
		d->at++;
	}
	return any && v <= WIDTH_MAX ? v : -1;
}

/* "[3]" chooses the argument. */
static bool index_of_argument(struct directives *d)
{
	size_t start = d->at;
	int i;

	if (here(d) != '[')
		return false;
	d->reordered = true;
	d->at++;
	i = number(d);
	if (here(d) == ']' && i >= 1 && (size_t)i <= d->n) {
		d->at++;
		d->next = (size_t)i - 1;
		return true;
	}
	d->bad_index = true;
	d->at = start;
	while (d->at < d->format.n && here(d) != ']')
		d->at++;
	if (d->at == d->format.n)
		d->at = start + 1;
	else
		d->at++;
	return true;
}

static void flags(struct directives *d, struct format *f)
{
	for (;; d->at++)
		switch (here(d)) {
		case '+':
			f->plus = true;
			break;
		case '-':
			f->minus = true;
			f->zero = false;
			break;
		case '#':
			f->sharp = true;
			break;
		case ' ':
			f->space = true;
			break;
		case '0':
			f->zero = !f->minus;
			break;
		default:
			return;
		}
}

/* The argument for "*". */
static int star(struct directives *d, struct buf *out, const char *problem)
{
	const struct value *v = d->next < d->n ? &d->v[d->next++] : NULL;

	d->at++;
	if (v && v->kind == VALUE_INT && v->i >= -WIDTH_MAX && v->i <= WIDTH_MAX)
		return (int)v->i;
	buf_add_z(out, problem);
	return -1;
}

static void width(struct directives *d, struct format *f)
{
	index_of_argument(d);
	if (here(d) != '*') {
		f->width = number(d);
		return;
	}
	f->width = star(d, f->out, "%!(BADWIDTH)");
	if (f->width < -1) {
		f->width = -f->width;
		f->minus = true;
		f->zero = false;
	}
}

static void precision(struct directives *d, struct format *f)
{
	if (here(d) != '.')
		return;
	d->at++;
	index_of_argument(d);
	if (here(d) == '*') {
		f->precision = star(d, f->out, "%!(BADPREC)");
		return;
	}
	f->precision = number(d);
	if (f->precision < 0)
		f->precision = 0;
}

static void type_name(struct format f, struct value v)
{
	bool nil = v.kind == VALUE_NONE || v.kind == VALUE_NULL;

	print_padded(&f, str_from(nil ? "<nil>" : value_type(f.w, v)));
}

/* Behind the "%". */
static void directive(const struct world *w, struct directives *d, struct buf *out)
{
	struct format f = format_plain(w, out);
	uint32_t c;
	size_t n;

	d->bad_index = false;
	flags(d, &f);
	width(d, &f);
	precision(d, &f);
	index_of_argument(d);
	if (d->at >= d->format.n) {
		buf_add_z(out, "%!(NOVERB)");
		return;
	}
	n = utf8_at(d->format, d->at, &c);
	d->at += n;
	if (c == '%') {
		buf_add_char(out, '%');
	} else if (d->bad_index || d->next >= d->n) {
		buf_addf(out, "%%!%.*s(%s)", (int)n, d->format.p + d->at - n, d->bad_index ? "BADINDEX" : "MISSING");
	} else if (c == 'T') {
		type_name(f, d->v[d->next++]);
	} else {
		if (c == 'v') {
			f.names = f.plus;
			f.plus = f.sharp = false;
		}
		print_formatted(f, c < 0x80 ? (char)c : '?', d->v[d->next++]);
	}
}

static void extra(const struct world *w, const struct directives *d, struct buf *out)
{
	buf_add_z(out, "%!(EXTRA ");
	for (size_t i = d->next; i < d->n; i++) {
		struct value v = d->v[i];

		if (i > d->next)
			buf_add_z(out, ", ");
		if (v.kind == VALUE_NONE || v.kind == VALUE_NULL) {
			buf_add_z(out, "<nil>");
			continue;
		}
		buf_addf(out, "%s=", value_type(w, v));
		print_formatted(format_plain(w, out), 'v', v);
	}
	buf_add_char(out, ')');
}

void value_printf(const struct world *w, struct str format, const struct value *v, size_t n, struct buf *out)
{
	struct directives d = { .format = format, .v = v, .n = n };

	while (d.at < format.n && !out->failed) {
		const char *percent = memchr(format.p + d.at, '%', format.n - d.at);
		size_t end = percent ? (size_t)(percent - format.p) : format.n;

		buf_add_bytes(out, format.p + d.at, end - d.at);
		d.at = end + 1;
		if (percent)
			directive(w, &d, out);
	}
	if (!d.reordered && d.next < d.n)
		extra(w, &d, out);
}
