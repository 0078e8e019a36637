/* cmd/skopeo/copy.c: copy: one image, or all of a list, from one place to another. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "cmd/session.h"
#include "cmd/skopeo/carry.h"
#include "cmd/skopeo/commands.h"
#include "image/reference.h"

struct copy_args {
	struct carry_args carry;
	struct side_args src, dest;
	const char *multi_arch, *compress_format, *sign_identity;
	int64_t compress_level, parallel;
	struct strv additional_tags, encryption_keys, decryption_keys, encrypt_layers;
	bool quiet, compress, decompress, accept_uncompressed, precompute, force_compression;
};

#define A struct copy_args

static const struct opt copy_opts[] = {
	OPT_SLICE(0, "additional-tag", A, additional_tags, "strings", "Additional tags (of a docker-archive)"),
	OPT_INCLUDE(carry_opts, A, carry),
	{ .type = OPT_T_SLICE, .flags = OPT_HIDDEN, .long_name = "decryption-key", .offset = OPT_FIELD(A, decryption_keys, struct strv) },
	OPT_INCLUDE(side_dest_opts, A, dest),
	OPT_INCLUDE(side_dest_store_opts, A, dest),
	OPT_BOOL(0, "dest-compress", A, compress, "Compress the layers that a dir: destination gets"),
	{ .type = OPT_T_STR, .long_name = "dest-compress-format", .metavar = "FORMAT", .help = "Compression of layers at the destination",
	  .offset = OPT_FIELD(A, compress_format, const char *), .complete = "gzip|zstd" },
	OPT_INT(0, "dest-compress-level", A, compress_level, "LEVEL", "Level of the compression: gzip 1 to 9, zstd 1 to 20"),
	OPT_BOOL(0, "dest-decompress", A, decompress, "Decompress the layers that a dir: destination gets"),
	OPT_BOOL(0, "dest-force-compress-format", A, force_compression, "Compress layers anew that have another format"),
	OPT_BOOL(0, "dest-oci-accept-uncompressed-layers", A, accept_uncompressed, "Leave layers of an oci: destination uncompressed"),
	OPT_BOOL(0, "dest-precompute-digests", A, precompute, "Compress first and ask the registry then, so that what it has is not sent"),
	{ .type = OPT_T_SLICE, .flags = OPT_HIDDEN, .long_name = "encrypt-layer", .offset = OPT_FIELD(A, encrypt_layers, struct strv) },
	{ .type = OPT_T_SLICE, .flags = OPT_HIDDEN, .long_name = "encryption-key", .offset = OPT_FIELD(A, encryption_keys, struct strv) },
	OPT_UINT(0, "image-parallel-copies", A, parallel, "n", "Blobs that are copied at once"),
	{ .type = OPT_T_STR, .long_name = "multi-arch", .metavar = "string", .help = "What is copied of a list: system, all, or index-only",
	  .offset = OPT_FIELD(A, multi_arch, const char *), .complete = "system|all|index-only" },
	OPT_BOOL('q', "quiet", A, quiet, "Print no progress"),
	OPT_STR(0, "sign-identity", A, sign_identity, "string", "Identity in a signature (default: the name of the destination)"),
	OPT_INCLUDE(side_src_opts, A, src),
	OPT_INCLUDE(side_src_store_opts, A, src),
	OPT_END
};

/* ---- flags ------------------------------------------------------------------------------------------------------------- */

static int choose_lists(const struct copy_args *a, enum copy_lists *ret, struct error *err)
{
	static const char *const words[] = { [COPY_SYSTEM] = "system", [COPY_ALL] = "all", [COPY_INDEX_ONLY] = "index-only" };

	if (!a->multi_arch)
		return 0;
	if (a->carry.all)
		return error_set(err, ERR_USAGE, "Cannot use --all and --multi-arch flags together");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(a->multi_arch, words[i]) == 0) {
			*ret = (enum copy_lists)i;
			return 0;
		}
	return error_set(err, ERR_USAGE, "unknown multi-arch option \"%s\". Choose one of the supported options: 'system', 'all', or 'index-only'", a->multi_arch);
}

static int choose_compression(const struct copy_args *a, const char *to, struct copy_req *q, struct error *err)
{
	bool known = !a->compress_format || compression_parse(a->compress_format, &q->compression);

	if (a->compress && a->decompress)
		return error_set(err, ERR_USAGE, "initializing destination %s: Cannot compress and decompress at the same time", to);
	if (!known || (a->compress_format && q->compression != COMPRESSION_GZIP && q->compression != COMPRESSION_ZSTD))
		return error_set(err, ERR_USAGE, "cannot find compressor for \"%s\"", a->compress_format);
	if (a->force_compression && !a->compress_format)
		return error_set(err, ERR_USAGE, "--dest-force-compress-format needs --dest-compress-format");
	if (a->compress_level < 0 || a->compress_level > (q->compression == COMPRESSION_ZSTD ? 20 : 9))
		return error_set(err, ERR_USAGE, "--dest-compress-level %lld: gzip has 1 to 9, zstd 1 to 20", (long long)a->compress_level);
	q->compression_level = (int)a->compress_level;
	q->force_compression = a->force_compression;
	return 0;
}

