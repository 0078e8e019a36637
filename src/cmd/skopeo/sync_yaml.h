/* cmd/skopeo/sync_yaml.h: the file of sync --src yaml (skopeo-sync(1), "YAML file content"). */
#ifndef CMD_SKOPEO_SYNC_YAML_H
#define CMD_SKOPEO_SYNC_YAML_H

#include "cmd/skopeo/sync_sources.h"

/* Repositories that can't be read are reported and left out, as skopeo does; *ret_failed tells of it. */
int sync_sources_yaml(const char *file, const struct store_options *o, struct sync_sources *ret, bool *ret_failed, struct error *err);

#endif
