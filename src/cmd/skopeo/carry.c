#include "cmd/skopeo/carry.h"

#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cmd/session.h"
#include "cmd/skopeo/globals.h"

#define A struct carry_args
#define PATH_ROW(l, f, h)                                                                                                          \
	{                                                                                                                          \
		.type = OPT_T_STR, .long_name = l, .metavar = "PATH", .help = h,                                                   \
		.offset = OPT_FIELD(struct carry_args, f, const char *), .complete = "@file"                                       \
	}

const struct opt carry_opts[] = {
	OPT_BOOL('a', "all", A, all, "Copy all images if the source is a list"),
	PATH_ROW("authfile", authfile, "Path of the authentication file of both registries"),
	PATH_ROW("digestfile", digestfile, "Write the digest of each image that was written to this file"),
	{ .type = OPT_T_STR,
	  .short_name = 'f',
	  .long_name = "format",
	  .metavar = "string",
	  .help = "Manifest type (oci, v2s1, or v2s2) at the destination (default: the source's where it is taken)",
	  .offset = OPT_FIELD(A, format, const char *),
	  .complete = "oci|v2s1|v2s2" },
	OPT_BOOL(0, "preserve-digests", A, preserve_digests, "Fail rather than change a digest"),
	OPT_BOOL(0, "remove-signatures", A, remove_signatures, "Do not copy signatures"),
	OPT_INCLUDE(retry_opts, A, retry),
	OPT_STR(0, "sign-by", A, sign_by, "FINGERPRINT", "Sign the image with the GPG key of this FINGERPRINT"),
	{ .type = OPT_T_STR,
	  .flags = OPT_HIDDEN,
	  .long_name = "sign-by-sigstore",
	  .metavar = "PATH",
	  .offset = OPT_FIELD(A, sigstore_params, const char *) },
	PATH_ROW("sign-by-sigstore-private-key", sigstore_key, "Sign the image with the sigstore private key at PATH"),
	{ .type = OPT_T_STR,
	  .flags = OPT_HIDDEN,
	  .long_name = "sign-by-sq-fingerprint",
	  .metavar = "FINGERPRINT",
	  .offset = OPT_FIELD(A, sq_fingerprint, const char *) },
	PATH_ROW("sign-passphrase-file", passphrase_file, "Read the passphrase of the signing key from PATH"),
	OPT_END
};

int carry_tls_verify(const struct session *s)
{
	int verify = skopeo_tls_verify(skopeo_globals_of(s));

	if (verify >= 0)
		log_warn("'--tls-verify' is deprecated, instead use: --src-tls-verify, --dest-tls-verify");
	return verify;
}

static int check(const struct carry_args *a, struct error *err)
{
	static const char *const formats[] = { "oci", "v2s1", "v2s2" };
	bool known = !a->format;

	for (size_t i = 0; i < ARRAY_LEN(formats) && !known; i++)
		known = strcmp(a->format, formats[i]) == 0;
	if (!known)
		return error_set(err, ERR_USAGE,
				 "unknown format \"%s\". Choose one of the supported formats: 'oci', 'v2s1', or 'v2s2'", a->format);
	if (a->sigstore_params || a->sq_fingerprint) {
		error_set(err, ERR_UNSUPPORTED, "--%s: Fulcio, Rekor and Sequoia are not supported",
			  a->sigstore_params ? "sign-by-sigstore" : "sign-by-sq-fingerprint");
		return error_hint(err,
				  "--sign-by FINGERPRINT signs with gpg, --sign-by-sigstore-private-key PATH with a sigstore key");
	}
	if (a->sign_by && a->sigstore_key && a->passphrase_file)
		return error_set(err, ERR_USAGE,
				 "Only one of --sign-by and sign-by-sigstore-private-key can be used with sign-passphrase-file");
	return 0;
}

#define ACCEPT_ALL "{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}"

