/* Manifests of registries: whatever comes, what is taken has digests that are names of files and sizes that can be added. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/js.h"
#include "image/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void read_blob(struct json_object *o)
{
	struct manifest_blob b;

	if (manifest_blob_read(o, &b, NULL) < 0)
		return;
	check(digest_valid(str_from(b.digest)) && !strchr(b.digest, '/') && b.size >= 0 && b.size <= MANIFEST_MAX_BLOB && b.type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const archs[] = { "amd64", "arm", "arm64" }, *const variants[] = { NULL, "v6", "v9" };
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	enum manifest_kind kind = MANIFEST_UNKNOWN;

	if (manifest_read((struct str){ (const char *)data, n }, NULL, &doc, &kind, &err) < 0) {
		check(err.kind == ERR_PROTOCOL && err.text);
		return 0;
	}
	check(manifest_type(kind) && manifest_kind_of(manifest_type(kind)) == kind);
	check(!(js_get(doc, "manifests") && js_get(doc, "layers")));
	read_blob(js_get(doc, "config"));
	for (size_t i = 0; i < js_len(js_get(doc, "layers")); i++)
		read_blob(js_at(js_get(doc, "layers"), i));
	for (size_t i = 0; i < ARRAY_LEN(archs); i++)
		for (size_t k = 0; k < ARRAY_LEN(variants); k++) {
			struct manifest_blob b;

			if (manifest_choose(doc, "linux", archs[i], variants[k], &b, NULL) >= 0)
				check(digest_valid(str_from(b.digest)));
		}
	return 0;
}
