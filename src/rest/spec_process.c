/* rest/spec_process.c: what runs in the container and how it is watched: environment, entry point, signals, restarts, logs. */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/units.h"
#include "rest/spec.h"

#define POD_FILE_MAX 4096

/* A JSON array of strings, owned by the caller; NULL when the text is none. */
static struct json_object *string_array(const char *text)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;

	if (js_parse(str_from(text), "value", &o, NULL) < 0 || !json_object_is_type(o, json_type_array))
		return NULL;
	for (size_t i = 0; i < js_len(o); i++)
		if (!json_object_is_type(js_at(o, i), json_type_string))
			return NULL;
	return ptr_take(&o);
}

/* A JSON array, or one word; the empty word takes the image's entry point away. */
int spec_put_entrypoint(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	struct json_object *words = string_array(spec_last(values));

	(void)err;
	if (!words) {
		words = json_object_new_array();
		json_object_array_add(words, js_str(spec_last(values)));
	}
	spec_set(s, row->field, words);
	return 0;
}

int spec_put_tty(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	int r = spec_put_true(s, row, values, err);

	/* Some runtimes look at this annotation. */
	if (r == 0 && js_get(s->o, row->field))
		js_set_str(spec_map(s, "annotations"), "io.kubernetes.cri-o.TTY", "true");
	return r;
}

/* volatile: what is removed at its end needs no syncing of its files. */
int spec_put_rm(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	int r = spec_put_true(s, row, values, err);

	if (r == 0 && js_get(s->o, row->field))
		js_set_bool(s->o, "volatile", true);
	return r;
}

/* Written by pod create on this machine; its first line is the pod's ID. */
int spec_put_pod_file(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(POD_FILE_MAX);
	struct str id;
	int r;

	if (spec_value(s, "pod"))
		return error_set(err, ERR_USAGE, "cannot specify both --pod and --pod-id-file");
	r = path_read(spec_last(values), &text, err);
	if (r < 0)
		return error_context(err, "reading pod ID file");
	str_cut(buf_str(&text), '\n', &id, NULL);
	spec_set(s, row->field, js_strn(id));
	return 0;
}

int spec_put_platform(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	static const char *const fields[] = { "image_os", "image_arch", "image_variant" };
	struct str rest = str_from(spec_last(values)), word;
	bool more = true;

	(void)row;
	(void)err;
	for (size_t i = 0; more && i < ARRAY_LEN(fields); i++) {
		more = str_cut(rest, '/', &word, &rest);
		if (word.n)
			spec_set(s, fields[i], js_strn(word));
	}
	return 0;
}

/* The host's numbers, not those of the machine that this runs on. */
static const char *const signals[] = {
	[1] = "HUP",   [2] = "INT",     [3] = "QUIT",  [4] = "ILL",    [5] = "TRAP",  [6] = "ABRT",  [7] = "BUS",   [8] = "FPE",
	[9] = "KILL",  [10] = "USR1",   [11] = "SEGV", [12] = "USR2",  [13] = "PIPE", [14] = "ALRM", [15] = "TERM", [16] = "STKFLT",
	[17] = "CHLD", [18] = "CONT",   [19] = "STOP", [20] = "TSTP",  [21] = "TTIN", [22] = "TTOU", [23] = "URG",  [24] = "XCPU",
	[25] = "XFSZ", [26] = "VTALRM", [27] = "PROF", [28] = "WINCH", [29] = "IO",   [30] = "PWR",  [31] = "SYS",
};
#define SIGNAL_RTMIN 34
#define SIGNAL_RTMAX 64

/* RTMIN, RTMIN+n, RTMAX, RTMAX-n. */
static int64_t realtime_signal(const char *name)
{
	bool from_max = strncasecmp(name, "RTMAX", 5) == 0;
	int64_t n = 0;

	if (!from_max && strncasecmp(name, "RTMIN", 5) != 0)
		return 0;
	if (name[5] &&
	    (name[5] != (from_max ? '-' : '+') || !int_parse(str_from(name + 6), &n) || n < 0 || n > SIGNAL_RTMAX - SIGNAL_RTMIN))
		return 0;
	return from_max ? SIGNAL_RTMAX - n : SIGNAL_RTMIN + n;
}

static int64_t signal_number(const char *name)
{
	int64_t n;

	if (int_parse(str_from(name), &n))
		return n;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 1; i < ARRAY_LEN(signals); i++)
		if (strcasecmp(name, signals[i]) == 0)
			return (int64_t)i;
	return realtime_signal(name);
}

int spec_put_signal(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	int64_t n = signal_number(spec_last(values));

	if (!*spec_last(values))
		return 0;
	if (n < 1 || n > SIGNAL_RTMAX)
		return error_set(err, ERR_USAGE, "invalid signal: %s", spec_last(values));
	spec_set(s, row->field, json_object_new_int64(n));
	return 0;
}

int spec_put_restart(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	struct str policy, tries, more;
	bool has_tries = str_cut(str_from(spec_last(values)), ':', &policy, &tries);
	int64_t n = 0;

	if (str_eq(policy, STR("no")) || policy.n == 0)
		return 0;
	if (has_tries && str_cut(tries, ':', &tries, &more))
		return error_set(err, ERR_USAGE, "invalid restart policy: may specify retries at most once: %s", spec_last(values));
	if (has_tries && !str_eq(policy, STR("on-failure")))
		return error_set(err, ERR_USAGE, "restart policy retries can only be specified with on-failure restart policy: %s",
				 spec_last(values));
	if (has_tries && !int_parse(tries, &n))
		return error_set(err, ERR_USAGE, "parsing restart policy retry count: invalid number \"%.*s\"", STR_ARG(tries));
	if (n < 0)
		return error_set(err, ERR_USAGE, "must specify restart policy retry count as a number greater than 0: %s",
				 spec_last(values));
	spec_set(s, row->field, js_strn(policy));
	if (has_tries)
		spec_set(s, "restart_tries", json_object_new_int64(n));
	return 0;
}

/* Containers get the host's proxy variables unless the user says no; only an explicit value says so to all versions. */
int spec_group_proxy(struct spec *s, struct error *err)
{
	(void)err;
	js_set_bool(s->o, "httpproxy", flags_bool(s->flags, "http-proxy", true));
	return 0;
}

/* Logs. */

static int put_log_option(struct spec *s, const char *text, struct error *err)
{
	struct str key, value;
	int64_t bytes;

	if (!str_cut(str_from(text), '=', &key, &value))
		return error_set(err, ERR_USAGE, "invalid log option \"%s\"", text);
	if (key.n == 6 && strncasecmp(key.p, "driver", 6) == 0) {
		spec_set(s, "log_configuration.driver", js_strn(value));
	} else if (key.n == 4 && strncasecmp(key.p, "path", 4) == 0) {
		spec_set(s, "log_configuration.path", js_strn(value));
	} else if (key.n == 8 && strncasecmp(key.p, "max-size", 8) == 0) {
		if (!size_parse_decimal(value, &bytes))
			return error_set(err, ERR_USAGE, "invalid log option \"%s\": invalid size: '%.*s'", text, STR_ARG(value));
		spec_set(s, "log_configuration.size", json_object_new_int64(bytes));
	} else if (!spec_set_in(spec_map(s, "log_configuration.options"), key, js_strn(value))) {
		return error_set(err, ERR_SYSTEM, "--log-opt: out of memory");
	}
	return 0;
}

int spec_put_log_options(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	(void)row;
	for (size_t i = 0; i < values->n; i++) {
		int r = put_log_option(s, values->v[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}
