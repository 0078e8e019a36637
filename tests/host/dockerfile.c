#include "dockerfile.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { LINE_MAX_BYTES = 256 * 1024 };

void dockerfile_done(struct dockerfile *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].word);
		free(d->v[i].args);
		free(d->v[i].original);
	}
	free(d->v);
	*d = (struct dockerfile){ 0 };
}

static int add_instruction(struct dockerfile *d, struct str line, struct error *err)
{
	struct instruction *v = realloc(d->v, (d->n + 1) * sizeof *v), *in;
	size_t n = 0;

	if (!v)
		return error_set(err, ERR_SYSTEM, "out of memory");
	d->v = v;
	while (n < line.n && !isspace((unsigned char)line.p[n]))
		n++;
	in = &v[d->n++];
	*in = (struct instruction){ .word = str_dup((struct str){ line.p, n }),
				    .args = str_dup(str_trim((struct str){ line.p + n, line.n - n })),
				    .original = str_dup(line) };
	if (!in->word || !in->args || !in->original)
		return error_set(err, ERR_SYSTEM, "out of memory");
	for (char *p = in->word; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return 0;
}

/* "# escape=`" as the first line. */
static char escape_of(struct str text)
{
	struct str line, value;

	str_cut(text, '\n', &line, NULL);
	line = str_trim(line);
	if (!line.n || line.p[0] != '#' || !str_cut(line, '=', &line, &value))
		return '\\';
	line = str_trim((struct str){ line.p + 1, line.n - 1 });
	value = str_trim(value);
	return str_eq_z(line, "escape") && value.n == 1 ? value.p[0] : '\\';
}

/* The line without what makes it go on; false: it does not. */
static bool goes_on(struct str *line, char escape)
{
	struct str s = *line;

	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r'))
		s.n--;
	if (!s.n || s.p[s.n - 1] != escape)
		return false;
	*line = (struct str){ s.p, s.n - 1 };
	return true;
}

int dockerfile_parse(struct str text, struct dockerfile *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf joined = BUF_INIT(LINE_MAX_BYTES);
	char escape = escape_of(text);
	struct str rest = text, line;
	int r = 0;

	while (rest.n && r == 0) {
		if (!str_cut(rest, '\n', &line, &rest))
			rest.n = 0;
		/* Comments and empty lines are no part of a line that goes on either. */
		if (!str_trim(line).n || str_trim(line).p[0] == '#')
			continue;
		if (goes_on(&line, escape)) {
			buf_add(&joined, line);
			continue;
		}
		buf_add(&joined, line);
		if (joined.failed)
			return error_set(err, ERR_USAGE, "dockerfile line is too long");
		r = add_instruction(ret, str_trim(buf_str(&joined)), err);
		buf_clear(&joined);
	}
	if (r == 0 && str_trim(buf_str(&joined)).n)
		r = add_instruction(ret, str_trim(buf_str(&joined)), err);
	return r;
}
