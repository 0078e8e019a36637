/* Copies: the plan of formats, what a conversion writes, lists, and whole copies between stores in memory. */
#include "unit.h"

#include <pthread.h>

#include "base/js.h"
#include "image/copy.h"
#include "image/copy_image.h"
#include "image/flow.h"

#define DOCKER	 "application/vnd.docker.distribution.manifest.v2+json"
#define OCI	 "application/vnd.oci.image.manifest.v1+json"
#define SCHEMA1	 "application/vnd.docker.distribution.manifest.v1+json"
#define SIGNED	 "application/vnd.docker.distribution.manifest.v1+prettyjws"
#define LIST	 "application/vnd.docker.distribution.manifest.list.v2+json"
#define INDEX	 "application/vnd.oci.image.index.v1+json"
#define ROOTFS	 "application/vnd.docker.image.rootfs."
#define OCILAYER "application/vnd.oci.image.layer."

/* ---- the plan ---------------------------------------------------------------------------------------------------------- */

#define K(...) { __VA_ARGS__ }

static const char *const of_registry[] = { OCI, DOCKER, INDEX, LIST, SIGNED, SCHEMA1, NULL };
static const char *const of_layout[] = { OCI, INDEX, NULL };
static const char *const of_archive[] = { DOCKER, NULL };
static const char *const of_old[] = { SIGNED, SCHEMA1, NULL };
static const char *const of_strange[] = { "text/plain", NULL };

static const struct {
	const char *name;
	enum manifest_kind source;
	const char *const *types;
	const char *format, *fixed;
	enum manifest_kind plan[COPY_PLAN_MAX]; /* ends with MANIFEST_UNKNOWN */
} plans[] = {
	{ "docker to a registry", MANIFEST_DOCKER, of_registry, NULL, NULL, K(MANIFEST_DOCKER, MANIFEST_SCHEMA1_SIGNED, MANIFEST_OCI, MANIFEST_SCHEMA1) },
	{ "oci to a registry", MANIFEST_OCI, of_registry, NULL, NULL, K(MANIFEST_OCI, MANIFEST_DOCKER, MANIFEST_SCHEMA1_SIGNED, MANIFEST_SCHEMA1) },
	{ "schema 1 to a registry", MANIFEST_SCHEMA1_SIGNED, of_registry, NULL, NULL,
	  K(MANIFEST_SCHEMA1_SIGNED, MANIFEST_DOCKER, MANIFEST_OCI, MANIFEST_SCHEMA1) },
	{ "docker to a layout", MANIFEST_DOCKER, of_layout, NULL, NULL, K(MANIFEST_OCI) },
	{ "oci to a layout", MANIFEST_OCI, of_layout, NULL, NULL, K(MANIFEST_OCI) },
	{ "oci to an archive", MANIFEST_OCI, of_archive, NULL, NULL, K(MANIFEST_DOCKER) },
	{ "schema 1 to an archive", MANIFEST_SCHEMA1, of_archive, NULL, NULL, K(MANIFEST_DOCKER) },
	{ "docker to what is old", MANIFEST_DOCKER, of_old, NULL, NULL, K(MANIFEST_SCHEMA1_SIGNED, MANIFEST_SCHEMA1) },
	{ "oci to a folder", MANIFEST_OCI, NULL, NULL, NULL, K(MANIFEST_OCI) },
	{ "schema 1 to a folder", MANIFEST_SCHEMA1, NULL, NULL, NULL, K(MANIFEST_SCHEMA1) },
	{ "to nothing that is known", MANIFEST_OCI, of_strange, NULL, NULL, K(MANIFEST_UNKNOWN) },
	/* What may not change is tried as it is. */
	{ "docker to a layout, fixed", MANIFEST_DOCKER, of_layout, NULL, "why", K(MANIFEST_DOCKER) },
	{ "docker to a registry, fixed", MANIFEST_DOCKER, of_registry, NULL, "why", K(MANIFEST_DOCKER) },
	/* --format */
	{ "docker as oci", MANIFEST_DOCKER, of_registry, "oci", NULL, K(MANIFEST_OCI) },
	{ "oci as v2s2 into a folder", MANIFEST_OCI, NULL, "v2s2", NULL, K(MANIFEST_DOCKER) },
	{ "oci as v2s1", MANIFEST_OCI, NULL, "v2s1", NULL, K(MANIFEST_SCHEMA1_SIGNED) },
	{ "oci as oci, fixed", MANIFEST_OCI, NULL, "oci", "why", K(MANIFEST_OCI) },
	{ "oci as v2s2, fixed", MANIFEST_OCI, NULL, "v2s2", "why", K(MANIFEST_UNKNOWN) },
	{ "as something else", MANIFEST_OCI, NULL, "tar", NULL, K(MANIFEST_UNKNOWN) },
	/* lists */
	{ "list to a registry", MANIFEST_DOCKER_LIST, of_registry, NULL, NULL, K(MANIFEST_DOCKER_LIST, MANIFEST_OCI_INDEX) },
	{ "list to a layout", MANIFEST_DOCKER_LIST, of_layout, NULL, NULL, K(MANIFEST_OCI_INDEX) },
	{ "list to a layout, fixed", MANIFEST_DOCKER_LIST, of_layout, NULL, "why", K(MANIFEST_UNKNOWN) },
	{ "index as v2s2", MANIFEST_OCI_INDEX, of_registry, "v2s2", NULL, K(MANIFEST_DOCKER_LIST) },
	{ "index as v2s1", MANIFEST_OCI_INDEX, of_registry, "v2s1", NULL, K(MANIFEST_DOCKER_LIST) },
	{ "index to a folder", MANIFEST_OCI_INDEX, NULL, NULL, NULL, K(MANIFEST_OCI_INDEX) },
	{ "index to an archive", MANIFEST_OCI_INDEX, of_archive, NULL, NULL, K(MANIFEST_UNKNOWN) },
};

