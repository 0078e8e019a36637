/* dockerfile.h: the lines of a Dockerfile as instructions. */
#ifndef HOST_DOCKERFILE_H
#define HOST_DOCKERFILE_H

#include "base/buf.h"
#include "base/error.h"

struct instruction {
	char *word;     /* in capitals */
	char *args;     /* what follows it */
	char *original; /* the whole line, lines that go on joined */
};

struct dockerfile {
	struct instruction *v;
	size_t n;
};

int dockerfile_parse(struct str text, struct dockerfile *ret, struct error *err);
void dockerfile_done(struct dockerfile *d);

#endif
