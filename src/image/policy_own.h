/* image/policy_own.h: a policy as it was read, and the parts of its decision. */
#ifndef IMAGE_POLICY_OWN_H
#define IMAGE_POLICY_OWN_H

#include "base/js.h"
#include "image/policy.h"

/* ---- which name a signature may be for ------------------------------------------------------------------------------------ */

enum identity_kind {
	IDENTITY_REPO_DIGEST_OR_EXACT, /* when nothing is said */
	IDENTITY_EXACT,
	IDENTITY_REPOSITORY,
	IDENTITY_EXACT_REFERENCE,  /* value: a reference */
	IDENTITY_EXACT_REPOSITORY, /* value: a repository */
	IDENTITY_REMAP,            /* value: a prefix, which signed_prefix replaces */
};

struct policy_identity {
	enum identity_kind kind;
	char *value, *signed_prefix;
};

int policy_identity_parse(struct json_object *o, struct policy_identity *ret, struct error *err);
/* image: the full reference of what was asked for, "" where its transport has none. */
bool policy_identity_matches(const struct policy_identity *id, const char *image, const char *in_signature);
void policy_identity_done(struct policy_identity *id);

/* ---- requirements --------------------------------------------------------------------------------------------------------- */

enum requirement_kind { REQUIRE_NOTHING, REQUIRE_REJECT, REQUIRE_SIGNED_BY, REQUIRE_SIGSTORE, REQUIRE_SIGNED_BASE_LAYER };

struct policy_requirement {
	enum requirement_kind kind;
	struct strv key_paths, key_data; /* files, and keys in base64 */
	struct policy_identity identity;
	char *refusal; /* what of it can't be checked here: then nothing passes; NULL: nothing */
};

/* The requirements of a scope; all of them must hold. */
struct policy_scope {
	char *transport, *name;
	struct policy_requirement *v;
	size_t n;
};

struct policy {
	struct policy_scope dflt, *scopes;
	size_t n;
};

int policy_requirement_parse(struct json_object *o, struct policy_requirement *ret, struct error *err);
void policy_requirement_done(struct policy_requirement *q);

/* Whether a transport can have this scope at all; "" is always fine. */
bool policy_scope_valid(const char *transport, const char *name);
/* The most specific scope that covers an image; never NULL. */
const struct policy_scope *policy_scope_find(const struct policy *p, const char *transport, const char *image);

/* ---- decisions ------------------------------------------------------------------------------------------------------------ */

struct policy_image {
	struct image_source *from;
	const char *instance;
	const struct registry_manifest *manifest;
};

/* ERR_AUTH in containers/image's words. */
int policy_signed_by(const struct policy_requirement *q, const struct policy_image *image, struct error *err);
int policy_sigstore_signed(const struct policy_requirement *q, const struct policy_image *image, struct error *err);

/* Whether what a signature says is about this image. */
int policy_claim_check(const struct policy_requirement *q, const struct policy_image *image, const char *reference, const char *digest, struct error *err);
/* Key i of the paths, then of the data. ret has its own limit. */
int policy_key_read(const struct policy_requirement *q, size_t i, struct buf *ret, struct error *err);
size_t policy_key_count(const struct policy_requirement *q);

/* Why each signature was turned down. */
struct policy_reasons {
	struct buf text;
	size_t n;
};

#define POLICY_REASONS_INIT ((struct policy_reasons){ .text = BUF_INIT(16 * 1024) })

/* Empties why. */
void policy_reasons_add(struct policy_reasons *r, struct error *why);
/* ERR_AUTH; none: what is said when there is no signature. */
int policy_reasons_end(const struct policy_reasons *r, const char *none, struct error *err);

#endif