static void formats_are_tried_in_containers_images_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plans); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct copy_plan p;
		size_t n = 0;
		int r = copy_plan(plans[i].source, plans[i].types, plans[i].format, plans[i].fixed, &p, &err);

		while (n < COPY_PLAN_MAX && plans[i].plan[n] != MANIFEST_UNKNOWN)
			n++;
		if ((r < 0) != (n == 0))
			row_fail(plans[i].name, "answer %d: %s", r, err.text ? err.text : "");
		if (r == 0 && (p.n != n || memcmp(p.v, plans[i].plan, n * sizeof *p.v) != 0))
			row_fail(plans[i].name, "%zu formats, the first is %s", p.n, manifest_type(p.v[0]));
	}
}

/* ---- types of layers --------------------------------------------------------------------------------------------------- */

static const struct {
	const char *type;
	enum manifest_format format;
	enum compression c;
	const char *ret;
} types[] = {
	{ ROOTFS "diff.tar.gzip", MANIFEST_FORMAT_OCI, COMPRESSION_GZIP, OCILAYER "v1.tar+gzip" },
	{ ROOTFS "diff.tar.gzip", MANIFEST_FORMAT_OCI, COMPRESSION_ZSTD, OCILAYER "v1.tar+zstd" },
	{ ROOTFS "diff.tar.gzip", MANIFEST_FORMAT_DOCKER, COMPRESSION_NONE, ROOTFS "diff.tar" },
	{ ROOTFS "diff.tar.gzip", MANIFEST_FORMAT_DOCKER, COMPRESSION_ZSTD, NULL },
	{ OCILAYER "v1.tar+zstd", MANIFEST_FORMAT_DOCKER, COMPRESSION_GZIP, ROOTFS "diff.tar.gzip" },
	{ OCILAYER "v1.tar+zstd", MANIFEST_FORMAT_DOCKER, COMPRESSION_ZSTD, NULL },
	{ OCILAYER "nondistributable.v1.tar+gzip", MANIFEST_FORMAT_DOCKER, COMPRESSION_GZIP, ROOTFS "foreign.diff.tar.gzip" },
	{ ROOTFS "foreign.diff.tar", MANIFEST_FORMAT_OCI, COMPRESSION_NONE, OCILAYER "nondistributable.v1.tar" },
	{ "application/vnd.in-toto+json", MANIFEST_FORMAT_OCI, COMPRESSION_NONE, NULL },
	{ "", MANIFEST_FORMAT_OCI, COMPRESSION_GZIP, NULL },
};

