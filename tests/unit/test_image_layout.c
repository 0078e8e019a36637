/* index.json of OCI layouts, as containers/image keeps it, and manifest.json of docker-archives. */
#include "unit.h"

#include "base/js.h"
#include "image/docker_archive.h"
#include "image/store_oci.h"

#define A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ENTRY(d, more) "{\"mediaType\":\"t\",\"digest\":\"" d "\",\"size\":1" more "}"
#define NAMED(n) ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" n "\"}"
#define INDEX(entries) "{\"schemaVersion\":2,\"manifests\":[" entries "]}"

static const struct {
	const char *row, *before, *digest, *image, *after;
} adds[] = {
	{ "first", INDEX(""), A, "", INDEX(ENTRY(A, "")) },
	{ "first with a name", INDEX(""), A, "x", INDEX(ENTRY(A, NAMED("x"))) },
	{ "another name", INDEX(ENTRY(A, NAMED("x"))), B, "y", INDEX(ENTRY(A, NAMED("x")) "," ENTRY(B, NAMED("y"))) },
	{ "the name moves, the old image stays", INDEX(ENTRY(A, NAMED("x"))), B, "x", INDEX(ENTRY(A, "") "," ENTRY(B, NAMED("x"))) },
	{ "the same again", INDEX(ENTRY(A, NAMED("x"))), A, "x", INDEX(ENTRY(A, NAMED("x"))) },
	{ "the same without a name", INDEX(ENTRY(A, "")), A, "", INDEX(ENTRY(A, "")) },
	{ "a nameless one gets a name", INDEX(ENTRY(A, "")), A, "x", INDEX(ENTRY(A, NAMED("x"))) },
	{ "two names for one image", INDEX(ENTRY(A, NAMED("x"))), A, "y", INDEX(ENTRY(A, NAMED("x")) "," ENTRY(A, NAMED("y"))) },
	{ "other annotations stay", INDEX(ENTRY(A, ",\"annotations\":{\"k\":\"v\",\"org.opencontainers.image.ref.name\":\"x\"}")), B, "x",
	  INDEX(ENTRY(A, ",\"annotations\":{\"k\":\"v\"}") "," ENTRY(B, NAMED("x"))) },
	{ "a name that two have", INDEX(ENTRY(A, NAMED("x")) "," ENTRY(A, NAMED("x"))), B, "x", INDEX(ENTRY(A, "") "," ENTRY(A, "") "," ENTRY(B, NAMED("x"))) },
	{ "an index without a list", "{\"schemaVersion\":2}", A, "", INDEX(ENTRY(A, "")) },
};

static void images_are_added(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(adds); i++) {
		CLEANUP(js_put_p) struct json_object *index = NULL;

		assert_int_equal(layout_index_read(str_from(adds[i].before), &index, NULL), 0);
		assert_int_equal(layout_index_add(index, "t", adds[i].digest, 1, adds[i].image, NULL), 0);
		if (strcmp(js_wire(index), adds[i].after) != 0)
			row_fail(adds[i].row, "%s", js_wire(index));
	}
}

#define TWO INDEX(ENTRY(A, NAMED("x")) "," ENTRY(B, ",\"annotations\":{\"io.containerd.image.name\":\"docker.io/library/b:1\",\"org.opencontainers.image.ref.name\":\"1\"}"))

static const struct {
	const char *index, *image, *digest, *text; /* digest NULL: refused with text */
} finds[] = {
	{ INDEX(ENTRY(A, "")), "", A, NULL },
	{ TWO, "x", A, NULL },
	{ TWO, "1", B, NULL },
	{ TWO, "docker.io/library/b:1", B, NULL },
	{ TWO, "@1", B, NULL },
	{ TWO, "@2", NULL, "index 2 is too large, only 2 entries available" },
	{ TWO, "", NULL, "more than one image in oci, choose an image" },
	{ TWO, "z", NULL, "no descriptor found for reference \"z\"" },
	{ INDEX(""), "", NULL, "no image in oci" },
	{ INDEX(ENTRY("sha256:../../x", "")), "", NULL, "manifest: \"sha256:../../x\" is no digest" },
	{ INDEX("7"), "", NULL, "manifest: \"\" is no digest" },
};

