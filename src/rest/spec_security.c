/* rest/spec_security.c: namespaces, ID mappings, security options. */
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "rest/spec.h"

/* Namespaces: {"nsmode":"container","value":"ID"}. */

static bool cut_prefix(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	s->p += prefix.n;
	s->n -= prefix.n;
	return true;
}

static int put_namespace(struct spec *s, const char *field, const char *text, struct error *err)
{
	static const char *const words[] = { "pod", "host", "private" };
	struct str value = str_from(text);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(text, words[i]) == 0) {
			spec_set_namespace(s, field, words[i], STR(""));
			return 0;
		}
	}
	if (cut_prefix(&value, STR("ns:")))
		spec_set_namespace(s, field, "path", value);
	else if (cut_prefix(&value, STR("container:")))
		spec_set_namespace(s, field, "container", value);
	else
		return error_set(err, ERR_USAGE, "unrecognized namespace mode %s passed", text);
	return 0;
}

int spec_put_namespace(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	return *spec_last(values) ? put_namespace(s, row->field, spec_last(values), err) : 0;
}

int spec_put_ipc(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	const char *mode = spec_last(values);

	if (strcmp(mode, "shareable") != 0 && strcmp(mode, "none") != 0)
		return spec_put_namespace(s, row, values, err);
	if (!spec_at_least(s, V(4, 1))) { /* before that any private one could be shared */
		if (strcmp(mode, "none") == 0)
			return spec_unsupported(s, err, "ipc=none");
		mode = "private";
	}
	spec_set_namespace(s, row->field, mode, STR(""));
	return 0;
}

/* ID mappings. */

/* CONTAINER:HOST[:SIZE] */
static int add_mapping(struct json_object *list, const char *flag, struct str text, struct error *err)
{
	struct str inner, outer, size;
	int64_t c, h, n = 1;
	struct json_object *o;
	bool has_size;

	if (!str_cut(text, ':', &inner, &outer))
		return error_set(
			err, ERR_USAGE,
			"initializing ID mappings: %s setting is malformed expected [\"uint32:uint32[:uint32]\"]: \"%.*s\"", flag,
			STR_ARG(text));
	has_size = str_cut(outer, ':', &outer, &size);
	if (!int_parse(inner, &c) || !int_parse(outer, &h) || (has_size && !int_parse(size, &n)) || c < 0 || h < 0 || n < 0)
		return error_set(
			err, ERR_USAGE,
			"initializing ID mappings: %s setting is malformed expected [\"uint32:uint32[:uint32]\"]: \"%.*s\"", flag,
			STR_ARG(text));
	o = json_object_new_object();
	js_set_int(o, "container_id", c);
	js_set_int(o, "host_id", h);
	js_set_int(o, "size", n);
	json_object_array_add(list, o);
	return 0;
}

static int mappings_of(struct spec *s, const char *flag, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *list = json_object_new_array();
	const struct flag *f = flags_find(s->flags, flag);

	for (size_t i = 0; f && i < f->values.n; i++) {
		int r = add_mapping(list, flag, str_from(f->values.v[i]), err);

		if (r < 0)
			return r;
	}
	*ret = ptr_take(&list);
	return 0;
}

static struct json_object *idmappings(struct spec *s)
{
	struct json_object *o = spec_map(s, "idmappings");

	js_set_bool(o, "HostUIDMapping", false);
	js_set_bool(o, "HostGIDMapping", false);
	return o;
}

/* One of the two lists alone counts for both. */
static int put_id_maps(struct spec *s, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *uids = NULL, *gids = NULL;
	struct json_object *o;
	int r;

	if ((r = mappings_of(s, "uidmap", &uids, err)) < 0 || (r = mappings_of(s, "gidmap", &gids, err)) < 0)
		return r;
	if (!js_len(uids) && !js_len(gids))
		return 0;
	o = idmappings(s);
	js_set(o, "UIDMap", json_object_get(js_len(uids) ? uids : gids));
	js_set(o, "GIDMap", json_object_get(js_len(gids) ? gids : uids));
	return 1;
}

/* size=N, uidmapping=C:H:S, gidmapping=C:H:S */
static int put_auto_option(struct json_object *opts, struct str word, struct error *err)
{
	struct str key, value;
	struct json_object *list;
	const char *name;
	int64_t n;

	if (!str_cut(word, '=', &key, &value))
		return error_set(err, ERR_USAGE, "invalid option specified: \"%.*s\"", STR_ARG(word));
	if (str_eq(key, STR("size"))) {
		if (!int_parse(value, &n) || n < 0 || n > UINT32_MAX)
			return error_set(err, ERR_USAGE, "invalid size of a user namespace: \"%.*s\"", STR_ARG(value));
		js_set_int(opts, "Size", n);
		return 0;
	}
	if (!str_eq(key, STR("uidmapping")) && !str_eq(key, STR("gidmapping")))
		return error_set(err, ERR_USAGE, "unknown option specified: \"%.*s\"", STR_ARG(key));
	name = key.p[0] == 'u' ? "AdditionalUIDMappings" : "AdditionalGIDMappings";
	list = js_get(opts, name);
	if (!list) {
		list = json_object_new_array();
		js_set(opts, name, list);
	}
	return add_mapping(list, key.p[0] == 'u' ? "uidmapping" : "gidmapping", value, err);
}

