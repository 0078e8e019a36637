/* What skopeo inspect tells, from documents as registries have them; skopeo 1.9.3 and 1.22 are the model. */
#include "unit.h"

#include "base/js.h"
#include "cmd/skopeo/config_fields.h"
#include "cmd/skopeo/inspect_data.h"
#include "output/json.h"

#define DIGEST "sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a"
#define OCI_MANIFEST                                                                                                                              \
	"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" DIGEST "\",\"size\":2},"         \
	"\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"" DIGEST "\",\"size\":7,\"annotations\":{\"b\":\"2\",\"a\":\"1\"}}]}"
#define SCHEMA1                                                                                                                                   \
	"{\"schemaVersion\":1,\"name\":\"t/x\",\"tag\":\"old\",\"architecture\":\"amd64\",\"fsLayers\":[{\"blobSum\":\"sha256:new\"},"               \
	"{\"blobSum\":\"sha256:base\"}],\"history\":[{\"v1Compatibility\":\"{\\\"created\\\":\\\"2015-01-02T03:04:05.678900Z\\\",\\\"os\\\":\\\"linux\\\","  \
	"\\\"architecture\\\":\\\"amd64\\\",\\\"docker_version\\\":\\\"1.6\\\",\\\"config\\\":{\\\"Env\\\":[\\\"A=b\\\"]}}\"}]}"
#define LAYER                                                                                                                                     \
	"\"Layers\":[\"" DIGEST "\"],\"LayersData\":[{\"MIMEType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"Digest\":\"" DIGEST "\",\"Size\":7," \
	"\"Annotations\":{\"a\":\"1\",\"b\":\"2\"}}]"

static const struct {
	const char *manifest, *config; /* config NULL: schema 1 */
	enum manifest_kind kind;
	const char *says, *fails;
} rows[] = {
	{ OCI_MANIFEST, "{}", MANIFEST_OCI,
	  "{\"Digest\":\"" DIGEST "\",\"RepoTags\":[],\"Created\":null,\"DockerVersion\":\"\",\"Labels\":null,\"Architecture\":\"\",\"Os\":\"\"," LAYER ",\"Env\":null}",
	  NULL },
	{ OCI_MANIFEST, "{}", MANIFEST_DOCKER,
	  "{\"Digest\":\"" DIGEST
	  "\",\"RepoTags\":[],\"Created\":\"0001-01-01T00:00:00Z\",\"DockerVersion\":\"\",\"Labels\":null,\"Architecture\":\"\",\"Os\":\"\"," LAYER
	  ",\"Env\":null}",
	  NULL },
	{ OCI_MANIFEST,
	  "{\"created\":\"2023-11-14T22:13:20.500+02:00\",\"docker_version\":\"20\",\"architecture\":\"arm64\",\"os\":\"linux\",\"config\":{\"Labels\":{\"z\":\"1\",\"a\":\"2\"},\"Env\":[]}}",
	  MANIFEST_OCI,
	  "{\"Digest\":\"" DIGEST
	  "\",\"RepoTags\":[],\"Created\":\"2023-11-14T22:13:20.5+02:00\",\"DockerVersion\":\"20\",\"Labels\":{\"a\":\"2\",\"z\":\"1\"},\"Architecture\":\"arm64\",\"Os\":\"linux\"," LAYER
	  ",\"Env\":[]}",
	  NULL },
	{ SCHEMA1, NULL, MANIFEST_SCHEMA1,
	  "{\"Tag\":\"old\",\"Digest\":\"" DIGEST
	  "\",\"RepoTags\":[],\"Created\":\"2015-01-02T03:04:05.6789Z\",\"DockerVersion\":\"1.6\",\"Labels\":null,\"Architecture\":\"amd64\",\"Os\":\"linux\","
	  "\"Layers\":[\"sha256:base\",\"sha256:new\"],\"LayersData\":[{\"MIMEType\":\"\",\"Digest\":\"sha256:base\",\"Size\":-1,\"Annotations\":null},"
	  "{\"MIMEType\":\"\",\"Digest\":\"sha256:new\",\"Size\":-1,\"Annotations\":null}],\"Env\":[\"A=b\"]}",
	  NULL },
	{ OCI_MANIFEST, "{\"created\":\"yesterday\"}", MANIFEST_OCI, NULL, "created: \"yesterday\" is no time" },
	{ OCI_MANIFEST, "[]", MANIFEST_OCI, NULL, "image configuration: no JSON object" },
	{ "{\"schemaVersion\":1,\"history\":{}}", NULL, MANIFEST_SCHEMA1, NULL, "image configuration: " },
};

