/* Whole copies between stores in memory: what arrives, what is not sent, what a failure leaves. */
#include "unit.h"

#include <pthread.h>

#include "base/js.h"
#include "base/scratch.h"
#include "image/copy.h"
#include "image/copy_image.h"
#include "image/flow.h"

#define DOCKER	 "application/vnd.docker.distribution.manifest.v2+json"
#define OCI	 "application/vnd.oci.image.manifest.v1+json"
#define SCHEMA1	 "application/vnd.docker.distribution.manifest.v1+json"
#define INDEX	 "application/vnd.oci.image.index.v1+json"
#define ROOTFS	 "application/vnd.docker.image.rootfs."
#define OCILAYER "application/vnd.oci.image.layer."

static const char *const of_registry[] = { OCI, DOCKER, NULL };
static const char *const of_archive[] = { DOCKER, NULL };

#define CONFIG_TEXT "{\"architecture\":\"amd64\",\"os\":\"linux\",\"docker_version\":\"1\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"

/* ---- stores in memory -------------------------------------------------------------------------------------------------- */

#define SHELF_MAX 64

struct shelf {
	struct image_source source;
	struct image_destination to;
	pthread_mutex_t lock;
	struct {
		char *name;  /* digest; of the manifest that the name leads to: "" */
		char *type;
		struct buf bytes;
	} v[SHELF_MAX];
	size_t n;
	/* What it saw as a destination, and what it shall do. */
	size_t puts, verified, asked;
	bool committed;
	const char *refused;  /* a type of manifests */
	const char *lies;     /* a blob whose bytes are not those of its digest */
};

static struct shelf *shelf_of_source(struct image_source *s)
{
	return (struct shelf *)s;
}

static struct shelf *shelf_of(struct image_destination *d)
{
	return (struct shelf *)((char *)d - offsetof(struct shelf, to));
}

static void shelve(struct shelf *s, const char *name, const char *type, struct str bytes)
{
	pthread_mutex_lock(&s->lock);
	assert_true(s->n < SHELF_MAX);
	s->v[s->n].name = z_dup(name);
	s->v[s->n].type = z_dup(type);
	s->v[s->n].bytes = BUF_INIT(1024 * 1024);
	assert_true(buf_add(&s->v[s->n].bytes, bytes));
	s->n++;
	pthread_mutex_unlock(&s->lock);
}

static const struct buf *find(struct shelf *s, const char *name, const char **ret_type)
{
	const struct buf *b = NULL;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0) {
			b = &s->v[i].bytes;
			if (ret_type)
				*ret_type = s->v[i].type;
		}
	pthread_mutex_unlock(&s->lock);
	return b;
}

static int shelf_manifest(struct image_source *base, const char *instance, struct registry_manifest *ret, struct error *err)
{
	const char *type = NULL;
	const struct buf *b = find(shelf_of_source(base), instance ? instance : "", &type);
	struct buf copy = BUF_INIT(REGISTRY_MAX_MANIFEST);

	if (!b)
		return error_set(err, ERR_NOT_FOUND, "no manifest");
	buf_add(&copy, buf_str(b));
	return registry_manifest_of(&copy, type, instance, ret, err);
}

/* In two pieces, so that nothing counts on whole ones. */
static int shelf_blob(struct image_source *base, const struct store_blob *b, const struct byte_sink *sink, struct error *err)
{
	struct shelf *s = shelf_of_source(base);
	const struct buf *bytes = find(s, b->digest, NULL);
	size_t first;
	int r;

	if (!bytes)
		return error_set(err, ERR_NOT_FOUND, "no blob %s", b->digest);
	first = bytes->n < 4 ? bytes->n : 4;
	r = sink_write(sink, bytes->p, first, err);
	if (r == 0)
		r = sink_write(sink, bytes->p + first, bytes->n - first, err);
	if (r == 0 && s->lies && strcmp(s->lies, b->digest) == 0)
		r = error_set(err, ERR_PROTOCOL, "Digest did not match");
	return r;
}

