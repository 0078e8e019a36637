/* base/buf.h: a view that borrows (struct str) and a bounded builder that owns (struct buf). */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"

/* Borrowed bytes, not NUL-terminated. */
struct str {
	const char *p;
	size_t n;
};

#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_ARG(s) (int)(s).n, (s).p /* for "%.*s" */

static inline struct str str_from(const char *z)
{
	return (struct str){ z ? z : "", z ? strlen(z) : 0 };
}

bool str_eq(struct str a, struct str b);
bool str_eq_z(struct str a, const char *z);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Splits at the first sep. False, and all of s in head, when there is none. The outputs may be NULL. */
bool str_cut(struct str s, char sep, struct str *ret_head, struct str *ret_tail);

/* Without blanks, tabs, CR and LF at both ends. */
struct str str_trim(struct str s);

/* A NUL-terminated copy, owned by the caller; NULL without memory. */
char *str_dup(struct str s);

/* strdup of z, NULL for NULL. */
char *z_dup(const char *z);

/* A growing byte buffer with a stated maximum. Once used p[n] == 0. An append that would pass max or finds no memory changes
 * nothing and sets failed, which sticks: appends can be checked once, at the end. */
struct buf {
	char *p;
	size_t n, cap, max;
	bool failed;
	bool no_memory; /* what failed was the allocation, not the limit */
};

#define BUF_INIT(limit) ((struct buf){ .max = (limit) })

bool buf_add(struct buf *b, struct str s);
bool buf_add_z(struct buf *b, const char *z);
bool buf_add_bytes(struct buf *b, const void *p, size_t n);
bool buf_add_char(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/* Makes room for n more bytes behind p[n] and returns it; NULL on failure. The caller adds to b->n what it wrote. */
char *buf_reserve(struct buf *b, size_t n);

/* Drops n bytes from the front. */
void buf_consume(struct buf *b, size_t n);
void buf_clear(struct buf *b);

/* The text, never NULL ("" for the empty buffer), borrowed until the next change. */
const char *buf_z(const struct buf *b);
struct str buf_str(const struct buf *b);

/* Moves the text out, owned by the caller; "" for an empty buffer. NULL when failed. b is empty afterwards. */
char *buf_take(struct buf *b);

/* ERR_SYSTEM when an append failed ("too large" or "out of memory", naming what); else 0. */
int buf_check(const struct buf *b, const char *what, struct error *err);

void buf_done(struct buf *b);

#endif
