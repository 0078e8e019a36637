#include "unit.h"

#include "base/buf.h"
#include "cli/cmd.h"

struct globals {
	const char *connection;
	bool remote;
};

struct rm_args {
	bool all, force;
	int64_t time;
};

struct run_args {
	const char *hostname, *connection;
	struct strv env;
};

static int ran(struct session *s, void *args, const struct strv *names, struct error *err)
{
	(void)s;
	(void)args;
	(void)names;
	(void)err;
	return 0;
}

static const struct opt rm_opts[] = {
	OPT_BOOL('a', "all", struct rm_args, all, "All"),
	OPT_BOOL('f', "force", struct rm_args, force, "Force"),
	OPT_UINT('t', "time", struct rm_args, time, NULL, "Time"),
	OPT_END
};

static const struct opt run_opts[] = {
	OPT_STR('h', "hostname", struct run_args, hostname, NULL, "Host name"),
	OPT_STR('c', "cpu-shares", struct run_args, connection, NULL, "The command's own -c"),
	OPT_STRV('e', "env", struct run_args, env, NULL, "Env"),
	OPT_END
};

#define NAMES(...) .names = (const char *const[]){ __VA_ARGS__, NULL }

static const struct cmd container = { NAMES("container"), .brief = "Manage containers" };
static const struct cmd system_group = { NAMES("system"), .brief = "Manage podman" };
static const struct cmd connection = { NAMES("system connection"), .brief = "Manage connections" };
static const struct cmd connection_add = { NAMES("system connection add"), .min_names = 2, .max_names = 2, .run = ran };
static const struct cmd ps = { NAMES("ps", "container ps", "container ls", "container list"), .run = ran };
static const struct cmd rm = { NAMES("rm", "container rm"), .opts = rm_opts, .args_size = sizeof(struct rm_args),
			       .args_default = &(struct rm_args){ .time = -1 }, .max_names = CMD_ANY, .run = ran };
static const struct cmd run = { NAMES("run", "container run"), .opts = run_opts, .args_size = sizeof(struct run_args), .min_names = 1,
				.max_names = CMD_ANY, .stop_at_first = true, .run = ran };
static const struct cmd tag = { NAMES("tag"), .min_names = 2, .max_names = CMD_ANY, .run = ran };
static const struct cmd push = { NAMES("push"), .min_names = 1, .max_names = 2, .run = ran };
static const struct cmd logs = { NAMES("logs"), .max_names = 1, .run = ran };
static const struct cmd complete = { NAMES("__complete"), .raw = true, .hidden = true, .max_names = CMD_ANY, .run = ran };
static const struct cmd top = { NAMES("top"), .run = ran };
static const struct cmd pod = { NAMES("pod"), .brief = "Manage pods" };

static const struct cmd *const table[] = { &container, &system_group, &connection, &connection_add, &ps, &rm, &run, &tag, &push, &logs,
					   &complete, &top, &pod, NULL };

static const struct opt global_opts[] = {
	OPT_STR('c', "connection", struct globals, connection, NULL, "Connection"),
	OPT_BOOL('r', "remote", struct globals, remote, "Remote"),
	OPT_END
};

/* "run ps ps", "help container ls", "version", and what came with it; errors as "! text / hint". */
static void describe(const struct invocation *inv, const struct globals *g, struct buf *b)
{
	static const char *const actions[] = { [CMD_RUN] = "run", [CMD_HELP] = "help", [CMD_VERSION] = "version" };

	buf_add_z(b, actions[inv->action]);
	if (inv->cmd)
		buf_addf(b, " %s as %s", inv->cmd->names[0], inv->spelled);
	if (inv->cmd == &rm && inv->args) {
		const struct rm_args *a = inv->args;

		buf_addf(b, "%s%s time=%lld", a->all ? " all" : "", a->force ? " force" : "", (long long)a->time);
	}
	if (inv->cmd == &run && inv->args) {
		const struct run_args *a = inv->args;

		if (a->hostname)
			buf_addf(b, " hostname=%s", a->hostname);
		if (a->connection)
			buf_addf(b, " shares=%s", a->connection);
		for (size_t i = 0; i < a->env.n; i++)
			buf_addf(b, " env[%s]", a->env.v[i]);
	}
	if (g->connection)
		buf_addf(b, " connection=%s", g->connection);
	if (g->remote)
		buf_add_z(b, " remote");
	for (size_t i = 0; i < inv->names.n; i++)
		buf_addf(b, " [%s]", inv->names.v[i]);
}

