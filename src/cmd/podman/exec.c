/* cmd/podman/exec.c */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cmd/podman/attached.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/run_prepare.h"
#include "cmd/podman/select.h"

struct exec_args {
	bool detach, interactive, privileged, tty, latest;
	const char *detach_keys, *user, *workdir;
	struct strv cidfiles;
	struct flags flags; /* env and env-file, resolved as for run */
	int64_t preserve_fds;
};

static const struct opt exec_opts[] = {
	OPT_STRV(0, "cidfile", struct exec_args, cidfiles, "file", "Read the container ID from the file"),
	OPT_BOOL('d', "detach", struct exec_args, detach, "Run the exec session in the background"),
	OPT_STR(0, "detach-keys", struct exec_args, detach_keys, "string",
		"Keys that detach from the session: a character, or a comma separated list of ctrl-<value>"),
	{ .type = OPT_T_STRV, .flags = OPT_BAG, .short_name = 'e', .long_name = "env", .metavar = "stringArray",
	  .help = "Set environment variables", .offset = offsetof(struct exec_args, flags) },
	{ .type = OPT_T_STRV, .flags = OPT_BAG, .long_name = "env-file", .metavar = "file",
	  .help = "Read environment variables from a file of this machine", .offset = offsetof(struct exec_args, flags), .complete = "@file" },
	OPT_BOOL('i', "interactive", struct exec_args, interactive, "Keep standard input open"),
	OPT_BOOL('l', "latest", struct exec_args, latest, "Act on the container that was created last"),
	OPT_UINT(0, "preserve-fds", struct exec_args, preserve_fds, "uint", "Pass file descriptors to the container"),
	OPT_BOOL(0, "privileged", struct exec_args, privileged, "Give the process extended capabilities inside the container"),
	OPT_BOOL('t', "tty", struct exec_args, tty, "Allocate a pseudo-terminal"),
	OPT_STR('u', "user", struct exec_args, user, "string", "User name or UID, and optionally group name or GID, of the command"),
	OPT_STR('w', "workdir", struct exec_args, workdir, "string", "Working directory inside the container"),
	OPT_END
};

static int exec_open(struct session *s, struct engine *e, const struct exec_args *a, const char *name, const struct strv *command,
		     struct error *err)
{
	const struct flag *env = flags_find(&a->flags, "env");
	struct attached side = { .want_stdin = a->interactive,
				 .want_stdout = true,
				 .want_stderr = true,
				 .tty = a->tty,
				 .detach_keys = a->detach_keys };
	struct exec_req q = { .name = name,
			      .command = command,
			      .env = env ? &env->values : NULL,
			      .user = a->user,
			      .workdir = a->workdir,
			      .detach_keys = a->detach_keys,
			      .tty = a->tty,
			      .privileged = a->privileged,
			      .want_stdin = a->interactive,
			      .detach = a->detach };
	CLEANUP(free_p) char *id = NULL;
	struct stream *stream = NULL;
	int r = a->detach ? 0 : attached_check(&side, err);

	if (r < 0)
		return r;
	attached_size(&side, &q.width, &q.height);
	r = engine_container_exec(e, &q, &stream, &id, err);
	if (r < 0)
		return r;
	if (!a->detach)
		return attached_pump(s, e, &side, stream, err);
	fprintf(session_out(s), "%s\n", id ? id : "");
	return 0;
}

static int exec_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct exec_args *a = args;
	CLEANUP(strv_done) struct strv chosen = { 0 };
	CLEANUP(strv_done) struct strv none = { 0 };
	struct selection sel = { .names = &none, .latest = a->latest, .cidfiles = &a->cidfiles };
	bool named = !a->latest && a->cidfiles.n == 0; /* the first word is the container */
	struct engine *e;
	int r;

	if (a->preserve_fds > 0)
		return error_set(err, ERR_USAGE, "--preserve-fds: file descriptors can't reach a container on another host");
	if (names->n < (named ? 2u : 1u))
		return error_set(err, ERR_USAGE, !named || names->n ? "must provide a non-empty command to start an exec session: invalid argument"
								       : "exec requires the name or ID of a container or the --latest flag");
	if ((r = resolve_env(&a->flags, err)) < 0 || (r = session_engine(s, &e, err)) < 0)
		return r;
	if (named) {
		struct strv command = { names->v + 1, names->n - 1, 0 };

		return exec_open(s, e, a, names->v[0], &command, err);
	}
	if ((r = select_containers(e, &sel, &chosen, err)) < 0)
		return r;
	if (chosen.n != 1)
		return error_set(err, ERR_NOT_FOUND, chosen.n ? "exec takes one container" : "there is no container");
	return exec_open(s, e, a, chosen.v[0], names, err);
}

const struct cmd cmd_exec = {
	.names = (const char *const[]){ "exec", "container exec", NULL },
	.synopsis = "[options] CONTAINER COMMAND [ARG...]",
	.brief = "Run a process in a running container",
	.about = "Executes the specified command inside a running container.",
	.examples = "podman exec -it web ls\npodman exec -it -w /tmp web pwd\npodman exec --user root web ls",
	.opts = exec_opts,
	.args_size = sizeof(struct exec_args),
	.max_names = CMD_ANY,
	.stop_at_first = true,
	.complete = "@running",
	.run = exec_run,
};
