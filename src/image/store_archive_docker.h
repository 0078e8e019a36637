/* image/store_archive_docker.h: what reading and writing of docker-archive: share. */
#ifndef IMAGE_STORE_ARCHIVE_DOCKER_H
#define IMAGE_STORE_ARCHIVE_DOCKER_H

#include "image/docker_archive.h"
#include "image/store.h"

int store_docker_archive_destination(const char *rest, const struct store_options *o, struct image_destination **ret, struct error *err);

#endif
