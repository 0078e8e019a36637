/* cmd/skopeo/podman_skopeo.c: `podman skopeo WORD...`: the other personality without its name. podman's global options before the word say which host containers-storage: is. */
#include "cmd/personality.h"
#include "cmd/session.h"
#include "cmd/skopeo/commands.h"

static int skopeo_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	(void)args;
	return personality_skopeo(s, (int)names->n, names->v, err);
}

const struct cmd cmd_skopeo = {
	.names = (const char *const[]){ "skopeo", NULL },
	.synopsis = "COMMAND [options] ...",
	.brief = "Look at, copy and delete images in registries",
	.about = "Runs the commands of skopeo: copy, delete, inspect, list-tags, sync and others. `podman skopeo --help` lists them.",
	.examples = "podman skopeo inspect docker://quay.io/podman/stable",
	.max_names = CMD_ANY,
	.raw = true,
	.hidden = true,
	.run = skopeo_run,
};
