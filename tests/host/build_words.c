#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "build.h"
#include "image_config.h"

enum { EXPANDED_MAX = 256 * 1024 };

static bool find_in(const struct strv *list, struct str name, struct str *ret)
{
	struct str key;

	for (size_t i = list->n; i-- > 0;) {
		str_cut(str_from(list->v[i]), '=', &key, ret);
		if (str_eq(key, name))
			return true;
	}
	return false;
}

/* The environment of the image goes before the arguments. */
static bool variable(const struct build *b, struct str name, struct str *ret)
{
	struct json_object *env = b->config ? js_get(image_config_run(b->config), "Env") : NULL;

	for (size_t i = 0; i < js_len(env); i++) {
		struct str key;

		str_cut(js_text(js_at(env, i)), '=', &key, ret);
		if (str_eq(key, name))
			return true;
	}
	return find_in(b->config ? &b->args : &b->global_args, name, ret);
}

static size_t name_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && (isalnum((unsigned char)s.p[n]) || s.p[n] == '_'))
		n++;
	return n;
}

/* "NAME", "NAME:-word", "NAME:+word" between braces. */
static void add_braced(const struct build *b, struct str inner, struct buf *out)
{
	size_t n = name_length(inner);
	struct str name = { inner.p, n }, value = { 0 }, word = { 0 };
	bool set = variable(b, name, &value) && value.n;
	char kind = 0;

	if (n + 1 < inner.n && inner.p[n] == ':') {
		kind = inner.p[n + 1];
		word = (struct str){ inner.p + n + 2, inner.n - n - 2 };
	}
	if ((kind == '-' && !set) || (kind == '+' && set)) {
		CLEANUP(free_p) char *expanded = build_expand(b, word);

		buf_add_z(out, expanded ? expanded : "");
	} else if (kind != '+') {
		buf_add(out, value);
	}
}

/* s starts with "$"; the number of bytes that belong to it. */
static size_t add_variable(const struct build *b, struct str s, struct buf *out)
{
	struct str inner, after, value = { 0 };
	size_t n;

	if (s.n > 1 && s.p[1] == '{' && str_cut((struct str){ s.p + 2, s.n - 2 }, '}', &inner, &after)) {
		add_braced(b, inner, out);
		return inner.n + 3;
	}
	n = name_length((struct str){ s.p + 1, s.n - 1 });
	if (!n) {
		buf_add_char(out, '$');
		return 1;
	}
	if (variable(b, (struct str){ s.p + 1, n }, &value))
		buf_add(out, value);
	return n + 1;
}

char *build_expand(const struct build *b, struct str text)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(EXPANDED_MAX);

	for (size_t i = 0; i < text.n;) {
		if (text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == '$') {
			buf_add_char(&out, '$');
			i += 2;
		} else if (text.p[i] == '$') {
			i += add_variable(b, (struct str){ text.p + i, text.n - i }, &out);
		} else {
			buf_add_char(&out, text.p[i++]);
		}
	}
	return buf_take(&out);
}

/* One word from its first byte; the number of bytes that it had. */
static size_t add_word(const struct build *b, struct str s, struct buf *out)
{
	char quote = 0;
	size_t i = 0;

	while (i < s.n && (quote || !isspace((unsigned char)s.p[i]))) {
		char c = s.p[i];

		if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? 0 : c;
			i++;
		} else if (c == '\\' && quote != '\'' && i + 1 < s.n) {
			buf_add_char(out, s.p[i + 1]);
			i += 2;
		} else if (c == '$' && quote != '\'') {
			i += add_variable(b, (struct str){ s.p + i, s.n - i }, out);
		} else {
			buf_add_char(out, c);
			i++;
		}
	}
	return i;
}

void build_words(const struct build *b, struct str text, struct strv *ret)
{
	for (size_t i = 0; i < text.n;) {
		CLEANUP(buf_done) struct buf word = BUF_INIT(EXPANDED_MAX);

		if (isspace((unsigned char)text.p[i])) {
			i++;
			continue;
		}
		i += add_word(b, (struct str){ text.p + i, text.n - i }, &word);
		strv_add_str(ret, buf_str(&word));
	}
}

char *build_arg_value(const struct build *b, struct str declaration)
{
	struct json_object *given = js_get(b->info, "buildArgs");
	struct str name, value = { 0 };
	bool has_default = str_cut(declaration, '=', &name, &value);
	CLEANUP(free_p) char *key = str_dup(name);
	struct json_object *v = key ? js_get(given, key) : NULL;
	CLEANUP(strv_done) struct strv words = { 0 };

	if (v)
		return str_dup(js_text(v));
	/* ARG NAME again takes the value from before the first FROM. */
	if (!has_default && find_in(&b->global_args, name, &value))
		return str_dup(value);
	if (!has_default)
		return NULL;
	build_words(b, value, &words);
	return z_dup(words.n ? words.v[0] : "");
}

char *build_flag(struct str args, const char *name, struct str *ret_rest)
{
	CLEANUP(free_p) char *found = NULL;
	struct str key, value;

	args = str_trim(args);
	while (str_starts(args, STR("--"))) {
		size_t n = strcspn(args.p, " \t");

		str_cut((struct str){ args.p + 2, n - 2 }, '=', &key, &value);
		if (str_eq_z(key, name)) {
			free(found);
			found = str_dup(value);
		}
		args = str_trim((struct str){ args.p + n, args.n - n });
	}
	*ret_rest = args;
	return ptr_take(&found);
}
