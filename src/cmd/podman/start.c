/* cmd/podman/start.c */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/attached.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/select.h"

struct start_args {
	bool attach, interactive, sig_proxy, all, latest;
	const char *detach_keys, *checkpoint, *checkpoint_dir;
	struct strv filters;
};

static const struct opt start_opts[] = {
	OPT_BOOL(0, "all", struct start_args, all, "Start all containers whatever their state"),
	OPT_BOOL('a', "attach", struct start_args, attach, "Attach the container's standard output and standard error"),
	{ .type = OPT_T_STR, .flags = OPT_HIDDEN, .long_name = "checkpoint", .help = "Restore from this checkpoint (docker's)",
	  .offset = OPT_FIELD(struct start_args, checkpoint, const char *) },
	{ .type = OPT_T_STR, .flags = OPT_HIDDEN, .long_name = "checkpoint-dir", .help = "Folder of the checkpoints (docker's)",
	  .offset = OPT_FIELD(struct start_args, checkpoint_dir, const char *) },
	OPT_STR(0, "detach-keys", struct start_args, detach_keys, "[a-Z]",
		"Keys that detach from the container: a character, or a comma separated list of ctrl-<value>"),
	OPT_STRV('f', "filter", struct start_args, filters, "filter", "Start the containers that match these conditions"),
	OPT_BOOL('i', "interactive", struct start_args, interactive, "Attach standard input"),
	OPT_BOOL('l', "latest", struct start_args, latest, "Act on the container that was created last"),
	OPT_BOOL(0, "sig-proxy", struct start_args, sig_proxy, "Forward signals to the container (with --attach)"),
	OPT_END
};

/* start -a: as run, on a container that exists. Its inspection says whether it has a terminal. */
static int start_attached(struct session *s, struct engine *e, const struct start_args *a, const char *name, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *found = NULL;
	struct stream *stream = NULL;
	int r = engine_inspect(e, OBJECT_CONTAINER, name, false, &found, err);

	if (r < 0)
		return r;

	struct json_object *config = js_get(found, "Config");
	struct attached side = { .container = name,
				 .want_stdin = a->interactive,
				 .want_stdout = true,
				 .want_stderr = true,
				 .tty = js_get_bool(config, "Tty", false),
				 .sig_proxy = a->sig_proxy,
				 .detach_keys = a->detach_keys };
	struct attach_req q = { .name = js_get_str(found, "Id", name),
				.start = !js_get_bool(js_get(found, "State"), "Running", false),
				.want_stdin = side.want_stdin && js_get_bool(config, "OpenStdin", true),
				.want_stdout = true,
				.want_stderr = true,
				.tty = side.tty,
				.detach_keys = side.detach_keys };

	side.want_stdin = q.want_stdin;
	attached_size(&side, &q.width, &q.height);
	if ((r = attached_check(&side, err)) < 0 || (r = engine_container_attach(e, &q, &stream, err)) < 0)
		return r;
	return attached_pump(s, e, &side, stream, err);
}

static int start_each(struct session *s, struct engine *e, const struct strv *names)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	for (size_t i = 0; i < names->n; i++) {
		if (engine_container_start(e, names->v[i], &err) < 0)
			session_report(s, &err);
		else
			fprintf(session_out(s), "%s\n", names->v[i]);
	}
	return session_status(s);
}

static int start_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct start_args *a = args;
	CLEANUP(strv_done) struct strv chosen = { 0 };
	struct selection sel = { .names = names, .all = a->all, .latest = a->latest, .filters = &a->filters };
	struct engine *e;
	int r;

	if (a->checkpoint || a->checkpoint_dir)
		return error_set(err, ERR_UNSUPPORTED, "--%s: podman has no start from a checkpoint; podman container restore has",
				 a->checkpoint ? "checkpoint" : "checkpoint-dir");
	if ((a->attach || a->interactive) && (names->n > 1 || a->all))
		return error_set(err, ERR_USAGE, "you cannot start and attach multiple containers at once");
	if (a->sig_proxy && !a->attach)
		return error_set(err, ERR_USAGE, "you cannot use sig-proxy without --attach: invalid argument");
	if ((r = session_engine(s, &e, err)) < 0 || (r = select_containers(e, &sel, &chosen, err)) < 0)
		return r;
	if ((a->attach || a->interactive) && chosen.n > 1)
		return error_set(err, ERR_USAGE, "you cannot start and attach multiple containers at once");
	if ((a->attach || a->interactive) && chosen.n == 1)
		return start_attached(s, e, a, chosen.v[0], err);
	return start_each(s, e, &chosen);
}

const struct cmd cmd_start = {
	.names = (const char *const[]){ "start", "container start", NULL },
	.synopsis = "[options] CONTAINER [CONTAINER...]",
	.brief = "Start one or more containers",
	.about = "Starts one or more containers. The container name or ID can be used.",
	.examples = "podman start web\npodman start 860a4b231279 5421ab43b45\npodman start --interactive --attach shell",
	.opts = start_opts,
	.args_size = sizeof(struct start_args),
	.max_names = CMD_ANY,
	.complete = "@stopped",
	.run = start_run,
};
