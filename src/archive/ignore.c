#include "archive/ignore.h"

#include <stdint.h>
#include <stdlib.h>

#include "archive/glob.h"
#include "base/cleanup.h"
#include "base/path.h"

struct rule {
	struct glob *glob;
	bool back; /* it began with "!": what matches goes in again */
};

struct ignore {
	struct rule *rules;
	size_t n, cap;
};

/* ---- text as Go sees it ---------------------------------------------------------------------------------------------- */

/* The bytes of the white space at the beginning of s (unicode.IsSpace), 0 when there is none. */
static size_t space_at(struct str s)
{
	static const struct str wide[] = {
		STR("\xc2\x85"), STR("\xc2\xa0"), STR("\xe1\x9a\x80"), STR("\xe2\x80\xa8"), STR("\xe2\x80\xa9"), STR("\xe2\x80\xaf"),
		STR("\xe2\x81\x9f"), STR("\xe3\x80\x80"),
	};

	if (s.n && ((*s.p >= '\t' && *s.p <= '\r') || *s.p == ' '))
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(wide); i++)
		if (str_starts(s, wide[i]))
			return wide[i].n;
	/* U+2000 to U+200A */
	return s.n >= 3 && memcmp(s.p, "\xe2\x80", 2) == 0 && (unsigned char)s.p[2] >= 0x80 && (unsigned char)s.p[2] <= 0x8a ? 3 : 0;
}

static struct str trim_space(struct str s)
{
	size_t end = 0, space;

	while ((space = space_at(s)) > 0)
		s = (struct str){ s.p + space, s.n - space };
	for (size_t i = 0; i < s.n; i += space ? space : 1) {
		space = space_at((struct str){ s.p + i, s.n - i });
		if (!space)
			end = i + 1;
	}
	return (struct str){ s.p, end };
}

/* Takes away the last component of out, which begins at floor. False when there is none to take away. */
static bool drop_component(struct buf *out, size_t floor)
{
	size_t n = out->n;

	if (n <= floor || str_eq_z((struct str){ out->p, n }, "..") || str_ends(buf_str(out), STR("/..")))
		return false;
	while (n > floor && out->p[n - 1] != '/')
		n--;
	out->n = n > floor ? n - 1 : n;
	out->p[out->n] = '\0';
	return true;
}

/* filepath.Clean: no ".", no "//", ".." takes the component before it away, no slash at the end. */
static void clean(struct str s, struct buf *out)
{
	bool absolute = s.n && *s.p == '/', more = true;
	size_t floor = absolute ? 1 : 0;

	buf_clear(out);
	if (absolute)
		buf_add_char(out, '/');
	while (more) {
		struct str part;

		more = str_cut(s, '/', &part, &s);
		if (!part.n || str_eq_z(part, "."))
			continue;
		if (str_eq_z(part, "..") && (drop_component(out, floor) || absolute))
			continue;
		if (out->n > floor)
			buf_add_char(out, '/');
		buf_add(out, part);
	}
	if (!out->n)
		buf_add_char(out, '.');
}

/* ---- rules ----------------------------------------------------------------------------------------------------------- */

static int add_rule(struct ignore *g, struct rule rule, struct error *err)
{
	if (g->n == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 16;
		struct rule *rules = realloc(g->rules, cap * sizeof *rules);

		if (!rules)
			return error_set(err, ERR_SYSTEM, "out of memory");
		g->rules = rules;
		g->cap = cap;
	}
	g->rules[g->n++] = rule;
	return 0;
}

/* patternmatcher.New for one pattern. */
static int add_pattern(struct ignore *g, struct str typed, struct error *err)
{
	CLEANUP(buf_done) struct buf cleaned = BUF_INIT(IGNORE_MAX_BYTES);
	CLEANUP(glob_free_p) struct glob *glob = NULL;
	struct str pattern = trim_space(typed);
	bool back;
	int r;

	if (!pattern.n)
		return 0;
	clean(pattern, &cleaned);
	r = buf_check(&cleaned, "the pattern", err);
	if (r < 0)
		return r;
	pattern = buf_str(&cleaned);
	back = *pattern.p == '!';
	if (back)
		pattern = (struct str){ pattern.p + 1, pattern.n - 1 };
	r = pattern.n ? glob_compile(pattern, &glob, err) : error_set(err, ERR_USAGE, "there is nothing behind the \"!\"");
	if (r == 0)
		r = add_rule(g, (struct rule){ glob, back }, err);
	if (r < 0)
		return r;
	glob = NULL;
	return 0;
}

