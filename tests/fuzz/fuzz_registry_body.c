/* Bodies of a hostile registry: refusals, whose text must be one clean line, and manifests. The first byte chooses the status and the told type. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "registry/errors.h"
#include "registry/manifest_type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void refuse(uint8_t choice, struct str body)
{
	static const int statuses[] = { 400, 401, 403, 404, 429, 500, 503, 599 };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (reg_refusal(statuses[choice & 7], body, &err) >= 0 || !err.text || !*err.text)
		abort();
	for (const char *c = err.text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const told[] = { NULL, "", "text/plain;x", "application/vnd.docker.distribution.manifest.v1+prettyjws" };
	struct str body = { (const char *)data + 1, n ? n - 1 : 0 };
	CLEANUP(free_p) char *type = NULL;
	char digest[DIGEST_MAX];

	if (!n)
		return 0;
	refuse(data[0], body);
	type = reg_manifest_type(told[data[0] >> 3 & 3], body);
	if (type && reg_manifest_digest(type, body, NULL, digest, NULL) == 0 && !digest_valid(str_from(digest)))
		abort();
	return 0;
}
