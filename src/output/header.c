#include "output/header.h"

#include <ctype.h>

enum letter { SMALL, CAPITAL, DIGIT, OTHER };

static enum letter letter(char c)
{
	if (islower((unsigned char)c))
		return SMALL;
	if (isupper((unsigned char)c))
		return CAPITAL;
	return isdigit((unsigned char)c) ? DIGIT : OTHER;
}

/* Podman splits by the package camelcase: runs of one kind of letter, then the last capital of a run goes to the small letters that follow.
 * So IPv6Enabled becomes I PV 6 ENABLED; that is what its tables show. */
static bool word_begins(const char *field, size_t i)
{
	enum letter before = letter(field[i - 1]), here = letter(field[i]);
	bool leads_small = here == CAPITAL && letter(field[i + 1]) == SMALL;

	if (before == here)
		return leads_small;
	return !(before == CAPITAL && here == SMALL);
}

void header_words(const char *field, struct buf *out)
{
	for (size_t i = 0; field[i]; i++) {
		if (i > 0 && word_begins(field, i))
			buf_add_char(out, ' ');
		buf_add_char(out, (char)toupper((unsigned char)field[i]));
	}
}