static void split_words(const char *line, struct strv *ret)
{
	struct str word, rest = str_from(line);
	bool more = rest.n > 0;

	while (more) {
		more = str_cut(rest, ' ', &word, &rest);
		assert_true(strv_add_str(ret, word));
	}
}

static void check_line(const char *line, const char *want)
{
	struct globals g = { 0 };
	const struct program p = { .name = "podman", .about = "About", .version = "1", .table = table, .globals = { global_opts, &g } };
	CLEANUP(invocation_done) struct invocation inv = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(strv_done) struct strv words = { 0 };
	CLEANUP(buf_done) struct buf got = BUF_INIT(64 * 1024);

	split_words(line, &words);
	if (cmd_parse(&p, (int)words.n, words.v, &inv, &err) < 0) {
		buf_addf(&got, "! %s", err.text);
		if (err.hint)
			buf_addf(&got, " / %s", err.hint);
		if (inv.action == CMD_HELP)
			buf_addf(&got, " / help of %s", inv.spelled ? inv.spelled : "podman");
	} else {
		describe(&inv, &g, &got);
	}
	if (strcmp(buf_z(&got), want) != 0)
		row_fail(line, "got  %s\nwant %s", buf_z(&got), want);
}

#define SEE(cmd) " / See 'podman " cmd " --help'"
#define NOT_A_COMMAND(typed, near, see) "! unrecognized command `podman " typed "`" near " / Try 'podman" see " --help' for more information"
#define NEAR(list) "\n\nDid you mean this?\n" list

struct line {
	const char *line, *want;
};

