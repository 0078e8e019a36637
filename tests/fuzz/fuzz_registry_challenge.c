/* WWW-Authenticate headers, one a line, as a hostile registry sends them. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "registry/challenge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void touch(const char *z)
{
	if (z && strlen(z) > REG_CHALLENGE_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(reg_challenge_done) struct reg_challenge c = { 0 };
	struct str rest = { (const char *)data, n }, line;

	for (bool more = true; more;) {
		bool found;

		more = str_cut(rest, '\n', &line, &rest);
		found = reg_challenge_parse(line, &c);
		if (found && c.scheme == REG_AUTH_NONE)
			abort();
		touch(c.realm);
		touch(c.service);
		touch(c.scope);
	}
	return 0;
}
