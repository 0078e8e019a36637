#include "rest/spec.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "rest/rest.h"

bool spec_at_least(const struct spec *s, int version)
{
	return engine_version_cmp(s->engine, version / 1000, version % 1000, 0) >= 0;
}

int spec_unsupported(const struct spec *s, struct error *err, const char *flag)
{
	return engine_unsupported(s->engine, err, "--%s", flag);
}

const char *spec_value(const struct spec *s, const char *flag)
{
	const char *v = flags_get(s->flags, flag);

	return v && *v ? v : NULL;
}

/* The object that holds the last part of the field, made when it is not there. */
static struct json_object *holder(struct spec *s, const char *field, const char **ret_last)
{
	struct json_object *o = s->o;

	for (const char *dot; (dot = strchr(field, '.')); field = dot + 1) {
		char key[64];
		struct json_object *next;

		snprintf(key, sizeof key, "%.*s", (int)(dot - field), field);
		next = js_get(o, key);
		if (!next) {
			next = json_object_new_object();
			js_set(o, key, next);
		}
		o = next;
	}
	*ret_last = field;
	return o;
}

bool spec_set_in(struct json_object *map, struct str key, struct json_object *v)
{
	CLEANUP(free_p) char *k = str_dup(key);

	if (k)
		return js_set(map, k, v);
	json_object_put(v);
	return false;
}

void spec_set(struct spec *s, const char *field, struct json_object *v)
{
	const char *last;
	struct json_object *o = holder(s, field, &last);

	js_set(o, last, v);
}

static struct json_object *get_or_make(struct spec *s, const char *field, struct json_object *(*make)(void))
{
	const char *last;
	struct json_object *o = holder(s, field, &last), *v = js_get(o, last);

	if (!v) {
		v = make();
		js_set(o, last, v);
	}
	return v;
}

struct json_object *spec_list(struct spec *s, const char *field)
{
	return get_or_make(s, field, json_object_new_array);
}

struct json_object *spec_map(struct spec *s, const char *field)
{
	return get_or_make(s, field, json_object_new_object);
}

void spec_set_namespace(struct spec *s, const char *field, const char *mode, struct str value)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "nsmode", mode);
	if (value.n)
		js_set(o, "value", js_strn(value));
	if (value.n && !spec_at_least(s, V(4, 0)))
		js_set(o, "string", js_strn(value)); /* the name that 3.0 has for it */
	spec_set(s, field, o);
}

struct json_object *spec_split(struct str text, char sep)
{
	struct json_object *list = json_object_new_array();
	struct str word;

	for (bool more = true; more;) {
		more = str_cut(text, sep, &word, &text);
		json_object_array_add(list, js_strn(word));
	}
	return list;
}

static spec_group_fn *const groups[] = { spec_group_memory, spec_group_health, spec_group_proxy,
					 spec_group_userns, spec_group_mounts, spec_group_network };

static const struct spec_row *find_row(const char *flag)
{
	for (size_t i = 0; i < spec_n_rows; i++)
		if (strcmp(spec_rows[i].flag, flag) == 0)
			return &spec_rows[i];
	return NULL;
}

/* All refusals come before any value is looked at, and all of it before anything is made on the host. */
static int check_rows(const struct spec *s, struct error *err)
{
	for (size_t i = 0; i < s->flags->n; i++) {
		const char *flag = s->flags->v[i].name;
		const struct spec_row *row = find_row(flag);

		if (!row || row->put == spec_put_unsupported || (row->since && !spec_at_least(s, row->since)))
			return spec_unsupported(s, err, flag);
	}
	return 0;
}

static int put_rows(struct spec *s, struct error *err)
{
	for (size_t i = 0; i < s->flags->n; i++) {
		const struct flag *f = &s->flags->v[i];
		const struct spec_row *row = find_row(f->name);
		int r = row->put && f->values.n ? row->put(s, row, &f->values, err) : 0;

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		int r = groups[i](s, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* --rootfs: the first word is a folder of the host, with :O for an overlay over it and :idmap for mapped owners. */
static int put_rootfs(struct spec *s, struct str path)
{
	struct str dir, option;
	bool has_option = str_cut(path, ':', &dir, &option);

	spec_set(s, "rootfs", js_strn(dir));
	if (has_option && str_eq(option, STR("O")))
		js_set_bool(s->o, "rootfs_overlay", true);
	else if (has_option && str_starts(option, STR("idmap")))
		spec_set(s, "rootfs_mapping", js_strn(option));
	return 1;
}

static int put_image_and_command(struct spec *s, const struct create_req *q, struct error *err)
{
	size_t first = 0;

	if (flags_bool(s->flags, "rootfs", false)) {
		if (!q->command || !q->command->n)
			return error_set(err, ERR_USAGE, "--rootfs needs the path of a root file system");
		first = (size_t)put_rootfs(s, str_from(q->command->v[0]));
	} else {
		js_set_str(s->o, "image", q->image);
		js_set_str(s->o, "raw_image_name", q->image_as_typed ? q->image_as_typed : q->image);
	}
	if (q->command && q->command->n > first)
		js_set(s->o, "command", js_strv(q->command->v + first, q->command->n - first));
	if (q->argv && q->argv->n)
		js_set(s->o, "containerCreateCommand", js_strv(q->argv->v, q->argv->n));
	return 0;
}

int spec_build(const struct engine *e, const struct create_req *q, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = json_object_new_object();
	struct spec s = { .engine = e, .flags = q->flags, .o = o };
	int r = check_rows(&s, err);

	if (r == 0)
		r = put_image_and_command(&s, q, err);
	if (r == 0)
		r = put_rows(&s, err);
	if (r < 0)
		return r;
	*ret = ptr_take(&o);
	return 0;
}

/* Members that the pod gets instead of the container; NULL: they only leave the container. */
static const struct {
	const char *container, *pod;
} pod_members[] = {
	{ "hostname", "hostname" },
	{ "netns", "netns" },
	{ "portmappings", "portmappings" },
	{ "Networks", "Networks" },
	{ "cni_networks", "cni_networks" },
	{ "network_options", "network_options" },
	{ "dns_server", "dns_server" },
	{ "dns_search", "dns_search" },
	{ "dns_option", "dns_option" },
	{ "hostadd", "hostadd" },
	{ "use_image_hosts", "no_manage_hosts" },
	{ "use_image_resolv_conf", "no_manage_resolv_conf" },
	{ "static_ip", "static_ip" },
	{ "static_mac", "static_mac" },
	{ "publish_image_ports", NULL },
	{ "expose", NULL },
};

int spec_take_pod(struct json_object *container, const struct create_req *q, struct json_object **ret, struct error *err)
{
	const char *pod = js_get_str(container, "pod", ""), *name = pod + 4;
	struct json_object *o;

	if (strncmp(pod, "new:", 4) != 0)
		return 0;
	if (!*name)
		return error_set(err, ERR_USAGE, "new pod name must be at least one character");
	o = json_object_new_object();
	js_set_str(o, "name", name);
	if (q->argv && q->argv->n)
		js_set(o, "pod_create_command", js_strv(q->argv->v, q->argv->n));
	for (size_t i = 0; i < ARRAY_LEN(pod_members); i++) {
		struct json_object *v = js_get(container, pod_members[i].container);

		if (v && pod_members[i].pod)
			js_set(o, pod_members[i].pod, json_object_get(v));
		json_object_object_del(container, pod_members[i].container);
	}
	js_set_str(container, "pod", js_get_str(o, "name", ""));
	*ret = o;
	return 0;
}
