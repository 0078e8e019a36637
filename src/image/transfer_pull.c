/* image/transfer_pull.c: an image of a registry as an oci-archive (OCI image layout 1.1 in a tar) while it is read.
 *
 * The manifest and the configuration go in as the registry has them, docker's as well: hosts take that (seen with Podman 1.6.2, 1.8.0, 1.9.3), and so
 * the image gets the ID that a pull would give it. index.json is last: an archive that breaks has none and can't be loaded. */
#include <stdio.h>
#include <stdlib.h>

#include "archive/tar.h"
#include "base/cleanup.h"
#include "base/js.h"
#include "image/blobs.h"
#include "image/flow.h"
#include "image/manifest.h"
#include "image/transfer.h"

#define NESTED_LISTS 4 /* lists in lists that are followed */
#define LAYOUT       "{\"imageLayoutVersion\": \"1.0.0\"}"
/* tar's blocking: sizes that differ by a multiple of it give archives that differ by just that. */
#define TAR_RECORD 10240
/* From here on headers have another form (POSIX.1-1988 keeps eleven octal digits). */
#define TAR_SMALL (INT64_C(1) << 33)

struct pull_archive {
	struct registry *registry;
	struct reference from; /* host and path only */
	struct registry_manifest manifest;
	struct json_object *doc;
	enum manifest_kind kind;
	struct manifest_blob config, *layers; /* each digest once; strings are in doc */
	size_t n_layers;
	char index[512];
	int64_t length;
	struct buf config_text;
};

/* ---- what there is --------------------------------------------------------------------------------------------------- */

static int get_manifest(struct pull_archive *p, const char *version, struct error *err)
{
	int r;

	registry_manifest_done(&p->manifest);
	p->manifest = (struct registry_manifest){ 0 };
	json_object_put(ptr_take(&p->doc));
	r = registry_manifest_get(p->registry, p->from.path, version, &p->manifest, err);
	if (r < 0)
		return r;
	return manifest_read(buf_str(&p->manifest.bytes), p->manifest.type, &p->doc, &p->kind, err);
}

static int get_image_manifest(struct pull_archive *p, const char *version, const char *os, const char *arch, const char *variant, struct error *err)
{
	int r = get_manifest(p, version, err);

	for (int depth = 0; r >= 0 && manifest_is_list(p->kind); depth++) {
		struct manifest_blob chosen;
		char digest[DIGEST_MAX];

		if (depth == NESTED_LISTS)
			return error_set(err, ERR_PROTOCOL, "manifest: lists in lists in lists");
		r = manifest_choose(p->doc, os, arch, variant, &chosen, err);
		if (r < 0)
			return r;
		snprintf(digest, sizeof digest, "%s", chosen.digest);
		r = get_manifest(p, digest, err);
	}
	if (r >= 0 && p->kind != MANIFEST_DOCKER && p->kind != MANIFEST_OCI)
		return error_set(err, ERR_UNSUPPORTED, "the image has a manifest of the old kind %s, which only the host itself can pull", manifest_type(p->kind));
	return r;
}

static bool has_blob(const struct pull_archive *p, const char *digest)
{
	bool found = strcmp(p->config.digest, digest) == 0;

	for (size_t i = 0; i < p->n_layers; i++)
		found |= strcmp(p->layers[i].digest, digest) == 0;
	return found;
}

static int read_config(struct pull_archive *p, struct error *err)
{
	int r = manifest_blob_read(js_get(p->doc, "config"), &p->config, err);

	if (r < 0)
		return error_context(err, "configuration");
	if (strcmp(p->config.type, manifest_config_type(MANIFEST_FORMAT_DOCKER)) != 0 &&
	    strcmp(p->config.type, manifest_config_type(MANIFEST_FORMAT_OCI)) != 0)
		return error_set(err, ERR_UNSUPPORTED, "it is no image of a container but an artifact of the type %.200s", p->config.type);
	if (strncmp(p->config.digest, "sha256:", 7) != 0)
		return error_set(err, ERR_UNSUPPORTED, "the digest %.16s... of the configuration can be no ID of an image", p->config.digest);
	return p->config.size <= MANIFEST_MAX_CONFIG ? 0 : error_set(err, ERR_PROTOCOL, "the configuration of the image is too large");
}

