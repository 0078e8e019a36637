/* cmd/podman/yaml.h: JSON values as the YAML that `podman info` prints (gopkg.in/yaml.v3's block style, keys sorted). */
#ifndef CMD_PODMAN_YAML_H
#define CMD_PODMAN_YAML_H

#include <json-c/json.h>

#include "base/buf.h"

/* Appends o, each line indented by level times two blanks. */
bool yaml_format(struct json_object *o, int level, struct buf *out);

#endif
