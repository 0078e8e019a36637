/* Tables of templates over one document, shared by the tests of the template engine. */
#ifndef TEMPLATE_ROWS_H
#define TEMPLATE_ROWS_H

#include "unit.h"

#include "base/buf.h"
#include "base/js.h"
#include "base/path.h"
#include "output/template.h"

struct template_row {
	const char *text;
	const char *want;
};

static struct json_object *dot;

static int dot_load(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(64 * 1024);

	(void)state;
	if (path_read(TEST_DATA "/template/dot.json", &b, NULL) < 0)
		return -1;
	return js_parse(buf_str(&b), "dot.json", &dot, NULL);
}

static int dot_free(void **state)
{
	(void)state;
	json_object_put(dot);
	return 0;
}

static int render(const char *text, struct json_object *value, const struct template_shape *shape, struct buf *out,
		  struct error *err)
{
	CLEANUP(template_free_p) struct template *t = NULL;
	int r = template_parse(str_from(text), "x", &t, err);

	return r < 0 ? r : template_run(t, value, shape, out, err);
}

static void check_output(const char *text, struct json_object *value, const struct template_shape *shape, const char *want)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(1024 * 1024);
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (render(text, value, shape, &out, &err) < 0)
		row_fail(text, "%s", err.text);
	if (strcmp(buf_z(&out), want) != 0)
		row_fail(text, "prints \"%s\"", buf_z(&out));
}

/* want: the message without "template: x:" and, where they are, the words in the middle (middle: "" for none). */
static void check_refusal(const char *text, struct json_object *value, const struct template_shape *shape, const char *middle,
			  const char *want)
{
	static const char start[] = "template: x:";
	CLEANUP(buf_done) struct buf out = BUF_INIT(1024 * 1024), got = BUF_INIT(64 * 1024);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	const char *rest, *at;

	if (render(text, value, shape, &out, &err) != -ERR_USAGE)
		row_fail(text, "is not refused: \"%s\"", buf_z(&out));
	if (strncmp(err.text, start, strlen(start)) != 0)
		row_fail(text, "%s", err.text);
	rest = err.text + strlen(start);
	at = strstr(rest, middle);
	buf_add_bytes(&got, rest, at ? (size_t)(at - rest) : 0);
	buf_add_z(&got, at ? at + strlen(middle) : rest);
	if (strcmp(buf_z(&got), want) != 0)
		row_fail(text, "%s", err.text);
}

/* middle: NULL when the templates print; else they fail. */
static void check_rows(const struct template_row *rows, size_t n, const char *middle)
{
	for (size_t i = 0; i < n; i++)
		if (middle)
			check_refusal(rows[i].text, dot, NULL, middle, rows[i].want);
		else
			check_output(rows[i].text, dot, NULL, rows[i].want);
}

#endif
