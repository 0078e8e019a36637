/* image/transfer_push.c: a docker-archive becomes blobs and a manifest of a registry while it is read. */
#include <stdio.h>
#include <stdlib.h>

#include "archive/tar.h"
#include "base/cleanup.h"
#include "base/js.h"
#include "image/blobs.h"
#include "image/flow.h"
#include "image/manifest.h"
#include "image/transfer.h"

#define TEXTS_MAX       256                /* JSON files of an archive */
#define TEXTS_MAX_BYTES (16 * 1024 * 1024) /* of all of them */
#define CANDIDATES      8                  /* blobs of the cache that a registry is asked for, for one layer */

struct push {
	struct registry *registry;
	const struct reference *to;
	const struct push_archive *q;
	struct blob_cache *cache;
	struct tar_reader *tar;
	struct json_object *layers; /* content -> its descriptor in the registry */
	struct json_object *texts;  /* name -> content of the JSON files */
	size_t n_layers, texts_bytes;
	bool seeded;
};

static void push_done(struct push *p)
{
	if (p->cache)
		blobs_save(p->cache);
	blobs_close_p(&p->cache);
	tar_reader_close_p(&p->tar);
	json_object_put(p->layers);
	json_object_put(p->texts);
}

static void tell(const struct push *p, struct transfer_event e)
{
	if (p->q->event)
		p->q->event(p->q->ctx, &e);
}

static enum compression wanted_compression(const struct push *p)
{
	return p->q->compression == COMPRESSION_NONE ? COMPRESSION_GZIP : p->q->compression;
}

/* "layer 2 of 3" */
static const char *layer_name(const struct push *p, char *z, size_t size)
{
	if (p->q->layers)
		snprintf(z, size, "layer %zu of %zu", p->n_layers, p->q->layers);
	else
		snprintf(z, size, "layer %zu", p->n_layers);
	return z;
}

/* ---- what the registry has already ----------------------------------------------------------------------------------- */

/* What the image has that this push replaces is known without a cache: its manifest and its configuration tell. Nothing that goes wrong here matters, the layers are
 * sent then. */
static void seed_from_registry(struct push *p)
{
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	CLEANUP(js_put_p) struct json_object *doc = NULL, *config = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT(MANIFEST_MAX_CONFIG);
	CLEANUP(error_done) struct error why = ERROR_INIT;
	struct byte_sink sink = bytes_to_buf(&text);
	struct manifest_blob b;
	enum manifest_kind kind;

	p->seeded = true;
	if (registry_manifest_get(p->registry, p->to->path, reference_version(p->to), &m, &why) < 0 ||
	    manifest_read(buf_str(&m.bytes), m.type, &doc, &kind, &why) < 0 || manifest_blob_read(js_get(doc, "config"), &b, &why) < 0 ||
	    registry_blob_get(p->registry, p->to->path, b.digest, b.size, &sink, &why) < 0 ||
	    js_parse(buf_str(&text), "configuration", &config, &why) < 0)
		return;
	flow_remember(p->cache, p->to, doc, config);
}

static int ask_for(struct push *p, const struct cached_blob *c, struct error *err)
{
	CLEANUP(error_done) struct error why = ERROR_INIT;
	bool here = strcmp(c->registry, p->to->host) == 0, same = here && strcmp(c->repository, p->to->path) == 0;
	int64_t size = c->size;
	int r = here && !same ? registry_blob_mount(p->registry, p->to->path, c->digest, c->repository, &why)
			      : registry_blob_head(p->registry, p->to->path, c->digest, &size, &why);

	if (r > 0)
		return size == c->size;
	if (r == -ERR_CONNECT || r == -ERR_INTERRUPTED)
		return error_move(err, &why);
	if (r == 0 && same)
		blobs_forget(p->cache, c->registry, c->repository, c->digest);
	return 0;
}

static int try_cached(struct push *p, const char *content, struct json_object **ret, struct error *err)
{
	struct cached_blob found[CANDIDATES];
	size_t n = blobs_find(p->cache, p->to->host, p->to->path, content, found, CANDIDATES);

	for (size_t i = 0; i < n; i++) {
		enum compression c = manifest_layer_compression(found[i].type);
		const char *type = manifest_layer_type(p->q->format, c);
		CLEANUP(js_put_p) struct json_object *layer = NULL;
		int r;

		if (!type || c == COMPRESSION_NONE || (p->q->exact_compression && c != wanted_compression(p)))
			continue;
		/* Forgetting it would free what it is made of. */
		layer = flow_descriptor(type, found[i].digest, found[i].size);
		r = ask_for(p, &found[i], err);
		if (r > 0)
			*ret = ptr_take(&layer);
		if (r != 0)
			return r;
	}
	return 0;
}

