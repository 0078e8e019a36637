/* cmd/podman/pull.c */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/image_pull.h"
#include "cmd/podman/platform.h"
#include "cmd/podman/through.h"
#include "cmd/session.h"

struct pull_args {
	bool all_tags, quiet;
	const char *arch, *os, *variant, *platform, *policy, *retry_delay;
	bool disable_content_trust;
	struct creds_args creds;
	struct flags given; /* retry is sent only when it was typed */
};

static const struct opt pull_opts[] = {
	OPT_BOOL('a', "all-tags", struct pull_args, all_tags, "Pull all images of the repository"),
	OPT_STR(0, "arch", struct pull_args, arch, "ARCH", "Architecture to choose instead of the host's"),
	OPT_INCLUDE(creds_opts, struct pull_args, creds),
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .long_name = "disable-content-trust", .dflt = "true", .help = "Docker's; has no effect, in podman neither",
	  .offset = OPT_FIELD(struct pull_args, disable_content_trust, bool) },
	OPT_STR(0, "os", struct pull_args, os, "OS", "Operating system to choose instead of the host's"),
	OPT_STR(0, "override-arch", struct pull_args, arch, "ARCH", "Architecture to choose instead of the host's"),
	OPT_STR(0, "override-os", struct pull_args, os, "OS", "Operating system to choose instead of the host's"),
	OPT_STR(0, "platform", struct pull_args, platform, "string", "Platform to choose: OS/ARCH[/VARIANT]"),
	{ .type = OPT_T_STR, .long_name = "policy", .metavar = "string", .dflt = "\"always\"", .help = "When to pull: always, missing, never, newer",
	  .offset = OPT_FIELD(struct pull_args, policy, const char *), .complete = "always|missing|never|newer" },
	OPT_BOOL('q', "quiet", struct pull_args, quiet, "Print the ID only"),
	{ .type = OPT_T_UINT, .flags = OPT_BAG, .long_name = "retry", .help = "How often a failing pull is tried again",
	  .offset = offsetof(struct pull_args, given) },
	OPT_STR(0, "retry-delay", struct pull_args, retry_delay, "string", "Time between two tries"),
	OPT_STR(0, "variant", struct pull_args, variant, "string", "Variant of the architecture to choose"),
	OPT_END
};

/* The request borrows the pieces. */
static int split_platform(const struct pull_args *a, struct platform *ret, struct pull_req *q, struct error *err)
{
	int r = platform_split(a->platform, a->arch || a->os || a->variant, ret, err);

	if (r == 0 && a->platform) {
		q->os = ret->os;
		q->arch = ret->arch;
		q->variant = ret->variant;
	}
	return r;
}

static int pull_one(struct session *s, struct engine *e, const struct pull_args *a, const struct pull_req *q, struct error *err)
{
	CLEANUP(free_p) char *id = NULL;
	int r = image_pull(s, e, &a->creds, q, &id, err);

	if (r >= 0)
		fprintf(session_out(s), "%s\n", id);
	return r;
}

static int pull_tags(struct session *s, struct engine *e, const struct pull_args *a, struct pull_req q, const struct strv *names, struct error *err)
{
	int r = 0;

	q.all_tags = false;
	for (size_t i = 0; r >= 0 && i < names->n; i++) {
		q.reference = names->v[i];
		r = pull_one(s, e, a, &q, err);
	}
	return r;
}

/* --all-tags: by the host where it can, else one after the other as the registry lists them to this machine. Services (4.3.1 and 5.4 as well) forget
 * --tls-verify=false when they ask for the tags. */
static int pull_name(struct session *s, struct engine *e, const struct pull_args *a, const struct pull_req *q, struct error *err)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	int r = pull_one(s, e, a, q, err);

	if (r >= 0 || !q->all_tags || (r != -ERR_UNSUPPORTED && creds_tls_verify(&a->creds) != 0))
		return r;
	if (through_tags(s, &a->creds, q->reference, &names, r == -ERR_UNSUPPORTED ? err : NULL) < 0)
		return r;
	error_clear(err);
	return pull_tags(s, e, a, *q, &names, err);
}

static int pull_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct pull_args *a = args;
	CLEANUP(platform_done) struct platform platform = { 0 };
	struct pull_req q = { .policy = a->policy, .arch = a->arch, .os = a->os, .variant = a->variant, .quiet = a->quiet, .all_tags = a->all_tags,
			      .retry = flags_get(&a->given, "retry"), .retry_delay = a->retry_delay };
	CLEANUP(error_done) struct error one = ERROR_INIT;
	CLEANUP(free_p) char *kept = NULL;
	struct engine *e;
	int r;

	if ((r = split_platform(a, &platform, &q, err)) < 0 || (r = creds_ask(&a->creds, &kept, err)) < 0 || (r = session_engine(s, &e, err)) < 0)
		return r;
	for (size_t i = 0; i < names->n; i++) {
		q.reference = names->v[i];
		if (pull_name(s, e, a, &q, &one) < 0)
			session_report(s, &one);
	}
	return session_status(s);
}

const struct cmd cmd_pull = {
	.names = (const char *const[]){ "pull", "image pull", NULL },
	.synopsis = "[options] IMAGE [IMAGE...]",
	.brief = "Pull an image from a registry",
	.about = "Pulls images from registries to the host and prints their IDs. Credentials of this machine (podman login, --creds, --authfile) go to the\n"
		 "registry that they are for. Where the host's protocol can't take them, this machine asks the registry and the image streams\n"
		 "through it; else the host pulls by itself and its registries.conf counts.",
	.examples = "podman pull docker.io/library/alpine\npodman pull --arch arm64 quay.io/podman/hello",
	.opts = pull_opts,
	.args_size = sizeof(struct pull_args),
	.args_default = &(struct pull_args){ .policy = "always" },
	.min_names = 1,
	.max_names = CMD_ANY,
	.run = pull_run,
};
