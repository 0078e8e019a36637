/* cmd/podman/load.c: load, import: archives of this machine to the host. */
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/podman/archive_in.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/full_name.h"
#include "cmd/podman/loaded.h"
#include "cmd/podman/platform.h"
#include "cmd/session.h"

struct load_args {
	bool quiet;
	const char *input;
};

static const struct opt load_opts[] = {
	{ .type = OPT_T_STR, .short_name = 'i', .long_name = "input", .metavar = "string",
	  .help = "Read from this file, directory or URL (default: standard input)", .offset = OPT_FIELD(struct load_args, input, const char *), .complete = "@file" },
	OPT_BOOL('q', "quiet", struct load_args, quiet, "Print no progress"),
	OPT_END
};

static int load_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct load_args *a = args;
	CLEANUP(archive_in_done) struct archive_in in = ARCHIVE_IN_INIT;
	CLEANUP(strv_done) struct strv loaded = { 0 };
	struct engine *e;
	int r;

	if (!*a->input && isatty(STDIN_FILENO))
		return error_set(err, ERR_USAGE, "cannot read from terminal, use command-line redirection or the --input flag");
	session_expect_upload(s, *a->input ? a->input : "-");
	if ((r = archive_in_open(*a->input ? a->input : "-", ARCHIVE_OF_IMAGES, &in, err)) < 0 || (r = session_engine(s, &e, err)) < 0 ||
	    (r = engine_image_load(e, &in.producer, &loaded, err)) < 0)
		return r;
	/* The name is 1.x's, for an archive that has none. */
	if (names->n && (r = loaded_rename(e, &loaded, names->v[0], err)) < 0)
		return r;
	loaded_print(s, &loaded);
	return 0;
}

struct import_args {
	bool quiet;
	const char *arch, *message, *os, *platform, *variant;
	struct strv changes;
};

static const struct opt import_opts[] = {
	OPT_STR(0, "arch", struct import_args, arch, "string", "Architecture of the image"),
	OPT_STRV('c', "change", struct import_args, changes, "stringArray",
		 "Instruction for the image: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR"),
	OPT_STR('m', "message", struct import_args, message, "string", "Message of the image's history"),
	OPT_STR(0, "os", struct import_args, os, "string", "Operating system of the image"),
	{ .type = OPT_T_STR, .flags = OPT_HIDDEN, .long_name = "platform", .metavar = "string", .help = "Docker's: OS/ARCH[/VARIANT]",
	  .offset = OPT_FIELD(struct import_args, platform, const char *) },
	OPT_BOOL('q', "quiet", struct import_args, quiet, "Print no progress"),
	OPT_STR(0, "variant", struct import_args, variant, "string", "Variant of the architecture of the image"),
	OPT_END
};

/* The request borrows the pieces. */
static int split_platform(const struct import_args *a, struct platform *ret, struct import_req *q, struct error *err)
{
	int r = platform_split(a->platform, a->arch || a->os || a->variant, ret, err);

	if (r == 0 && a->platform) {
		q->os = ret->os;
		q->arch = ret->arch;
		q->variant = ret->variant;
	}
	return r;
}

/* The host fetches a URL itself where it can, which saves the way through this machine. */
static int import(struct engine *e, const char *where, struct import_req *q, char **ret_id, struct error *err)
{
	CLEANUP(archive_in_done) struct archive_in in = ARCHIVE_IN_INIT;
	int r;

	if (archive_in_is_url(where)) {
		q->url = where;
		r = engine_image_import(e, q, ret_id, err);
		if (r != -ERR_UNSUPPORTED)
			return r;
		error_clear(err);
		q->url = NULL;
	}
	if ((r = archive_in_open(where, ARCHIVE_OF_FILES, &in, err)) < 0)
		return r;
	q->archive = &in.producer;
	return engine_image_import(e, q, ret_id, err);
}

static int import_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct import_args *a = args;
	struct import_req q = { .message = a->message, .os = a->os, .arch = a->arch, .variant = a->variant, .changes = &a->changes };
	CLEANUP(platform_done) struct platform platform = { 0 };
	CLEANUP(free_p) char *reference = NULL, *id = NULL;
	struct engine *e;
	int r;

	if (strcmp(names->v[0], "-") == 0 && isatty(STDIN_FILENO))
		return error_set(err, ERR_USAGE, "cannot read from terminal, use command-line redirection or give a file");
	if ((names->n > 1 && (r = full_name(names->v[1], &reference, err)) < 0) || (r = split_platform(a, &platform, &q, err)) < 0)
		return r;
	q.reference = reference;
	session_expect_upload(s, names->v[0]);
	if ((r = session_engine(s, &e, err)) < 0 || (r = import(e, names->v[0], &q, &id, err)) < 0)
		return r;
	fprintf(session_out(s), "%s%s\n", str_starts(str_from(id), STR("sha256:")) ? "" : "sha256:", id);
	return 0;
}

const struct cmd cmd_load = {
	.names = (const char *const[]){ "load", "image load", NULL },
	.synopsis = "[options] [NAME[:TAG]]",
	.brief = "Load image(s) from a tar archive",
	.about = "Loads images into the host's storage from an archive of docker save or podman save, plain or compressed, from a directory of save --format "
		 "docker-dir or oci-dir, or from a URL. A NAME is given to an image whose archive has none.",
	.examples = "podman load < fedora.tar\npodman load --input fedora.tar.zst\npodman load -i https://example.com/fedora.tar",
	.opts = load_opts,
	.args_size = sizeof(struct load_args),
	.args_default = &(struct load_args){ .input = "" },
	.max_names = 1,
	.run = load_run,
};

const struct cmd cmd_import = {
	.names = (const char *const[]){ "import", "image import", NULL },
	.synopsis = "[options] PATH [REFERENCE]",
	.brief = "Import a tarball to create a filesystem image",
	.about = "Makes an image of one layer out of the archive of a file system, plain or compressed. PATH is a file of this machine, - for standard input, or a "
		 "URL.",
	.examples = "podman import --change 'CMD [\"sh\"]' rootfs.tar base\ncat ctr.tar | podman import - imported\npodman import https://example.com/ctr.tar url-image",
	.opts = import_opts,
	.args_size = sizeof(struct import_args),
	.min_names = 1,
	.max_names = 2,
	.complete = "@file",
	.run = import_run,
};
