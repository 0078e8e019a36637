#include "cmd/skopeo/show.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/session.h"
#include "output/json.h"
#include "output/tabular.h"
#include "output/template.h"

#define OUTPUT_MAX TEMPLATE_MAX_OUTPUT
#define INDENT     4

/* "json", "{{json}}" and "{{ json . }}" are no templates. */
bool show_is_json(const char *format)
{
	struct str t = str_trim(str_from(format));

	if (!t.n || str_eq(t, STR("json")))
		return true;
	if (t.n < 4 || !str_starts(t, STR("{{")) || !str_ends(t, STR("}}")))
		return false;
	t = str_trim((struct str){ t.p + 2, t.n - 4 });
	if (str_ends(t, STR(".")))
		t = str_trim((struct str){ t.p, t.n - 1 });
	return str_eq(t, STR("json"));
}

static int write_out(struct session *s, const struct buf *text, struct error *err)
{
	int r = buf_check(text, "output", err);

	if (r == 0 && fwrite(buf_z(text), 1, text->n, session_out(s)) != text->n)
		r = session_output_failed(err);
	return r;
}

static int show_json(struct session *s, struct json_object *o, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(OUTPUT_MAX);

	json_format(o, INDENT, 0, true, &text);
	buf_add_char(&text, '\n');
	return write_out(s, &text, err);
}

/* As skopeo puts it into its own template: columns in messages count from there. */
static char *row_of(const char *format)
{
	CLEANUP(buf_done) struct buf row = BUF_INIT(TEMPLATE_MAX_TEXT);
	CLEANUP(free_p) char *text = template_unescape(str_starts(str_from(format), STR("table ")) ? format + 6 : format);

	if (!text)
		return NULL;
	buf_addf(&row, "{{range . }}%s%s{{end}}", text, str_ends(str_from(text), STR("\n")) ? "" : "\n");
	return buf_take(&row);
}

static int show_template(struct session *s, struct json_object *o, const char *name, const char *format, struct error *err)
{
	static const struct template_shape shape = { .go_type = "interface {}" };
	CLEANUP(buf_done) struct buf text = BUF_INIT(OUTPUT_MAX);
	CLEANUP(buf_done) struct buf aligned = BUF_INIT(OUTPUT_MAX);
	CLEANUP(template_free_p) struct template *t = NULL;
	CLEANUP(js_put_p) struct json_object *rows = json_object_new_array();
	CLEANUP(free_p) char *row = row_of(format);
	int r = row ? template_parse(str_from(row), name, &t, err) : error_set(err, ERR_USAGE, "--format is too long");

	if (r < 0)
		return r;
	json_object_array_add(rows, json_object_get(o));
	if ((r = template_run(t, rows, &shape, &text, err)) < 0)
		return r;
	tabular_align(buf_str(&text), 8, 2, &aligned);
	return write_out(s, &aligned, err);
}

int show_value(struct session *s, struct json_object *o, const char *name, const char *format, struct error *err)
{
	return show_is_json(format) ? show_json(s, o, err) : show_template(s, o, name, format, err);
}
