/* cmd/podman/push.c */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/path.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/progress.h"
#include "cmd/podman/retries.h"
#include "cmd/podman/through.h"
#include "cmd/session.h"
#include "image/reference.h"

struct push_args {
	bool all_tags, compress, disable_content_trust, force_compression, quiet, remove_signatures;
	const char *compression_format, *digestfile, *encryption_key, *format, *retry_delay, *sign_by;
	struct strv encrypt_layers;
	struct creds_args creds;
	struct flags given; /* numbers, which are sent only when they were typed */
};

static const struct opt push_opts[] = {
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .short_name = 'a', .long_name = "all-tags", .help = "Push all tags of the repository, as docker does",
	  .offset = OPT_FIELD(struct push_args, all_tags, bool) },
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .long_name = "compress", .help = "Compress layers in a folder (dir:) on the host",
	  .offset = OPT_FIELD(struct push_args, compress, bool) },
	{ .type = OPT_T_STR, .long_name = "compression-format", .metavar = "string", .help = "Compression of the layers: gzip or zstd",
	  .offset = OPT_FIELD(struct push_args, compression_format, const char *), .complete = "gzip|zstd|zstd:chunked" },
	{ .type = OPT_T_INT, .flags = OPT_BAG, .long_name = "compression-level", .metavar = "level", .help = "Level of the compression",
	  .offset = offsetof(struct push_args, given) },
	OPT_INCLUDE(creds_opts, struct push_args, creds),
	{ .type = OPT_T_STR, .long_name = "digestfile", .metavar = "file", .help = "Write the digest of what was pushed to this file",
	  .offset = OPT_FIELD(struct push_args, digestfile, const char *), .complete = "@file" },
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .long_name = "disable-content-trust", .dflt = "true", .help = "Docker's; has no effect, in podman neither",
	  .offset = OPT_FIELD(struct push_args, disable_content_trust, bool) },
	OPT_SLICE(0, "encrypt-layer", struct push_args, encrypt_layers, "index", "Layers that are encrypted; negative ones count from the end"),
	OPT_STR(0, "encryption-key", struct push_args, encryption_key, "key", "Key for the encryption, such as jwe:/path/to/key.pem"),
	OPT_BOOL(0, "force-compression", struct push_args, force_compression, "Use the compression format even where the registry has the layer in another"),
	{ .type = OPT_T_STR, .short_name = 'f', .long_name = "format", .metavar = "string", .help = "Kind of manifest: oci, v2s2, v2s1 (default: the image's own)",
	  .offset = OPT_FIELD(struct push_args, format, const char *), .complete = "oci|v2s2|v2s1" },
	OPT_BOOL('q', "quiet", struct push_args, quiet, "Say nothing while the image is pushed"),
	OPT_BOOL(0, "remove-signatures", struct push_args, remove_signatures, "Leave out signatures of the image"),
	{ .type = OPT_T_UINT, .flags = OPT_BAG, .long_name = "retry", .help = "How often a failing push is tried again",
	  .offset = offsetof(struct push_args, given) },
	OPT_STR(0, "retry-delay", struct push_args, retry_delay, "string", "Time between two tries"),
	OPT_STR(0, "sign-by", struct push_args, sign_by, "key", "Sign with this key of the host"),
	OPT_END
};

/* ---- where to -------------------------------------------------------------------------------------------------------- */

/* "web" is "quay.io/me/web:latest" when the host calls the image so. */
static const char *name_that_ends(struct json_object *names, const char *typed)
{
	CLEANUP(buf_done) struct buf plain = BUF_INIT(8 * 1024), latest = BUF_INIT(8 * 1024);

	buf_addf(&plain, "/%s", typed);
	buf_addf(&latest, "/%s:latest", typed);
	for (size_t i = 0; i < js_len(names); i++) {
		struct str name = js_text(js_at(names, i));

		if (str_ends(name, buf_str(&plain)) || str_ends(name, buf_str(&latest)))
			return json_object_get_string(js_at(names, i));
	}
	return js_len(names) ? json_object_get_string(js_at(names, 0)) : NULL;
}

