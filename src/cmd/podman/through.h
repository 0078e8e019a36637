/* cmd/podman/through.h: the registry's half of pull and push on this machine, for what a host's protocol has no place for: credentials of this machine, its
 * certificates, another platform ... The image streams between host and registry through this process; its credentials and registries.conf count, and no host
 * sees them. */
#ifndef CMD_PODMAN_THROUGH_H
#define CMD_PODMAN_THROUGH_H

#include "cmd/podman/creds.h"
#include "engine/engine.h"

/* As engine_image_pull; the policy is not looked at. ret_id: owned by the caller. */
int through_pull(struct session *s, struct engine *e, const struct creds_args *a, const struct pull_req *q, char **ret_id, struct error *err);

/* As engine_image_push. */
int through_push(struct session *s, struct engine *e, const struct creds_args *a, const struct push_req *q, char **ret_digest, struct error *err);

/* A destination or source as typed: "docker://" is taken off, other transports are ERR_UNSUPPORTED. Borrowed from typed. */
int through_registry_name(const char *typed, const char **ret, struct error *err);

/* The full names that a name may stand for: itself, else the alias of registries.conf, else one for each registry to search, else docker.io. */
int through_candidates(const char *typed, struct strv *ret, struct error *err);

/* All tags of a repository, as this machine sees them: ret gets "host/path:tag". */
int through_tags(struct session *s, const struct creds_args *a, const char *typed, struct strv *ret, struct error *err);

/* The digest of what a registry has under a name. */
int through_digest(struct session *s, const struct creds_args *a, const char *image, char ret[DIGEST_MAX], struct error *err);

#endif