static void layers_have_a_type_in_either_format(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		const char *got = copy_layer_type(types[i].type, types[i].format, types[i].c);

		if (!got != !types[i].ret || (got && strcmp(got, types[i].ret) != 0))
			row_fail(types[i].type, "becomes %s, expected %s", got ? got : "nothing", types[i].ret ? types[i].ret : "nothing");
	}
}

/* ---- configurations ---------------------------------------------------------------------------------------------------- */

static const struct {
	const char *docker, *oci; /* NULL: refused */
} configs[] = {
	{ "{}", "{\"architecture\":\"\",\"os\":\"\",\"config\":{},\"rootfs\":{\"type\":\"\",\"diff_ids\":null}}" },
	{ "{\"os\":\"linux\",\"docker_version\":\"20\",\"architecture\":\"arm\",\"variant\":\"v7\",\"author\":\"\",\"created\":\"2023-11-14T22:13:20Z\","
	  "\"container\":\"x\",\"rootfs\":{\"diff_ids\":[\"a\"],\"type\":\"layers\"}}",
	  "{\"created\":\"2023-11-14T22:13:20Z\",\"architecture\":\"arm\",\"variant\":\"v7\",\"os\":\"linux\",\"config\":{},"
	  "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"a\"]}}" },
	/* Maps are sorted, what is empty is left out, text may stand in HTML. */
	{ "{\"architecture\":\"x\",\"os\":\"y\",\"config\":{\"Labels\":{\"b\":\"<&>\",\"a\":\"\\u2028/\"},\"Env\":[],\"Cmd\":null,\"User\":\"\",\"Hostname\":\"h\","
	  "\"Volumes\":{\"/v\":{}},\"Entrypoint\":[\"e\"],\"OnBuild\":[\"x\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},"
	  "\"history\":[{\"empty_layer\":false,\"created_by\":\"c\",\"x\":1},{\"empty_layer\":true}]}",
	  "{\"architecture\":\"x\",\"os\":\"y\",\"config\":{\"Entrypoint\":[\"e\"],\"Volumes\":{\"/v\":{}},\"Labels\":{\"a\":\"\\u2028/\",\"b\":\"\\u003c\\u0026\\u003e\"}},"
	  "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},\"history\":[{\"created_by\":\"c\"},{\"empty_layer\":true}]}" },
	{ "[]", NULL },
	{ "{\"os\":1}", NULL },
	{ "{\"config\":{\"Env\":\"a=b\"}}", NULL },
	{ "{\"history\":[{\"empty_layer\":\"no\"}]}", NULL },
	{ "{", NULL },
};

static void a_configuration_keeps_what_oci_has(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(configs); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(MANIFEST_MAX_CONFIG);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int r = copy_config_to_oci(str_from(configs[i].docker), &out, &err);

		if ((r < 0) != !configs[i].oci)
			row_fail(configs[i].docker, "answer %d: %s", r, err.text ? err.text : "");
		if (r == 0 && strcmp(buf_z(&out), configs[i].oci) != 0)
			row_fail(configs[i].docker, "became %s", buf_z(&out));
	}
}

/* ---- manifests --------------------------------------------------------------------------------------------------------- */

#define CONFIG_TEXT "{\"architecture\":\"amd64\",\"os\":\"linux\",\"docker_version\":\"1\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"
#define HEX(c)	    "sha256:" c c c c c c c c
#define A	    HEX("aaaaaaaa")
#define B	    HEX("bbbbbbbb")
#define C	    HEX("cccccccc")

static void read_image(const char *text, const char *type, const char *config, struct copy_image *ret)
{
	struct buf bytes = BUF_INIT(REGISTRY_MAX_MANIFEST);
	struct registry_manifest raw = { 0 };

	buf_add_z(&bytes, text);
	assert_int_equal(registry_manifest_of(&bytes, type, NULL, &raw, NULL), 0);
	assert_int_equal(copy_image_read(&raw, ret, NULL), 0);
	buf_add_z(&ret->config_bytes, config);
}

