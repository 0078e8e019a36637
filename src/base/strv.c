#include "base/strv.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Room for n more strings and the NULL behind them. */
static bool grow(struct strv *s, size_t n)
{
	size_t need = s->n + n + 1, cap = s->cap ? s->cap : 8;
	char **v;

	if (need <= s->cap)
		return true;
	while (cap < need)
		cap *= 2;
	if (cap > SIZE_MAX / sizeof *v)
		return false;
	v = realloc(s->v, cap * sizeof *v);
	if (!v)
		return false;
	s->v = v;
	s->cap = cap;
	return true;
}

bool strv_take(struct strv *s, char *z)
{
	if (!z || !grow(s, 1)) {
		free(z);
		return false;
	}
	s->v[s->n++] = z;
	s->v[s->n] = NULL;
	return true;
}

bool strv_add(struct strv *s, const char *z)
{
	return strv_take(s, z_dup(z));
}

bool strv_add_str(struct strv *s, struct str t)
{
	return strv_take(s, str_dup(t));
}

bool strv_addf(struct strv *s, const char *fmt, ...)
{
	va_list ap;
	char *z;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&z, fmt, ap);
	va_end(ap);
	return n >= 0 && strv_take(s, z);
}

/* All or nothing, and more may be s itself: the count is read before the first append. */
bool strv_add_all(struct strv *s, const struct strv *more)
{
	size_t before = s->n, n = more->n;

	if (!grow(s, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strv_add(s, more->v[i]))
			continue;
		while (s->n > before)
			free(s->v[--s->n]);
		s->v[s->n] = NULL;
		return false;
	}
	return true;
}

bool strv_has(const struct strv *s, const char *z)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i], z) == 0)
			return true;
	return false;
}

void strv_clear(struct strv *s)
{
	while (s->n)
		free(s->v[--s->n]);
	if (s->v)
		s->v[0] = NULL;
}

void strv_done(struct strv *s)
{
	strv_clear(s);
	free(s->v);
	*s = (struct strv){ 0 };
}