/* A Mac has no policy.json: that accepts all, as the file of Linux distributions does, and says where rules would go. */
static int read_policy(const struct skopeo_globals *g, bool quiet, struct policy **ret, struct error *err)
{
	CLEANUP(strv_done) struct strv searched = { 0 };
	int r;

	if (g->insecure_policy)
		return 0;
	r = policy_read(g->policy, ret, &searched, err);
	if (r < 0) {
		error_context(err, "Error loading trust policy");
		return g->policy && access(g->policy, F_OK) < 0
			       ? error_hint(err, "echo '%s' >%s accepts every image", ACCEPT_ALL, g->policy)
			       : r;
	}
	if (!*ret && searched.n && !quiet)
		log_debug("No policy.json, every image is accepted. A file that says so: echo '%s' >%s", ACCEPT_ALL, searched.v[0]);
	return 0;
}

int carry_open(struct session *s, const struct carry_args *a, bool quiet, struct carry *ret, struct error *err)
{
	const struct skopeo_globals *g = skopeo_globals_of(s);
	int r = check(a, err);

	if (r == 0)
		r = read_policy(g, quiet, &ret->policy, err);
	if (r < 0)
		return r;
	if (a->sign_by && !strv_add(&ret->sign_by, a->sign_by))
		return error_set(err, ERR_SYSTEM, "out of memory");
	ret->session = s;
	ret->args = a;
	host_store_init(&ret->hosts, s);
	copy_view_init(&ret->view, s, quiet);
	ret->q = (struct copy_req){
		.policy = ret->policy,
		.os = g->os,
		.arch = g->arch,
		.variant = g->variant,
		.lists = a->all ? COPY_ALL : COPY_SYSTEM,
		.format = a->format,
		.preserve_digests = a->preserve_digests,
		.remove_signatures = a->remove_signatures,
		.sign_by = ret->sign_by.n ? &ret->sign_by : NULL,
		.sign_passphrase_file = a->passphrase_file,
		.sign_sigstore_key = a->sigstore_key,
		.interrupted = skopeo_interrupted,
		.event = copy_view_event,
		.ctx = &ret->view,
	};
	return 0;
}

void carry_done(struct carry *c)
{
	policy_close_p(&c->policy);
	strv_done(&c->sign_by);
	if (c->session)
		host_store_done(&c->hosts);
}

/* A name that is none is told from a place that can't be opened. */
static int not_opened(const char *which, const char *name, struct error *err)
{
	if (err->kind == ERR_USAGE)
		return error_context(err, "Invalid %s name %s", which, name);
	return error_context(err, "initializing %s %s", which, name);
}

/* Folders and registries are not looked at before somebody wants their manifest. What they say now is about the source; a registry is asked no other time. */
static int look_at_source(struct image_source *in, struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };

	return in->ops->manifest(in, NULL, &m, err);
}

/* What skopeo notices of it first is another thing. */
static bool is_folder(const struct image_source *in)
{
	return strcmp(in->policy_transport, "dir") == 0;
}

static int carry_once(struct carry *c, const char *from, const struct store_options *source, const char *to,
		      const struct store_options *destination, struct registry_manifest *ret_manifest, struct error *err)
{
	CLEANUP(image_source_close_p) struct image_source *in = NULL;
	CLEANUP(image_destination_close_p) struct image_destination *out = NULL;
	struct copy_req q = c->q;
	int r;

	if (image_source_open(from, source, c->hosts.extras, &in, err) < 0)
		return not_opened("source", from, err);
	if (image_destination_open(to, destination, c->hosts.extras, &out, err) < 0)
		return not_opened("destination", to, err);
	if (look_at_source(in, err) < 0)
		return error_context(err, "%s %s", is_folder(in) ? "determining manifest MIME type for" : "initializing source",
				     in->name);
	q.from = in;
	q.to = out;
	r = image_copy(&q, ret_manifest, err);
	copy_view_end(&c->view);
	return r;
}

int carry_image(struct carry *c, const char *from, const struct store_options *source, const char *to,
		const struct store_options *destination, struct registry_manifest *ret_manifest, struct error *err)
{
	struct retry retry;
	int r = retry_init(&retry, &c->args->retry, err);

	if (r < 0)
		return r;
	do
		r = carry_once(c, from, source, to, destination, ret_manifest, err);
	while (r < 0 && retry_again(&retry, err));
	return r < 0 ? skopeo_explain(err) : 0;
}
