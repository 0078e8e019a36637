/* varlink/changes.h: instructions of commit --change and import --change. */
#ifndef VARLINK_CHANGES_H
#define VARLINK_CHANGES_H

#include "base/js.h"
#include "engine/engine.h"

/* The list as the version takes it: 1.6.2 wants "ENV=A=b" and drops "ENV A=b" and unknown instructions without a word. changes may be NULL.
 * ERR_USAGE. */
int changes_list(const struct engine *e, const struct strv *changes, struct json_object **ret, struct error *err);

#endif
