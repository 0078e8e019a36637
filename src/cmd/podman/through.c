/* cmd/podman/through.c: names, registries, pull. The other direction is in through_push.c. */
#include "cmd/podman/through.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/retries.h"
#include "cmd/podman/transfer_view.h"
#include "cmd/session.h"
#include "config/registries.h"
#include "image/transfer.h"

/* ---- names ----------------------------------------------------------------------------------------------------------- */

int through_registry_name(const char *typed, const char **ret, struct error *err)
{
	static const char *const others[] = { "dir:", "oci:", "oci-archive:", "docker-archive:", "docker-daemon:", "containers-storage:", "ostree:", "sif:" };
	static const char scheme[] = "docker://";

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strncmp(typed, others[i], strlen(others[i])) == 0)
			return error_set(err, ERR_UNSUPPORTED, "%s: only images of registries can go through this machine", typed);
	*ret = strncmp(typed, scheme, strlen(scheme)) == 0 ? typed + strlen(scheme) : typed;
	return 0;
}

int through_candidates(const char *typed, struct strv *ret, struct error *err)
{
	CLEANUP(registries_close_p) struct registries *conf = NULL;
	CLEANUP(reference_done) struct reference name = { 0 };
	const struct strv *search;
	const char *text = NULL, *alias;
	bool ok = true;
	int r;

	if ((r = through_registry_name(typed, &text, err)) < 0 || (r = reference_parse_short(text, &name, err)) < 0 ||
	    (r = registries_read(NULL, &conf, err)) < 0)
		return r;
	alias = name.host ? NULL : registries_alias(conf, name.path);
	search = registries_search(conf);
	if (name.host)
		ok = strv_add(ret, text);
	else if (alias)
		ok = strv_addf(ret, "%s%s", alias, text + strlen(name.path));
	else if (!search || search->n == 0)
		ok = strv_addf(ret, "docker.io/%s%s", strchr(name.path, '/') ? "" : "library/", text);
	for (size_t i = 0; !name.host && !alias && search && i < search->n; i++)
		ok &= strv_addf(ret, "%s/%s%s", search->v[i], strcmp(search->v[i], "docker.io") == 0 && !strchr(name.path, '/') ? "library/" : "", text);
	return ok ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- registries to read from ----------------------------------------------------------------------------------------- */

static int open_place(struct session *s, const struct creds_args *a, const struct registry_place *place, struct registry **ret, struct error *err)
{
	struct creds_args mirror = *a;

	/* What was typed on the command line is meant for the registry that was named. */
	mirror.creds = NULL;
	mirror.cert_dir = NULL;
	mirror.given = (struct flags){ 0 };
	return creds_registry(s, place->mirror ? &mirror : a, place->repository, place->insecure, ret, err);
}

/* One question to the places of a repository, mirrors first, until one has an answer. */
typedef int ask_fn(void *ctx, struct registry *r, const struct reference *at, struct error *err);

static int ask_place(struct session *s, const struct creds_args *a, const struct registry_place *place, const struct reference *image,
		     struct registry **ret_registry, ask_fn *ask, void *ctx, struct error *err)
{
	CLEANUP(registry_close_p) struct registry *registry = NULL;
	CLEANUP(reference_done) struct reference at = { 0 };
	int r;

	if ((r = reference_parse(place->repository, &at, err)) < 0 || (r = open_place(s, a, place, &registry, err)) < 0)
		return r;
	at.tag = z_dup(image->tag);
	at.digest = z_dup(image->digest);
	r = ask(ctx, registry, &at, err);
	if (r >= 0)
		*ret_registry = ptr_take(&registry);
	return r;
}

static int ask_places(struct session *s, const struct creds_args *a, const char *name, struct registry **ret_registry, ask_fn *ask, void *ctx,
		      struct error *err)
{
	CLEANUP(registries_close_p) struct registries *conf = NULL;
	CLEANUP(registry_places_done) struct registry_places places = { 0 };
	CLEANUP(reference_done) struct reference image = { 0 };
	CLEANUP(free_p) char *repository = NULL;
	int r;

	if ((r = reference_parse(name, &image, err)) < 0 || (r = registries_read(NULL, &conf, err)) < 0)
		return r;
	repository = reference_repository(&image);
	if (!repository)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = registries_resolve(conf, repository, image.digest != NULL, &places, err);
	for (size_t i = 0; r >= 0 && i < places.n; i++) {
		error_clear(err);
		r = ask_place(s, a, &places.v[i], &image, ret_registry, ask, ctx, err);
		if (r >= 0 || r == -ERR_INTERRUPTED || i + 1 == places.n)
			break;
		r = 0;
	}
	return r;
}

/* ---- pull ------------------------------------------------------------------------------------------------------------ */

struct pulling {
	struct session *session;
	struct engine *engine;
	const struct pull_req *q;
	char *os, *arch;             /* of the host, where the request has none */
	struct registry *registry;
	struct pull_archive *archive;
	bool source_failed; /* the archive's making, not the host that takes it */
	struct transfer_view view;
};

static void pulling_done(struct pulling *p)
{
	transfer_view_end(&p->view);
	transfer_pull_close_p(&p->archive);
	registry_close_p(&p->registry);
	free(p->os);
	free(p->arch);
}

/* The image is for the host, whatever this machine is. */
static int ask_platform(struct pulling *p, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *version = NULL;
	struct str os, arch;
	int r;

	if (p->q->os && p->q->arch)
		return 0;
	r = engine_version(p->engine, &version, err);
	if (r < 0)
		return r;
	str_cut(js_text(js_get(version, "OsArch")), '/', &os, &arch);
	p->os = os.n ? str_dup(os) : NULL;
	p->arch = arch.n ? str_dup(arch) : NULL;
	return 0;
}

static int open_image(void *ctx, struct registry *r, const struct reference *at, struct error *err)
{
	struct pulling *p = ctx;

	return transfer_pull_open(r, at, p->q->os ? p->q->os : p->os, p->q->arch ? p->q->arch : p->arch, p->q->variant, &p->archive, err);
}

static int produce(void *ctx, const struct byte_sink *to, struct error *err)
{
	struct pulling *p = ctx;
	int r;

	transfer_view_say(&p->view, "Getting image source signatures");
	r = transfer_pull_run(p->archive, to, transfer_view_event, &p->view, err);
	p->source_failed = r < 0;
	if (r >= 0)
		transfer_view_say(&p->view, "Writing manifest to image destination");
	return r;
}

/* Loading is safe to repeat: a host keeps nothing of an archive that broke, and has an image twice never. */
static int load(struct pulling *p, struct error *err)
{
	struct byte_producer archive = { produce, p, transfer_pull_length(p->archive), .again = true };
	struct retries again;
	int r = retries_parse(p->q->retry, p->q->retry_delay, &again, err);

	if (r < 0)
		return r;
	do {
		CLEANUP(strv_done) struct strv names = { 0 };

		r = engine_image_load(p->engine, &archive, &names, err);
		transfer_view_end(&p->view);
		if (r < 0 && !p->source_failed)
			error_context(err, "the image could not be loaded on the host");
	} while (r < 0 && retries_again(&again, p->session, p->q->quiet, err));
	return r;
}

/* A name with a digest stays as it is, as hosts keep it after a pull of their own. */
static int full_tag(const char *name, char **ret, struct error *err)
{
	CLEANUP(reference_done) struct reference image = { 0 };
	int r = reference_parse(name, &image, err);

	if (r < 0)
		return r;
	if (image.digest) {
		free(ptr_take(&image.tag));
	} else if (!image.tag) {
		image.tag = z_dup("latest");
	}
	*ret = reference_string(&image);
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int pull_candidate(struct pulling *p, const struct creds_args *a, const char *name, char **ret_id, struct error *err)
{
	CLEANUP(free_p) char *tag = NULL;
	CLEANUP(free_p) char *id = NULL;
	CLEANUP(buf_done) struct buf trying = BUF_INIT(8 * 1024);
	bool here = false;
	int r = full_tag(name, &tag, err);

	if (r < 0)
		return r;
	buf_addf(&trying, "Trying to pull %s...", tag);
	transfer_view_say(&p->view, buf_z(&trying));
	r = ask_places(p->session, a, name, &p->registry, open_image, p, err);
	if (r < 0)
		return error_context(err, "initializing source docker://%s", tag);
	id = z_dup(transfer_pull_id(p->archive));
	if (!id)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = engine_exists(p->engine, OBJECT_IMAGE, id, &here, err);
	if (r >= 0 && !here)
		r = load(p, err);
	if (r >= 0)
		r = engine_image_tag(p->engine, id, tag, err);
	if (r < 0)
		return error_context(err, "pulling %s", tag);
	*ret_id = ptr_take(&id);
	return 0;
}

int through_pull(struct session *s, struct engine *e, const struct creds_args *a, const struct pull_req *q, char **ret_id, struct error *err)
{
	CLEANUP(pulling_done) struct pulling p = { .session = s, .engine = e, .q = q };
	CLEANUP(strv_done) struct strv names = { 0 };
	int r;

	transfer_view_init(&p.view, s, q->quiet);
	if ((r = through_candidates(q->reference, &names, err)) < 0 || (r = ask_platform(&p, err)) < 0)
		return r;
	for (size_t i = 0; i < names.n; i++) {
		error_clear(err);
		r = pull_candidate(&p, a, names.v[i], ret_id, err);
		/* A registry that was found to have it is the one. */
		if (r >= 0 || p.archive || r == -ERR_INTERRUPTED)
			break;
	}
	return r;
}

/* ---- questions ------------------------------------------------------------------------------------------------------- */

static int ask_tags(void *ctx, struct registry *r, const struct reference *at, struct error *err)
{
	strv_clear(ctx);
	return registry_tags(r, at->path, ctx, err);
}

int through_tags(struct session *s, const struct creds_args *a, const char *typed, struct strv *ret, struct error *err)
{
	CLEANUP(registry_close_p) struct registry *registry = NULL;
	CLEANUP(reference_done) struct reference image = { 0 };
	CLEANUP(strv_done) struct strv names = { 0 }, tags = { 0 };
	CLEANUP(free_p) char *repository = NULL;
	bool ok = true;
	int r = through_candidates(typed, &names, err);

	if (r < 0 || (r = reference_parse(names.v[0], &image, err)) < 0)
		return r;
	if (image.tag || image.digest)
		return error_set(err, ERR_USAGE, "tag can't be used with --all-tags");
	repository = reference_repository(&image);
	if (!repository)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = ask_places(s, a, names.v[0], &registry, ask_tags, &tags, err);
	if (r < 0)
		return error_context(err, "reading the tags of %s", repository);
	for (size_t i = 0; i < tags.n; i++)
		ok &= strv_addf(ret, "%s:%s", repository, tags.v[i]);
	return ok ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int ask_digest(void *ctx, struct registry *r, const struct reference *at, struct error *err)
{
	int n = registry_manifest_head(r, at->path, reference_version(at), ctx, err);

	return n == 0 ? error_set(err, ERR_NOT_FOUND, "manifest unknown") : n;
}

int through_digest(struct session *s, const struct creds_args *a, const char *image, char ret[DIGEST_MAX], struct error *err)
{
	CLEANUP(registry_close_p) struct registry *registry = NULL;
	const char *name;
	int r = through_registry_name(image, &name, err);

	return r < 0 ? r : ask_places(s, a, name, &registry, ask_digest, ret, err);
}
