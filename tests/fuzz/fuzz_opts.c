/* Any words against the option tables of run and the program, and against completion. The first byte chooses the rules; the words end at NUL. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/cmd.h"
#include "cmd/podman/create_opts.h"
#include "cmd/podman/globals.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define WORDS_MAX 64

static void check(bool ok)
{
	if (!ok)
		abort();
}

static int ran(struct session *s, void *args, const struct strv *names, struct error *err)
{
	(void)s;
	(void)args;
	(void)names;
	(void)err;
	return 0;
}

static const struct cmd group = { .names = (const char *const[]){ "container", NULL }, .brief = "Group" };
static const struct cmd run = { .names = (const char *const[]){ "run", "container run", NULL },
				.brief = "Run",
				.opts = run_opts,
				.args_size = sizeof(struct run_args),
				.min_names = 1,
				.max_names = CMD_ANY,
				.stop_at_first = true,
				.complete = "@image",
				.run = ran };
static const struct cmd *const table[] = { &group, &run, NULL };

static void split(struct str text, struct strv *ret)
{
	struct str word;
	bool more = text.n > 0;

	while (more && ret->n < WORDS_MAX) {
		more = str_cut(text, 0, &word, &text);
		check(strv_add_str(ret, word));
	}
}

/* Everything that was typed is a flag, a value or a name: no name comes from nowhere, and none has vanished behind "--". */
static void parse_flags(const struct strv *words, bool stop_at_first)
{
	CLEANUP(globals_done) struct globals g = GLOBALS_INIT;
	struct run_args a = { 0 };
	const struct opt_set sets[] = { { run_opts, &a }, { global_opts, &g } };
	CLEANUP(strv_done) struct strv names = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	bool help = false;
	int r = opts_parse(sets, ARRAY_LEN(sets), stop_at_first, (int)words->n, words->v, &names, &help, &err);

	check(names.n <= words->n);
	check(r == 0 ? err.kind == ERR_NONE : r == -ERR_USAGE && err.kind == ERR_USAGE && err.text && *err.text);
	if (r == 0)
		for (size_t i = 0, from = words->n - names.n; stop_at_first && i < names.n; i++)
			check(strcmp(names.v[i], words->v[from + i]) == 0);
	opts_done(run_opts, &a);
}

static void parse_command(const struct strv *words)
{
	CLEANUP(globals_done) struct globals g = GLOBALS_INIT;
	const struct program p = { "podman", "About", "1", table, { global_opts, &g } };
	CLEANUP(invocation_done) struct invocation inv = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int r = cmd_parse(&p, (int)words->n, words->v, &inv, &err);

	check(r <= 0);
	check(r < 0 || inv.action != CMD_RUN || (inv.cmd == &run && inv.names.n >= 1 && inv.args));
}

static void complete(const struct strv *words)
{
	static FILE *nowhere;
	const struct program p = { "podman", "About", "1", table, { global_opts, NULL } };

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	check(nowhere);
	completion_candidates(&p, (int)words->n, words->v, NULL, NULL, nowhere);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(strv_done) struct strv words = { 0 };

	if (!n)
		return 0;
	split((struct str){ (const char *)data + 1, n - 1 }, &words);
	parse_flags(&words, data[0] & 1);
	parse_command(&words);
	complete(&words);
	return 0;
}
