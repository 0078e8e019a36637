/* config/yaml.c: lines first, each with its indentation; then blocks by recursion over them. "- " and what follows it become a line of their own in place. */
#include "config/yaml.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "config/yaml_flow.h"

struct line {
	size_t indent, number;
	struct str text; /* without indentation, comment and blanks at its end; never empty */
};

struct yaml {
	const char *name;
	struct line *lines;
	size_t n, at;
	unsigned depth;
};

static int wrong(const struct yaml *y, size_t number, const char *what, struct error *err)
{
	return error_set(err, ERR_USAGE, "%s:%zu: %s", y->name, number, what);
}

static int wrong_here(const struct yaml *y, const char *what, struct error *err)
{
	return wrong(y, y->lines[y->at < y->n ? y->at : y->n - 1].number, what, err);
}

/* ---- lines ------------------------------------------------------------------------------------------------------------- */

/* A comment begins with a # at the start or behind a blank, outside quotes. */
static struct str without_comment(struct str s)
{
	char quote = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (quote == '"' && c == '\\')
			i++;
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if ((c == '"' || c == '\'') && (i == 0 || strchr(" \t[{,:-", s.p[i - 1])))
			quote = c;
		else if (c == '#' && (i == 0 || s.p[i - 1] == ' ' || s.p[i - 1] == '\t'))
			return (struct str){ s.p, i };
	}
	return s;
}

static int add_line(struct yaml *y, struct str raw, size_t number, struct error *err)
{
	size_t indent = 0;
	struct str text;

	while (indent < raw.n && raw.p[indent] == ' ')
		indent++;
	text = str_trim(without_comment((struct str){ raw.p + indent, raw.n - indent }));
	if (!text.n)
		return 0;
	if (raw.p[indent] == '\t')
		return wrong(y, number, "a tab can't indent", err);
	if (memchr(text.p, '\0', text.n))
		return wrong(y, number, "a NUL character", err);
	if (indent == 0 && text.p[0] == '%')
		return wrong(y, number, "directives are not read here", err);
	if (indent == 0 && (str_eq_z(text, "---") || str_eq_z(text, "..."))) {
		if (!y->n || str_eq_z(text, "..."))
			return 0;
		return wrong(y, number, "a second document", err);
	}
	y->lines[y->n++] = (struct line){ indent, number, text };
	return 0;
}

static int split(struct yaml *y, struct str text, struct error *err)
{
	size_t count = 1;

	for (size_t i = 0; i < text.n; i++)
		count += text.p[i] == '\n';
	y->lines = calloc(count, sizeof *y->lines);
	if (!y->lines)
		return error_set(err, ERR_SYSTEM, "%s: out of memory", y->name);
	for (size_t number = 1; text.n; number++) {
		struct str line, rest = { NULL, 0 };
		int r;

		str_cut(text, '\n', &line, &rest);
		r = add_line(y, line, number, err);
		if (r < 0)
			return r;
		text = rest;
	}
	return 0;
}

/* ---- blocks ------------------------------------------------------------------------------------------------------------ */

static int parse_block(struct yaml *y, size_t indent, struct json_object **ret, struct error *err);

static bool is_item(struct str text)
{
	return text.p[0] == '-' && (text.n == 1 || text.p[1] == ' ');
}

/* Splits "KEY: REST" or "KEY:"; false when it is neither. */
static bool cut_key(struct str text, struct str *ret_key, struct str *ret_rest)
{
	size_t i = 0;

	if (text.p[0] == '"' || text.p[0] == '\'')
		i = yaml_quoted_end(text);
	for (; i < text.n; i++)
		if (text.p[i] == ':' && (i + 1 == text.n || text.p[i + 1] == ' ')) {
			*ret_key = str_trim((struct str){ text.p, i });
			*ret_rest = str_trim((struct str){ text.p + i + 1, text.n - i - 1 });
			return true;
		}
	return false;
}

static int parse_inline(const struct yaml *y, size_t number, struct str text, struct json_object **ret, struct error *err)
{
	const char *why = yaml_flow(text, ret);

	return why ? wrong(y, number, why, err) : 0;
}