static int shelf_has(struct image_destination *d, const struct store_blob *b, const char *from, int64_t *ret_size, struct error *err)
{
	struct shelf *s = shelf_of(d);
	const struct buf *bytes = b->digest ? find(s, b->digest, NULL) : NULL;

	(void)from;
	(void)err;
	pthread_mutex_lock(&s->lock);
	s->asked++;
	pthread_mutex_unlock(&s->lock);
	if (bytes)
		*ret_size = (int64_t)bytes->n;
	return bytes != NULL;
}

static int shelf_put(struct image_destination *d, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX], int64_t *ret_size,
		     struct error *err)
{
	struct shelf *s = shelf_of(d);
	CLEANUP(buf_done) struct buf bytes = BUF_INIT(1024 * 1024);
	struct byte_sink sink = bytes_to_buf(&bytes);
	int r = producer_run(content, &sink, err);

	if (r < 0)
		return r;
	digest_of(buf_str(&bytes), ret_digest);
	if (b->digest && strcmp(b->digest, ret_digest) != 0)
		return error_set(err, ERR_PROTOCOL, "another digest than was said");
	*ret_size = (int64_t)bytes.n;
	shelve(s, ret_digest, b->type, buf_str(&bytes));
	pthread_mutex_lock(&s->lock);
	s->puts++;
	s->verified += b->verified;
	pthread_mutex_unlock(&s->lock);
	return 0;
}

static int shelf_put_manifest(struct image_destination *d, const char *instance, const char *type, struct str bytes, struct error *err)
{
	struct shelf *s = shelf_of(d);

	if (s->refused && strcmp(s->refused, type) == 0)
		return error_set(err, ERR_UNSUPPORTED, "manifest invalid");
	shelve(s, instance ? instance : "", type, bytes);
	return 0;
}

static int shelf_commit(struct image_destination *d, struct error *err)
{
	(void)err;
	shelf_of(d)->committed = true;
	return 0;
}

static int shelf_signatures(struct image_source *base, const char *instance, struct strv *ret, struct error *err)
{
	const struct buf *b = find(shelf_of_source(base), "signature", NULL);

	(void)instance;
	(void)err;
	return !b || strv_add(ret, buf_z(b)) ? 0 : -ERR_SYSTEM;
}

static const struct image_source_ops source_ops = { .manifest = shelf_manifest, .blob = shelf_blob, .signatures = shelf_signatures };
static const struct image_destination_ops destination_ops = { .has = shelf_has, .put = shelf_put, .manifest = shelf_put_manifest, .commit = shelf_commit };

static struct shelf *shelf_new(bool parallel)
{
	struct shelf *s = calloc(1, sizeof *s);

	assert_non_null(s);
	pthread_mutex_init(&s->lock, NULL);
	s->source = (struct image_source){ .ops = &source_ops, .parallel = parallel, .name = z_dup("shelf:"), .reference = z_dup("") };
	s->to = (struct image_destination){ .ops = &destination_ops, .parallel = parallel, .takes_lists = true, .name = z_dup("shelf:"), .reference = z_dup("") };
	return s;
}

static void shelf_free_p(struct shelf **s)
{
	for (size_t i = 0; i < (*s)->n; i++) {
		free((*s)->v[i].name);
		free((*s)->v[i].type);
		buf_done(&(*s)->v[i].bytes);
	}
	free((*s)->source.name);
	free((*s)->source.reference);
	free((*s)->to.name);
	free((*s)->to.reference);
	pthread_mutex_destroy(&(*s)->lock);
	free(*s);
}

/* A layer of its own text; packed or not. */
static void put_layer(struct shelf *s, unsigned number, enum compression c, const char *type, struct json_object *layers)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(1024 * 1024), packed = BUF_INIT(1024 * 1024);
	CLEANUP(compressor_close_p) struct compressor *compressor = NULL;
	struct byte_sink sink = bytes_to_buf(&packed);
	char digest[DIGEST_MAX];

	for (unsigned i = 0; i < 2000; i++)
		buf_addf(&text, "layer %u line %u\n", number, i);
	assert_int_equal(compressor_open(c, 0, &sink, &compressor, NULL), 0);
	assert_int_equal(compressor_write(compressor, text.p, text.n, NULL), 0);
	assert_int_equal(compressor_end(compressor, NULL), 0);
	digest_of(buf_str(&packed), digest);
	shelve(s, digest, "", buf_str(&packed));
	json_object_array_add(layers, flow_descriptor(type, digest, (int64_t)packed.n));
}

