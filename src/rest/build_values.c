/* rest/build_values.c: options of build that are one parameter. */
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "rest/build.h"

static const char *last(const struct strv *values)
{
	return values->v[values->n - 1];
}

bool build_at_least(const struct build_query *b, int version)
{
	return rest_at_least(b->rest, version / 1000, version % 1000, 0);
}

int build_unsupported(const struct build_query *b, const char *flag, struct error *err)
{
	return engine_unsupported(&b->rest->engine, err, "build --%s", flag);
}

int build_bad_value(const char *flag, const char *value, const char *why, struct error *err)
{
	return error_set(err, ERR_USAGE, "invalid value \"%s\" of --%s: %s", value, flag, why);
}

int build_put_str(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	(void)err;
	if (*last(values))
		rest_query(b->url, row->param, last(values));
	return 0;
}

static int parse_bool(const struct build_row *row, const struct strv *values, bool *ret, struct error *err)
{
	if (!bool_parse(str_from(last(values)), ret))
		return build_bad_value(row->flag, last(values), "it is neither true nor false", err);
	return 0;
}

int build_put_bool(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	bool on;
	int r = parse_bool(row, values, &on, err);

	if (r >= 0)
		rest_query_bool(b->url, row->param, on);
	return r;
}

int build_put_true(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	bool on;
	int r = parse_bool(row, values, &on, err);

	if (r >= 0 && on)
		rest_query_bool(b->url, row->param, true);
	return r;
}

int build_put_int(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	int64_t n;

	if (!int_parse(str_from(last(values)), &n))
		return build_bad_value(row->flag, last(values), "it is not such a number", err);
	rest_query_int(b->url, row->param, n);
	return 0;
}

int build_put_size(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	int64_t bytes;

	if (!*last(values))
		return 0;
	if (!size_parse(str_from(last(values)), &bytes))
		return error_set(err, ERR_USAGE, "invalid value for %s: invalid size: '%s'", row->flag, last(values));
	rest_query_int(b->url, row->param, bytes);
	return 0;
}

int build_put_each(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	(void)err;
	rest_query_each(b->url, row->param, values);
	return 0;
}

int build_put_list(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	(void)err;
	rest_query_list(b->url, row->param, values);
	return 0;
}

int build_put_map(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *map = json_object_new_object();

	for (size_t i = 0; i < values->n; i++) {
		struct str key, value = STR("");

		str_cut(str_from(values->v[i]), '=', &key, &value);
		if (!spec_set_in(map, key, js_strn(value)))
			return error_set(err, ERR_SYSTEM, "--%s: out of memory", row->flag);
	}
	rest_query(b->url, row->param, js_wire(map));
	return 0;
}

int build_put_never(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err)
{
	bool on;

	if (bool_parse(str_from(last(values)), &on) && !on)
		return 0;
	return build_unsupported(b, row->flag, err);
}
