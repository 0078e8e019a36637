/* cmd/skopeo/carry.h: what copy and sync have in common: the flags that say how an image is carried over, the policy, and one image's way with its retries. */
#ifndef CMD_SKOPEO_CARRY_H
#define CMD_SKOPEO_CARRY_H

#include "cmd/skopeo/copy_view.h"
#include "cmd/skopeo/host_store.h"
#include "cmd/skopeo/retry.h"
#include "cmd/skopeo/side.h"
#include "image/copy.h"

struct carry_args {
	const char *authfile, *format, *sign_by, *sigstore_key, *passphrase_file, *sigstore_params, *sq_fingerprint, *digestfile;
	struct retry_args retry;
	bool all, preserve_digests, remove_signatures;
};

extern const struct opt carry_opts[];

/* One run of a command; q lacks from, to and event until an image is carried. */
struct carry {
	struct session *session;
	const struct carry_args *args;
	struct policy *policy;
	struct strv sign_by;
	struct host_store hosts;
	struct copy_view view;
	struct copy_req q;
};

int carry_open(struct session *s, const struct carry_args *a, bool quiet, struct carry *ret, struct error *err);
void carry_done(struct carry *c);

/* from and to as typed, with their options. ret_manifest may be NULL. */
int carry_image(struct carry *c, const char *from, const struct store_options *source, const char *to, const struct store_options *destination,
		struct registry_manifest *ret_manifest, struct error *err);

/* --tls-verify for both sides, which skopeo wants no more and says so: -1 not given. */
int carry_tls_verify(const struct session *s);

#endif
