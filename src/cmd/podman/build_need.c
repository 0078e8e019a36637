/* cmd/podman/build_need.c: a reader of Containerfiles that gives up early: what it does not understand for sure needs the whole context. */
#include "cmd/podman/build_need.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/js.h"

#define LINE_MAX_BYTES (1024 * 1024)

static bool is_word(struct str s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

/* The first word; the rest begins with the next one. */
static struct str next_word(struct str *rest)
{
	struct str word = str_trim(*rest);
	size_t n = 0;

	while (n < word.n && word.p[n] != ' ' && word.p[n] != '\t')
		n++;
	*rest = str_trim((struct str){ word.p + n, word.n - n });
	word.n = n;
	return word;
}

static int keep(struct strv *list, struct str word, struct error *err)
{
	return strv_add_str(list, word) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static bool has(struct str s, const char *any)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(any, s.p[i]))
			return true;
	return false;
}

/* ---- instructions ---------------------------------------------------------------------------------------------------- */

static bool has_stage(const struct build_need *n, struct str name)
{
	for (size_t i = 0; i < n->stages.n; i++)
		if (is_word(name, n->stages.v[i]))
			return true;
	return false;
}

/* FROM [--platform=...] IMAGE [AS NAME] */
static int read_from(struct str rest, struct build_need *n, struct error *err)
{
	struct str image = next_word(&rest), as, name;
	int r = 0;

	while (str_starts(image, STR("--")))
		image = next_word(&rest);
	as = next_word(&rest);
	name = next_word(&rest);
	if (image.n == 0 || has(image, "$\\\"'"))
		n->all = true;
	else if (!is_word(image, "scratch") && !has_stage(n, image))
		r = keep(&n->bases, image, err);
	return r < 0 || !is_word(as, "AS") ? r : keep(&n->stages, name, err);
}

static int add_source(struct str source, bool urls, struct build_need *n, struct error *err)
{
	while (str_starts(source, STR("./")) || str_starts(source, STR("/")))
		source = (struct str){ source.p + (source.p[0] == '/' ? 1 : 2), source.n - (source.p[0] == '/' ? 1 : 2) };
	while (source.n && source.p[source.n - 1] == '/')
		source.n--;
	if (urls && (str_starts(source, STR("http://")) || str_starts(source, STR("https://")) || str_starts(source, STR("git@"))))
		return 0;
	if (source.n == 0 || str_eq(source, STR(".")) || has(source, "*?[]$\\\"'#!") || memmem(source.p, source.n, "..", 2) ||
	    memmem(source.p, source.n, "/.", 2))
		n->all = true;
	return n->all ? 0 : keep(&n->paths, source, err);
}

static int add_json_sources(struct str rest, bool urls, struct build_need *n, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *list = NULL;
	CLEANUP(error_done) struct error unused = ERROR_INIT;
	int r = 0;

	if (js_parse(rest, "COPY", &list, &unused) < 0 || js_len(list) < 2)
		n->all = true;
	for (size_t i = 0; r >= 0 && !n->all && i + 1 < js_len(list); i++)
		r = add_source(js_text(js_at(list, i)), urls, n, err);
	return r;
}

/* COPY [--flag ...] SOURCE... DESTINATION, or the same as a JSON array. */
static int read_copy(struct str rest, bool urls, struct build_need *n, struct error *err)
{
	int r = 0;

	while (str_starts(rest, STR("--"))) {
		struct str flag = next_word(&rest);

		if (str_starts(flag, STR("--from=")))
			return 0;
	}
	if (str_starts(rest, STR("[")))
		return add_json_sources(rest, urls, n, err);
	while (r >= 0 && !n->all) {
		struct str source = next_word(&rest);

		/* The last word is the destination. */
		if (rest.n == 0)
			break;
		r = add_source(source, urls, n, err);
	}
	return r;
}

/* RUN --mount=type=bind without from= reads the context. */
static void read_run(struct str rest, struct build_need *n)
{
	while (str_starts(rest, STR("--"))) {
		struct str flag = next_word(&rest);
		bool mount = str_starts(flag, STR("--mount")), other = memmem(flag.p, flag.n, "type=", 5) && !memmem(flag.p, flag.n, "type=bind", 9);

		if (mount && !other && !memmem(flag.p, flag.n, "from=", 5))
			n->all = true;
	}
}

static int read_instruction(struct str line, struct build_need *n, struct error *err)
{
	struct str rest = line, word = next_word(&rest);

	if (is_word(word, "FROM"))
		return read_from(rest, n, err);
	if (is_word(word, "ONBUILD") || is_word(word, "INCLUDE") || memmem(rest.p, rest.n, "<<", 2))
		n->all = true;
	else if (is_word(word, "COPY") || is_word(word, "ADD"))
		return read_copy(rest, is_word(word, "ADD"), n, err);
	else if (is_word(word, "RUN"))
		read_run(rest, n);
	return 0;
}

/* ---- lines ----------------------------------------------------------------------------------------------------------- */

/* "# syntax=..." and "# escape=..." change how the rest is read. */
static bool is_directive(struct str comment)
{
	struct str text = str_trim((struct str){ comment.p + 1, comment.n - 1 });

	return strncasecmp(text.p, "syntax", text.n < 6 ? text.n : 6) == 0 || strncasecmp(text.p, "escape", text.n < 6 ? text.n : 6) == 0;
}

int build_need_read(struct str containerfile, struct build_need *n, struct error *err)
{
	CLEANUP(buf_done) struct buf whole = BUF_INIT(LINE_MAX_BYTES);
	struct str line, rest = containerfile;
	bool more = true;
	int r = 0;

	while (more && r >= 0 && !n->all) {
		bool goes_on;

		more = str_cut(rest, '\n', &line, &rest);
		line = str_trim(line);
		if (line.n && line.p[0] == '#') {
			n->all |= line.n > 1 && is_directive(line);
			continue;
		}
		goes_on = more && line.n && line.p[line.n - 1] == '\\';
		line.n -= goes_on;
		buf_add(&whole, line);
		buf_add_char(&whole, ' ');
		/* Empty lines inside a continued instruction don't end it. */
		if (goes_on || (line.n == 0 && more && whole.n > 1 && str_trim(buf_str(&whole)).n))
			continue;
		r = buf_check(&whole, "line of a Containerfile", err);
		if (r >= 0)
			r = read_instruction(str_trim(buf_str(&whole)), n, err);
		buf_clear(&whole);
	}
	return r;
}

void build_need_done(struct build_need *n)
{
	strv_done(&n->paths);
	strv_done(&n->bases);
	strv_done(&n->stages);
}