#define DOCKER_IMAGE                                                                                                                                          \
	"{\n \"schemaVersion\": 2, \"mediaType\": \"" DOCKER "\",\n"                                                                                         \
	" \"config\": {\"mediaType\": \"application/vnd.docker.container.image.v1+json\", \"size\": 7, \"digest\": \"" A "\"},\n"                            \
	" \"layers\": [{\"mediaType\": \"" ROOTFS "diff.tar.gzip\", \"size\": 5, \"digest\": \"" B "\"},"                                                    \
	" {\"mediaType\": \"" ROOTFS "foreign.diff.tar.gzip\", \"size\": 6, \"digest\": \"" C "\", \"urls\": [\"http://x/y\"]}]\n}"
#define OCI_IMAGE                                                                                                                                             \
	"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" A "\",\"size\":7},"                      \
	"\"layers\":[{\"mediaType\":\"" OCILAYER "v1.tar+gzip\",\"digest\":\"" B "\",\"size\":5,\"annotations\":{\"k\":\"v\"}}],\"annotations\":{\"q\":\"r\"}}"
#define ARTIFACT                                                                                                                                              \
	"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.cncf.helm.config.v1+json\",\"digest\":\"" A "\",\"size\":7},\"layers\":[]}"

static const struct {
	const char *name, *text, *type;
	enum manifest_kind to;
	bool changed;	/* the first layer became C in compression c */
	enum compression c;
	const char *ret;    /* NULL: ERR_UNSUPPORTED */
	const char *config; /* NULL: not looked at */
} manifests[] = {
	{ "the same bytes", DOCKER_IMAGE, DOCKER, MANIFEST_DOCKER, false, 0, DOCKER_IMAGE, A },
	{ "oci, the same bytes", OCI_IMAGE, OCI, MANIFEST_OCI, false, 0, OCI_IMAGE, A },
	{ "an artifact stays", ARTIFACT, OCI, MANIFEST_OCI, false, 0, ARTIFACT, A },
	{ "an artifact is no docker image", ARTIFACT, OCI, MANIFEST_DOCKER, false, 0, NULL, NULL },
	{ "docker to oci", DOCKER_IMAGE, DOCKER, MANIFEST_OCI, false, 0,
	  "{\"schemaVersion\":2,\"mediaType\":\"" OCI "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\","
	  "\"digest\":\"sha256:b98eb31aa3a7c0ab2b3c3c1ecb4e2d43c4cd6f4cd5fb4cb2f0c56f2d0b8e4b4f\",\"size\":0},\"layers\":["
	  "{\"mediaType\":\"" OCILAYER "v1.tar+gzip\",\"digest\":\"" B "\",\"size\":5},"
	  "{\"mediaType\":\"" OCILAYER "nondistributable.v1.tar+gzip\",\"digest\":\"" C "\",\"size\":6,\"urls\":[\"http://x/y\"]}]}",
	  "" },
	{ "oci to docker keeps the configuration", OCI_IMAGE, OCI, MANIFEST_DOCKER, false, 0,
	  "{\"schemaVersion\":2,\"mediaType\":\"" DOCKER "\",\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\",\"size\":99,\"digest\":\"" A "\"},"
	  "\"layers\":[{\"mediaType\":\"" ROOTFS "diff.tar.gzip\",\"size\":5,\"digest\":\"" B "\"}]}",
	  A },
	{ "other layers, the rest stays", OCI_IMAGE, OCI, MANIFEST_OCI, true, COMPRESSION_ZSTD,
	  "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" A "\",\"size\":7},"
	  "\"layers\":[{\"mediaType\":\"" OCILAYER "v1.tar+zstd\",\"digest\":\"" C "\",\"size\":9,\"annotations\":{\"k\":\"v\"}}],\"annotations\":{\"q\":\"r\"}}",
	  A },
	{ "no zstd in docker", OCI_IMAGE, OCI, MANIFEST_DOCKER, true, COMPRESSION_ZSTD, NULL, NULL },
	{ "nor when it was docker's", DOCKER_IMAGE, DOCKER, MANIFEST_DOCKER, true, COMPRESSION_ZSTD, NULL, NULL },
	{ "no foreign layers in schema 1", DOCKER_IMAGE, DOCKER, MANIFEST_SCHEMA1, false, 0, NULL, NULL },
	{ "no history, no schema 1", OCI_IMAGE, OCI, MANIFEST_SCHEMA1_SIGNED, false, 0, NULL, NULL },
};