static int read_layers(struct pull_archive *p, struct error *err)
{
	struct json_object *layers = js_get(p->doc, "layers");
	size_t n = js_len(layers);

	if (n > MANIFEST_MAX_LAYERS)
		return error_set(err, ERR_PROTOCOL, "the image has %zu layers", n);
	p->layers = calloc(n + 1, sizeof *p->layers);
	if (!p->layers)
		return error_set(err, ERR_SYSTEM, "manifest: out of memory");
	for (size_t i = 0; i < n; i++) {
		struct manifest_blob b;
		int r = manifest_blob_read(js_at(layers, i), &b, err);

		if (r < 0)
			return error_context(err, "layer %zu of %zu", i + 1, n);
		if (!has_blob(p, b.digest))
			p->layers[p->n_layers++] = b;
	}
	return 0;
}

/* ---- the archive ----------------------------------------------------------------------------------------------------- */

/* One writing of the archive. */
struct writing {
	struct pull_archive *p;
	struct tar_writer *tar;
	transfer_fn *event;
	void *ctx;
	const struct manifest_blob *blob; /* under way */
	const char *what;
	int64_t moved;
	bool sink_failed;
};

static int begin(struct writing *w, const char *name, int64_t size, struct error *err)
{
	return tar_write_entry(w->tar, &(struct tar_entry){ .name = name, .type = TAR_FILE, .mode = 0644, .size = size }, err);
}

static int begin_blob(struct writing *w, const char *digest, int64_t size, struct error *err)
{
	char name[DIGEST_MAX + sizeof "blobs/"];
	struct str algorithm, hex;

	str_cut(str_from(digest), ':', &algorithm, &hex);
	snprintf(name, sizeof name, "blobs/%.*s/%.*s", STR_ARG(algorithm), STR_ARG(hex));
	return begin(w, name, size, err);
}

static int add_text(struct writing *w, const char *name, struct str text, struct error *err)
{
	int r = begin(w, name, (int64_t)text.n, err);

	return r < 0 ? r : tar_write_data(w->tar, text.p, text.n, err);
}

static void tell(const struct writing *w, enum transfer_state state)
{
	if (w->event)
		w->event(w->ctx, &(struct transfer_event){ state, w->what, w->blob->digest, w->moved, w->blob->size });
}

static int blob_piece(void *ctx, const void *p, size_t n, struct error *err)
{
	struct writing *w = ctx;
	int r;

	if ((int64_t)n > w->blob->size - w->moved)
		return error_set(err, ERR_PROTOCOL, "blob %s is longer than its manifest says", w->blob->digest);
	if (w->blob == &w->p->config && !buf_add_bytes(&w->p->config_text, p, n))
		return buf_check(&w->p->config_text, "configuration of the image", err);
	r = tar_write_data(w->tar, p, n, err);
	w->sink_failed |= r < 0;
	w->moved += (int64_t)n;
	if (r >= 0)
		tell(w, TRANSFER_MOVED);
	return r;
}

/* Which blob, for people: "layer 2 of 3". */
static int blob_failed(const struct writing *w, struct error *err)
{
	const struct pull_archive *p = w->p;
	const char *way = w->sink_failed ? "could not be written to the host" : "could not be read from";

	if (w->blob == &p->config)
		return error_context(err, "the configuration %s%s%s", way, w->sink_failed ? "" : " ", w->sink_failed ? "" : p->from.host);
	return error_context(err, "layer %zu of %zu %s%s%s", (size_t)(w->blob - p->layers) + 1, p->n_layers, way, w->sink_failed ? "" : " ",
			     w->sink_failed ? "" : p->from.host);
}

static int add_blob(struct writing *w, const struct manifest_blob *b, const char *what, struct error *err)
{
	struct byte_sink sink = { blob_piece, w };
	int r;

	w->blob = b;
	w->what = what;
	w->moved = 0;
	tell(w, TRANSFER_STARTED);
	r = begin_blob(w, b->digest, b->size, err);
	w->sink_failed = r < 0;
	if (r >= 0)
		r = registry_blob_get(w->p->registry, w->p->from.path, b->digest, b->size, &sink, err);
	if (r < 0)
		return blob_failed(w, err);
	tell(w, TRANSFER_DONE);
	return 0;
}

/* In the place of a blob only what its size does to the length: the rest of full records is added by the caller. */
static int add_zeros(struct writing *w, const struct manifest_blob *b, int64_t *spared, struct error *err)
{
	static const char zeros[BYTES_PIECE];
	int64_t left = b->size < TAR_SMALL ? b->size % TAR_RECORD : b->size;
	int r;

	*spared += b->size - left;
	r = begin_blob(w, b->digest, left, err);
	while (r >= 0 && left > 0) {
		size_t n = left < (int64_t)sizeof zeros ? (size_t)left : sizeof zeros;

		r = tar_write_data(w->tar, zeros, n, err);
		left -= (int64_t)n;
	}
	return r;
}