/* The value behind a key or dash whose line is done: a deeper block, or nothing. */
static int parse_below(struct yaml *y, size_t indent, bool items_too, struct json_object **ret, struct error *err)
{
	const struct line *next = y->at < y->n ? &y->lines[y->at] : NULL;

	*ret = NULL;
	if (next && (next->indent > indent || (items_too && next->indent == indent && is_item(next->text))))
		return parse_block(y, next->indent, ret, err);
	return 0;
}

static int parse_entry(struct yaml *y, size_t indent, struct json_object *map, struct error *err)
{
	const struct line *line = &y->lines[y->at];
	CLEANUP(js_put_p) struct json_object *name = NULL;
	struct json_object *value = NULL;
	struct str key, rest;
	int r;

	if (!cut_key(line->text, &key, &rest))
		return wrong_here(y, "expected \"key: value\"", err);
	r = parse_inline(y, line->number, key, &name, err);
	if (r < 0)
		return r;
	if (!json_object_is_type(name, json_type_string))
		return wrong_here(y, "a key must be a text", err);
	if (json_object_object_get_ex(map, json_object_get_string(name), NULL))
		return wrong_here(y, "the same key twice", err);
	y->at++;
	r = rest.n ? parse_inline(y, line->number, rest, &value, err) : parse_below(y, indent, true, &value, err);
	if (r == 0 && !js_set(map, json_object_get_string(name), value))
		r = error_set(err, ERR_SYSTEM, "%s: out of memory", y->name);
	return r;
}

/* What is behind the dash is a line of its own, indented as far as it stands. */
static int parse_item(struct yaml *y, size_t indent, struct json_object *array, struct error *err)
{
	struct line *line = &y->lines[y->at];
	struct json_object *value = NULL;
	size_t skip = 1;
	int r;

	while (skip < line->text.n && line->text.p[skip] == ' ')
		skip++;
	if (skip == line->text.n) {
		y->at++;
		r = parse_below(y, indent, false, &value, err);
	} else {
		line->indent += skip;
		line->text = (struct str){ line->text.p + skip, line->text.n - skip };
		r = parse_block(y, line->indent, &value, err);
	}
	if (r == 0 && json_object_array_add(array, value) != 0)
		r = error_set(err, ERR_SYSTEM, "%s: out of memory", y->name);
	return r;
}

static int parse_lines(struct yaml *y, size_t indent, struct json_object **ret, struct error *err)
{
	bool items = is_item(y->lines[y->at].text);
	CLEANUP(js_put_p) struct json_object *all = items ? json_object_new_array() : json_object_new_object();

	while (y->at < y->n && y->lines[y->at].indent == indent && is_item(y->lines[y->at].text) == items) {
		int r = items ? parse_item(y, indent, all, err) : parse_entry(y, indent, all, err);

		if (r < 0)
			return r;
	}
	if (y->at < y->n && y->lines[y->at].indent > indent)
		return wrong_here(y, "the indentation fits nothing above", err);
	*ret = ptr_take(&all);
	return 0;
}

/* All that is indented by indent, from the current line on. */
static int parse_block(struct yaml *y, size_t indent, struct json_object **ret, struct error *err)
{
	const struct line *line = &y->lines[y->at];
	struct str key, rest;
	int r;

	if (++y->depth > YAML_MAX_DEPTH)
		return wrong_here(y, "nested too deeply", err);
	if (is_item(line->text) || (cut_key(line->text, &key, &rest) && line->text.p[0] != '{' && line->text.p[0] != '[')) {
		r = parse_lines(y, indent, ret, err);
	} else {
		y->at++;
		r = parse_inline(y, line->number, line->text, ret, err);
	}
	y->depth--;
	return r;
}

int yaml_parse(struct str text, const char *name, struct json_object **ret, struct error *err)
{
	struct yaml y = { .name = name };
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	int r;

	if (text.n > YAML_MAX_BYTES)
		return error_set(err, ERR_USAGE, "%s: larger than %d bytes", name, YAML_MAX_BYTES);
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = (struct str){ text.p + 3, text.n - 3 };
	r = split(&y, text, err);
	if (r == 0 && y.n)
		r = parse_block(&y, y.lines[0].indent, &doc, err);
	if (r == 0 && y.at < y.n)
		r = wrong_here(&y, "the indentation fits nothing above", err);
	free(y.lines);
	if (r == 0)
		*ret = ptr_take(&doc);
	return r;
}
