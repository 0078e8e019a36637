/* The short calls about images against a scripted service, and the drawing of layers. */
#include "varlink_stream.h"

#include "base/js.h"
#include "varlink/tree.h"

static char *text(const char *z)
{
	return (char *)(uintptr_t)z;
}

static void untag_takes_each_name_away(void **state)
{
	static const struct step calls[] = {
		GET_INFO("1.8.0"),
		CALL("InspectImage"),
		REPLY("{\"parameters\":{\"image\":\"{\\\"Id\\\":\\\"abc\\\",\\\"RepoTags\\\":[\\\"a:1\\\",\\\"b:2\\\"]}\"}}"),
		CALL("UntagImage\",\"parameters\":{\"name\":\"abc\",\"tag\":\"a:1\"}"),
		REPLY("{\"parameters\":{\"image\":\"abc\"}}"),
		CALL("UntagImage\",\"parameters\":{\"name\":\"abc\",\"tag\":\"b:2\"}"),
		REPLY("{\"parameters\":{\"image\":\"abc\"}}"),
		CALL("UntagImage\",\"parameters\":{\"name\":\"x\",\"tag\":\"c:3\"}"),
		REPLY("{\"parameters\":{\"image\":\"abc\"}}"),
		CALL("TagImage\",\"parameters\":{\"name\":\"x\",\"tagged\":\"d:4\"}"),
		REPLY("{\"parameters\":{\"id\":\"x\",\"reason\":\"no such image\"},\"error\":\"io.podman.ImageNotFound\"}"),
		AT_EOF,
		END
	};
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, NULL });

	(void)state;
	assert_int_equal(engine_image_untag(e, "x", NULL, NULL), 0);
	assert_int_equal(engine_image_untag(e, "x", "c:3", NULL), 0);
	assert_int_equal(engine_image_tag(e, "x", "d:4", NULL), -ERR_NOT_FOUND);
	engine_close(e);
	peer_finish(&peer);
}

#define NAMES_OF_ABC REPLY("{\"parameters\":{\"image\":\"{\\\"Id\\\":\\\"abc\\\",\\\"RepoTags\\\":[\\\"a:1\\\",\\\"b:2\\\"]}\"}}")
#define TOLD_ABC REPLY("{\"parameters\":{\"image\":\"abc\"}}")

/* 1.6.2 has no UntagImage: all names but the last go by RemoveImage, the last one over another image. */
static void untag_of_1_6_2_never_removes_the_image(void **state)
{
	static const struct step calls[] = {
		GET_INFO("1.6.2"),
		CALL("InspectImage"), NAMES_OF_ABC,
		CALL("RemoveImage\",\"parameters\":{\"name\":\"b:2\",\"force\":false}"), TOLD_ABC,
		CALL("InspectImage"), NAMES_OF_ABC,
		CALL("InspectImage"), NAMES_OF_ABC,
		CALL("RemoveImage\",\"parameters\":{\"name\":\"a:1\",\"force\":false}"), TOLD_ABC,
		CALL("ListImages"),
		REPLY("{\"parameters\":{\"images\":[{\"id\":\"abc\",\"repoTags\":[\"b:2\"]},{\"id\":\"other\",\"repoTags\":[\"z\"]}]}}"),
		CALL("TagImage\",\"parameters\":{\"name\":\"other\",\"tagged\":\"b:2\"}"), TOLD_ABC,
		CALL("RemoveImage\",\"parameters\":{\"name\":\"b:2\",\"force\":false}"), TOLD_ABC,
		AT_EOF,
		END
	};
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, NULL });

	(void)state;
	assert_int_equal(engine_image_untag(e, "abc", "b:2", NULL), 0);
	assert_int_equal(engine_image_untag(e, "abc", "no:9", NULL), -ERR_NOT_FOUND);
	assert_int_equal(engine_image_untag(e, "abc", NULL, NULL), 0);
	engine_close(e);
	peer_finish(&peer);
}

