/* rest/spec.h: the flags of create and run as the body of containers/create (Podman's SpecGenerator; fields as in 2.0 to 5.8).
 *
 * One table has a row for each flag: a function that puts its value under a field, and the first version that takes it. Flags that only
 * mean something together are rows without a function and belong to a group, which runs after the rows. What the user did not give is
 * left out, so that the host's own defaults hold. */
#ifndef REST_SPEC_H
#define REST_SPEC_H

#include "base/js.h"
#include "engine/engine.h"

#define V(major, minor) ((major)*1000 + (minor))

struct spec {
	const struct engine *engine; /* for its version */
	const struct flags *flags;
	struct json_object *o;
};

struct spec_row;

typedef int spec_put_fn(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err);
typedef int spec_group_fn(struct spec *s, struct error *err);

struct spec_row {
	const char *flag;
	spec_put_fn *put;  /* NULL: a group's, or the caller's own business */
	const char *field; /* with dots for members of members */
	int since;         /* V(major, minor); 0: all */
	const char *words; /* podman's about a bad value */
};

extern const struct spec_row spec_rows[];
extern const size_t spec_n_rows;

/* The whole body, owned by the caller. ERR_USAGE names a bad value, ERR_UNSUPPORTED a flag that the host can't take. */
int spec_build(const struct engine *e, const struct create_req *q, struct json_object **ret, struct error *err);

/* --pod new:NAME: the body of pods/create, which takes over hostname and network settings from the container's. *ret stays NULL when no
 * pod is to be made. */
int spec_take_pod(struct json_object *container, const struct create_req *q, struct json_object **ret, struct error *err);

/* For the rows. */

bool spec_at_least(const struct spec *s, int version);
int spec_unsupported(const struct spec *s, struct error *err, const char *flag);
/* The last value; NULL when the flag was not given or is empty. */
const char *spec_value(const struct spec *s, const char *flag);

/* The last of the values that a flag was given, which is the one that counts. */
static inline const char *spec_last(const struct strv *values)
{
	return values->v[values->n - 1];
}

/* Puts v (taken) into map under key. False without memory. */
bool spec_set_in(struct json_object *map, struct str key, struct json_object *v);

/* Puts v (taken) under the field. */
void spec_set(struct spec *s, const char *field, struct json_object *v);
/* The array or object under the field, made when it is not there; borrowed. */
struct json_object *spec_list(struct spec *s, const char *field);
struct json_object *spec_map(struct spec *s, const char *field);
/* {"nsmode":mode,"value":value} under the field; no value when it is empty. */
void spec_set_namespace(struct spec *s, const char *field, const char *mode, struct str value);
/* The texts between separators, as strings; owned by the caller. */
struct json_object *spec_split(struct str text, char sep);

/* spec_values.c: one field, taken as it is. true: only when it is. positive: only over zero. map: KEY=VALUE. */
spec_put_fn spec_put_str, spec_put_lower, spec_put_bool, spec_put_true, spec_put_int, spec_put_uint, spec_put_positive,
	spec_put_size, spec_put_list, spec_put_map, spec_put_unsupported;

/* spec_process.c */
spec_put_fn spec_put_entrypoint, spec_put_restart, spec_put_signal, spec_put_log_options, spec_put_tty, spec_put_rm,
	spec_put_pod_file, spec_put_platform;
spec_group_fn spec_group_proxy;

/* spec_secret.c */
spec_put_fn spec_put_secrets;

/* spec_health.c */
spec_put_fn spec_put_on_failure;
spec_group_fn spec_group_health;

/* spec_resource.c */
spec_put_fn spec_put_ulimits, spec_put_devices, spec_put_gpus, spec_put_device_rules, spec_put_rate_bytes, spec_put_rate_count,
	spec_put_device_weights, spec_put_cpus, spec_put_weight, spec_put_cgroup_conf;
spec_group_fn spec_group_memory;

/* spec_security.c */
spec_put_fn spec_put_security, spec_put_namespace, spec_put_ipc, spec_put_groups;
spec_group_fn spec_group_userns;

/* spec_mount.c */
spec_put_fn spec_put_image_volume;
spec_group_fn spec_group_mounts;

/* spec_network.c */
spec_put_fn spec_put_hosts, spec_put_dns;
spec_group_fn spec_group_network;

/* spec_port.c */
spec_put_fn spec_put_ports, spec_put_expose;

#endif
