#include "cli/nearest.h"

#include <strings.h>

/* Longer than any name of ours; what is longer is near to nothing. */
#define NAME_MAX_BYTES 63

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

unsigned nearest_distance(struct str a, struct str b)
{
	unsigned row[NAME_MAX_BYTES + 1];

	if (a.n > NAME_MAX_BYTES || b.n > NAME_MAX_BYTES)
		return NEAREST_MAX + 1;
	if (!a.n && !b.n)
		return 0;
	for (size_t j = 0; j <= b.n; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned replace = diagonal + (lower(a.p[i - 1]) != lower(b.p[j - 1]));

			diagonal = row[j];
			row[j] = least(row[j] + 1, row[j - 1] + 1, replace);
		}
	}
	/* Two words of two letters are always near; they have to share something. */
	return row[b.n] > NEAREST_MAX || row[b.n] >= (a.n > b.n ? a.n : b.n) ? NEAREST_MAX + 1 : row[b.n];
}

unsigned nearest_rank(struct str typed, struct str name)
{
	unsigned d = nearest_distance(typed, name);

	if (d > NEAREST_MAX && typed.n && typed.n <= name.n && strncasecmp(typed.p, name.p, typed.n) == 0)
		return NEAREST_MAX;
	return d;
}
