/* cmd/skopeo/sync.c: sync: many images from registries, folders or a file of names to a registry or a folder. What is there already, by its digest, is not copied. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/log.h"
#include "base/path.h"
#include "cmd/session.h"
#include "cmd/skopeo/carry.h"
#include "cmd/skopeo/commands.h"
#include "cmd/skopeo/globals.h"
#include "cmd/skopeo/sync_sources.h"
#include "cmd/skopeo/sync_yaml.h"
#include "image/manifest.h"

struct sync_args {
	struct carry_args carry;
	struct side_args src, dest;
	const char *source, *destination, *append_suffix;
	bool dry_run, keep_going, scoped;
};

#define A struct sync_args

static const struct opt sync_opts[] = {
	OPT_STR(0, "append-suffix", A, append_suffix, "string", "String to append to destination tags"),
	OPT_INCLUDE(carry_opts, A, carry),
	{ .type = OPT_T_STR,
	  .short_name = 'd',
	  .long_name = "dest",
	  .metavar = "string",
	  .help = "Transport to copy to: docker or dir",
	  .offset = OPT_FIELD(A, destination, const char *),
	  .complete = "docker|dir" },
	OPT_INCLUDE(side_dest_opts, A, dest),
	OPT_BOOL(0, "dry-run", A, dry_run, "Say what would be copied"),
	OPT_BOOL(0, "keep-going", A, keep_going, "Go on with the next image when one fails"),
	OPT_BOOL(0, "scoped", A, scoped, "Put images at the destination below their source's whole name"),
	{ .type = OPT_T_STR,
	  .short_name = 's',
	  .long_name = "src",
	  .metavar = "string",
	  .help = "Transport to copy from: docker, dir or yaml",
	  .offset = OPT_FIELD(A, source, const char *),
	  .complete = "docker|dir|yaml" },
	OPT_INCLUDE(side_src_opts, A, src),
	OPT_END
};

/* One run. */
struct sync {
	struct session *session;
	const struct sync_args *args;
	const char *destination; /* as typed */
	struct carry carry;
	struct side src, dest;
	struct sync_sources sources;
	struct buf digests; /* lines of --digestfile */
	size_t copied;
	bool failed;
};

#define DIGESTS_MAX (16 * 1024 * 1024)

static void sync_done(struct sync *s)
{
	carry_done(&s->carry);
	side_done(&s->src);
	side_done(&s->dest);
	sync_sources_done(&s->sources);
	buf_done(&s->digests);
}

/* One image on its way. */
struct image {
	const char *from;
	char *to;
	struct store_options source;
	char there[DIGEST_MAX]; /* of what the destination has under this name; "": nothing */
};

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

static bool is_dir(const char *name)
{
	return str_starts(str_from(name), STR("dir:"));
}

/* ---- where to ---------------------------------------------------------------------------------------------------------- */

/* What stands for the image below the destination. */
static const char *suffix_of(const struct sync *s, const struct sync_repo *repo, const char *from)
{
	const char *suffix = from + strlen("docker://"), *slash;

	if (repo->base) {
		suffix = from + strlen("dir:") + strlen(repo->base);
		suffix += strspn(suffix, "/");
		if (!*suffix && !s->args->scoped)
			suffix = repo->base;
		else if (!*suffix)
			suffix = strrchr(repo->base, '/') ? strrchr(repo->base, '/') + 1 : repo->base;
	}
	slash = strrchr(suffix, '/');
	return !s->args->scoped && slash ? slash + 1 : suffix;
}

static int destination_of(const struct sync *s, const struct sync_repo *repo, const char *from, char **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(8192);
	struct str base = str_from(s->destination);

	while (base.n > 1 && base.p[base.n - 1] == '/')
		base.n--;
	buf_addf(&name, "%s%.*s/%s%s", strcmp(s->args->destination, "dir") == 0 ? "dir:" : "docker://", STR_ARG(base),
		 suffix_of(s, repo, from), s->args->append_suffix ? s->args->append_suffix : "");
	*ret = buf_take(&name);
	return *ret ? 0 : no_memory(err);
}

/* ---- is it there already? ---------------------------------------------------------------------------------------------- */

static int dir_digest(const char *name, const struct store_options *o, char ret[DIGEST_MAX], struct error *err)
{
	CLEANUP(image_source_close_p) struct image_source *in = NULL;
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	int r = image_source_open(name, o, NULL, &in, err);

	if (r == 0)
		r = in->ops->manifest(in, NULL, &m, err);
	if (r == 0)
		memcpy(ret, m.digest, DIGEST_MAX);
	return r;
}