/* An OCI image; returns its digest in ret. name: "" or NULL for its digest. */
static void put_image(struct shelf *s, unsigned layers, enum compression c, const char *type, const char *name, char ret[DIGEST_MAX])
{
	CLEANUP(js_put_p) struct json_object *m = json_object_new_object();
	struct json_object *array = json_object_new_array();
	char config[DIGEST_MAX];

	digest_of(STR(CONFIG_TEXT), config);
	shelve(s, config, "", STR(CONFIG_TEXT));
	js_set_int(m, "schemaVersion", 2);
	js_set_str(m, "mediaType", OCI);
	js_set(m, "config", flow_descriptor("application/vnd.oci.image.config.v1+json", config, sizeof CONFIG_TEXT - 1));
	for (unsigned i = 0; i < layers; i++)
		put_layer(s, i, c, type, array);
	js_set(m, "layers", array);
	digest_of(str_from(js_wire(m)), ret);
	shelve(s, name ? name : ret, OCI, str_from(js_wire(m)));
}

struct told {
	size_t lines, started, done, skipped;
	bool overlap, inside;
};

static void listen(void *ctx, const struct copy_event *e)
{
	struct told *t = ctx;

	t->overlap |= t->inside;
	t->inside = true;
	t->lines += e->state == COPY_LINE;
	t->started += e->state == COPY_BLOB_STARTED;
	t->done += e->state == COPY_BLOB_DONE;
	t->skipped += e->state == COPY_BLOB_SKIPPED;
	t->inside = false;
}

