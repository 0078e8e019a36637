/* cmd/podman/inspect.c: inspect, container inspect, image inspect. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/select.h"
#include "cmd/session.h"
#include "output/json.h"
#include "output/template.h"

#define OUTPUT_MAX (64 * 1024 * 1024)
#define INDENT 5 /* as podman 4 prints inspections */

struct inspect_args {
	bool latest, size;
	const char *format, *type;
};

static const struct opt inspect_opts[] = {
	OPT_STR('f', "format", struct inspect_args, format, "string", "Print with a Go template"),
	OPT_BOOL('l', "latest", struct inspect_args, latest, "Act on the container that was created last"),
	OPT_BOOL('s', "size", struct inspect_args, size, "Show the total file size of containers"),
	{ .type = OPT_T_STR, .short_name = 't', .long_name = "type", .metavar = "string", .dflt = "\"all\"",
	  .help = "Kind of object: container, image, volume, network, pod, all", .offset = OPT_FIELD(struct inspect_args, type, const char *),
	  .complete = "all|container|image|network|pod|volume" },
	OPT_END
};

static const struct opt container_inspect_opts[] = {
	OPT_STR('f', "format", struct inspect_args, format, "string", "Print with a Go template"),
	OPT_BOOL('l', "latest", struct inspect_args, latest, "Act on the container that was created last"),
	OPT_BOOL('s', "size", struct inspect_args, size, "Show the total file size"),
	OPT_END
};

static const struct opt image_inspect_opts[] = {
	OPT_STR('f', "format", struct inspect_args, format, "string", "Print with a Go template"),
	OPT_END
};

/* In the order in which "all" tries them. */
static const struct {
	const char *word;
	enum object_kind kind;
	const char *go_type;
} kinds[] = {
	{ "container", OBJECT_CONTAINER, "*define.InspectContainerData" }, { "image", OBJECT_IMAGE, "*inspect.ImageData" },
	{ "volume", OBJECT_VOLUME, "*define.InspectVolumeData" },	   { "network", OBJECT_NETWORK, "*types.Network" },
	{ "pod", OBJECT_POD, "*define.InspectPodData" },
};

struct job {
	struct session *session;
	struct engine *engine;
	const struct inspect_args *args;
	const char *type; /* "all" or one of kinds */
	struct template *template; /* NULL: JSON */
	struct buf out;
	size_t found;
};

static void job_done(struct job *j)
{
	template_free(j->template);
	buf_done(&j->out);
}

/* Which kind the name is, and its inspection. A kind that the host does not know has no objects. */
static int find(const struct job *j, const char *name, size_t *ret_kind, struct json_object **ret, struct error *err)
{
	bool all = strcmp(j->type, "all") == 0;
	int r = -ERR_NOT_FOUND;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!all && strcmp(j->type, kinds[i].word) != 0)
			continue;
		error_clear(err);
		*ret_kind = i;
		r = engine_inspect(j->engine, kinds[i].kind, name, j->args->size, ret, err);
		if (r == 0 || (r != -ERR_NOT_FOUND && r != -ERR_UNSUPPORTED))
			break;
	}
	if (r == 0)
		return 0;
	if (r != -ERR_NOT_FOUND && r != -ERR_UNSUPPORTED)
		return error_context(err, "inspecting object");
	if (all)
		return error_set(err, ERR_NOT_FOUND, "inspecting object: no such object: \"%s\"", name);
	if (strcmp(j->type, "image") == 0)
		return error_context(err, "inspecting object: unable to inspect \"%s\"", name);
	return error_set(err, ERR_NOT_FOUND, "inspecting object: no such %s \"%s\"", j->type, name);
}

static int print_one(struct job *j, struct json_object *o, size_t kind, struct error *err)
{
	struct template_shape shape = { .go_type = kinds[kind].go_type };
	int r;

	if (!j->template) {
		buf_add_z(&j->out, j->found++ ? ",\n" : "\n");
		buf_addf(&j->out, "%*s", INDENT, "");
		json_format(o, INDENT, 1, true, &j->out);
		return buf_check(&j->out, "inspect output", err);
	}
	r = template_run(j->template, o, &shape, &j->out, err);
	if (r < 0)
		return error_context(err, "inspecting object: printing inspect output");
	buf_add_char(&j->out, '\n');
	j->found++;
	return buf_check(&j->out, "inspect output", err);
}

