/* Any manifest and configuration: what inspect makes of them, for each format. The manifest ends at the first line feed. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/skopeo/config_fields.h"
#include "cmd/skopeo/inspect_data.h"
#include "output/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void inspect_one(struct json_object *manifest, enum manifest_kind kind, struct str config)
{
	static const struct strv no_tags = { 0 };
	struct inspect_image image = { .manifest = manifest, .kind = kind };
	struct inspect_req q = { .digest = "sha256:0", .tags = &no_tags, .image = &image, .config = config };
	CLEANUP(js_put_p) struct json_object *told = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT(16 * 1024 * 1024);

	image.config.digest = kind == MANIFEST_SCHEMA1 ? NULL : "sha256:0";
	if (inspect_data(&q, &told, NULL) < 0)
		return;
	/* Every layer is in both lists. */
	if (js_len(js_get(told, "Layers")) != js_len(js_get(told, "LayersData")))
		abort();
	json_format(told, 4, 0, true, &text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(js_put_p) struct json_object *manifest = NULL;
	CLEANUP(js_put_p) struct json_object *config = NULL;
	struct str first, rest;
	enum manifest_kind kind;

	str_cut((struct str){ (const char *)data, n }, '\n', &first, &rest);
	if (js_parse(rest, "config", &config, NULL) == 0)
		json_object_put(config_fields(config));
	if (manifest_read(first, NULL, &manifest, &kind, NULL) < 0)
		return 0;
	inspect_one(manifest, MANIFEST_OCI, rest);
	inspect_one(manifest, MANIFEST_DOCKER, rest);
	inspect_one(manifest, MANIFEST_SCHEMA1, rest);
	return 0;
}
