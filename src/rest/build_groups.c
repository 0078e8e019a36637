/* rest/build_groups.c: options of build that are translated, or that mean something only together. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "rest/build.h"

#define OCI_FORMAT    "application/vnd.oci.image.manifest.v1+json"
#define DOCKER_FORMAT "application/vnd.docker.distribution.manifest.v2+json"

static const char *get(const struct build_query *b, const char *flag)
{
	const char *value = flags_get(b->flags, flag);

	return value && *value ? value : NULL;
}

/* 2.x wants a map, which keeps one value of a label given twice. */
int build_put_labels(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	return build_at_least(b, V(3, 0)) ? build_put_list(b, row, values, err) : build_put_map(b, row, values, err);
}

/* What the ignore file names is not in the archive; the names are for hosts that also keep the ignore file itself out of COPY. */
int build_put_excludes(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	return build_at_least(b, V(3, 1)) ? build_put_list(b, row, values, err) : 0;
}

int build_put_security(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	CLEANUP(strv_done) struct strv labels = { 0 };

	for (size_t i = 0; i < values->n; i++) {
		struct str key, value;

		if (!str_cut(str_from(values->v[i]), '=', &key, &value))
			return build_bad_value(row->flag, values->v[i], "it is not name=value", err);
		if (str_eq(key, STR("label")))
			strv_add_str(&labels, value);
		else if (str_eq(key, STR("apparmor")))
			rest_query(b->url, "apparmor", value.p);
		else if (str_eq(key, STR("seccomp")))
			rest_query(b->url, "seccomp", value.p);
		else
			return build_bad_value(row->flag, values->v[i], "the names are apparmor, label and seccomp", err);
	}
	rest_query_list(b->url, "labelopts", &labels);
	return 0;
}

static bool has_prefix(struct str *s, const char *prefix)
{
	struct str p = str_from(prefix);

	if (!str_starts(*s, p))
		return false;
	s->p += p.n;
	s->n -= p.n;
	return true;
}

static bool is_image(struct str *value)
{
	return has_prefix(value, "docker-image://") || has_prefix(value, "container-image://") || has_prefix(value, "docker://");
}

static bool is_url(struct str value)
{
	return str_starts(value, STR("http://")) || str_starts(value, STR("https://")) || str_starts(value, STR("git://")) ||
	       str_starts(value, STR("github.com/"));
}

/* NAME=VALUE as the services from 5.6 on (repeated NAME=image:REF, NAME=url:URL) and before (one object) want it. A folder of this machine has
 * no way to the host but the main context. */
static int put_context(struct build_query *b, struct json_object *map, const char *param, struct str name, struct str value,
		       struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(URL_MAX);
	bool image = is_image(&value);
	struct json_object *o;

	if (!image && !is_url(value))
		return engine_unsupported(&b->rest->engine, err, "build --build-context with a folder");
	if (build_at_least(b, V(5, 6))) {
		buf_addf(&text, "%.*s=%s:%.*s", STR_ARG(name), image ? "image" : "url", STR_ARG(value));
		rest_query(b->url, param, buf_z(&text));
		return 0;
	}
	o = json_object_new_object();
	js_set_bool(o, "IsURL", !image);
	js_set_bool(o, "IsImage", image);
	js_set(o, "Value", js_strn(value));
	js_set_str(o, "DownloadedCache", "");
	return spec_set_in(map, name, o) ? 0 : error_set(err, ERR_SYSTEM, "--build-context: out of memory");
}

int build_put_contexts(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *map = json_object_new_object();

	for (size_t i = 0; i < values->n; i++) {
		struct str name, value;
		int r;

		if (!str_cut(str_from(values->v[i]), '=', &name, &value) || !name.n || !value.n)
			return build_bad_value(row->flag, values->v[i], "it is not name=value", err);
		r = put_context(b, map, row->param, name, value, err);
		if (r < 0)
			return r;
	}
	if (json_object_object_length(map))
		rest_query(b->url, row->param, js_wire(map));
	return 0;
}

/* The numbers are those of containers/storage: 0 none, 2 gzip. */
int build_put_compression(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	bool off;

	if (!bool_parse(str_from(values->v[values->n - 1]), &off))
		return build_bad_value(row->flag, values->v[values->n - 1], "it is neither true nor false", err);
	if (!off)
		rest_query_int(b->url, row->param, 2);
	return 0;
}

/* The numbers are buildah's. */
int build_put_isolation(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	static const char *const names[] = { "default", "oci", "chroot", "rootless" };
	const char *value = values->v[values->n - 1];

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(value, names[i]) == 0 || !*value) {
			rest_query_int(b->url, row->param, (int64_t)i);
			return 0;
		}
	return build_bad_value(row->flag, value, "unrecognized isolation type", err);
}

