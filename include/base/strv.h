/* base/strv.h: a growing vector of owned strings. v[n] == NULL once anything was added. */
#ifndef BASE_STRV_H
#define BASE_STRV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct strv {
	char **v;
	size_t n, cap;
};

/* Copies; false without memory (nothing is changed then). */
bool strv_add(struct strv *s, const char *z);
bool strv_add_str(struct strv *s, struct str t);
bool strv_addf(struct strv *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Takes z, also on failure. A NULL z fails. */
bool strv_take(struct strv *s, char *z);

bool strv_add_all(struct strv *s, const struct strv *more);
bool strv_has(const struct strv *s, const char *z);
void strv_clear(struct strv *s);
void strv_done(struct strv *s);

#endif
