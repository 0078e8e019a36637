/* cmd/skopeo/config_fields.h: an OCI configuration under the names of its Go struct (image-spec v1.Image), for templates: .History.CreatedBy, .RootFS.DiffIDs. */
#ifndef CMD_SKOPEO_CONFIG_FIELDS_H
#define CMD_SKOPEO_CONFIG_FIELDS_H

#include <json-c/json.h>

/* Fields that the JSON leaves out are there with their zero values. Owned by the caller; shares values with config. */
struct json_object *config_fields(struct json_object *config);

#endif
