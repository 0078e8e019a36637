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

/* Here so that its subcommands are answered. */
const struct cmd cmd_group_image_trust = {
	.names = (const char *const[]){ "image trust", NULL },
	.brief = "Manage container image trust policy (on the host only)",
	.about = "Manage the host's trust policy, which works on the host only",
	.hidden = true,
};

const struct cmd cmd_group_manifest = {
	.names = (const char *const[]){ "manifest", NULL },
	.brief = "Manipulate manifest lists and image indexes",
	.about = "Creates, changes and pushes lists of images for several platforms",
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

const struct cmd cmd_group_builder = {
	.names = (const char *const[]){ "builder", NULL },
	.brief = "Build images under docker's name",
	.about = "docker's word for building: podman builder build is podman build.",
	.hidden = true,
};

const struct cmd cmd_group_buildx = {
	.names = (const char *const[]){ "buildx", NULL },
	.brief = "Build images under docker's name",
	.about = "docker's word for building: podman buildx build is podman build.",
	.hidden = true,
};
