/* known_hosts files: no text may crash the reader, and a revoked key may never come out as known. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "tunnel/known_hosts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool is_revoked(const struct known_hosts *k, const char *key)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].marker == KNOWN_REVOKED && strcmp(k->v[i].key, key) == 0)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(known_hosts_done) struct known_hosts k = { 0 };
	const struct known_key *by;

	if (!known_hosts_add(&k, (struct str){ (const char *)data, n }, "fuzz", "[box]:2222", "box"))
		return 0;
	for (size_t i = 0; i < k.n; i++) {
		enum known_verdict verdict = known_hosts_check(&k, k.v[i].type, k.v[i].key, &by);

		if (is_revoked(&k, k.v[i].key) != (verdict == KNOWN_IS_REVOKED))
			abort();
		if (k.v[i].marker == KNOWN_PLAIN && verdict != KNOWN_MATCH && verdict != KNOWN_IS_REVOKED)
			abort();
		/* One check looks at all lines; a few are enough. */
		if (i == 16)
			break;
	}
	return 0;
}
