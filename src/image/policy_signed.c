/* image/policy_signed.c: signedBy: one good simple signature by one of the keys is enough. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "image/policy_own.h"
#include "image/signature_gpg.h"
#include "image/signature_payload.h"

#define NO_SIGNATURE "A signature was required, but no signature exists"

static int import_keys(const struct policy_requirement *q, struct gpg *g, struct strv *trusted, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < policy_key_count(q); i++) {
		CLEANUP(buf_done) struct buf key = BUF_INIT(POLICY_MAX_BYTES);

		r = policy_key_read(q, i, &key, err);
		if (r == 0)
			r = gpg_import(g, buf_str(&key), trusted, err);
	}
	return r;
}

static int check_signature(const struct policy_requirement *q, const struct policy_image *image, struct gpg *g, const struct strv *trusted,
			   struct str signature, struct error *err)
{
	CLEANUP(signature_payload_done) struct signature_payload p = { 0 };
	CLEANUP(gpg_verdict_done) struct gpg_verdict v = GPG_VERDICT_INIT(SIGNATURE_MAX_PAYLOAD);
	int r = gpg_verify(g, signature, &v, err);

	if (r == 0)
		r = gpg_verdict_check(&v, err);
	if (r < 0)
		return r;
	if (!strv_has(trusted, v.primary) && !strv_has(trusted, v.fingerprint))
		return error_set(err, ERR_AUTH, "Signature by key %s is not accepted", v.fingerprint);
	r = signature_payload_parse(buf_str(&v.content), SIGNATURE_TYPE_SIMPLE, &p, err);
	return r < 0 ? r : policy_claim_check(q, image, p.reference, p.digest, err);
}

/* Other kinds of signatures are kept in the same places and begin with a NUL. */
static bool is_simple(const struct buf *signature)
{
	return signature->n && signature->p[0] != '\0';
}

/* 1: one is good. */
static int check_all(const struct policy_requirement *q, const struct policy_image *image, struct gpg *g, const struct strv *signatures,
		     struct policy_reasons *reasons, struct error *err)
{
	CLEANUP(strv_done) struct strv trusted = { 0 };
	int r = import_keys(q, g, &trusted, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < signatures->n; i++) {
		CLEANUP(buf_done) struct buf signature = BUF_INIT(SIGNATURE_MAX_BYTES);
		CLEANUP(error_done) struct error why = ERROR_INIT;

		if (!base64_read(&signature, str_from(signatures->v[i])))
			error_set(&why, ERR_AUTH, "a signature is too large");
		else if (!is_simple(&signature))
			continue;
		else if (!trusted.n)
			error_set(&why, ERR_AUTH, "No public keys imported");
		else if (check_signature(q, image, g, &trusted, buf_str(&signature), &why) == 0)
			return 1;
		policy_reasons_add(reasons, &why);
	}
	return 0;
}

static void reasons_done(struct policy_reasons *r)
{
	buf_done(&r->text);
}

int policy_signed_by(const struct policy_requirement *q, const struct policy_image *image, struct error *err)
{
	CLEANUP(strv_done) struct strv signatures = { 0 };
	CLEANUP(gpg_done) struct gpg g = GPG_INIT;
	CLEANUP(reasons_done) struct policy_reasons reasons = POLICY_REASONS_INIT;
	const struct image_source_ops *ops = image->from->ops;
	int r = ops->signatures ? ops->signatures(image->from, image->instance, &signatures, err) : 0;

	if (r == 0 && signatures.n)
		r = gpg_open(false, &g, err);
	if (r == 0 && signatures.n)
		r = check_all(q, image, &g, &signatures, &reasons, err);
	if (r < 0)
		return r;
	return r == 1 ? 0 : policy_reasons_end(&reasons, NO_SIGNATURE, err);
}
