/* Conversions: the plan of formats, what manifests and configurations become, lists. */
#include "unit.h"

#include "base/js.h"
#include "image/copy_image.h"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
