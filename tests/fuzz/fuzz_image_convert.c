/* Manifests and configurations of strangers in all formats: the first byte says which is wanted, then a manifest, a NUL byte, a configuration. */
#include "base/cleanup.h"
#include "base/js.h"
#include "image/copy_image.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Layers that became something else have another way through. */
static void change_layers(struct copy_image *image, bool changed)
{
	for (size_t i = 0; i < image->n; i++) {
		image->layers[i].changed = changed;
		image->layers[i].written_size = (int64_t)i;
		image->layers[i].written_as = COMPRESSION_ZSTD;
		memcpy(image->layers[i].written, COPY_EMPTY_LAYER, sizeof COPY_EMPTY_LAYER);
		memcpy(image->layers[i].content, COPY_EMPTY_LAYER, sizeof COPY_EMPTY_LAYER);
	}
}

static void convert_image(struct registry_manifest *raw, struct str config, unsigned wanted)
{
	static const enum manifest_kind kinds[] = { MANIFEST_DOCKER, MANIFEST_OCI, MANIFEST_SCHEMA1, MANIFEST_SCHEMA1_SIGNED };
	CLEANUP(copy_image_done) struct copy_image image = { 0 };
	CLEANUP(copy_converted_done) struct copy_converted made = { 0 };

	if (copy_image_read(raw, &image, NULL) < 0)
		return;
	buf_add(&image.config_bytes, config);
	change_layers(&image, wanted & 4);
	copy_convert(&image, kinds[wanted & 3], wanted & 8 ? "quay.io/ns/name:tag" : NULL, &made, NULL);
}

static void convert_list(struct registry_manifest *raw, unsigned wanted)
{
	static const struct copy_child child = { COPY_EMPTY_LAYER, 1, "application/vnd.oci.image.manifest.v1+json" };
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	CLEANUP(buf_done) struct buf out = BUF_INIT(REGISTRY_MAX_MANIFEST);
	struct copy_child children[16];
	enum manifest_kind kind;

	if (manifest_read(buf_str(&raw->bytes), raw->type, &doc, &kind, NULL) < 0 || !manifest_is_list(kind) || js_len(js_get(doc, "manifests")) > 16)
		return;
	for (size_t i = 0; i < 16; i++)
		children[i] = child;
	copy_list_write(doc, raw, kind, wanted & 1 ? MANIFEST_OCI_INDEX : MANIFEST_DOCKER_LIST, children, &out, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(registry_manifest_done) struct registry_manifest raw = { 0 };
	CLEANUP(buf_done) struct buf bytes = BUF_INIT(REGISTRY_MAX_MANIFEST);
	struct str manifest, config;

	if (n < 1)
		return 0;
	if (!str_cut((struct str){ (const char *)data + 1, n - 1 }, '\0', &manifest, &config))
		config = STR("{}");
	buf_add(&bytes, manifest);
	if (registry_manifest_of(&bytes, NULL, NULL, &raw, NULL) < 0)
		return 0;
	convert_list(&raw, data[0]);
	convert_image(&raw, config, data[0]);
	return 0;
}
