/* Manifests: what kind a document is, which documents are refused, which entry of a list goes to a platform. */
#include "unit.h"

#include "base/js.h"
#include "image/manifest.h"

#define HEX(c) "sha256:" c c c c c c c c
#define A      HEX("aaaaaaaa")
#define DOCKER "application/vnd.docker.distribution.manifest."
#define OCI    "application/vnd.oci.image."

static const struct {
	const char *text, *type;
	enum manifest_kind kind; /* MANIFEST_UNKNOWN: refused */
} documents[] = {
	{ "{\"schemaVersion\":2,\"mediaType\":\"" DOCKER "v2+json\"}", "", MANIFEST_DOCKER },
	{ "{\"schemaVersion\":2,\"mediaType\":\"" DOCKER "list.v2+json\",\"manifests\":[]}", "", MANIFEST_DOCKER_LIST },
	{ "{\"schemaVersion\":2,\"mediaType\":\"" OCI "manifest.v1+json\"}", NULL, MANIFEST_OCI },
	{ "{\"schemaVersion\":2,\"mediaType\":\"" OCI "index.v1+json\",\"manifests\":[]}", "text/plain", MANIFEST_OCI_INDEX },
	/* What the registry says, parameters and capitals or not. */
	{ "{\"schemaVersion\":2}", OCI "manifest.v1+json; charset=utf-8", MANIFEST_OCI },
	{ "{\"schemaVersion\":2}", "Application/vnd.oci.image.index.v1+JSON", MANIFEST_OCI_INDEX },
	{ "{}", DOCKER "v2+json", MANIFEST_DOCKER },
	/* By shape alone. */
	{ "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" OCI "config.v1+json\"},\"layers\":[]}", "application/octet-stream", MANIFEST_OCI },
	{ "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\"},\"layers\":[]}", "", MANIFEST_DOCKER },
	{ "{\"schemaVersion\":2,\"manifests\":[{}]}", "", MANIFEST_OCI_INDEX },
	{ "{\"schemaVersion\":2,\"layers\":[]}", "", MANIFEST_OCI },
	{ "{\"schemaVersion\":1,\"fsLayers\":[]}", "", MANIFEST_SCHEMA1 },
	{ "{\"schemaVersion\":1,\"fsLayers\":[],\"signatures\":[{}]}", "application/json", MANIFEST_SCHEMA1_SIGNED },
	/* Two images behind one digest. */
	{ "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}", "", MANIFEST_UNKNOWN },
	{ "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}", OCI "index.v1+json", MANIFEST_UNKNOWN },
	{ "{\"schemaVersion\":2,\"manifests\":null,\"layers\":[]}", OCI "manifest.v1+json", MANIFEST_UNKNOWN },
	{ "{\"schemaVersion\":2,\"manifests\":[],\"fsLayers\":[]}", "", MANIFEST_UNKNOWN },
	{ "{\"schemaVersion\":2,\"manifests\":[],\"config\":{}}", DOCKER "v2+json", MANIFEST_UNKNOWN },
	/* Nothing of the kind. */
	{ "{}", "", MANIFEST_UNKNOWN },
	{ "{\"schemaVersion\":3}", "", MANIFEST_UNKNOWN },
	{ "[]", OCI "manifest.v1+json", MANIFEST_UNKNOWN },
	{ "\"x\"", "", MANIFEST_UNKNOWN },
	{ "{\"schemaVersion\":2", OCI "manifest.v1+json", MANIFEST_UNKNOWN },
	{ "", OCI "manifest.v1+json", MANIFEST_UNKNOWN },
	{ "<html>", "text/html", MANIFEST_UNKNOWN },
};

static void a_document_is_what_it_says_or_looks_like(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
		CLEANUP(js_put_p) struct json_object *doc = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		enum manifest_kind kind = MANIFEST_UNKNOWN;
		int r = manifest_read(str_from(documents[i].text), documents[i].type, &doc, &kind, &err);

		if (kind != documents[i].kind)
			row_fail(documents[i].text, "kind %d, expected %d", (int)kind, (int)documents[i].kind);
		if ((r < 0) != (documents[i].kind == MANIFEST_UNKNOWN) || (r < 0 && err.kind != ERR_PROTOCOL))
			row_fail(documents[i].text, "answer %d: %s", r, err.text ? err.text : "");
	}
}

static const struct {
	const char *text;
	int64_t size; /* < 0: refused */
} descriptors[] = {
	{ "{\"digest\":\"" A "\",\"size\":0}", 0 },
	{ "{\"digest\":\"" A "\",\"size\":4294967296,\"mediaType\":\"x\"}", INT64_C(4294967296) },
	{ "{\"digest\":\"" A "\",\"size\":-1}", -1 },
	{ "{\"digest\":\"" A "\",\"size\":9223372036854775807}", -1 },
	{ "{\"digest\":\"" A "\",\"size\":\"12\"}", -1 },
	{ "{\"digest\":\"" A "\"}", -1 },
	{ "{\"digest\":\"sha256:abc\",\"size\":1}", -1 },
	{ "{\"digest\":\"sha256:../../../../../../../../../../../../../../../../../../../../etc/pass\",\"size\":1}", -1 },
	{ "{\"digest\":\"" A "\\u0000/x\",\"size\":1}", -1 },
	{ "{\"digest\":17,\"size\":1}", -1 },
	{ "{\"size\":1}", -1 },
	{ "null", -1 },
	{ "[]", -1 },
};

