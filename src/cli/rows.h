/* cli/rows.h: looking through option tables together with the tables that they include. */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include "cli/opt.h"

/* A row and where its field lies in the args struct of the outermost table. */
struct row_at {
	const struct opt *row;
	size_t offset;
};

/* Returning true ends the walk. */
typedef bool row_fn(void *ctx, struct row_at at);
bool rows_walk(const struct opt *opts, row_fn *fn, void *ctx);

bool rows_find_long(const struct opt *opts, struct str name, struct row_at *ret);
bool rows_find_short(const struct opt *opts, char c, struct row_at *ret);

/* The shown rows sorted by name, as pflag lists them; NULL at the end. Owned by the caller (the array, not the rows); NULL without memory. */
const struct opt **rows_shown(const struct opt *opts);

/* False: "--x" alone is complete and a value only comes attached with "=". */
bool row_wants_word(const struct opt *row);

/* The word for the value in help texts: metavar, or pflag's word for the type; "" for a bool. */
const char *row_value_word(const struct opt *row);

/* The default as help shows it, strings in quotes; nothing for no default. */
void row_add_default(const struct opt *row, struct buf *out);

#endif
