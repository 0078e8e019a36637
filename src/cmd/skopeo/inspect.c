/* cmd/skopeo/inspect.c: inspect: what an image is, without its layers. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/log.h"
#include "cmd/session.h"
#include "cmd/skopeo/commands.h"
#include "cmd/skopeo/config_fields.h"
#include "cmd/skopeo/globals.h"
#include "cmd/skopeo/host_store.h"
#include "cmd/skopeo/inspect_data.h"
#include "cmd/skopeo/retry.h"
#include "cmd/skopeo/show.h"
#include "cmd/skopeo/side.h"
#include "image/copy.h"
#include "image/reference.h"

struct inspect_args {
	struct side_args side;
	struct retry_args retry;
	const char *format;
	bool config, no_tags, raw;
};

static const struct opt inspect_opts[] = {
	OPT_BOOL(0, "config", struct inspect_args, config, "Show the configuration of the image"),
	OPT_STR('f', "format", struct inspect_args, format, "string", "Print with a Go template"),
	OPT_BOOL('n', "no-tags", struct inspect_args, no_tags, "Do not list the tags of the repository"),
	OPT_BOOL(0, "raw", struct inspect_args, raw, "Show the manifest, or with --config the configuration, byte for byte"),
	OPT_INCLUDE(retry_opts, struct inspect_args, retry),
	OPT_INCLUDE(side_opts, struct inspect_args, side),
	OPT_INCLUDE(side_store_opts, struct inspect_args, side),
	OPT_END
};

/* One try: what was read so far. */
struct inspection {
	const struct inspect_args *args;
	const struct skopeo_globals *globals;
	struct image_source *from;
	struct registry_manifest first; /* of the name */
	struct registry_manifest child; /* that was chosen from a list */
	struct inspect_image image;
	struct buf config;
	struct strv tags;
	pthread_t beside; /* reads the tags */
	bool running;
	int tags_ret;
	struct error tags_failure;
};

static void wait_for_tags(struct inspection *i)
{
	if (i->running)
		pthread_join(i->beside, NULL);
	i->running = false;
}

static void inspection_done(struct inspection *i)
{
	wait_for_tags(i);
	error_done(&i->tags_failure);
	image_source_close_p(&i->from);
	registry_manifest_done(&i->first);
	registry_manifest_done(&i->child);
	json_object_put(i->image.manifest);
	buf_done(&i->config);
	strv_done(&i->tags);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

static int read_first(struct inspection *i, const char *name, struct error *err)
{
	int r = i->from->ops->manifest(i->from, NULL, &i->first, err);

	/* skopeo asks a registry while it opens the image, a folder later. */
	if (r < 0 && i->from->repository)
		return error_context(err, "Error parsing image name \"%s\"", name);
	return r < 0 ? error_context(err, "Error retrieving manifest for image") : 0;
}

static int choose(struct inspection *i, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *list = ptr_take(&i->image.manifest);
	const struct skopeo_globals *g = i->globals;
	struct manifest_blob chosen;
	int r = manifest_choose(list, g->os, g->arch, g->variant, &chosen, err);

	if (r < 0)
		return error_context(err, "Error parsing manifest for image: choosing image instance");
	r = i->from->ops->manifest(i->from, chosen.digest, &i->child, err);
	if (r == 0)
		r = manifest_read(buf_str(&i->child.bytes), i->child.type, &i->image.manifest, &i->image.kind, err);
	if (r == 0 && manifest_is_list(i->image.kind))
		r = error_set(err, ERR_PROTOCOL, "%s is a list within a list", chosen.digest);
	return r < 0 ? error_context(err, "Error parsing manifest for image") : 0;
}

static bool is_schema1(enum manifest_kind kind)
{
	return kind == MANIFEST_SCHEMA1 || kind == MANIFEST_SCHEMA1_SIGNED;
}

static int read_image(struct inspection *i, struct error *err)
{
	int r = manifest_read(buf_str(&i->first.bytes), i->first.type, &i->image.manifest, &i->image.kind, err);

	if (r < 0)
		return error_context(err, "Error parsing manifest for image");
	if (manifest_is_list(i->image.kind) && (r = choose(i, err)) < 0)
		return r;
	if (is_schema1(i->image.kind))
		return 0;
	r = manifest_blob_read(js_get(i->image.manifest, "config"), &i->image.config, err);
	return r < 0 ? error_context(err, "Error parsing manifest for image: config") : 0;
}

static int read_config(struct inspection *i, struct error *err)
{
	struct store_blob blob = { i->image.config.digest, i->image.config.type, i->image.config.size, NULL };
	struct byte_sink sink = bytes_to_buf(&i->config);

	return blob.digest ? i->from->ops->blob(i->from, &blob, &sink, err) : 0;
}

/* ---- tags -------------------------------------------------------------------------------------------------------------- */

static bool wants_tags(const struct inspection *i)
{
	const struct inspect_args *a = i->args;

	return !a->no_tags && !a->config && !a->raw && i->from->repository && i->from->ops->tags;
}

static void *run_tags(void *ctx)
{
	struct inspection *i = ctx;

	i->tags_ret = i->from->ops->tags(i->from, &i->tags, &i->tags_failure);
	return NULL;
}

/* They have nothing to do with the image: they are asked for while that is read. Signals are for the thread that waits for them. */
static void start_tags(struct inspection *i)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	i->running = i->from->parallel && pthread_create(&i->beside, NULL, run_tags, i) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!i->running)
		run_tags(i);
}

