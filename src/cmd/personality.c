#include "cmd/personality.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cmd/podman/globals.h"
#include "cmd/session_own.h"
#include "cmd/skopeo/globals.h"
#include "cmd/table.h"

static int act(const struct program *p, struct session *s, struct invocation *inv,
	       int (*prepare)(struct session *s, void *globals, struct error *err), struct error *err)
{
	int r;

	switch (inv->action) {
	case CMD_HELP:
		cmd_help(p, inv->cmd, inv->spelled, session_out(s));
		return 0;
	case CMD_VERSION:
		fprintf(session_out(s), "%s version %s\n", p->name, p->version);
		return 0;
	case CMD_RUN:
		break;
	}
	r = prepare(s, p->globals.args, err);
	return r < 0 ? r : inv->cmd->run(s, inv->args, &inv->names, err);
}

/* ---- podman ---------------------------------------------------------------------------------------------------------- */

static int prepare_podman(struct session *s, void *globals, struct error *err)
{
	const struct globals *g = globals;
	enum log_level level;
	int r = log_level_parse(g->log_level, &level, err);

	if (r < 0)
		return r;
	log_set_level(level);
	if (g->syslog)
		log_set_syslog(true);
	r = globals_config(g, &s->config, err);
	return r < 0 ? r : globals_output(g, err);
}

int personality_podman(struct session *s, int argc, char *const *argv, struct error *err)
{
	CLEANUP(globals_done) struct globals globals = GLOBALS_INIT;
	CLEANUP(invocation_done) struct invocation inv = { 0 };
	struct program p = podman_program;
	int r;

	p.globals = (struct opt_set){ global_opts, &globals };
	s->program = &podman_program;
	r = cmd_parse(&p, argc, argv, &inv, err);
	if (r < 0 && inv.action == CMD_HELP)
		cmd_help(&p, inv.cmd, inv.spelled, session_out(s));
	return r < 0 ? r : act(&p, s, &inv, prepare_podman, err);
}

/* ---- skopeo ---------------------------------------------------------------------------------------------------------- */

static int prepare_skopeo(struct session *s, void *globals, struct error *err)
{
	(void)s;
	return skopeo_globals_apply(globals, err);
}

/* A command line that was not understood, as skopeo says it: "Unrecognized command ...", "Missing command ..." with the way to the help. */
static int misread(struct error *err)
{
	if (!err->text)
		return -ERR_USAGE;
	err->text[0] = (char)toupper((unsigned char)err->text[0]);
	return str_starts(str_from(err->text), STR("Missing command")) ? error_hint(err, "Try 'skopeo --help' for more information")
								       : -(int)err->kind;
}

/* Flags are spelled as they are typed, all other sentences of the parser begin with a capital there. */
static int parse_skopeo(const struct program *p, int argc, char *const *argv, struct invocation *ret, struct error *err)
{
	int r = cmd_parse(p, argc, argv, ret, err);
	bool command = r < 0 && err && err->text && strstr(err->text, " command ");

	return command ? misread(err) : r;
}

int personality_skopeo(struct session *s, int argc, char *const *argv, struct error *err)
{
	CLEANUP(skopeo_globals_done) struct skopeo_globals globals = SKOPEO_GLOBALS_INIT;
	CLEANUP(invocation_done) struct invocation inv = { 0 };
	struct program p = skopeo_program;
	int r;

	p.globals = (struct opt_set){ skopeo_global_opts, &globals };
	s->program = &skopeo_program;
	s->skopeo = &globals;
	/* skopeo's own level: warnings of podman's personality go on below it. */
	log_set_level(LOG_INFO_);
	r = parse_skopeo(&p, argc, argv, &inv, err);
	/* -v may stand anywhere; a command that is not complete does not matter then. */
	if (globals.version) {
		error_clear(err);
		inv.action = CMD_VERSION;
		r = 0;
	}
	r = r < 0 ? r : act(&p, s, &inv, prepare_skopeo, err);
	s->skopeo = NULL;
	return r < 0 && err && !err->exit_status ? error_exit_status(err, EXIT_FAILURE) : r;
}
