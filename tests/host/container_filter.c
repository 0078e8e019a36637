#include "container_filter.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/units.h"
#include "words.h"

static bool name_matches(const char *name, struct str pattern)
{
	CLEANUP(free_p) char *z = str_dup(pattern);
	regex_t re;
	bool matches;

	if (!z || regcomp(&re, z, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	matches = regexec(&re, name, 0, NULL, 0) == 0;
	regfree(&re);
	return matches;
}

static bool label_matches(const struct container *c, struct str value)
{
	struct str key, want;
	bool with_value = str_cut(value, '=', &key, &want);
	CLEANUP(free_p) char *k = str_dup(key);
	struct json_object *have = k ? js_get(c->labels, k) : NULL;

	return have && (!with_value || str_eq(js_text(have), want));
}

static bool volume_matches(const struct container *c, struct str value)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (str_eq_z(value, c->mounts[i].destination) || str_ends(str_from(c->mounts[i].source), value))
			return true;
	return false;
}

static bool ancestor_matches(const struct container *c, struct str value)
{
	struct str name = str_from(c->image_name), base;

	if (str_starts(str_from(c->image_id), value) || str_eq(name, value) || str_ends(name, value))
		return true;
	return str_cut(name, ':', &base, NULL) && str_ends(base, value);
}

static bool before_or_since(const struct container *c, struct str value, bool before)
{
	CLEANUP(free_p) char *z = str_dup(value);
	struct container *other = z ? container_find(c->host, z) : NULL;

	return other && (before ? c->serial < other->serial : c->serial > other->serial);
}

static bool filter_matches(const struct container *c, struct str key, struct str value)
{
	int64_t code;

	if (str_eq_z(key, "id"))
		return memmem(c->id, strlen(c->id), value.p, value.n) != NULL;
	if (str_eq_z(key, "name"))
		return name_matches(c->name, value);
	if (str_eq_z(key, "status"))
		return str_eq_z(value, container_shown_state(c));
	if (str_eq_z(key, "label"))
		return label_matches(c, value);
	if (str_eq_z(key, "exited"))
		return c->exited && int_parse(value, &code) && code == c->exit_code;
	if (str_eq_z(key, "volume"))
		return volume_matches(c, value);
	if (str_eq_z(key, "ancestor"))
		return ancestor_matches(c, value);
	if (str_eq_z(key, "health"))
		return false;
	return before_or_since(c, value, str_eq_z(key, "before"));
}

static int check_filter(struct str filter, struct error *err)
{
	static const char *const keys[] = { "id",       "name",   "status", "label",  "exited", "volume",
					    "ancestor", "before", "since",  "health", NULL };
	static const char *const states[] = { "created", "running", "paused", "stopped", "exited", "unknown", "configured", NULL };
	struct str key, value;
	int64_t code;

	if (!str_cut(filter, '=', &key, &value))
		return error_set(err, ERR_USAGE, "filter input must be in the form of filter=value: %.*s is invalid",
				 STR_ARG(filter));
	if (!words_has(key, keys))
		return error_set(err, ERR_USAGE, "invalid filter: %.*s is an invalid filter", STR_ARG(key));
	if (str_eq_z(key, "status") && !words_has(value, states))
		return error_set(err, ERR_USAGE, "invalid filter: %.*s is not a valid status", STR_ARG(value));
	if (str_eq_z(key, "exited") && !int_parse(value, &code))
		return error_set(
			err, ERR_USAGE,
			"invalid filter: exited code out of range \"%.*s\": strconv.ParseInt: parsing \"%.*s\": invalid syntax",
			STR_ARG(value), STR_ARG(value));
	return 0;
}

int container_filters_check(struct json_object *filters, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < js_len(filters) && r == 0; i++)
		r = check_filter(js_text(js_at(filters, i)), err);
	return r;
}

bool container_filters_match(const struct container *c, struct json_object *filters)
{
	for (size_t i = 0; i < js_len(filters); i++) {
		struct str key, value;

		str_cut(js_text(js_at(filters, i)), '=', &key, &value);
		if (!filter_matches(c, key, value))
			return false;
	}
	return true;
}