static int put_auto(struct spec *s, struct str options, struct error *err)
{
	struct json_object *o = idmappings(s), *opts = json_object_new_object();
	struct str word;

	js_set_bool(o, "AutoUserNs", true);
	js_set(o, "AutoUserNsOpts", opts);
	for (bool more = options.n > 0; more;) {
		int r;

		more = str_cut(options, ',', &word, &options);
		r = put_auto_option(opts, word, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int spec_group_userns(struct spec *s, struct error *err)
{
	const char *text = spec_value(s, "userns");
	int mapped = put_id_maps(s, err);
	struct str mode, value;

	if (mapped < 0)
		return mapped;
	if (!text) {
		if (mapped)
			spec_set_namespace(s, "userns", "private", STR(""));
		return 0;
	}
	str_cut(str_from(text), ':', &mode, &value);
	if (str_eq(mode, STR("auto"))) {
		spec_set_namespace(s, "userns", "auto", value);
		return mapped ? 0 : put_auto(s, value, err);
	}
	if (str_eq(mode, STR("keep-id"))) {
		if (value.n && !spec_at_least(s, V(4, 3)))
			return spec_unsupported(s, err, "userns=keep-id with options");
		spec_set_namespace(s, "userns", "keep-id", value);
		idmappings(s);
		return 0;
	}
	if (strcmp(text, "nomap") == 0) {
		if (!spec_at_least(s, V(4, 1)))
			return spec_unsupported(s, err, "userns=nomap");
		spec_set_namespace(s, "userns", "no-map", STR(""));
		idmappings(s);
		return 0;
	}
	return put_namespace(s, "userns", text, err);
}

int spec_put_groups(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	if (strv_has(values, "keep-groups"))
		return error_set(err, ERR_USAGE, "the '--group-add keep-groups' option is not supported in remote mode");
	return spec_put_list(s, row, values, err);
}

/* Security options. The annotations are what inspect shows under SecurityOpt. */

static void annotate(struct spec *s, const char *name, struct str value)
{
	js_set(spec_map(s, "annotations"), name, js_strn(value));
}

static void add_split(struct spec *s, const char *field, struct str text, char sep)
{
	CLEANUP(js_put_p) struct json_object *words = spec_split(text, sep);

	for (size_t i = 0; i < js_len(words); i++)
		json_object_array_add(spec_list(s, field), json_object_get(js_at(words, i)));
}

static int put_label(struct spec *s, struct str value, struct error *err)
{
	CLEANUP(buf_done) struct buf joined = BUF_INIT(64 * 1024);
	struct json_object *opts;

	if (str_eq(value, STR("nested"))) {
		if (!spec_at_least(s, V(4, 5)))
			return spec_unsupported(s, err, "security-opt label=nested");
		js_set_bool(s->o, "label_nested", true);
		return 0;
	}
	opts = spec_list(s, "selinux_opts");
	json_object_array_add(opts, js_strn(value));
	for (size_t i = 0; i < js_len(opts); i++) {
		buf_add_z(&joined, i ? ",label=" : "");
		buf_add(&joined, js_text(js_at(opts, i)));
	}
	annotate(s, "io.podman.annotations.label", buf_str(&joined));
	return 0;
}

static int put_unmask(struct spec *s, struct str key, struct str value, struct error *err)
{
	if (!spec_at_least(s, V(3, 0)))
		return engine_unsupported(s->engine, err, "--security-opt %.*s", STR_ARG(key));
	if (str_eq(key, STR("mask"))) {
		add_split(s, "mask", value, ':');
	} else if (str_eq(key, STR("unmask"))) {
		json_object_array_add(spec_list(s, "unmask"), js_strn(value));
	} else {
		if (!str_eq(value, STR("unconfined")))
			return error_set(err, ERR_USAGE, "invalid systempaths option \"%.*s\", only `unconfined` is supported",
					 STR_ARG(value));
		json_object_array_add(spec_list(s, "unmask"), js_str("ALL"));
	}
	return 0;
}

static int put_option(struct spec *s, const char *text, struct error *err)
{
	struct str key, value;
	bool on = true, has_value = str_cut(str_from(text), strchr(text, '=') ? '=' : ':', &key, &value);

	if (str_eq(key, STR("no-new-privileges"))) {
		if (has_value && !bool_parse(value, &on))
			return error_set(err, ERR_USAGE, "invalid --security-opt 2: \"%s\"", text);
		js_set_bool(s->o, "no_new_privileges", on);
		return 0;
	}
	if (!has_value)
		return error_set(err, ERR_USAGE, "invalid --security-opt 1: \"%s\"", text);
	if (str_eq(key, STR("label")))
		return put_label(s, value, err);
	if (str_eq(key, STR("mask")) || str_eq(key, STR("unmask")) || str_eq(key, STR("systempaths")))
		return put_unmask(s, key, value, err);
	if (str_eq(key, STR("apparmor"))) {
		spec_set(s, "apparmor_profile", js_strn(value));
		annotate(s, "io.podman.annotations.apparmor", value);
	} else if (str_eq(key, STR("seccomp"))) {
		spec_set(s, "seccomp_profile_path", js_strn(value));
		annotate(s, "io.podman.annotations.seccomp", value);
	} else if (str_eq(key, STR("proc-opts"))) {
		spec_set(s, "procfs_opts", spec_split(value, ','));
	} else {
		return error_set(err, ERR_USAGE, "invalid --security-opt 2: \"%s\"", text);
	}
	return 0;
}

int spec_put_security(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	(void)row;
	for (size_t i = 0; i < values->n; i++) {
		int r = put_option(s, values->v[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}
