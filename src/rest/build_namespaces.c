/* rest/build_namespaces.c: the namespaces that the steps of a build run in. */
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "rest/build.h"

/* buildah's NetworkConfigurationPolicy */
enum network_policy { NETWORK_DEFAULT, NETWORK_DISABLED, NETWORK_ENABLED };

static void add_namespace(struct json_object *list, const char *name, bool host, const char *path)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "Name", name);
	js_set_bool(o, "Host", host);
	js_set_str(o, "Path", path);
	json_object_array_add(list, o);
}

static bool is_private(const char *value)
{
	return !*value || strcmp(value, "private") == 0 || strcmp(value, "container") == 0 || strcmp(value, "default") == 0;
}

static const char *without_ns(const char *value)
{
	return strncmp(value, "ns:", 3) == 0 ? value + 3 : value;
}

static enum network_policy add_network(struct json_object *list, const char *value)
{
	if (strcmp(value, "none") == 0) {
		add_namespace(list, "network", false, "");
		return NETWORK_DISABLED;
	}
	if (is_private(value) || strcmp(value, "host") == 0) {
		add_namespace(list, "network", !is_private(value), "");
		return NETWORK_DEFAULT;
	}
	add_namespace(list, "network", false, without_ns(value));
	return NETWORK_ENABLED;
}

static void add_plain(struct json_object *list, const char *name, const char *value)
{
	bool plain = is_private(value) || strcmp(value, "host") == 0;

	add_namespace(list, name, strcmp(value, "host") == 0, plain ? "" : without_ns(value));
}

/* CONTAINER:HOST:SIZE as an element of runtime-spec's mappings. */
static int add_mappings(struct json_object *list, const struct flag *f, struct error *err)
{
	static const char *const keys[] = { "containerID", "hostID", "size" };

	for (size_t i = 0; f && i < f->values.n; i++) {
		struct json_object *o = json_object_new_object();
		struct str rest = str_from(f->values.v[i]), part;

		json_object_array_add(list, o);
		for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
			bool more = str_cut(rest, ':', &part, &rest);
			int64_t n;

			if (more != (k + 1 < ARRAY_LEN(keys)) || !int_parse(part, &n) || n < 0 || n > UINT32_MAX)
				return build_bad_value(f->name, f->values.v[i], "it is not CONTAINER-ID:HOST-ID:SIZE", err);
			js_set_int(o, keys[k], n);
		}
	}
	return 0;
}

/* Without a mapping the steps run in the host's user namespace. */
static int add_user(struct build_query *b, struct json_object *list, struct error *err)
{
	const struct flag *uids = flags_find(b->flags, "userns-uid-map"), *gids = flags_find(b->flags, "userns-gid-map");
	const char *value = flags_get(b->flags, "userns");
	bool mapped = uids || gids, automatic = value && strcmp(value, "auto") == 0;
	CLEANUP(js_put_p) struct json_object *o = json_object_new_object();
	struct json_object *uid_list = json_object_new_array(), *gid_list = json_object_new_array();
	int r;

	js_set(o, "UIDMap", uid_list);
	js_set(o, "GIDMap", gid_list);
	r = add_mappings(uid_list, uids ? uids : gids, err);
	if (r >= 0)
		r = add_mappings(gid_list, gids ? gids : uids, err);
	if (r < 0)
		return r;
	js_set_bool(o, "HostUIDMapping", !mapped && !automatic);
	js_set_bool(o, "HostGIDMapping", !mapped && !automatic);
	js_set_bool(o, "AutoUserNs", automatic);
	if (mapped || automatic || (value && is_private(value)))
		add_namespace(list, "user", false, "");
	else
		add_namespace(list, "user", true, "");
	if (value && !automatic && !is_private(value) && strcmp(value, "host") != 0)
		return build_bad_value("userns", value, "the words are host, private, auto", err);
	rest_query(b->url, "idmappingoptions", js_wire(o));
	return 0;
}

/* Without namespace options a service takes the host's network for the steps, so they are always sent. */
int build_group_namespaces(struct build_query *b, struct error *err)
{
	static const struct {
		const char *flag, *name;
	} plain[] = { { "cgroupns", "cgroup" }, { "ipc", "ipc" }, { "pid", "pid" }, { "uts", "uts" } };
	CLEANUP(js_put_p) struct json_object *list = json_object_new_array();
	const char *network = flags_get(b->flags, "network");
	bool any =
		flags_find(b->flags, "userns") || flags_find(b->flags, "userns-uid-map") || flags_find(b->flags, "userns-gid-map");
	enum network_policy policy = network ? add_network(list, network) : NETWORK_DEFAULT;
	int r;

	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		const char *value = flags_get(b->flags, plain[i].flag);

		any = any || value;
		if (value)
			add_plain(list, plain[i].name, value);
	}
	if (!build_at_least(b, V(3, 1))) { /* its steps have the host's network whatever networkmode says: seen with 3.0.1 */
		if (any)
			return engine_unsupported(&b->rest->engine, err, "build with namespaces of its own choice");
		return !network || strcmp(network, "host") == 0 ? 0 : build_unsupported(b, "network", err);
	}
	r = add_user(b, list, err);
	rest_query_int(b->url, "networkmode", policy);
	rest_query(b->url, "nsoptions", js_wire(list));
	return r;
}
