/* cmd/podman/attach.c */
#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/attached.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/select.h"

struct attach_args {
	bool no_stdin, sig_proxy, latest;
	const char *detach_keys;
};

static const struct opt attach_opts[] = {
	OPT_STR(0, "detach-keys", struct attach_args, detach_keys, "[a-Z]",
		"Keys that detach from the container: a character, or a comma separated list of ctrl-<value>"),
	OPT_BOOL('l', "latest", struct attach_args, latest, "Act on the container that was created last"),
	OPT_BOOL(0, "no-stdin", struct attach_args, no_stdin, "Do not attach standard input"),
	OPT_BOOL(0, "sig-proxy", struct attach_args, sig_proxy, "Forward signals to the process"),
	OPT_END
};

static int attach_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct attach_args *a = args;
	struct selection sel = { .names = names, .latest = a->latest };
	CLEANUP(strv_done) struct strv chosen = { 0 };
	CLEANUP(js_put_p) struct json_object *found = NULL;
	struct stream *stream = NULL;
	struct engine *e;
	int r;

	if ((r = session_engine(s, &e, err)) < 0 || (r = select_containers(e, &sel, &chosen, err)) < 0)
		return r;
	if (chosen.n != 1)
		return error_set(err, ERR_USAGE, "`podman attach` requires the name or id of one running container");
	r = engine_inspect(e, OBJECT_CONTAINER, chosen.v[0], false, &found, err);
	if (r < 0)
		return r;
	if (!js_get_bool(js_get(found, "State"), "Running", false))
		return error_set(err, ERR_CONFLICT, "you can only attach to running containers");

	struct json_object *config = js_get(found, "Config");
	struct attached side = { .container = chosen.v[0],
				 .want_stdin = !a->no_stdin && js_get_bool(config, "OpenStdin", false),
				 .want_stdout = true,
				 .want_stderr = true,
				 .tty = js_get_bool(config, "Tty", false),
				 .sig_proxy = a->sig_proxy,
				 .detach_keys = a->detach_keys };
	struct attach_req q = { .name = js_get_str(found, "Id", chosen.v[0]),
				.want_stdin = side.want_stdin,
				.want_stdout = true,
				.want_stderr = true,
				.tty = side.tty,
				.detach_keys = side.detach_keys };

	attached_size(&side, &q.width, &q.height);
	if ((r = attached_check(&side, err)) < 0 || (r = engine_container_attach(e, &q, &stream, err)) < 0)
		return r;
	return attached_pump(s, e, &side, stream, err);
}

const struct cmd cmd_attach = {
	.names = (const char *const[]){ "attach", "container attach", NULL },
	.synopsis = "[options] CONTAINER",
	.brief = "Attach to a running container",
	.about = "Attaches to a running container by its name or ID, to watch its output or to work in it.",
	.examples = "podman attach web\npodman attach --no-stdin foobar",
	.opts = attach_opts,
	.args_size = sizeof(struct attach_args),
	.args_default = &(struct attach_args){ .sig_proxy = true },
	.max_names = 1,
	.complete = "@running",
	.run = attach_run,
};
