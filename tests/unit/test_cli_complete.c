#include "unit.h"

#include "base/buf.h"
#include "cli/cmd.h"

static int ran(struct session *s, void *args, const struct strv *names, struct error *err)
{
	(void)s;
	(void)args;
	(void)names;
	(void)err;
	return 0;
}

struct args {
	bool all;
	const char *text;
	int64_t n;
};

#define TEXT .offset = OPT_FIELD(struct args, text, const char *)

static const struct opt ps_opts[] = {
	OPT_BOOL('a', "all", struct args, all, "Show all"),
	{ .type = OPT_T_STR, .short_name = 'f', .long_name = "filter", .help = "Filter", TEXT, .complete = "name=|status=|any" },
	{ .type = OPT_T_STR, .long_name = "sort", .help = "Sort", TEXT, .complete = "names|size|status" },
	{ .type = OPT_T_STR, .long_name = "file", .help = "File", TEXT, .complete = "@file" },
	{ .type = OPT_T_STR, .long_name = "folder", .help = "Folder", TEXT, .complete = "@dir" },
	{ .type = OPT_T_STR, .long_name = "pod", .help = "Pod", TEXT, .complete = "@pod|none" },
	{ .type = OPT_T_STR, .flags = OPT_NO_VALUE_OK, .long_name = "pull", .help = "Pull", TEXT, .complete = "always|never" },
	{ .type = OPT_T_STR, .flags = OPT_HIDDEN, .long_name = "secret", .help = "Hidden", TEXT, .complete = "x" },
	{ .type = OPT_T_STR, .short_name = 'c', .long_name = "cpus", .help = "Its own -c", TEXT, .complete = "1|2" },
	OPT_END
};

#define NAMES(...) .names = (const char *const[]){ __VA_ARGS__, NULL }

static const struct cmd container = { NAMES("container"), .brief = "Manage containers" };
static const struct cmd ps = { NAMES("ps", "container ps", "container list"), .brief = "List", .opts = ps_opts, .run = ran };
static const struct cmd rm = { NAMES("rm", "container rm"), .brief = "Remove", .complete = "@container", .max_names = CMD_ANY, .run = ran };
static const struct cmd run = { NAMES("run"), .brief = "Run", .opts = ps_opts, .complete = "@image", .min_names = 1, .max_names = CMD_ANY,
				.stop_at_first = true, .run = ran };
static const struct cmd rename_ = { NAMES("rename"), .brief = "Rename", .complete = "@container", .min_names = 2, .max_names = 2, .run = ran };
static const struct cmd shells = { NAMES("completion"), .brief = "Scripts", .hidden = true, .complete = "bash|zsh|fish", .max_names = 1, .run = ran };

static const struct cmd *const table[] = { &container, &ps, &rm, &run, &rename_, &shells, NULL };

static const struct opt global_opts[] = {
	{ .type = OPT_T_STR, .short_name = 'c', .long_name = "connection", .help = "Connection", .complete = "@connection" },
	{ .type = OPT_T_STR, .long_name = "log-level", .help = "Level", .complete = "debug|info" },
	{ .type = OPT_T_BOOL, .short_name = 'r', .long_name = "remote", .help = "Remote" },
	OPT_END
};

static const struct program program = { "podman", "About", "1", table, { global_opts, NULL } };

static void names_of(void *ctx, const char *what, const char *prefix, FILE *out)
{
	(void)ctx;
	fprintf(out, "<%s %s>\n", what, prefix);
}