static const struct line lines[] = {
	{ "ps", "run ps as ps" },
	{ "container ps", "run ps as container ps" },
	{ "container ls", "run ps as container ls" },
	{ "system connection add a b", "run system connection add as system connection add [a] [b]" },
	{ "rm -af x y", "run rm as rm all force time=-1 [x] [y]" },
	{ "rm x -t 3 --all", "run rm as rm all time=3 [x]" },
	{ "run -e A=1 img -e B", "run run as run env[A=1] [img] [-e] [B]" },
	{ "tag a b c", "run tag as tag [a] [b] [c]" },
	{ "push a b", "run push as push [a] [b]" },
	{ "logs", "run logs as logs" },
	{ "logs -- -x", "run logs as logs [-x]" },

	/* global flags in front, in the middle and behind */
	{ "-c box ps", "run ps as ps connection=box" },
	{ "--connection=box ps", "run ps as ps connection=box" },
	{ "ps -c box", "run ps as ps connection=box" },
	{ "container -c box ls -r", "run ps as container ls connection=box remote" },
	{ "-r -c ps ps", "run ps as ps connection=ps remote" },
	{ "-c box run -c 5 img", "run run as run shares=5 connection=box [img]" },
	{ "run --connection box img", "run run as run connection=box [img]" },
	{ "-- ps", "run ps as ps" },

	/* help and version */
	{ "--help", "help" },
	{ "-h", "help" },
	{ "help", "help" },
	{ "help ps", "help ps as ps" },
	{ "help container ls", "help ps as container ls" },
	{ "help container", "help container as container" },
	{ "help ps whatever", "help ps as ps" },
	{ "help help", "help help as help" },
	{ "--help ps", "help ps as ps" },
	{ "ps --help", "help ps as ps" },
	{ "ps -h", "help ps as ps" },
	{ "ps x --help", "help ps as ps [x]" },
	{ "container --help", "help container as container" },
	{ "container --help ls", "help ps as container ls" },
	{ "run --help", "help run as run" },
	{ "run img --help", "run run as run [img] [--help]" },
	{ "run -h box img", "run run as run hostname=box [img]" },
	{ "tag --help", "help tag as tag" },
	{ "--version", "version" },
	{ "-v", "version" },
	{ "-v ps", "version" },
	{ "-c box --version", "version connection=box" },
	{ "ps --version", "! unknown flag: --version" SEE("ps") },
	{ "ps -v", "! unknown shorthand flag: 'v' in -v" SEE("ps") },
	{ "container -v", "! unknown shorthand flag: 'v' in -v" SEE("container") },

	/* unknown */
	{ "foo", NOT_A_COMMAND("foo", NEAR("\ttop\n\tpod\n"), "") },
	{ "conatiner", NOT_A_COMMAND("conatiner", NEAR("\tcontainer\n"), "") },
	{ "PS", NOT_A_COMMAND("PS", NEAR("\tps\n\tpush\n\tpod\n"), "") },
	{ "zebra", NOT_A_COMMAND("zebra", "", "") },
	{ "container lst", NOT_A_COMMAND("container lst", NEAR("\tls\n\tlist\n\tps\n"), " container") },
	{ "container help", NOT_A_COMMAND("container help", "", " container") },
	{ "system connection ad", NOT_A_COMMAND("system connection ad", NEAR("\tadd\n"), " system connection") },
	{ "help zebra", NOT_A_COMMAND("zebra", "", "") },
	{ "__comp", NOT_A_COMMAND("__comp", "", "") },
	{ "--zebra ps", "! unknown flag: --zebra / See 'podman --help'" },
	{ "-Z ps", "! unknown shorthand flag: 'Z' in -Z / See 'podman --help'" },
	{ "container --zebra ls", "! unknown flag: --zebra" SEE("container") },
	{ "container ls --zebra", "! unknown flag: --zebra" SEE("container ls") },
	{ "rm --al", "! unknown flag: --al" SEE("rm") "\nHint: did you mean --all?" },
	{ "--connection", "! flag needs an argument: --connection / See 'podman --help'" },
	{ "rm -t", "! flag needs an argument: 't' in -t" SEE("rm") },

	/* no subcommand */
	{ "", "! missing command 'podman COMMAND' / help of podman" },
	{ "-r", "! missing command 'podman COMMAND' / help of podman" },
	{ "container", "! missing command 'podman container COMMAND' / help of container" },
	{ "system connection", "! missing command 'podman system connection COMMAND' / help of system connection" },

	/* number of names */
	{ "ps x", "! `podman ps` takes no arguments" SEE("ps") },
	{ "container ls x", "! `podman container ls` takes no arguments" SEE("container ls") },
	{ "run", "! requires at least 1 arg(s), only received 0" SEE("run") },
	{ "tag a", "! requires at least 2 arg(s), only received 1" SEE("tag") },
	{ "system connection add a", "! accepts 2 arg(s), received 1" SEE("system connection add") },
	{ "system connection add a b c", "! accepts 2 arg(s), received 3" SEE("system connection add") },
	{ "push", "! accepts between 1 and 2 arg(s), received 0" SEE("push") },
	{ "push a b c", "! accepts between 1 and 2 arg(s), received 3" SEE("push") },
	{ "logs a b", "! accepts at most 1 arg(s), received 2" SEE("logs") },

	/* words that are nobody's flags */
	{ "__complete run --rm -", "run __complete as __complete [run] [--rm] [-]" },
	{ "__complete --help", "run __complete as __complete [--help]" },
	{ "-c box __complete -c x", "run __complete as __complete connection=box [-c] [x]" },
};

static void command_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		check_line(lines[i].line, lines[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