/* 1: the registry has the layer, *ret is its descriptor. */
static int find_layer(struct push *p, const char *content, struct json_object **ret, struct error *err)
{
	int r = try_cached(p, content, ret, err);

	if (r != 0 || p->seeded)
		return r;
	seed_from_registry(p);
	return try_cached(p, content, ret, err);
}

/* ---- layers ---------------------------------------------------------------------------------------------------------- */

static void remember(struct push *p, const char *content, struct json_object *layer)
{
	blobs_add(p->cache, &(struct cached_blob){ .registry = p->to->host, .repository = p->to->path, .content = content,
						   .digest = js_get_str(layer, "digest", ""), .type = js_get_str(layer, "mediaType", ""),
						   .size = js_get_int(layer, "size", 0) });
	js_set(p->layers, content, json_object_get(layer));
}

struct moving {
	struct push *push;
	const char *content;
	int64_t total;
};

static void layer_moved(void *ctx, int64_t moved)
{
	const struct moving *m = ctx;

	tell(m->push, (struct transfer_event){ TRANSFER_MOVED, "blob", m->content ? m->content : "", moved, m->total });
}

/* content: the diff ID that the archive claims; NULL: none. */
static int send_layer(struct push *p, const char *content, int64_t size, struct error *err)
{
	struct moving moving = { p, content, size };
	CLEANUP(flow_close_p) struct flow *flow = NULL;
	CLEANUP(js_put_p) struct json_object *layer = NULL;
	char digest[DIGEST_MAX], real[DIGEST_MAX], name[64];
	struct blob_upload u = { 0 };
	int64_t sent;
	int r = flow_open(p->tar, wanted_compression(p), p->q->level, layer_moved, &moving, &flow, err);

	if (r < 0)
		return r;
	tell(p, (struct transfer_event){ TRANSFER_STARTED, "blob", content ? content : "", 0, size });
	u.source = flow_source(flow);
	r = registry_blob_put(p->registry, p->to->path, &u, digest, &sent, err);
	layer_name(p, name, sizeof name);
	if (r < 0)
		return flow_failed(flow) ? error_context(err, "%s could not be read from the host", name)
					 : error_context(err, "%s could not be written to %s", name, p->to->host);
	flow_content(flow, real);
	if (content && strcmp(content, real) != 0)
		return error_set(err, ERR_PROTOCOL, "%s of the archive is not %s, as its name says, but %s", name, content, real);
	layer = flow_descriptor(manifest_layer_type(p->q->format, wanted_compression(p)), digest, sent);
	remember(p, real, layer);
	tell(p, (struct transfer_event){ TRANSFER_DONE, "blob", real, size, size });
	return 0;
}

static int skip_layer(struct push *p, const char *content, int64_t size, struct json_object *layer)
{
	remember(p, content, layer);
	tell(p, (struct transfer_event){ TRANSFER_SKIPPED, "blob", content, size, size });
	return 0;
}

/* "HEX.tar", as podman writes them, says what is in it. */
static bool content_of(const char *name, char ret[DIGEST_MAX])
{
	const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	struct str hex;

	str_cut(str_from(base), '.', &hex, NULL);
	snprintf(ret, DIGEST_MAX, "sha256:%.*s", (int)(hex.n < 65 ? hex.n : 65), hex.p);
	return digest_valid(str_from(ret));
}

static int take_layer(struct push *p, const struct tar_entry *e, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *layer = NULL;
	char content[DIGEST_MAX], name[64];
	int64_t size = e->size;
	int r;

	if (++p->n_layers > MANIFEST_MAX_LAYERS)
		return error_set(err, ERR_PROTOCOL, "the archive has more than %d layers", MANIFEST_MAX_LAYERS);
	if (!content_of(e->name, content))
		return send_layer(p, NULL, size, err);
	if (js_get(p->layers, content))
		return 0;
	r = find_layer(p, content, &layer, err);
	if (r < 0)
		return error_context(err, "%s could not be looked up in %s", layer_name(p, name, sizeof name), p->to->host);
	return r > 0 ? skip_layer(p, content, size, layer) : send_layer(p, content, size, err);
}

/* ---- the archive ----------------------------------------------------------------------------------------------------- */