/* A folder that is no image, too, is not overwritten. */
static int look_at_destination(const struct sync *s, struct image *i, struct error *err)
{
	CLEANUP(error_done) struct error no_image = ERROR_INIT;
	struct stat st;
	int r = 0;

	if (!is_dir(i->to)) {
		r = image_digest(i->to, &s->dest.o, true, i->there, err);
		if (r == -ERR_USAGE)
			return error_context(err,
					     "Cannot obtain a valid image reference for transport \"docker\" and reference \"%s\"",
					     i->to + strlen("docker:"));
		/* What else is wrong with the registry the copy tells, with its retries. */
		return r < 0 && r != -ERR_INTERRUPTED ? error_clear(err) : r;
	}
	if (lstat(i->to + strlen("dir:"), &st) < 0)
		return errno == ENOENT ? 0 : error_set_errno(err, "Destination directory could not be used");
	if (dir_digest(i->to, &s->dest.o, i->there, &no_image) < 0)
		r = error_set(err, ERR_CONFLICT, "Refusing to overwrite destination directory \"%s\"", i->to + strlen("dir:"));
	return r;
}

/* What a copy of a list for one platform writes is a child of it. */
static int chosen_digest(const struct sync *s, const struct image *i, char ret[DIGEST_MAX], struct error *err)
{
	CLEANUP(image_source_close_p) struct image_source *in = NULL;
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	const struct copy_req *q = &s->carry.q;
	struct manifest_blob chosen;
	enum manifest_kind kind;
	int r;

	if ((r = image_source_open(i->from, &i->source, NULL, &in, err)) < 0 || (r = in->ops->manifest(in, NULL, &m, err)) < 0 ||
	    (r = manifest_read(buf_str(&m.bytes), m.type, &doc, &kind, err)) < 0)
		return r;
	memcpy(ret, m.digest, DIGEST_MAX);
	if (!manifest_is_list(kind) || q->lists == COPY_ALL)
		return 0;
	r = manifest_choose(doc, q->os, q->arch, q->variant, &chosen, err);
	if (r == 0)
		snprintf(ret, DIGEST_MAX, "%s", chosen.digest);
	return r;
}

/* 1: the same is there. A copy to another format has another digest; it is made anew. A source that can't be asked fails where it is copied, with the retries. */
static int is_there(const struct sync *s, struct image *i, struct error *err)
{
	CLEANUP(error_done) struct error later = ERROR_INIT;
	char digest[DIGEST_MAX] = "";
	int r = look_at_destination(s, i, err);

	if (r < 0 || !*i->there)
		return r;
	if (is_dir(i->from))
		dir_digest(i->from, &i->source, digest, &later);
	else if (image_digest(i->from, &i->source, false, digest, &later) < 0)
		return 0;
	if (strcmp(digest, i->there) != 0 && s->carry.q.lists != COPY_ALL && chosen_digest(s, i, digest, &later) < 0)
		return 0;
	return strcmp(digest, i->there) == 0;
}

/* ---- one image --------------------------------------------------------------------------------------------------------- */

/* dir: makes its own folder, not those above. */
static int make_parents(const char *to, struct error *err)
{
	CLEANUP(free_p) char *parent = is_dir(to) ? z_dup(to + strlen("dir:")) : NULL;
	char *slash = parent ? strrchr(parent, '/') : NULL;
	int r;

	if (!slash || slash == parent)
		return 0;
	*slash = '\0';
	r = path_make_dirs(parent, 0755, err);
	return r < 0 ? error_context(err, "Error creating directory for image %s", to + strlen("dir:")) : 0;
}

static int carry(struct sync *s, const struct image *i, struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest written = { 0 };
	int r;

	if (is_dir(i->to) && *i->there)
		return error_set(err, ERR_CONFLICT, "Refusing to overwrite destination directory \"%s\"", i->to + strlen("dir:"));
	r = make_parents(i->to, err);
	if (r == 0)
		r = carry_image(&s->carry, i->from, &i->source, i->to, &s->dest.o, &written, err);
	if (r == 0)
		buf_addf(&s->digests, "%s %s\n", written.digest, i->to);
	return r;
}

static int copy_one(struct sync *s, const struct sync_repo *repo, size_t n, struct error *err)
{
	struct image i = { .from = repo->images.v[n], .source = sync_repo_options(repo, &s->src.o) };
	CLEANUP(free_p) char *to = NULL;
	char text[96];
	int r = destination_of(s, repo, i.from, &to, err);

	if (r < 0)
		return r;
	i.to = to;
	snprintf(text, sizeof text, "%s image ref %zu/%zu", s->args->dry_run ? "Would have copied" : "Copying", n + 1,
		 repo->images.n);
	log_fields(LOG_INFO_, text, (const struct log_field[]){ { "from", i.from }, { "to", to } }, 2);
	if (s->args->dry_run)
		return 0;
	r = is_there(s, &i, err);
	if (r == 0)
		return carry(s, &i, err);
	if (r < 0)
		return r;
	fprintf(session_out(s->session), "Skipping: image already present at destination\n");
	buf_addf(&s->digests, "%s %s\n", i.there, to);
	return session_flush(s->session, err);
}

/* ---- all of them ------------------------------------------------------------------------------------------------------- */

static int copy_repo(struct sync *s, const struct sync_repo *repo, struct error *err)
{
	for (size_t n = 0; n < repo->images.n; n++) {
		int r = copy_one(s, repo, n, err);

		if (r == 0) {
			s->copied++;
			continue;
		}
		if (r < 0)
			error_context(err, "Error copying ref \"%s\"", repo->images.v[n]);
		if (!s->args->keep_going || err->kind == ERR_INTERRUPTED)
			return r;
		log_msg(LOG_ERROR_, "%s", err->text);
		error_clear(err);
		s->failed = true;
	}
	return 0;
}

