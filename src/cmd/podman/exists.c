/* cmd/podman/exists.c: questions that are answered by the exit status alone. */
#include "cmd/podman/commands.h"
#include "cmd/session.h"

struct exists_args {
	bool external;
};

static const struct opt container_exists_opts[] = {
	OPT_BOOL(0, "external", struct exists_args, external, "Count containers in storage that Podman does not control"),
	OPT_END
};

static int answer(struct session *s, enum object_kind kind, const char *name, struct error *err)
{
	struct engine *e;
	bool there = false;
	int r;

	if ((r = session_engine(s, &e, err)) < 0 || (r = engine_exists(e, kind, name, &there, err)) < 0)
		return r;
	return there ? 0 : 1;
}

static int container_exists_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	(void)args;
	return answer(s, OBJECT_CONTAINER, names->v[0], err);
}

static int image_exists_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	(void)args;
	return answer(s, OBJECT_IMAGE, names->v[0], err);
}

const struct cmd cmd_container_exists = {
	.names = (const char *const[]){ "container exists", NULL },
	.synopsis = "[options] CONTAINER",
	.brief = "Check if a container exists in local storage",
	.about = "Exits with 0 when the container exists on the host, with 1 when it does not, and with 125 when that cannot be found out.",
	.examples = "podman container exists web || podman run --name web -d nginx",
	.opts = container_exists_opts,
	.args_size = sizeof(struct exists_args),
	.min_names = 1,
	.max_names = 1,
	.complete = "@container",
	.run = container_exists_run,
};

const struct cmd cmd_image_exists = {
	.names = (const char *const[]){ "image exists", NULL },
	.synopsis = "IMAGE",
	.brief = "Check if an image exists in local storage",
	.about = "Exits with 0 when the image exists on the host, with 1 when it does not, and with 125 when that cannot be found out.",
	.examples = "podman image exists alpine && podman run alpine",
	.min_names = 1,
	.max_names = 1,
	.complete = "@image",
	.run = image_exists_run,
};
