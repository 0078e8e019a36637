/* base/dl.h: libraries that are loaded at first use, because loading them costs more than most commands take. */
#ifndef BASE_DL_H
#define BASE_DL_H

#include <stddef.h>

#include "base/error.h"

struct dl_symbol {
	const char *name;
	size_t offset; /* of the function pointer in the table */
};

struct dl_library {
	const char *name;                /* for people: "libarchive" */
	const char *package;             /* what brings it: "libarchive13 (brew install libarchive)" */
	const char *const *files;        /* tried in this order; ends with NULL */
	const struct dl_symbol *symbols; /* all are needed; ends with a NULL name */
};

/* Fills table with the functions. The library stays loaded. ERR_SYSTEM: it is not there, or too old; the hint names the package. */
int dl_load(const struct dl_library *lib, void *table, struct error *err);

#endif
