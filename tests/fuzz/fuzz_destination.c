/* The addresses of hosts: what is taken has no option of ssh and no password in it, and its rebuilt URL means the same. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static bool same(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(free_p) char *uri = str_dup((struct str){ (const char *)data, n });
	CLEANUP(destination_done) struct destination d = { 0 }, again = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (!uri || destination_parse(uri, &d, &err) < 0)
		return 0;
	check((!d.host || (d.host[0] && d.host[0] != '-')) && (!d.user || (d.user[0] && d.user[0] != '-' && !strchr(d.user, ':'))));
	check(d.port >= 0 && d.port <= 65535);
	check(destination_build_uri(&d, &err) == 0);
	check(destination_parse(d.uri, &again, &err) == 0);
	check(d.scheme == again.scheme && d.port == again.port && same(d.user, again.user) && same(d.host, again.host) &&
	      same(d.path, again.path));
	return 0;
}