/* The digest and size of a converted configuration are put into what is expected, so that rows need not be counted by hand. */
static bool is_expected(size_t row, struct copy_converted *made)
{
	CLEANUP(js_put_p) struct json_object *got = NULL;
	CLEANUP(js_put_p) struct json_object *want = NULL;
	struct json_object *config;

	if (manifests[row].config && *manifests[row].config && strcmp(manifests[row].config, made->config_digest) != 0)
		return false;
	if (!manifests[row].config || *manifests[row].config)
		return strcmp(buf_z(&made->manifest), manifests[row].ret) == 0;
	if (js_parse(str_from(manifests[row].ret), "row", &want, NULL) < 0 || js_parse(buf_str(&made->manifest), "made", &got, NULL) < 0)
		return false;
	config = js_get(want, "config");
	js_set_str(config, "digest", made->config_digest);
	js_set_int(config, "size", (int64_t)made->config.n);
	return strcmp(js_wire(want), buf_z(&made->manifest)) == 0;
}

static void manifests_become_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(manifests); i++) {
		CLEANUP(copy_image_done) struct copy_image image = { 0 };
		CLEANUP(copy_converted_done) struct copy_converted made = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int r;

		read_image(manifests[i].text, manifests[i].type, CONFIG_TEXT, &image);
		if (manifests[i].changed) {
			image.layers[0].changed = true;
			image.layers[0].written_size = 9;
			image.layers[0].written_as = manifests[i].c;
			memcpy(image.layers[0].written, C, sizeof C);
		}
		r = copy_convert(&image, manifests[i].to, NULL, &made, &err);
		if (r != (manifests[i].ret ? 0 : -ERR_UNSUPPORTED))
			row_fail(manifests[i].name, "answer %d: %s", r, err.text ? err.text : "");
		if (r == 0 && !is_expected(i, &made))
			row_fail(manifests[i].name, "became %s with %s", buf_z(&made.manifest), made.config_digest);
	}
}

/* ---- schema 1 ---------------------------------------------------------------------------------------------------------- */

#define SCHEMA1_IMAGE                                                                                                                                         \
	"{\"schemaVersion\":1,\"name\":\"n\",\"tag\":\"t\",\"architecture\":\"amd64\",\"fsLayers\":[{\"blobSum\":\"" COPY_EMPTY_LAYER "\"},"                  \
	"{\"blobSum\":\"" B "\"},{\"blobSum\":\"" A "\"}],\"history\":["                                                                                     \
	"{\"v1Compatibility\":\"{\\\"id\\\":\\\"3\\\",\\\"parent\\\":\\\"2\\\",\\\"created\\\":\\\"2020-01-03T00:00:00Z\\\",\\\"architecture\\\":\\\"amd64\\\"," \
	"\\\"config\\\":{\\\"Env\\\":[\\\"a=b\\\"]},\\\"container_config\\\":{\\\"Cmd\\\":[\\\"ENV\\\",\\\"a=b\\\"]},\\\"throwaway\\\":true}\"},"               \
	"{\"v1Compatibility\":\"{\\\"id\\\":\\\"2\\\",\\\"parent\\\":\\\"1\\\",\\\"created\\\":\\\"2020-01-02T00:00:00Z\\\",\\\"author\\\":\\\"me\\\"}\"},"       \
	"{\"v1Compatibility\":\"{\\\"id\\\":\\\"1\\\",\\\"created\\\":\\\"2020-01-01T00:00:00Z\\\",\\\"comment\\\":\\\"c\\\"}\"}]}"

