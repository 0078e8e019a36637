#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_FIRST_CAP 64

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_eq_z(struct str a, const char *z)
{
	return str_eq(a, str_from(z));
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq((struct str){ s.p, prefix.n }, prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

bool str_cut(struct str s, char sep, struct str *ret_head, struct str *ret_tail)
{
	const char *at = s.n ? memchr(s.p, sep, s.n) : NULL;
	size_t head = at ? (size_t)(at - s.p) : s.n;

	if (ret_head)
		*ret_head = (struct str){ s.p, head };
	if (ret_tail)
		*ret_tail = at ? (struct str){ at + 1, s.n - head - 1 } : STR("");
	return at != NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

char *str_dup(struct str s)
{
	char *z = s.n < SIZE_MAX ? malloc(s.n + 1) : NULL;

	if (!z)
		return NULL;
	if (s.n)
		memcpy(z, s.p, s.n);
	z[s.n] = 0;
	return z;
}

char *z_dup(const char *z)
{
	return z ? strdup(z) : NULL;
}

static bool fail(struct buf *b, bool no_memory)
{
	b->failed = true;
	b->no_memory = b->no_memory || no_memory;
	return false;
}

/* Doubling, but never past max + 1, so that a small limit stays a small allocation. */
static size_t next_cap(const struct buf *b, size_t need)
{
	size_t cap = b->cap < BUF_FIRST_CAP / 2 ? BUF_FIRST_CAP : b->cap * 2;

	if (cap < need || cap < b->cap)
		cap = need;
	return cap > b->max && b->max < SIZE_MAX ? b->max + 1 : cap;
}

/* Room for n more bytes and the NUL behind them. */
static bool grow(struct buf *b, size_t n)
{
	size_t cap;
	char *p;

	if (b->failed || n > b->max - b->n || b->n + n == SIZE_MAX)
		return fail(b, false);
	if (b->p && b->n + n < b->cap)
		return true;
	cap = next_cap(b, b->n + n + 1);
	p = realloc(b->p, cap);
	if (!p)
		return fail(b, true);
	b->p = p;
	b->cap = cap;
	b->p[b->n] = 0;
	return true;
}

bool buf_add_bytes(struct buf *b, const void *p, size_t n)
{
	if (!grow(b, n))
		return false;
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = 0;
	return true;
}

bool buf_add(struct buf *b, struct str s)
{
	return buf_add_bytes(b, s.p, s.n);
}

bool buf_add_z(struct buf *b, const char *z)
{
	return buf_add(b, str_from(z));
}

bool buf_add_char(struct buf *b, char c)
{
	return buf_add_bytes(b, &c, 1);
}

bool buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return fail(b, true);
	if (!grow(b, (size_t)n))
		return false;
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
	return true;
}

bool buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	bool ok;

	va_start(ap, fmt);
	ok = buf_vaddf(b, fmt, ap);
	va_end(ap);
	return ok;
}

char *buf_reserve(struct buf *b, size_t n)
{
	return grow(b, n) ? b->p + b->n : NULL;
}

void buf_consume(struct buf *b, size_t n)
{
	if (n > b->n)
		n = b->n;
	if (!n)
		return;
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
	b->p[b->n] = 0;
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	b->failed = b->no_memory = false;
	if (b->p)
		b->p[0] = 0;
}

/* The NUL is written here once more: after buf_reserve the caller moves n past the last one. */
const char *buf_z(const struct buf *b)
{
	if (!b->p)
		return "";
	b->p[b->n] = 0;
	return b->p;
}

struct str buf_str(const struct buf *b)
{
	return (struct str){ buf_z(b), b->n };
}

char *buf_take(struct buf *b)
{
	char *z = NULL;

	if (!b->failed) {
		z = b->p ? b->p : strdup("");
		if (b->p)
			b->p[b->n] = 0;
		b->p = NULL;
	}
	buf_done(b);
	return z;
}

int buf_check(const struct buf *b, const char *what, struct error *err)
{
	if (!b->failed)
		return 0;
	if (b->no_memory)
		return error_set(err, ERR_SYSTEM, "%s: out of memory", what);
	return error_set(err, ERR_SYSTEM, "%s: too large (the limit is %zu bytes)", what, b->max);
}

/* max stays, so that the buffer can be used again. */
void buf_done(struct buf *b)
{
	free(b->p);
	*b = BUF_INIT(b->max);
}
