/* Link headers of a hostile registry, one a line: what is followed is always a part of the header and has no host in it. */
#include <stdint.h>
#include <stdlib.h>

#include "registry/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str rest = { (const char *)data, n }, line, next;

	for (bool more = true; more;) {
		more = str_cut(rest, '\n', &line, &rest);
		if (!reg_link_next(line, &next))
			continue;
		if (!next.n || next.p < line.p || next.p + next.n > line.p + line.n || str_starts(next, STR("//")))
			abort();
	}
	return 0;
}