/* 1.6.2 can neither commit without a name nor untag: the name is moved to an image that has others. */
static void a_commit_without_a_name_leaves_none(void **state)
{
	static const struct step calls[] = {
		GET_INFO("1.6.2"),
		CALL("ListImages"),
		REPLY("{\"parameters\":{\"images\":[{\"id\":\"abc\",\"repoTags\":[\"localhost/podman-build-x\"]},{\"id\":\"none\"},"
		      "{\"id\":\"other\",\"repoTags\":[\"a\"]}]}}"),
		CALL("TagImage\",\"parameters\":{\"name\":\"other\",\"tagged\":\"localhost/podman-build-"),
		REPLY("{\"parameters\":{\"image\":\"x\"}}"),
		CALL("RemoveImage\",\"parameters\":{\"name\":\"localhost/podman-build-"),
		REPLY("{\"parameters\":{\"image\":\"x\"}}"),
		AT_EOF,
		END
	};
	static const struct step commit[] = {
		CALL("Commit\",\"parameters\":{\"name\":\"c\",\"image_name\":\"localhost/podman-build-"),
		REPLY("{\"parameters\":{\"reply\":{\"logs\":[\"Storing signatures\\nxx\"],\"id\":\"\"}},\"continues\":true}"),
		REPLY("{\"parameters\":{\"reply\":{\"logs\":[],\"id\":\"abc\"}}}"), AT_EOF, END
	};
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, commit, NULL });
	struct commit_req q = { .container = "c" };
	CLEANUP(free_p) char *id = NULL;

	(void)state;
	assert_int_equal(engine_container_commit(e, &q, NULL, NULL, &id, NULL), 0);
	assert_string_equal(id, "abc");
	engine_close(e);
	peer_finish(&peer);
}

static void replies_have_the_shape_of_libpod(void **state)
{
	static const struct step calls[] = {
		GET_INFO("1.9.3"),
		CALL("HistoryImage"),
		REPLY("{\"parameters\":{\"history\":[{\"id\":\"a\",\"created\":\"1970-01-01T00:00:09Z\",\"createdBy\":\"x\",\"tags\":[\"t\"],\"size\":5,"
		      "\"comment\":\"c\"},{\"id\":\"<missing>\",\"created\":\"1970-01-01T00:00:08Z\",\"createdBy\":\"y\",\"tags\":[\"t\"],\"size\":0,"
		      "\"comment\":\"\"}]}}"),
		CALL("\"limit\":3"),
		REPLY("{\"parameters\":{\"results\":[{\"description\":\"d\",\"is_official\":true,\"is_automated\":false,\"registry\":\"r\","
		      "\"name\":\"r/n\",\"star_count\":7}]}}"),
		CALL("ContainerExists"),
		REPLY("{\"parameters\":{\"exists\":0}}"),
		CALL("\"io.podman.Diff\""),
		REPLY("{\"parameters\":{\"diffs\":[{\"path\":\"/a\",\"changeType\":\"C\"},{\"path\":\"/b\",\"changeType\":\"A\"},"
		      "{\"path\":\"/c\",\"changeType\":\"D\"}]}}"),
		AT_EOF,
		END
	};
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, NULL });
	struct strv filters = { .v = (char *[]){ text("stars=2"), text("is-official=true") }, .n = 2 };
	struct search_req q = { .term = "n", .limit = 3, .filters = &filters, .tls_verify = -1 };
	CLEANUP(js_put_p) struct json_object *history = NULL, *found = NULL, *diff = NULL;

	(void)state;
	assert_int_equal(engine_image_history(e, "x", &history, NULL), 0);
	assert_string_equal(js_wire(history),
			    "[{\"Id\":\"a\",\"Created\":9,\"CreatedBy\":\"x\",\"Tags\":[\"t\"],\"Size\":5,\"Comment\":\"c\"},"
			    "{\"Id\":\"<missing>\",\"Created\":8,\"CreatedBy\":\"y\",\"Tags\":[],\"Size\":0,\"Comment\":\"\"}]");
	assert_int_equal(engine_image_search(e, &q, &found, NULL), 0);
	assert_string_equal(js_wire(found),
			    "[{\"Index\":\"r\",\"Name\":\"r/n\",\"Description\":\"d\",\"Stars\":7,\"Official\":\"[OK]\","
			    "\"Automated\":\"\",\"Tag\":\"\"}]");
	assert_int_equal(engine_diff(e, OBJECT_CONTAINER, "c", NULL, &diff, NULL), 0);
	assert_string_equal(js_wire(diff),
			    "[{\"Path\":\"/a\",\"Kind\":0},{\"Path\":\"/b\",\"Kind\":1},{\"Path\":\"/c\",\"Kind\":2}]");
	engine_close(e);
	peer_finish(&peer);
}

