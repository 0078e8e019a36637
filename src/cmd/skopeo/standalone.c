/* cmd/skopeo/standalone.c: what works on files alone: digests and signatures of manifests, keys. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/path.h"
#include "base/wipe.h"
#include "cmd/session.h"
#include "cmd/skopeo/commands.h"
#include "image/policy.h"
#include "output/json.h"
#include "registry/registry.h"
#include "term/term.h"

#define SIGNATURE_MAX (4 * 1024 * 1024)

/* ---- files ------------------------------------------------------------------------------------------------------------- */

static int read_file(const char *path, const char *what, struct buf *ret, struct error *err)
{
	int r = path_read(path, ret, err);

	return r < 0 ? error_context(err, "Error reading %s %s", what, path) : 0;
}


static int manifest_digest(const char *path, char ret[DIGEST_MAX], struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	CLEANUP(buf_done) struct buf bytes = BUF_INIT(REGISTRY_MAX_MANIFEST);
	int r = read_file(path, "manifest from", &bytes, err);

	if (r == 0)
		r = registry_manifest_of(&bytes, NULL, "", &m, err);
	if (r < 0)
		return r;
	memcpy(ret, m.digest, DIGEST_MAX);
	return 0;
}

/* ---- manifest-digest ----------------------------------------------------------------------------------------------------- */

static int manifest_digest_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	char digest[DIGEST_MAX];
	int r = manifest_digest(names->v[0], digest, err);

	(void)args;
	if (r == 0)
		fprintf(session_out(s), "%s\n", digest);
	return r;
}

const struct cmd skopeo_manifest_digest = {
	.names = (const char *const[]){ "manifest-digest", NULL },
	.synopsis = "MANIFEST-FILE",
	.brief = "Compute a manifest digest of a file",
	.about = "Prints the digest by which a registry would know the manifest in a file.",
	.examples = "skopeo manifest-digest manifest.json",
	.min_names = 1,
	.max_names = 1,
	.complete = "@file",
	.run = manifest_digest_run,
};

/* ---- standalone-sign, standalone-verify ---------------------------------------------------------------------------------- */

struct sign_args {
	const char *output, *passphrase_file;
};

static const struct opt sign_opts[] = {
	{ .type = OPT_T_STR, .short_name = 'o', .long_name = "output", .metavar = "SIGNATURE", .help = "Write the signature to SIGNATURE",
	  .offset = OPT_FIELD(struct sign_args, output, const char *), .complete = "@file" },
	{ .type = OPT_T_STR, .long_name = "passphrase-file", .metavar = "PATH", .help = "Read the passphrase of the key from PATH",
	  .offset = OPT_FIELD(struct sign_args, passphrase_file, const char *), .complete = "@file" },
	OPT_END
};

static int sign_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct sign_args *a = args;
	CLEANUP(buf_done) struct buf signature = { 0 };
	char digest[DIGEST_MAX];
	int r;

	(void)s;
	if (!a->output)
		return error_set(err, ERR_USAGE, "standalone-sign needs --output SIGNATURE");
	r = manifest_digest(names->v[0], digest, err);
	if (r < 0)
		return r;
	r = signature_make(names->v[1], digest, names->v[2], a->passphrase_file, &signature, err);
	if (r < 0)
		return error_context(err, "Error creating signature");
	r = path_write_atomic(a->output, buf_str(&signature), 0644, err);
	return r < 0 ? error_context(err, "Error writing signature to %s", a->output) : 0;
}

const struct cmd skopeo_standalone_sign = {
	.names = (const char *const[]){ "standalone-sign", NULL },
	.synopsis = "[options] MANIFEST DOCKER-REFERENCE KEY-FINGERPRINT --output|-o SIGNATURE",
	.brief = "Create a signature using local files",
	.about = "Signs the digest of a manifest under a name with a key of GnuPG's keyring and writes the signature to a file.",
	.examples = "skopeo standalone-sign manifest.json registry.example.com/ns/name:tag 1D8230F6CDB6A06716E414C1DB72F2188BB46CC8 -o name.signature",
	.opts = sign_opts,
	.args_size = sizeof(struct sign_args),
	.min_names = 3,
	.max_names = 3,
	.complete = "@file",
	.run = sign_run,
};

struct verify_args {
	const char *public_key_file;
};

static const struct opt verify_opts[] = {
	{ .type = OPT_T_STR, .long_name = "public-key-file", .metavar = "PATH", .help = "Public keys to use in the place of GnuPG's own keyring",
	  .offset = OPT_FIELD(struct verify_args, public_key_file, const char *), .complete = "@file" },
	OPT_END
};

static int verify_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct verify_args *a = args;
	CLEANUP(buf_done) struct buf signature = BUF_INIT(SIGNATURE_MAX);
	char digest[DIGEST_MAX];
	int r = manifest_digest(names->v[0], digest, err);

	if (r == 0)
		r = read_file(names->v[3], "signature from", &signature, err);
	if (r < 0)
		return r;
	r = signature_verify(buf_str(&signature), names->v[1], digest, names->v[2], a->public_key_file, err);
	if (r < 0)
		return error_context(err, "Error verifying signature");
	fprintf(session_out(s), "Signature verified, digest %s\n", digest);
	return 0;
}

