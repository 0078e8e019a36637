/* cmd/podman/tag.c: tag, untag. */
#include "base/cleanup.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/full_name.h"
#include "cmd/session.h"


/* All are checked before the first is changed. */
static int full_names(const struct strv *typed, struct strv *ret, struct error *err)
{
	for (size_t i = 1; i < typed->n; i++) {
		char *name = NULL;
		int r = full_name(typed->v[i], &name, err);

		if (r < 0)
			return r;
		if (!strv_take(ret, name))
			return error_set(err, ERR_SYSTEM, "out of memory");
	}
	return 0;
}

static int tag_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	CLEANUP(strv_done) struct strv full = { 0 };
	struct engine *e;
	int r = full_names(names, &full, err);

	(void)args;
	if (r < 0 || (r = session_engine(s, &e, err)) < 0)
		return r;
	for (size_t i = 0; r == 0 && i < full.n; i++)
		r = engine_image_tag(e, names->v[0], full.v[i], err);
	return r;
}

static int untag_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	CLEANUP(strv_done) struct strv full = { 0 };
	struct engine *e;
	int r = full_names(names, &full, err);

	(void)args;
	if (r < 0 || (r = session_engine(s, &e, err)) < 0)
		return r;
	if (full.n == 0)
		return engine_image_untag(e, names->v[0], NULL, err);
	for (size_t i = 0; r == 0 && i < full.n; i++)
		r = engine_image_untag(e, names->v[0], full.v[i], err);
	return r;
}

const struct cmd cmd_tag = {
	.names = (const char *const[]){ "tag", "image tag", NULL },
	.synopsis = "IMAGE TARGET_NAME [TARGET_NAME...]",
	.brief = "Add an additional name to a local image",
	.about = "Adds one or more names to an image of the host. A name without registry is one of localhost, one without tag gets latest.",
	.examples = "podman tag 0e3bbc2 fedora:latest\npodman tag imageID:latest myNewImage:newTag\npodman tag httpd myregistryhost:5000/fedora/httpd:v2",
	.min_names = 2,
	.max_names = CMD_ANY,
	.complete = "@image",
	.run = tag_run,
};

const struct cmd cmd_untag = {
	.names = (const char *const[]){ "untag", "image untag", NULL },
	.synopsis = "IMAGE [NAME...]",
	.brief = "Remove a name from a local image",
	.about = "Removes names from an image of the host: the given ones, or all.",
	.examples = "podman untag 0e3bbc2\npodman untag imageID:latest otherImageName:latest",
	.min_names = 1,
	.max_names = CMD_ANY,
	.complete = "@image",
	.run = untag_run,
};
