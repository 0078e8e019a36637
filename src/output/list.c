#include "output/list.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/js.h"
#include "base/strv.h"
#include "output/header.h"
#include "output/json.h"
#include "output/tabular.h"
#include "output/template.h"

#define TABLE_MAX ((size_t)256 * 1024 * 1024) /* bytes of a table or of one JSON object */
#define ROWS_MAX  10000000                    /* kept for a template that ranges over them itself */

struct list {
	const struct list_spec *spec;
	enum list_mode mode;
	struct template *template;
	struct template_shape shape;
	bool no_heading;
	bool adds_line_end;       /* behind each row: the template has none */
	struct json_object *rows; /* when the template ranges over all rows itself */
	size_t n_rows;
	struct buf text; /* of the table until its widths are known; of one row in the other modes */
	FILE *out;
};

/* ---- the format ---- */

static struct str skip_blanks(struct str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = (struct str){ s.p + 1, s.n - 1 };
	return s;
}

static bool take(struct str *s, struct str word)
{
	*s = skip_blanks(*s);
	if (!str_starts(*s, word))
		return false;
	*s = (struct str){ s->p + word.n, s->n - word.n };
	return true;
}

/* "json", "{{json}}", "{{json .}}" with any blanks. */
static bool wants_json(const char *format)
{
	struct str s = str_trim(str_from(format));

	if (str_eq(s, STR("json")))
		return true;
	if (!take(&s, STR("{{")) || !take(&s, STR("json")))
		return false;
	take(&s, STR("."));
	return take(&s, STR("}}")) && s.n == 0;
}

/* "{{range .}}...": the template is about the whole list. */
static bool ranges_itself(const char *format)
{
	struct str s = str_from(format);

	return take(&s, STR("{{")) && take(&s, STR("range")) && take(&s, STR(".")) && take(&s, STR("}}"));
}

/* In a table blanks between the fields separate columns, as tabs do. */
static void blanks_to_tabs(char *format)
{
	int depth = 0;

	for (char *p = format; *p; p++) {
		if (strncmp(p, "{{", 2) == 0)
			depth = 1;
		else if (strncmp(p, "}}", 2) == 0)
			depth = 0;
		else if (*p == ' ' && !depth)
			*p = '\t';
	}
}

/* Text of the row's template; owned by the caller. */
static char *row_text(const struct list *l, const char *format)
{
	const char *columns = strstr(format, "table");
	char *text;

	if (l->mode != LIST_TABLE)
		return template_unescape(format);
	if (columns && columns == format)
		columns = str_trim(str_from(columns + strlen("table"))).p;
	text = template_unescape(columns && *columns ? columns : l->spec->table);
	if (text)
		blanks_to_tabs(text);
	return text;
}

static enum list_mode mode_of(const char *format)
{
	if (!format || !*format || strcmp(format, "table") == 0 || strncmp(format, "table ", 6) == 0 ||
	    strncmp(format, "table\\t", 7) == 0)
		return LIST_TABLE;
	return wants_json(format) ? LIST_JSON : LIST_TEMPLATE;
}

/* ---- the header ---- */

