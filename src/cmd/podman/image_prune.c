/* cmd/podman/image_prune.c */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/confirm.h"
#include "cmd/session.h"

struct prune_args {
	bool all, build_cache, external, force;
	struct strv filters;
};

static const struct opt prune_opts[] = {
	OPT_BOOL('a', "all", struct prune_args, all, "Remove all images that no container uses, not just those without a name"),
	OPT_BOOL(0, "build-cache", struct prune_args, build_cache, "Remove the cache of --mount=type=cache too"),
	OPT_BOOL(0, "external", struct prune_args, external, "Remove images that only containers of other tools use (build containers)"),
	OPT_STRV(0, "filter", struct prune_args, filters, "stringArray", "Remove the images that match these conditions (label=KEY=VALUE, until=TIME)"),
	OPT_BOOL('f', "force", struct prune_args, force, "Ask no question"),
	OPT_END
};

static int print_report(struct session *s, struct json_object *report)
{
	for (size_t i = 0; i < js_len(report); i++) {
		CLEANUP(error_done) struct error one = ERROR_INIT;
		struct json_object *image = js_at(report, i);
		const char *failure = js_get_str(image, "Err", "");

		if (!*failure) {
			fprintf(session_out(s), "%s\n", js_get_str(image, "Id", ""));
			continue;
		}
		error_set(&one, ERR_REMOTE, "%s", failure);
		session_report(s, &one);
	}
	return session_status(s);
}

static int prune_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct prune_args *a = args;
	struct image_prune_req q = { .all = a->all, .external = a->external, .build_cache = a->build_cache, .filters = &a->filters };
	CLEANUP(js_put_p) struct json_object *report = NULL;
	bool wanted = a->force;
	struct engine *e;
	int r = 0;

	(void)names;
	if (!a->force)
		r = confirm(s, a->all ? "WARNING! This command removes all images without at least one container associated with them.\n" :
					"WARNING! This command removes all dangling images.\n", &wanted, err);
	if (r < 0 || !wanted || (r = session_engine(s, &e, err)) < 0 || (r = engine_image_prune(e, &q, &report, err)) < 0)
		return r;
	return print_report(s, report);
}

const struct cmd cmd_image_prune = {
	.names = (const char *const[]){ "image prune", NULL },
	.synopsis = "[options]",
	.brief = "Remove unused images",
	.about = "Removes images without a name from the host, or all that no container uses, and prints their IDs.",
	.examples = "podman image prune\npodman image prune --all --force --filter until=24h",
	.opts = prune_opts,
	.args_size = sizeof(struct prune_args),
	.run = prune_run,
};
