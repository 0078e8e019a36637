/* index.json of an OCI layout: what is found has a digest that is a name of a file; what is added is found. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/js.h"
#include "image/store_oci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void check(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const images[] = { "", "name", "@0", "@1", "docker.io/library/busybox:latest" };
	CLEANUP(js_put_p) struct json_object *index = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct manifest_blob b;

	if (layout_index_read((struct str){ (const char *)data, n }, &index, &err) < 0) {
		check(err.kind == ERR_PROTOCOL && !index);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(images); i++)
		if (layout_index_find(index, images[i], &b, NULL) == 0) {
			CLEANUP(free_p) char *name = layout_blob_name(b.digest);

			check(digest_valid(str_from(b.digest)) && name && !strstr(name, ".."));
		}
	check(layout_index_add(index, "type", DIGEST, 5, "name", NULL) == 0);
	check(layout_index_find(index, "name", &b, NULL) == 0 && strcmp(b.digest, DIGEST) == 0 && b.size == 5);
	return 0;
}