static void schema1_gets_a_configuration(void **state)
{
	static const char expected[] =
		"{\"architecture\":\"amd64\",\"config\":{\"Env\":[\"a=b\"]},\"container_config\":{\"Cmd\":[\"ENV\",\"a=b\"]},\"created\":\"2020-01-03T00:00:00Z\","
		"\"history\":[{\"created\":\"2020-01-01T00:00:00Z\",\"comment\":\"c\"},{\"created\":\"2020-01-02T00:00:00Z\",\"author\":\"me\"},"
		"{\"created\":\"2020-01-03T00:00:00Z\",\"created_by\":\"ENV a=b\",\"empty_layer\":true}],\"os\":\"linux\","
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" B "\",\"" C "\"]}}";
	CLEANUP(copy_image_done) struct copy_image image = { 0 };
	CLEANUP(copy_converted_done) struct copy_converted made = { 0 };

	(void)state;
	read_image(SCHEMA1_IMAGE, SCHEMA1, "", &image);
	assert_int_equal(image.n, 3);
	assert_string_equal(image.layers[0].digest, A);
	assert_true(image.layers[2].empty);
	assert_true(copy_image_needs_content(&image, MANIFEST_DOCKER));
	assert_false(copy_image_needs_content(&image, MANIFEST_SCHEMA1_SIGNED));
	memcpy(image.layers[0].content, B, sizeof B);
	memcpy(image.layers[1].content, C, sizeof C);
	image.layers[0].written_size = 11;
	image.layers[1].written_size = 12;
	assert_int_equal(copy_convert(&image, MANIFEST_DOCKER, NULL, &made, NULL), 0);
	assert_string_equal(buf_z(&made.config), expected);
	assert_non_null(strstr(buf_z(&made.manifest), "\"layers\":[{\"mediaType\":\"" ROOTFS "diff.tar.gzip\",\"size\":11,\"digest\":\"" A "\"},"
						      "{\"mediaType\":\"" ROOTFS "diff.tar.gzip\",\"size\":12,\"digest\":\"" B "\"}]"));
}

/* The digest of a signed manifest is over what was signed: the reader of the registry finds the same bytes again. */
static void schema1_is_written_and_read_back(void **state)
{
	static const char config[] = "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"sh\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},"
				     "\"history\":[{\"created\":\"2020-01-01T00:00:00Z\",\"created_by\":\"ADD\"},{\"created_by\":\"CMD\",\"empty_layer\":true}]}";
	CLEANUP(copy_image_done) struct copy_image image = { 0 }, again = { 0 };
	CLEANUP(copy_converted_done) struct copy_converted plain = { 0 }, made = { 0 };
	CLEANUP(registry_manifest_done) struct registry_manifest read = { 0 };
	char digest[DIGEST_MAX];

	(void)state;
	read_image(OCI_IMAGE, OCI, config, &image);
	assert_int_equal(copy_convert(&image, MANIFEST_SCHEMA1, "quay.io/ns/name:tag", &plain, NULL), 0);
	assert_int_equal(copy_convert(&image, MANIFEST_SCHEMA1_SIGNED, "quay.io/ns/name:tag", &made, NULL), 0);
	assert_true(made.needs_empty_layer);
	assert_string_equal(made.config_digest, "");
	assert_true(str_starts(buf_str(&plain.manifest), STR("{\"name\":\"ns/name\",\"tag\":\"tag\",\"architecture\":\"amd64\",\"fsLayers\":[{\"blobSum\":\"" COPY_EMPTY_LAYER
							   "\"},{\"blobSum\":\"" B "\"}],\"history\":[")));
	digest_of(buf_str(&plain.manifest), digest);
	assert_int_equal(registry_manifest_of(&made.manifest, SIGNED, NULL, &read, NULL), 0);
	assert_string_equal(read.digest, digest);
	assert_int_equal(copy_image_read(&read, &again, NULL), 0);
	assert_int_equal(again.n, 2);
	assert_string_equal(again.layers[0].digest, B);
	assert_true(again.layers[1].empty);
}

static void the_empty_layer_is_what_its_digest_says(void **state)
{
	char digest[DIGEST_MAX];

	(void)state;
	digest_of((struct str){ (const char *)copy_empty_layer, sizeof copy_empty_layer }, digest);
	assert_string_equal(digest, COPY_EMPTY_LAYER);
}

/* ---- lists ------------------------------------------------------------------------------------------------------------- */

#define ENTRY(type, digest, more) "{\"mediaType\":\"" type "\",\"size\":3,\"digest\":\"" digest "\"" more "}"
#define ARM		    ",\"platform\":{\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v7\",\"os.version\":\"1\"}"
#define LIST_TEXT(entries)  "{ \"schemaVersion\":2,\"mediaType\":\"" LIST "\",\"manifests\":[" entries "],\"more\":1}"

