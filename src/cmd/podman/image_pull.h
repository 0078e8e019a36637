/* cmd/podman/image_pull.h: an image onto the host, for pull, run and create: by the host itself where its protocol can say what the user said, else through
 * this machine. */
#ifndef CMD_PODMAN_IMAGE_PULL_H
#define CMD_PODMAN_IMAGE_PULL_H

#include "cmd/podman/creds.h"
#include "engine/engine.h"

/* q: auth and tls_verify are filled here, from a. Progress goes to stderr unless q->quiet. ret_id: owned by the caller. ERR_UNSUPPORTED with q->all_tags: the
 * caller asks for the tags one by one. */
int image_pull(struct session *s, struct engine *e, const struct creds_args *a, const struct pull_req *q, char **ret_id, struct error *err);

#endif
