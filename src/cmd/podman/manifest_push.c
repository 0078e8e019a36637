/* cmd/podman/manifest_push.c: manifest inspect, exists, push, rm. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/path.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/manifest.h"
#include "cmd/podman/progress.h"
#include "cmd/podman/registry_here.h"
#include "cmd/podman/removed.h"
#include "cmd/podman/through.h"
#include "cmd/session.h"
#include "output/json.h"

#define OUTPUT_MAX (16 * 1024 * 1024)
#define INDENT 4

struct inspect_args {
	bool insecure, verbose;
	struct creds_args creds;
};

static const struct opt manifest_inspect_opts[] = {
	INSECURE_OPT(struct inspect_args),
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .short_name = 'v', .long_name = "verbose", .help = "Docker's; has no effect, in podman neither",
	  .offset = OPT_FIELD(struct inspect_args, verbose, bool) },
	OPT_INCLUDE(creds_opts, struct inspect_args, creds),
	OPT_END
};

/* A list of the host; else what a registry has, which the host asks. Its protocol has no place for what the user says about that
 * registry, so this machine asks then. */
static int inspect_list(struct session *s, struct inspect_args *a, const char *name, struct json_object **ret, struct error *err)
{
	const char *in_registry;
	bool there = false, own_words = false;
	struct engine *e;
	int r = manifest_insecure(&a->creds, a->insecure, err);

	if (r < 0)
		return r;
	if (through_registry_name(name, &in_registry, NULL) == 0 && (r = creds_count(&a->creds, in_registry, &own_words, err)) < 0)
		return r;
	if ((r = session_engine(s, &e, err)) < 0)
		return r;
	if (!own_words)
		return engine_manifest_inspect(e, name, ret, err);
	r = engine_manifest_exists(e, name, &there, err);
	if (r < 0 && r != -ERR_UNSUPPORTED)
		return r;
	error_clear(err);
	return there ? engine_manifest_inspect(e, name, ret, err) : registry_here_manifest(s, &a->creds, name, ret, err);
}

static int manifest_inspect_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(OUTPUT_MAX);
	CLEANUP(js_put_p) struct json_object *list = NULL;
	int r = inspect_list(s, args, names->v[0], &list, err);

	if (r < 0)
		return r;
	json_format(list, INDENT, 0, true, &out);
	fprintf(session_out(s), "%s\n", buf_z(&out));
	return buf_check(&out, "manifest list", err);
}

static int manifest_exists_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct engine *e;
	bool there = false;
	int r;

	(void)args;
	if ((r = session_engine(s, &e, err)) < 0 || (r = engine_manifest_exists(e, names->v[0], &there, err)) < 0)
		return r;
	return there ? 0 : 1;
}

/* ---- rm ---- */

struct rm_args {
	bool ignore;
};

static const struct opt manifest_rm_opts[] = {
	OPT_BOOL('i', "ignore", struct rm_args, ignore, "Do not fail for a list that does not exist"),
	OPT_END
};

static int remove_lists(struct session *s, struct engine *e, const struct strv *names, bool ignore, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *report = NULL;
	int r = engine_manifest_delete(e, &(struct image_remove_req){ .names = names, .ignore = ignore }, &report, err);

	return r < 0 ? r : removed_print(s, report);
}

static int manifest_rm_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct rm_args *a = args;
	struct engine *e;
	int r = session_engine(s, &e, err);

	return r < 0 ? r : remove_lists(s, e, names, a->ignore, err);
}

/* ---- push ---- */

struct push_args {
	bool all, force_compression, insecure, quiet, remove_signatures, rm;
	const char *compression_format, *digestfile, *format, *sign_by;
	struct strv add_compression;
	struct flags given; /* compression-level, a number that is sent only when it was typed */
	struct creds_args creds;
};

static const struct opt manifest_push_opts[] = {
	OPT_SLICE(0, "add-compression", struct push_args, add_compression, "strings", "Add instances with this compression"),
	{ .type = OPT_T_BOOL, .long_name = "all", .dflt = "true", .help = "Push the list's images too", .offset = OPT_FIELD(struct push_args, all, bool) },
	OPT_STR(0, "compression-format", struct push_args, compression_format, "string", "Compression of the layers: gzip, zstd, zstd:chunked"),
	{ .type = OPT_T_INT, .flags = OPT_BAG, .long_name = "compression-level", .help = "Level of the compression", .offset = offsetof(struct push_args, given) },
	{ .type = OPT_T_STR, .long_name = "digestfile", .metavar = "string", .help = "Write the digest of what was pushed to this file",
	  .offset = OPT_FIELD(struct push_args, digestfile, const char *), .complete = "@file" },
	OPT_BOOL(0, "force-compression", struct push_args, force_compression, "Compress layers anew that have another compression"),
	{ .type = OPT_T_STR, .short_name = 'f', .long_name = "format", .metavar = "string", .help = "Kind of manifests: oci or v2s2 (default: the list's own)",
	  .offset = OPT_FIELD(struct push_args, format, const char *), .complete = "oci|v2s2" },
	INSECURE_OPT(struct push_args),
	OPT_BOOL('q', "quiet", struct push_args, quiet, "Print no progress"),
	OPT_BOOL(0, "remove-signatures", struct push_args, remove_signatures, "Leave out signatures"),
	OPT_BOOL(0, "rm", struct push_args, rm, "Remove the list when it is pushed"),
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .short_name = 'p', .long_name = "purge", .help = "Docker's --rm", .offset = OPT_FIELD(struct push_args, rm, bool) },
	{ .type = OPT_T_STR, .flags = OPT_HIDDEN, .long_name = "sign-by", .metavar = "string", .help = "Sign with this key of the host",
	  .offset = OPT_FIELD(struct push_args, sign_by, const char *) },
	OPT_INCLUDE(creds_opts, struct push_args, creds),
	OPT_END
};

