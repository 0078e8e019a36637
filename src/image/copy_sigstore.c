/* image/copy_sigstore.c: a sigstore signature is a layer of an image of its own, which lies under a tag made of the digest (cosign, specs/SIGNATURE_SPEC.md). */
#include "base/cleanup.h"
#include "base/js.h"
#include "base/wipe.h"
#include "image/copy_own.h"
#include "image/sigstore.h"

#define SIGNATURES_MAX 128 /* in one such image; more are not ours to pile up */

struct attachment {
	struct image_source *old;
	struct image_destination *to;
	struct json_object *layers, *diff_ids;
};

static void attachment_done(struct attachment *a)
{
	image_source_close_p(&a->old);
	image_destination_close_p(&a->to);
	json_object_put(a->layers);
	json_object_put(a->diff_ids);
}

/* ---- what is there -------------------------------------------------------------------------------------------------------- */

static int take_layers(struct attachment *a, struct json_object *manifest, struct error *err)
{
	struct json_object *old = js_get(manifest, "layers");

	if (js_len(old) >= SIGNATURES_MAX)
		return error_set(err, ERR_CONFLICT, "the image has %zu signatures", js_len(old));
	for (size_t i = 0; i < js_len(old); i++) {
		struct manifest_blob b;
		int r = manifest_blob_read(js_at(old, i), &b, err);

		if (r < 0)
			return r;
		json_object_array_add(a->layers, json_object_get(js_at(old, i)));
		json_object_array_add(a->diff_ids, js_str(b.digest));
	}
	return 0;
}

static int read_old(struct attachment *a, struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(error_done) struct error why = ERROR_INIT;
	enum manifest_kind kind;
	int r = a->old->ops->manifest(a->old, NULL, &m, &why);

	if (r == -ERR_NOT_FOUND)
		return 0;
	if (r < 0)
		return error_move(err, &why);
	r = manifest_read(buf_str(&m.bytes), m.type, &o, &kind, err);
	if (r == 0 && kind != MANIFEST_OCI)
		return error_set(err, ERR_CONFLICT, "what lies where signatures belong is no OCI image");
	return r < 0 ? r : take_layers(a, o, err);
}

/* ---- what is added -------------------------------------------------------------------------------------------------------- */

static int produce_text(void *ctx, const struct byte_sink *to, struct error *err)
{
	const struct str *text = ctx;

	return sink_write(to, text->p, text->n, err);
}

/* The descriptor of a blob that is there now; owned by the caller. */
static int put_text(struct attachment *a, const char *type, struct str text, struct json_object **ret, struct error *err)
{
	const struct byte_producer content = { produce_text, &text, (int64_t)text.n, true };
	char digest[DIGEST_MAX];
	const struct store_blob b = { .digest = digest, .type = type, .size = (int64_t)text.n };
	int64_t size;
	int r;

	digest_of(text, digest);
	r = a->to->ops->has(a->to, &b, NULL, &size, err);
	if (r == 0)
		r = a->to->ops->put(a->to, &b, &content, digest, &size, err);
	if (r < 0)
		return r;
	*ret = json_object_new_object();
	js_set_str(*ret, "mediaType", type);
	js_set_int(*ret, "size", (int64_t)text.n);
	js_set_str(*ret, "digest", digest);
	return 0;
}

static int add_layer(struct attachment *a, struct str payload, const char *signature, struct error *err)
{
	struct json_object *layer, *annotations;
	int r = put_text(a, SIGSTORE_LAYER_TYPE, payload, &layer, err);

	if (r < 0)
		return r;
	annotations = json_object_new_object();
	js_set_str(annotations, SIGSTORE_SIGNATURE_ANNOTATION, signature);
	js_set(layer, "annotations", annotations);
	json_object_array_add(a->diff_ids, js_str(js_get_str(layer, "digest", "")));
	json_object_array_add(a->layers, layer);
	return 0;
}

static int put_config(struct attachment *a, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *config = json_object_new_object();
	struct json_object *rootfs = json_object_new_object();

	js_set_str(config, "architecture", "");
	js_set_str(config, "os", "");
	js_set_str(rootfs, "type", "layers");
	js_set(rootfs, "diff_ids", json_object_get(a->diff_ids));
	js_set(config, "rootfs", rootfs);
	return put_text(a, manifest_config_type(MANIFEST_FORMAT_OCI), str_from(js_wire(config)), ret, err);
}

static int put_manifest(struct attachment *a, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *manifest = json_object_new_object();
	struct json_object *config;
	int r = put_config(a, &config, err);

	if (r < 0)
		return r;
	js_set_int(manifest, "schemaVersion", 2);
	js_set_str(manifest, "mediaType", manifest_type(MANIFEST_OCI));
	js_set(manifest, "config", config);
	js_set(manifest, "layers", json_object_get(a->layers));
	r = a->to->ops->manifest(a->to, NULL, manifest_type(MANIFEST_OCI), str_from(js_wire(manifest)), err);
	return r < 0 ? r : a->to->ops->commit(a->to, err);
}

