/* cmd/podman/groups.c: names that only hold subcommands. */
#include "cmd/podman/commands.h"

const struct cmd cmd_group_container = {
	.names = (const char *const[]){ "container", NULL },
	.brief = "Manage containers",
	.about = "Manage containers",
};

const struct cmd cmd_group_image = {
	.names = (const char *const[]){ "image", NULL },
	.brief = "Manage images",
	.about = "Manage images",
};

const struct cmd cmd_group_system = {
	.names = (const char *const[]){ "system", NULL },
	.brief = "Manage podman",
	.about = "Manage podman",
};

const struct cmd cmd_group_system_connection = {
	.names = (const char *const[]){ "system connection", NULL },
	.brief = "Manage remote API service destinations",
	.about = "Manage the hosts that podman connects to",
};

/* docker's word for connections. */
const struct cmd cmd_group_context = {
	.names = (const char *const[]){ "context", NULL },
	.brief = "Manage connections under docker's name",
	.about = "The same as podman system connection.",
	.hidden = true,
};