static int full_tags(const struct strv *typed, struct strv *ret, struct error *err)
{
	for (size_t i = 0; i < typed->n; i++) {
		CLEANUP(reference_done) struct reference name = { 0 };
		int r = reference_parse(typed->v[i], &name, err);

		if (r < 0)
			return error_context(err, "error parsing additional-tag '%s'", typed->v[i]);
		if (!name.tag || name.digest)
			return error_set(err, ERR_USAGE, "additional-tag '%s' must be a tagged reference", typed->v[i]);
		if (!strv_take(ret, reference_string(&name)))
			return error_set(err, ERR_SYSTEM, "out of memory");
	}
	return 0;
}

/* Without keys the bytes would only be a riddle for their reader. */
static int refuse_encryption(const struct copy_args *a, struct error *err)
{
	const char *flag = a->encryption_keys.n ? "encryption-key" : a->decryption_keys.n ? "decryption-key" : a->encrypt_layers.n ? "encrypt-layer" : NULL;

	return flag ? error_set(err, ERR_UNSUPPORTED, "--%s: encrypted images are not supported", flag) : 0;
}

static int understand(const struct copy_args *a, const char *to, struct copy_req *q, struct error *err)
{
	int r = refuse_encryption(a, err);

	if (r == 0)
		r = choose_lists(a, &q->lists, err);
	if (r == 0)
		r = choose_compression(a, to, q, err);
	q->precompute_digests = a->precompute;
	q->parallel = a->parallel > INT16_MAX ? INT16_MAX : (int)a->parallel;
	q->sign_identity = a->sign_identity;
	return r;
}

/* ---- copy -------------------------------------------------------------------------------------------------------------- */

static int copy(struct carry *c, const struct copy_args *a, const struct strv *names, struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest written = { 0 };
	CLEANUP(side_done) struct side src = { 0 };
	CLEANUP(side_done) struct side dest = { 0 };
	CLEANUP(strv_done) struct strv tags = { 0 };
	int tls_verify = carry_tls_verify(c->session), r;

	if ((r = side_open(c->session, &a->src, a->carry.authfile, tls_verify, &src, err)) < 0 ||
	    (r = side_open(c->session, &a->dest, a->carry.authfile, tls_verify, &dest, err)) < 0 || (r = full_tags(&a->additional_tags, &tags, err)) < 0)
		return r;
	dest.o.compress = a->compress;
	dest.o.decompress = a->decompress;
	dest.o.accept_uncompressed = a->accept_uncompressed;
	dest.o.additional_tags = tags.n ? &tags : NULL;
	r = carry_image(c, names->v[0], &src.o, names->v[1], &dest.o, &written, err);
	if (r < 0 || !a->carry.digestfile)
		return r;
	if (path_write_atomic(a->carry.digestfile, str_from(written.digest), 0644, err) < 0)
		return error_context(err, "Failed to write digest to file \"%s\"", a->carry.digestfile);
	return 0;
}

static int copy_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct copy_args *a = args;
	CLEANUP(carry_done) struct carry c = { 0 };
	int r;

	if (names->n != 2) {
		error_set(err, ERR_USAGE, "Exactly two arguments expected");
		return error_hint(err, "skopeo copy SOURCE-IMAGE DESTINATION-IMAGE");
	}
	if ((r = carry_open(s, &a->carry, a->quiet, &c, err)) < 0 || (r = understand(a, names->v[1], &c.q, err)) < 0)
		return r;
	return copy(&c, a, names, err);
}

const struct cmd skopeo_copy = {
	.names = (const char *const[]){ "copy", NULL },
	.synopsis = "[options] SOURCE-IMAGE DESTINATION-IMAGE",
	.brief = "Copy an IMAGE-NAME from one location to another",
	.about = "Copies an image between registries, layouts and archives, without a host and without root. Names are TRANSPORT:DETAILS:\n\n"
		 "docker://NAME[:TAG|@DIGEST]  a registry\n"
		 "oci:PATH[:TAG]               an OCI layout\n"
		 "oci-archive:PATH[:TAG]       the same as a tar file\n"
		 "docker-archive:PATH[:NAME]   as docker save writes it\n"
		 "dir:PATH                     a folder of manifest and blobs\n"
		 "containers-storage:NAME      the images of the connected host\n"
		 "docker-daemon:NAME           the same",
	.examples = "skopeo copy docker://quay.io/skopeo/stable:latest docker://registry.example.com/skopeo:latest\n"
		    "skopeo copy --all docker://alpine oci:alpine:latest\n"
		    "skopeo copy docker://alpine docker-archive:alpine.tar:alpine:latest\n"
		    "skopeo copy docker://alpine containers-storage:alpine",
	.opts = copy_opts,
	.args_size = sizeof(struct copy_args),
	.max_names = CMD_ANY,
	.run = copy_run,
};
