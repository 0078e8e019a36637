/* cmd/podman/diff.c: diff, container diff, image diff. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/select.h"
#include "cmd/session.h"
#include "output/json.h"

#define OUTPUT_MAX (256 * 1024 * 1024)
#define INDENT 5

struct diff_args {
	bool latest;
	const char *format;
};

static const struct opt diff_opts[] = {
	OPT_STR(0, "format", struct diff_args, format, "string", "Print as JSON (json)"),
	OPT_BOOL('l', "latest", struct diff_args, latest, "Act on the container that was created last"),
	OPT_END
};

static const struct opt image_diff_opts[] = {
	OPT_STR(0, "format", struct diff_args, format, "string", "Print as JSON (json)"),
	OPT_END
};

/* By Kind of containers/storage, in the order of the JSON. */
static const struct {
	char letter;
	const char *key;
} kinds[] = { { 'C', "changed" }, { 'A', "added" }, { 'D', "deleted" } };

static int kind_of(struct json_object *change, size_t *ret, struct error *err)
{
	int64_t kind = js_get_int(change, "Kind", -1);

	if (kind < 0 || kind >= (int64_t)ARRAY_LEN(kinds))
		return error_set(err, ERR_PROTOCOL, "output kind %lld not recognized", (long long)kind);
	*ret = (size_t)kind;
	return 0;
}

static int print_lines(struct session *s, struct json_object *changes, struct error *err)
{
	for (size_t i = 0; i < js_len(changes); i++) {
		size_t kind = 0;
		int r = kind_of(js_at(changes, i), &kind, err);

		if (r < 0)
			return r;
		fprintf(session_out(s), "%c %s\n", kinds[kind].letter, js_get_str(js_at(changes, i), "Path", ""));
	}
	return 0;
}

/* Empty lists are left out. */
static int print_json(struct session *s, struct json_object *changes, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *all = json_object_new_object();
	CLEANUP(buf_done) struct buf out = BUF_INIT(OUTPUT_MAX);

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		struct json_object *paths = json_object_new_array();

		for (size_t i = 0; i < js_len(changes); i++) {
			size_t kind = 0;
			int r = kind_of(js_at(changes, i), &kind, err);

			if (r < 0) {
				json_object_put(paths);
				return r;
			}
			if (kind == k)
				json_object_array_add(paths, js_str(js_get_str(js_at(changes, i), "Path", "")));
		}
		if (js_len(paths))
			js_set(all, kinds[k].key, paths);
		else
			json_object_put(paths);
	}
	json_format(all, INDENT, 0, true, &out);
	fprintf(session_out(s), "%s\n", buf_z(&out));
	return buf_check(&out, "list of changes", err);
}

/* -1 for any kind: the container first, as podman. */
#define ANY_KIND (-1)

static int ask(struct engine *e, int kind, const char *name, const char *other, struct json_object **ret, struct error *err)
{
	int r;

	if (kind != ANY_KIND)
		return engine_diff(e, (enum object_kind)kind, name, other, ret, err);
	r = engine_diff(e, OBJECT_CONTAINER, name, other, ret, err);
	if (r != -ERR_NOT_FOUND)
		return r;
	error_clear(err);
	r = engine_diff(e, OBJECT_IMAGE, name, other, ret, err);
	return r == -ERR_NOT_FOUND ? error_set(err, ERR_NOT_FOUND, "%s not found: no container or image of that name", name) : r;
}

static int diff(struct session *s, const struct diff_args *a, int kind, const struct strv *names, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *changes = NULL;
	CLEANUP(strv_done) struct strv chosen = { 0 };
	struct selection sel = { .names = names, .latest = a->latest };
	struct engine *e;
	int r;

	if (a->format && *a->format && strcmp(a->format, "json") != 0 && strcmp(a->format, "{{json .}}") != 0)
		return error_set(err, ERR_USAGE, "only supported value for '--format' is 'json'");
	if (names->n && a->latest)
		return error_set(err, ERR_USAGE, "--latest and containers cannot be used together");
	if (!names->n && !a->latest)
		return error_set(err, ERR_USAGE, "requires a name or id");
	if ((r = session_engine(s, &e, err)) < 0 || (r = select_containers(e, &sel, &chosen, err)) < 0 ||
	    (r = ask(e, kind, chosen.v[0], chosen.n > 1 ? chosen.v[1] : NULL, &changes, err)) < 0)
		return r;
	return a->format && *a->format ? print_json(s, changes, err) : print_lines(s, changes, err);
}

static int diff_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	return diff(s, args, ANY_KIND, names, err);
}

static int container_diff_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	return diff(s, args, OBJECT_CONTAINER, names, err);
}

static int image_diff_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	return diff(s, args, OBJECT_IMAGE, names, err);
}

const struct cmd cmd_diff = {
	.names = (const char *const[]){ "diff", NULL },
	.synopsis = "[options] {CONTAINER|IMAGE} [{CONTAINER|IMAGE}]",
	.brief = "Display the changes to the object's file system",
	.about = "Displays what a container changed in its image, or an image in its parent layer: C changed, A added, D deleted. With a second name: what is "
		 "different there.",
	.examples = "podman diff imageID\npodman diff ctrID\npodman diff --format json redis:alpine",
	.opts = diff_opts,
	.args_size = sizeof(struct diff_args),
	.max_names = 2,
	.complete = "@container",
	.run = diff_run,
};

const struct cmd cmd_container_diff = {
	.names = (const char *const[]){ "container diff", NULL },
	.synopsis = "[options] CONTAINER [CONTAINER]",
	.brief = "Inspect changes to the container's file systems",
	.about = "Displays what a container changed in its image: C changed, A added, D deleted. With a second name: what is different there.",
	.examples = "podman container diff myCtr\npodman container diff --latest --format json",
	.opts = diff_opts,
	.args_size = sizeof(struct diff_args),
	.max_names = 2,
	.complete = "@container",
	.run = container_diff_run,
};

const struct cmd cmd_image_diff = {
	.names = (const char *const[]){ "image diff", NULL },
	.synopsis = "[options] IMAGE [IMAGE]",
	.brief = "Inspect changes to the image's file systems",
	.about = "Displays what an image changed in its parent layer: C changed, A added, D deleted. With a second name: what is different there.",
	.examples = "podman image diff myImage\npodman image diff --format json redis:alpine",
	.opts = image_diff_opts,
	.args_size = sizeof(struct diff_args),
	.min_names = 1,
	.max_names = 2,
	.complete = "@image",
	.run = image_diff_run,
};
