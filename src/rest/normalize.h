/* rest/normalize.h: the spellings of older services in the ones of 4.3.1, which engine.h promises. Objects are changed in place. */
#ifndef REST_NORMALIZE_H
#define REST_NORMALIZE_H

#include "base/js.h"

/* An element of containers/json: Created as RFC 3339 text (unix seconds before 3.0), Ports with the keys of 4.0, State. */
void normalize_container(struct json_object *item);

/* An element of images/json: Created in unix seconds. */
void normalize_image(struct json_object *item);

/* The report of images/remove: all four members, lists instead of null. */
void normalize_image_removal(struct json_object **report);

#endif
