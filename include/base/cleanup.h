/* base/cleanup.h: release at the end of the scope (gcc and clang). A function uses CLEANUP or gotos, never both. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Moves a pointer out of a variable that a CLEANUP would free. */
#define ptr_take(pp)                                                                                                           \
	({                                                                                                                     \
		__typeof__(*(pp)) take_ = *(pp);                                                                               \
		*(pp) = NULL;                                                                                                  \
		take_;                                                                                                         \
	})

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline void free_p(void *pp)
{
	void *p;

	memcpy(&p, pp, sizeof p);
	free(p);
}

static inline void file_close_p(FILE **f)
{
	if (*f)
		fclose(*f);
}

#endif