static int sign(struct copy *c, struct str payload, char **ret, struct error *err)
{
	CLEANUP(wipe_free_p) char *passphrase = NULL;
	int r;

	if (!c->q->sign_passphrase_file)
		return error_set(err, ERR_USAGE, "a sigstore key needs its passphrase in a file: --sign-passphrase-file PATH");
	r = signature_passphrase_read(c->q->sign_passphrase_file, &passphrase, err);
	return r < 0 ? r : sigstore_sign(c->q->sign_sigstore_key, passphrase, payload, ret, err);
}

int copy_sigstore_sign(struct copy *c, const char *reference, const char *digest, struct error *err)
{
	CLEANUP(attachment_done) struct attachment a = { .layers = json_object_new_array(), .diff_ids = json_object_new_array() };
	CLEANUP(buf_done) struct buf payload = { 0 };
	CLEANUP(free_p) char *signature = NULL;
	struct image_destination *to = c->q->to;
	char tag[SIGSTORE_TAG_MAX];
	int r;

	if (!to->ops->sibling)
		return error_set(err, ERR_UNSUPPORTED, "%s has no place for sigstore signatures: only registries have", to->name);
	r = sigstore_payload(reference, digest, &payload, err);
	if (r < 0 || (r = sign(c, buf_str(&payload), &signature, err)) < 0 || (r = sigstore_tag(digest, tag, err)) < 0 ||
	    (r = to->ops->sibling(to, tag, &a.old, &a.to, err)) < 0 || (r = read_old(&a, err)) < 0)
		return r;
	r = add_layer(&a, buf_str(&payload), signature, err);
	return r < 0 ? r : put_manifest(&a, err);
}

/* ---- what the source has --------------------------------------------------------------------------------------------------- */

struct carried {
	struct image_source *from;
	const struct store_blob *blob;
};

static int produce_blob(void *ctx, const struct byte_sink *to, struct error *err)
{
	const struct carried *k = ctx;

	return k->from->ops->blob(k->from, k->blob, to, err);
}

static bool has_layer(const struct attachment *a, struct json_object *layer)
{
	for (size_t i = 0; i < js_len(a->layers); i++)
		if (json_object_equal(js_at(a->layers, i), layer))
			return true;
	return false;
}

/* A payload with its signature, which is an annotation of its descriptor. */
static int carry_layer(struct attachment *a, struct image_source *from, struct json_object *layer, struct error *err)
{
	struct manifest_blob described;
	struct store_blob b = { 0 };
	struct carried k = { from, &b };
	const struct byte_producer content = { .produce = produce_blob, .ctx = &k, .length = -1, .again = true };
	char digest[DIGEST_MAX];
	int64_t size;
	int r = manifest_blob_read(layer, &described, err);

	if (r < 0 || described.size > SIGSTORE_PAYLOAD_MAX)
		return r < 0 ? r : error_set(err, ERR_PROTOCOL, "a signature of %lld bytes", (long long)described.size);
	b = (struct store_blob){ .digest = described.digest, .type = described.type, .size = described.size };
	r = a->to->ops->has(a->to, &b, NULL, &size, err);
	if (r == 0)
		r = a->to->ops->put(a->to, &b, &content, digest, &size, err);
	if (r < 0)
		return r;
	json_object_array_add(a->diff_ids, js_str(described.digest));
	json_object_array_add(a->layers, json_object_get(layer));
	return 0;
}

static int carry_layers(struct attachment *a, struct image_source *from, struct json_object *layers, struct error *err)
{
	size_t before = js_len(a->layers);
	int r = 0;

	for (size_t i = 0; r == 0 && i < js_len(layers); i++)
		if (js_len(a->layers) >= SIGNATURES_MAX)
			r = error_set(err, ERR_CONFLICT, "the image has more than %d signatures", SIGNATURES_MAX);
		else if (!has_layer(a, js_at(layers, i)))
			r = carry_layer(a, from, js_at(layers, i), err);
	return r < 0 || js_len(a->layers) == before ? r : put_manifest(a, err);
}

int copy_sigstore_carry(struct copy *c, const char *digest, struct error *err)
{
	CLEANUP(attachment_done) struct attachment a = { .layers = json_object_new_array(), .diff_ids = json_object_new_array() };
	CLEANUP(image_source_close_p) struct image_source *from = NULL;
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(error_done) struct error why = ERROR_INIT;
	struct image_source *source = c->q->from;
	struct image_destination *to = c->q->to;
	char tag[SIGSTORE_TAG_MAX];
	enum manifest_kind kind;
	int r;

	if (!source->attachments || !source->ops->sibling || !to->ops->sibling)
		return 0;
	if ((r = sigstore_tag(digest, tag, err)) < 0 || (r = source->ops->sibling(source, tag, &from, err)) < 0)
		return r;
	r = from->ops->manifest(from, NULL, &m, &why);
	if (r < 0)
		return r == -ERR_NOT_FOUND ? 0 : error_move(err, &why);
	r = manifest_read(buf_str(&m.bytes), m.type, &o, &kind, err);
	if (r == 0 && kind != MANIFEST_OCI)
		return error_set(err, ERR_CONFLICT, "what lies where signatures belong is no OCI image");
	if (r < 0 || (r = to->ops->sibling(to, tag, &a.old, &a.to, err)) < 0 || (r = read_old(&a, err)) < 0)
		return r;
	return carry_layers(&a, from, js_get(o, "layers"), err);
}
