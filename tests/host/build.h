/* build.h: BuildImage: a small interpreter of Dockerfiles. One step is done in each turn of the host; a RUN is a process of its own. */
#ifndef HOST_BUILD_H
#define HOST_BUILD_H

#include "call.h"
#include "dockerfile.h"
#include "image.h"
#include "process.h"

/* What FROM began and another FROM or the end ended. */
struct stage {
	char *name;        /* "" when it has none */
	struct layer *top; /* its files, of a build by layers */
	char *files;       /* its folder, of one without */
	char image[65];    /* "" when it is no image */
};

struct build {
	struct host *host;
	struct call *call;
	struct json_object *info; /* BuildInfo, borrowed from the call */
	char *context;            /* the folder where the context lies */
	struct strv ignored;      /* what was in it, but is not to be copied */
	char *last_step;          /* for the message of a failed RUN */
	struct dockerfile file;
	size_t next, end; /* of the instructions */
	size_t step;      /* the number that is shown */
	bool layers, quiet;
	struct strv global_args; /* NAME=VALUE, set before the first FROM */

	/* The stage that is being made. */
	struct json_object *config; /* NULL before the first FROM */
	struct layer *top;
	struct image *image; /* what config and top are so far; NULL: no image is that */
	char *work;          /* a copy of the files that is being changed; NULL: untouched */
	struct strv args, shell;
	struct stage *stages;
	size_t n_stages;

	/* A RUN. */
	struct process *process;
	struct buf output;
	char *created_by;
	bool run_over;
	int exit_code;
};

/* A line of the log, with its newline. */
void build_log(struct build *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The folder with the stage's files, to be changed. */
int build_work(struct build *b, const char **ret, struct error *err);

/* The step is done: the next image when the build is by layers. created_by: what the image's history says about it. */
int build_commit_step(struct build *b, const char *created_by, bool empty, struct error *err);
/* True when an image that has the step is there and was taken. */
bool build_use_cache(struct build *b, const char *created_by);

/* All steps are done: the last image and its names. */
int build_finish(struct build *b, struct error *err);
/* Ends the process of a RUN and removes what the build has written. */
void build_done(struct build *b);

/* build_step.c: one instruction. */
int build_instruction(struct build *b, const struct instruction *in, struct error *err);
int build_from(struct build *b, const struct instruction *in, struct error *err);

/* build_copy.c */
int build_copy(struct build *b, const struct instruction *in, struct error *err);

/* build_ignore.c: takes what .dockerignore names out of the context. */
int build_ignore(struct build *b, struct error *err);
/* True for a path or pattern that would have been found without it. */
bool build_is_ignored(const struct build *b, const char *pattern);

/* build_run.c: starts the process. */
int build_run(struct build *b, const struct instruction *in, struct error *err);
/* What it has written goes to the log. all: an unfinished line too. */
void build_run_flush(struct build *b, bool all);
int build_run_end(struct build *b, struct error *err);
void build_run_abort(struct build *b);

/* build_words.c: variables and quotes. */
char *build_expand(const struct build *b, struct str text);
/* The words of a line, expanded and without their quotes. */
void build_words(const struct build *b, struct str text, struct strv *ret);
/* The value of a build argument; NULL: it has none. Owned by the caller. */
char *build_arg_value(const struct build *b, struct str declaration);
/* Removes the "--name=value" words in front; *ret_rest is what follows. The value of name, owned by the caller, or NULL. */
char *build_flag(struct str args, const char *name, struct str *ret_rest);

#endif