static const char *known_header(const struct list_spec *spec, const char *name)
{
	for (const struct list_field *f = spec->fields; f && f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f->header;
	return NULL;
}

static bool set_header(struct json_object *row, const struct list_spec *spec, const char *name)
{
	CLEANUP(buf_done) struct buf words = BUF_INIT(TEMPLATE_MAX_TEXT);
	const char *known = known_header(spec, name);

	if (!known)
		header_words(name, &words);
	return js_set_str(row, name, known ? known : buf_z(&words));
}

/* The row whose fields are their own headers. */
static struct json_object *header_row(const struct list_spec *spec, const struct strv *used)
{
	CLEANUP(js_put_p) struct json_object *row = json_object_new_object();

	for (size_t i = 0; i < used->n; i++)
		if (!row || !set_header(row, spec, used->v[i]))
			return NULL;
	return ptr_take(&row);
}

/* For templates that do with a field what a header can't: one column a field. */
static void plain_header(struct list *l, struct json_object *row, const struct strv *used)
{
	for (size_t i = 0; i < used->n; i++) {
		if (i > 0)
			buf_add_char(&l->text, '\t');
		buf_add_z(&l->text, js_get_str(row, used->v[i], ""));
	}
	buf_add_char(&l->text, '\n');
}

static int render_row(struct list *l, struct json_object *row, const struct template_shape *shape, struct error *err)
{
	int r = template_run(l->template, row, shape, &l->text, err);

	if (r == 0 && l->adds_line_end)
		buf_add_char(&l->text, '\n');
	return r;
}

static int add_header(struct list *l, struct error *err)
{
	CLEANUP(error_done) struct error ignored = ERROR_INIT;
	CLEANUP(js_put_p) struct json_object *row = NULL;
	CLEANUP(strv_done) struct strv used = { 0 };
	int r = template_fields(l->template, &used, err);

	if (r < 0)
		return r;
	row = header_row(l->spec, &used);
	if (!row)
		return error_set(err, ERR_SYSTEM, "%s: out of memory", l->spec->name);
	/* Without a shape: everything is text. */
	if (render_row(l, row, NULL, &ignored) < 0) {
		buf_clear(&l->text);
		plain_header(l, row, &used);
	}
	return buf_check(&l->text, l->spec->name, err);
}

/* ---- opening, rows, closing ---- */

static int open_template(struct list *l, const char *format, struct error *err)
{
	CLEANUP(free_p) char *text = NULL;
	int r;

	if (l->mode == LIST_TEMPLATE && ranges_itself(format)) {
		l->rows = json_object_new_array();
		if (!l->rows)
			return error_set(err, ERR_SYSTEM, "%s: out of memory", l->spec->name);
	}
	text = row_text(l, format ? format : "");
	if (!text)
		return error_set(err, ERR_SYSTEM, "%s: out of memory", l->spec->name);
	/* A trim marker at the end would take the line end too. */
	l->adds_line_end = !str_ends(str_from(text), STR("\n")) && !str_ends(str_from(text), STR(" -}}"));
	r = template_parse(str_from(text), l->spec->name, &l->template, err);
	if (r < 0 || l->mode != LIST_TABLE || l->no_heading)
		return r;
	return add_header(l, err);
}

int list_open(struct list **ret, const struct list_spec *spec, const char *format, bool no_heading, FILE *out, struct error *err)
{
	CLEANUP(list_free_p) struct list *l = calloc(1, sizeof *l);
	int r = 0;

	if (!l)
		return error_set(err, ERR_SYSTEM, "%s: out of memory", spec->name);
	*l = (struct list){
		.spec = spec, .mode = mode_of(format), .no_heading = no_heading, .out = out, .text = BUF_INIT(TABLE_MAX)
	};
	l->shape.go_type = spec->go_type;
	l->shape.text_times = spec->text_times;
	if (l->mode != LIST_JSON)
		r = open_template(l, format, err);
	if (r == 0)
		*ret = ptr_take(&l);
	return r;
}

enum list_mode list_mode(const struct list *l)
{
	return l->mode;
}

/* The rows before are out already, so that a long list does not pile up. */
static int print_text(struct list *l, struct error *err)
{
	int r = buf_check(&l->text, l->spec->name, err);

	if (r == 0)
		fwrite(buf_z(&l->text), 1, l->text.n, l->out);
	buf_clear(&l->text);
	return r;
}

static int json_row(struct list *l, struct json_object *row, struct error *err)
{
	int indent = l->spec->json_indent;

	buf_add_z(&l->text, l->n_rows ? "," : "[");
	if (indent > 0)
		buf_addf(&l->text, "\n%*s", indent, "");
	json_format(row, indent, 1, true, &l->text);
	return print_text(l, err);
}

static int keep_row(struct list *l, struct json_object *row, struct error *err)
{
	if (l->n_rows > ROWS_MAX || json_object_array_add(l->rows, json_object_get(row)) < 0)
		return error_set(err, ERR_SYSTEM, "%s: too many rows", l->spec->name);
	return 0;
}

int list_row(struct list *l, struct json_object *row, struct error *err)
{
	int r;

	if (l->mode == LIST_JSON) {
		r = json_row(l, row, err);
	} else if (l->rows) {
		r = keep_row(l, row, err);
	} else {
		r = render_row(l, row, &l->shape, err);
		if (r == 0 && l->mode == LIST_TEMPLATE)
			r = print_text(l, err);
	}
	l->n_rows++;
	return r;
}

static int close_table(struct list *l, struct error *err)
{
	CLEANUP(buf_done) struct buf aligned = BUF_INIT(2 * TABLE_MAX);
	bool own = l->spec->min_width || l->spec->padding;

	if (!tabular_align(buf_str(&l->text), own ? l->spec->min_width : 12, own ? l->spec->padding : 2, &aligned))
		return error_set(err, ERR_SYSTEM, "%s: the table is too large", l->spec->name);
	fwrite(buf_z(&aligned), 1, aligned.n, l->out);
	return 0;
}

static int close_json(struct list *l, struct error *err)
{
	if (l->n_rows == 0)
		buf_add_char(&l->text, '[');
	else if (l->spec->json_indent > 0)
		buf_add_char(&l->text, '\n');
	buf_add_z(&l->text, "]\n");
	return print_text(l, err);
}

static int close_whole(struct list *l, struct error *err)
{
	int r = render_row(l, l->rows, &l->shape, err);

	return r < 0 ? r : print_text(l, err);
}

int list_close(struct list *l, struct error *err)
{
	int r = 0;

	if (l->mode == LIST_TABLE)
		r = close_table(l, err);
	else if (l->mode == LIST_JSON)
		r = close_json(l, err);
	else if (l->rows)
		r = close_whole(l, err);
	if (r == 0 && (fflush(l->out) != 0 || ferror(l->out)))
		r = fd_output_failed("write the list", err);
	return r;
}

void list_free_p(struct list **l)
{
	if (!*l)
		return;
	template_free((*l)->template);
	json_object_put((*l)->rows);
	buf_done(&(*l)->text);
	free(*l);
}
