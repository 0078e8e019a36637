/* varlink/build_rows.c: one row for each option of build that reaches an io.podman host. An option without a row is refused by name before
 * anything is sent. Sources of volumes and devices are the host's, as in podman's own remote build. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "varlink/build.h"

enum build_type {
	BUILD_STR,
	BUILD_LIST,
	BUILD_ARGS, /* KEY=VALUE, or KEY for this process's own value */
	BUILD_INT,
	BUILD_SIZE,
	BUILD_BOOL,
	BUILD_FORMAT,
	BUILD_PULL,        /* a policy */
	BUILD_PULL_ALWAYS, /* a bool that means one */
	BUILD_PULL_NEVER,
	BUILD_PLATFORM,
	BUILD_RUNTIME_FLAG,
	BUILD_SQUASH,
	BUILD_SQUASH_ALL,
	BUILD_ONLY, /* has no field, but the host does what the words in field say anyway; NULL: whatever is said */
};

struct build_row {
	const char *option, *field;
	enum build_type type;
	bool inner; /* the field is one of buildOptions */
	int minor;  /* the first Podman 1.x whose service uses the field; 0: all */
	int before; /* the first that does not any more; 0: none */
};

static const struct build_row rows[] = {
	{ "add-host", "addHosts", BUILD_LIST, true },
	{ "all-platforms", "false", BUILD_ONLY },
	{ "annotation", "annotations", BUILD_LIST },
	{ "arch", "architecture", BUILD_STR, .minor = 9 },
	{ "build-arg", "buildArgs", BUILD_ARGS },
	{ "cap-add", "addCapabilities", BUILD_LIST, .minor = 9 },
	{ "cap-drop", "dropCapabilities", BUILD_LIST, .minor = 9 },
	{ "cgroup-parent", "cgroupParent", BUILD_STR, true },
	{ "cni-config-dir", "cniConfigDir", BUILD_STR },
	{ "cni-plugin-path", "cniPluginDir", BUILD_STR },
	{ "compress", "true false", BUILD_ONLY },
	{ "cpu-period", "cpuPeriod", BUILD_INT, true },
	{ "cpu-quota", "cpuQuota", BUILD_INT, true },
	{ "cpu-shares", "cpuShares", BUILD_INT, true },
	{ "cpuset-cpus", "cpusetCpus", BUILD_STR, true },
	{ "cpuset-mems", "cpusetMems", BUILD_STR, true },
	{ "created-annotation", "false", BUILD_ONLY },
	{ "device", "devices", BUILD_LIST, .minor = 9 },
	{ "disable-compression", "true", BUILD_ONLY },
	{ "force-rm", "forceRmIntermediateCtrs", BUILD_BOOL },
	{ "format", "outputFormat", BUILD_FORMAT },
	{ "http-proxy", "false", BUILD_ONLY },
	{ "identity-label", "true", BUILD_ONLY },
	{ "ignorefile", NULL, BUILD_ONLY }, /* has done its work here */
	{ "inherit-annotations", "true", BUILD_ONLY },
	{ "inherit-labels", "true", BUILD_ONLY },
	{ "isolation", "oci default", BUILD_ONLY },
	{ "jobs", "1", BUILD_ONLY },
	{ "label", "label", BUILD_LIST },
	{ "layers", "layers", BUILD_BOOL },
	{ "logsplit", "false", BUILD_ONLY },
	{ "memory", "memory", BUILD_SIZE, true },
	{ "memory-swap", "memorySwap", BUILD_SIZE, true },
	{ "network", "host", BUILD_ONLY, .before = 9 },
	{ "network", "default", BUILD_ONLY, .minor = 9 },
	{ "no-cache", "nocache", BUILD_BOOL },
	{ "no-hostname", "false", BUILD_ONLY },
	{ "no-hosts", "false", BUILD_ONLY },
	{ "omit-history", "false", BUILD_ONLY },
	{ "os", "os", BUILD_STR, .minor = 9 },
	{ "platform", "", BUILD_PLATFORM, .minor = 9 },
	{ "pull", "pullPolicy", BUILD_PULL },
	{ "pull-always", "PullAlways", BUILD_PULL_ALWAYS },
	{ "pull-never", "PullNever", BUILD_PULL_NEVER },
	{ "quiet", "quiet", BUILD_BOOL },
	{ "rewrite-timestamp", "false", BUILD_ONLY },
	{ "rm", "remoteIntermediateCtrs", BUILD_BOOL },
	{ "runtime-flag", "runtimeArgs", BUILD_RUNTIME_FLAG },
	{ "shm-size", "shmSize", BUILD_STR, true },
	{ "sign-by", "signBy", BUILD_STR, .minor = 9 },
	{ "skip-unused-stages", "false", BUILD_ONLY },
	{ "squash", "squash", BUILD_SQUASH },
	{ "squash-all", "squash", BUILD_SQUASH_ALL },
	{ "stdin", "false", BUILD_ONLY },
	{ "target", "target", BUILD_STR, .minor = 9 },
	{ "tls-verify", "true", BUILD_ONLY },
	{ "ulimit", "ulimit", BUILD_LIST, true },
	{ "volume", "volume", BUILD_LIST, true },
};

