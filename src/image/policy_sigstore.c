/* image/policy_sigstore.c: sigstoreSigned: one good signature by one of the keys is enough. They lie beside the image in its repository, or among its simple
 * signatures (dir:, lookaside). containers/image looks beside it only where registries.d says use-sigstore-attachments; a policy that asks for them says so as well. */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "image/manifest.h"
#include "image/policy_own.h"
#include "image/signature_payload.h"
#include "image/sigstore.h"

#define NO_SIGNATURE   "A signature was required, but no signature exists"
#define SIGNATURES_MAX 128 /* that are looked at */

/* What is looked for, and what was found on the way. */
struct search {
	const struct policy_requirement *q;
	const struct policy_image *image;
	struct policy_reasons reasons;
	size_t seen, simple, others; /* signatures of this kind; of the other kind; layers that are none */
};

static void search_done(struct search *s)
{
	buf_done(&s->reasons.text);
}

/* ---- one signature -------------------------------------------------------------------------------------------------------- */

static int check_keys(const struct policy_requirement *q, struct str payload, const char *signature, struct error *err)
{
	int r = error_set(err, ERR_AUTH, "no key");

	for (size_t i = 0; r < 0 && i < policy_key_count(q); i++) {
		CLEANUP(buf_done) struct buf key = BUF_INIT(POLICY_MAX_BYTES);

		r = policy_key_read(q, i, &key, err);
		if (r == 0)
			r = sigstore_verify(buf_str(&key), payload, signature, err);
	}
	return r;
}

static int check_signature(const struct search *s, struct str payload, const char *signature, struct error *err)
{
	CLEANUP(signature_payload_done) struct signature_payload p = { 0 };
	int r;

	if (!signature)
		return error_set(err, ERR_AUTH, "missing " SIGSTORE_SIGNATURE_ANNOTATION " annotation");
	r = check_keys(s->q, payload, signature, err);
	if (r == 0)
		r = signature_payload_parse(payload, SIGNATURE_TYPE_SIGSTORE, &p, err);
	return r < 0 ? r : policy_claim_check(s->q, s->image, p.reference, p.digest, err);
}

/* 1: it is good. */
static int judge(struct search *s, struct str payload, struct json_object *annotations)
{
	CLEANUP(error_done) struct error why = ERROR_INIT;

	s->seen++;
	if (check_signature(s, payload, js_get_str(annotations, SIGSTORE_SIGNATURE_ANNOTATION, NULL), &why) == 0)
		return 1;
	policy_reasons_add(&s->reasons, &why);
	return 0;
}

/* ---- beside the image ----------------------------------------------------------------------------------------------------- */

static int judge_layer(struct search *s, struct image_source *beside, struct json_object *layer, struct error *err)
{
	CLEANUP(buf_done) struct buf payload = BUF_INIT(SIGNATURE_MAX_PAYLOAD);
	struct byte_sink sink = bytes_to_buf(&payload);
	struct manifest_blob b;
	int r = manifest_blob_read(layer, &b, err);

	if (r < 0)
		return r;
	if (!b.type || strcmp(b.type, SIGSTORE_LAYER_TYPE) != 0) {
		s->others++;
		return 0;
	}
	if (b.size > SIGNATURE_MAX_PAYLOAD)
		return error_set(err, ERR_PROTOCOL, "the signature %s has %lld bytes", b.digest, (long long)b.size);
	r = beside->ops->blob(beside, &(struct store_blob){ .digest = b.digest, .type = b.type, .size = b.size }, &sink, err);
	return r < 0 ? r : judge(s, buf_str(&payload), js_get(layer, "annotations"));
}

