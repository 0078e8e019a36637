/* cmd/skopeo/list_tags.c: list-tags: of a repository, or the names in a docker-archive. */
#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/session.h"
#include "cmd/skopeo/commands.h"
#include "cmd/skopeo/globals.h"
#include "cmd/skopeo/retry.h"
#include "cmd/skopeo/show.h"
#include "cmd/skopeo/side.h"
#include "image/reference.h"

struct list_tags_args {
	struct side_args side;
	struct retry_args retry;
};

static const struct opt list_tags_opts[] = { OPT_INCLUDE(retry_opts, struct list_tags_args, retry),
					     OPT_INCLUDE(side_opts, struct list_tags_args, side), OPT_END };

static int check_name(const char *name, bool *ret_registry, struct error *err)
{
	CLEANUP(reference_done) struct reference ref = { 0 };
	struct str transport;
	int r;

	if (!str_cut(str_from(name), ':', &transport, NULL))
		return error_set(err, ERR_USAGE, "Invalid \"%s\": does not specify a transport", name);
	*ret_registry = str_eq(transport, STR("docker"));
	if (str_eq(transport, STR("docker-archive")))
		return 0;
	if (!*ret_registry)
		return error_set(err, ERR_USAGE,
				 "Unsupported transport '%.*s' for tag listing. Only supported: docker, docker-archive",
				 STR_ARG(transport));
	if (!str_starts(str_from(name), STR("docker://")))
		return error_set(err, ERR_USAGE, "docker: image reference %s does not start with //", name + strlen("docker:"));
	r = reference_parse(name + strlen("docker://"), &ref, err);
	if (r == 0 && (ref.tag || ref.digest))
		r = error_set(err, ERR_USAGE, "No tag or digest allowed in reference");
	return r;
}

static int list_once(const char *name, const struct store_options *o, bool registry, struct json_object **ret, struct error *err)
{
	CLEANUP(image_source_close_p) struct image_source *from = NULL;
	CLEANUP(strv_done) struct strv tags = { 0 };
	int r = image_source_open(name, o, NULL, &from, err);

	if (r == 0)
		r = from->ops->tags ? from->ops->tags(from, &tags, err) : error_set(err, ERR_UNSUPPORTED, "%s has no tags", name);
	if (r < 0)
		return registry ? error_context(err, "Error listing repository tags") : r;
	*ret = json_object_new_object();
	if (registry)
		js_set_str(*ret, "Repository", from->repository);
	js_set(*ret, "Tags", js_strv(tags.v, tags.n));
	return 0;
}

static int list_tags_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct list_tags_args *a = args;
	CLEANUP(js_put_p) struct json_object *tags = NULL;
	CLEANUP(side_done) struct side side = { 0 };
	struct retry retry;
	bool registry = false;
	int r;

	if (names->n != 1)
		return error_set(err, ERR_USAGE, "Exactly one non-option argument expected");
	if ((r = check_name(names->v[0], &registry, err)) < 0 ||
	    (r = side_open(s, &a->side, NULL, skopeo_tls_verify(skopeo_globals_of(s)), &side, err)) < 0 ||
	    (r = retry_init(&retry, &a->retry, err)) < 0)
		return r;
	do
		r = list_once(names->v[0], &side.o, registry, &tags, err);
	while (r < 0 && retry_again(&retry, err));
	return r < 0 ? skopeo_explain(err) : show_value(s, tags, "skopeo list-tags", NULL, err);
}

const struct cmd skopeo_list_tags = {
	.names = (const char *const[]){ "list-tags", NULL },
	.synopsis = "[options] SOURCE-IMAGE",
	.brief = "List tags in the transport/repository specified by the SOURCE-IMAGE",
	.about =
		"Prints the tags of a repository in the order of its registry, or the names of the images in an archive of docker save.",
	.examples = "skopeo list-tags docker://docker.io/fedora\nskopeo list-tags docker-archive:images.tar",
	.opts = list_tags_opts,
	.args_size = sizeof(struct list_tags_args),
	.max_names = CMD_ANY,
	.run = list_tags_run,
};
