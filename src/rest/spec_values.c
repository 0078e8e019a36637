/* rest/spec_values.c: the rows whose value goes under one field as it is. */
#include <ctype.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "rest/spec.h"

static int bad_value(const struct spec_row *row, const char *value, const char *why, struct error *err)
{
	return error_set(err, ERR_USAGE, "invalid argument \"%s\" for \"--%s\" flag: %s", value, row->flag, why);
}

int spec_put_str(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	(void)err;
	if (*spec_last(values))
		spec_set(s, row->field, js_str(spec_last(values)));
	return 0;
}

int spec_put_lower(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);

	for (const char *p = spec_last(values); *p; p++)
		buf_add_char(&text, (char)tolower((unsigned char)*p));
	spec_set(s, row->field, js_strn(buf_str(&text)));
	return buf_check(&text, row->flag, err);
}

int spec_put_bool(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	bool on;

	if (!bool_parse(str_from(spec_last(values)), &on))
		return bad_value(row, spec_last(values), "it is neither true nor false", err);
	spec_set(s, row->field, json_object_new_boolean(on));
	return 0;
}

int spec_put_true(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	bool on;

	if (!bool_parse(str_from(spec_last(values)), &on))
		return bad_value(row, spec_last(values), "it is neither true nor false", err);
	if (on)
		spec_set(s, row->field, json_object_new_boolean(true));
	return 0;
}

static int put_number(struct spec *s, const struct spec_row *row, const struct strv *values, int64_t min, bool skip_zero,
		      struct error *err)
{
	int64_t n;

	if (!int_parse(str_from(spec_last(values)), &n) || n < min)
		return bad_value(row, spec_last(values), "it is not such a number", err);
	if (n > 0 || !skip_zero)
		spec_set(s, row->field, json_object_new_int64(n));
	return 0;
}

int spec_put_int(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	return put_number(s, row, values, INT64_MIN, false, err);
}

int spec_put_uint(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	return put_number(s, row, values, 0, false, err);
}

/* Zero and less are the flags' way of saying "not given". */
int spec_put_positive(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	return put_number(s, row, values, INT64_MIN, true, err);
}

int spec_put_size(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	int64_t bytes;

	if (!*spec_last(values))
		return 0;
	if (!size_parse(str_from(spec_last(values)), &bytes))
		return error_set(err, ERR_USAGE, "%s: invalid size: '%s'", row->words, spec_last(values));
	spec_set(s, row->field, json_object_new_int64(bytes));
	return 0;
}

int spec_put_list(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	struct json_object *list = spec_list(s, row->field);

	(void)err;
	for (size_t i = 0; i < values->n; i++)
		json_object_array_add(list, js_str(values->v[i]));
	return 0;
}

/* A value may be missing where the row has no words about it. */
int spec_put_map(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	struct json_object *map = spec_map(s, row->field);

	for (size_t i = 0; i < values->n; i++) {
		struct str key, value;

		if (!str_cut(str_from(values->v[i]), '=', &key, &value) && row->words)
			return error_set(err, ERR_USAGE, "%s: \"%s\"", row->words, values->v[i]);
		if (!spec_set_in(map, key, js_strn(value)))
			return error_set(err, ERR_SYSTEM, "--%s: out of memory", row->flag);
	}
	return 0;
}

int spec_put_unsupported(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	(void)values;
	return spec_unsupported(s, err, row->flag);
}
