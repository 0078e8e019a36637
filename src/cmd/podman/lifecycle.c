/* cmd/podman/lifecycle.c: stop, kill, wait, rm: one action on each of the containers that were chosen. */
#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/units.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/select.h"
#include "cmd/session.h"

/* Does one thing to each, prints the name of each success as it was typed, reports failures and goes on. */
static int for_each(struct session *s, const struct selection *sel, int (*act)(struct engine *, const char *, void *, struct error *),
		    void *ctx, struct error *err)
{
	CLEANUP(strv_done) struct strv chosen = { 0 };
	CLEANUP(error_done) struct error one = ERROR_INIT;
	struct engine *e;
	int r;

	if ((r = session_engine(s, &e, err)) < 0 || (r = select_containers(e, sel, &chosen, err)) < 0)
		return r;
	for (size_t i = 0; i < chosen.n; i++) {
		r = act(e, chosen.v[i], ctx, &one);
		if (r == 0)
			fprintf(session_out(s), "%s\n", chosen.v[i]);
		else if (one.kind == ERR_CONNECT) /* the others would wait for the same dead host */
			return error_move(err, &one);
		else if (r < 0)
			session_report(s, &one);
	}
	return session_status(s);
}

/* --time as typed into what requests hold: no end becomes the longest time that every host understands. */
#define TIME_NOT_GIVEN INT64_MIN

static int64_t seconds_of(int64_t typed)
{
	return typed == TIME_NOT_GIVEN ? -1 : typed < 0 ? UINT32_MAX : typed;
}

struct stop_args {
	bool all, latest, ignore;
	struct strv cidfiles, filters;
	const char *signal;
	int64_t timeout_s;
};

static const struct opt stop_opts[] = {
	OPT_BOOL('a', "all", struct stop_args, all, "Stop all running containers"),
	OPT_STRV(0, "cidfile", struct stop_args, cidfiles, "file", "Read the container ID from the file"),
	OPT_STRV('f', "filter", struct stop_args, filters, "filter", "Stop the containers that match these conditions"),
	OPT_BOOL('i', "ignore", struct stop_args, ignore, "Do not fail for a container that does not exist"),
	OPT_BOOL('l', "latest", struct stop_args, latest, "Act on the container that was created last"),
	{ .type = OPT_T_STR, .flags = OPT_HIDDEN, .short_name = 's', .long_name = "signal", .help = "Signal to send first (docker's)",
	  .offset = OPT_FIELD(struct stop_args, signal, const char *) },
	{ .type = OPT_T_INT, .short_name = 't', .long_name = "time", .metavar = "int", .dflt = "10",
	  .help = "Seconds to wait for the container to stop before it is killed, -1 for no end", .offset = OPT_FIELD(struct stop_args, timeout_s, int64_t) },
	{ .type = OPT_T_INT, .flags = OPT_HIDDEN, .long_name = "timeout", .help = "Seconds to wait",
	  .offset = OPT_FIELD(struct stop_args, timeout_s, int64_t) },
	OPT_END
};

static int stop_one(struct engine *e, const char *name, void *ctx, struct error *err)
{
	const struct stop_args *a = ctx;
	struct stop_req q = { .name = name, .timeout_s = seconds_of(a->timeout_s) };
	int r = engine_container_stop(e, &q, err);

	if (r == -ERR_NOT_FOUND && a->ignore) {
		error_clear(err);
		return 1;
	}
	return r;
}

static int stop_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct stop_args *a = args;
	struct selection sel = { .names = names, .cidfiles = &a->cidfiles, .all = a->all, .latest = a->latest, .ignore = a->ignore,
				 .filters = &a->filters, .only_state = a->all ? "running" : NULL };

	if (a->signal)
		return error_set(err, ERR_UNSUPPORTED, "--signal: podman stops a container with its own stop signal; podman kill --signal sends another");
	return for_each(s, &sel, stop_one, a, err);
}

const struct cmd cmd_stop = {
	.names = (const char *const[]){ "stop", "container stop", NULL },
	.synopsis = "[options] CONTAINER [CONTAINER...]",
	.brief = "Stop one or more containers",
	.about = "Stops one or more running containers. The container name or ID can be used.\n\nA container that does not end in time is killed; "
		 "without --time its own stop timeout counts, which is 10 seconds unless it was created with another.",
	.examples = "podman stop web\npodman stop --all\npodman stop --time 2 mywebserver 6e534f14da9d",
	.opts = stop_opts,
	.args_size = sizeof(struct stop_args),
	.args_default = &(struct stop_args){ .timeout_s = TIME_NOT_GIVEN },
	.max_names = CMD_ANY,
	.complete = "@running",
	.run = stop_run,
};