/* Prints what was found; what was not is reported and decides the exit status. */
static int inspect_names(struct job *j, const struct strv *names, struct error *err)
{
	CLEANUP(error_done) struct error missing = ERROR_INIT;
	int r = 0;

	for (size_t i = 0; i < names->n; i++) {
		CLEANUP(js_put_p) struct json_object *o = NULL;
		size_t kind = 0;

		if (find(j, names->v[i], &kind, &o, &missing) < 0) {
			if (missing.kind == ERR_CONNECT)
				return error_move(err, &missing);
			session_report(j->session, &missing);
			continue;
		}
		r = print_one(j, o, kind, err);
		if (r < 0)
			return r;
	}
	if (!j->template)
		fprintf(session_out(j->session), "[%s%s]\n", buf_z(&j->out), j->found ? "\n" : "");
	else
		fputs(buf_z(&j->out), session_out(j->session));
	return session_status(j->session);
}

static int check(const struct inspect_args *a, const char *type, const struct strv *names, struct error *err)
{
	bool known = strcmp(type, "all") == 0;

	for (size_t i = 0; !known && i < ARRAY_LEN(kinds); i++)
		known = strcmp(type, kinds[i].word) == 0;
	if (!known)
		return error_set(err, ERR_USAGE, "invalid type \"%s\": must be one of container, image, volume, network, pod, all", type);
	if (names->n && a->latest)
		return error_set(err, ERR_USAGE, "--latest and arguments cannot be used together");
	if (!names->n && !a->latest)
		return error_set(err, ERR_USAGE, "no names or ids specified");
	return 0;
}

static int inspect(struct session *s, const struct inspect_args *a, const char *type, const struct strv *names, struct error *err)
{
	CLEANUP(job_done) struct job j = { .session = s, .args = a, .type = type, .out = BUF_INIT(OUTPUT_MAX) };
	CLEANUP(strv_done) struct strv chosen = { 0 };
	struct selection sel = { .names = names, .latest = a->latest };
	int r = check(a, type, names, err);

	if (r == 0 && a->format && strcmp(a->format, "json") != 0) {
		CLEANUP(free_p) char *text = template_unescape(a->format);

		r = text ? template_parse(str_from(text), "inspect", &j.template, err) : error_set(err, ERR_SYSTEM, "out of memory");
	}
	if (r < 0 || (r = session_engine(s, &j.engine, err)) < 0 || (r = select_containers(j.engine, &sel, &chosen, err)) < 0)
		return r;
	return inspect_names(&j, &chosen, err);
}

static int inspect_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct inspect_args *a = args;

	return inspect(s, a, a->latest ? "container" : a->type, names, err);
}

static int container_inspect_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	return inspect(s, args, "container", names, err);
}

static int image_inspect_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	return inspect(s, args, "image", names, err);
}

const struct cmd cmd_inspect = {
	.names = (const char *const[]){ "inspect", NULL },
	.synopsis = "[options] {CONTAINER|IMAGE|POD|NETWORK|VOLUME} [...]",
	.brief = "Display the configuration of object denoted by ID",
	.about = "Displays the low-level information on objects by their name or ID. A name may belong to several kinds; containers come first, then "
		 "images, volumes, networks and pods.",
	.examples = "podman inspect fedora\npodman inspect --type image fedora\npodman inspect --format '{{.State.Running}}' web",
	.opts = inspect_opts,
	.args_size = sizeof(struct inspect_args),
	.args_default = &(struct inspect_args){ .type = "all" },
	.max_names = CMD_ANY,
	.complete = "@container",
	.run = inspect_run,
};

const struct cmd cmd_container_inspect = {
	.names = (const char *const[]){ "container inspect", NULL },
	.synopsis = "[options] CONTAINER [CONTAINER...]",
	.brief = "Display the configuration of a container",
	.about = "Displays the low-level information on containers by their name or ID.",
	.examples = "podman container inspect web\npodman container inspect --format '{{.Name}}' web",
	.opts = container_inspect_opts,
	.args_size = sizeof(struct inspect_args),
	.max_names = CMD_ANY,
	.complete = "@container",
	.run = container_inspect_run,
};

const struct cmd cmd_image_inspect = {
	.names = (const char *const[]){ "image inspect", NULL },
	.synopsis = "[options] IMAGE [IMAGE...]",
	.brief = "Display the configuration of an image",
	.about = "Displays the low-level information on images by their name or ID.",
	.examples = "podman image inspect alpine\npodman image inspect --format '{{.Config.Cmd}}' alpine",
	.opts = image_inspect_opts,
	.args_size = sizeof(struct inspect_args),
	.max_names = CMD_ANY,
	.complete = "@image",
	.run = image_inspect_run,
};