static void one_row(size_t i)
{
	static const struct strv no_tags = { 0 };
	CLEANUP(js_put_p) struct json_object *manifest = json_tokener_parse(rows[i].manifest);
	CLEANUP(js_put_p) struct json_object *data = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct inspect_image image = { .manifest = manifest, .kind = rows[i].kind };
	struct inspect_req q = { .digest = DIGEST, .tags = &no_tags, .image = &image, .config = str_from(rows[i].config) };
	int r;

	if (rows[i].config)
		image.config.digest = DIGEST;
	r = inspect_data(&q, &data, &err);
	if (rows[i].fails) {
		if (r != -ERR_PROTOCOL || !str_starts(str_from(err.text), str_from(rows[i].fails)))
			row_fail(rows[i].fails, "%d: %s", r, err.text ? err.text : "taken");
		return;
	}
	if (r == 0)
		json_format(data, 0, 0, true, &text);
	if (r < 0 || strcmp(buf_z(&text), rows[i].says) != 0)
		row_fail(rows[i].says, "%s", r < 0 ? err.text : buf_z(&text));
}

static void images_are_told_as_skopeo_tells_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		one_row(i);
}

static void name_and_tags_come_first(void **state)
{
	CLEANUP(js_put_p) struct json_object *manifest = json_tokener_parse(OCI_MANIFEST);
	CLEANUP(js_put_p) struct json_object *data = NULL;
	CLEANUP(strv_done) struct strv tags = { 0 };
	struct inspect_image image = { .manifest = manifest, .kind = MANIFEST_OCI, .config.digest = DIGEST };
	struct inspect_req q = { .name = "quay.io/t/x", .digest = DIGEST, .tags = &tags, .image = &image, .config = STR("{}") };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	strv_add(&tags, "2");
	strv_add(&tags, "1");
	assert_int_equal(inspect_data(&q, &data, &err), 0);
	assert_true(str_starts(str_from(js_wire(data)), STR("{\"Name\":\"quay.io/t/x\",\"Digest\":\"" DIGEST "\",\"RepoTags\":[\"2\",\"1\"],\"Created\"")));
}

static void templates_see_the_fields_of_go(void **state)
{
	CLEANUP(js_put_p) struct json_object *config = json_tokener_parse(
		"{\"os\":\"linux\",\"config\":{\"Cmd\":[\"sh\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"d\"]},\"history\":[{\"created_by\":\"x\",\"empty_layer\":true}]}");
	CLEANUP(js_put_p) struct json_object *fields = config_fields(config);
	struct json_object *step = js_at(js_get(fields, "History"), 0);

	(void)state;
	assert_string_equal(js_get_str(fields, "OS", ""), "linux");
	assert_string_equal(js_get_str(fields, "Variant", "absent"), "");
	assert_string_equal(js_get_str(step, "CreatedBy", ""), "x");
	assert_true(js_get_bool(step, "EmptyLayer", false));
	assert_string_equal(js_text(js_at(js_get(js_get(fields, "RootFS"), "DiffIDs"), 0)).p, "d");
	assert_string_equal(js_get_str(js_get(fields, "Config"), "User", "absent"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_are_told_as_skopeo_tells_them),
		cmocka_unit_test(name_and_tags_come_first),
		cmocka_unit_test(templates_see_the_fields_of_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
