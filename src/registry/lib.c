#include "registry/lib.h"

#include <stdbool.h>

#include "base/dl.h"

static const char *const files[] = {
#ifdef __APPLE__
	"libcurl.4.dylib", "/usr/lib/libcurl.4.dylib",
#else
	/* The build on GnuTLS takes no list of CAs from memory (CURLOPT_CAINFO_BLOB), so it comes last. */
	"libcurl.so.4", "libcurl-gnutls.so.4",
#endif
	NULL
};

static const struct dl_symbol symbols[] = {
#define ROW(f) { "curl_" #f, offsetof(struct reg_lib, f) },
	REG_LIB_FUNCTIONS(ROW)
#undef ROW
	{ NULL, 0 }
};

static const struct dl_library library = { "libcurl", "libcurl4 (Debian, Ubuntu) or libcurl (Fedora, Alpine; brew install curl)", files, symbols };

int reg_lib_get(const struct reg_lib **ret, struct error *err)
{
	static struct reg_lib lib;
	static bool started;
	int r;

	if (!started) {
		r = dl_load(&library, &lib, err);
		if (r < 0)
			return r;
		if (lib.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
			return error_set(err, ERR_SYSTEM, "libcurl could not be started");
		started = true;
	}
	*ret = &lib;
	return 0;
}
