/* rest/spec_health.c: health checks. Defaults are podman's own: 30s, 30s, 3 tries, no start period. */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/units.h"
#include "rest/spec.h"

/* Values as the API has them. */
static const struct {
	const char *word;
	int number;
} failure_actions[] = { { "none", 0 }, { "kill", 2 }, { "restart", 3 }, { "stop", 4 } };

int spec_put_on_failure(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	const char *word = spec_last(values);

	for (size_t i = 0; i < ARRAY_LEN(failure_actions); i++) {
		if (strcmp(failure_actions[i].word, word) == 0) {
			spec_set(s, row->field, json_object_new_int(failure_actions[i].number));
			return 0;
		}
	}
	return error_set(err, ERR_USAGE,
			 "invalid on-failure action \"%s\" for health check: supported actions are none,kill,restart,stop", word);
}

/* Go's strings.Fields. */
static struct json_object *fields(const char *text)
{
	struct json_object *list = json_object_new_array();

	while (*(text += strspn(text, " \t\n\r\v\f"))) {
		size_t n = strcspn(text, " \t\n\r\v\f");

		json_object_array_add(list, js_strn((struct str){ text, n }));
		text += n;
	}
	return list;
}

static struct json_object *one_word(const char *word)
{
	struct json_object *list = json_object_new_array();

	json_object_array_add(list, js_str(word));
	return list;
}

static bool first_is(struct str first, const char *word)
{
	return first.n == strlen(word) && strncasecmp(first.p, word, first.n) == 0;
}

/* A JSON array: ["CMD-SHELL", ...] and ["NONE"] as they are, other words behind CMD. Owned by the caller; NULL: the text is none. */
static struct json_object *test_of_array(const char *text)
{
	CLEANUP(js_put_p) struct json_object *in = NULL;
	struct json_object *out;
	struct str first;

	if (js_parse(str_from(text), "value", &in, NULL) < 0 || !json_object_is_type(in, json_type_array) || !js_len(in))
		return NULL;
	first = js_text(js_at(in, 0));
	if (first_is(first, "NONE"))
		return one_word("NONE");
	if (first_is(first, "CMD") || first_is(first, "CMD-SHELL"))
		return ptr_take(&in);
	out = one_word(js_len(in) > 1 ? "CMD" : "CMD-SHELL");
	for (size_t i = 0; i < js_len(in); i++)
		json_object_array_add(out, js_strn(js_text(js_at(in, i))));
	return out;
}

/* A line for the shell; CMD or NONE in front of it are meant as in a Containerfile. */
static struct json_object *test_of_line(const char *text)
{
	size_t n = strcspn(text, " ");
	struct str first = { text, n };
	struct json_object *out;

	if (first_is(first, "NONE"))
		return one_word("NONE");
	if (first_is(first, "CMD"))
		return fields(text);
	if (first_is(first, "CMD-SHELL")) {
		out = one_word("CMD-SHELL");
		text += n + (text[n] == ' ');
	} else {
		out = one_word("CMD-SHELL");
	}
	json_object_array_add(out, js_str(text));
	return out;
}

/* "disable" is the interval 0. */
static int put_duration(struct spec *s, const char *flag, const char *dflt, struct json_object *o, const char *key, int64_t min_ns,
			struct error *err)
{
	const char *text = spec_value(s, flag);
	int64_t ns;

	text = text ? text : dflt;
	if (strcmp(text, "disable") == 0)
		text = "0";
	if (!duration_parse(str_from(text), &ns))
		return error_set(err, ERR_USAGE, "invalid %s: time: invalid duration \"%s\"", flag, text);
	if (ns < min_ns)
		return error_set(err, ERR_USAGE, "%s must be at least %s: %s", flag, min_ns ? "1 second" : "0 seconds", text);
	js_set_int(o, key, ns);
	return 0;
}

static int put_count(struct spec *s, const char *flag, int64_t dflt, int64_t min, struct json_object *o, const char *key,
		     struct error *err)
{
	const char *text = spec_value(s, flag);
	int64_t n = dflt;

	if (text && (!int_parse(str_from(text), &n) || n < min))
		return error_set(err, ERR_USAGE, "%s must be %s %d: %s", flag, min ? "greater than" : "at least", 0, text);
	js_set_int(o, key, n);
	return 0;
}

static struct json_object *test_of(const char *text)
{
	struct json_object *test = test_of_array(text);

	return test ? test : test_of_line(text);
}

static int put_check(struct spec *s, const char *cmd, struct error *err)
{
	struct json_object *o = spec_map(s, "healthconfig");
	int r;

	js_set(o, "Test", test_of(cmd));
	if ((r = put_duration(s, "health-interval", "30s", o, "Interval", 0, err)) < 0 ||
	    (r = put_duration(s, "health-timeout", "30s", o, "Timeout", 1, err)) < 0 ||
	    (r = put_duration(s, "health-start-period", "0s", o, "StartPeriod", 0, err)) < 0)
		return r;
	return put_count(s, "health-retries", 3, 1, o, "Retries", err);
}

static int put_startup_check(struct spec *s, const char *cmd, struct error *err)
{
	struct json_object *o = spec_map(s, "startupHealthConfig");
	int r;

	js_set(o, "Test", test_of(cmd));
	if ((r = put_duration(s, "health-startup-interval", "30s", o, "Interval", 0, err)) < 0 ||
	    (r = put_duration(s, "health-startup-timeout", "30s", o, "Timeout", 1, err)) < 0 ||
	    (r = put_count(s, "health-startup-retries", 0, 0, o, "Retries", err)) < 0)
		return r;
	return put_count(s, "health-startup-success", 0, 0, o, "Successes", err);
}

int spec_group_health(struct spec *s, struct error *err)
{
	const char *cmd = spec_value(s, "health-cmd"), *startup = spec_value(s, "health-startup-cmd");
	bool off = flags_bool(s->flags, "no-healthcheck", false);
	int r;

	if (off && (cmd || startup))
		return error_set(err, ERR_USAGE, "cannot specify both --no-healthcheck and --%s",
				 cmd ? "health-cmd" : "health-startup-cmd");
	if (off) {
		js_set(spec_map(s, "healthconfig"), "Test", one_word("NONE"));
		return 0;
	}
	r = cmd ? put_check(s, cmd, err) : 0;
	return r == 0 && startup ? put_startup_check(s, startup, err) : r;
}
