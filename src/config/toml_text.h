/* config/toml_text.h: the text that the TOML reader walks over, and its scalar values. Private to toml*.c.
 *
 * toml_check goes first: behind it the text is valid UTF-8, every CR stands before a LF, and no other control character but tab
 * and LF is left, so that the rest of the reader looks at single bytes and never thinks of these again. */
#ifndef CONFIG_TOML_TEXT_H
#define CONFIG_TOML_TEXT_H

#include <json-c/json.h>
#include <stdbool.h>

#include "base/buf.h"

struct toml_text {
	struct str all;
	size_t at;        /* next byte */
	const char *name; /* of the file */
	unsigned depth;   /* of the arrays, inline tables and key parts around */
};

/* ERR_USAGE "name:LINE:COLUMN: ..." for the byte at offset at; columns count characters. */
int toml_fail(const struct toml_text *t, size_t at, struct error *err, const char *fmt, ...) PRINTF_LIKE(4, 5);

int toml_check(const struct toml_text *t, struct error *err);

/* What is left. */
struct str toml_rest(const struct toml_text *t);
/* The next byte; -1 at the end. */
int toml_peek(const struct toml_text *t);
/* Goes over word when it is next. */
bool toml_eat(struct toml_text *t, struct str word);

/* Blanks and tabs; then also a comment; then also line ends. */
void toml_skip_blanks(struct toml_text *t);
void toml_skip_comment(struct toml_text *t);
void toml_skip_lines(struct toml_text *t);

/* Nothing but blanks and a comment may follow on this line. */
int toml_end_line(struct toml_text *t, struct error *err);

/* A quoted string of any of the four kinds into out; t stands at its first quote. A key may not be of several lines. */
int toml_string(struct toml_text *t, struct buf *out, struct error *err);
int toml_quoted_key(struct toml_text *t, struct buf *out, struct error *err);

/* A boolean, number, date or time; t stands at its first byte. */
int toml_scalar(struct toml_text *t, struct json_object **ret, struct error *err);

/* The normalised text of a date or time ("T" and "Z" in upper case) into out. False: not a valid one. */
bool toml_date(struct str word, struct buf *out);
/* Whether word means to be a date or time, so that a wrong one is called that. */
bool toml_date_like(struct str word);

#endif
