#include "cmd/skopeo/globals.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "cmd/session_own.h"

#define G struct skopeo_globals
#define TEXT(f) OPT_FIELD(struct skopeo_globals, f, const char *)

const struct opt skopeo_global_opts[] = {
	OPT_STR(0, "command-timeout", G, command_timeout, "duration", "Timeout for the execution of the command"),
	OPT_BOOL(0, "debug", G, debug, "Enable debug output"),
	OPT_BOOL(0, "insecure-policy", G, insecure_policy, "Run without any policy check"),
	OPT_STR(0, "override-arch", G, arch, "ARCH", "Use ARCH instead of the architecture of the machine for choosing images"),
	OPT_STR(0, "override-os", G, os, "OS", "Use OS instead of linux for choosing images"),
	OPT_STR(0, "override-variant", G, variant, "VARIANT", "Use VARIANT instead of the architecture's variant for choosing images"),
	{ .type = OPT_T_STR, .long_name = "policy", .metavar = "string", .help = "Path to a trust policy file", .offset = TEXT(policy), .complete = "@file" },
	{ .type = OPT_T_STR, .long_name = "registries-conf", .metavar = "FILE", .help = "Path to a registries.conf file", .offset = TEXT(registries_conf),
	  .complete = "@file" },
	{ .type = OPT_T_STR, .long_name = "registries.d", .metavar = "DIR", .help = "Use registry configuration files in DIR, for signature storage",
	  .offset = TEXT(registries_d), .complete = "@dir" },
	{ .type = OPT_T_BOOL, .flags = OPT_BAG | OPT_HIDDEN, .long_name = "tls-verify", .help = "Require HTTPS and verify certificates",
	  .offset = offsetof(struct skopeo_globals, given) },
	{ .type = OPT_T_STR, .long_name = "tmpdir", .metavar = "string", .help = "Directory for temporary files", .offset = TEXT(tmpdir), .complete = "@dir" },
	OPT_STR(0, "user-agent-prefix", G, user_agent_prefix, "prefix", "Begin the user agent that registries see with this"),
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .short_name = 'v', .long_name = "version", .help = "Print the version",
	  .offset = OPT_FIELD(struct skopeo_globals, version, bool) },
	OPT_END
};

static uint64_t deadline_ms; /* 0: none */

static int set_deadline(const char *text, struct error *err)
{
	int64_t ns;

	if (!duration_parse(str_from(text), &ns))
		return error_set(err, ERR_USAGE, "invalid argument \"%s\" for \"--command-timeout\" flag: time: invalid duration \"%s\"", text, text);
	if (ns > 0)
		deadline_ms = clock_after_ms((uint64_t)ns / 1000000);
	return 0;
}

/* All that makes temporary files asks the environment, and so do gpg and the helpers for credentials. */
static int set_tmpdir(const char *typed, struct error *err)
{
	CLEANUP(free_p) char *path = realpath(typed, NULL);

	if (!path || setenv("TMPDIR", path, 1) < 0)
		return error_set_errno(err, "--tmpdir %s", typed);
	return 0;
}

static int set_user_agent(struct skopeo_globals *g)
{
	int n = snprintf(g->user_agent, sizeof g->user_agent, "%s farpod/%s", g->user_agent_prefix, FARPOD_VERSION);

	return n < (int)sizeof g->user_agent && strlen(g->user_agent_prefix) <= USER_AGENT_MAX / 2 ? 0 : -1;
}

int skopeo_globals_apply(struct skopeo_globals *g, struct error *err)
{
	if (g->debug)
		log_set_level(LOG_DEBUG_);
	if (g->user_agent_prefix && set_user_agent(g) < 0)
		return error_set(err, ERR_USAGE, "--user-agent-prefix is longer than %d bytes", USER_AGENT_MAX / 2);
	if (g->tmpdir && *g->tmpdir) {
		int r = set_tmpdir(g->tmpdir, err);

		if (r < 0)
			return r;
	}
	return g->command_timeout ? set_deadline(g->command_timeout, err) : 0;
}

void skopeo_globals_done(struct skopeo_globals *g)
{
	flags_done(&g->given);
}

const struct skopeo_globals *skopeo_globals_of(const struct session *s)
{
	return s->skopeo;
}

bool skopeo_interrupted(void *ctx)
{
	(void)ctx;
	return deadline_ms && clock_ms() >= deadline_ms;
}

int skopeo_explain(struct error *err)
{
	int r = -(int)err->kind;

	if (err->kind == ERR_INTERRUPTED && !err->exit_status && skopeo_interrupted(NULL))
		return error_set(err, ERR_INTERRUPTED, "context deadline exceeded");
	return r;
}

int skopeo_tls_verify(const struct skopeo_globals *g)
{
	return flags_find(&g->given, "tls-verify") ? flags_bool(&g->given, "tls-verify", true) : -1;
}