/* Everything, blobs really or (spared) as what they do to the length. */
static int write_archive(struct writing *w, int64_t *spared, struct error *err)
{
	struct pull_archive *p = w->p;
	struct str manifest = buf_str(&p->manifest.bytes);
	int r = add_text(w, "oci-layout", STR(LAYOUT), err);

	if (r >= 0)
		r = spared ? add_zeros(w, &p->config, spared, err) : add_blob(w, &p->config, "config", err);
	for (size_t i = 0; r >= 0 && i < p->n_layers; i++)
		r = spared ? add_zeros(w, &p->layers[i], spared, err) : add_blob(w, &p->layers[i], "blob", err);
	if (r < 0 || (r = begin_blob(w, p->manifest.digest, (int64_t)manifest.n, err)) < 0 ||
	    (r = tar_write_data(w->tar, manifest.p, manifest.n, err)) < 0 || (r = add_text(w, "index.json", str_from(p->index), err)) < 0)
		return r;
	return tar_writer_end(w->tar, err);
}

static int count(void *ctx, const void *p, size_t n, struct error *err)
{
	(void)p;
	(void)err;
	*(int64_t *)ctx += (int64_t)n;
	return 0;
}

/* Whatever the tar writer does about headers and blocks: it is run once without the blobs. */
static int measure(struct pull_archive *p, struct error *err)
{
	CLEANUP(tar_writer_close_p) struct tar_writer *tar = NULL;
	int64_t written = 0, spared = 0;
	int r = tar_writer_open(&(struct byte_sink){ count, &written }, &tar, err);

	if (r >= 0)
		r = write_archive(&(struct writing){ .p = p, .tar = tar }, &spared, err);
	p->length = written + spared;
	return r;
}

/* ---- the face -------------------------------------------------------------------------------------------------------- */

static int open_archive(struct pull_archive *p, struct error *err)
{
	int r, n;

	if ((r = read_config(p, err)) < 0 || (r = read_layers(p, err)) < 0)
		return r;
	n = snprintf(p->index, sizeof p->index, "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu}]}",
		     manifest_type(p->kind), p->manifest.digest, p->manifest.bytes.n);
	if (n < 0 || (size_t)n >= sizeof p->index)
		return error_set(err, ERR_SYSTEM, "index.json is too long");
	return measure(p, err);
}

int transfer_pull_open(struct registry *r, const struct reference *from, const char *os, const char *arch, const char *variant,
		       struct pull_archive **ret, struct error *err)
{
	CLEANUP(transfer_pull_close_p) struct pull_archive *p = calloc(1, sizeof *p);
	int n;

	if (!p)
		return error_set(err, ERR_SYSTEM, "pull: out of memory");
	p->registry = r;
	p->from = (struct reference){ .host = z_dup(from->host), .path = z_dup(from->path) };
	p->config_text = BUF_INIT(MANIFEST_MAX_CONFIG);
	if (!p->from.host || !p->from.path)
		return error_set(err, ERR_SYSTEM, "pull: out of memory");
	if ((n = get_image_manifest(p, reference_version(from), os, arch, variant, err)) < 0 || (n = open_archive(p, err)) < 0)
		return n;
	*ret = ptr_take(&p);
	return 0;
}

const char *transfer_pull_id(const struct pull_archive *p)
{
	return p->config.digest + strlen("sha256:");
}

int64_t transfer_pull_length(const struct pull_archive *p)
{
	return p->length;
}

/* A later push of an image that stands on these layers need not send them. */
static void learn(struct pull_archive *p)
{
	CLEANUP(blobs_close_p) struct blob_cache *cache = NULL;
	CLEANUP(js_put_p) struct json_object *config = NULL;

	if (js_parse(buf_str(&p->config_text), "configuration", &config, NULL) < 0 || blobs_open(&cache, NULL) < 0)
		return;
	flow_remember(cache, &p->from, p->doc, config);
	blobs_save(cache);
}

int transfer_pull_run(struct pull_archive *p, const struct byte_sink *sink, transfer_fn *event, void *ctx, struct error *err)
{
	CLEANUP(tar_writer_close_p) struct tar_writer *tar = NULL;
	int r = tar_writer_open(sink, &tar, err);

	buf_clear(&p->config_text);
	if (r >= 0)
		r = write_archive(&(struct writing){ .p = p, .tar = tar, .event = event, .ctx = ctx }, NULL, err);
	if (r >= 0)
		learn(p);
	return r;
}

void transfer_pull_close_p(struct pull_archive **pp)
{
	struct pull_archive *p = *pp;

	if (p) {
		registry_manifest_done(&p->manifest);
		json_object_put(p->doc);
		reference_done(&p->from);
		buf_done(&p->config_text);
		free(p->layers);
	}
	free(ptr_take(pp));
}
