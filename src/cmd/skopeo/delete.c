/* cmd/skopeo/delete.c: delete: an image of a registry, by the digest that its name leads to. */
#include "base/cleanup.h"
#include "cmd/session.h"
#include "cmd/skopeo/commands.h"
#include "cmd/skopeo/globals.h"
#include "cmd/skopeo/retry.h"
#include "cmd/skopeo/side.h"

struct delete_args {
	struct side_args side;
	struct retry_args retry;
};

static const struct opt delete_opts[] = { OPT_INCLUDE(retry_opts, struct delete_args, retry),
					  OPT_INCLUDE(side_opts, struct delete_args, side),
					  OPT_INCLUDE(side_store_opts, struct delete_args, side), OPT_END };

static int delete_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct delete_args *a = args;
	CLEANUP(side_done) struct side side = { 0 };
	struct retry retry;
	int r;

	if (names->n != 1)
		return error_set(err, ERR_USAGE, "Usage: delete imageReference");
	if ((r = side_open(s, &a->side, NULL, skopeo_tls_verify(skopeo_globals_of(s)), &side, err)) < 0 ||
	    (r = retry_init(&retry, &a->retry, err)) < 0)
		return r;
	do
		r = image_delete(names->v[0], &side.o, err);
	while (r < 0 && retry_again(&retry, err));
	if (r == -ERR_USAGE)
		return error_context(err, "Invalid source name %s", names->v[0]);
	return r < 0 ? skopeo_explain(err) : 0;
}

const struct cmd skopeo_delete = {
	.names = (const char *const[]){ "delete", NULL },
	.synopsis = "[options] IMAGE-NAME",
	.brief = "Delete image IMAGE-NAME",
	.about =
		"Marks an image of a registry as deleted. All tags that lead to the same digest are gone with it; the registry's own garbage collector frees the space.",
	.examples = "skopeo delete docker://registry.example.com/example/pause:latest",
	.opts = delete_opts,
	.args_size = sizeof(struct delete_args),
	.max_names = CMD_ANY,
	.run = delete_run,
};
