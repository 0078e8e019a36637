/* cmd/podman/registry_here.h: registries that this machine asks itself. */
#ifndef CMD_PODMAN_REGISTRY_HERE_H
#define CMD_PODMAN_REGISTRY_HERE_H

#include "cmd/podman/creds.h"

struct registries;

/* The registry of "host[:port][/path]" with all that the user, the files of credentials and conf say about it; mirrors don't count. */
int registry_here(struct session *s, const struct creds_args *creds, const struct registries *conf, const char *repository, struct registry **ret,
		  struct error *err);

/* What a registry has under a name, a list or an image, as JSON; owned by the caller. typed: as reference_parse takes it,
 * "docker://" may stand before it. */
struct json_object;
int registry_here_manifest(struct session *s, const struct creds_args *creds, const char *typed, struct json_object **ret, struct error *err);

#endif
