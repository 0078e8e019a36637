/* YAML of registries.d and sync: whatever comes is refused with a line, or is made of objects, arrays and strings alone. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "config/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(struct json_object *o, unsigned depth)
{
	if (depth > 2 * YAML_MAX_DEPTH)
		abort();
	switch (json_object_get_type(o)) {
	case json_type_object: {
		json_object_object_foreach(o, key, held)
		{
			(void)key;
			check(held, depth + 1);
		}
		return;
	}
	case json_type_array:
		for (size_t i = 0; i < js_len(o); i++)
			check(js_at(o, i), depth + 1);
		return;
	case json_type_string:
	case json_type_null:
		return;
	default:
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (yaml_parse((struct str){ (const char *)data, n }, "f", &doc, &err) < 0) {
		if (err.kind != ERR_USAGE || doc)
			abort();
		return 0;
	}
	check(doc, 0);
	return 0;
}
