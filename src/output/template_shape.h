/* output/template_shape.h: what Podman's Go types know about their JSON that the JSON does not show. */
#ifndef OUTPUT_TEMPLATE_SHAPE_H
#define OUTPUT_TEMPLATE_SHAPE_H

#include <stdbool.h>

/* Whether the object under key is a Go map, not a struct. */
bool shape_is_map(const char *key);

enum shape_zero { SHAPE_UNKNOWN, SHAPE_POINTER, SHAPE_TEXT, SHAPE_NUMBER, SHAPE_BOOL, SHAPE_LIST };

/* The type of a field that Podman leaves out of its JSON when it is empty (omitempty), by the key of the object that it is missing in (may
 * be NULL) and the field's name. */
enum shape_zero shape_left_out(const char *parent, const char *name);

/* Whether a null under key is a nil pointer: most nulls are empty lists and maps. */
bool shape_is_pointer(const char *key);

/* Whether the text under key is a point in time, which templates print as Go does and not as RFC 3339. */
bool shape_is_time(const char *key);

/* Whether the number is a duration, printed as 1m30s. Both keys may be NULL. */
bool shape_is_duration(const char *parent, const char *key);

#endif