static int take_text(struct push *p, const struct tar_entry *e, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(MANIFEST_MAX_CONFIG);
	CLEANUP(free_p) char *name = z_dup(e->name);
	ssize_t n = 1;

	if (json_object_object_length(p->texts) >= TEXTS_MAX)
		return error_set(err, ERR_PROTOCOL, "the archive has more than %d JSON files", TEXTS_MAX);
	while (n > 0) {
		char *to = buf_reserve(&text, 16 * 1024);

		if (!to)
			return error_set(err, ERR_PROTOCOL, "%s of the archive is too large", e->name);
		n = tar_read_data(p->tar, to, 16 * 1024, err);
		text.n += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		return (int)n;
	p->texts_bytes += text.n;
	if (p->texts_bytes > TEXTS_MAX_BYTES)
		return error_set(err, ERR_PROTOCOL, "the JSON files of the archive are too large");
	return name && js_set(p->texts, name, js_strn(buf_str(&text))) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* Folders, links to layers and the files of older docker versions are not needed. */
static int take_entry(struct push *p, const struct tar_entry *e, struct error *err)
{
	if (e->type != TAR_FILE)
		return 0;
	if (str_ends(str_from(e->name), STR(".tar")))
		return take_layer(p, e, err);
	return str_ends(str_from(e->name), STR(".json")) ? take_text(p, e, err) : 0;
}

static int read_archive(struct push *p, struct error *err)
{
	int r = tar_reader_open(&p->q->archive, &p->tar, err);

	while (r >= 0) {
		struct tar_entry e;

		r = tar_read_entry(p->tar, &e, err);
		if (r == 0)
			return 0;
		if (r < 0)
			return error_context(err, "the image could not be read from the host");
		r = take_entry(p, &e, err);
	}
	return r;
}

/* ---- configuration and manifest -------------------------------------------------------------------------------------- */

static int find_config(struct push *p, struct str *ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *list = NULL;
	struct json_object *text = js_get(p->texts, "manifest.json");
	const char *name;
	int r;

	if (!text)
		return error_set(err, ERR_PROTOCOL, "the archive has no manifest.json: it is no docker-archive, or not all of it");
	r = js_parse(js_text(text), "manifest.json of the archive", &list, err);
	if (r < 0)
		return r;
	if (js_len(list) != 1)
		return error_set(err, ERR_PROTOCOL, "the archive has %zu images instead of one", js_len(list));
	name = js_get_str(js_at(list, 0), "Config", "");
	text = js_get(p->texts, name);
	if (!text)
		return error_set(err, ERR_PROTOCOL, "the archive has no configuration \"%s\"", name);
	*ret = js_text(text);
	return 0;
}

/* The layers in the order of the configuration, which says what they must be. */
static int manifest_layers(struct push *p, struct str config, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *doc = NULL, *layers = json_object_new_array();
	struct json_object *ids;
	int r = js_parse(config, "configuration of the image", &doc, err);

	if (r < 0)
		return r;
	ids = js_get(js_get(doc, "rootfs"), "diff_ids");
	for (size_t i = 0; i < js_len(ids); i++) {
		CLEANUP(free_p) char *id = str_dup(js_text(js_at(ids, i)));
		struct json_object *layer = id ? js_get(p->layers, id) : NULL;

		if (!layer)
			return error_set(err, ERR_PROTOCOL, "the archive lacks layer %zu of %zu, %s", i + 1, js_len(ids), id ? id : "");
		json_object_array_add(layers, json_object_get(layer));
	}
	*ret = ptr_take(&layers);
	return 0;
}

static int send_config(struct push *p, struct str config, const char *digest, struct error *err)
{
	struct memory_source memory = { .all = config };
	struct blob_upload u = { .digest = digest, .source = memory_bytes(&memory), .rewind = memory_rewind };
	char same[DIGEST_MAX];
	int r;

	tell(p, (struct transfer_event){ TRANSFER_STARTED, "config", digest, 0, (int64_t)config.n });
	r = registry_blob_head(p->registry, p->to->path, digest, NULL, err);
	if (r == 0)
		r = registry_blob_put(p->registry, p->to->path, &u, same, NULL, err);
	if (r < 0)
		return error_context(err, "the configuration could not be written to %s", p->to->host);
	tell(p, (struct transfer_event){ TRANSFER_DONE, "config", digest, (int64_t)config.n, (int64_t)config.n });
	return 0;
}

static int put_manifest(struct push *p, struct json_object *config, struct json_object *layers, char ret_digest[DIGEST_MAX], struct error *err)
{
	CLEANUP(js_put_p) struct json_object *m = json_object_new_object();
	const char *type = manifest_type(p->q->format == MANIFEST_FORMAT_OCI ? MANIFEST_OCI : MANIFEST_DOCKER);
	struct str bytes;
	int r;

	js_set_int(m, "schemaVersion", 2);
	js_set_str(m, "mediaType", type);
	js_set(m, "config", json_object_get(config));
	js_set(m, "layers", json_object_get(layers));
	if (p->q->annotations && p->q->format == MANIFEST_FORMAT_OCI)
		js_set(m, "annotations", json_object_get(p->q->annotations));
	bytes = str_from(js_wire(m));
	r = registry_manifest_put(p->registry, p->to->path, reference_version(p->to), type, bytes, err);
	if (r < 0)
		return error_context(err, "the manifest could not be written to %s", p->to->host);
	digest_of(bytes, ret_digest);
	return 0;
}

/* Layers are there; the configuration follows if it must, and the manifest. */
static int put_whole(struct push *p, struct str config, char ret_digest[DIGEST_MAX], struct error *err)
{
	CLEANUP(js_put_p) struct json_object *layers = NULL, *descriptor = NULL;
	char digest[DIGEST_MAX];
	int r = manifest_layers(p, config, &layers, err);

	if (r < 0)
		return r;
	digest_of(config, digest);
	if ((r = send_config(p, config, digest, err)) < 0)
		return r;
	descriptor = flow_descriptor(manifest_config_type(p->q->format), digest, (int64_t)config.n);
	return put_manifest(p, descriptor, layers, ret_digest, err);
}

static int finish(struct push *p, char ret_digest[DIGEST_MAX], struct error *err)
{
	struct str config;
	int r = find_config(p, &config, err);

	return r < 0 ? r : put_whole(p, config, ret_digest, err);
}

static int push_begin(struct push *p, struct error *err)
{
	int r = blobs_open(&p->cache, err);

	p->layers = json_object_new_object();
	p->texts = json_object_new_object();
	if (r >= 0 && !manifest_layer_type(p->q->format, wanted_compression(p)))
		return error_set(err, ERR_UNSUPPORTED, "images of docker's format have no layers compressed with %s", compression_name(p->q->compression));
	return r;
}

int transfer_push(struct registry *r, const struct reference *to, const struct push_archive *q, char ret_digest[DIGEST_MAX], struct error *err)
{
	CLEANUP(push_done) struct push p = { .registry = r, .to = to, .q = q };
	int n;

	if ((n = push_begin(&p, err)) < 0 || (n = read_archive(&p, err)) < 0)
		return n;
	return finish(&p, ret_digest, err);
}

/* ---- without an archive ---------------------------------------------------------------------------------------------- */

/* 1: all of them are in p->layers. */
static int find_all_layers(struct push *p, struct str config, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	struct json_object *ids;
	int r = js_parse(config, "configuration of the image", &doc, err);

	ids = js_get(js_get(doc, "rootfs"), "diff_ids");
	r = r < 0 ? r : 1;
	for (size_t i = 0; r > 0 && i < js_len(ids) && i < MANIFEST_MAX_LAYERS; i++) {
		CLEANUP(js_put_p) struct json_object *layer = NULL;
		CLEANUP(free_p) char *id = str_dup(js_text(js_at(ids, i)));

		r = id ? find_layer(p, id, &layer, err) : 0;
		if (r > 0)
			js_set(p->layers, id, json_object_get(layer));
	}
	return r;
}

static void tell_all_skipped(struct push *p)
{
	json_object_object_foreach(p->layers, content, layer) {
		(void)layer;
		tell(p, (struct transfer_event){ TRANSFER_SKIPPED, "blob", content, 0, -1 });
	}
}

int transfer_push_known(struct registry *r, const struct reference *to, const struct push_archive *q, const char *id, char ret_digest[DIGEST_MAX],
			struct error *err)
{
	CLEANUP(push_done) struct push p = { .registry = r, .to = to, .q = q };
	CLEANUP(buf_done) struct buf config = BUF_INIT(MANIFEST_MAX_CONFIG);
	struct byte_sink sink = bytes_to_buf(&config);
	char digest[DIGEST_MAX];
	int64_t size;
	int n = push_begin(&p, err);

	snprintf(digest, sizeof digest, "sha256:%.64s", id);
	if (n < 0 || !digest_valid(str_from(digest)))
		return n;
	n = registry_blob_head(r, to->path, digest, &size, err);
	if (n <= 0 || size > MANIFEST_MAX_CONFIG)
		return n < 0 ? n : 0;
	if ((n = registry_blob_get(r, to->path, digest, size, &sink, err)) < 0 || (n = find_all_layers(&p, buf_str(&config), err)) <= 0)
		return n;
	tell_all_skipped(&p);
	n = put_whole(&p, buf_str(&config), ret_digest, err);
	return n < 0 ? n : 1;
}