static int new_ignore(struct ignore **ret, struct error *err)
{
	*ret = calloc(1, sizeof **ret);
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

int ignore_add(struct ignore *g, const char *pattern, struct error *err)
{
	int r = add_pattern(g, str_from(pattern), err);

	return r < 0 ? error_context(err, "pattern \"%s\"", pattern) : 0;
}

/* A line as ignorefile.ReadAll gives it on: cleaned, relative. */
static int add_line(struct ignore *g, struct str line, struct error *err)
{
	CLEANUP(buf_done) struct buf cleaned = BUF_INIT(IGNORE_MAX_BYTES), pattern = BUF_INIT(IGNORE_MAX_BYTES);
	struct str s = trim_space(line);
	int r;

	if (str_starts(line, STR("#")) || !s.n)
		return 0;
	if (*s.p == '!') {
		buf_add_char(&pattern, '!');
		s = trim_space((struct str){ s.p + 1, s.n - 1 });
	}
	if (s.n) {
		clean(s, &cleaned);
		s = buf_str(&cleaned);
	}
	if (s.n > 1 && *s.p == '/')
		s = (struct str){ s.p + 1, s.n - 1 };
	buf_add(&pattern, s);
	r = buf_check(&pattern, "the pattern", err);
	return r < 0 ? r : add_pattern(g, buf_str(&pattern), err);
}

int ignore_parse(struct str text, const char *name, struct ignore **ret, struct error *err)
{
	CLEANUP(ignore_free_p) struct ignore *g = NULL;
	int r = new_ignore(&g, err);
	bool more = true;

	if (r < 0)
		return r;
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = (struct str){ text.p + 3, text.n - 3 };
	for (unsigned line_number = 1; more; line_number++) {
		struct str line;

		more = str_cut(text, '\n', &line, &text);
		r = add_line(g, line, err);
		if (r < 0)
			return error_context(err, "%s:%u: pattern \"%.*s\"", name, line_number, STR_ARG(str_trim(line)));
	}
	*ret = ptr_take(&g);
	return 0;
}

/* The file, when it is there; else *ret stays NULL. */
static int read_one(const char *path, struct ignore **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(IGNORE_MAX_BYTES);
	int r = path_read(path, &text, err);

	if (r == -(int)ERR_NOT_FOUND)
		return error_clear(err);
	return r < 0 ? r : ignore_parse(buf_str(&text), path, ret, err);
}

int ignore_read(const char *dir, const char *dockerfile, struct ignore **ret, char **ret_path, struct error *err)
{
	static const char *const names[] = { ".containerignore", ".dockerignore" };
	CLEANUP(ignore_free_p) struct ignore *g = NULL;

	for (size_t i = 0; i < 2 * ARRAY_LEN(names) && !g; i++) {
		CLEANUP(buf_done) struct buf path = BUF_INIT(GLOB_MAX * 2);
		int r;

		if (i < ARRAY_LEN(names) && !dockerfile)
			continue;
		if (i < ARRAY_LEN(names))
			buf_addf(&path, "%s%s", dockerfile, names[i]);
		else
			buf_addf(&path, "%s/%s", dir, names[i - ARRAY_LEN(names)]);
		r = buf_check(&path, "the path of the ignore file", err);
		if (r == 0)
			r = read_one(buf_z(&path), &g, err);
		if (r < 0)
			return r;
		if (g && ret_path)
			*ret_path = buf_take(&path);
	}
	if (!g && ret_path)
		*ret_path = NULL;
	*ret = ptr_take(&g);
	return 0;
}

/* ---- questions ------------------------------------------------------------------------------------------------------- */

/* The number of the last rule that matches path, counted from 1; 0: none does. */
static size_t last_match(const struct ignore *g, struct str path)
{
	size_t i = g->n;

	while (i > 0 && !glob_match(g->rules[i - 1].glob, path))
		i--;
	return i;
}

bool ignore_match(const struct ignore *g, const char *path)
{
	size_t i = last_match(g, str_from(path));

	return i > 0 && !g->rules[i - 1].back;
}

/* Behind the rule that matches the folder, and with it everything below, only a later "!" counts. */
bool ignore_prunes(const struct ignore *g, const char *dir)
{
	struct str path = str_from(dir);
	size_t first = last_match(g, path);

	if (first == 0 || g->rules[first - 1].back)
		return false;
	for (size_t i = first; i < g->n; i++)
		if (g->rules[i].back && glob_can_match_below(g->rules[i].glob, path))
			return false;
	return true;
}

void ignore_free(struct ignore *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++)
		glob_free_p(&g->rules[i].glob);
	free(g->rules);
	free(g);
}

void ignore_free_p(struct ignore **g)
{
	ignore_free(ptr_take(g));
}
