/* cmd/podman/rmi.c */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/removed.h"
#include "cmd/session.h"

struct rmi_args {
	bool all, force, ignore, no_prune;
};

static const struct opt rmi_opts[] = {
	OPT_BOOL('a', "all", struct rmi_args, all, "Remove all images"),
	OPT_BOOL('f', "force", struct rmi_args, force, "Remove the containers that use the image too"),
	OPT_BOOL('i', "ignore", struct rmi_args, ignore, "Do not fail for an image that does not exist"),
	OPT_BOOL(0, "no-prune", struct rmi_args, no_prune, "Keep dangling parent images"),
	OPT_END
};

static int rmi_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct rmi_args *a = args;
	struct image_remove_req q = { .names = names, .all = a->all, .force = a->force, .ignore = a->ignore || a->force,
				      .no_prune = a->no_prune };
	CLEANUP(js_put_p) struct json_object *report = NULL;
	struct engine *e;
	int r;

	if (!names->n && !a->all)
		return error_set(err, ERR_USAGE, "image name or ID must be specified");
	if (names->n && a->all)
		return error_set(err, ERR_USAGE, "when using the --all switch, you may not pass any images names or IDs");
	if ((r = session_engine(s, &e, err)) < 0 || (r = engine_image_remove(e, &q, &report, err)) < 0)
		return r;
	return removed_print(s, report);
}

const struct cmd cmd_rmi = {
	.names = (const char *const[]){ "rmi", "image rm", "image remove", NULL },
	.synopsis = "[options] IMAGE [IMAGE...]",
	.brief = "Remove one or more images from local storage",
	.about = "Removes one or more images from the host. A name of an image with several names is only untagged.",
	.examples = "podman rmi imageID\npodman rmi --force alpine\npodman rmi c4dfb1609ee2 93fd78260bd1 c0ed59d05ff7",
	.opts = rmi_opts,
	.args_size = sizeof(struct rmi_args),
	.max_names = CMD_ANY,
	.complete = "@image",
	.run = rmi_run,
};
