#include "config/yaml_flow.h"

#include "base/cleanup.h"
#include "base/js.h"
#include "config/yaml.h"

#define NO_MEMORY "out of memory"

struct flow_text {
	struct str s; /* what is left */
	unsigned depth;
};

size_t yaml_quoted_end(struct str text)
{
	char quote = text.p[0];

	for (size_t i = 1; i < text.n; i++) {
		if (quote == '"' && text.p[i] == '\\')
			i++;
		else if (text.p[i] == quote && quote == '\'' && i + 1 < text.n && text.p[i + 1] == quote)
			i++;
		else if (text.p[i] == quote)
			return i + 1;
	}
	return text.n;
}

static void skip(struct flow_text *f, size_t n)
{
	f->s = (struct str){ f->s.p + n, f->s.n - n };
	while (f->s.n && (f->s.p[0] == ' ' || f->s.p[0] == '\t'))
		f->s = (struct str){ f->s.p + 1, f->s.n - 1 };
}

/* ---- scalars ----------------------------------------------------------------------------------------------------------- */

static const char *single_quoted(struct str inside, struct buf *out)
{
	for (size_t i = 0; i < inside.n; i++) {
		buf_add_char(out, inside.p[i]);
		i += inside.p[i] == '\'';
	}
	return NULL;
}

static const char *double_quoted(struct str inside, struct buf *out)
{
	static const char names[] = "\"\"\\\\//n\nt\tr\r  ";

	for (size_t i = 0; i < inside.n; i++) {
		const char *name = names;

		if (inside.p[i] != '\\') {
			buf_add_char(out, inside.p[i]);
			continue;
		}
		if (++i == inside.n)
			return "a quote is not closed";
		while (*name && *name != inside.p[i])
			name += 2;
		if (!*name)
			return "an escape that is not read here";
		buf_add_char(out, name[1]);
	}
	return NULL;
}

static const char *quoted(struct flow_text *f, struct json_object **ret)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(YAML_MAX_BYTES);
	size_t end = yaml_quoted_end(f->s);
	struct str inside = { f->s.p + 1, end - 2 };
	const char *why;

	if (end < 2 || f->s.p[end - 1] != f->s.p[0])
		return "a quote is not closed";
	why = f->s.p[0] == '"' ? double_quoted(inside, &out) : single_quoted(inside, &out);
	if (why)
		return why;
	skip(f, end);
	*ret = js_strn(buf_str(&out));
	return *ret && !out.failed ? NULL : NO_MEMORY;
}

static bool ends_plain(struct str s, size_t i, bool in_flow)
{
	if (s.p[i] == ':' && (i + 1 == s.n || s.p[i + 1] == ' ' || (in_flow && strchr(",]}", s.p[i + 1]))))
		return true;
	return in_flow && strchr(",[]{}", s.p[i]);
}

static const char *plain(struct flow_text *f, struct json_object **ret)
{
	struct str word = { f->s.p, 0 };

	if (strchr("&*!|>%@`", f->s.p[0]))
		return "anchors, tags and block scalars are not read here";
	while (word.n < f->s.n && !ends_plain(f->s, word.n, f->depth > 0))
		word.n++;
	if (!word.n)
		return "a value is missing";
	skip(f, word.n);
	word = str_trim(word);
	*ret = NULL;
	if (str_eq_z(word, "~") || str_eq_z(word, "null"))
		return NULL;
	*ret = js_strn(word);
	return *ret ? NULL : NO_MEMORY;
}

/* ---- collections ------------------------------------------------------------------------------------------------------- */

static const char *value(struct flow_text *f, struct json_object **ret);

static const char *pair(struct flow_text *f, struct json_object *map)
{
	CLEANUP(js_put_p) struct json_object *key = NULL;
	struct json_object *held = NULL;
	const char *why = value(f, &key);

	if (why)
		return why;
	if (!json_object_is_type(key, json_type_string))
		return "a key must be a text";
	if (json_object_object_get_ex(map, json_object_get_string(key), NULL))
		return "the same key twice";
	if (f->s.n && f->s.p[0] == ':') {
		skip(f, 1);
		if (f->s.n && !strchr(",}", f->s.p[0]))
			why = value(f, &held);
	}
	if (why)
		return why;
	return js_set(map, json_object_get_string(key), held) ? NULL : NO_MEMORY;
}

static const char *element(struct flow_text *f, struct json_object *array)
{
	struct json_object *held = NULL;
	const char *why = value(f, &held);

	if (why)
		return why;
	return json_object_array_add(array, held) == 0 ? NULL : NO_MEMORY;
}

static const char *collection(struct flow_text *f, struct json_object **ret)
{
	bool map = f->s.p[0] == '{';
	CLEANUP(js_put_p) struct json_object *all = map ? json_object_new_object() : json_object_new_array();

	if (++f->depth > YAML_MAX_DEPTH)
		return "nested too deeply";
	skip(f, 1);
	while (f->s.n && f->s.p[0] != (map ? '}' : ']')) {
		const char *why = map ? pair(f, all) : element(f, all);

		if (why)
			return why;
		if (f->s.n && f->s.p[0] == ',')
			skip(f, 1);
		else if (!f->s.n || f->s.p[0] != (map ? '}' : ']'))
			return "expected a comma or the end of the list (within this line)";
	}
	if (!f->s.n)
		return "a bracket is not closed within this line";
	skip(f, 1);
	f->depth--;
	*ret = ptr_take(&all);
	return NULL;
}

static const char *value(struct flow_text *f, struct json_object **ret)
{
	if (!f->s.n)
		return "a value is missing";
	switch (f->s.p[0]) {
	case '[':
	case '{':
		return collection(f, ret);
	case '"':
	case '\'':
		return quoted(f, ret);
	default:
		return plain(f, ret);
	}
}

const char *yaml_flow(struct str text, struct json_object **ret)
{
	struct flow_text f = { .s = text };
	struct json_object *all = NULL;
	const char *why = value(&f, &all);

	if (!why && f.s.n)
		why = "unexpected text behind the value";
	if (why) {
		json_object_put(all);
		return why;
	}
	*ret = all;
	return NULL;
}