/* Without a destination: the image's own full name. */
static int own_name(struct engine *e, const char *typed, char **ret, struct error *err)
{
	CLEANUP(reference_done) struct reference name = { 0 };
	CLEANUP(js_put_p) struct json_object *image = NULL;
	const char *full = typed;
	int r = reference_parse_short(typed, &name, err);

	if (r < 0)
		return r;
	if (!name.host) {
		r = engine_inspect(e, OBJECT_IMAGE, typed, false, &image, err);
		if (r < 0)
			return r;
		full = name_that_ends(js_get(image, "RepoTags"), typed);
		if (!full)
			return error_set(err, ERR_USAGE, "%s has no name: say where it is to be pushed", typed);
	}
	*ret = z_dup(full);
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- one push -------------------------------------------------------------------------------------------------------- */

struct pushing {
	struct session *session;
	struct engine *engine;
	const struct creds_args *creds;
};

static int by_host(const struct pushing *p, struct push_req q, char **ret_digest, struct error *err)
{
	CLEANUP(free_p) char *auth = NULL;
	const char *name;
	int r = 0;

	/* Folders and archives on the host need no credentials. */
	if (engine_can(p->engine, ENGINE_PUSH_AUTH) && through_registry_name(q.destination, &name, NULL) >= 0)
		r = creds_header(p->creds, name, &auth, err);
	if (r < 0)
		return r;
	q.auth = auth;
	q.tls_verify = creds_tls_verify(p->creds);
	return engine_image_push(p->engine, &q, q.quiet ? NULL : progress_line, p->session, ret_digest, err);
}

/* A host that does not know --retry itself is asked again. */
static int by_host_again(const struct pushing *p, struct push_req q, char **ret_digest, struct error *err)
{
	struct retries again;
	int r = retries_parse(q.retry, q.retry_delay, &again, err);

	q.retry = q.retry_delay = NULL;
	if (r < 0)
		return r;
	do
		r = by_host(p, q, ret_digest, err);
	while (r < 0 && retries_again(&again, p->session, q.quiet, err));
	return r;
}

static int push_one(const struct pushing *p, const struct push_req *q, char **ret_digest, struct error *err)
{
	CLEANUP(error_done) struct error why = ERROR_INIT;
	const char *name = NULL;
	bool registry = through_registry_name(q->destination, &name, NULL) >= 0, ours = registry && p->creds->cert_dir;
	int r = 0;

	if (registry && !ours && !engine_can(p->engine, ENGINE_PUSH_AUTH))
		r = creds_count(p->creds, name, &ours, err);
	if (r < 0)
		return r;
	if (ours)
		return through_push(p->session, p->engine, p->creds, q, ret_digest, err);
	r = by_host(p, *q, ret_digest, &why);
	if (r == -ERR_UNSUPPORTED && (q->retry || q->retry_delay)) {
		error_clear(&why);
		r = by_host_again(p, *q, ret_digest, &why);
	}
	if (r == -ERR_UNSUPPORTED && registry)
		return through_push(p->session, p->engine, p->creds, q, ret_digest, err);
	return r < 0 ? error_move(err, &why) : r;
}

/* The digest into its file, at once and only when all went well. Services before 4.6 and varlink hosts don't tell it: then the registry is asked. */
static int write_digest(const struct pushing *p, const struct push_req *q, const char *digest, const char *path, struct error *err)
{
	char asked[DIGEST_MAX];
	int r;

	if (!digest) {
		r = through_digest(p->session, p->creds, q->destination, asked, err);
		if (r < 0)
			return error_context(err, "the image was pushed, but its digest for %s can't be found out", path);
		digest = asked;
	}
	return path_write_atomic(path, str_from(digest), 0644, err);
}

static int push_and_tell(const struct pushing *p, const struct push_req *q, const char *digestfile, struct error *err)
{
	CLEANUP(free_p) char *digest = NULL;
	int r = push_one(p, q, &digest, err);

	if (r >= 0 && digestfile)
		r = write_digest(p, q, digest, digestfile, err);
	if (r >= 0 && digest && !q->quiet)
		fprintf(session_err(p->session), "Digest: %s\n", digest);
	return r;
}

/* ---- all tags -------------------------------------------------------------------------------------------------------- */

struct tags_ctx {
	const char *repository; /* "host/path", or "/path" for a short name */
	struct strv names;
};

static int add_tags(void *ctx, struct json_object *image, struct error *err)
{
	struct tags_ctx *c = ctx;
	struct json_object *tags = js_get(image, "RepoTags");

	for (size_t i = 0; i < js_len(tags); i++) {
		struct str name = js_text(js_at(tags, i)), repository = name;

		while (repository.n && repository.p[repository.n - 1] != ':')
			repository.n--;
		repository.n -= repository.n > 0;
		if ((*c->repository == '/' ? str_ends(repository, str_from(c->repository)) : str_eq_z(repository, c->repository)) &&
		    !strv_add_str(&c->names, name))
			return error_set(err, ERR_SYSTEM, "out of memory");
	}
	return 0;
}

static int all_tags(struct engine *e, const char *typed, struct strv *ret, struct error *err)
{
	CLEANUP(reference_done) struct reference name = { 0 };
	CLEANUP(buf_done) struct buf repository = BUF_INIT(8 * 1024);
	struct tags_ctx c = { 0 };
	int r = reference_parse_short(typed, &name, err);

	if (r < 0)
		return r;
	if (name.tag || name.digest)
		return error_set(err, ERR_USAGE, "tag can't be used with --all-tags/-a");
	buf_addf(&repository, "%s/%s", name.host ? name.host : "", name.path);
	c.repository = buf_z(&repository);
	r = engine_image_list(e, &(struct image_list_req){ .all = false }, add_tags, &c, err);
	*ret = c.names;
	if (r >= 0 && ret->n == 0)
		return error_set(err, ERR_NOT_FOUND, "An image does not exist locally with the tag: %s", typed);
	return r;
}

/* ---- the command ----------------------------------------------------------------------------------------------------- */

static int push_tags(const struct pushing *p, struct push_req *q, const struct push_args *a, const char *typed, struct error *err)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	int r = all_tags(p->engine, typed, &names, err);

	for (size_t i = 0; r >= 0 && i < names.n; i++) {
		q->name = q->destination = names.v[i];
		r = push_and_tell(p, q, a->digestfile, err);
	}
	return r;
}