struct kill_args {
	bool all, latest;
	struct strv cidfiles;
	const char *signal;
};

static const struct opt kill_opts[] = {
	OPT_BOOL('a', "all", struct kill_args, all, "Signal all running containers"),
	OPT_STRV(0, "cidfile", struct kill_args, cidfiles, "file", "Read the container ID from the file"),
	OPT_BOOL('l', "latest", struct kill_args, latest, "Act on the container that was created last"),
	{ .type = OPT_T_STR, .short_name = 's', .long_name = "signal", .metavar = "string", .dflt = "\"KILL\"",
	  .help = "Signal to send to the container", .offset = OPT_FIELD(struct kill_args, signal, const char *),
	  .complete = "HUP|INT|QUIT|KILL|USR1|USR2|TERM|STOP|CONT" },
	OPT_END
};

static int kill_one(struct engine *e, const char *name, void *ctx, struct error *err)
{
	const struct kill_args *a = ctx;

	return engine_container_kill(e, name, a->signal, err);
}

static int kill_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct kill_args *a = args;
	struct selection sel = { .names = names, .cidfiles = &a->cidfiles, .all = a->all, .latest = a->latest,
				 .only_state = a->all ? "running" : NULL };

	return for_each(s, &sel, kill_one, a, err);
}

const struct cmd cmd_kill = {
	.names = (const char *const[]){ "kill", "container kill", NULL },
	.synopsis = "[options] CONTAINER [CONTAINER...]",
	.brief = "Kill one or more running containers with a specific signal",
	.about = "The main process inside each container is sent SIGKILL, or the signal that --signal names.",
	.examples = "podman kill mywebserver\npodman kill --signal TERM mywebserver\npodman kill --all",
	.opts = kill_opts,
	.args_size = sizeof(struct kill_args),
	.args_default = &(struct kill_args){ .signal = "KILL" },
	.max_names = CMD_ANY,
	.complete = "@running",
	.run = kill_run,
};

struct wait_args {
	bool ignore, latest, first_match;
	struct strv conditions;
	const char *interval;
};

static const struct opt wait_opts[] = {
	{ .type = OPT_T_SLICE, .long_name = "condition", .metavar = "strings", .help = "Condition to wait for",
	  .offset = OPT_FIELD(struct wait_args, conditions, struct strv),
	  .complete = "configured|created|exited|healthy|initialized|paused|removing|running|stopped|stopping|unhealthy" },
	OPT_BOOL(0, "exit-first-match", struct wait_args, first_match, "End when the first container is there"),
	OPT_BOOL(0, "ignore", struct wait_args, ignore, "Print -1 for a container that does not exist instead of failing"),
	{ .type = OPT_T_STR, .short_name = 'i', .long_name = "interval", .metavar = "string", .dflt = "\"250ms\"",
	  .help = "Time between two looks at the container: milliseconds, or a duration", .offset = OPT_FIELD(struct wait_args, interval, const char *) },
	OPT_BOOL('l', "latest", struct wait_args, latest, "Act on the container that was created last"),
	OPT_END
};

struct wait_job {
	const struct wait_args *args;
	struct session *session;
	int64_t interval_ms;
};

/* "250ms" or a bare number of milliseconds. */
static int parse_interval(const char *text, int64_t *ret_ms, struct error *err)
{
	int64_t v;

	if (int_parse(str_from(text), &v) && v > 0)
		*ret_ms = v;
	else if (duration_parse(str_from(text), &v) && v >= 0)
		*ret_ms = v / 1000000;
	else
		return error_set(err, ERR_USAGE, "invalid interval \"%s\": a duration such as 250ms, or milliseconds", text);
	return 0;
}

/* Prints the code itself, so the name is not printed (1). */
static int wait_one(struct engine *e, const char *name, void *ctx, struct error *err)
{
	const struct wait_job *j = ctx;
	struct wait_req q = { .name = name, .conditions = &j->args->conditions, .interval_ms = j->interval_ms };
	int64_t code = -1;
	int r = engine_container_wait(e, &q, &code, err);

	if (r == -ERR_NOT_FOUND && j->args->ignore)
		r = error_clear(err);
	if (r < 0)
		return r;
	fprintf(session_out(j->session), "%" PRId64 "\n", code);
	return 1;
}

