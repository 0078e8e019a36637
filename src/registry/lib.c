#include "registry/lib.h"

#include <pthread.h>
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

static struct reg_lib loaded;

static int load(struct error *err)
{
	static bool started;
	int r;

	if (started)
		return 0;
	r = dl_load(&library, &loaded, err);
	if (r < 0)
		return r;
	if (loaded.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return error_set(err, ERR_SYSTEM, "libcurl could not be started");
	started = true;
	return 0;
}

int reg_lib_get(const struct reg_lib **ret, struct error *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	int r;

	pthread_mutex_lock(&lock);
	r = load(err);
	pthread_mutex_unlock(&lock);
	if (r == 0)
		*ret = &loaded;
	return r;
}