static const struct {
	const char *name;
	enum manifest_kind to;
	struct copy_child child;
	const char *ret;
} lists[] = {
	{ "nothing changed", MANIFEST_DOCKER_LIST, { A, 3, DOCKER }, LIST_TEXT(ENTRY(DOCKER, A, ARM)) },
	{ "another image", MANIFEST_DOCKER_LIST, { B, 4, DOCKER },
	  "{\"schemaVersion\":2,\"mediaType\":\"" LIST "\",\"manifests\":[{\"mediaType\":\"" DOCKER "\",\"size\":4,\"digest\":\"" B "\"" ARM "}],\"more\":1}" },
	{ "as an index", MANIFEST_OCI_INDEX, { B, 4, OCI },
	  "{\"schemaVersion\":2,\"mediaType\":\"" INDEX "\",\"manifests\":[{\"mediaType\":\"" OCI "\",\"digest\":\"" B "\",\"size\":4" ARM "}]}" },
};

static void lists_follow_their_images(void **state)
{
	static const char text[] = LIST_TEXT(ENTRY(DOCKER, A, ARM));
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	CLEANUP(registry_manifest_done) struct registry_manifest raw = { .bytes = BUF_INIT(4096) };

	(void)state;
	buf_add_z(&raw.bytes, text);
	assert_int_equal(js_parse(buf_str(&raw.bytes), "list", &doc, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(REGISTRY_MAX_MANIFEST);

		if (copy_list_write(doc, &raw, MANIFEST_DOCKER_LIST, lists[i].to, &lists[i].child, &out, NULL) < 0 || strcmp(buf_z(&out), lists[i].ret) != 0)
			row_fail(lists[i].name, "became %s", buf_z(&out));
	}
}

/* An attestation says which image it is about by the digest, which another compression changes. */
static void an_attestation_follows_its_image(void **state)
{
	static const char text[] = "{\"schemaVersion\":2,\"manifests\":[" ENTRY(OCI, A, "") "," ENTRY(
		OCI, B, ",\"annotations\":{\"vnd.docker.reference.digest\":\"" A "\"}") "]}";
	static const struct copy_child children[] = { { C, 9, OCI }, { B, 3, OCI } };
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	CLEANUP(registry_manifest_done) struct registry_manifest raw = { .bytes = BUF_INIT(4096) };
	CLEANUP(buf_done) struct buf out = BUF_INIT(REGISTRY_MAX_MANIFEST);

	(void)state;
	buf_add_z(&raw.bytes, text);
	assert_int_equal(js_parse(buf_str(&raw.bytes), "list", &doc, NULL), 0);
	assert_int_equal(copy_list_write(doc, &raw, MANIFEST_OCI_INDEX, MANIFEST_OCI_INDEX, children, &out, NULL), 0);
	assert_non_null(strstr(buf_z(&out), "\"vnd.docker.reference.digest\":\"" C "\""));
	assert_null(strstr(buf_z(&out), A));
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_tried_in_containers_images_order),
		cmocka_unit_test(layers_have_a_type_in_either_format),
		cmocka_unit_test(a_configuration_keeps_what_oci_has),
		cmocka_unit_test(manifests_become_others),
		cmocka_unit_test(schema1_gets_a_configuration),
		cmocka_unit_test(schema1_is_written_and_read_back),
		cmocka_unit_test(the_empty_layer_is_what_its_digest_says),
		cmocka_unit_test(lists_follow_their_images),
		cmocka_unit_test(an_attestation_follows_its_image),
		cmocka_unit_test(images_arrive_as_the_destination_wants_them),
		cmocka_unit_test(what_is_there_is_not_sent),
		cmocka_unit_test(a_failure_leaves_nothing_to_see),
		cmocka_unit_test(an_interrupt_ends_it),
		cmocka_unit_test(signatures_need_a_place),
		cmocka_unit_test(lists_are_chosen_from_or_copied),
		cmocka_unit_test(one_image_at_a_time),
		cmocka_unit_test(schema1_is_read_into_docker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
