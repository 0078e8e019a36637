/* image/signature.c: simple signing (containers-signature(5)): an OpenPGP message over the JSON of name and digest. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/js.h"
#include "base/path.h"
#include "image/policy.h"
#include "image/reference.h"
#include "image/signature_gpg.h"
#include "image/signature_payload.h"

int signature_make(const char *reference, const char *digest, const char *fingerprint, const char *passphrase_file, struct buf *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf payload = BUF_INIT(SIGNATURE_MAX_PAYLOAD), made = BUF_INIT(SIGNATURE_MAX_BYTES);
	int r = signature_payload_make(SIGNATURE_TYPE_SIMPLE, reference, digest, &payload, err);

	if (r == 0)
		r = gpg_sign(buf_str(&payload), fingerprint, passphrase_file, &made, err);
	if (r < 0)
		return r;
	*ret = made;
	made = (struct buf){ 0 };
	return 0;
}

/* ---- verifying ------------------------------------------------------------------------------------------------------------ */

/* Keys are named in full: a short id can be had for any key. */
static bool names_key(struct str fingerprint, const struct gpg_verdict *v)
{
	size_t n = strlen(v->fingerprint);

	return n && ((fingerprint.n == n && strncasecmp(fingerprint.p, v->fingerprint, n) == 0) ||
		     (fingerprint.n == strlen(v->primary) && strncasecmp(fingerprint.p, v->primary, fingerprint.n) == 0 && fingerprint.n));
}

static bool is_accepted(const char *fingerprints, const struct strv *imported, const struct gpg_verdict *v)
{
	struct str list = str_from(fingerprints), one;
	bool more = true;

	if (strcmp(fingerprints, "any") == 0)
		return strv_has(imported, v->primary) || strv_has(imported, v->fingerprint);
	while (more) {
		more = str_cut(list, ',', &one, &list);
		if (names_key(str_trim(one), v))
			return true;
	}
	return false;
}

static int check_claim(const struct signature_payload *p, const char *reference, const char *digest, struct error *err)
{
	CLEANUP(reference_done) struct reference said = { 0 }, want = { 0 };
	CLEANUP(free_p) char *said_text = NULL;
	CLEANUP(free_p) char *want_text = NULL;
	int r = reference_parse(reference, &want, err);

	if (r < 0)
		return r;
	if (strcmp(p->digest, digest) != 0)
		return error_set(err, ERR_AUTH, "Signature for docker digest \"%s\" does not match", p->digest);
	if (reference_parse(p->reference, &said, NULL) < 0)
		return error_set(err, ERR_AUTH, "Invalid docker reference %s in signature", p->reference);
	said_text = reference_string(&said);
	want_text = reference_string(&want);
	if (!said_text || !want_text || strcmp(said_text, want_text) != 0)
		return error_set(err, ERR_AUTH, "Docker reference %s does not match %s", p->reference, reference);
	return 0;
}

static int import_file(struct gpg *g, const char *keys_file, struct strv *imported, struct error *err)
{
	CLEANUP(buf_done) struct buf keys = BUF_INIT(POLICY_MAX_BYTES);
	int r = path_read(keys_file, &keys, err);

	if (r == 0)
		r = gpg_import(g, buf_str(&keys), imported, err);
	if (r == 0 && !imported->n)
		return error_set(err, ERR_AUTH, "%s: no public keys imported", keys_file);
	return r;
}

static int check_verdict(const struct gpg_verdict *v, const char *fingerprints, const struct strv *imported, struct signature_payload *ret, struct error *err)
{
	int r = gpg_verdict_check(v, err);

	if (r < 0)
		return r;
	if (!is_accepted(fingerprints, imported, v))
		return error_set(err, ERR_AUTH, "Signature by %s does not match expected fingerprint %s", v->fingerprint, fingerprints);
	return signature_payload_parse(buf_str(&v->content), SIGNATURE_TYPE_SIMPLE, ret, err);
}

int signature_verify(struct str signature, const char *reference, const char *digest, const char *fingerprints, const char *keys_file, struct error *err)
{
	CLEANUP(gpg_done) struct gpg g = GPG_INIT;
	CLEANUP(gpg_verdict_done) struct gpg_verdict v = GPG_VERDICT_INIT(SIGNATURE_MAX_PAYLOAD);
	CLEANUP(signature_payload_done) struct signature_payload p = { 0 };
	CLEANUP(strv_done) struct strv imported = { 0 };
	int r;

	if (strcmp(fingerprints, "any") == 0 && !keys_file)
		return error_set(err, ERR_USAGE, "\"any\" key needs a file with public keys");
	r = gpg_open(!keys_file, &g, err);
	if (r == 0 && keys_file)
		r = import_file(&g, keys_file, &imported, err);
	if (r == 0)
		r = gpg_verify(&g, signature, &v, err);
	if (r == 0)
		r = check_verdict(&v, fingerprints, &imported, &p, err);
	return r < 0 ? r : check_claim(&p, reference, digest, err);
}

/* ---- looking without believing -------------------------------------------------------------------------------------------- */

static struct json_object *describe(const struct signature_payload *p, const char *key_id)
{
	CLEANUP(buf_done) struct buf when = BUF_INIT(64);
	struct json_object *o = json_object_new_object();

	instant_rfc3339((struct instant){ .s = p->timestamp }, &when);
	js_set_str(o, "UntrustedDockerManifestDigest", p->digest);
	js_set_str(o, "UntrustedDockerReference", p->reference);
	js_set(o, "UntrustedCreatorID", p->creator ? js_str(p->creator) : NULL);
	js_set(o, "UntrustedTimestamp", p->has_timestamp ? js_str(buf_z(&when)) : NULL);
	js_set_str(o, "UntrustedShortKeyIdentifier", key_id);
	return o;
}

/* With an empty keyring: the content is told all the same, and by which key it says it is. */
int signature_dump(struct str signature, struct json_object **ret, struct error *err)
{
	CLEANUP(gpg_done) struct gpg g = GPG_INIT;
	CLEANUP(gpg_verdict_done) struct gpg_verdict v = GPG_VERDICT_INIT(SIGNATURE_MAX_PAYLOAD);
	CLEANUP(signature_payload_done) struct signature_payload p = { 0 };
	int r = gpg_open(false, &g, err);

	if (r == 0)
		r = gpg_verify(&g, signature, &v, err);
	if (r < 0)
		return r;
	if (!v.key_id[0])
		return error_set(err, ERR_AUTH, "The input is not a signature");
	r = signature_payload_parse(buf_str(&v.content), SIGNATURE_TYPE_SIMPLE, &p, err);
	if (r < 0)
		return r;
	*ret = describe(&p, v.key_id);
	return 0;
}
