/* image/store_docker.h: what reading and writing of docker:// share. */
#ifndef IMAGE_STORE_DOCKER_H
#define IMAGE_STORE_DOCKER_H

#include "image/reference.h"
#include "image/store.h"

/* "//NAME": a tag is added where there is neither tag nor digest. */
int store_docker_parse(const char *rest, struct reference *ret, struct error *err);
/* "docker://NAME" as docker writes names: without docker.io/ and library/. Owned by the caller. */
char *store_docker_name(const struct reference *ref);

int store_docker_destination(const char *rest, const struct store_options *o, struct image_destination **ret, struct error *err);
int store_docker_remove(const char *rest, const struct store_options *o, struct error *err);

#endif
