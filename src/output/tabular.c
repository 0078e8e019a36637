#include "output/tabular.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "output/utf8.h"

#define COLUMNS_MAX 4096 /* of one line; further tabs are text */

/* A run of neighbouring lines that have a cell in the same column. Lines open and close blocks in the same order whenever the text is
 * walked, so the first walk notes the widths and the second one reads them by counting: no cell is stored. */
struct blocks {
	size_t *width;
	size_t n, cap;
	size_t open[COLUMNS_MAX]; /* block of each column of the line before */
	size_t n_open;
};

static void blocks_free_p(struct blocks **b)
{
	if (*b) {
		free((*b)->width);
		free(*b);
	}
}

static bool blocks_add(struct blocks *b, size_t width)
{
	size_t cap = b->cap ? b->cap * 2 : 64;
	size_t *p;

	if (b->n == b->cap) {
		p = cap <= SIZE_MAX / sizeof *p ? realloc(b->width, cap * sizeof *p) : NULL;
		if (!p)
			return false;
		b->width = p;
		b->cap = cap;
	}
	b->width[b->n++] = width;
	return true;
}

static size_t count_tabs(struct str line)
{
	size_t n = 0;

	for (size_t i = 0; i < line.n; i++)
		n += line.p[i] == '\t';
	return n < COLUMNS_MAX ? n : COLUMNS_MAX;
}

/* Widens the blocks of this line's cells, opening those that the line before did not have. The cell behind the last tab has no say. */
static bool measure_line(struct blocks *b, struct str line, size_t min_width, size_t padding)
{
	size_t columns = count_tabs(line);
	struct str cell;

	for (size_t c = 0; c < columns; c++) {
		size_t width;

		str_cut(line, '\t', &cell, &line);
		width = utf8_count(cell) + padding;
		if (c >= b->n_open) {
			b->open[c] = b->n;
			if (!blocks_add(b, min_width))
				return false;
		}
		if (width > b->width[b->open[c]])
			b->width[b->open[c]] = width;
	}
	b->n_open = columns;
	return true;
}

static bool add_blanks(struct buf *out, size_t n)
{
	char *p = buf_reserve(out, n);

	if (p) {
		memset(p, ' ', n);
		out->n += n;
	}
	return p != NULL;
}

static bool print_line(struct blocks *b, struct str line, struct buf *out)
{
	size_t columns = count_tabs(line);
	struct str cell;

	for (size_t c = 0; c < columns; c++) {
		str_cut(line, '\t', &cell, &line);
		if (c >= b->n_open)
			b->open[c] = b->n++;
		buf_add(out, cell);
		add_blanks(out, b->width[b->open[c]] - utf8_count(cell));
	}
	b->n_open = columns;
	return buf_add(out, line);
}

bool tabular_align(struct str text, int min_width, int padding, struct buf *out)
{
	CLEANUP(blocks_free_p) struct blocks *b = calloc(1, sizeof *b);
	struct str line, rest = text;

	if (!b)
		return false;
	while (rest.n) {
		str_cut(rest, '\n', &line, &rest);
		if (!measure_line(b, line, (size_t)min_width, (size_t)padding))
			return false;
	}
	b->n = b->n_open = 0;
	for (bool more = text.n > 0; more;) {
		more = str_cut(text, '\n', &line, &text);
		print_line(b, line, out);
		if (more)
			buf_add_char(out, '\n');
		more = more && text.n > 0;
	}
	return !out->failed;
}
