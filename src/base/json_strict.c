/* json-c's own strict mode cannot be used: from 0.17 on it refuses every byte above 127 in a string, where char is signed. */
#include "base/json_strict.h"

static size_t skip_space(struct str t, size_t at)
{
	while (at < t.n && strchr(" \t\r\n", t.p[at]) && t.p[at] != '\0')
		at++;
	return at;
}

/* at: behind the quote that opens it. */
static size_t skip_string(struct str t, size_t at)
{
	while (at < t.n && t.p[at] != '"')
		at += t.p[at] == '\\' ? 2 : 1;
	return at < t.n ? at + 1 : t.n;
}

static size_t skip_digits(struct str t, size_t at)
{
	while (at < t.n && t.p[at] >= '0' && t.p[at] <= '9')
		at++;
	return at;
}

/* At least one digit, or 0. */
static size_t some_digits(struct str t, size_t at)
{
	size_t end = skip_digits(t, at);

	return end > at ? end : 0;
}

/* Behind the number; 0: JSON has no such number. */
static size_t skip_number(struct str t, size_t at)
{
	size_t first = at + (t.p[at] == '-');

	at = some_digits(t, first);
	if (at == 0 || (t.p[first] == '0' && at > first + 1))
		return 0;
	if (at < t.n && t.p[at] == '.') {
		at = some_digits(t, at + 1);
		if (at == 0)
			return 0;
	}
	if (at < t.n && (t.p[at] == 'e' || t.p[at] == 'E')) {
		at++;
		at += at < t.n && (t.p[at] == '+' || t.p[at] == '-');
		at = some_digits(t, at);
	}
	return at;
}

/* Behind the word; 0: it is none of JSON's three. */
static size_t skip_word(struct str t, size_t at)
{
	static const struct str words[] = { { "true", 4 }, { "false", 5 }, { "null", 4 } };
	struct str rest = { t.p + at, t.n - at };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_starts(rest, words[i]))
			return at + words[i].n;
	return 0;
}

/* Behind the comma; 0: nothing follows it. */
static size_t skip_comma(struct str t, size_t at)
{
	size_t next = skip_space(t, at + 1);

	return next < t.n && t.p[next] != ']' && t.p[next] != '}' ? next : 0;
}

static size_t skip_token(struct str t, size_t at)
{
	switch (t.p[at]) {
	case '{':
	case '}':
	case '[':
	case ']':
	case ':':
		return at + 1;
	case ',':
		return skip_comma(t, at);
	case '"':
		return skip_string(t, at + 1);
	case 't':
	case 'f':
	case 'n':
		return skip_word(t, at);
	default:
		return skip_number(t, at);
	}
}

size_t json_strict_end(struct str text)
{
	size_t at = skip_space(text, 0);

	while (at < text.n) {
		size_t next = skip_token(text, at);

		if (next == 0)
			return at;
		at = skip_space(text, next);
	}
	return text.n;
}
