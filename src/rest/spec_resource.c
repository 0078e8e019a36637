/* rest/spec_resource.c: limits and devices. */
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "rest/spec.h"

#define CPU_PERIOD_US 100000

/* Memory. */

static int memory_size(struct spec *s, const char *flag, int64_t *ret, struct error *err)
{
	const char *text = spec_value(s, flag);

	*ret = 0;
	if (text && !size_parse(str_from(text), ret))
		return error_set(err, ERR_USAGE, "invalid value for memory: invalid size: '%s'", text);
	return 0;
}

/* A limit alone allows as much swap again, as podman has it. */
int spec_group_memory(struct spec *s, struct error *err)
{
	const char *swap_text = spec_value(s, "memory-swap"), *swappiness = spec_value(s, "memory-swappiness");
	int64_t limit, swap, n;
	int r;

	if ((r = memory_size(s, "memory", &limit, err)) < 0 || (r = memory_size(s, "memory-swap", &swap, err)) < 0)
		return r;
	if (limit > 0)
		spec_set(s, "resource_limits.memory.limit", json_object_new_int64(limit));
	if (limit > 0 && !swap_text && limit <= INT64_MAX / 2)
		swap = 2 * limit;
	if (swap > 0) /* -1, for no limit, is what the kernel does when nothing is said; services refuse the number */
		spec_set(s, "resource_limits.memory.swap", json_object_new_int64(swap));
	if (swappiness && (!int_parse(str_from(swappiness), &n) || n < -1 || n > 100))
		return error_set(err, ERR_USAGE, "invalid value \"%s\" for memory-swappiness: it goes from 0 to 100", swappiness);
	if (swappiness && n >= 0)
		spec_set(s, "resource_limits.memory.swappiness", json_object_new_int64(n));
	return 0;
}

/* Processors and weights. */

int spec_put_cpus(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	static const char *const rivals[] = { "cpu-period", "cpu-quota" };
	const char *text = spec_last(values);
	double cpus;
	int64_t n;

	if (!float_parse(str_from(text), &cpus) || cpus < 0 || cpus > 1e9)
		return error_set(err, ERR_USAGE, "invalid argument \"%s\" for \"--%s\" flag: it is no number of processors", text,
				 row->flag);
	if (cpus == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(rivals); i++) {
		const char *rival = spec_value(s, rivals[i]);

		if (rival && int_parse(str_from(rival), &n) && n > 0)
			return error_set(err, ERR_USAGE, "--%s and --cpus cannot be set together", rivals[i]);
	}
	spec_set(s, "resource_limits.cpu.period", json_object_new_int64(CPU_PERIOD_US));
	spec_set(s, "resource_limits.cpu.quota", json_object_new_int64((int64_t)(cpus * CPU_PERIOD_US)));
	return 0;
}

int spec_put_weight(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	const char *text = spec_last(values);
	int64_t n;

	if (!*text)
		return 0;
	if (!int_parse(str_from(text), &n) || n < 0 || n > UINT16_MAX)
		return error_set(err, ERR_USAGE, "invalid value for blkio-weight: \"%s\" is no number from 0 to %d", text,
				 UINT16_MAX);
	spec_set(s, row->field, json_object_new_int64(n));
	return 0;
}

/* Services before 4.0 read it at the top, later ones among the limits. */
int spec_put_cgroup_conf(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	struct spec_row at_top = *row;

	at_top.field = "unified";
	return spec_put_map(s, spec_at_least(s, V(4, 0)) ? row : &at_top, values, err);
}

/* Device limits: "/dev/x:VALUE". */

static int split_device(const char *text, struct str *ret_path, struct str *ret_value, struct error *err)
{
	if (!str_cut(str_from(text), ':', ret_path, ret_value))
		return error_set(err, ERR_USAGE, "bad format: %s", text);
	if (!str_starts(*ret_path, STR("/dev/")))
		return error_set(err, ERR_USAGE, "bad format for device path: %s", text);
	return 0;
}

static int put_rates(struct spec *s, const struct spec_row *row, const struct strv *values, bool bytes, struct error *err)
{
	for (size_t i = 0; i < values->n; i++) {
		struct str path, value;
		struct json_object *o;
		int64_t rate;
		int r = split_device(values->v[i], &path, &value, err);

		if (r < 0)
			return r;
		if (!(bytes ? size_parse(value, &rate) : int_parse(value, &rate)) || rate < 0)
			return error_set(
				err, ERR_USAGE,
				"invalid rate for device: %s. The correct format is <device-path>:<number>%s. Number must be a positive "
				"integer%s",
				values->v[i], bytes ? "[<unit>]" : "", bytes ? ". Unit is optional and can be kb, mb, or gb" : "");
		o = json_object_new_object();
		js_set_int(o, "rate", rate);
		spec_set_in(spec_map(s, row->field), path, o);
	}
	return 0;
}

int spec_put_rate_bytes(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	return put_rates(s, row, values, true, err);
}

int spec_put_rate_count(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	return put_rates(s, row, values, false, err);
}

int spec_put_device_weights(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	for (size_t i = 0; i < values->n; i++) {
		struct str path, value;
		struct json_object *o;
		int64_t weight;
		int r = split_device(values->v[i], &path, &value, err);

		if (r < 0)
			return r;
		if (!int_parse(value, &weight) || weight < 0 || (weight > 0 && (weight < 10 || weight > 1000)))
			return error_set(err, ERR_USAGE, "invalid weight for device: %s", values->v[i]);
		o = json_object_new_object();
		js_set_int(o, "weight", weight);
		spec_set_in(spec_map(s, row->field), path, o);
	}
	return 0;
}

