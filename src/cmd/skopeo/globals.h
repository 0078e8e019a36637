/* cmd/skopeo/globals.h: the options that every command of skopeo takes, in any place. */
#ifndef CMD_SKOPEO_GLOBALS_H
#define CMD_SKOPEO_GLOBALS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/opt.h"

struct session;

#define USER_AGENT_MAX 256

struct skopeo_globals {
	const char *policy, *os, *arch, *variant, *registries_d, *registries_conf, *tmpdir, *command_timeout, *user_agent_prefix;
	char user_agent[USER_AGENT_MAX]; /* "": the registry room's */
	struct flags given; /* tls-verify, the old one for all commands */
	bool insecure_policy, debug, version;
};

#define SKOPEO_GLOBALS_INIT ((struct skopeo_globals){ 0 })

extern const struct opt skopeo_global_opts[];

/* What is the same for all commands from now on: level of the log, place of temporary files, the time that is left. */
int skopeo_globals_apply(struct skopeo_globals *g, struct error *err);
void skopeo_globals_done(struct skopeo_globals *g);

/* Those of this run; borrowed from the session. */
const struct skopeo_globals *skopeo_globals_of(const struct session *s);

/* --command-timeout has passed. For image/store.h; ctx is not used. */
bool skopeo_interrupted(void *ctx);
/* Where an interrupt was no signal but the end of the time: "...: context deadline exceeded". Returns -kind. */
int skopeo_explain(struct error *err);

/* --tls-verify before or behind a command that has one for each side: -1 not given, 0, 1. */
int skopeo_tls_verify(const struct skopeo_globals *g);

#endif