/* Some registries keep their lists of tags from those who may well read an image. */
static int take_tags(struct inspection *i, struct error *err)
{
	wait_for_tags(i);
	if (i->tags_ret == -ERR_AUTH) {
		log_warn("Registry disallows tag list retrieval; skipping");
		return 0;
	}
	if (i->tags_ret >= 0)
		return 0;
	error_move(err, &i->tags_failure);
	return error_context(err, "Error determining repository tags");
}

/* Only as far as what is asked for needs it. */
static int read_all(struct inspection *i, const char *name, struct error *err)
{
	bool tags = wants_tags(i);
	int r;

	if (tags)
		start_tags(i);
	r = read_first(i, name, err);
	if (r < 0 || (i->args->raw && !i->args->config))
		return r;
	if ((r = read_image(i, err)) < 0)
		return r;
	if ((r = read_config(i, err)) < 0)
		return error_context(err, "%s",
				     i->args->config ? "Error reading OCI-formatted configuration data"
						     : "Error reading configuration blob");
	return tags ? take_tags(i, err) : 0;
}

static int open_and_read(struct inspection *i, const char *name, const struct store_options *o, const struct store_extra *extras,
			 struct error *err)
{
	int r = image_source_open(name, o, extras, &i->from, err);

	return r < 0 ? error_context(err, "Error parsing image name \"%s\"", name) : read_all(i, name, err);
}

/* ---- showing ----------------------------------------------------------------------------------------------------------- */

static int show_bytes(struct session *s, struct str bytes, struct error *err)
{
	return fwrite(bytes.p, 1, bytes.n, session_out(s)) == bytes.n ? 0 : session_output_failed(err);
}

static int show_config(struct session *s, const struct inspection *i, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *config = NULL;
	CLEANUP(js_put_p) struct json_object *fields = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT(MANIFEST_MAX_CONFIG);
	int r;

	if (!i->image.config.digest)
		return error_set(err, ERR_UNSUPPORTED, "%s is a schema 1 image: it has no configuration of its own", i->from->name);
	if (i->args->raw)
		return show_bytes(s, buf_str(&i->config), err);
	r = copy_config_to_oci(buf_str(&i->config), &text, err);
	if (r == 0)
		r = js_parse(buf_str(&text), "image configuration", &config, err);
	if (r < 0)
		return error_context(err, "Error reading OCI-formatted configuration data");
	if (!show_is_json(i->args->format))
		fields = config_fields(config);
	return show_value(s, fields ? fields : config, "skopeo inspect", i->args->format, err);
}