static void prune_looks_at_its_filters(void **state)
{
	static const struct step calls[] = {
		GET_INFO("1.9.3"),
		CALL("ListImages"),
		REPLY("{\"parameters\":{\"images\":["
		      "{\"id\":\"young\",\"created\":\"2999-01-01T00:00:00Z\",\"size\":1},"
		      "{\"id\":\"used\",\"created\":\"1999-01-01T00:00:00Z\",\"containers\":1},"
		      "{\"id\":\"named\",\"created\":\"1999-01-01T00:00:00Z\",\"repoTags\":[\"n\"]},"
		      "{\"id\":\"parent\",\"created\":\"1999-01-01T00:00:00Z\",\"isParent\":true},"
		      "{\"id\":\"old\",\"created\":\"1999-01-01T00:00:00Z\",\"size\":2},"
		      "{\"id\":\"gone\",\"created\":\"1999-01-01T00:00:00Z\",\"size\":4},"
		      "{\"id\":\"busy\",\"created\":\"1999-01-01T00:00:00Z\",\"size\":3}]}}"),
		CALL("RemoveImage\",\"parameters\":{\"name\":\"old\",\"force\":false}"),
		REPLY("{\"parameters\":{\"image\":\"old\"}}"),
		CALL("\"name\":\"gone\""),
		REPLY("{\"parameters\":{\"id\":\"gone\",\"reason\":\"no such image\"},\"error\":\"io.podman.ImageNotFound\"}"),
		CALL("\"name\":\"busy\""),
		REPLY("{\"parameters\":{\"reason\":\"image is in use\"},\"error\":\"io.podman.ErrorOccurred\"}"),
		AT_EOF,
		END
	};
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, NULL });
	struct strv filters = { .v = (char *[]){ text("until=24h") }, .n = 1 };
	struct image_prune_req q = { .filters = &filters };
	CLEANUP(js_put_p) struct json_object *pruned = NULL;

	(void)state;
	assert_int_equal(engine_image_prune(e, &q, &pruned, NULL), 0);
	assert_string_equal(js_wire(pruned),
			    "[{\"Id\":\"old\",\"Err\":null,\"Size\":2},{\"Id\":\"busy\",\"Err\":\"image is in use\",\"Size\":0}]");
	engine_close(e);
	peer_finish(&peer);
}

static void a_push_says_what_the_host_cannot(void **state)
{
	static const struct step calls[] = {
		GET_INFO("1.9.3"),
		CALL("PushImage\",\"parameters\":{\"name\":\"i\",\"tag\":\"docker://r/i:1\",\"compress\":false,\"format\":\"v2s2\","
		     "\"removeSignatures\":true,\"signBy\":\"\"}}"),
		REPLY("{\"parameters\":{\"reply\":{\"logs\":null,\"id\":\"x\"}}}"), AT_EOF, END
	};
	struct push_req good = {
		.name = "i", .destination = "docker://r/i:1", .format = "v2s2", .remove_signatures = true, .tls_verify = 1
	};
	const struct {
		struct push_req q;
		const char *what;
	} rows[] = {
		{ { .auth = "e30=", .tls_verify = -1 }, "credentials of this machine" },
		{ { .tls_verify = 0 }, "--tls-verify=false" },
		{ { .compression_format = "zstd", .tls_verify = -1 }, "--compression-format" },
		{ { .retry = "3", .tls_verify = -1 }, "--retry" },
	};
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, NULL });
	char *digest = NULL;

	(void)state;
	assert_false(engine_can(e, ENGINE_PUSH_AUTH));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;

		if (engine_image_push(e, &rows[i].q, NULL, NULL, &digest, &err) != -ERR_UNSUPPORTED ||
		    !strstr(err.text, rows[i].what))
			row_fail(rows[i].what, "%s", err.text);
	}
	assert_int_equal(engine_image_push(e, &good, NULL, NULL, &digest, NULL), 0);
	assert_null(digest);
	engine_close(e);
	peer_finish(&peer);
}

static void pull_takes_credentials_where_the_protocol_does(void **state)
{
	static const struct {
		const char *version;
		bool can;
	} rows[] = { { "1.6.2", false }, { "1.8.0", false }, { "1.9.3", true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char info[160];
		size_t n = (size_t)snprintf(
			info, sizeof info, "{\"parameters\":{\"version\":\"%s\",\"interfaces\":[\"io.podman\"]}}", rows[i].version);
		const struct step calls[] = { CALL("GetInfo"), { STEP_SEND, info, n + 1 }, AT_EOF, END };
		struct pull_req q = { .reference = "r/i", .auth = "eyJ1c2VybmFtZSI6InUifQ==", .tls_verify = -1, .retry = "1" };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct peer peer;
		struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, NULL });
		char *id;

		assert_int_equal(engine_can(e, ENGINE_PULL_AUTH), rows[i].can);
		assert_int_equal(engine_image_pull(e, &q, NULL, NULL, &id, &err), -ERR_UNSUPPORTED);
		if ((strstr(err.text, "credentials") == NULL) != rows[i].can)
			row_fail(rows[i].version, "%s", err.text);
		engine_close(e);
		peer_finish(&peer);
	}
}