/* 0 and an empty *ret: there is no such image. */
static int read_attachment(struct search *s, struct image_source **ret_beside, struct json_object **ret, struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	CLEANUP(error_done) struct error why = ERROR_INIT;
	struct image_source *from = s->image->from;
	enum manifest_kind kind;
	char tag[SIGSTORE_TAG_MAX];
	int r = sigstore_tag(s->image->manifest->digest, tag, err);

	if (r == 0)
		r = from->ops->sibling(from, tag, ret_beside, err);
	if (r < 0)
		return r;
	r = (*ret_beside)->ops->manifest(*ret_beside, NULL, &m, &why);
	if (r == -ERR_NOT_FOUND)
		return 0;
	if (r < 0)
		return error_move(err, &why);
	r = manifest_read(buf_str(&m.bytes), m.type, ret, &kind, err);
	if (r == 0 && kind != MANIFEST_OCI)
		return error_set(err, ERR_PROTOCOL, "%s is no OCI image: %s", tag, m.type ? m.type : "");
	return r;
}

static int search_beside(struct search *s, struct error *err)
{
	CLEANUP(image_source_close_p) struct image_source *beside = NULL;
	CLEANUP(js_put_p) struct json_object *o = NULL;
	int r;

	if (!s->image->from->ops->sibling)
		return 0;
	r = read_attachment(s, &beside, &o, err);
	for (size_t i = 0; r == 0 && s->seen < SIGNATURES_MAX && i < js_len(js_get(o, "layers")) && i < MANIFEST_MAX_LAYERS; i++)
		r = judge_layer(s, beside, js_at(js_get(o, "layers"), i), err);
	return r < 0 ? error_context(err, "reading sigstore signatures") : r;
}

/* ---- among the simple ones ------------------------------------------------------------------------------------------------ */

static int judge_kept(struct search *s, struct str signature, struct error *err)
{
	static const struct str mark = { SIGSTORE_FORMAT_MARK, sizeof(SIGSTORE_FORMAT_MARK) - 1 };
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf payload = BUF_INIT(SIGNATURE_MAX_PAYLOAD);
	int r;

	if (!str_starts(signature, mark)) {
		s->simple++;
		return 0;
	}
	r = js_parse((struct str){ signature.p + mark.n, signature.n - mark.n }, "sigstore signature", &o, err);
	if (r < 0)
		return r;
	if (strcmp(js_get_str(o, "mimeType", ""), SIGSTORE_LAYER_TYPE) != 0) {
		s->others++;
		return 0;
	}
	if (!base64_read(&payload, js_text(js_get(o, "payload"))))
		return error_set(err, ERR_PROTOCOL, "a sigstore signature without a payload in base64");
	return judge(s, buf_str(&payload), js_get(o, "annotations"));
}

static int search_kept(struct search *s, struct error *err)
{
	CLEANUP(strv_done) struct strv kept = { 0 };
	const struct policy_image *image = s->image;
	int r = image->from->ops->signatures ? image->from->ops->signatures(image->from, image->instance, &kept, err) : 0;

	for (size_t i = 0; r == 0 && i < kept.n && s->seen < SIGNATURES_MAX; i++) {
		CLEANUP(buf_done) struct buf signature = BUF_INIT(SIGNATURE_MAX_BYTES);

		if (!base64_read(&signature, str_from(kept.v[i])))
			return error_set(err, ERR_PROTOCOL, "a signature is too large");
		r = judge_kept(s, buf_str(&signature), err);
	}
	return r;
}

int policy_sigstore_signed(const struct policy_requirement *q, const struct policy_image *image, struct error *err)
{
	CLEANUP(search_done) struct search s = { q, image, POLICY_REASONS_INIT, 0, 0, 0 };
	int r = search_kept(&s, err);

	if (r == 0)
		r = search_beside(&s, err);
	if (r != 0)
		return r < 0 ? r : 0;
	if (!s.reasons.n && s.simple + s.others)
		return error_set(err, ERR_AUTH, NO_SIGNATURE " (%zu non-sigstore signatures, %zu sigstore non-signature attachments)", s.simple, s.others);
	return policy_reasons_end(&s.reasons, NO_SIGNATURE, err);
}