static int wait_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct wait_args *a = args;
	struct wait_job job = { .args = a, .session = s };
	struct selection sel = { .names = names, .latest = a->latest };
	int r = parse_interval(a->interval, &job.interval_ms, err);

	if (a->first_match && names->n > 1)
		return error_set(err, ERR_UNSUPPORTED, "--exit-first-match with several containers: they are waited for one after the other");
	return r < 0 ? r : for_each(s, &sel, wait_one, &job, err);
}

const struct cmd cmd_wait = {
	.names = (const char *const[]){ "wait", "container wait", NULL },
	.synopsis = "[options] CONTAINER [CONTAINER...]",
	.brief = "Block on one or more containers",
	.about = "Blocks until one or more containers stop and then prints their exit codes, one a line.",
	.examples = "podman wait --interval 5s web\npodman wait web db\npodman wait --condition running web",
	.opts = wait_opts,
	.args_size = sizeof(struct wait_args),
	.args_default = &(struct wait_args){ .interval = "250ms" },
	.max_names = CMD_ANY,
	.complete = "@container",
	.run = wait_run,
};

struct rm_args {
	bool all, depend, force, ignore, latest, link, volumes;
	struct strv cidfiles, filters;
	int64_t timeout_s;
};

static const struct opt rm_opts[] = {
	OPT_BOOL('a', "all", struct rm_args, all, "Remove all containers"),
	OPT_STRV(0, "cidfile", struct rm_args, cidfiles, "file", "Read the container ID from the file"),
	OPT_BOOL(0, "depend", struct rm_args, depend, "Remove the container and those that depend on it"),
	OPT_STRV(0, "filter", struct rm_args, filters, "filter", "Remove the containers that match these conditions"),
	OPT_BOOL('f', "force", struct rm_args, force, "Remove running containers too"),
	OPT_BOOL('i', "ignore", struct rm_args, ignore, "Do not fail for a container that does not exist"),
	OPT_BOOL('l', "latest", struct rm_args, latest, "Act on the container that was created last"),
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .long_name = "link", .help = "Remove a link (docker's)",
	  .offset = OPT_FIELD(struct rm_args, link, bool) },
	{ .type = OPT_T_INT, .short_name = 't', .long_name = "time", .metavar = "int", .dflt = "10",
	  .help = "Seconds to wait for the container to stop before it is killed, -1 for no end (with --force)",
	  .offset = OPT_FIELD(struct rm_args, timeout_s, int64_t) },
	OPT_BOOL('v', "volumes", struct rm_args, volumes, "Remove the anonymous volumes of the container too"),
	OPT_END
};

/* rm has statuses of its own: 1 for a missing container, 2 for one that runs. */
static int rm_one(struct engine *e, const char *name, void *ctx, struct error *err)
{
	const struct rm_args *a = ctx;
	struct remove_req q = { .name = name, .force = a->force, .volumes = a->volumes, .depend = a->depend,
				.timeout_s = seconds_of(a->timeout_s) };
	int r = engine_container_remove(e, &q, err);

	/* podman 4 and later take rm -f of a missing container for done. --ignore is not left to the host: the name would be printed as removed. */
	if (r == -ERR_NOT_FOUND && (a->ignore || a->force)) {
		error_clear(err);
		return 1;
	}
	if (r == -ERR_NOT_FOUND)
		error_exit_status(err, 1);
	else if (r == -ERR_CONFLICT)
		error_exit_status(err, 2);
	return r;
}

static int rm_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct rm_args *a = args;
	struct selection sel = { .names = names, .cidfiles = &a->cidfiles, .all = a->all, .latest = a->latest, .ignore = a->ignore,
				 .filters = &a->filters };

	if (a->link)
		return error_set(err, ERR_UNSUPPORTED, "--link: podman has no links between containers");
	if (a->timeout_s != TIME_NOT_GIVEN && !a->force)
		return error_set(err, ERR_USAGE, "--force option must be specified to use the --time option");
	return for_each(s, &sel, rm_one, a, err);
}

const struct cmd cmd_rm = {
	.names = (const char *const[]){ "rm", "container rm", "container remove", NULL },
	.synopsis = "[options] CONTAINER [CONTAINER...]",
	.brief = "Remove one or more containers",
	.about = "Removes one or more containers from the host. The container name or ID can be used. Running containers are only removed with "
		 "--force.",
	.examples = "podman rm web\npodman rm --force mywebserver myflaskserver\npodman rm --all",
	.opts = rm_opts,
	.args_size = sizeof(struct rm_args),
	.args_default = &(struct rm_args){ .timeout_s = TIME_NOT_GIVEN },
	.max_names = CMD_ANY,
	.complete = "@container",
	.run = rm_run,
};
