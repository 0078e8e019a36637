/* cmd/session.h: what one command run has at hand: the global options, where output goes, and the host, which is dialled at first use. */
#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include <stdio.h>

#include "base/error.h"
#include "config/config.h"
#include "engine/engine.h"

struct session;

/* Opens the host's engine at the first call; borrowed from the session. */
int session_engine(struct session *s, struct engine **ret, struct error *err);

/* Before session_engine: much is going to move, or as much as the file path ("-": standard input) has. Changes how the host is reached, never whether. */
void session_expect_bulk(struct session *s);
void session_expect_upload(struct session *s, const char *path);

/* The host that session_engine talks to, for messages; NULL before it was opened. Borrowed. */
const struct destination *session_destination(const struct session *s);

/* What the command line says about the host. Borrowed. */
const struct config_flags *session_config_flags(const struct session *s);

FILE *session_out(struct session *s); /* stdout: data */
FILE *session_err(struct session *s); /* stderr: everything else */

/* What was printed to stdout leaves now. A reader that went away is ERR_INTERRUPTED with the status of SIGPIPE, about which nothing is said. */
int session_flush(struct session *s, struct error *err);
/* The error of a write to stdout or stderr that failed just now, by errno. */
int session_output_failed(struct error *err);

/* Whose commands these are: podman_program or skopeo_program. Borrowed. */
struct program;
const struct program *session_program(const struct session *s);

/* The whole command line as typed, program name first. Borrowed. */
const struct strv *session_argv(const struct session *s);

/* Prints an error now, in main's form, for commands that go on with the next name; keeps the first one's exit status: the command returns
 * session_status at its end. err is cleared. */
void session_report(struct session *s, struct error *err);
/* 0, or the exit status of what session_report printed last. */
int session_status(const struct session *s);

/* The exit status of an error: its own, else by its kind. */
int session_exit_status(const struct error *err);

#endif
