/* cmd/podman/commit.c */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/full_name.h"
#include "cmd/podman/progress.h"
#include "cmd/session.h"

#define CONFIG_MAX (4 * 1024 * 1024)

struct commit_args {
	bool include_volumes, pause, quiet, squash;
	const char *author, *config, *format, *iidfile, *message;
	struct strv changes;
};

static const struct opt commit_opts[] = {
	OPT_STR('a', "author", struct commit_args, author, "string", "Author of the image"),
	OPT_STRV('c', "change", struct commit_args, changes, "stringArray",
		 "Instruction for the image: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR"),
	{ .type = OPT_T_STR, .long_name = "config", .metavar = "file", .help = "File with a container configuration to merge into the image",
	  .offset = OPT_FIELD(struct commit_args, config, const char *), .complete = "@file" },
	{ .type = OPT_T_STR, .short_name = 'f', .long_name = "format", .metavar = "Format", .dflt = "\"oci\"", .help = "Format of the image: oci or docker",
	  .offset = OPT_FIELD(struct commit_args, format, const char *), .complete = "oci|docker" },
	{ .type = OPT_T_STR, .long_name = "iidfile", .metavar = "file", .help = "Write the image's ID to this file",
	  .offset = OPT_FIELD(struct commit_args, iidfile, const char *), .complete = "@file" },
	OPT_BOOL(0, "include-volumes", struct commit_args, include_volumes, "Make the container's volumes volumes of the image"),
	OPT_STR('m', "message", struct commit_args, message, "string", "Message of the image's history"),
	OPT_BOOL('p', "pause", struct commit_args, pause, "Pause the container meanwhile"),
	OPT_BOOL('q', "quiet", struct commit_args, quiet, "Print the ID only"),
	OPT_BOOL('s', "squash", struct commit_args, squash, "Make one layer of the container's changes and the image's layers"),
	OPT_END
};

static int write_id(const char *path, const char *id, struct error *err)
{
	int r = path_write_atomic(path, str_from(id), 0644, err);

	return r < 0 ? error_context(err, "failed to write image ID") : 0;
}

/* What is on this machine, before the host is asked. */
static int prepare(const struct commit_args *a, const struct strv *names, struct commit_req *q, struct buf *config, char **ret_name, struct error *err)
{
	int r = 0;

	if (strcmp(a->format, "oci") != 0 && strcmp(a->format, "docker") != 0)
		return error_set(err, ERR_USAGE, "unrecognized image format \"%s\"", a->format);
	if (a->config && (r = path_read(a->config, config, err)) < 0)
		return error_context(err, "--config");
	q->config = a->config ? buf_z(config) : NULL;
	if (names->n > 1)
		r = full_name(names->v[1], ret_name, err);
	q->reference = *ret_name;
	return r;
}

static int commit_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct commit_args *a = args;
	struct commit_req q = { .container = names->v[0], .author = a->author, .message = a->message, .format = a->format, .changes = &a->changes,
				.pause = a->pause, .squash = a->squash, .include_volumes = a->include_volumes };
	CLEANUP(buf_done) struct buf config = BUF_INIT(CONFIG_MAX);
	CLEANUP(free_p) char *name = NULL, *id = NULL;
	struct engine *e;
	int r = prepare(a, names, &q, &config, &name, err);

	if (r < 0 || (r = session_engine(s, &e, err)) < 0 || (r = engine_container_commit(e, &q, a->quiet ? NULL : progress_line, s, &id, err)) < 0)
		return r;
	if (a->iidfile && (r = write_id(a->iidfile, id, err)) < 0)
		return r;
	fprintf(session_out(s), "%s\n", id);
	return 0;
}

const struct cmd cmd_commit = {
	.names = (const char *const[]){ "commit", "container commit", NULL },
	.synopsis = "[options] CONTAINER [IMAGE]",
	.brief = "Create new image based on the changed container",
	.about = "Makes an image of a container and its changes, and prints its ID.",
	.examples = "podman commit -q --message \"committing container to image\" reverent_golick image-committed\npodman commit --change CMD=/bin/bash web "
		    "image-committed\npodman commit containerID",
	.opts = commit_opts,
	.args_size = sizeof(struct commit_args),
	.args_default = &(struct commit_args){ .format = "oci" },
	.min_names = 1,
	.max_names = 2,
	.complete = "@container",
	.run = commit_run,
};
