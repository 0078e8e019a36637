/* cmd/podman/manifest.c: manifest create, add, annotate, remove: changes of lists, which print the list's ID. */
#include <stdio.h>

#include "base/cleanup.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/manifest.h"
#include "cmd/podman/through.h"
#include "cmd/session.h"

int manifest_auth(const struct creds_args *creds, const char *image, char **ret, struct error *err)
{
	const char *name;

	if (creds->cert_dir)
		return error_set(err, ERR_UNSUPPORTED, "--cert-dir: the host speaks to the registry, with certificates of its own");
	return through_registry_name(image, &name, NULL) < 0 ? 0 : creds_header(creds, name, ret, err);
}

int manifest_insecure(struct creds_args *creds, bool insecure, struct error *err)
{
	if (!insecure)
		return 0;
	if (creds_tls_verify(creds) >= 0)
		return error_set(err, ERR_USAGE, "--insecure may not be used with --tls-verify");
	return flags_add(&creds->given, "tls-verify", STR("false")) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int print_id(struct session *s, const char *id)
{
	fprintf(session_out(s), "%s\n", id);
	return 0;
}

static int check_annotations(const struct strv *annotations, struct error *err)
{
	for (size_t i = 0; i < annotations->n; i++)
		if (!strchr(annotations->v[i], '='))
			return error_set(err, ERR_USAGE, "expected --annotation \"%s\" to be in key=value format", annotations->v[i]);
	return 0;
}

/* ---- create ---- */

struct create_args {
	bool all, amend, insecure;
	struct strv annotations;
	struct creds_args creds;
};

static const struct opt manifest_create_opts[] = {
	OPT_BOOL(0, "all", struct create_args, all, "Add all images of the lists that are added"),
	OPT_BOOL('a', "amend", struct create_args, amend, "Change the list of this name if there is one"),
	OPT_STRV(0, "annotation", struct create_args, annotations, "stringArray", "Annotation of the list: KEY=VALUE"),
	INSECURE_OPT(struct create_args),
	OPT_INCLUDE(creds_opts, struct create_args, creds),
	OPT_END
};

static int create_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct create_args *a = args;
	struct strv images = { .v = names->v + 1, .n = names->n - 1 };
	struct manifest_create_req q = { .name = names->v[0], .images = &images, .annotations = &a->annotations, .all = a->all, .amend = a->amend };
	CLEANUP(free_p) char *auth = NULL, *id = NULL;
	struct engine *e;
	int r = check_annotations(&a->annotations, err);

	if (r < 0 || (r = manifest_insecure(&a->creds, a->insecure, err)) < 0 || (images.n && (r = manifest_auth(&a->creds, images.v[0], &auth, err)) < 0))
		return r;
	q.auth = auth;
	q.tls_verify = creds_tls_verify(&a->creds);
	if ((r = session_engine(s, &e, err)) < 0 || (r = engine_manifest_create(e, &q, &id, err)) < 0)
		return r;
	return print_id(s, id);
}

/* ---- add, annotate ---- */

struct change_args {
	bool all, index, insecure;
	const char *arch, *os, *os_version, *variant;
	struct strv annotations, features, os_features;
	struct flags refused;
	struct creds_args creds;
};

#define CHANGE_OPTS                                                                                                             \
	OPT_STRV(0, "annotation", struct change_args, annotations, "stringArray", "Annotation of the image: KEY=VALUE"),        \
	OPT_STR(0, "arch", struct change_args, arch, "architecture", "Architecture in place of the image's"),                   \
	OPT_SLICE(0, "features", struct change_args, features, "strings", "Features in place of the image's"),                  \
	OPT_STR(0, "os", struct change_args, os, "OS", "Operating system in place of the image's"),                             \
	OPT_SLICE(0, "os-features", struct change_args, os_features, "strings", "Features of the operating system in place of the image's"), \
	OPT_STR(0, "os-version", struct change_args, os_version, "version", "Version of the operating system in place of the image's"), \
	OPT_STR(0, "variant", struct change_args, variant, "string", "Variant of the architecture in place of the image's")

/* Known, and refused by name: what they mean for a list of artifacts can't be told to a host. */
#define REFUSED_STR(name) \
	{ .type = OPT_T_STR, .flags = OPT_BAG | OPT_HIDDEN, .long_name = name, .help = "Not carried to hosts", .offset = offsetof(struct change_args, refused) }
#define REFUSED_BOOL(name) \
	{ .type = OPT_T_BOOL, .flags = OPT_BAG | OPT_HIDDEN, .long_name = name, .help = "Not carried to hosts", .offset = offsetof(struct change_args, refused) }
#define ARTIFACT_OPTS                                                                                                           \
	REFUSED_BOOL("artifact"), REFUSED_STR("artifact-config"), REFUSED_STR("artifact-config-type"), REFUSED_BOOL("artifact-exclude-titles"), \
	REFUSED_STR("artifact-layer-type"), REFUSED_STR("artifact-subject"), REFUSED_STR("artifact-type")

static const struct opt manifest_add_opts[] = {
	OPT_BOOL(0, "all", struct change_args, all, "Add all images of a list"),
	CHANGE_OPTS,
	INSECURE_OPT(struct change_args),
	ARTIFACT_OPTS,
	OPT_INCLUDE(creds_opts, struct change_args, creds),
	OPT_END
};

static const struct opt manifest_annotate_opts[] = {
	CHANGE_OPTS,
	OPT_BOOL(0, "index", struct change_args, index, "Annotate the list itself"),
	REFUSED_STR("subject"),
	OPT_END
};

