/* image/reference.h: names of images: [host[:port]/]path[:tag][@digest] (distribution/reference, grammar in its reference.go). */
#ifndef IMAGE_REFERENCE_H
#define IMAGE_REFERENCE_H

#include <stdbool.h>

#include "base/error.h"

/* All owned; tag and digest are NULL when not given. */
struct reference {
	char *host;   /* "docker.io", "localhost:5000" */
	char *path;   /* "library/busybox" */
	char *tag, *digest;
};

void reference_done(struct reference *r);

/* Reads a name as docker does: the first component is a host when it has '.' or ':' or is "localhost"; docker.io and library/ are put in front
 * where they are missing; index.docker.io is docker.io. No tag is added. ERR_USAGE in containers/image's words ("invalid reference format",
 * "... repository name must be lowercase"). */
int reference_parse(const char *text, struct reference *ret, struct error *err);

/* As above without guessing: a name without a host keeps host NULL, as podman's short names. */
int reference_parse_short(const char *text, struct reference *ret, struct error *err);

/* "host/path", "host/path:tag", "host/path@digest", "host/path:tag@digest". Owned by the caller; NULL without memory. */
char *reference_repository(const struct reference *r);
char *reference_string(const struct reference *r);
/* What goes into /v2/PATH/manifests/...: the digest, else the tag, else "latest". Borrowed. */
const char *reference_version(const struct reference *r);
/* Host to speak to: docker.io is registry-1.docker.io. Borrowed. */
const char *reference_api_host(const char *host);

#endif
