/* An ignore file and a path, parted by a NUL byte: what is refused says why, and a pruned folder hides nothing that comes back. */
#include <stdint.h>
#include <stdlib.h>

#include "archive/ignore.h"
#include "base/cleanup.h"

#define PATH_MAX_BYTES 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* Of the folders that path lies in. */
static void check_folders(const struct ignore *g, const char *path)
{
	bool out = ignore_match(g, path);

	for (const char *p = path; (p = strchr(p, '/')); p++) {
		CLEANUP(free_p) char *dir = str_dup((struct str){ path, (size_t)(p - path) });

		if (dir && ignore_prunes(g, dir))
			check(ignore_match(g, dir) && out);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(ignore_free_p) struct ignore *g = NULL;
	CLEANUP(free_p) char *path = NULL;
	struct str file, rest;

	str_cut((struct str){ (const char *)data, n }, '\0', &file, &rest);
	if (rest.n > PATH_MAX_BYTES)
		return 0;
	path = str_dup(rest);
	if (ignore_parse(file, "fuzz", &g, &err) < 0)
		check(!g && err.text && strncmp(err.text, "fuzz:", 5) == 0);
	else if (path)
		check_folders(g, path);
	return 0;
}