/* ---- whole copies ------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	enum compression packed; /* what the bytes are */
	const char *type;	 /* what the manifest says */
	enum layer_wish wish;
	enum compression wanted;
	bool preserve, parallel;
	const char *const *types;
	const char *refused;
	const char *ret_manifest, *ret_layer; /* types */
	enum compression ret;		      /* what the bytes became */
	size_t verified;		      /* puts that need not be hashed: 10 layers and a configuration at most */
} copies[] = {
	{ "as it is", COMPRESSION_GZIP, OCILAYER "v1.tar+gzip", LAYERS_COMPRESSED, 0, false, true, NULL, NULL, OCI, OCILAYER "v1.tar+gzip", COMPRESSION_GZIP, 11 },
	{ "one after the other", COMPRESSION_GZIP, OCILAYER "v1.tar+gzip", LAYERS_AS_THEY_ARE, COMPRESSION_ZSTD, false, false, NULL, NULL, OCI,
	  OCILAYER "v1.tar+gzip", COMPRESSION_GZIP, 11 },
	{ "packed", COMPRESSION_NONE, OCILAYER "v1.tar", LAYERS_COMPRESSED, 0, false, true, NULL, NULL, OCI, OCILAYER "v1.tar+gzip", COMPRESSION_GZIP, 1 },
	{ "packed as is wished", COMPRESSION_NONE, OCILAYER "v1.tar", LAYERS_COMPRESSED, COMPRESSION_ZSTD, false, true, NULL, NULL, OCI, OCILAYER "v1.tar+zstd",
	  COMPRESSION_ZSTD, 1 },
	{ "packed anew", COMPRESSION_GZIP, OCILAYER "v1.tar+gzip", LAYERS_COMPRESSED, COMPRESSION_ZSTD, false, true, NULL, NULL, OCI, OCILAYER "v1.tar+zstd",
	  COMPRESSION_ZSTD, 1 },
	{ "packed anew, from zstd", COMPRESSION_ZSTD, OCILAYER "v1.tar+zstd", LAYERS_COMPRESSED, COMPRESSION_GZIP, false, true, NULL, NULL, OCI,
	  OCILAYER "v1.tar+gzip", COMPRESSION_GZIP, 1 },
	{ "unpacked", COMPRESSION_GZIP, OCILAYER "v1.tar+gzip", LAYERS_UNCOMPRESSED, 0, false, true, of_archive, NULL, DOCKER, ROOTFS "diff.tar", COMPRESSION_NONE, 1 },
	{ "unpacked, from zstd", COMPRESSION_ZSTD, OCILAYER "v1.tar+zstd", LAYERS_UNCOMPRESSED, 0, false, false, of_archive, NULL, DOCKER, ROOTFS "diff.tar",
	  COMPRESSION_NONE, 1 },
	{ "not touched", COMPRESSION_GZIP, OCILAYER "v1.tar+gzip", LAYERS_UNCOMPRESSED, 0, true, true, of_archive, NULL, OCI, OCILAYER "v1.tar+gzip",
	  COMPRESSION_GZIP, 11 },
	/* The type lies. */
	{ "no gzip at all", COMPRESSION_NONE, OCILAYER "v1.tar+gzip", LAYERS_COMPRESSED, 0, false, true, NULL, NULL, OCI, OCILAYER "v1.tar+gzip", COMPRESSION_GZIP, 1 },
	{ "gzip after all", COMPRESSION_GZIP, OCILAYER "v1.tar", LAYERS_UNCOMPRESSED, 0, false, true, NULL, NULL, OCI, OCILAYER "v1.tar", COMPRESSION_NONE, 1 },
	{ "zstd, not gzip", COMPRESSION_ZSTD, OCILAYER "v1.tar+gzip", LAYERS_UNCOMPRESSED, 0, false, true, NULL, NULL, OCI, OCILAYER "v1.tar", COMPRESSION_NONE, 1 },
	/* Formats. */
	{ "as docker's", COMPRESSION_GZIP, OCILAYER "v1.tar+gzip", LAYERS_COMPRESSED, 0, false, true, of_archive, NULL, DOCKER, ROOTFS "diff.tar.gzip",
	  COMPRESSION_GZIP, 11 },
	{ "the next format", COMPRESSION_GZIP, OCILAYER "v1.tar+gzip", LAYERS_COMPRESSED, 0, false, true, of_registry, OCI, DOCKER, ROOTFS "diff.tar.gzip",
	  COMPRESSION_GZIP, 11 },
	{ "an attestation", COMPRESSION_NONE, "application/vnd.in-toto+json", LAYERS_COMPRESSED, 0, false, true, NULL, NULL, OCI, "application/vnd.in-toto+json",
	  COMPRESSION_NONE, 11 },
};

static void check_written(size_t row, struct shelf *to)
{
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	const char *type = NULL;
	const struct buf *bytes = find(to, "", &type), *layer;
	struct json_object *first;

	if (!bytes || js_parse(buf_str(bytes), "manifest", &doc, NULL) < 0 || strcmp(type, copies[row].ret_manifest) != 0)
		row_fail(copies[row].name, "the manifest is %s", type ? type : "not there");
	first = js_at(js_get(doc, "layers"), 9);
	if (strcmp(js_get_str(first, "mediaType", ""), copies[row].ret_layer) != 0)
		row_fail(copies[row].name, "the layer is %s", js_get_str(first, "mediaType", ""));
	layer = find(to, js_get_str(first, "digest", ""), NULL);
	if (!layer || (int64_t)layer->n != js_get_int(first, "size", -1) || compression_detect(layer->p, layer->n) != copies[row].ret)
		row_fail(copies[row].name, "the layer's bytes are something else");
	if (!find(to, js_get_str(js_get(doc, "config"), "digest", ""), NULL))
		row_fail(copies[row].name, "the configuration is not there");
}

