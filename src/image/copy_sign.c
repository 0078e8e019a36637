/* image/copy_sign.c: signatures that travel with an image, and new ones. */
#include <stdlib.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "image/copy_own.h"

/* ---- those that are there ---------------------------------------------------------------------------------------------- */

static const struct {
	const char *prefix, *text;
} refusals[] = {
	{ "oci", "Pushing signatures for OCI images is not supported" },
	{ "docker-archive:", "Storing signatures for docker tar files is not supported" },
	{ "docker-daemon:", "Storing signatures for docker tar files is not supported" },
};

static int check_support(struct copy *c, const char *what, struct error *err)
{
	const struct image_destination *to = c->q->to;

	copy_line(c, "Checking if %s destination supports signatures", what);
	if (to->ops->signatures)
		return 0;
	error_set(err, ERR_UNSUPPORTED, "can't store signatures");
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (strncmp(to->name, refusals[i].prefix, strlen(refusals[i].prefix)) == 0)
			error_set(err, ERR_UNSUPPORTED, "%s", refusals[i].text);
	return error_context(err, "Can not copy signatures to %s", to->name);
}

int copy_signatures_read(struct copy *c, const char *instance, const char *what, struct strv *ret, struct error *err)
{
	struct image_source *from = c->q->from;
	int r = 0;

	if (!c->q->remove_signatures) {
		copy_line(c, "Getting %s signatures", strcmp(what, "image") == 0 ? "image source" : what);
		if (from->ops->signatures)
			r = from->ops->signatures(from, instance, ret, err);
	}
	if (r < 0)
		return error_context(err, "reading signatures");
	return ret->n ? check_support(c, what, err) : 0;
}

const char *copy_fixed(const struct copy *c, const struct strv *signatures)
{
	if (signatures->n)
		return "Would invalidate signatures";
	if (c->q->to->fixed_digest)
		return "Destination specifies a digest";
	return c->q->preserve_digests ? "Instructed to preserve digests" : NULL;
}

/* ---- new ones ---------------------------------------------------------------------------------------------------------- */

static int identity(const struct copy *c, const char **ret, struct error *err)
{
	*ret = c->q->sign_identity ? c->q->sign_identity : c->q->to->reference;
	if (!*ret || !**ret)
		return error_set(err, ERR_USAGE, "Cannot determine canonical Docker reference for destination %s", c->q->to->name);
	return 0;
}

static int add_signature(struct copy *c, const char *fingerprint, const char *digest, struct strv *signatures, struct error *err)
{
	CLEANUP(buf_done) struct buf made = { 0 }, text = BUF_INIT(8 * 1024 * 1024);
	const char *reference;
	int r = identity(c, &reference, err);

	if (r < 0)
		return r;
	copy_line(c, "Signing manifest using simple signing");
	r = signature_make(reference, digest, fingerprint, c->q->sign_passphrase_file, &made, err);
	if (r < 0)
		return error_context(err, "creating signature");
	if (!base64_add(&text, buf_str(&made)) || !strv_add(signatures, buf_z(&text)))
		return copy_no_memory(err);
	return 0;
}

static int add_sigstore(struct copy *c, const char *digest, struct error *err)
{
	const char *reference;
	int r = identity(c, &reference, err);

	if (r < 0)
		return r;
	copy_line(c, "Signing manifest using a sigstore signature");
	r = copy_sigstore_sign(c, reference, digest, err);
	return r < 0 ? error_context(err, "creating signature") : 0;
}

int copy_signatures_write(struct copy *c, const char *instance, const char *what, const struct registry_manifest *written, struct strv *signatures,
			  struct error *err)
{
	struct image_destination *to = c->q->to;
	int r = 0;

	for (size_t i = 0; r == 0 && c->q->sign_by && i < c->q->sign_by->n; i++) {
		if (!to->ops->signatures)
			return check_support(c, what, err);
		r = add_signature(c, c->q->sign_by->v[i], written->digest, signatures, err);
	}
	if (r == 0 && !c->q->remove_signatures)
		r = copy_sigstore_carry(c, written->digest, err);
	if (r == 0 && c->q->sign_sigstore_key)
		r = add_sigstore(c, written->digest, err);
	if (r < 0)
		return r;
	copy_line(c, "Storing %s", strcmp(what, "image") == 0 ? "signatures" : "list signatures");
	if (signatures->n)
		r = to->ops->signatures(to, instance, signatures, err);
	return r < 0 ? error_context(err, "writing signatures") : 0;
}
