/* Names of images: what is taken has nothing in it that could lead elsewhere in a URL, and its text means the same. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "image/reference.h"

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
	CLEANUP(free_p) char *text = str_dup((struct str){ (const char *)data, n });
	CLEANUP(free_p) char *string = NULL;
	CLEANUP(reference_done) struct reference r = { 0 }, again = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (!text || reference_parse(text, &r, &err) < 0)
		return 0;
	check(r.host[0] && r.path[0] && r.path[0] != '/' && !strstr(r.path, "..") && !strpbrk(r.path, "%?#\\ :@"));
	check(!strpbrk(r.host, "/@%?#\\ ") && (!r.tag || !strpbrk(r.tag, "/@%?#\\ :")));
	check(!r.digest || digest_valid(str_from(r.digest)));
	string = reference_string(&r);
	check(string && reference_parse(string, &again, &err) == 0);
	check(same(r.host, again.host) && same(r.path, again.path) && same(r.tag, again.tag) && same(r.digest, again.digest));
	return 0;
}