static void images_arrive_as_the_destination_wants_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(copies); i++) {
		CLEANUP(shelf_free_p) struct shelf *from = shelf_new(copies[i].parallel), *to = shelf_new(copies[i].parallel);
		CLEANUP(registry_manifest_done) struct registry_manifest written = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct told told = { 0 };
		struct copy_req q = { .from = &from->source, .to = &to->to, .compression = copies[i].wanted, .preserve_digests = copies[i].preserve,
				      .event = listen, .ctx = &told };
		char digest[DIGEST_MAX];

		put_image(from, 10, copies[i].packed, copies[i].type, "", digest);
		to->to.layers = copies[i].wish;
		to->to.types = copies[i].types;
		to->refused = copies[i].refused;
		if (image_copy(&q, &written, &err) < 0)
			row_fail(copies[i].name, "%s", err.text);
		check_written(i, to);
		if (!to->committed || to->puts != 11 || to->verified != copies[i].verified)
			row_fail(copies[i].name, "%zu puts, %zu of them checked by the source", to->puts, to->verified);
		if (told.overlap || told.started != told.done || told.skipped || told.lines < 3)
			row_fail(copies[i].name, "%zu started, %zu done, %zu skipped", told.started, told.done, told.skipped);
	}
}

static void what_is_there_is_not_sent(void **state)
{
	CLEANUP(shelf_free_p) struct shelf *from = shelf_new(true), *to = shelf_new(true);
	struct told told = { 0 };
	struct copy_req q = { .from = &from->source, .to = &to->to, .event = listen, .ctx = &told };
	char digest[DIGEST_MAX];

	(void)state;
	put_image(from, 5, COMPRESSION_GZIP, OCILAYER "v1.tar+gzip", "", digest);
	assert_int_equal(image_copy(&q, NULL, NULL), 0);
	assert_int_equal(to->puts, 6);
	assert_int_equal(image_copy(&q, NULL, NULL), 0);
	assert_int_equal(to->puts, 6);
	assert_int_equal(told.skipped, 5);
}

/* Packed first, then asked for. */
static void what_is_there_when_packed_is_not_sent(void **state)
{
	static char repository[] = "host/path";
	CLEANUP(shelf_free_p) struct shelf *from = shelf_new(true), *to = shelf_new(true);
	struct copy_req q = { .from = &from->source, .to = &to->to, .precompute_digests = true };
	char digest[DIGEST_MAX];

	(void)state;
	put_image(from, 3, COMPRESSION_NONE, OCILAYER "v1.tar", "", digest);
	to->to.layers = LAYERS_COMPRESSED;
	assert_int_equal(image_copy(&q, NULL, NULL), 0);
	assert_int_equal(to->puts, 4);
	to->to.repository = repository;
	assert_int_equal(image_copy(&q, NULL, NULL), 0);
	assert_int_equal(to->puts, 4);
	to->to.repository = NULL;
}

/* The other threads stop; there is no manifest, and nothing is committed. */
static void a_failure_leaves_nothing_to_see(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(shelf_free_p) struct shelf *from = shelf_new(true), *to = shelf_new(true);
	struct copy_req q = { .from = &from->source, .to = &to->to };
	char digest[DIGEST_MAX];

	(void)state;
	put_image(from, 30, COMPRESSION_GZIP, OCILAYER "v1.tar+gzip", "", digest);
	from->lies = from->v[12].name;
	assert_int_equal(image_copy(&q, NULL, &err), -ERR_PROTOCOL);
	assert_string_equal(err.text, "writing blob: Digest did not match");
	assert_false(to->committed);
	assert_null(find(to, "", NULL));
}

static bool always(void *ctx)
{
	(void)ctx;
	return true;
}

static void an_interrupt_ends_it(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(shelf_free_p) struct shelf *from = shelf_new(true), *to = shelf_new(true);
	struct copy_req q = { .from = &from->source, .to = &to->to, .interrupted = always };
	char digest[DIGEST_MAX];

	(void)state;
	put_image(from, 5, COMPRESSION_GZIP, OCILAYER "v1.tar+gzip", "", digest);
	assert_int_equal(image_copy(&q, NULL, &err), -ERR_INTERRUPTED);
	assert_false(to->committed);
}