/* Devices. */

static void add_device(struct spec *s, const struct spec_row *row, const char *prefix, const char *path)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);
	struct json_object *o = json_object_new_object();

	buf_add_z(&text, prefix);
	buf_add_z(&text, path);
	js_set(o, "path", js_strn(buf_str(&text)));
	js_set_str(o, "type", "");
	js_set_int(o, "major", 0);
	js_set_int(o, "minor", 0);
	json_object_array_add(spec_list(s, row->field), o);
}

/* The service takes HOST:CONTAINER:PERMISSIONS apart. */
int spec_put_devices(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	(void)err;
	for (size_t i = 0; i < values->n; i++)
		add_device(s, row, "", values->v[i]);
	return 0;
}

int spec_put_gpus(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	(void)err;
	for (size_t i = 0; i < values->n; i++)
		add_device(s, row, "nvidia.com/gpu=", values->v[i]);
	return 0;
}

/* "*" is any number, and the member is left out then. */
static bool set_device_number(struct json_object *o, const char *key, struct str text)
{
	int64_t n;

	if (str_eq(text, STR("*")))
		return true;
	return int_parse(text, &n) && n >= 0 && js_set_int(o, key, n);
}

/* "c 42:* rwm" */
static int add_device_rule(struct spec *s, const struct spec_row *row, const char *text, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = json_object_new_object();
	struct str type, numbers, access, major, minor;

	if (!str_cut(str_from(text), ' ', &type, &numbers) || !str_cut(numbers, ' ', &numbers, &access) ||
	    memchr(access.p, ' ', access.n))
		return error_set(err, ERR_USAGE, "invalid device cgroup rule requires type, major:Minor, and access rules: \"%s\"",
				 text);
	if (type.n != 1 || !memchr("abc", type.p[0], 3))
		return error_set(err, ERR_USAGE, "invalid device type in device-access-add: %.*s", STR_ARG(type));
	for (size_t i = 0; i < access.n; i++)
		if (!memchr("rwm", access.p[i], 3))
			return error_set(err, ERR_USAGE, "invalid device access in device-access-add: %c", access.p[i]);
	if (!str_cut(numbers, ':', &major, &minor))
		minor = STR("*");
	js_set_bool(o, "allow", true);
	js_set(o, "type", js_strn(type));
	if (!set_device_number(o, "major", major) || !set_device_number(o, "minor", minor))
		return error_set(err, ERR_USAGE, "invalid device number in device cgroup rule: \"%s\"", text);
	js_set(o, "access", js_strn(access));
	json_object_array_add(spec_list(s, row->field), ptr_take(&o));
	return 0;
}

int spec_put_device_rules(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	for (size_t i = 0; i < values->n; i++) {
		int r = add_device_rule(s, row, values->v[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Ulimits. */

static bool is_ulimit(struct str name)
{
	static const char *const names[] = { "as",   "core",   "cpu",   "data", "fsize",  "locks",  "memlock",    "msgqueue",
					     "nice", "nofile", "nproc", "rss",  "rtprio", "rttime", "sigpending", "stack" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq_z(name, names[i]))
			return true;
	return false;
}

static int bad_ulimit(const char *text, struct error *err)
{
	return error_context(err, "ulimit option \"%s\" requires name=SOFT:HARD, failed to be parsed", text);
}

static int parse_ulimit(const char *text, struct str *ret_name, int64_t *soft, int64_t *hard, struct error *err)
{
	struct str name, limits, hard_text;
	bool has_hard;

	if (!str_cut(str_from(text), '=', &name, &limits))
		return error_set(err, ERR_USAGE, "invalid ulimit argument: %s", text);
	if (!is_ulimit(name))
		return error_set(err, ERR_USAGE, "invalid ulimit type: %.*s", STR_ARG(name));
	has_hard = str_cut(limits, ':', &limits, &hard_text);
	if (!int_parse(limits, soft) || *soft < -1 || (has_hard && (!int_parse(hard_text, hard) || *hard < -1)))
		return error_set(err, ERR_USAGE, "invalid ulimit value: %s", text);
	if (!has_hard)
		*hard = *soft;
	if (*hard != -1 && (*soft == -1 || *soft > *hard))
		return error_set(err, ERR_USAGE, "ulimit soft limit must be less than or equal to hard limit: %lld > %lld",
				 (long long)*soft, (long long)*hard);
	*ret_name = name;
	return 0;
}

/* -1 is no limit, which is the largest number on the wire. */
static struct json_object *limit_number(int64_t n)
{
	return n < 0 ? json_object_new_uint64(UINT64_MAX) : json_object_new_int64(n);
}

static int add_ulimit(struct spec *s, const struct spec_row *row, const char *text, struct error *err)
{
	struct json_object *o;
	int64_t soft, hard;
	struct str name;
	int r = parse_ulimit(text, &name, &soft, &hard, err);

	if (r < 0)
		return bad_ulimit(text, err);
	o = json_object_new_object();
	js_set(o, "type", js_strn(name));
	js_set(o, "soft", limit_number(soft));
	js_set(o, "hard", limit_number(hard));
	json_object_array_add(spec_list(s, row->field), o);
	return 0;
}

int spec_put_ulimits(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	for (size_t i = 0; i < values->n; i++) {
		int r;

		if (strcmp(values->v[i], "host") == 0) { /* the host's own limits: none are sent */
			json_object_object_del(s->o, row->field);
			return 0;
		}
		r = add_ulimit(s, row, values->v[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}
