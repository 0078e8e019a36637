#include "cmd/skopeo/sync_pattern.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define PATTERN_MAX 8192

static int refuse(const char *go, const char *what, struct error *err)
{
	return error_set(err, ERR_USAGE, "regular expression `%s`: %s is not supported", go, what);
}

/* The members of a class without its brackets, so that it goes into another, too; NULL: no class. */
static const char *class_of(char c)
{
	switch (c) {
	case 'd':
		return "0-9";
	case 'w':
		return "0-9A-Za-z_";
	case 's':
		return "\t\n\f\r ";
	default:
		return NULL;
	}
}

/* go[*i] is the character behind a backslash. */
static int add_escape(const char *go, size_t i, bool inside, struct buf *out, struct error *err)
{
	char c = go[i], lower = (char)tolower((unsigned char)c);
	const char *members = class_of(lower);

	if (members && c == lower)
		buf_addf(out, inside ? "%s" : "[%s]", members);
	else if (members && !inside)
		buf_addf(out, "[^%s]", members);
	else if (!c || isalnum((unsigned char)c))
		return refuse(go, "this use of a backslash", err);
	else if (inside)
		/* POSIX has no escapes between brackets. */
		return strchr("]^-\\", c) ? refuse(go, "an escaped character between brackets", err) : (buf_add_char(out, c), 0);
	else
		buf_addf(out, "\\%c", c);
	return 0;
}

static int add_group(const char *go, size_t *i, struct buf *out, struct error *err)
{
	buf_add_char(out, '(');
	if (go[*i + 1] != '?')
		return 0;
	if (go[*i + 2] != ':')
		return refuse(go, "a group that begins with (?", err);
	*i += 2;
	return 0;
}

/* "*?", "+?", "??" and "}?", where what is repeated was no escaped character. */
static bool is_lazy(const char *go, size_t i)
{
	return go[i] == '?' && i && strchr("*+?}", go[i - 1]) && !(i > 1 && go[i - 2] == '\\');
}

/* A bracket that comes first between brackets is one of the members. */
static bool ends_brackets(const char *go, size_t i, size_t opened)
{
	return go[i] == ']' && i > opened + 1 && !(i == opened + 2 && go[opened + 1] == '^');
}

static int translate(const char *go, struct buf *out, struct error *err)
{
	size_t opened = 0;
	bool inside = false;
	int r = 0;

	for (size_t i = 0; r == 0 && go[i]; i++) {
		if (go[i] == '\\') {
			r = add_escape(go, ++i, inside, out, err);
			continue;
		}
		if (!inside && is_lazy(go, i))
			return refuse(go, "lazy repetition", err);
		if (!inside && go[i] == '(') {
			r = add_group(go, &i, out, err);
			continue;
		}
		buf_add_char(out, go[i]);
		if (!inside && go[i] == '[') {
			inside = true;
			opened = i;
		} else if (inside && ends_brackets(go, i, opened)) {
			inside = false;
		}
	}
	return r;
}

int sync_pattern(const char *go, regex_t *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf posix = BUF_INIT(PATTERN_MAX);
	char why[256];
	int code, r = translate(go, &posix, err);

	if (r == 0)
		r = buf_check(&posix, "regular expression", err);
	if (r < 0)
		return r;
	code = regcomp(ret, buf_z(&posix), REG_EXTENDED | REG_NOSUB);
	if (code == 0)
		return 0;
	regerror(code, ret, why, sizeof why);
	return error_set(err, ERR_USAGE, "regular expression `%s`: %s", go, why);
}
