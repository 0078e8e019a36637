#include "cmd/podman/yaml.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/units.h"

static void indent(int level, struct buf *out)
{
	buf_addf(out, "%*s", 2 * level, "");
}

/* Words that a YAML reader would take for something else than text. */
static bool looks_typed(struct str s)
{
	static const char *const words[] = { "null", "~", "true", "false", "yes", "no", "on", "off", "y", "n" };
	CLEANUP(free_p) char *z = str_dup(s);
	double number;

	for (size_t i = 0; z && i < ARRAY_LEN(words); i++)
		if (strcasecmp(z, words[i]) == 0)
			return true;
	return float_parse(s, &number);
}

static bool needs_quotes(struct str s)
{
	if (s.n == 0 || looks_typed(s) || strchr("-?:,[]{}#&*!|>'\"%@` ", s.p[0]) || s.p[s.n - 1] == ' ' || s.p[s.n - 1] == ':')
		/* A dash is plain when a word follows it at once. */
		return !(s.n > 1 && s.p[0] == '-' && s.p[1] != ' ' && !looks_typed(s) && s.p[s.n - 1] != ':');
	for (size_t i = 0; i + 1 < s.n; i++)
		if ((s.p[i] == ':' && s.p[i + 1] == ' ') || (s.p[i] == ' ' && s.p[i + 1] == '#'))
			return true;
	return false;
}

/* Single quotes where the text is another type's or holds ": "; double ones for numbers, as the Go library chooses. */
static void add_text(struct str s, struct buf *out)
{
	char q = s.n == 0 || looks_typed(s) ? '"' : '\'';

	if (!needs_quotes(s)) {
		buf_add(out, s);
		return;
	}
	buf_add_char(out, q);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'' && q == '\'')
			buf_add_char(out, '\'');
		buf_add_char(out, s.p[i]);
	}
	buf_add_char(out, q);
}

/* Text of several lines as a literal block. */
static void add_block(struct str s, int level, struct buf *out)
{
	bool ends = s.n && s.p[s.n - 1] == '\n', more = true;
	struct str line;

	buf_add_z(out, ends ? "|" : "|-");
	if (ends)
		s.n--;
	while (more) {
		more = str_cut(s, '\n', &line, &s);
		buf_add_char(out, '\n');
		if (line.n)
			indent(level, out);
		buf_add(out, line);
	}
}

static void add_scalar(struct json_object *o, int level, struct buf *out)
{
	if (json_object_is_type(o, json_type_string) && memchr(js_text(o).p, '\n', js_text(o).n))
		add_block(js_text(o), level, out);
	else if (json_object_is_type(o, json_type_string))
		add_text(js_text(o), out);
	else
		buf_add_z(out, o ? js_wire(o) : "null");
}

static bool is_empty(struct json_object *o)
{
	return (json_object_is_type(o, json_type_object) && json_object_object_length(o) == 0) ||
	       (json_object_is_type(o, json_type_array) && js_len(o) == 0);
}

static bool is_tree(struct json_object *o)
{
	return (json_object_is_type(o, json_type_object) || json_object_is_type(o, json_type_array)) && !is_empty(o);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The first key stands on the line of a list's dash; the others are indented. */
static void add_object(struct json_object *o, int level, bool on_dash, struct buf *out)
{
	size_t n = 0;
	CLEANUP(free_p) const char **keys = calloc((size_t)json_object_object_length(o), sizeof *keys);

	if (!keys) {
		out->failed = out->no_memory = true;
		return;
	}
	json_object_object_foreach(o, key, value)
	{
		(void)value;
		keys[n++] = key;
	}
	qsort(keys, n, sizeof *keys, by_name);
	for (size_t i = 0; i < n; i++) {
		struct json_object *v = js_get(o, keys[i]);

		if (i || !on_dash)
			indent(level, out);
		add_text(str_from(keys[i]), out);
		buf_add_char(out, ':');
		if (is_tree(v)) {
			buf_add_char(out, '\n');
			/* Lists are not indented below their key. */
			yaml_format(v, json_object_is_type(v, json_type_array) ? level : level + 1, out);
			continue;
		}
		buf_add_char(out, ' ');
		if (is_empty(v))
			buf_add_z(out, json_object_is_type(v, json_type_array) ? "[]" : "{}");
		else
			add_scalar(v, level + 1, out);
		buf_add_char(out, '\n');
	}
}

bool yaml_format(struct json_object *o, int level, struct buf *out)
{
	if (json_object_is_type(o, json_type_object)) {
		add_object(o, level, false, out);
	} else {
		for (size_t i = 0; i < js_len(o); i++) {
			struct json_object *v = js_at(o, i);

			indent(level, out);
			buf_add(out, STR("- "));
			if (json_object_is_type(v, json_type_object)) {
				add_object(v, level + 1, true, out);
			} else {
				add_scalar(v, level + 1, out);
				buf_add_char(out, '\n');
			}
		}
	}
	return !out->failed;
}
