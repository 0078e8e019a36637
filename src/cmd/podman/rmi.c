/* cmd/podman/rmi.c */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/commands.h"
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

static void print_list(struct session *s, const char *word, struct json_object *list)
{
	for (size_t i = 0; i < js_len(list); i++)
		fprintf(session_out(s), "%s: %.*s\n", word, STR_ARG(js_text(js_at(list, i))));
}

/* Each failure is a line of its own; the host says which exit status they make together. */
static int print_report(struct session *s, struct json_object *report)
{
	struct json_object *errors = js_get(report, "Errors");

	print_list(s, "Untagged", js_get(report, "Untagged"));
	print_list(s, "Deleted", js_get(report, "Deleted"));
	for (size_t i = 0; i < js_len(errors); i++) {
		CLEANUP(error_done) struct error one = ERROR_INIT;

		error_set(&one, ERR_REMOTE, "%.*s", STR_ARG(js_text(js_at(errors, i))));
		session_report(s, &one);
	}
	if (js_len(errors) == 0)
		return 0;

	int64_t status = js_get_int(report, "ExitCode", 0);

	return status > 0 && status < 256 ? (int)status : session_status(s);
}

static int rmi_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct rmi_args *a = args;
	struct image_remove_req q = { .names = names, .all = a->all, .force = a->force, .ignore = a->ignore, .no_prune = a->no_prune };
	CLEANUP(js_put_p) struct json_object *report = NULL;
	struct engine *e;
	int r;

	if (!names->n && !a->all)
		return error_set(err, ERR_USAGE, "image name or ID must be specified");
	if (names->n && a->all)
		return error_set(err, ERR_USAGE, "when using the --all switch, you may not pass any images names or IDs");
	if ((r = session_engine(s, &e, err)) < 0 || (r = engine_image_remove(e, &q, &report, err)) < 0)
		return r;
	return print_report(s, report);
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