const struct cmd skopeo_standalone_verify = {
	.names = (const char *const[]){ "standalone-verify", NULL },
	.synopsis = "[options] MANIFEST DOCKER-REFERENCE KEY-FINGERPRINTS SIGNATURE",
	.brief = "Verify a signature using local files",
	.about = "Checks that a signature in a file is for this manifest and name, and by one of these keys (with commas between them).\n"
		 "With --public-key-file, \"any\" stands for all keys of that file.",
	.examples = "skopeo standalone-verify manifest.json registry.example.com/ns/name:tag 1D8230F6CDB6A06716E414C1DB72F2188BB46CC8 name.signature\n"
		    "skopeo standalone-verify --public-key-file key.asc manifest.json registry.example.com/ns/name:tag any name.signature",
	.opts = verify_opts,
	.args_size = sizeof(struct verify_args),
	.min_names = 4,
	.max_names = 4,
	.complete = "@file",
	.run = verify_run,
};

/* ---- untrusted-signature-dump-without-verification ------------------------------------------------------------------------ */

static int dump_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf signature = BUF_INIT(SIGNATURE_MAX), text = BUF_INIT(SIGNATURE_MAX);
	int r = read_file(names->v[0], "untrusted signature from", &signature, err);

	(void)args;
	if (r < 0)
		return r;
	r = signature_dump(buf_str(&signature), &o, err);
	if (r < 0)
		return error_context(err, "Error decoding untrusted signature");
	json_format(o, 4, 0, true, &text);
	r = buf_check(&text, "signature", err);
	if (r == 0)
		fprintf(session_out(s), "%s\n", buf_z(&text));
	return r;
}

const struct cmd skopeo_signature_dump = {
	.names = (const char *const[]){ "untrusted-signature-dump-without-verification", NULL },
	.synopsis = "SIGNATURE",
	.brief = "Dump contents of a signature WITHOUT VERIFYING IT",
	.about = "Prints what a signature says of itself. Nothing of it is checked: it is for finding out why a verification fails.",
	.min_names = 1,
	.max_names = 1,
	.hidden = true,
	.complete = "@file",
	.run = dump_run,
};

/* ---- generate-sigstore-key ------------------------------------------------------------------------------------------------ */

struct key_args {
	const char *prefix, *passphrase_file;
};

static const struct opt key_opts[] = {
	{ .type = OPT_T_STR, .long_name = "output-prefix", .metavar = "PREFIX", .help = "Write the keys to PREFIX.pub and PREFIX.private",
	  .offset = OPT_FIELD(struct key_args, prefix, const char *), .complete = "@file" },
	{ .type = OPT_T_STR, .long_name = "passphrase-file", .metavar = "PATH", .help = "Read the passphrase of the private key from PATH",
	  .offset = OPT_FIELD(struct key_args, passphrase_file, const char *), .complete = "@file" },
	OPT_END
};

static int ask_passphrase(char **ret, struct error *err)
{
	CLEANUP(wipe_free_p) char *first = NULL;
	CLEANUP(wipe_free_p) char *second = NULL;
	int r = term_ask("Passphrase for the new private key: ", false, &first, err);

	if (r == 0)
		r = term_ask("The same again: ", false, &second, err);
	if (r < 0)
		return error_hint(err, "without a terminal: --passphrase-file PATH");
	if (strcmp(first, second) != 0)
		return error_set(err, ERR_USAGE, "the two passphrases differ");
	*ret = ptr_take(&first);
	return 0;
}

static int key_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct key_args *a = args;
	CLEANUP(wipe_free_p) char *passphrase = NULL;
	int r;

	(void)names;
	if (!a->prefix || !a->prefix[0])
		return error_set(err, ERR_USAGE, "generate-sigstore-key needs --output-prefix PREFIX");
	r = a->passphrase_file ? signature_passphrase_read(a->passphrase_file, &passphrase, err) : ask_passphrase(&passphrase, err);
	if (r == 0)
		r = sigstore_key_make(a->prefix, passphrase, err);
	if (r == 0)
		fprintf(session_out(s), "Key written to \"%s.private\" and \"%s.pub\"\n", a->prefix, a->prefix);
	return r;
}

const struct cmd skopeo_generate_sigstore_key = {
	.names = (const char *const[]){ "generate-sigstore-key", NULL },
	.synopsis = "[options] --output-prefix PREFIX",
	.brief = "Generate a sigstore public/private key pair",
	.about = "Makes a pair of keys for sigstore signatures: PREFIX.pub for policies, and PREFIX.private, encrypted with a passphrase as cosign does.",
	.examples = "skopeo generate-sigstore-key --output-prefix mykey",
	.opts = key_opts,
	.args_size = sizeof(struct key_args),
	.run = key_run,
};
