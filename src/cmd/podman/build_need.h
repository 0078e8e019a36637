/* cmd/podman/build_need.h: which paths of its context a Containerfile can need, as far as its text tells for certain. */
#ifndef CMD_PODMAN_BUILD_NEED_H
#define CMD_PODMAN_BUILD_NEED_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

struct build_need {
	bool all;           /* not certain: everything. The rest does not count then */
	struct strv paths;  /* sources of COPY and ADD, relative to the context, without "./" in front */
	struct strv bases;  /* images of FROM that are no stage of the file: their ONBUILD may need more */
	struct strv stages;
};

/* Adds what this file needs. Variables, wildcards, "." and "..", here-documents, parser directives, ONBUILD and binds of RUN --mount make it all. */
int build_need_read(struct str containerfile, struct build_need *n, struct error *err);
void build_need_done(struct build_need *n);

#endif
