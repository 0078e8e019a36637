/* main.c: which program was called, its one run, its one error, its exit status. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cmd/podman/globals.h"
#include "cmd/session_own.h"
#include "cmd/table.h"

/* The name it was called by picks the commands: skopeo's under that name, podman's under any other. */
static struct program personality(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	return strcmp(slash ? slash + 1 : argv0, "skopeo") == 0 ? skopeo_program : podman_program;
}

static int apply_globals(struct session *s, const struct globals *g, struct error *err)
{
	enum log_level level;
	int r = log_level_parse(g->log_level, &level, err);

	if (r < 0)
		return r;
	log_set_level(level);
	if (g->syslog)
		log_set_syslog(true);
	return globals_config(g, &s->config, err);
}

static int run_command(struct session *s, struct invocation *inv, const struct globals *g, struct error *err)
{
	int r = apply_globals(s, g, err);

	if (r == 0)
		r = globals_output(g, err);
	return r < 0 ? r : inv->cmd->run(s, inv->args, &inv->names, err);
}

static int act(const struct program *p, struct session *s, struct invocation *inv, const struct globals *g, struct error *err)
{
	switch (inv->action) {
	case CMD_HELP:
		cmd_help(p, inv->cmd, inv->spelled, stdout);
		return 0;
	case CMD_VERSION:
		printf("%s version %s\n", p->name, p->version);
		return 0;
	case CMD_RUN:
		break;
	}
	return run_command(s, inv, g, err);
}

/* Without this a connection could get the number of a closed stdout, and the output with it. What is written to a closed stdout still
 * fails. */
static void open_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR);
}

int main(int argc, char **argv)
{
	struct program p = personality(argc > 0 ? argv[0] : "podman");
	CLEANUP(globals_done) struct globals globals = GLOBALS_INIT;
	CLEANUP(session_done) struct session s = { 0 };
	CLEANUP(invocation_done) struct invocation inv = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int r;

	open_standard_fds();
	/* A peer or a reader that goes away is an error like others, with words and an exit status. */
	signal(SIGPIPE, SIG_IGN);
	setlocale(LC_CTYPE, "");
	p.globals = (struct opt_set){ global_opts, &globals };
	for (int i = 0; i < argc; i++)
		strv_add(&s.argv, argv[i]);
	r = cmd_parse(&p, argc - 1, argv + 1, &inv, &err);
	if (r < 0 && inv.action == CMD_HELP)
		cmd_help(&p, inv.cmd, inv.spelled, stdout);
	if (r >= 0)
		r = act(&p, &s, &inv, &globals, &err);
	/* Data that did not reach its file or pipe must not pass as success; a failure that is known already stays. */
	if (r == 0)
		r = session_flush(&s, &err);
	if (r < 0) {
		session_print_error(&s, &err);
		r = session_exit_status(&err);
	}
	return r;
}
