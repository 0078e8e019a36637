/* cmd/podman/completion.c: the completion scripts, what they ask at each TAB, and the man pages. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/completion_names.h"
#include "cmd/podman/globals.h"
#include "cmd/session.h"
#include "cmd/skopeo/globals.h"
#include "cmd/table.h"

/* A shell that waits longer at a TAB feels dead. */
#define ANSWER_MS 1000
#define ANSWER_MAX (1024 * 1024)

static bool is_skopeo(const struct program *p)
{
	return p == &skopeo_program;
}

/* With the rows of its global options. */
static struct program with_globals(const struct program *which)
{
	struct program p = *which;

	p.globals.opts = is_skopeo(which) ? skopeo_global_opts : global_opts;
	return p;
}

/* The host that the words typed so far choose; a line that is not finished or wrong says what it can. */
static void flags_of_words(const struct strv *words, struct globals *g, struct config_flags *ret)
{
	CLEANUP(invocation_done) struct invocation inv = { 0 };
	struct program p = with_globals(&podman_program);

	p.globals.args = g;
	if (words->n)
		cmd_parse(&p, (int)words->n - 1, words->v, &inv, NULL);
	if (globals_config(g, ret, NULL) < 0)
		*ret = (struct config_flags){ .ignore_hosts = -1 };
}

/* Only podman's words have names of a host in them. */
static void answer(const struct program *which, const struct strv *words, int fd)
{
	CLEANUP(globals_done) struct globals g = GLOBALS_INIT;
	CLEANUP(file_close_p) FILE *out = fdopen(fd, "w");
	struct program p = with_globals(which);
	struct config_flags flags;

	if (!out)
		return;
	if (is_skopeo(which)) {
		completion_candidates(&p, (int)words->n, words->v, NULL, NULL, out);
		return;
	}
	flags_of_words(words, &g, &flags);
	completion_candidates(&p, (int)words->n, words->v, completion_names, &flags, out);
}

/* A process group of its own, so that helpers (ssh) end with it; without the terminal, so that nothing asks for a password in the middle of
 * a command line. */
static pid_t answer_apart(const struct program *which, const struct strv *words, int fds[2])
{
	pid_t pid = fork();
	int null;

	if (pid != 0)
		return pid;
	setsid();
	null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDERR_FILENO);
	/* Helpers that stay behind must not keep the shell waiting for the end of our output. */
	dup2(null, STDOUT_FILENO);
	close(fds[0]);
	answer(which, words, fds[1]);
	_exit(0);
}

/* What comes within the time; a line that was cut off is dropped and the directive completed. */
static void collect(int fd, struct buf *text)
{
	uint64_t deadline = clock_after_ms(ANSWER_MS);
	char block[4096];
	ssize_t n;

	while ((n = fd_read_some(fd, block, sizeof block, deadline, NULL)) > 0 && buf_add_bytes(text, block, (size_t)n))
		;
	if (n == 0)
		return;
	while (text->n && text->p[text->n - 1] != '\n')
		text->p[--text->n] = 0;
	buf_add_z(text, ":4\n");
}

static void print_answer(struct str text, bool describe, FILE *out)
{
	struct str line, word;

	while (text.n) {
		str_cut(text, '\n', &line, &text);
		str_cut(line, '\t', &word, NULL);
		fprintf(out, "%.*s\n", STR_ARG(describe ? line : word));
	}
}

static int complete(struct session *s, const struct strv *words, bool describe, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(ANSWER_MAX);
	CLEANUP(fd_close_p) int in = -1;
	int fds[2];
	pid_t pid;
	int r = fd_pipe(fds, err);

	if (r < 0)
		return r;
	in = fds[0];
	fflush(NULL);
	pid = answer_apart(session_program(s), words, fds);
	close(fds[1]);
	if (pid < 0)
		return error_set_errno(err, "fork");
	collect(in, &text);
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL); /* before its setsid the group is not there yet */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	print_answer(buf_str(&text), describe, session_out(s));
	return 0;
}

static int complete_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	(void)args;
	return complete(s, names, true, err);
}

static int complete_no_desc_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	(void)args;
	return complete(s, names, false, err);
}

const struct cmd cmd_complete = {
	.names = (const char *const[]){ "__complete", NULL },
	.synopsis = "WORD...",
	.brief = "Candidates for the last word of a command line",
	.max_names = CMD_ANY,
	.raw = true,
	.hidden = true,
	.run = complete_run,
};

const struct cmd cmd_complete_no_desc = {
	.names = (const char *const[]){ "__completeNoDesc", NULL },
	.synopsis = "WORD...",
	.brief = "Candidates for the last word of a command line, without descriptions",
	.max_names = CMD_ANY,
	.raw = true,
	.hidden = true,
	.run = complete_no_desc_run,
};

struct completion_args {
	const char *file;
	bool no_desc;
};

static const struct opt completion_opts[] = {
	{ .type = OPT_T_STR, .short_name = 'f', .long_name = "file", .metavar = "path", .help = "Write the script to this file",
	  .offset = OPT_FIELD(struct completion_args, file, const char *), .complete = "@file" },
	OPT_BOOL(0, "no-desc", struct completion_args, no_desc, "Leave out the descriptions of candidates"),
	OPT_END
};