/* Helm charts and other things that registries keep have a manifest and no image's configuration. */
static int check_image(const struct inspection *i, struct error *err)
{
	const char *type = i->image.config.type;

	if (i->image.kind != MANIFEST_OCI || strcmp(type, manifest_config_type(MANIFEST_FORMAT_OCI)) == 0 ||
	    strcmp(type, manifest_config_type(MANIFEST_FORMAT_DOCKER)) == 0)
		return 0;
	error_set(err, ERR_UNSUPPORTED, "unsupported image-specific operation on artifact with type \"%s\"", type);
	return error_hint(err, "--raw shows its manifest");
}

static int show_image(struct session *s, const struct inspection *i, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *data = NULL;
	CLEANUP(reference_done) struct reference name = { 0 };
	CLEANUP(free_p) char *repository = NULL;
	struct inspect_req q = { .digest = i->first.digest, .tags = &i->tags, .image = &i->image, .config = buf_str(&i->config) };
	int r = check_image(i, err);

	if (r == 0 && i->from->reference && *i->from->reference)
		r = reference_parse(i->from->reference, &name, err);
	if (r < 0)
		return r;
	repository = name.path ? reference_repository(&name) : NULL;
	q.name = repository;
	r = inspect_data(&q, &data, err);
	return r < 0 ? r : show_value(s, data, "skopeo inspect", i->args->format, err);
}

static int show(struct session *s, const struct inspection *i, struct error *err)
{
	if (i->args->config)
		return show_config(s, i, err);
	return i->args->raw ? show_bytes(s, buf_str(&i->first.bytes), err) : show_image(s, i, err);
}

/* ---- inspect ----------------------------------------------------------------------------------------------------------- */

static int inspect(struct session *s, const struct inspect_args *a, const char *name, struct error *err)
{
	CLEANUP(host_store_done) struct host_store hosts;
	CLEANUP(side_done) struct side side = { 0 };
	struct retry retry;
	bool again = false;
	int r;

	host_store_init(&hosts, s);
	if ((r = side_open(s, &a->side, NULL, skopeo_tls_verify(skopeo_globals_of(s)), &side, err)) < 0 ||
	    (r = retry_init(&retry, &a->retry, err)) < 0)
		return r;
	do {
		CLEANUP(inspection_done)
		struct inspection i = { .args = a, .globals = skopeo_globals_of(s), .config = BUF_INIT(MANIFEST_MAX_CONFIG) };

		r = open_and_read(&i, name, &side.o, hosts.extras, err);
		again = r < 0 && retry_again(&retry, err);
		if (r == 0)
			r = show(s, &i, err);
	} while (again);
	return r < 0 ? skopeo_explain(err) : 0;
}

static int inspect_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct inspect_args *a = args;

	if (names->n != 1)
		return error_set(err, ERR_USAGE, "Exactly one argument expected");
	if (a->raw && a->format)
		return error_set(err, ERR_USAGE, "raw output does not support format option");
	return inspect(s, a, names->v[0], err);
}

const struct cmd skopeo_inspect = {
	.names = (const char *const[]){ "inspect", NULL },
	.synopsis = "[options] IMAGE-NAME",
	.brief = "Inspect image IMAGE-NAME",
	.about =
		"Shows what a registry, an archive or a layout says about an image, without reading its layers. Of a list it is the image for linux and the "
		"architecture of this machine, or for what --override-os and --override-arch say.",
	.examples = "skopeo inspect docker://registry.fedoraproject.org/fedora\nskopeo inspect --config docker://docker.io/alpine\n"
		    "skopeo inspect --format '{{.Digest}}' docker-archive:alpine.tar",
	.opts = inspect_opts,
	.args_size = sizeof(struct inspect_args),
	.max_names = CMD_ANY,
	.run = inspect_run,
};
