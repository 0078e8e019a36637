/* container_filter.h: the filters of Ps: "name=web", "status=exited". */
#ifndef HOST_CONTAINER_FILTER_H
#define HOST_CONTAINER_FILTER_H

#include <json-c/json.h>

#include "container.h"

/* Errors are the real service's reasons. */
int container_filters_check(struct json_object *filters, struct error *err);
/* All of them. */
bool container_filters_match(const struct container *c, struct json_object *filters);

#endif
