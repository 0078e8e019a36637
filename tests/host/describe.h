/* describe.h: a container's details, as several methods show them. */
#ifndef HOST_DESCRIBE_H
#define HOST_DESCRIBE_H

#include <json-c/json.h>

#include "container.h"

/* The OCI runtime configuration. */
struct json_object *describe_spec(const struct container *c);
/* Its mounts, the container's own first. */
struct json_object *describe_mounts(const struct container *c);
/* whole: with the mode and the propagation, which inspect shows elsewhere. */
struct json_object *describe_mount_options(const struct container *c, const struct mount *m, bool whole);
struct json_object *describe_capabilities(void);
/* spec: as the runtime names them, else as inspect does. */
struct json_object *describe_ulimits(const struct container *c, bool spec);
/* The name that a container gets by default, and its home, come in when it is started. */
struct json_object *describe_env(const struct container *c, bool started);
struct json_object *describe_annotations(const struct container *c, bool inspect);
struct json_object *describe_ports(const struct container *c);
struct json_object *describe_exit_command(const struct container *c);

/* "HOST/ROOT/overlay-containers/ID/userdataNAME", with root "root" or "run": where a real host has its files. */
void describe_set_userdata(struct json_object *o, const char *key, const struct container *c, const char *root, const char *name);

/* The address that the container would have, if there were a network. */
void describe_address(const struct container *c, struct buf *out);

int64_t container_root_bytes(const struct container *c);
int64_t container_rw_bytes(const struct container *c);

#endif