static const struct build_row *find_row(const struct engine *e, const char *option)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct build_row *row = &rows[i];

		if (strcmp(row->option, option) == 0 && (!row->minor || engine_version_cmp(e, 1, row->minor, 0) >= 0) &&
		    (!row->before || engine_version_cmp(e, 1, row->before, 0) < 0))
			return row;
	}
	return NULL;
}

static bool has_word(const char *words, const char *word)
{
	struct str rest = str_from(words), one;
	bool yes;
	const char *meant = bool_parse(str_from(word), &yes) ? (yes ? "true" : "false") : word;

	while (rest.n) {
		if (!str_cut(rest, ' ', &one, &rest))
			rest = (struct str){ 0 };
		if (str_eq_z(one, word) || str_eq_z(one, meant))
			return true;
	}
	return false;
}

/* A KEY that is not set here stays away, as podman does it. */
static struct json_object *args_object(const struct strv *values)
{
	struct json_object *map = json_object_new_object();

	for (size_t i = 0; i < values->n; i++) {
		struct str key, value;
		bool given = str_cut(str_from(values->v[i]), '=', &key, &value);
		CLEANUP(free_p) char *name = str_dup(key);
		const char *own = name && !given ? getenv(name) : NULL;

		if (!name)
			continue;
		if (given)
			js_set(map, name, js_strn(value));
		else if (own)
			js_set_str(map, name, own);
		else
			json_object_object_del(map, name);
	}
	return map;
}

static struct json_object *runtime_args(const struct strv *values)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < values->n; i++) {
		CLEANUP(buf_done) struct buf flag = BUF_INIT(64 * 1024);

		buf_addf(&flag, "--%s", values->v[i]);
		json_object_array_add(list, js_str(buf_z(&flag)));
	}
	return list;
}

