/* cmd/podman/run_prepare.h: the part of create and run that happens on this machine: files and variables that the flags name are read here and
 * become plain values, so that a host never sees a path of the client. */
#ifndef CMD_PODMAN_RUN_PREPARE_H
#define CMD_PODMAN_RUN_PREPARE_H

#include "base/flags.h"
#include "cmd/podman/creds.h"
#include "engine/engine.h"

/* What was taken out of the flags because it is the client's business. Strings are owned. */
struct run_plan {
	char *cidfile, *pull, *name;
	bool replace, remove, remove_image, quiet, detach;
	bool interactive, tty, sig_proxy;
	bool want_stdout, want_stderr, want_stdin;
	char *detach_keys;       /* NULL: default */
	char *arch, *os, *variant;
	char *retry, *retry_delay; /* of the pull */
	char *authfile, *login;    /* --authfile, --creds */
	struct creds_args creds;   /* made of them, and of --tls-verify */
	struct strv local_paths; /* sources of bind mounts as sent, for the hint when the host has no such path */
};

/* Takes the client's flags out of f and resolves env, env-file, label-file, relative volume sources. ERR_USAGE, ERR_NOT_FOUND (a file). */
int run_prepare(struct flags *f, struct run_plan *ret, struct error *err);
void run_plan_done(struct run_plan *p);

/* The env and env-file part of it, for exec: afterwards "env" holds KEY=VALUE. */
int resolve_env(struct flags *f, struct error *err);

/* After a failure: when the host misses a path that exists on this machine, says so. Returns -kind. */
int run_explain_path(const struct run_plan *p, const char *host, struct error *err);

#endif