static void signatures_need_a_place(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(shelf_free_p) struct shelf *from = shelf_new(true), *to = shelf_new(true);
	struct copy_req q = { .from = &from->source, .to = &to->to };
	char digest[DIGEST_MAX];

	(void)state;
	put_image(from, 1, COMPRESSION_GZIP, OCILAYER "v1.tar+gzip", "", digest);
	shelve(from, "signature", "", STR("c2ln"));
	assert_int_equal(image_copy(&q, NULL, &err), -ERR_UNSUPPORTED);
	assert_string_equal(err.text, "Can not copy signatures to shelf:: can't store signatures");
	q.remove_signatures = true;
	assert_int_equal(image_copy(&q, NULL, NULL), 0);
}

/* ---- lists, whole ------------------------------------------------------------------------------------------------------ */

/* arm64, amd64 and an attestation. */
static void put_list(struct shelf *s)
{
	static const char *const arches[] = { "arm64", "amd64", "unknown" };
	CLEANUP(js_put_p) struct json_object *list = json_object_new_object();
	struct json_object *entries = json_object_new_array();

	for (unsigned i = 0; i < ARRAY_LEN(arches); i++) {
		struct json_object *platform = json_object_new_object(), *e;
		char digest[DIGEST_MAX];

		put_image(s, i + 1, COMPRESSION_NONE, i == 2 ? "application/vnd.in-toto+json" : OCILAYER "v1.tar", NULL, digest);
		e = flow_descriptor(OCI, digest, (int64_t)s->v[s->n - 1].bytes.n);
		js_set_str(platform, "architecture", arches[i]);
		js_set_str(platform, "os", i == 2 ? "unknown" : "linux");
		js_set(e, "platform", platform);
		json_object_array_add(entries, e);
	}
	js_set_int(list, "schemaVersion", 2);
	js_set_str(list, "mediaType", INDEX);
	js_set(list, "manifests", entries);
	shelve(s, "", INDEX, str_from(js_wire(list)));
}

static const struct {
	const char *name;
	enum copy_lists lists;
	const char *arch, *fail;
	enum layer_wish wish;
	bool preserve;
	size_t puts;
	const char *type; /* of what the name leads to */
	bool same;	  /* the bytes of the list */
} list_copies[] = {
	{ "the one that fits", COPY_SYSTEM, "amd64", NULL, LAYERS_AS_THEY_ARE, false, 3, OCI, false },
	{ "none fits", COPY_SYSTEM, "s390x", "choosing an image from manifest list shelf:: ", LAYERS_AS_THEY_ARE, false, 0, NULL, false },
	{ "all", COPY_ALL, NULL, NULL, LAYERS_AS_THEY_ARE, false, 4, INDEX, true },
	{ "all, packed", COPY_ALL, NULL, NULL, LAYERS_COMPRESSED, false, 7, INDEX, false },
	{ "all, preserved", COPY_ALL, NULL, NULL, LAYERS_COMPRESSED, true, 4, INDEX, true },
	{ "the list alone", COPY_INDEX_ONLY, NULL, NULL, LAYERS_COMPRESSED, false, 0, INDEX, true },
};

static void lists_are_chosen_from_or_copied(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(list_copies); i++) {
		CLEANUP(shelf_free_p) struct shelf *from = shelf_new(true), *to = shelf_new(true);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct copy_req q = { .from = &from->source, .to = &to->to, .lists = list_copies[i].lists, .arch = list_copies[i].arch,
				      .preserve_digests = list_copies[i].preserve };
		const struct buf *top;
		const char *type = NULL;
		int r;

		put_list(from);
		to->to.layers = list_copies[i].wish;
		r = image_copy(&q, NULL, &err);
		if ((r < 0) != (list_copies[i].fail != NULL) || (r < 0 && !strstr(err.text, list_copies[i].fail)))
			row_fail(list_copies[i].name, "answer %d: %s", r, err.text ? err.text : "");
		if (r < 0)
			continue;
		top = find(to, "", &type);
		if (!top || strcmp(type, list_copies[i].type) != 0 || to->puts != list_copies[i].puts ||
		    str_eq(buf_str(top), buf_str(find(from, "", NULL))) != list_copies[i].same)
			row_fail(list_copies[i].name, "%zu puts, %s: %s", to->puts, type ? type : "no manifest", top ? buf_z(top) : "");
	}
}