static const char *pull_policy(const char *word)
{
	static const char *const words[][2] = {
		{ "always", "PullAlways" },     { "true", "PullAlways" },     { "", "PullAlways" },
		{ "missing", "PullIfMissing" }, { "false", "PullIfMissing" }, { "ifmissing", "PullIfMissing" },
		{ "never", "PullNever" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(word, words[i][0]) == 0)
			return words[i][1];
	return NULL;
}

static const char *mime_of(const char *format)
{
	if (strcmp(format, "oci") == 0)
		return "application/vnd.oci.image.manifest.v1+json";
	return strcmp(format, "docker") == 0 ? "application/vnd.docker.distribution.manifest.v2+json" : NULL;
}

/* NULL: not a value of the type. */
static struct json_object *row_value(const struct build_row *row, const struct strv *values)
{
	const char *last = values->v[values->n - 1], *word;
	int64_t number;
	bool yes;

	switch (row->type) {
	case BUILD_LIST:
		return js_strv(values->v, values->n);
	case BUILD_ARGS:
		return args_object(values);
	case BUILD_RUNTIME_FLAG:
		return runtime_args(values);
	case BUILD_INT:
		return int_parse(str_from(last), &number) ? json_object_new_int64(number) : NULL;
	case BUILD_SIZE:
		return size_parse(str_from(last), &number) ? json_object_new_int64(number) : NULL;
	case BUILD_BOOL:
	case BUILD_SQUASH:
	case BUILD_SQUASH_ALL:
	case BUILD_PULL_ALWAYS:
	case BUILD_PULL_NEVER:
		return bool_parse(str_from(last), &yes) ? json_object_new_boolean(yes) : NULL;
	case BUILD_PULL:
		word = pull_policy(last);
		return word ? js_str(word) : NULL;
	case BUILD_FORMAT:
		word = mime_of(last);
		return word ? js_str(word) : NULL;
	default:
		return js_str(last);
	}
}

/* "linux/arm64" */
static int put_platform(const struct engine *e, const struct strv *values, struct json_object *build, struct error *err)
{
	struct str os, arch, variant = { 0 };

	if (values->n > 1 || strchr(values->v[0], ','))
		return engine_unsupported(e, err, "build for several platforms");
	if (!str_cut(str_from(values->v[0]), '/', &os, &arch))
		return error_set(err, ERR_USAGE, "invalid platform syntax for \"%s\" (use OS/ARCH[/VARIANT][,...])", values->v[0]);
	if (str_cut(arch, '/', &arch, &variant) && variant.n)
		return engine_unsupported(e, err, "the variant in --platform %s", values->v[0]);
	js_set(build, "os", js_strn(os));
	js_set(build, "architecture", js_strn(arch));
	return 0;
}

/* What is more than one field. squash keeps the layers of the base image, which is what a build without layers makes. */
static void put_value(const struct build_row *row, struct json_object *value, struct json_object *build)
{
	bool yes = json_object_get_boolean(value);

	switch (row->type) {
	case BUILD_SQUASH:
	case BUILD_SQUASH_ALL:
		if (yes)
			js_set_bool(build, "layers", false);
		js_set_bool(build, "squash", js_get_bool(build, "squash", false) || (yes && row->type == BUILD_SQUASH_ALL));
		json_object_put(value);
		return;
	case BUILD_PULL_ALWAYS:
	case BUILD_PULL_NEVER:
		if (yes)
			js_set_str(build, "pullPolicy", row->field);
		json_object_put(value);
		return;
	default:
		js_set(row->inner ? js_get(build, "buildOptions") : build, row->field, value);
	}
}

static int put_option(const struct engine *e, const struct flag *f, struct json_object *build, struct error *err)
{
	const struct build_row *row = find_row(e, f->name);
	struct json_object *value;

	if (!row)
		return engine_unsupported(e, err, "build --%s", f->name);
	if (f->values.n == 0)
		return 0;
	if (row->type == BUILD_PLATFORM)
		return put_platform(e, &f->values, build, err);
	if (row->type == BUILD_ONLY) {
		const char *last = f->values.v[f->values.n - 1];

		return !row->field || has_word(row->field, last) ? 0 : engine_unsupported(e, err, "build --%s=%s", f->name, last);
	}
	value = row_value(row, &f->values);
	if (!value && row->type == BUILD_PULL)
		return engine_unsupported(e, err, "build --pull=%s", f->values.v[f->values.n - 1]);
	if (!value)
		return error_set(err, ERR_USAGE, "invalid value \"%s\" for --%s", f->values.v[f->values.n - 1], f->name);
	put_value(row, value, build);
	return 0;
}

/* What podman's own client sends when nothing is asked for; members with an empty value may be absent. */
static struct json_object *defaults(void)
{
	struct json_object *build = json_object_new_object(), *options = json_object_new_object();

	/* Empty, the service would mount no /dev/shm at all. */
	js_set_str(options, "shmSize", "65536k");
	js_set(build, "buildOptions", options);
	/* Without, an ARG in the Dockerfile kills the whole service (1.6.2, 1.8.0). */
	js_set(build, "buildArgs", json_object_new_object());
	js_set_bool(build, "layers", true);
	js_set_bool(build, "remoteIntermediateCtrs", true);
	js_set_bool(build, "forceRmIntermediateCtrs", true);
	js_set_str(build, "outputFormat", mime_of("oci"));
	js_set_str(build, "pullPolicy", "PullIfMissing");
	return build;
}

/* The services look for a Dockerfile by its base name in the context's top folder. */
static int put_dockerfiles(const struct engine *e, const struct strv *names, struct json_object *build, struct error *err)
{
	for (size_t i = 0; i < names->n; i++)
		if (strchr(names->v[i], '/'))
			return engine_unsupported(e, err, "a Dockerfile below the top of the build context (%s)", names->v[i]);
	js_set(build, "dockerfiles", js_strv(names->v, names->n));
	return 0;
}

int build_object(const struct engine *e, const struct build_req *q, const char *output, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *build = defaults();
	int r = 0;

	if (q->auth_map)
		return engine_unsupported(e, err, "build with the credentials of this machine");
	if (q->dockerfiles)
		r = put_dockerfiles(e, q->dockerfiles, build, err);
	for (size_t i = 0; r == 0 && q->flags && i < q->flags->n; i++)
		r = put_option(e, &q->flags->v[i], build, err);
	/* An option "quiet" is there too when it was typed; the request knows better. */
	if (r == 0 && q->quiet)
		js_set_bool(build, "quiet", true);
	if (r < 0)
		return r;
	js_set_str(build, "output", output);
	if (q->tags && q->tags->n > 1)
		js_set(build, "additionalTags", js_strv(q->tags->v + 1, q->tags->n - 1));
	*ret = ptr_take(&build);
	return 0;
}

int build_exit_status(const char *text)
{
	static const char word[] = "exit status ";
	const char *at = NULL;
	int64_t n;

	for (const char *p = text; (p = strstr(p, word)); p++)
		at = p + sizeof word - 1;
	return at && int_parse(str_trim(str_from(at)), &n) && n > 0 && n < 256 ? (int)n : -1;
}