static int shell_parse(const char *name, enum shell *ret, struct error *err)
{
	static const char *const shells[] = { [SHELL_BASH] = "bash", [SHELL_ZSH] = "zsh", [SHELL_FISH] = "fish" };

	for (size_t i = 0; i < ARRAY_LEN(shells); i++)
		if (strcmp(name, shells[i]) == 0) {
			*ret = (enum shell)i;
			return 0;
		}
	error_set(err, ERR_USAGE, "invalid argument \"%s\" for \"podman completion\"", name);
	return error_hint(err, "the shells are bash, zsh and fish");
}

/* A text that print makes goes whole to the file, or not at all. */
static int write_file(const char *path, void (*print)(const void *what, FILE *out), const void *what, struct error *err)
{
	CLEANUP(free_p) char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	bool failed;

	if (!out)
		return error_set_errno(err, "write %s", path);
	print(what, out);
	failed = ferror(out);
	if (fclose(out) != 0 || failed)
		return error_set_errno(err, "write %s", path);
	return path_write_atomic(path, (struct str){ text, n }, 0644, err);
}

struct script {
	const struct program *program;
	enum shell shell;
	bool describe;
};

static void print_script(const void *what, FILE *out)
{
	const struct script *script = what;

	completion_script(script->program, script->shell, script->describe, out);
}

static int completion_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct completion_args *a = args;
	struct script script = { .program = session_program(s), .describe = !a->no_desc };
	int r = shell_parse(names->v[0], &script.shell, err);

	if (r < 0)
		return r;
	if (a->file)
		return write_file(a->file, print_script, &script, err);
	print_script(&script, session_out(s));
	return 0;
}

const struct cmd cmd_completion = {
	.names = (const char *const[]){ "completion", NULL },
	.synopsis = "[options] {bash|zsh|fish}",
	.brief = "Generate shell autocompletions",
	.about = "Prints the script that completes commands, flags and names in a shell.\n\n"
		 "bash: source it, or put it into the folder of completions under the name of the program.\n"
		 "zsh: put it into a folder of fpath under that name with _ in front.\n"
		 "fish: put it into ~/.config/fish/completions under that name with .fish behind.",
	.examples = "podman completion bash\npodman completion zsh -f _podman\npodman completion fish --no-desc",
	.opts = completion_opts,
	.args_size = sizeof(struct completion_args),
	.min_names = 1,
	.max_names = 1,
	.hidden = true,
	.complete = "bash|zsh|fish",
	.run = completion_run,
};

/* "DIR/podman-container-ls.1", owned by the caller. */
static char *page_path(const char *dir, const char *program, const char *name)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(4096);
	size_t start;

	buf_addf(&b, "%s/%s", dir, program);
	start = b.n;
	buf_addf(&b, "%s%s.1", *name ? "-" : "", name);
	for (size_t i = start; i < b.n; i++)
		if (b.p[i] == ' ')
			b.p[i] = '-';
	return buf_take(&b);
}

struct page {
	const struct program *program;
	const struct cmd *cmd; /* NULL: the program itself */
};

static void print_page(const void *what, FILE *out)
{
	const struct page *page = what;
	struct program p = with_globals(page->program);

	cmd_man(&p, page->cmd, NULL, out);
}

/* The other names of a command lead to its page. */
static void print_link(const void *path, FILE *out)
{
	const char *slash = strrchr(path, '/');

	fprintf(out, ".so man1/%s\n", slash + 1);
}

static int write_pages(const char *dir, const struct program *p, const struct cmd *c, struct error *err)
{
	CLEANUP(free_p) char *path = page_path(dir, p->name, c ? c->names[0] : "");
	struct page page = { p, c };
	int r = path ? write_file(path, print_page, &page, err) : error_set(err, ERR_SYSTEM, "out of memory");

	for (const char *const *name = c ? c->names + 1 : NULL; r == 0 && name && *name; name++) {
		CLEANUP(free_p) char *link = page_path(dir, p->name, *name);

		r = link ? write_file(link, print_link, path, err) : error_set(err, ERR_SYSTEM, "out of memory");
	}
	return r;
}

static int man_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct program *p = session_program(s);
	const char *dir = names->v[0];
	int r = path_make_dirs(dir, 0755, err);

	(void)args;
	if (r == 0)
		r = write_pages(dir, p, NULL, err);
	for (const struct cmd *const *c = p->table; r == 0 && *c; c++)
		if (strncmp((*c)->names[0], "__", 2) != 0)
			r = write_pages(dir, p, *c, err);
	return r;
}

const struct cmd cmd_man_pages = {
	.names = (const char *const[]){ "__man", NULL },
	.synopsis = "DIR",
	.brief = "Write the man page of each command into a folder",
	.min_names = 1,
	.max_names = 1,
	.hidden = true,
	.complete = "@dir",
	.run = man_run,
};
