#include "cli/value.h"

#include "base/cleanup.h"
#include "base/units.h"
#include "cli/csv.h"
#include "cli/number.h"
#include "cli/quote.h"

/* A message quotes a value twice, each byte as \x00 at worst. */
#define MESSAGE_MAX (2 * 4 * 128 * 1024 + 1024)

static void *field_of(struct row_at at, void *args)
{
	return (char *)args + at.offset;
}

static int refuse(const struct opt *row, const char *text, const struct buf *why, struct error *err)
{
	CLEANUP(buf_done) struct buf m = BUF_INIT(MESSAGE_MAX);

	buf_add_z(&m, "invalid argument ");
	quote_add(&m, str_from(text));
	if (row->short_name)
		buf_addf(&m, " for \"-%c, --%s\" flag: ", row->short_name, row->long_name);
	else
		buf_addf(&m, " for \"--%s\" flag: ", row->long_name);
	buf_add(&m, buf_str(why));
	return error_set(err, ERR_USAGE, "%s", buf_z(&m));
}

/* strconv.NumError */
static int refuse_number(const struct opt *row, const char *text, const char *parser, enum number fault, struct error *err)
{
	CLEANUP(buf_done) struct buf why = BUF_INIT(MESSAGE_MAX);

	buf_addf(&why, "strconv.%s: parsing ", parser);
	quote_add(&why, str_from(text));
	buf_add_z(&why, fault == NUMBER_RANGE ? ": value out of range" : ": invalid syntax");
	return refuse(row, text, &why, err);
}

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

/* A typed value on its way into a field or a bag. */
union value {
	bool on;
	int64_t whole;
	double real;
};

/* fits_field: a bag keeps text, so a uint may use all 64 bits there. */
static int check(const struct opt *row, const char *text, bool fits_field, union value *v, struct error *err)
{
	struct str s = str_from(text);
	enum number fault = NUMBER_OK;
	const char *parser = "";
	uint64_t u = 0;

	switch (row->type) {
	case OPT_T_BOOL:
		parser = "ParseBool";
		fault = bool_parse(s, &v->on) ? NUMBER_OK : NUMBER_SYNTAX;
		break;
	case OPT_T_INT:
		parser = "ParseInt";
		fault = number_int(s, &v->whole);
		break;
	case OPT_T_UINT:
		parser = "ParseUint";
		fault = number_uint(s, &u);
		if (fault == NUMBER_OK && fits_field && u > INT64_MAX)
			fault = NUMBER_RANGE;
		v->whole = (int64_t)u;
		break;
	case OPT_T_FLOAT:
		parser = "ParseFloat";
		fault = number_float(s, &v->real);
		break;
	default:
		break;
	}
	return fault == NUMBER_OK ? 0 : refuse_number(row, text, parser, fault, err);
}

static int split(const struct opt *row, const char *text, struct strv *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf why = BUF_INIT(1024);

	if (csv_split(str_from(text), ret, &why))
		return 0;
	return why.n ? refuse(row, text, &why, err) : no_memory(err);
}

static int set_bag(const struct opt *row, struct flags *bag, const char *text, struct error *err)
{
	const char *name = row->alias_of ? row->alias_of : row->long_name;
	CLEANUP(strv_done) struct strv parts = { 0 };
	union value v;
	int r = check(row, text, false, &v, err);

	if (r < 0)
		return r;
	if (row->type == OPT_T_BOOL)
		text = v.on ? "true" : "false";
	r = row->type == OPT_T_SLICE ? split(row, text, &parts, err) : strv_add(&parts, text) ? 0 : no_memory(err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < parts.n; i++)
		if (!flags_add(bag, name, str_from(parts.v[i])))
			return no_memory(err);
	return 0;
}

int value_set(struct row_at at, void *args, const char *text, struct error *err)
{
	void *field = field_of(at, args);
	union value v;
	int r;

	if (at.row->flags & OPT_BAG)
		return set_bag(at.row, field, text, err);
	r = check(at.row, text, true, &v, err);
	if (r < 0)
		return r;
	switch (at.row->type) {
	case OPT_T_BOOL:
		*(bool *)field = v.on;
		return 0;
	case OPT_T_STR:
		*(const char **)field = text;
		return 0;
	case OPT_T_INT:
	case OPT_T_UINT:
		*(int64_t *)field = v.whole;
		return 0;
	case OPT_T_FLOAT:
		*(double *)field = v.real;
		return 0;
	case OPT_T_STRV:
		return strv_add(field, text) ? 0 : no_memory(err);
	case OPT_T_SLICE:
		return split(at.row, text, field, err);
	default:
		return error_set(err, ERR_SYSTEM, "--%s: the option table gives it no type", at.row->long_name);
	}
}

void value_done(struct row_at at, void *args)
{
	if (at.row->flags & OPT_BAG)
		flags_done(field_of(at, args));
	else if (at.row->type == OPT_T_STRV || at.row->type == OPT_T_SLICE)
		strv_done(field_of(at, args));
}
