/* cmd/skopeo/show.h: values for the user, as JSON or through a template. */
#ifndef CMD_SKOPEO_SHOW_H
#define CMD_SKOPEO_SHOW_H

#include <json-c/json.h>
#include <stdbool.h>

#include "base/error.h"

struct session;

/* name is the command's, for messages of the template. format NULL, "" or "json": JSON as Go's MarshalIndent, four blanks a level. */
int show_value(struct session *s, struct json_object *o, const char *name, const char *format, struct error *err);
/* Whether it is JSON that is wanted. */
bool show_is_json(const char *format);

#endif
