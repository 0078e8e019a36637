/* cmd/skopeo/commands.h: every command of the skopeo personality. cmd/table.c lists them. */
#ifndef CMD_SKOPEO_COMMANDS_H
#define CMD_SKOPEO_COMMANDS_H

#include "cli/cmd.h"

/* copy.c, inspect.c, list_tags.c, delete.c, sync.c */
extern const struct cmd skopeo_copy, skopeo_inspect, skopeo_list_tags, skopeo_delete, skopeo_sync;

/* login.c */
extern const struct cmd skopeo_login, skopeo_logout;

/* standalone.c */
extern const struct cmd skopeo_manifest_digest, skopeo_standalone_sign, skopeo_standalone_verify, skopeo_signature_dump, skopeo_generate_sigstore_key;

/* podman_skopeo.c: all of them below podman */
extern const struct cmd cmd_skopeo;

#endif
