/* image/lookaside.h: simple signatures that lie beside a registry, where registries.d says (containers-registries.d(5)). */
#ifndef IMAGE_LOOKASIDE_H
#define IMAGE_LOOKASIDE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"

#define LOOKASIDE_MAX        128               /* signatures of an image */
#define LOOKASIDE_MAX_BYTES  (4 * 1024 * 1024) /* of one */

/* Addresses with the repository's path at their end, without a slash behind it; owned. */
struct lookaside {
	char *read, *write;
	bool attachments; /* use-sigstore-attachments: sigstore's signatures count, too */
};

/* folder: --registries.d; NULL: ~/.config/containers/registries.d when it is there, else /etc/containers/registries.d. repository: "host[:port]/path"; version: tag or
 * digest. Of the most specific scope that names an address, else of default-docker, else the user's own folder. */
int lookaside_find(const char *folder, const char *repository, const char *version, struct lookaside *ret, struct error *err);
void lookaside_done(struct lookaside *l);

/* All signatures of a manifest, appended in base64. */
int lookaside_read(const struct lookaside *l, const char *digest, struct strv *ret, struct error *err);
/* In the place of what is there; none: removes. Only below file:// can be written. */
int lookaside_write(const struct lookaside *l, const char *digest, const struct strv *signatures, struct error *err);

#endif
