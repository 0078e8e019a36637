/* cmd/podman/commands.h: every command of the podman personality, by family. cmd/table.c lists them. */
#ifndef CMD_PODMAN_COMMANDS_H
#define CMD_PODMAN_COMMANDS_H

#include "cli/cmd.h"

/* groups.c */
extern const struct cmd cmd_group_builder, cmd_group_buildx, cmd_group_container, cmd_group_context, cmd_group_image, cmd_group_image_trust,
	cmd_group_manifest, cmd_group_system, cmd_group_system_connection;

/* run.c, start.c, attach.c, exec.c */
extern const struct cmd cmd_run, cmd_create, cmd_start, cmd_attach, cmd_exec;

/* lifecycle.c */
extern const struct cmd cmd_stop, cmd_kill, cmd_wait, cmd_rm;

/* logs.c, top.c, port.c */
extern const struct cmd cmd_logs, cmd_top, cmd_port;

/* ps.c, images.c, rmi.c, pull.c, push.c, inspect.c */
extern const struct cmd cmd_ps, cmd_images, cmd_rmi, cmd_pull, cmd_push, cmd_inspect, cmd_container_inspect, cmd_image_inspect;
extern const struct cmd cmd_container_exists, cmd_image_exists;

/* save.c, load.c, commit.c, history.c, tag.c, search.c, diff.c */
extern const struct cmd cmd_save, cmd_export, cmd_load, cmd_import, cmd_commit, cmd_history, cmd_tag, cmd_untag, cmd_search;
extern const struct cmd cmd_diff, cmd_container_diff, cmd_image_diff;

/* build.c, cp.c */
extern const struct cmd cmd_build, cmd_cp;

/* image_tree.c, image_prune.c, scp.c, local_only.c */
extern const struct cmd cmd_image_tree, cmd_image_prune, cmd_image_scp;
extern const struct cmd cmd_image_sign, cmd_image_trust_set, cmd_image_trust_show, cmd_image_mount, cmd_image_unmount;

/* manifest.c, manifest_push.c */
extern const struct cmd cmd_manifest_add, cmd_manifest_annotate, cmd_manifest_create, cmd_manifest_exists, cmd_manifest_inspect, cmd_manifest_push,
	cmd_manifest_remove, cmd_manifest_rm;

/* login.c */
extern const struct cmd cmd_login, cmd_logout;

/* version.c */
extern const struct cmd cmd_version, cmd_info;

/* connection.c */
extern const struct cmd cmd_system_connection_list, cmd_system_connection_add, cmd_system_connection_remove,
	cmd_system_connection_rename, cmd_system_connection_default, cmd_system_connection_test;

/* completion.c */
extern const struct cmd cmd_completion, cmd_complete, cmd_complete_no_desc, cmd_man_pages;

#endif
