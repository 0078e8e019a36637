#include "unit.h"

#include "base/buf.h"
#include "cli/cmd.h"
#include "cmd/podman/globals.h"
#include "cmd/table.h"

struct args {
	bool all;
	const char *format, *signal;
	int64_t time, last;
	struct strv filter, env;
	double cpus;
};

static const struct opt rows[] = {
	OPT_INT('n', "last", struct args, last, NULL, "Print the newest"),
	OPT_BOOL('a', "all", struct args, all, "Show all"),
	{ .type = OPT_T_STR, .short_name = 's', .long_name = "signal", .dflt = "KILL", .help = "Signal" },
	{ .type = OPT_T_STR, .long_name = "quoted", .dflt = "\"10s\"", .help = "Quoted by the row" },
	{ .type = OPT_T_UINT, .short_name = 't', .long_name = "time", .dflt = "10", .help = "Seconds" },
	OPT_STR(0, "format", struct args, format, "template", "Format"),
	OPT_SLICE('f', "filter", struct args, filter, NULL, "Filter"),
	OPT_STRV('e', "env", struct args, env, NULL, "Variables"),
	{ .type = OPT_T_FLOAT, .long_name = "cpus", .help = "CPUs" },
	{ .type = OPT_T_STR, .flags = OPT_NO_VALUE_OK, .long_name = "pull", .help = "Pull" },
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .long_name = "secret", .help = "Never shown" },
	OPT_END
};

static int ran(struct session *s, void *args, const struct strv *names, struct error *err)
{
	(void)s;
	(void)args;
	(void)names;
	(void)err;
	return 0;
}

#define NAMES(...) .names = (const char *const[]){ __VA_ARGS__, NULL }

static const struct cmd ps = { NAMES("ps", "container ps"), .synopsis = "[options]", .brief = "List containers",
			       .about = "Prints out information.\n\nOn two lines.", .examples = "podman ps -a\npodman ps -q",
			       .opts = rows, .run = ran };
static const struct cmd container = { NAMES("container"), .brief = "Manage containers", .about = "Manage containers" };
static const struct cmd long_name = { NAMES("container checkpointing"), .brief = "Long", .run = ran };
static const struct cmd hidden = { NAMES("container hidden"), .brief = "Never shown", .hidden = true, .run = ran };
static const struct cmd plain = { NAMES("version"), .brief = "Version", .run = ran };
static const struct cmd *const table[] = { &ps, &plain, &container, &long_name, &hidden, NULL };

static const struct opt global_rows[] = {
	{ .type = OPT_T_STR, .short_name = 'c', .long_name = "connection", .help = "Connection" },
	OPT_END
};

static const struct program program_ = { "podman", "Manage pods", "1.2.3", table, { global_rows, NULL } };