/* Borrows everything. */
static struct manifest_change_req change_request(const struct change_args *a, const char *name, const struct strv *images)
{
	return (struct manifest_change_req){
		.name = name, .images = images, .arch = a->arch, .os = a->os, .os_version = a->os_version, .variant = a->variant, .features = &a->features,
		.os_features = &a->os_features, .annotations = &a->annotations, .all = a->all, .index = a->index, .tls_verify = -1,
	};
}

static int check_change(const struct change_args *a, struct error *err)
{
	if (a->refused.n)
		return error_set(err, ERR_UNSUPPORTED, "--%s can't be carried to a host", a->refused.v[0].name);
	return check_annotations(&a->annotations, err);
}

static int add_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct change_args *a = args;
	struct strv images = { .v = names->v + 1, .n = names->n - 1 };
	struct manifest_change_req q = change_request(a, names->v[0], &images);
	CLEANUP(free_p) char *auth = NULL, *id = NULL;
	struct engine *e;
	int r = check_change(a, err);

	if (r < 0 || (r = manifest_insecure(&a->creds, a->insecure, err)) < 0 || (r = manifest_auth(&a->creds, images.v[0], &auth, err)) < 0)
		return r;
	q.auth = auth;
	q.tls_verify = creds_tls_verify(&a->creds);
	if ((r = session_engine(s, &e, err)) < 0)
		return r;
	r = engine_manifest_add(e, &q, &id, err);
	return r < 0 ? error_context(err, "adding to manifest list %s", names->v[0]) : print_id(s, id);
}

static int annotate_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct change_args *a = args;
	struct strv images = { .v = names->v + 1, .n = names->n - 1 };
	struct manifest_change_req q = change_request(a, names->v[0], &images);
	CLEANUP(free_p) char *id = NULL;
	struct engine *e;
	int r = check_change(a, err);

	if (r < 0)
		return r;
	if (!images.n && !a->index)
		return error_set(err, ERR_USAGE, "expected an instance digest, image name, or artifact name");
	if (images.n && a->index)
		return error_set(err, ERR_USAGE, "did not expect image or artifact name \"%s\" when modifying the entire index", images.v[0]);
	if ((r = session_engine(s, &e, err)) < 0)
		return r;
	r = engine_manifest_annotate(e, &q, &id, err);
	return r < 0 ? error_context(err, "annotating to manifest list %s", names->v[0]) : print_id(s, id);
}

/* ---- remove ---- */

static int remove_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct strv digest = { .v = names->v + 1, .n = 1 };
	struct manifest_change_req q = { .name = names->v[0], .images = &digest, .tls_verify = -1 };
	CLEANUP(free_p) char *id = NULL;
	struct engine *e;
	int r;

	(void)args;
	if ((r = session_engine(s, &e, err)) < 0)
		return r;
	r = engine_manifest_remove(e, &q, &id, err);
	return r < 0 ? error_context(err, "removing from manifest list %s", names->v[0]) : print_id(s, id);
}

const struct cmd cmd_manifest_create = {
	.names = (const char *const[]){ "manifest create", NULL },
	.synopsis = "[options] LIST [IMAGE...]",
	.brief = "Create manifest list or image index",
	.about = "Makes a list of images on the host, for one name that serves several platforms, and prints its ID.",
	.examples = "podman manifest create mylist:v1.11\npodman manifest create mylist:v1.11 docker://quay.io/me/web:amd64 docker://quay.io/me/web:arm64",
	.opts = manifest_create_opts,
	.args_size = sizeof(struct create_args),
	.min_names = 1,
	.max_names = CMD_ANY,
	.complete = "@image",
	.run = create_run,
};

const struct cmd cmd_manifest_add = {
	.names = (const char *const[]){ "manifest add", NULL },
	.synopsis = "[options] LIST IMAGE [IMAGE...]",
	.brief = "Add images to a manifest list or image index",
	.about = "Adds images to a list of the host and prints the list's ID.",
	.examples = "podman manifest add mylist:v1.11 image:v1.11-amd64\npodman manifest add --arch arm64 mylist:v1.11 docker://quay.io/me/web:arm64",
	.opts = manifest_add_opts,
	.args_size = sizeof(struct change_args),
	.min_names = 2,
	.max_names = CMD_ANY,
	.complete = "@image",
	.run = add_run,
};

const struct cmd cmd_manifest_annotate = {
	.names = (const char *const[]){ "manifest annotate", NULL },
	.synopsis = "[options] LIST [IMAGE]",
	.brief = "Add or update information about an entry in a manifest list or image index",
	.about = "Changes what a list of the host says about one of its images, which is named by its digest.",
	.examples = "podman manifest annotate --annotation left=right mylist:v1.11 "
		    "sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736",
	.opts = manifest_annotate_opts,
	.args_size = sizeof(struct change_args),
	.min_names = 1,
	.max_names = 2,
	.complete = "@image",
	.run = annotate_run,
};

const struct cmd cmd_manifest_remove = {
	.names = (const char *const[]){ "manifest remove", NULL },
	.synopsis = "LIST IMAGE",
	.brief = "Remove an entry from a manifest list or image index",
	.about = "Takes an image, which is named by its digest, out of a list of the host.",
	.examples = "podman manifest remove mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736",
	.min_names = 2,
	.max_names = 2,
	.complete = "@image",
	.run = remove_run,
};
