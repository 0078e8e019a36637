/* config/auth_json.h: JSON with secrets in it: entries, the text as containers/image writes it, and their end. Private to the room. */
#ifndef CONFIG_AUTH_JSON_H
#define CONFIG_AUTH_JSON_H

#include <json-c/json.h>

#include "base/buf.h"
#include "config/auth.h"

/* Indented by tabs, members in their order, no newline at the end. */
void auth_json_add(struct buf *out, struct json_object *o);

/* Compact: for helpers and headers. */
void auth_json_add_wire(struct buf *out, struct json_object *o);

/* Overwrites the strings in it and frees. */
void auth_json_free_p(struct json_object **o);

/* What an entry says. False, and *ret empty, when that is nothing. */
bool auth_entry_read(struct json_object *entry, struct credentials *ret);
/* Owned by the caller; NULL without memory. */
struct json_object *auth_entry_make(const struct credentials *c);

#endif