/* ---- tree ------------------------------------------------------------------------------------------------------------ */

#define LAYER(id, children, tags, size)                                                                                            \
	"\"" id "\":{\"ID\":\"" id "\",\"ChildID\":" children ",\"RepoTags\":" tags ",\"Size\":" size "}"

static const struct {
	const char *image, *info, *layers;
	bool what_requires;
	const char *drawing; /* NULL: ERR_PROTOCOL */
} trees[] = {
	{ "{\"topLayer\":\"2\",\"size\":2008646}",
	  "{\"ID\":\"0123456789abcdef\",\"Tags\":[\"a:1\",\"b:1\"],\"Layers\":[{\"ID\":\"1\",\"Size\":512},{\"ID\":\"2\",\"RepoTags\":[\"a:1\"],\"Size\":2007040}]}",
	  "{}", false,
	  "Image ID: 0123456789ab\nTags:     [a:1 b:1]\nSize:     2.009MB\nImage Layers\n"
	  "├──  ID: 1 Size:    512B\n└──  ID: 2 Size: 2.007MB Top Layer of: [a:1]\n" },
	{ "{\"topLayer\":\"1\",\"size\":0}", "{\"ID\":\"x\",\"Tags\":null}",
	  "{" LAYER("1", "[\"2\",\"3\"]", "null", "1000") "," LAYER("2", "[\"4\"]", "[\"t\"]", "0") "," LAYER(
		  "3", "null", "null", "1") "," LAYER("4", "null", "null", "2") "}",
	  true,
	  "Image ID: x\nTags:     []\nSize:     0B\nImage Layers\n"
	  "└── ID: 1 Size:     1kB\n ├── ID: 2 Size:      0B Top Layer of: [t]\n │   └── ID: 4 Size:      2B\n └── ID: 3 Size:      1B\n" },
	{ "{\"size\":0}", "{\"ID\":\"x\"}", "{}", true, "Image ID: x\nTags:     []\nSize:     0B\nNo Image Layers\n" },
	{ "{\"topLayer\":\"1\"}", "{\"ID\":\"x\"}", "{}", true, NULL },
	/* A layer that is its own child. */
	{ "{\"topLayer\":\"1\"}", "{\"ID\":\"x\"}", "{" LAYER("1", "[\"1\"]", "null", "0") "}", true, NULL },
	{ "{\"topLayer\":\"1\"}", "{\"ID\":\"x\"}", "{" LAYER("1", "[\"1\",\"1\"]", "null", "0") "}", true, NULL },
	{ "{\"topLayer\":\"1\"}", "{\"ID\":\"x\"}", "{" LAYER("1", "[7]", "null", "0") "}", true, NULL },
};

static void layers_are_drawn(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
		CLEANUP(js_put_p) struct json_object *image = NULL, *info = NULL, *layers = NULL;
		CLEANUP(free_p) char *drawing = NULL;
		int r;

		assert_int_equal(js_parse(str_from(trees[i].image), "image", &image, NULL), 0);
		assert_int_equal(js_parse(str_from(trees[i].info), "info", &info, NULL), 0);
		assert_int_equal(js_parse(str_from(trees[i].layers), "layers", &layers, NULL), 0);
		r = tree_draw(image, info, layers, trees[i].what_requires, &drawing, NULL);
		if (r != (trees[i].drawing ? 0 : -ERR_PROTOCOL) || (r == 0 && strcmp(drawing, trees[i].drawing) != 0))
			row_fail(trees[i].layers, "%d\n%s", r, drawing ? drawing : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(untag_takes_each_name_away),
		cmocka_unit_test(untag_of_1_6_2_never_removes_the_image),
		cmocka_unit_test(a_commit_without_a_name_leaves_none),
		cmocka_unit_test(replies_have_the_shape_of_libpod),
		cmocka_unit_test(prune_looks_at_its_filters),
		cmocka_unit_test(a_push_says_what_the_host_cannot),
		cmocka_unit_test(pull_takes_credentials_where_the_protocol_does),
		cmocka_unit_test(layers_are_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
