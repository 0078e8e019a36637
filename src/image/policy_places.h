/* image/policy_places.h: where policy.json is looked for. */
#ifndef IMAGE_POLICY_PLACES_H
#define IMAGE_POLICY_PLACES_H

#include "base/strv.h"

/* The folder that a program was installed below, with Homebrew's Cellar taken out: "/opt/homebrew" for /opt/homebrew/Cellar/x/1.0/bin/x and for
 * /opt/homebrew/bin/x. Owned by the caller; NULL where there is none that has an etc of its own (/usr, a build folder). */
char *policy_prefix_of(const char *program);

/* Full paths in their order. */
bool policy_places(struct strv *ret);

#endif