/* Services from 4.0 on turn 1 (oci) into 3 (rootless) when they run without root; those of 3.x do what they are told. */
int build_group_isolation(struct build_query *b, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	struct json_object *host;
	bool rootless = false;

	if (get(b, "isolation") || !build_at_least(b, V(3, 0)))
		return 0;
	if (!build_at_least(b, V(4, 0))) {
		int r = rest_info(&b->rest->engine, &o, err);

		if (r < 0)
			return r;
		host = js_get(o, "host");
		rootless = js_get_bool(js_get(host, "security"), "rootless", js_get_bool(host, "rootless", false));
	}
	rest_query_int(b->url, "isolation", rootless ? 3 : 1);
	return 0;
}

/* --os, --arch and --variant make one platform. Services before 4.0 take one only. */
int build_group_platform(struct build_query *b, struct error *err)
{
	const struct flag *platforms = flags_find(b->flags, "platform");
	const char *os = get(b, "os"), *arch = get(b, "arch"), *variant = get(b, "variant");
	CLEANUP(buf_done) struct buf text = BUF_INIT(1024);

	if (platforms && platforms->values.n > 1 && !build_at_least(b, V(4, 0)))
		return engine_unsupported(&b->rest->engine, err, "build for several platforms");
	if (platforms)
		rest_query_each(b->url, "platform", &platforms->values);
	if (platforms || (!os && !arch && !variant))
		return 0;
	buf_addf(&text, "%s/%s%s%s", os ? os : "linux", arch ? arch : "", variant ? "/" : "", variant ? variant : "");
	rest_query(b->url, "platform", buf_z(&text));
	return 0;
}

/* As typed to what buildah calls it; NULL for no such policy. */
static const char *policy_of(const struct build_query *b)
{
	static const struct {
		const char *typed, *policy;
	} words[] = {
		{ "true", "always" }, { "always", "always" }, { "false", "missing" },   { "missing", "missing" },
		{ "never", "never" }, { "newer", "ifnewer" }, { "ifnewer", "ifnewer" }, { "ifmissing", "missing" },
	};
	const char *typed = get(b, "pull");

	if (flags_bool(b->flags, "pull-always", false))
		return "always";
	if (flags_bool(b->flags, "pull-never", false))
		return "never";
	for (size_t i = 0; typed && i < ARRAY_LEN(words); i++)
		if (strcmp(typed, words[i].typed) == 0)
			return words[i].policy;
	return typed ? NULL : "missing";
}

int build_group_pull(struct build_query *b, struct error *err)
{
	const char *policy = policy_of(b);

	if (!policy)
		return build_bad_value("pull", get(b, "pull"), "the policies are always, missing, never and newer", err);
	if (build_at_least(b, V(3, 1)))
		rest_query(b->url, "pullpolicy", policy);
	else if (strcmp(policy, "always") == 0)
		rest_query_bool(b->url, "pull", true);
	else if (strcmp(policy, "missing") != 0)
		return engine_unsupported(&b->rest->engine, err, "build --pull=%s", get(b, "pull") ? get(b, "pull") : "never");
	return 0;
}

/* podman's --squash is buildah without layers, podman's --squash-all is buildah's --squash. 2.x knows only the latter. */
int build_group_layers(struct build_query *b, struct error *err)
{
	bool squash = flags_bool(b->flags, "squash", false), all = flags_bool(b->flags, "squash-all", false);

	if (squash && all)
		return error_set(err, ERR_USAGE, "cannot specify --squash-all with --squash");
	if (all && flags_find(b->flags, "layers"))
		return error_set(err, ERR_USAGE, "cannot specify --squash-all with --layers");
	if (squash && !build_at_least(b, V(3, 0)))
		return build_unsupported(b, "squash", err);
	if (flags_find(b->flags, "layers") && !build_at_least(b, V(3, 0)))
		return build_unsupported(b, "layers", err);
	rest_query_bool(b->url, "layers", !all && flags_bool(b->flags, "layers", !squash));
	if (all)
		rest_query_bool(b->url, "squash", true);
	return 0;
}

/* 2.x always makes docker's. */
int build_group_format(struct build_query *b, struct error *err)
{
	const char *format = get(b, "format");

	if (format && strcmp(format, "oci") != 0 && strcmp(format, "docker") != 0 && strcmp(format, OCI_FORMAT) != 0 &&
	    strcmp(format, DOCKER_FORMAT) != 0)
		return build_bad_value("format", format, "unrecognized image type", err);
	if (build_at_least(b, V(3, 0)))
		rest_query(b->url, "outputformat", format && strstr(format, "docker") ? DOCKER_FORMAT : OCI_FORMAT);
	else if (format && !strstr(format, "docker"))
		return build_unsupported(b, "format=oci", err);
	return 0;
}

int build_group_removal(struct build_query *b, struct error *err)
{
	(void)err;
	rest_query_bool(b->url, "rm", flags_bool(b->flags, "rm", true));
	rest_query_bool(b->url, "forcerm", flags_bool(b->flags, "force-rm", true));
	return 0;
}
