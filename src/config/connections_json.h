/* config/connections_json.h: podman-connections.json, which Podman 5 brought. Private to the room. Its shape:
 *   {"Connection":{"Default":"prod","Connections":{"prod":{"URI":"ssh://...","Identity":"/k","IsMachine":true}}},"Farm":{...}} */
#ifndef CONFIG_CONNECTIONS_JSON_H
#define CONFIG_CONNECTIONS_JSON_H

#include <json-c/json.h>

#include "config/places.h"

/* The document; *ret is NULL when the file is not there. */
int connections_json_read(const struct place *file, struct json_object **ret, struct error *err);

/* {"Default":...,"Connections":...}, borrowed; NULL when absent. */
int connections_json_section(struct json_object *document, const char *file, struct json_object **ret, struct error *err);

#endif
