/* cmd/podman/save.c: save, export: archives from the host to this machine. */
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/podman/archive_out.h"
#include "cmd/podman/commands.h"
#include "cmd/session.h"

struct save_args {
	bool compress, multi, quiet, uncompressed;
	const char *format, *output;
};

static const struct opt save_opts[] = {
	OPT_BOOL(0, "compress", struct save_args, compress, "Compress the layers of a docker-dir"),
	{ .type = OPT_T_STR, .long_name = "format", .metavar = "string", .dflt = "\"docker-archive\"",
	  .help = "Kind of archive: docker-archive, oci-archive, docker-dir (directory with a version 2 schema 2 manifest), oci-dir (OCI layout)",
	  .offset = OPT_FIELD(struct save_args, format, const char *), .complete = "docker-archive|docker-dir|oci-archive|oci-dir" },
	OPT_BOOL('m', "multi-image-archive", struct save_args, multi, "Take all arguments as images (they always are here)"),
	{ .type = OPT_T_STR, .short_name = 'o', .long_name = "output", .metavar = "string", .help = "Write to this file or directory (default: standard output)",
	  .offset = OPT_FIELD(struct save_args, output, const char *), .complete = "@file" },
	OPT_BOOL('q', "quiet", struct save_args, quiet, "Print nothing but errors"),
	OPT_BOOL(0, "uncompressed", struct save_args, uncompressed, "Leave the layers of an OCI image uncompressed"),
	OPT_END
};

static bool is_folder(const char *format)
{
	return strcmp(format, "docker-dir") == 0 || strcmp(format, "oci-dir") == 0;
}

static int check_save(const struct save_args *a, struct error *err)
{
	if (!is_folder(a->format) && strcmp(a->format, "docker-archive") != 0 && strcmp(a->format, "oci-archive") != 0)
		return error_set(err, ERR_USAGE, "format value must be one of oci-dir oci-archive docker-dir docker-archive");
	if (a->compress && strcmp(a->format, "docker-dir") != 0)
		return error_set(err, ERR_USAGE, "--compress can only be set when --format is 'docker-dir'");
	if (is_folder(a->format))
		return archive_folder_check(a->output, err);
	if (!*a->output && isatty(STDOUT_FILENO))
		return error_set(err, ERR_USAGE, "refusing to save to terminal. Use -o flag or redirect");
	return archive_out_name(a->output, err);
}

static int save_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct save_args *a = args;
	struct save_req q = { .names = names, .format = a->format, .compress = a->compress, .uncompressed_layers = a->uncompressed };
	CLEANUP(download_close_p) struct download *d = NULL;
	struct engine *e;
	int r = check_save(a, err);

	session_expect_bulk(s);
	if (r < 0 || (r = session_engine(s, &e, err)) < 0 || (r = engine_image_save(e, &q, &d, err)) < 0)
		return r;
	return is_folder(a->format) ? archive_to_folder(d, a->output, err) : archive_to_file(s, d, a->output, err);
}

struct export_args {
	const char *output;
};

static const struct opt export_opts[] = {
	{ .type = OPT_T_STR, .short_name = 'o', .long_name = "output", .metavar = "string", .help = "Write to this file (default: standard output)",
	  .offset = OPT_FIELD(struct export_args, output, const char *), .complete = "@file" },
	OPT_END
};

static int export_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct export_args *a = args;
	CLEANUP(download_close_p) struct download *d = NULL;
	struct engine *e;
	int r = archive_out_name(a->output, err);

	if (r < 0)
		return r;
	if (!*a->output && isatty(STDOUT_FILENO))
		return error_set(err, ERR_USAGE, "refusing to export to terminal. Use -o flag or redirect");
	session_expect_bulk(s);
	if ((r = session_engine(s, &e, err)) < 0 || (r = engine_container_export(e, names->v[0], &d, err)) < 0)
		return r;
	return archive_to_file(s, d, a->output, err);
}

const struct cmd cmd_save = {
	.names = (const char *const[]){ "save", "image save", NULL },
	.synopsis = "[options] IMAGE [IMAGE...]",
	.brief = "Save image(s) to an archive",
	.about = "Saves images of the host to an archive or a directory on this machine. What was there before is replaced when all of the image is here, "
		 "and kept when that fails.",
	.examples = "podman save --quiet -o myimage.tar imageID\npodman save --format docker-dir -o ubuntu-dir ubuntu\npodman save alpine:latest busybox > both.tar",
	.opts = save_opts,
	.args_size = sizeof(struct save_args),
	.args_default = &(struct save_args){ .format = "docker-archive", .output = "" },
	.min_names = 1,
	.max_names = CMD_ANY,
	.complete = "@image",
	.run = save_run,
};

const struct cmd cmd_export = {
	.names = (const char *const[]){ "export", "container export", NULL },
	.synopsis = "[options] CONTAINER",
	.brief = "Export container's filesystem contents as a tar archive",
	.about = "Writes the file system of a container, without its volumes, to a tar archive on this machine.",
	.examples = "podman export ctrID > myCtr.tar\npodman export --output=myCtr.tar ctrID",
	.opts = export_opts,
	.args_size = sizeof(struct export_args),
	.args_default = &(struct export_args){ .output = "" },
	.min_names = 1,
	.max_names = 1,
	.complete = "@container",
	.run = export_run,
};
