/* image/policy.c: where a policy comes from, and its decision about an image. */
#include "image/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/path.h"
#include "image/policy_own.h"
#include "image/policy_places.h"

/* ---- reading -------------------------------------------------------------------------------------------------------------- */

static int read_file(const char *file, struct policy **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	int r = path_read(file, &text, err);

	/* In Go's words, which every guide to this file has. */
	if (r == -ERR_NOT_FOUND)
		return error_set(err, ERR_NOT_FOUND, "open %s: no such file or directory", file);
	return r < 0 ? r : policy_parse(buf_str(&text), file, ret, err);
}

int policy_read(const char *file, struct policy **ret, struct strv *ret_searched, struct error *err)
{
	CLEANUP(strv_done) struct strv places = { 0 };

	*ret = NULL;
	if (file)
		return read_file(file, ret, err);
	if (!policy_places(&places))
		return error_set(err, ERR_SYSTEM, "out of memory");
	for (size_t i = 0; i < places.n; i++) {
		CLEANUP(error_done) struct error why = ERROR_INIT;
		int r = read_file(places.v[i], ret, &why);

		if (r != -ERR_NOT_FOUND)
			return r < 0 ? error_move(err, &why) : r;
	}
	return !ret_searched || strv_add_all(ret_searched, &places) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- keys ----------------------------------------------------------------------------------------------------------------- */

size_t policy_key_count(const struct policy_requirement *q)
{
	return q->key_paths.n + q->key_data.n;
}

int policy_key_read(const struct policy_requirement *q, size_t i, struct buf *ret, struct error *err)
{
	if (i < q->key_paths.n)
		return path_read(q->key_paths.v[i], ret, err);
	if (!base64_read(ret, str_from(q->key_data.v[i - q->key_paths.n])))
		return error_set(err, ERR_USAGE, "the data of a key is too large");
	return 0;
}

/* ---- what all signatures have in common ----------------------------------------------------------------------------------- */

/* The digest of an image may have been signed under another algorithm than the one it is known by. */
static bool is_digest_of(const struct registry_manifest *m, const char *digest)
{
	CLEANUP(digest_close_p) struct digest *d = NULL;
	char got[DIGEST_MAX];

	if (strcmp(m->digest, digest) == 0)
		return true;
	if (!digest_valid(str_from(digest)) || digest_open(digest, &d, NULL) < 0)
		return false;
	digest_add(d, m->bytes.p, m->bytes.n);
	digest_end(d, got);
	return strcmp(got, digest) == 0;
}

int policy_claim_check(const struct policy_requirement *q, const struct policy_image *image, const char *reference, const char *digest, struct error *err)
{
	if (!is_digest_of(image->manifest, digest))
		return error_set(err, ERR_AUTH, "Signature for digest %s does not match", digest);
	if (!policy_identity_matches(&q->identity, image->from->reference, reference))
		return error_set(err, ERR_AUTH, "Signature for identity %s is not accepted", reference);
	return 0;
}

void policy_reasons_add(struct policy_reasons *r, struct error *why)
{
	buf_addf(&r->text, "%s%s", r->n ? "; " : "", why->text ? why->text : "");
	r->n++;
	error_clear(why);
}

int policy_reasons_end(const struct policy_reasons *r, const char *none, struct error *err)
{
	if (!r->n)
		return error_set(err, ERR_AUTH, "%s", none);
	return error_set(err, ERR_AUTH, "%s%s", r->n > 1 ? "None of the signatures were accepted, reasons: " : "", buf_z(&r->text));
}

/* ---- the decision --------------------------------------------------------------------------------------------------------- */

static int check_requirement(const struct policy_requirement *q, const struct policy_image *image, struct error *err)
{
	if (q->refusal)
		return error_set(err, ERR_AUTH, "%s", q->refusal);
	switch (q->kind) {
	case REQUIRE_NOTHING:
		return 0;
	case REQUIRE_REJECT:
		return error_set(err, ERR_AUTH, "Running image %s is rejected by policy.", image->from->name);
	case REQUIRE_SIGNED_BY:
		return policy_signed_by(q, image, err);
	case REQUIRE_SIGSTORE:
		return policy_sigstore_signed(q, image, err);
	case REQUIRE_SIGNED_BASE_LAYER:
		break;
	}
	return error_set(err, ERR_AUTH, "signedBaseLayer not implemented yet!");
}

int policy_check(const struct policy *p, struct image_source *from, const char *instance, const struct registry_manifest *manifest, struct error *err)
{
	const struct policy_image image = { from, instance, manifest };
	const struct policy_scope *s;

	if (!p)
		return 0;
	s = policy_scope_find(p, from->policy_transport, from->policy_scope);
	for (size_t i = 0; i < s->n; i++) {
		int r = check_requirement(&s->v[i], &image, err);

		if (r < 0)
			return error_context(err, "Source image rejected");
	}
	return 0;
}
