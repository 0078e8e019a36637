/* cmd/podman/pull.c */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/progress.h"
#include "cmd/session.h"

struct pull_args {
	bool all_tags, quiet, tls_verify;
	const char *arch, *os, *variant, *platform, *creds, *authfile, *policy, *retry_delay;
	bool disable_content_trust;
	struct flags given; /* retry and tls-verify are sent only when they were typed */
};

static const struct opt pull_opts[] = {
	OPT_BOOL('a', "all-tags", struct pull_args, all_tags, "Pull all images of the repository"),
	OPT_STR(0, "arch", struct pull_args, arch, "ARCH", "Architecture to choose instead of the host's"),
	OPT_STR(0, "authfile", struct pull_args, authfile, "string", "Path of the file with registry credentials"),
	OPT_STR(0, "creds", struct pull_args, creds, "string", "Credentials (USERNAME:PASSWORD) to use for authenticating to a registry"),
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .long_name = "disable-content-trust", .dflt = "true", .help = "Docker's; has no effect, in podman neither",
	  .offset = OPT_FIELD(struct pull_args, disable_content_trust, bool) },
	OPT_STR(0, "os", struct pull_args, os, "OS", "Operating system to choose instead of the host's"),
	OPT_STR(0, "override-arch", struct pull_args, arch, "ARCH", "Architecture to choose instead of the host's"),
	OPT_STR(0, "override-os", struct pull_args, os, "OS", "Operating system to choose instead of the host's"),
	OPT_STR(0, "platform", struct pull_args, platform, "string", "Platform to choose: OS/ARCH[/VARIANT]"),
	{ .type = OPT_T_STR, .long_name = "policy", .metavar = "string", .dflt = "\"always\"", .help = "When to pull: always, missing, never, newer",
	  .offset = OPT_FIELD(struct pull_args, policy, const char *), .complete = "always|missing|never|newer" },
	OPT_BOOL('q', "quiet", struct pull_args, quiet, "Print the ID only"),
	{ .type = OPT_T_UINT, .flags = OPT_BAG, .long_name = "retry", .help = "How often the host tries a failing pull again",
	  .offset = offsetof(struct pull_args, given) },
	OPT_STR(0, "retry-delay", struct pull_args, retry_delay, "string", "Time between two tries"),
	{ .type = OPT_T_BOOL, .flags = OPT_BAG, .long_name = "tls-verify", .dflt = "true", .help = "Require HTTPS and verify certificates of registries",
	  .offset = offsetof(struct pull_args, given) },
	OPT_STR(0, "variant", struct pull_args, variant, "string", "Variant of the architecture to choose"),
	OPT_END
};

/* The pieces of --platform, which the request borrows. */
struct platform {
	char *os, *arch, *variant;
};

static void platform_done(struct platform *p)
{
	free(p->os);
	free(p->arch);
	free(p->variant);
}

static int split_platform(const struct pull_args *a, struct platform *ret, struct pull_req *q, struct error *err)
{
	struct str os, rest, arch, variant = { 0 };

	if (!a->platform)
		return 0;
	if (a->arch || a->os || a->variant)
		return error_set(err, ERR_USAGE, "--platform option can not be specified with --arch or --os");
	if (str_cut(str_from(a->platform), '/', &os, &rest))
		str_cut(rest, '/', &arch, &variant);
	else
		arch = (struct str){ 0 };
	q->os = ret->os = str_dup(os);
	q->arch = ret->arch = arch.n ? str_dup(arch) : NULL;
	q->variant = ret->variant = variant.n ? str_dup(variant) : NULL;
	return 0;
}

/* X-Registry-Auth: base64 in the URL alphabet of {"username": ..., "password": ...}. The password goes to this one request only. */
static int encode_creds(const char *creds, char **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = json_object_new_object();
	struct str user, password;
	const char *text;

	if (!str_cut(str_from(creds), ':', &user, &password) || user.n == 0)
		return error_set(err, ERR_USAGE, "--creds wants USERNAME:PASSWORD");
	js_set(o, "username", js_strn(user));
	js_set(o, "password", js_strn(password));
	text = js_wire(o);
	*ret = calloc(1, (strlen(text) + 2) / 3 * 4 + 1);
	if (!*ret)
		return error_set_errno(err, "--creds");
	EVP_EncodeBlock((unsigned char *)*ret, (const unsigned char *)text, (int)strlen(text));
	for (char *c = *ret; *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	return 0;
}

/* Flags that no request carries: refused, never ignored. */
static int refuse(const struct pull_args *a, struct error *err)
{
	if (a->authfile)
		return error_set(err, ERR_UNSUPPORTED, "--authfile: files with credentials are not read yet; --creds USERNAME:PASSWORD is");
	return 0;
}

static int pull_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct pull_args *a = args;
	CLEANUP(platform_done) struct platform platform = { 0 };
	CLEANUP(free_p) char *auth = NULL;
	struct pull_req q = { .policy = a->policy, .arch = a->arch, .os = a->os, .variant = a->variant, .quiet = a->quiet, .all_tags = a->all_tags,
			      .retry = flags_get(&a->given, "retry"), .retry_delay = a->retry_delay,
			      .tls_verify = flags_find(&a->given, "tls-verify") ? flags_bool(&a->given, "tls-verify", true) : -1 };
	CLEANUP(error_done) struct error one = ERROR_INIT;
	struct engine *e;
	int r;

	if ((r = refuse(a, err)) < 0 || (a->creds && (r = encode_creds(a->creds, &auth, err)) < 0))
		return r;
	q.auth = auth;
	if ((r = split_platform(a, &platform, &q, err)) < 0 || (r = session_engine(s, &e, err)) < 0)
		return r;
	for (size_t i = 0; i < names->n; i++) {
		CLEANUP(free_p) char *id = NULL;

		q.reference = names->v[i];
		if (engine_image_pull(e, &q, a->quiet ? NULL : progress_line, s, &id, &one) < 0)
			session_report(s, &one);
		else
			fprintf(session_out(s), "%s\n", id);
	}
	return session_status(s);
}

const struct cmd cmd_pull = {
	.names = (const char *const[]){ "pull", "image pull", NULL },
	.synopsis = "[options] IMAGE [IMAGE...]",
	.brief = "Pull an image from a registry",
	.about = "Pulls images from registries to the host and prints their IDs. The host's registries.conf and credentials count.",
	.examples = "podman pull docker.io/library/alpine\npodman pull --arch arm64 quay.io/podman/hello",
	.opts = pull_opts,
	.args_size = sizeof(struct pull_args),
	.args_default = &(struct pull_args){ .policy = "always" },
	.min_names = 1,
	.max_names = CMD_ANY,
	.run = pull_run,
};