static void one_image_at_a_time(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(shelf_free_p) struct shelf *from = shelf_new(true), *to = shelf_new(true);
	struct copy_req q = { .from = &from->source, .to = &to->to, .lists = COPY_ALL };

	(void)state;
	put_list(from);
	to->to.takes_lists = false;
	assert_int_equal(image_copy(&q, NULL, &err), -ERR_UNSUPPORTED);
	assert_string_equal(err.text, "copying multiple images: destination transport \"shelf\" does not support copying multiple images as a group");
}

/* The digests of what is in the layers are found on the way. */
static void schema1_is_read_into_docker(void **state)
{
	CLEANUP(shelf_free_p) struct shelf *from = shelf_new(true), *to = shelf_new(true);
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024), plain = BUF_INIT(1024 * 1024);
	CLEANUP(js_put_p) struct json_object *layers = json_object_new_array();
	CLEANUP(js_put_p) struct json_object *doc = NULL, *config = NULL;
	CLEANUP(decompressor_close_p) struct decompressor *d = NULL;
	struct copy_req q = { .from = &from->source, .to = &to->to };
	struct memory_source packed = { 0 };
	struct byte_source source = memory_bytes(&packed);
	struct byte_sink sink = bytes_to_buf(&plain);
	char digest[DIGEST_MAX];

	(void)state;
	put_layer(from, 7, COMPRESSION_GZIP, "", layers);
	buf_addf(&text, "{\"schemaVersion\":1,\"fsLayers\":[{\"blobSum\":\"%s\"},{\"blobSum\":\"%s\"}],\"history\":["
		 "{\"v1Compatibility\":\"{\\\"throwaway\\\":true}\"},{\"v1Compatibility\":\"{}\"}]}", COPY_EMPTY_LAYER, from->v[0].name);
	shelve(from, "", SCHEMA1, buf_str(&text));
	to->to.types = of_archive;
	assert_int_equal(image_copy(&q, NULL, NULL), 0);
	assert_int_equal(to->puts, 2);
	assert_int_equal(js_parse(buf_str(find(to, "", NULL)), "manifest", &doc, NULL), 0);
	assert_int_equal(js_len(js_get(doc, "layers")), 1);
	assert_int_equal(js_get_int(js_at(js_get(doc, "layers"), 0), "size", -1), (int64_t)from->v[0].bytes.n);
	packed.all = buf_str(&from->v[0].bytes);
	assert_int_equal(decompressor_open(&source, &d, NULL), 0);
	source = decompressor_source(d);
	assert_int_equal(bytes_copy(&source, &sink, NULL, NULL), 0);
	digest_of(buf_str(&plain), digest);
	assert_int_equal(js_parse(buf_str(find(to, js_get_str(js_get(doc, "config"), "digest", ""), NULL)), "config", &config, NULL), 0);
	assert_string_equal(json_object_get_string(js_at(js_get(js_get(config, "rootfs"), "diff_ids"), 0)), digest);
}

/* What is packed for a registry is remembered in the user's cache, which is not this test's business. */
static struct scratch cache = SCRATCH_INIT;

static int set_up(void **state)
{
	(void)state;
	return scratch_open("copy-test", &cache, NULL) < 0 || setenv("XDG_CACHE_HOME", cache.path, 1) < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_done(&cache);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_arrive_as_the_destination_wants_them),
		cmocka_unit_test(what_is_there_is_not_sent),
		cmocka_unit_test(what_is_there_when_packed_is_not_sent),
		cmocka_unit_test(a_failure_leaves_nothing_to_see),
		cmocka_unit_test(an_interrupt_ends_it),
		cmocka_unit_test(signatures_need_a_place),
		cmocka_unit_test(lists_are_chosen_from_or_copied),
		cmocka_unit_test(one_image_at_a_time),
		cmocka_unit_test(schema1_is_read_into_docker),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
