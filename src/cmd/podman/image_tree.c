/* cmd/podman/image_tree.c */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/buf.h"
#include "cmd/podman/commands.h"
#include "cmd/session.h"

struct tree_args {
	bool what_requires;
};

static const struct opt tree_opts[] = {
	OPT_BOOL(0, "whatrequires", struct tree_args, what_requires, "Show all images and layers that are built on the image"),
	OPT_END
};

static int tree_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct tree_args *a = args;
	CLEANUP(free_p) char *text = NULL;
	struct engine *e;
	int r;

	if ((r = session_engine(s, &e, err)) < 0 || (r = engine_image_tree(e, names->v[0], a->what_requires, &text, err)) < 0)
		return r;
	fprintf(session_out(s), "%s%s", text, str_ends(str_from(text), STR("\n")) ? "" : "\n");
	return 0;
}

const struct cmd cmd_image_tree = {
	.names = (const char *const[]){ "image tree", NULL },
	.synopsis = "[options] IMAGE",
	.brief = "Prints layer hierarchy of an image in a tree format",
	.about = "Draws the layers of an image with their sizes and names.",
	.examples = "podman image tree alpine:latest",
	.opts = tree_opts,
	.args_size = sizeof(struct tree_args),
	.min_names = 1,
	.max_names = 1,
	.complete = "@image",
	.run = tree_run,
};