static void descriptors_with_impossible_digests_and_sizes_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(descriptors); i++) {
		CLEANUP(js_put_p) struct json_object *o = json_tokener_parse(descriptors[i].text);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct manifest_blob b = { .size = -1 };

		manifest_blob_read(o, &b, &err);
		if (b.size != descriptors[i].size || (b.size < 0 && err.kind != ERR_PROTOCOL))
			row_fail(descriptors[i].text, "size %lld: %s", (long long)b.size, err.text ? err.text : "");
	}
}

#define ENTRY(c, platform) "{\"digest\":\"" HEX(c c c c c c c c) "\",\"size\":7,\"platform\":" platform "}"
#define OS(os, arch)       "{\"os\":\"" os "\",\"architecture\":\"" arch "\"}"
#define OSV(os, arch, v)   "{\"os\":\"" os "\",\"architecture\":\"" arch "\",\"variant\":\"" v "\"}"

#define MANY                                                                                                                                         \
	ENTRY("1", OS("linux", "amd64")) "," ENTRY("2", OSV("linux", "arm", "v6")) "," ENTRY("3", OSV("linux", "arm", "v7")) ","                          \
	ENTRY("4", OSV("linux", "arm64", "v8")) "," ENTRY("5", OS("windows", "amd64")) "," ENTRY("6", OS("unknown", "unknown")) ","                       \
	ENTRY("7", OS("linux", "386"))

static const struct {
	const char *entries, *os, *arch, *variant;
	char digit; /* of the digest chosen; 0: none */
} choices[] = {
	{ MANY, "linux", "amd64", NULL, '1' },
	{ MANY, NULL, "amd64", "", '1' },
	{ MANY, "windows", "amd64", NULL, '5' },
	{ MANY, NULL, "386", NULL, '7' },
	{ MANY, NULL, "arm", NULL, '3' },
	{ MANY, NULL, "arm", "v8", '3' },
	{ MANY, NULL, "arm", "v7", '3' },
	{ MANY, NULL, "arm", "v6", '2' },
	{ MANY, NULL, "arm", "v5", 0 },
	{ MANY, NULL, "arm64", NULL, '4' },
	{ MANY, NULL, "arm64", "v8", '4' },
	{ MANY, NULL, "amd64", "v3", '1' },
	{ MANY, NULL, "s390x", NULL, 0 },
	{ MANY, "freebsd", "amd64", NULL, 0 },
	{ "{\"digest\":\"" A "\",\"size\":1}", NULL, "s390x", NULL, 'a' },
	{ ENTRY("1", OS("linux", "amd64")) ",{\"digest\":\"" A "\",\"size\":1}", NULL, "amd64", NULL, '1' },
	{ "17,null,\"x\"", NULL, "amd64", NULL, 0 },
	{ "", NULL, "amd64", NULL, 0 },
};

static void an_entry_of_a_list_is_chosen_as_podman_chooses_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT(16 * 1024);
		CLEANUP(js_put_p) struct json_object *list = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct manifest_blob b = { 0 };
		int r;

		buf_addf(&text, "{\"schemaVersion\":2,\"manifests\":[%s]}", choices[i].entries);
		list = json_tokener_parse(buf_z(&text));
		assert_non_null(list);
		r = manifest_choose(list, choices[i].os, choices[i].arch, choices[i].variant, &b, &err);
		if ((r >= 0) != (choices[i].digit != 0) || (r >= 0 && b.digest[7] != choices[i].digit))
			row_fail(choices[i].arch, "row %zu: %d %s %s", i, r, b.digest ? b.digest : "", err.text ? err.text : "");
	}
}

static void what_is_on_offer_is_told(void **state)
{
	CLEANUP(js_put_p) struct json_object *list = json_tokener_parse("{\"manifests\":[" MANY "]}");
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct manifest_blob b;

	(void)state;
	assert_int_equal(manifest_choose(list, "linux", "s390x", NULL, &b, &err), -ERR_NOT_FOUND);
	assert_string_equal(err.text, "no image found in image index for architecture s390x, variant \"\", OS linux; it has linux/amd64, linux/arm/v6, linux/arm/v7, linux/arm64/v8, "
				      "windows/amd64, linux/386");
}

static void layer_types_go_both_ways(void **state)
{
	(void)state;
	assert_string_equal(manifest_layer_type(MANIFEST_FORMAT_DOCKER, COMPRESSION_GZIP), "application/vnd.docker.image.rootfs.diff.tar.gzip");
	assert_string_equal(manifest_layer_type(MANIFEST_FORMAT_OCI, COMPRESSION_ZSTD), OCI "layer.v1.tar+zstd");
	assert_null(manifest_layer_type(MANIFEST_FORMAT_DOCKER, COMPRESSION_ZSTD));
	assert_int_equal(manifest_layer_compression("application/vnd.docker.image.rootfs.diff.tar.gzip"), COMPRESSION_GZIP);
	assert_int_equal(manifest_layer_compression(OCI "layer.v1.tar+zstd"), COMPRESSION_ZSTD);
	assert_int_equal(manifest_layer_compression("application/x-tar"), COMPRESSION_NONE);
	assert_int_equal(transfer_format(OCI "manifest.v1+json"), MANIFEST_FORMAT_OCI);
	assert_int_equal(transfer_format(""), MANIFEST_FORMAT_DOCKER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_what_it_says_or_looks_like),
		cmocka_unit_test(descriptors_with_impossible_digests_and_sizes_are_refused),
		cmocka_unit_test(an_entry_of_a_list_is_chosen_as_podman_chooses_it),
		cmocka_unit_test(what_is_on_offer_is_told),
		cmocka_unit_test(layer_types_go_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
