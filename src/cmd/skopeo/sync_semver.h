/* cmd/skopeo/sync_semver.h: the version ranges of images-by-semver, as github.com/Masterminds/semver v3 understands them: ">= 3.12, < 4", "^1.2", "~1.2.3", "1.x",
 * "1.2 - 1.4", "1.0 || >2". */
#ifndef CMD_SKOPEO_SYNC_SEMVER_H
#define CMD_SKOPEO_SYNC_SEMVER_H

#include <stdbool.h>

#include "base/error.h"

struct semver_range;

/* ERR_USAGE: improper constraint: X. */
int semver_range_parse(const char *text, struct semver_range **ret, struct error *err);
/* Tags that are no versions ("latest") are not in a range, nor are pre-releases in one without any. */
bool semver_range_has(const struct semver_range *r, const char *tag);
void semver_range_close_p(struct semver_range **r);

#endif
