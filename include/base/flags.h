/* base/flags.h: the flags of create and run as they were given. About 150 flags reach a host by two protocols; each protocol has one
 * table of rows that names the flags it can carry, so a flag without a row is refused by name instead of getting lost.
 * Values are checked for their type by the option table and kept as typed. */
#ifndef BASE_FLAGS_H
#define BASE_FLAGS_H

#include "base/strv.h"

struct flag {
	const char *name; /* long name without dashes, borrowed from the option table */
	struct strv values; /* one for each time it was given; "true" or "false" for a bool */
};

struct flags {
	struct flag *v;
	size_t n, cap;
};

/* Appends a value to the flag, which is added when it is not there yet. name is borrowed, value copied. */
bool flags_add(struct flags *f, const char *name, struct str value);
/* Borrowed; NULL when the flag was not given. */
const struct flag *flags_find(const struct flags *f, const char *name);
/* The last value given; NULL when not given. */
const char *flags_get(const struct flags *f, const char *name);
/* dflt when not given. */
bool flags_bool(const struct flags *f, const char *name, bool dflt);
/* Forgets the flag. */
void flags_drop(struct flags *f, const char *name);
void flags_done(struct flags *f);

#endif
