/* cmd/podman/through_push.c: push by save and upload. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/units.h"
#include "cmd/podman/retries.h"
#include "cmd/podman/through.h"
#include "cmd/podman/transfer_view.h"
#include "cmd/session.h"
#include "config/registries.h"
#include "image/transfer.h"

struct pushing {
	struct session *session;
	struct engine *engine;
	const struct push_req *q;
	struct reference to;
	struct registry *registry;
	struct json_object *image; /* as the host inspects it */
	struct transfer_view view;
};

static void pushing_done(struct pushing *p)
{
	transfer_view_end(&p->view);
	registry_close_p(&p->registry);
	json_object_put(p->image);
	reference_done(&p->to);
}

/* Flags that only the host's own push can do: refused, never ignored. --remove-signatures and --compress have nothing to do here. */
static int refuse(const struct push_req *q, struct error *err)
{
	const struct {
		bool given;
		const char *flag;
	} rows[] = {
		{ q->sign_by, "--sign-by" },
		{ q->encryption_key, "--encryption-key" },
		{ q->encrypt_layers && q->encrypt_layers->n, "--encrypt-layer" },
		{ q->all, "--all" },
		{ q->format && strcmp(q->format, "v2s1") == 0, "--format v2s1" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].given)
			return error_set(err, ERR_UNSUPPORTED, "%s is not supported when the image goes to the registry through this machine", rows[i].flag);
	return 0;
}

/* Without --format: what the image is on the host. */
static int choose_format(const struct pushing *p, enum manifest_format *ret, struct error *err)
{
	const char *f = p->q->format;

	if (!f || !*f) {
		*ret = transfer_format(js_get_str(p->image, "ManifestType", ""));
		if (p->q->compression_format && strcmp(p->q->compression_format, "zstd") == 0)
			*ret = MANIFEST_FORMAT_OCI;
		return 0;
	}
	if (strcmp(f, "oci") != 0 && strcmp(f, "v2s2") != 0 && strcmp(f, "docker") != 0)
		return error_set(err, ERR_USAGE, "unknown format \"%s\". Choose on of the supported formats: 'oci', 'v2s1', or 'v2s2'", f);
	*ret = strcmp(f, "oci") == 0 ? MANIFEST_FORMAT_OCI : MANIFEST_FORMAT_DOCKER;
	return 0;
}

static int choose_compression(const struct push_req *q, struct push_archive *ret, struct error *err)
{
	int64_t level = 0;

	if (q->compression_format && (!compression_parse(q->compression_format, &ret->compression) ||
				      (ret->compression != COMPRESSION_GZIP && ret->compression != COMPRESSION_ZSTD)))
		return error_set(err, ERR_UNSUPPORTED, "--compression-format %s: layers can be sent with gzip and zstd", q->compression_format);
	if (q->compression_level && (!int_parse(str_from(q->compression_level), &level) || level < 0 || level > 22))
		return error_set(err, ERR_USAGE, "invalid argument \"%s\" for \"--compression-level\"", q->compression_level);
	ret->level = (int)level;
	ret->exact_compression = q->force_compression;
	return 0;
}

static int open_registry(struct pushing *p, const struct creds_args *a, struct error *err)
{
	CLEANUP(registries_close_p) struct registries *conf = NULL;
	CLEANUP(free_p) char *repository = reference_repository(&p->to);
	CLEANUP(credentials_done) struct credentials c = { 0 };
	bool insecure = false;
	int r;

	if (!repository)
		return error_set(err, ERR_SYSTEM, "out of memory");
	if ((r = registries_read(NULL, &conf, err)) < 0 || (r = registries_insecure(conf, repository, &insecure, err)) < 0 ||
	    (r = creds_registry(p->session, a, repository, insecure, &p->registry, err)) < 0 || (r = creds_resolve_key(a, repository, &c, err)) < 0)
		return r;
	/* Wrong ones are told before the host begins to write the image into a file. */
	return creds_found(&c) ? registry_login(p->registry, err) : 0;
}

static int push_once(struct pushing *p, struct push_archive *archive, char ret_digest[DIGEST_MAX], struct error *err)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	CLEANUP(download_close_p) struct download *d = NULL;
	int r;

	if (!strv_add(&names, p->q->name))
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = engine_image_save(p->engine, &(struct save_req){ .names = &names, .format = "docker-archive" }, &d, err);
	if (r < 0)
		return error_context(err, "the image could not be read from the host");
	archive->archive = download_source(d);
	r = transfer_push(p->registry, &p->to, archive, ret_digest, err);
	transfer_view_end(&p->view);
	return r;
}

/* Repeating is safe: layers that arrived are known and not sent again, and without its manifest the image is not there. */
static int push_image(struct pushing *p, char ret_digest[DIGEST_MAX], struct error *err)
{
	struct push_archive archive = { .event = transfer_view_event, .ctx = &p->view,
					.layers = js_len(js_get(js_get(p->image, "RootFS"), "Layers")) };
	struct retries again;
	int r;

	if ((r = choose_format(p, &archive.format, err)) < 0 || (r = choose_compression(p->q, &archive, err)) < 0 ||
	    (r = retries_parse(p->q->retry, p->q->retry_delay, &again, err)) < 0)
		return r;
	transfer_view_say(&p->view, "Getting image source signatures");
	/* What the registry has is not even read from the host. */
	r = transfer_push_known(p->registry, &p->to, &archive, js_get_str(p->image, "Id", ""), ret_digest, err);
	if (r != 0)
		return r;
	do
		r = push_once(p, &archive, ret_digest, err);
	while (r < 0 && retries_again(&again, p->session, p->q->quiet, err));
	return r;
}

int through_push(struct session *s, struct engine *e, const struct creds_args *a, const struct push_req *q, char **ret_digest, struct error *err)
{
	CLEANUP(pushing_done) struct pushing p = { .session = s, .engine = e, .q = q };
	CLEANUP(free_p) char *name = NULL;
	char digest[DIGEST_MAX];
	const char *to;
	int r;

	transfer_view_init(&p.view, s, q->quiet);
	if ((r = refuse(q, err)) < 0 || (r = through_registry_name(q->destination, &to, err)) < 0 || (r = reference_parse(to, &p.to, err)) < 0)
		return r;
	if (p.to.digest)
		return error_set(err, ERR_USAGE, "%s: an image can't be pushed to a digest", to);
	name = reference_string(&p.to);
	if ((r = engine_inspect(e, OBJECT_IMAGE, q->name, false, &p.image, err)) < 0)
		return r;
	if ((r = open_registry(&p, a, err)) < 0 || (r = push_image(&p, digest, err)) < 0)
		return error_context(err, "pushing %s to %s", q->name, name ? name : to);
	transfer_view_say(&p.view, "Writing manifest to image destination");
	*ret_digest = z_dup(digest);
	return *ret_digest ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}
