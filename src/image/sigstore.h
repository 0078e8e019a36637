/* image/sigstore.h: how sigstore signatures are laid down: layers of an image beside the one that they sign (sigstore/cosign, specs/SIGNATURE_SPEC.md). */
#ifndef IMAGE_SIGSTORE_H
#define IMAGE_SIGSTORE_H

#include "base/digest.h"

#define SIGSTORE_LAYER_TYPE           "application/vnd.dev.cosign.simplesigning.v1+json"
#define SIGSTORE_SIGNATURE_ANNOTATION "dev.cosignproject.cosign/signature"

/* Before a signature of this kind among simple ones: the JSON {"mimeType", "payload", "annotations"} follows. The NUL in front counts. */
#define SIGSTORE_FORMAT_MARK "\0sigstore-json\n"

/* Of what is signed, the JSON. */
#define SIGSTORE_PAYLOAD_MAX (4 * 1024 * 1024)

/* "sha256:HEX" is "sha256-HEX.sig". */
#define SIGSTORE_TAG_MAX (DIGEST_MAX + 8)
int sigstore_tag(const char *digest, char ret[SIGSTORE_TAG_MAX], struct error *err);

#endif