static void images_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(finds); i++) {
		CLEANUP(js_put_p) struct json_object *index = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct manifest_blob b = { .digest = "" };
		int r;

		assert_int_equal(layout_index_read(str_from(finds[i].index), &index, NULL), 0);
		r = layout_index_find(index, finds[i].image, &b, &err);
		if (finds[i].digest ? r != 0 || strcmp(b.digest, finds[i].digest) != 0 : r >= 0 || strcmp(err.text, finds[i].text) != 0)
			row_fail(finds[i].image, "%d %s %s", r, b.digest, err.text);
	}
}

static void what_is_no_index_is_refused(void **state)
{
	static const char *const texts[] = { "", "[]", "{\"manifests\":{}}", "{\"manifests\":[}", "null" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(js_put_p) struct json_object *index = NULL;

		if (layout_index_read(str_from(texts[i]), &index, NULL) != -ERR_PROTOCOL)
			row_fail(texts[i], "taken");
	}
}

/* ---- docker-archive ---------------------------------------------------------------------------------------------------- */

static const char images[] = "[{\"Config\":\"a.json\",\"RepoTags\":[\"busybox:1\",\"docker.io/library/busybox:latest\"],\"Layers\":[\"x\"]},"
			     "{\"Config\":\"b.json\",\"RepoTags\":null,\"Layers\":null}]";

static const struct {
	const char *json, *rest, *config, *text;
} choices[] = {
	{ images, "p:busybox", "a.json", NULL },
	{ images, "p:docker.io/busybox:1", "a.json", NULL },
	{ images, "p:@0", "a.json", NULL },
	{ images, "p:@1", "b.json", NULL },
	{ images, "p:@2", NULL, "Invalid source index @2, only 2 manifest items available" },
	{ images, "p:nope", NULL, "Tag \"docker.io/library/nope:latest\" not found" },
	{ images, "p", NULL, "Unexpected tar manifest.json: expected 1 item, got 2" },
	{ "[]", "p", NULL, "Unexpected tar manifest.json: expected 1 item, got 0" },
	{ "[{\"Config\":\"c\",\"Layers\":[]}]", "p", "c", NULL },
};

static void images_of_archives(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		CLEANUP(js_put_p) struct json_object *all = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(docker_archive_name_done) struct docker_archive_name name = { .index = -1 };
		struct json_object *image = NULL;
		int r;

		assert_int_equal(docker_archive_read(str_from(choices[i].json), &all, NULL), 0);
		assert_int_equal(docker_archive_name_parse(choices[i].rest, &name, NULL), 0);
		r = docker_archive_choose(all, &name, &image, &err);
		if (choices[i].config ? r != 0 || strcmp(js_get_str(image, "Config", ""), choices[i].config) != 0 :
					r != -ERR_NOT_FOUND || strcmp(err.text, choices[i].text) != 0)
			row_fail(choices[i].rest, "%d %s", r, err.text);
	}
}

static void what_is_no_list_of_images_is_refused(void **state)
{
	static const char *const texts[] = { "", "{}", "[1]", "[{}]", "[{\"Config\":\"\"}]", "[{\"Config\":\"a\",\"Layers\":[1]}]",
					     "[{\"Config\":\"a\",\"RepoTags\":[null]}]" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(js_put_p) struct json_object *all = NULL;

		if (docker_archive_read(str_from(texts[i]), &all, NULL) != -ERR_PROTOCOL)
			row_fail(texts[i], "taken");
	}
}

static void names_by_repository(void **state)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	CLEANUP(js_put_p) struct json_object *o = NULL;

	(void)state;
	assert_true(strv_add(&names, "b.io/x:2") && strv_add(&names, "a-b:1") && strv_add(&names, "a:9") && strv_add(&names, "b.io/x:1"));
	assert_int_equal(docker_archive_repositories(&names, "T", &o, NULL), 0);
	assert_string_equal(js_wire(o), "{\"a\":{\"9\":\"T\"},\"a-b\":{\"1\":\"T\"},\"b.io/x\":{\"1\":\"T\",\"2\":\"T\"}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_are_added),
		cmocka_unit_test(images_are_found),
		cmocka_unit_test(what_is_no_index_is_refused),
		cmocka_unit_test(images_of_archives),
		cmocka_unit_test(what_is_no_list_of_images_is_refused),
		cmocka_unit_test(names_by_repository),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