static char *text_of(void (*print)(const void *, FILE *), const void *what)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	print(what, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

struct asked {
	const struct cmd *cmd;
	const char *spelled;
};

static void print_help(const void *what, FILE *out)
{
	const struct asked *a = what;

	cmd_help(&program_, a->cmd, a->spelled, out);
}

static void check_help(const struct cmd *c, const char *spelled, const char *want)
{
	struct asked a = { c, spelled };
	CLEANUP(free_p) char *got = text_of(print_help, &a);

	assert_string_equal(got, want);
}

static void a_command(void **state)
{
	(void)state;
	check_help(&ps, "ps",
		   "List containers\n"
		   "\n"
		   "Description:\n"
		   "  Prints out information.\n"
		   "\n"
		   "  On two lines.\n"
		   "\n"
		   "Usage:\n"
		   "  podman ps [options]\n"
		   "\n"
		   "Aliases:\n"
		   "  podman ps, podman container ps\n"
		   "\n"
		   "Examples:\n"
		   "  podman ps -a\n"
		   "  podman ps -q\n"
		   "\n"
		   "Options:\n"
		   "  -a, --all                    Show all\n"
		   "      --cpus float             CPUs\n"
		   "  -e, --env stringArray        Variables\n"
		   "  -f, --filter strings         Filter\n"
		   "      --format template        Format\n"
		   "  -n, --last int               Print the newest\n"
		   "      --pull string[=\"true\"]   Pull\n"
		   "      --quoted string          Quoted by the row (default \"10s\")\n"
		   "  -s, --signal string          Signal (default \"KILL\")\n"
		   "  -t, --time uint              Seconds (default 10)\n"
		   "\n");
}

static void a_command_without_options(void **state)
{
	(void)state;
	check_help(&plain, "version", "Version\n\nUsage:\n  podman version\n\n");
}

static void a_group(void **state)
{
	(void)state;
	check_help(&container, "container",
		   "Manage containers\n"
		   "\n"
		   "Description:\n"
		   "  Manage containers\n"
		   "\n"
		   "Usage:\n"
		   "  podman container [command]\n"
		   "\n"
		   "Available Commands:\n"
		   "  checkpointing Long\n"
		   "  ps            List containers\n"
		   "\n");
}

static void the_program(void **state)
{
	(void)state;
	check_help(NULL, NULL,
		   "Manage pods\n"
		   "\n"
		   "Usage:\n"
		   "  podman [options] [command]\n"
		   "\n"
		   "Available Commands:\n"
		   "  container   Manage containers\n"
		   "  help        Help about any command\n"
		   "  ps          List containers\n"
		   "  version     Version\n"
		   "\n"
		   "Options:\n"
		   "  -c, --connection string   Connection\n"
		   "      --help                Help for podman\n"
		   "  -v, --version             Version of podman\n");
}

static void print_man(const void *what, FILE *out)
{
	cmd_man(&program_, what, ".SH HISTORY\nOld.\n", out);
}

static void a_man_page_has_the_same_flags(void **state)
{
	static const char *const parts[] = {
		".TH \"PODMAN\\-PS\" \"1\" \"\" \"podman 1.2.3\"",
		".SH NAME\npodman\\-ps \\- List containers\n",
		"\\fBpodman ps\\fR [options]\n.br\n\\fBpodman container ps\\fR [options]\n",
		".SH DESCRIPTION\nPrints out information.\n.PP\nOn two lines.\n",
		".TP\n\\fB\\-a\\fR, \\fB\\-\\-all\\fR\nShow all\n",
		".TP\n\\fB\\-\\-format\\fR=\\fItemplate\\fR\nFormat\n",
		"\\fB\\-s\\fR, \\fB\\-\\-signal\\fR=\\fIstring\\fR\nSignal (default \"KILL\")\n",
		".SH EXAMPLES\n.nf\npodman ps \\-a\npodman ps \\-q\n.fi\n",
		".SH HISTORY\nOld.\n",
		".SH SEE ALSO\n\\fBpodman\\fR(1)\n",
	};
	CLEANUP(free_p) char *page = text_of(print_man, &ps);
	const char *at = page;

	(void)state;
	assert_null(strstr(page, "secret"));
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		at = strstr(at, parts[i]);
		if (!at)
			row_fail(parts[i], "not there, or not in this order:\n%s", page);
	}
}

static const struct cmd odd = { NAMES("odd"), .brief = ".brief", .about = ".SH X\n'x\na\\b", .examples = "x\n.so /etc/passwd", .run = ran };

static void roff_does_not_take_text_for_requests(void **state)
{
	CLEANUP(free_p) char *page = text_of(print_man, &odd);

	(void)state;
	assert_non_null(strstr(page, "\n\\&.SH X\n"));
	assert_non_null(strstr(page, "\n\\&'x\n"));
	assert_non_null(strstr(page, "a\\eb"));
	assert_non_null(strstr(page, "x\n\\&.so"));
	assert_null(strstr(page, "\n.so"));
	assert_null(strstr(page, "\n.brief"));
}

