/* cmd/podman/manifest.h: what the commands about manifest lists share. */
#ifndef CMD_PODMAN_MANIFEST_H
#define CMD_PODMAN_MANIFEST_H

#include "cmd/podman/creds.h"

/* creds_header for an image or a destination that may have a transport in front; those that are no registry's need none. */
int manifest_auth(const struct creds_args *creds, const char *image, char **ret, struct error *err);

/* Docker's spelling of --tls-verify=false, for args with a bool insecure. */
#define INSECURE_OPT(T) \
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .long_name = "insecure", .help = "Docker's word for --tls-verify=false", .offset = OPT_FIELD(T, insecure, bool) }

/* ERR_USAGE when --tls-verify was given too. */
int manifest_insecure(struct creds_args *creds, bool insecure, struct error *err);

#endif
