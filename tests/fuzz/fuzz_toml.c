/* The TOML reader over any bytes: an error names a place, and what is taken is a table. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "config/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int r = toml_parse((struct str){ (const char *)data, n }, "fuzz", &o, &err);

	if (r < 0)
		check(!o && err.text && strncmp(err.text, "fuzz:", 5) == 0);
	else
		check(json_object_is_type(o, json_type_object) && js_wire(o) != NULL);
	return 0;
}