static int push_list(struct session *s, struct engine *e, const struct push_args *a, struct push_req *q, struct error *err)
{
	CLEANUP(free_p) char *digest = NULL;
	int r = engine_manifest_push(e, q, a->quiet ? NULL : progress_line, s, &digest, err);

	if (r < 0)
		return error_context(err, "pushing manifest list %s", q->name);
	if (!a->digestfile)
		return 0;
	if (!digest)
		return error_set(err, ERR_UNSUPPORTED, "%s does not tell the digest: %s is not written", engine_name(e), a->digestfile);
	return path_write_atomic(a->digestfile, str_from(digest), 0644, err);
}

static int push_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct push_args *a = args;
	const char *to = names->v[names->n - 1];
	struct push_req q = { .name = names->v[0], .destination = to, .format = a->format, .compression_format = a->compression_format,
			      .compression_level = flags_get(&a->given, "compression-level"), .sign_by = a->sign_by,
			      .add_compression = &a->add_compression, .force_compression = a->force_compression, .remove_signatures = a->remove_signatures, .all = a->all,
			      .quiet = a->quiet };
	struct strv list = { .v = names->v, .n = 1 };
	CLEANUP(free_p) char *auth = NULL;
	struct engine *e;
	int r;

	if ((r = manifest_insecure(&a->creds, a->insecure, err)) < 0 || (r = manifest_auth(&a->creds, to, &auth, err)) < 0 ||
	    (r = session_engine(s, &e, err)) < 0)
		return r;
	q.auth = auth;
	q.tls_verify = creds_tls_verify(&a->creds);
	/* As podman since 4.7, which has a flag for it: layers of another compression are compressed anew. */
	if (a->compression_format && engine_version_cmp(e, 4, 7, 0) >= 0)
		q.force_compression = true;
	if ((r = push_list(s, e, a, &q, err)) < 0)
		return r;
	return a->rm ? remove_lists(s, e, &list, false, err) : 0;
}

const struct cmd cmd_manifest_inspect = {
	.names = (const char *const[]){ "manifest inspect", NULL },
	.synopsis = "[options] IMAGE",
	.brief = "Display the contents of a manifest list or image index",
	.about = "Displays a list of the host, or else what a registry has under the name.",
	.examples = "podman manifest inspect localhost/list",
	.opts = manifest_inspect_opts,
	.args_size = sizeof(struct inspect_args),
	.min_names = 1,
	.max_names = 1,
	.complete = "@image",
	.run = manifest_inspect_run,
};

const struct cmd cmd_manifest_exists = {
	.names = (const char *const[]){ "manifest exists", NULL },
	.synopsis = "MANIFEST",
	.brief = "Check if a manifest list exists in local storage",
	.about = "Exits with 0 when the list exists on the host, with 1 when it does not, and with 125 when that cannot be found out.",
	.examples = "podman manifest exists mylist",
	.min_names = 1,
	.max_names = 1,
	.complete = "@image",
	.run = manifest_exists_run,
};

const struct cmd cmd_manifest_rm = {
	.names = (const char *const[]){ "manifest rm", NULL },
	.synopsis = "[options] LIST [LIST...]",
	.brief = "Remove manifest list or image index from local storage",
	.about = "Removes lists from the host; their images stay.",
	.examples = "podman manifest rm mylist:v1.11",
	.opts = manifest_rm_opts,
	.args_size = sizeof(struct rm_args),
	.min_names = 1,
	.max_names = CMD_ANY,
	.complete = "@image",
	.run = manifest_rm_run,
};

const struct cmd cmd_manifest_push = {
	.names = (const char *const[]){ "manifest push", NULL },
	.synopsis = "[options] LIST [DESTINATION]",
	.brief = "Push a manifest list or image index to a registry",
	.about = "Pushes a list of the host, with its images, to a registry.",
	.examples = "podman manifest push mylist:v1.11 docker://quay.io/myuser/image:v1.11",
	.opts = manifest_push_opts,
	.args_size = sizeof(struct push_args),
	.args_default = &(struct push_args){ .all = true },
	.min_names = 1,
	.max_names = 2,
	.complete = "@image",
	.run = push_run,
};