static int find_sources(struct sync *s, const char *what, struct error *err)
{
	struct retry retry;
	int r = retry_init(&retry, &s->args->carry.retry, err);

	if (r < 0)
		return r;
	if (strcmp(s->args->source, "dir") == 0)
		return sync_sources_dir(what, &s->sources, err);
	if (strcmp(s->args->source, "yaml") == 0)
		return sync_sources_yaml(what, &s->src.o, &s->sources, &s->failed, err);
	do {
		sync_sources_done(&s->sources);
		s->sources = (struct sync_sources){ 0 };
		r = sync_sources_docker(what, &s->src.o, &s->sources, err);
	} while (r < 0 && retry_again(&retry, err));
	return r;
}

static int finish(struct sync *s, struct error *err)
{
	const char *file = s->args->carry.digestfile;

	if (s->args->dry_run)
		log_msg(LOG_INFO_, "Would have synced %zu images from %zu sources", s->copied, s->sources.n);
	else
		log_msg(LOG_INFO_, "Synced %zu images from %zu sources", s->copied, s->sources.n);
	if (file && !s->args->dry_run &&
	    (buf_check(&s->digests, "digests", err) < 0 || path_write_atomic(file, buf_str(&s->digests), 0644, err) < 0))
		return error_context(err, "Failed to write digests to file \"%s\"", file);
	if (s->failed)
		return error_set(err, ERR_REMOTE, "Sync failed due to previous reported error(s) for one or more images");
	return 0;
}

static int sync_all(struct sync *s, const char *what, struct error *err)
{
	int r = find_sources(s, what, err);

	if (r == 0 && s->args->dry_run)
		log_warn("Running in dry-run mode");
	for (size_t i = 0; r == 0 && i < s->sources.n; i++)
		r = copy_repo(s, &s->sources.v[i], err);
	return r < 0 ? skopeo_explain(err) : finish(s, err);
}

/* ---- sync -------------------------------------------------------------------------------------------------------------- */

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

static int check(const struct sync_args *a, const struct strv *names, struct error *err)
{
	if (names->n != 2)
		return error_set(err, ERR_USAGE, "Exactly two arguments expected");
	if (!a->source || !*a->source)
		return error_set(err, ERR_USAGE, "A source transport must be specified");
	if (!is_one_of(a->source, (const char *const[]){ "docker", "dir", "yaml", NULL }))
		return error_set(err, ERR_USAGE, "\"%s\" is not a valid source transport", a->source);
	if (!a->destination || !*a->destination)
		return error_set(err, ERR_USAGE, "A destination transport must be specified");
	if (!is_one_of(a->destination, (const char *const[]){ "docker", "dir", NULL }))
		return error_set(err, ERR_USAGE, "\"%s\" is not a valid destination transport", a->destination);
	if (strcmp(a->source, "dir") == 0 && strcmp(a->destination, "dir") == 0)
		return error_set(err, ERR_USAGE, "sync from 'dir' to 'dir' not implemented, consider using rsync instead");
	return 0;
}

static int sync_run(struct session *session, void *args, const struct strv *names, struct error *err)
{
	const struct sync_args *a = args;
	CLEANUP(sync_done) struct sync s = { .session = session, .args = a, .digests = BUF_INIT(DIGESTS_MAX) };
	int tls_verify, r = check(a, names, err);

	if (r < 0 || (r = carry_open(session, &a->carry, false, &s.carry, err)) < 0)
		return r;
	tls_verify = carry_tls_verify(session);
	s.destination = names->v[1];
	if ((r = side_open(session, &a->src, a->carry.authfile, tls_verify, &s.src, err)) < 0 ||
	    (r = side_open(session, &a->dest, a->carry.authfile, tls_verify, &s.dest, err)) < 0)
		return r;
	return sync_all(&s, names->v[0], err);
}

const struct cmd skopeo_sync = {
	.names = (const char *const[]){ "sync", NULL },
	.synopsis = "[options] --src TRANSPORT --dest TRANSPORT SOURCE DESTINATION",
	.brief = "Synchronize one or more images from one location to another",
	.about =
		"Copies all images that a SOURCE has. SOURCE is a repository with or without a tag (docker), a folder with images below it (dir) or a file that names "
		"registries, images and tags (yaml). DESTINATION is a registry with a path (docker) or a folder (dir). Images whose digest the destination has are skipped.",
	.examples = "skopeo sync --src docker --dest dir --scoped registry.example.com/busybox /media/usb\n"
		    "skopeo sync --src dir --dest docker /media/usb my-registry.local.lan/test/\n"
		    "skopeo sync --src docker --dest docker --all registry.example.com/busybox my-registry.local.lan/test\n"
		    "skopeo sync --src yaml --dest docker sync.yml my-registry.local.lan/repo/",
	.opts = sync_opts,
	.args_size = sizeof(struct sync_args),
	.max_names = CMD_ANY,
	.run = sync_run,
};