static void print_real_help(const void *what, FILE *out)
{
	struct program p = podman_program;

	p.globals.opts = global_opts;
	cmd_help(&p, what, NULL, out);
}

static void print_real_man(const void *what, FILE *out)
{
	struct program p = podman_program;

	p.globals.opts = global_opts;
	cmd_man(&p, what, NULL, out);
}

struct both {
	const char *command, *help, *page;
};

static void in_both(void *ctx, const struct opt *row)
{
	const struct both *b = ctx;
	CLEANUP(buf_done) struct buf flag = BUF_INIT(256), escaped = BUF_INIT(256);

	if (row->flags & OPT_HIDDEN)
		return;
	if (!row->help || !*row->help || row->help[strlen(row->help) - 1] == '.')
		row_fail(row->long_name, "of %s: no help line, or one with a full stop", b->command);
	buf_addf(&flag, "--%s", row->long_name);
	for (const char *c = buf_z(&flag); *c; c++)
		buf_addf(&escaped, "%s%c", *c == '-' ? "\\" : "", *c);
	buf_add_z(&escaped, "\\fR");
	if (!strstr(b->help, buf_z(&flag)) || !strstr(b->page, buf_z(&escaped)))
		row_fail(buf_z(&flag), "of %s is not in both --help and the man page", b->command);
}

static void every_flag_is_in_help_and_manual(void **state)
{
	(void)state;
	for (const struct cmd *const *c = podman_table; *c; c++) {
		CLEANUP(free_p) char *help = text_of(print_real_help, *c), *page = text_of(print_real_man, *c);
		struct both b = { (*c)->names[0], help, page };

		assert_non_null((*c)->brief);
		opts_each((*c)->opts, in_both, &b);
	}
}

static bool has_command(const char *name, size_t n)
{
	for (const struct cmd *const *c = podman_table; *c; c++)
		for (const char *const *known = (*c)->names; *known; known++)
			if (strlen(*known) == n && strncmp(*known, name, n) == 0)
				return true;
	return false;
}

static void every_command_can_be_reached(void **state)
{
	(void)state;
	for (const struct cmd *const *c = podman_table; *c; c++)
		for (const char *const *name = (*c)->names; *name; name++)
			for (const char *space = strchr(*name, ' '); space; space = strchr(space + 1, ' '))
				if (!has_command(*name, (size_t)(space - *name)))
					row_fail(*name, "its group is not in the table");
}

struct seen {
	const char *command, *names[400];
	char shorts[64];
	size_t n, n_shorts;
};

static void only_once(void *ctx, const struct opt *row)
{
	struct seen *s = ctx;

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->names[i], row->long_name) == 0)
			row_fail(row->long_name, "twice in %s", s->command);
	if (row->short_name && memchr(s->shorts, row->short_name, s->n_shorts))
		row_fail(row->long_name, "-%c twice in %s", row->short_name, s->command);
	assert_true(s->n < ARRAY_LEN(s->names) && s->n_shorts < sizeof s->shorts);
	s->names[s->n++] = row->long_name;
	if (row->short_name)
		s->shorts[s->n_shorts++] = row->short_name;
}

static void no_flag_is_there_twice(void **state)
{
	struct seen g = { .command = "the global options" };

	(void)state;
	opts_each(global_opts, only_once, &g);
	for (const struct cmd *const *c = podman_table; *c; c++) {
		struct seen s = { .command = (*c)->names[0] };

		opts_each((*c)->opts, only_once, &s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command),
		cmocka_unit_test(a_command_without_options),
		cmocka_unit_test(a_group),
		cmocka_unit_test(the_program),
		cmocka_unit_test(a_man_page_has_the_same_flags),
		cmocka_unit_test(roff_does_not_take_text_for_requests),
		cmocka_unit_test(every_flag_is_in_help_and_manual),
		cmocka_unit_test(every_command_can_be_reached),
		cmocka_unit_test(no_flag_is_there_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
