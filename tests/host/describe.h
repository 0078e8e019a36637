/* describe.h: a container's details, as several methods show them. */
#ifndef HOST_DESCRIBE_H
#define HOST_DESCRIBE_H

#include <json-c/json.h>

#include "container.h"

/* The OCI runtime configuration. */
struct json_object *describe_spec(const struct container *c);
/* Its mounts, the container's own first. */
struct json_object *describe_mounts(const struct container *c);

int64_t container_root_bytes(const struct container *c);
int64_t container_rw_bytes(const struct container *c);

#endif
