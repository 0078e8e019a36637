/* cmd/podman/ps_row.h: a container of GET /libpod/containers/json as the fields that `ps` templates see. */
#ifndef CMD_PODMAN_PS_ROW_H
#define CMD_PODMAN_PS_ROW_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct ps_show {
	bool no_trunc;
	int64_t now_s; /* unix seconds that ages count from */
};

/* The row, owned by the caller. */
struct json_object *ps_row(struct json_object *item, const struct ps_show *show);

/* The item with podman's --format json changes: CreatedAt and Status for people, Created in unix seconds. item is changed. */
void ps_json(struct json_object *item, const struct ps_show *show);

/* "0.0.0.0:8080->80/tcp, 0.0.0.0:9000-9002->90-92/udp" */
void ps_ports(struct json_object *ports, struct buf *out);

/* Unix seconds of a field that is RFC 3339 text or a number. */
int64_t ps_time(struct json_object *field);

#endif