/* Words with blanks between; a blank at the end: the last word is empty. want: the answer, lines joined with " ; ". */
static const struct {
	const char *line, *want;
} lines[] = {
	{ "", "container\tManage containers ; ps\tList ; rm\tRemove ; run\tRun ; rename\tRename ; help\tHelp about any command ; :4" },
	{ "r", "rm\tRemove ; run\tRun ; rename\tRename ; :4" },
	{ "ru", "run\tRun ; :4" },
	{ "x", ":4" },
	{ "comp", ":4" },
	{ "container ", "ps\tList ; rm\tRemove ; :4" },
	{ "container l", "list\tList ; :4" },
	{ "help r", "rm\tRemove ; run\tRun ; rename\tRename ; :4" },
	{ "help container r", "rm\tRemove ; :4" },
	{ "nonsense ", ":4" },
	{ "-r ru", "run\tRun ; :4" },
	{ "-c box ru", "run\tRun ; :4" },
	{ "-cbox ru", "run\tRun ; :4" },
	{ "--connection=box ru", "run\tRun ; :4" },
	{ "-rc ru", "<@connection ru> ; :4" },
	{ "-c ", "<@connection > ; :4" },
	{ "--log-level ", "debug ; info ; :4" },
	{ "--log-level=d", "debug ; :4" },
	{ "--log-level d", "debug ; :4" },
	{ "-", "--connection\tConnection ; -c\tConnection ; --log-level\tLevel ; --remote\tRemote ; -r\tRemote ; --help\tShow help ; "
	       "--version\tPrint the version ; -v\tPrint the version ; :4" },

	/* flags of a command: its own first, hidden ones and global ones that it shadows left out */
	{ "ps --f", "--file\tFile ; --filter\tFilter ; --folder\tFolder ; :4" },
	{ "ps -f", "-f\tFilter ; :4" },
	{ "ps -c", "-c\tIts own -c ; :4" },
	{ "ps --s", "--sort\tSort ; :4" },
	{ "ps --con", "--connection\tConnection ; :4" },
	{ "ps --he", "--help\tShow help ; :4" },
	{ "container ps --so", "--sort\tSort ; :4" },
	{ "ps -a --so", "--sort\tSort ; :4" },
	{ "ps -aq", ":4" },

	/* values */
	{ "ps --sort ", "names ; size ; status ; :4" },
	{ "ps --sort s", "size ; status ; :4" },
	{ "ps --sort=s", "size ; status ; :4" },
	{ "ps --sort= ", ":4" },
	{ "ps -f ", "name= ; status= ; any ; :6" },
	{ "ps -f a", "any ; :4" },
	{ "ps -af n", "name= ; :6" },
	{ "ps --filter=na", "name= ; :6" },
	{ "ps --file ", ":0" },
	{ "ps --folder ", ":16" },
	{ "ps --pod ", "none ; <@pod > ; :4" },
	{ "ps --all=", "true ; false ; :4" },
	{ "ps --all t", ":4" },
	{ "ps --pull a", ":4" },
	{ "ps --pull=a", "always ; :4" },
	{ "ps --nosuch=", ":4" },
	{ "ps -c ", "1 ; 2 ; :4" },
	{ "ps --secret ", "x ; :4" },
	{ "ps --log-level=i", "info ; :4" },

	/* names */
	{ "ps ", ":4" },
	{ "rm ", "<@container > ; :4" },
	{ "rm a b", "<@container b> ; :4" },
	{ "rm a -- -", "<@container -> ; :4" },
	{ "rename a ", "<@container > ; :4" },
	{ "rename a b ", ":4" },
	{ "completion ", "bash ; zsh ; fish ; :4" },
	{ "completion z", "zsh ; :4" },
	{ "completion bash ", ":4" },
	{ "run ", "<@image > ; :4" },
	{ "run -a al", "<@image al> ; :4" },
	{ "run alpine ", ":0" },
	{ "run alpine -", ":0" },
	{ "run --sort size alpine --so", ":0" },
};

static char *answer(const char *line, completion_names_fn *names)
{
	struct str word, rest = str_from(line);
	CLEANUP(strv_done) struct strv words = { 0 };
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	bool more = true;

	while (more) {
		more = str_cut(rest, ' ', &word, &rest);
		assert_true(strv_add_str(&words, word));
	}
	completion_candidates(&program, (int)words.n, words.v, names, NULL, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void candidates(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		CLEANUP(free_p) char *text = answer(lines[i].line, names_of);
		CLEANUP(buf_done) struct buf got = BUF_INIT(64 * 1024);

		for (const char *c = text; *c; c++)
			buf_add_z(&got, *c != '\n' ? (char[]){ *c, 0 } : c[1] ? " ; " : "");
		if (strcmp(buf_z(&got), lines[i].want) != 0)
			row_fail(lines[i].line, "got  %s\nwant %s", buf_z(&got), lines[i].want);
	}
}

static void no_words_and_nobody_to_ask(void **state)
{
	CLEANUP(free_p) char *text = answer("rm ", NULL);

	(void)state;
	assert_string_equal(text, ":4\n");
}

static void scripts_hold_no_commands(void **state)
{
	static const char *const first[] = { [SHELL_BASH] = "# bash completion for podman", [SHELL_ZSH] = "#compdef podman\n",
					     [SHELL_FISH] = "# fish completion for podman" };

	(void)state;
	for (int describe = 0; describe < 2; describe++)
		for (int sh = SHELL_BASH; sh <= SHELL_FISH; sh++) {
			char *text = NULL;
			size_t n;
			FILE *out = open_memstream(&text, &n);

			completion_script(&program, (enum shell)sh, describe, out);
			assert_int_equal(fclose(out), 0);
			assert_int_equal(strncmp(text, first[sh], strlen(first[sh])), 0);
			assert_non_null(strstr(text, describe ? " __complete " : " __completeNoDesc "));
			assert_null(strstr(text, "PROGRAM"));
			assert_null(strstr(text, "container"));
			assert_null(strstr(text, "--sort"));
			free(text);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(candidates),
		cmocka_unit_test(no_words_and_nobody_to_ask),
		cmocka_unit_test(scripts_hold_no_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
