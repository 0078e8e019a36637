/* cli/cmd.h: a command is data plus one run function. cmd/table.c lists all of them; dispatch, help, completion, "unknown command" and the man
 * pages read that one array. */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "cli/opt.h"

struct session;

#define CMD_ANY (-1)

struct cmd {
	/* All full spellings without the program, the main one first, NULL at the end: { "ps", "container ps", "container ls", "container list" }. */
	const char *const *names;
	const char *synopsis;  /* behind the name in the usage line: "[options] CONTAINER [CONTAINER...]" */
	const char *brief;     /* one line for lists of commands */
	const char *about;     /* the Description: of its help; lines without indent */
	const char *examples;  /* lines as "podman stop ctrID"; NULL: none */
	const struct opt *opts; /* NULL: none */
	size_t args_size;
	const void *args_default; /* of args_size bytes; NULL: zeros */
	int min_names, max_names; /* max: CMD_ANY */
	bool stop_at_first;       /* flags end at the first name */
	bool raw;                 /* every word behind the command is a name, flags too (__complete) */
	bool hidden;
	const char *complete;     /* names: "@container", "@image", "@running", words "a|b"; NULL: none */
	/* args is the command's to change. Returns the exit status (0 to 255), or -kind with err filled. NULL: a group, which only has
	 * subcommands. */
	int (*run)(struct session *s, void *args, const struct strv *names, struct error *err);
};

/* What a command line asks for. */
enum cmd_action { CMD_RUN, CMD_HELP, CMD_VERSION };

struct invocation {
	enum cmd_action action;
	const struct cmd *cmd; /* NULL with CMD_HELP: the program itself; CMD_VERSION */
	const char *spelled;   /* the one of cmd->names that was typed */
	void *args;            /* owned; for cmd->run */
	struct strv names;
};

/* Program: name for messages ("podman"), its commands (NULL-terminated), its global options with their struct, and texts. */
struct program {
	const char *name, *about, *version;
	const struct cmd *const *table;
	struct opt_set globals;
};

/* argv: the words behind the program's name; they must outlive ret. Finds the command and parses everything. Global flags may stand before or
 * after the command. `help X`, `X --help`, `--version` and `-v` are understood. Unknown command: ERR_USAGE with the nearest names. Too few
 * or too many names: ERR_USAGE in podman's words; always with the hint "See 'podman X --help'". A group without its subcommand is ERR_USAGE
 * with ret->action CMD_HELP: its help goes to stdout before the error. ret is safe for invocation_done whatever happened. */
int cmd_parse(const struct program *p, int argc, char *const *argv, struct invocation *ret, struct error *err);
void invocation_done(struct invocation *inv);

/* Help as podman (cobra) lays it out: brief, Description, Usage, Aliases, Examples, Available Commands, Options. spelled NULL: the program. */
void cmd_help(const struct program *p, const struct cmd *c, const char *spelled, FILE *out);

enum shell { SHELL_BASH, SHELL_ZSH, SHELL_FISH };
/* The script for a shell. It asks `podman __complete WORDS...`, or __completeNoDesc when describe is false. */
void completion_script(const struct program *p, enum shell sh, bool describe, FILE *out);

/* Candidates for the last word (which may be empty), one a line with a tab and a description, then ":N" (cobra's directive bits: 4 no files).
 * names_of answers "@container" and the like and may be NULL. */
typedef void completion_names_fn(void *ctx, const char *what, const char *prefix, FILE *out);
void completion_candidates(const struct program *p, int argc, char *const *argv, completion_names_fn *names_of, void *ctx, FILE *out);

/* A man page in man(7), section 1: NAME, SYNOPSIS, DESCRIPTION, OPTIONS, COMMANDS and EXAMPLES from the tables, then extra (the page's own
 * sections in man(7); may be NULL), then SEE ALSO. c NULL: the program itself. */
void cmd_man(const struct program *p, const struct cmd *c, const char *extra, FILE *out);

#endif
