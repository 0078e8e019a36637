/* create.h: from the Create type of the interface to a container. */
#ifndef HOST_CREATE_H
#define HOST_CREATE_H

#include "container.h"

/* create is shared: counted up. Errors are the real service's reasons. */
int container_create(struct host *h, struct json_object *create, struct container **ret, struct error *err);

/* Names of containers and volumes. */
bool object_name_valid(const char *name);

/* "65536:65536" */
bool ulimit_parse(const char *text, int64_t *ret_soft, int64_t *ret_hard);

#endif
