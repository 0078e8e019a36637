/* Rows for the tests of the TOML reader: a text and what it means, or where and how it breaks. */
#ifndef TOML_ROWS_H
#define TOML_ROWS_H

#include "unit.h"

#include "base/js.h"
#include "config/toml.h"

struct row {
	const char *in;
	size_t n;
	const char *want; /* JSON, or where the error is: "LINE:COLUMN" and words of its text */
};

#define T(text) text, sizeof(text) - 1

static void check_valid(const struct row *row)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(js_put_p) struct json_object *o = NULL;

	if (toml_parse((struct str){ row->in, row->n }, "f", &o, &err) < 0)
		row_fail(row->in, "%s", err.text);
	if (strcmp(js_wire(o), row->want) != 0)
		row_fail(row->in, "means %s, not %s", js_wire(o), row->want);
}

static void check_invalid(const struct row *row)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct json_object *o = NULL;
	const char *blank = strchr(row->want, ' ');
	size_t place = blank ? (size_t)(blank - row->want) : strlen(row->want);

	if (toml_parse((struct str){ row->in, row->n }, "f", &o, &err) != -ERR_USAGE)
		row_fail(row->in, "is taken as %s", o ? js_wire(o) : "nothing");
	assert_null(o);
	if (strncmp(err.text, "f:", 2) != 0 || strncmp(err.text + 2, row->want, place) != 0 || err.text[2 + place] != ':')
		row_fail(row->in, "\"%s\" is not at %s", err.text, row->want);
	if (blank && !strstr(err.text, blank + 1))
		row_fail(row->in, "\"%s\" does not say \"%s\"", err.text, blank + 1);
}

#define CHECK(rows, check)                                                                                                         \
	do {                                                                                                                       \
		for (size_t i_ = 0; i_ < ARRAY_LEN(rows); i_++)                                                                    \
			check(&(rows)[i_]);                                                                                        \
	} while (0)

#endif