static int push_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct push_args *a = args;
	struct push_req q = { .name = names->v[0], .format = a->format, .compression_format = a->compression_format,
			      .compression_level = flags_get(&a->given, "compression-level"), .sign_by = a->sign_by,
			      .retry = flags_get(&a->given, "retry"), .retry_delay = a->retry_delay, .encryption_key = a->encryption_key,
			      .encrypt_layers = &a->encrypt_layers, .compress = a->compress, .force_compression = a->force_compression,
			      .remove_signatures = a->remove_signatures, .quiet = a->quiet };
	struct pushing p = { .session = s, .creds = &a->creds };
	CLEANUP(free_p) char *own = NULL;
	CLEANUP(free_p) char *kept = NULL;
	int r;

	if (a->all_tags && names->n > 1)
		return error_set(err, ERR_USAGE, "a destination can't be used with --all-tags/-a");
	if ((r = creds_ask(&a->creds, &kept, err)) < 0 || (r = session_engine(s, &p.engine, err)) < 0)
		return r;
	if (a->all_tags)
		return push_tags(&p, &q, a, names->v[0], err);
	if (names->n < 2 && (r = own_name(p.engine, names->v[0], &own, err)) < 0)
		return r;
	q.destination = names->n > 1 ? names->v[1] : own;
	return push_and_tell(&p, &q, a->digestfile, err);
}

const struct cmd cmd_push = {
	.names = (const char *const[]){ "push", "image push", NULL },
	.synopsis = "[options] IMAGE [DESTINATION]",
	.brief = "Push an image to a specified destination",
	.about = "Pushes an image of the host to a registry, or to a folder or archive on the host. Credentials of this machine (podman login, --creds,\n"
		 "--authfile) go to the registry that they are for. Where the host's protocol can't take them, the image streams through this\n"
		 "machine, which sends the registry what it does not have.",
	.examples = "podman push quay.io/me/web:1.2\npodman push --creds me:secret localhost/web registry.example.com/web\npodman push --digestfile web.digest web "
		    "registry.example.com/web",
	.opts = push_opts,
	.args_size = sizeof(struct push_args),
	.min_names = 1,
	.max_names = 2,
	.complete = "@image",
	.run = push_run,
};
