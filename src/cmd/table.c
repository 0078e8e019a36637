#include "cmd/table.h"

#include "cmd/podman/commands.h"

const struct cmd *const podman_table[] = {
	&cmd_attach,
	&cmd_group_container,
	&cmd_container_exists,
	&cmd_container_inspect,
	&cmd_create,
	&cmd_exec,
	&cmd_group_image,
	&cmd_image_exists,
	&cmd_image_inspect,
	&cmd_images,
	&cmd_info,
	&cmd_inspect,
	&cmd_kill,
	&cmd_logs,
	&cmd_port,
	&cmd_ps,
	&cmd_pull,
	&cmd_rm,
	&cmd_rmi,
	&cmd_run,
	&cmd_start,
	&cmd_stop,
	&cmd_group_system,
	&cmd_group_system_connection,
	&cmd_system_connection_add,
	&cmd_system_connection_default,
	&cmd_system_connection_list,
	&cmd_system_connection_remove,
	&cmd_system_connection_rename,
	&cmd_system_connection_test,
	&cmd_top,
	&cmd_version,
	&cmd_wait,
	/* not in lists of commands */
	&cmd_group_context,
	&cmd_completion,
	&cmd_complete,
	&cmd_complete_no_desc,
	&cmd_man_pages,
	NULL,
};

const struct program podman_program = {
	.name = "podman",
	.about = "Manage containers and images on a remote Linux host",
	.version = FARPOD_VERSION,
	.table = podman_table,
};

static const struct cmd *const skopeo_table[] = { NULL };

const struct program skopeo_program = {
	.name = "skopeo",
	.about = "Inspect, copy and delete images in registries",
	.version = FARPOD_VERSION,
	.table = skopeo_table,
};
