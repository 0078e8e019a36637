/* image/policy.h: containers-policy.json(5) and the signatures it asks for (containers-signature(5); sigstore keys). */
#ifndef IMAGE_POLICY_H
#define IMAGE_POLICY_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"
#include "image/store.h"

#define POLICY_MAX_BYTES (1024 * 1024)

struct policy;

/* file: --policy; NULL: ~/.config/containers/policy.json, the Homebrew prefix of the running binary (PREFIX/etc/containers), /etc/containers/policy.json. None of
 * them there: *ret is NULL, which accepts anything, and *ret_searched (may be NULL) gets the paths. A file that is wrong is ERR_USAGE: unknown and duplicate
 * keys too. */
int policy_read(const char *file, struct policy **ret, struct strv *ret_searched, struct error *err);
int policy_parse(struct str text, const char *name, struct policy **ret, struct error *err);
void policy_close_p(struct policy **p);

/* Whether the image of from with this manifest may be used. ERR_AUTH "Source image rejected: ..." in containers/image's words. manifest: of instance. */
int policy_check(const struct policy *p, struct image_source *from, const char *instance, const struct registry_manifest *manifest, struct error *err);

/* ---- signatures ------------------------------------------------------------------------------------------------------ */

/* Simple signing through the program gpg: an OpenPGP message over the JSON of reference and digest. ret is owned by the caller. passphrase_file may be NULL. */
int signature_make(const char *reference, const char *digest, const char *fingerprint, const char *passphrase_file, struct buf *ret, struct error *err);
/* Checks it against reference and digest. fingerprints: of the keys that may have signed, with commas between them. keys_file: public keys to use instead of gpg's own
 * keyring, then "any" means all of them; may be NULL. ERR_AUTH in containers/image's words. */
int signature_verify(struct str signature, const char *reference, const char *digest, const char *fingerprints, const char *keys_file, struct error *err);
/* What it says of itself, unverified, for people who look for a fault: skopeo's object, owned by the caller. */
struct json_object;
int signature_dump(struct str signature, struct json_object **ret, struct error *err);

/* PREFIX.pub and PREFIX.private (0600, encrypted with passphrase as cosign does: scrypt and secretbox). */
int sigstore_key_make(const char *prefix, const char *passphrase, struct error *err);
/* The first line of a file. ret is to be given to wipe_free. */
int signature_passphrase_read(const char *file, char **ret, struct error *err);
/* The payload of a sigstore signature: that digest may be called reference. ret is owned by the caller. */
int sigstore_payload(const char *reference, const char *digest, struct buf *ret, struct error *err);
/* ECDSA P-256 with SHA-256 over payload; base64. ret is owned by the caller. */
int sigstore_sign(const char *key_file, const char *passphrase, struct str payload, char **ret, struct error *err);
/* public_key: PEM. ERR_AUTH when it does not fit. */
int sigstore_verify(struct str public_key, struct str payload, const char *signature_base64, struct error *err);

#endif
